//! Wrong with files, ports, work and the machine.

use std::net::TcpListener;
use std::time::Duration;

use futures_util::FutureExt as _;
use primelingo::doctor::finding::Severity::{Error, Info, Warning};

use super::{Mended, Seed};
use crate::doctor::setup::{Setup, chmod};
use crate::support::bot::now;

const STRONG: &str = "canary-0123456789-abcdefghijklm";

/// An hour ago, as SQLite keeps it.
fn an_hour_ago() -> i64 {
    now().timestamp_micros() - 3_600_000_000
}

async fn add_job(setup: &mut Setup, state: &str, more: &str, values: &str) {
    let at = an_hour_ago();
    setup
        .place
        .execute(&format!(
            "INSERT INTO jobs (id, kind, payload, queue, fairness_key, state, run_at, created_at {more})
             VALUES (1, 'prune_jobs', '{{\"kind\":\"prune_jobs\"}}', 'default', 0, '{state}', {at}, {at}
             {values})"
        ))
        .await;
}

async fn add_update(setup: &mut Setup, state: &str) {
    let at = an_hour_ago();
    setup
        .place
        .execute(&format!(
            "INSERT INTO updates (bot_id, update_id, chat_key, kind, raw, received_at, state)
             VALUES (42, 1, 7, 'message', '{{}}', {at}, '{state}')"
        ))
        .await;
}

