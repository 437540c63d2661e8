//! Reading the program's own figures, as Prometheus would: what alerts and dashboard judge cannot
//! differ from what is collected.
//!
//! The text is our own exporter's, so the parser is strict and small: a line that it does not
//! understand is left out. A reading is made when somebody asks for one, at most once a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::time::Instant;

/// A reading is used again for so long: many who ask cost no more than one.
const FRESH_FOR: Duration = Duration::from_secs(1);

/// The figures of this process. Clones share the newest reading.
#[derive(Clone)]
pub struct Readings {
    shared: Arc<Shared>,
}

struct Shared {
    exporter: PrometheusHandle,
    latest: Mutex<Option<Arc<Reading>>>,
}

impl Readings {
    /// Of what this exporter collects.
    pub fn new(exporter: PrometheusHandle) -> Self {
        Self { shared: Arc::new(Shared { exporter, latest: Mutex::new(None) }) }
    }

    /// The figures as they are, or were less than a second ago.
    pub fn now(&self) -> Arc<Reading> {
        let mut latest = self.shared.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reading) = latest.as_ref().filter(|reading| reading.at.elapsed() < FRESH_FOR) {
            return Arc::clone(reading);
        }
        let reading = Arc::new(Reading::parse(&self.shared.exporter.render(), Instant::now()));
        *latest = Some(Arc::clone(&reading));
        reading
    }
}

/// All figures at one moment.
#[derive(Debug, Clone)]
pub struct Reading {
    /// When it was made.
    pub at: Instant,
    families: HashMap<String, Vec<Sample>>,
}

/// One series at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its labels.
    pub labels: Vec<(String, String)>,
    /// Its value.
    pub value: f64,
}

impl Sample {
    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn has(&self, wanted: &[(&str, &str)]) -> bool {
        wanted.iter().all(|(name, value)| self.label(name) == Some(*value))
    }
}

impl Reading {
    /// Understands the text format of Prometheus.
    pub fn parse(text: &str, at: Instant) -> Self {
        let mut families: HashMap<String, Vec<Sample>> = HashMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, sample)) = parse_line(line) else { continue };
            if let Some(samples) = families.get_mut(name) {
                samples.push(sample);
            } else {
                families.insert(name.to_owned(), vec![sample]);
            }
        }
        Self { at, families }
    }

    /// All series of a name. Those of a histogram have the suffixes `_bucket`, `_sum`, `_count`.
    pub fn series(&self, name: &str) -> &[Sample] {
        self.families.get(name).map_or(&[], Vec::as_slice)
    }

    /// The sum of all series with these labels; none if there is none.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        self.fitting(name, labels).reduce(|sum, value| sum + value)
    }

    /// The largest of all series with these labels; none if there is none.
    pub fn max(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        self.fitting(name, labels).reduce(f64::max)
    }

    /// How much a counter has grown since an earlier reading of the same process; what began
    /// meanwhile counts from zero.
    pub fn increase(&self, earlier: &Self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let of = |reading: &Self| reading.sum(name, labels).unwrap_or(0.0);
        (of(self) - of(earlier)).max(0.0)
    }

    /// The value below which a share `q` of what a histogram counted since an earlier reading lies,
    /// interpolated within its bucket; none if it counted nothing.
    pub fn quantile(
        &self,
        earlier: &Self,
        name: &str,
        labels: &[(&str, &str)],
        q: f64,
    ) -> Option<f64> {
        let bucket = format!("{name}_bucket");
        let mut bounds: Vec<(f64, f64)> = Vec::new();
        for sample in self.series(&bucket).iter().filter(|sample| sample.has(labels)) {
            let le = sample.label("le")?;
            let bound = if le == "+Inf" { f64::INFINITY } else { le.parse().ok()? };
            match bounds.iter_mut().find(|(known, _)| known.total_cmp(&bound).is_eq()) {
                Some((_, count)) => *count += sample.value,
                None => bounds.push((bound, sample.value)),
            }
        }
        for sample in earlier.series(&bucket).iter().filter(|sample| sample.has(labels)) {
            let le = sample.label("le")?;
            let bound = if le == "+Inf" { f64::INFINITY } else { le.parse().ok()? };
            if let Some((_, count)) =
                bounds.iter_mut().find(|(known, _)| known.total_cmp(&bound).is_eq())
            {
                *count -= sample.value;
            }
        }
        bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        quantile_of(&bounds, q)
    }

    fn fitting<'a>(
        &'a self,
        name: &str,
        labels: &'a [(&'a str, &'a str)],
    ) -> impl Iterator<Item = f64> + 'a {
        self.series(name).iter().filter(|sample| sample.has(labels)).map(|sample| sample.value)
    }
}

