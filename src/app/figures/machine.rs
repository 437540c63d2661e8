//! Runtimes and memory.

use std::time::Duration;

use metrics::{Counter, Gauge};
use metrics_process::Collector;
use tokio::runtime::{Handle, RuntimeMetrics};
use tokio::time::{MissedTickBehavior, interval};

use super::size;

/// Pause between two looks.
const EVERY: Duration = Duration::from_secs(5);

struct Runtime {
    metrics: RuntimeMetrics,
    workers: Gauge,
    alive_tasks: Gauge,
    queue_depth: Gauge,
    busy: Counter,
}

impl Runtime {
    fn new(name: &'static str, handle: &Handle) -> Self {
        Self {
            metrics: handle.metrics(),
            workers: metrics::gauge!("primelingo_tokio_workers", "runtime" => name),
            alive_tasks: metrics::gauge!("primelingo_tokio_alive_tasks", "runtime" => name),
            queue_depth: metrics::gauge!("primelingo_tokio_global_queue_depth", "runtime" => name),
            busy: metrics::counter!("primelingo_tokio_busy_seconds_total", "runtime" => name),
        }
    }

    fn show(&self) {
        let workers = self.metrics.num_workers();
        self.workers.set(size(workers));
        self.alive_tasks.set(size(self.metrics.num_alive_tasks()));
        self.queue_depth.set(size(self.metrics.global_queue_depth()));
        let busy: Duration =
            (0..workers).map(|worker| self.metrics.worker_total_busy_duration(worker)).sum();
        self.busy.absolute(busy.as_secs());
    }
}

/// Shows these runtimes and the process, again and again.
pub(super) async fn collect(runtimes: [(&'static str, Handle); 2]) {
    let runtimes = runtimes.map(|(name, handle)| Runtime::new(name, &handle));
    let process = Collector::default();
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        runtimes.iter().for_each(Runtime::show);
        process.collect();
    }
}