pub const SEEDS: &[Seed] = &[
    Seed::new("the folder of files is a file", "files.folder", Error, "files.data_dir", |setup| {
        async move {
            let path = setup.path("a-file");
            std::fs::write(&path, "").unwrap();
            setup.set("files.data_dir", &path.display().to_string());
        }
        .boxed()
    }),
    Seed::new("the folder of files is not there", "files.folder", Info, "install -d", |setup| {
        async move { std::fs::remove_dir(setup.path("files")).unwrap() }.boxed()
    })
    .mended(Mended::Fix),
    Seed::new(
        "others can look into the folder of files",
        "files.private",
        Warning,
        "chmod 700",
        |setup| {
            async move {
                chmod(setup.folder.path(), 0o755);
                chmod(&setup.path("files"), 0o755);
            }
            .boxed()
        },
    )
    .mended(Mended::Cure),
    Seed::new("the disk is full", "files.room", Error, "df -h", |setup| {
        async move { setup.set("files.min_free_mb", "1048576") }.boxed()
    }),
    Seed::new("the disk is nearly full", "files.room", Warning, "df -h", |setup| {
        async move { setup.set("files.temp_quota_mb", "1048576") }.boxed()
    }),
    Seed::new(
        "a dead process has left a half-fetched file",
        "files.left-over",
        Info,
        "--fix",
        |setup| {
            async move {
                std::fs::create_dir(setup.path("files/tmp")).unwrap();
                let file = std::fs::File::create(setup.path("files/tmp/other.7-1.part")).unwrap();
                let old = std::time::SystemTime::from(now()) - Duration::from_hours(72);
                file.set_modified(old).unwrap();
            }
            .boxed()
        },
    )
    .mended(Mended::Fix),
    Seed::new("another program has the pages' port", "web.listen", Error, "ss -ltnp", |setup| {
        async move {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            setup.set("web.listen", &listener.local_addr().unwrap().to_string());
            setup.kept.push(Box::new(listener));
        }
        .boxed()
    }),
    Seed::new(
        "the pages' address is of another machine",
        "web.listen",
        Error,
        "web.listen=",
        |setup| {
            async move {
                setup.set("web.listen", "192.0.2.1:8080");
                setup.set("web.token", STRONG);
            }
            .boxed()
        },
    )
    .besides(&["web.exposed"]),
    Seed::new(
        "another program has the webhook's port",
        "web.public-listen",
        Error,
        "ss -ltnp",
        |setup| {
            async move {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                setup.set("web.public_listen", &listener.local_addr().unwrap().to_string());
                setup.kept.push(Box::new(listener));
            }
            .boxed()
        },
    ),
    Seed::new("the pages are open to the world", "web.exposed", Warning, "web.listen=", |setup| {
        async move {
            setup.set("web.listen", "0.0.0.0:0");
            setup.set("web.token", STRONG);
        }
        .boxed()
    }),
    Seed::new(
        "the pages' token is one letter again and again",
        "web.token",
        Warning,
        "openssl rand",
        |setup| async move { setup.set("web.token", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") }.boxed(),
    ),
    Seed::new(
        "Alertmanager's token is short",
        "web.alertmanager-token",
        Warning,
        "openssl rand",
        |setup| async move { setup.set("alerts.webhook_token", "canary-canary-ca") }.boxed(),
    ),
    Seed::new("the heartbeat travels in the clear", "web.heartbeat", Warning, "https:", |setup| {
        async move { setup.set("alerts.heartbeat_url", "http://watcher.example.org/canary") }
            .boxed()
    }),
    Seed::new(
        "updates wait, and no bot runs",
        "work.updates-waiting",
        Warning,
        "primelingo run",
        |setup| add_update(setup, "new").boxed(),
    ),
    Seed::new(
        "an update was put aside",
        "work.updates-aside",
        Warning,
        "primelingo updates list",
        |setup| add_update(setup, "dead").boxed(),
    ),
    Seed::new(
        "a job has failed for good",
        "work.jobs-dead",
        Warning,
        "primelingo jobs failed",
        |setup| {
            async move {
                let at = an_hour_ago();
                add_job(setup, "dead", ", done_at, error", &format!(", {at}, 'broken'")).await;
            }
            .boxed()
        },
    ),
    Seed::new(
        "jobs wait, and nobody does them",
        "work.jobs-waiting",
        Warning,
        "primelingo worker",
        |setup| add_job(setup, "ready", "", "").boxed(),
    ),
    Seed::new("a dead process holds a job", "work.jobs-abandoned", Warning, "--fix", |setup| {
        async move {
            let at = an_hour_ago();
            let more = ", owner, epoch, token, lease_until, claimed_at";
            add_job(setup, "running", more, &format!(", 'run-0@gone:/', 1, 1, {at}, {at}")).await;
        }
        .boxed()
    })
    .mended(Mended::Fix),
    Seed::new("a queue is held", "work.queues", Warning, "primelingo jobs resume", |setup| {
        async move {
            let paused = setup.run(&["jobs", "pause", "default"]).await;
            assert_eq!(paused.code, Some(0), "{}", paused.errors);
        }
        .boxed()
    })
    .mended(Mended::Cure),
    Seed::new("an answer was given up", "work.outbox", Warning, "primelingo errors", |setup| {
        async move {
            let at = an_hour_ago();
            setup
                .place
                .execute(&format!(
                    "INSERT INTO outbox (id, chat_id, class, payload, state, created_at, done_at)
                     VALUES (1, 7, 'reply', '{{}}', 'failed', {at}, {at})"
                ))
                .await;
        }
        .boxed()
    }),
    Seed::new("too few files may be opened", "machine.descriptors", Error, "ulimit -n", |setup| {
        async move { setup.before = "ulimit -S -n 150" }.boxed()
    }),
    Seed::new(
        "jobs may take more memory than there is",
        "machine.memory",
        Warning,
        "jobs.workers",
        |setup| {
            async move {
                setup.set("inspect.memory_mb", "65536");
                setup.set("jobs.workers", "256");
            }
            .boxed()
        },
    ),
    Seed::new(
        "a crash would write secrets to the disk",
        "machine.core-dumps",
        Warning,
        "ulimit -c 0",
        |setup| async move { setup.before = "ulimit -S -c $(ulimit -H -c)" }.boxed(),
    ),
    Seed::new(
        "the tools for previews are missing",
        "machine.tools",
        Info,
        "apt-get install poppler-utils",
        |setup| async move { setup.env("PATH", "/nowhere") }.boxed(),
    ),
];
