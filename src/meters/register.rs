//! The catalogue made known to the exporter: what each family means, its buckets, and its series at
//! zero, so that the first event is an increase and not a series that appears.
//!
//! Invariant: what is not configured is absent, and what is only there once it has happened is not
//! made up: a fresh installation raises no alert.

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder};

use super::catalogue::{CATALOGUE, Family, Kind, Label, Part, Presence};

/// What decides which series there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// The queues of jobs.
    pub queues: Vec<String>,
    /// The database: `sqlite` or `postgres`.
    pub database: &'static str,
    /// Whether there is Redis.
    pub redis: bool,
    /// Whether updates are posted to us, in place of being asked for.
    pub webhook: bool,
}

/// One series of a family: its labels with their values.
pub type Series = Vec<(&'static str, String)>;

impl Configured {
    const fn has(&self, part: Part) -> bool {
        match part {
            Part::Redis => self.redis,
            Part::Webhook => self.webhook,
            Part::Polling => !self.webhook,
        }
    }

    /// The series of a family that are there from the start.
    pub fn series_at_start(&self, family: &Family) -> Vec<Series> {
        match family.presence {
            Presence::Always => self.all_series(family),
            Presence::With(part) if self.has(part) => self.all_series(family),
            Presence::With(_) | Presence::Once(_) => Vec::new(),
        }
    }

    /// Every combination of the values that can occur here.
    fn all_series(&self, family: &Family) -> Vec<Series> {
        let mut all: Vec<Series> = vec![Vec::new()];
        for label in family.labels {
            let values = self.values(label);
            let longer = |series: &Series| {
                let with = |value: &String| {
                    let mut longer = series.clone();
                    longer.push((label.name, value.clone()));
                    longer
                };
                values.iter().map(with).collect::<Vec<_>>()
            };
            all = all.iter().flat_map(longer).collect();
        }
        all
    }

    fn values(&self, label: &Label) -> Vec<String> {
        if label.name == "queue" {
            return self.queues.clone();
        }
        let can_occur = |value: &&&str| match (label.name, **value) {
            ("source", "polling") | ("actor", "poller") => !self.webhook,
            // Alertmanager's surface is there without Telegram's webhook, so it is not in this list.
            ("source", "webhook")
            | ("actor", "webhook_keeper")
            | ("route", "/telegram/webhook") => self.webhook,
            ("backend", "sqlite_fts") => self.database == "sqlite",
            ("backend", "postgres") => self.database == "postgres",
            (_, "redis") => self.redis,
            _ => true,
        };
        label.values.iter().filter(can_occur).map(|value| (*value).to_owned()).collect()
    }
}

/// Makes known what all families mean, and makes the series that are there from the start. To be
/// called once the exporter is installed.
pub fn register(configured: &Configured) {
    for family in CATALOGUE {
        let (name, help) = (family.name, family.help);
        match family.kind {
            Kind::Counter => metrics::describe_counter!(name, help),
            Kind::Gauge => metrics::describe_gauge!(name, help),
            Kind::Histogram(_) => metrics::describe_histogram!(name, help),
        }
        for series in configured.series_at_start(family) {
            match family.kind {
                Kind::Counter => metrics::counter!(name, &series).increment(0),
                Kind::Gauge => metrics::gauge!(name, &series).increment(0.0),
                Kind::Histogram(_) => drop(metrics::histogram!(name, &series)),
            }
        }
    }
}

/// An exporter that knows the buckets of all families.
///
/// # Errors
/// A family has no buckets, which a test of the catalogue excludes.
pub fn exporter() -> Result<PrometheusBuilder, BuildError> {
    CATALOGUE.iter().try_fold(PrometheusBuilder::new(), |builder, family| match family.kind {
        Kind::Histogram(buckets) => {
            builder.set_buckets_for_metric(Matcher::Full(family.name.to_owned()), buckets)
        }
        Kind::Counter | Kind::Gauge => Ok(builder),
    })
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;
    use crate::meters::Reading;

    /// The most series of one process, in a scrape.
    const SERIES_MAX: usize = 3_000;

    fn everything(webhook: bool) -> Configured {
        let database = if webhook { "postgres" } else { "sqlite" };
        Configured { queues: vec!["default".to_owned()], database, redis: true, webhook }
    }

    fn rendered(configured: &Configured) -> String {
        let recorder = exporter().expect("buckets").build_recorder();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || register(configured));
        handle.render()
    }

    fn lines(text: &str) -> usize {
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count()
    }

    #[test]
    fn what_is_configured_is_there_at_zero_with_its_meaning() {
        let configured = everything(false);
        let text = rendered(&configured);
        let read = Reading::parse(&text, Instant::now());
        for family in CATALOGUE {
            let (name, series) = (family.name, configured.series_at_start(family));
            let shown = match family.kind {
                Kind::Histogram(_) => format!("{name}_count"),
                Kind::Counter | Kind::Gauge => name.to_owned(),
            };
            assert_eq!(read.series(&shown).len(), series.len(), "{name}");
            assert!(read.series(&shown).iter().all(|sample| sample.value == 0.0), "{name}");
            if !series.is_empty() {
                let kind = family.kind.name();
                assert!(text.contains(&format!("# HELP {name} {}\n", family.help)), "{name}");
                assert!(text.contains(&format!("# TYPE {name} {kind}\n")), "{name}");
            }
        }
    }

    #[test]
    fn what_is_not_configured_is_absent() {
        let bare = Configured { redis: false, ..everything(false) };
        let text = rendered(&bare);
        assert!(!text.contains("redis"), "{text}");
        for absent in ["primelingo_webhook", "webhook_keeper", "source=\"webhook\""] {
            assert!(!text.contains(absent), "{absent} is in:\n{text}");
        }
        assert!(!rendered(&everything(true)).contains("primelingo_poll_errors_total{"));
    }

    #[test]
    fn series_are_few() {
        for webhook in [false, true] {
            let count = lines(&rendered(&everything(webhook)));
            assert!(count <= SERIES_MAX - SERIES_MAX / 20, "{count} lines");
        }
    }

    #[test]
    fn histograms_have_the_buckets_of_the_catalogue() {
        let text = rendered(&everything(false));
        assert!(
            text.contains(
                "primelingo_update_duration_seconds_bucket{kind=\"message\",le=\"2.5\"} 0"
            )
        );
        assert!(text.contains("primelingo_broadcast_duration_seconds_bucket{le=\"28800\"} 0"));
    }
}