/// Of cumulated counts by upper bound.
fn quantile_of(bounds: &[(f64, f64)], q: f64) -> Option<f64> {
    let (_, all) = *bounds.last()?;
    if all <= 0.0 {
        return None;
    }
    let rank = q * all;
    let (mut lower, mut below) = (0.0, 0.0);
    for &(upper, count) in bounds {
        if count >= rank {
            // Nothing is known of what lies beyond the last bound.
            if upper.is_infinite() {
                return Some(lower);
            }
            let within = count - below;
            let share = if within > 0.0 { (rank - below) / within } else { 1.0 };
            return Some(lower + (upper - lower) * share);
        }
        (lower, below) = (upper, count);
    }
    Some(lower)
}

/// `name{label="value",...} number`
fn parse_line(line: &str) -> Option<(&str, Sample)> {
    let (series, number) = line.trim_end().rsplit_once(' ')?;
    let value: f64 = number.parse().ok()?;
    let Some((name, labels)) = series.split_once('{') else {
        return Some((series, Sample { labels: Vec::new(), value }));
    };
    let mut rest = labels.strip_suffix('}')?;
    let mut read = Vec::new();
    while !rest.is_empty() {
        let (label, after) = rest.split_once("=\"")?;
        // Values come from closed sets: none holds a quotation mark or a backslash.
        let (text, after) = after.split_once('"')?;
        read.push((label.trim_start_matches(',').to_owned(), text.to_owned()));
        rest = after;
    }
    Some((name, Sample { labels: read, value }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# HELP a_total What.
# TYPE a_total counter
a_total{kind=\"x\",outcome=\"ok\"} 3
a_total{kind=\"y\",outcome=\"ok\"} 4
a_total{kind=\"y\",outcome=\"error\"} 1
plain 2.5
nonsense{ 1
took_seconds_bucket{le=\"0.1\"} 10
took_seconds_bucket{le=\"1\"} 18
took_seconds_bucket{le=\"+Inf\"} 20
";

    fn reading(text: &str) -> Reading {
        Reading::parse(text, Instant::now())
    }

    #[test]
    fn series_are_summed_by_their_labels() {
        let read = reading(TEXT);
        assert_eq!(read.sum("a_total", &[]), Some(8.0));
        assert_eq!(read.sum("a_total", &[("outcome", "ok")]), Some(7.0));
        assert_eq!(read.max("a_total", &[("kind", "y")]), Some(4.0));
        assert_eq!(read.sum("a_total", &[("kind", "z")]), None);
        assert_eq!(read.sum("plain", &[]), Some(2.5));
        assert!(read.series("nonsense").is_empty());
    }

    #[test]
    fn growth_and_quantiles_are_between_two_readings() {
        let earlier = reading("a_total{kind=\"x\",outcome=\"ok\"} 1\n");
        let read = reading(TEXT);
        assert!((read.increase(&earlier, "a_total", &[]) - 7.0).abs() < 1e-9);
        let half = read.quantile(&earlier, "took_seconds", &[], 0.5).expect("counted");
        assert!((half - 0.1).abs() < 1e-9, "{half}");
        let most = read.quantile(&earlier, "took_seconds", &[], 0.7).expect("counted");
        assert!((most - 0.55).abs() < 1e-9, "{most}");
        let last = read.quantile(&earlier, "took_seconds", &[], 0.99).expect("counted");
        assert!((last - 1.0).abs() < 1e-9, "beyond the last bound nothing is known: {last}");
        assert_eq!(read.quantile(&read, "took_seconds", &[], 0.5), None);
    }
}
