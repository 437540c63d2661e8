//! What figures cost: one more on a counter that is kept, one value into a histogram, and a scrape of
//! the full catalogue. Run by `cargo bench --bench meters`; the goals are 100 ns and 5 ms.
#![expect(clippy::print_stdout, reason = "what it measures is all it has to say")]

use std::hint::black_box;
use std::time::Duration;

use primelingo::meters::{Configured, exporter, register};
use tokio::time::Instant;

/// Calls of one measurement.
const CALLS: u32 = 1_000_000;

/// Scrapes of one measurement.
const SCRAPES: usize = 101;

fn main() {
    let Ok(exporter) = exporter() else { return };
    let Ok(handle) = exporter.install_recorder() else { return };
    for webhook in [false, true] {
        let database = if webhook { "postgres" } else { "sqlite" };
        let queues = vec!["default".to_owned()];
        register(&Configured { queues, database, redis: true, webhook });
    }

    let kept = metrics::counter!("primelingo_timeouts_total", "op" => "redis");
    show("a counter that is kept", each(|| kept.increment(1)));
    show(
        "a counter looked up by literal labels",
        each(|| {
            metrics::counter!("primelingo_timeouts_total", "op" => "redis").increment(1);
        }),
    );
    let kind = black_box("message");
    show(
        "a counter looked up by other labels",
        each(|| {
            metrics::counter!("primelingo_updates_total", "kind" => kind, "outcome" => "ok")
                .increment(1);
        }),
    );
    let kept = metrics::histogram!("primelingo_update_duration_seconds", "kind" => "message");
    show("a value into a histogram that is kept", each(|| kept.record(black_box(0.25))));
    handle.run_upkeep();

    let mut text = String::new();
    let mut took: Vec<Duration> = (0..SCRAPES)
        .map(|_| {
            let begun = Instant::now();
            text = handle.render();
            begun.elapsed()
        })
        .collect();
    took.sort_unstable();
    let series = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
    println!("a scrape: {series} series, {} KiB", text.len() / 1024);
    if let (Some(median), Some(most)) = (took.get(SCRAPES / 2), took.last()) {
        println!("  median {median:?}, most {most:?}");
    }
}

fn each(mut call: impl FnMut()) -> Duration {
    let begun = Instant::now();
    for _ in 0..CALLS {
        call();
    }
    begun.elapsed()
}

fn show(what: &str, took: Duration) {
    println!("{what}: {:?}", took / CALLS);
}
