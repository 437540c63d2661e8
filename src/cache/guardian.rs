//! The task that finds out whether Redis serves, says so once, and finds it again after an outage.
//!
//! A probe writes: a server that answers but takes no writes (out of memory, a replica, still
//! loading) is of no use, and would otherwise open and close the breaker with each call.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::connection::{Connection, Request};
use super::health::Fault;
use super::link::Core;

/// Time between two probes while all is well, so that an outage is known before somebody calls.
const CHECK_EVERY: Duration = Duration::from_secs(2);

/// The first pause after the breaker has opened; doubled with each further one.
const PAUSE_FIRST: Duration = Duration::from_millis(100);

/// The longest pause: Redis is used again so long after its return.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Up for so long, the next outage is a new one. Shorter: pauses go on growing, which keeps a
/// server that comes and goes from filling the log.
const STEADY_AFTER: Duration = Duration::from_secs(10);

/// How long a probe's key is kept, milliseconds.
const PROBE_KEPT_MS: u64 = 1_000;

/// Runs as long as the link.
pub(super) async fn watch_over(core: Arc<Core>) {
    let mut pause = PAUSE_FIRST;
    let mut is_told = false;
    loop {
        match probe(&core).await {
            Ok(server) => {
                core.health.rise();
                show(true);
                tracing::info!(
                    redis.version = server.version,
                    redis.eviction = server.eviction,
                    "redis serves"
                );
                let since = Instant::now();
                stay_up(&core).await;
                let reason = core.health.reason();
                if since.elapsed() >= STEADY_AFTER {
                    pause = PAUSE_FIRST;
                }
                is_told = true;
                tell_of_outage(&reason);
            }
            Err(fault) if !is_told => {
                is_told = true;
                tell_of_outage(&fault.to_string());
            }
            Err(_) => {}
        }
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(PAUSE_MAX);
    }
}

fn tell_of_outage(reason: &str) {
    show(false);
    tracing::warn!(reason, "degraded: redis does not serve, memory does until it is back");
}

fn show(up: bool) {
    let circuit = if up { 0.0 } else { 1.0 };
    metrics::gauge!("primelingo_circuit_open", "dependency" => "redis").set(circuit);
}

/// Returns when the breaker has opened. Somebody's call may do it, or the check here.
async fn stay_up(core: &Core) {
    let mut up = core.health.watch();
    let check = write_probe(&core.probe_key());
    loop {
        core.gauge();
        let has_opened = timeout(CHECK_EVERY, up.wait_for(|up| !*up)).await.is_ok();
        if has_opened {
            return;
        }
        let _: Option<()> = core.ask(Request::Command(&check)).await;
    }
}

/// What a server says of itself.
struct Server {
    version: String,
    eviction: String,
}

async fn probe(core: &Core) -> Result<Server, Fault> {
    let probing = async {
        let mut connection = core.dial().await?;
        let check = write_probe(&core.probe_key());
        let () = connection.ask(Request::Command(&check)).await?;
        Ok(about(&mut connection).await)
    };
    timeout(core.timeout(), probing).await.unwrap_or(Err(Fault::Timeout))
}

fn write_probe(key: &str) -> redis::Cmd {
    let mut command = redis::cmd("SET");
    command.arg(key).arg(1).arg("PX").arg(PROBE_KEPT_MS);
    command
}

/// For the log only. A server that does not tell is used all the same.
async fn about(connection: &mut Connection) -> Server {
    let info: String =
        connection.ask(Request::Command(&redis::cmd("INFO"))).await.unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or("unknown").to_owned()
    };
    Server { version: field("redis_version"), eviction: field("maxmemory_policy") }
}
