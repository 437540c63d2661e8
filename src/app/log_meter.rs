//! A layer of the log that counts lines, so that a flood of warnings shows without reading them.
//!
//! To be put behind the filter of what is written: it counts what is written and nothing else. It
//! keeps no handles, as the log begins before the exporter does.

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Counts what is logged, by level.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogMeter;

impl<S: Subscriber> Layer<S> for LogMeter {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warn",
            Level::INFO => "info",
            _ => return,
        };
        metrics::counter!("primelingo_log_events_total", "level" => level).increment(1);
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[test]
    fn lines_are_counted_by_level() {
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            let subscriber = tracing_subscriber::registry().with(LogMeter);
            tracing::subscriber::with_default(subscriber, || {
                tracing::error!("a");
                tracing::warn!("b");
                tracing::warn!("c");
                tracing::debug!("d");
            });
        });
        let text = recorder.handle().render();
        assert!(text.contains("primelingo_log_events_total{level=\"error\"} 1"), "{text}");
        assert!(text.contains("primelingo_log_events_total{level=\"warn\"} 2"), "{text}");
        assert!(!text.contains("debug"), "{text}");
    }
}
