//! The inspector's numbers, under the names of the metrics list. Labels are closed sets.

/// A child was ended because of `time`, `memory`, `cpu`, `output` or another `signal`.
pub(super) fn killed(reason: &'static str) {
    metrics::counter!("primelingo_inspect_kills_total", "reason" => reason).increment(1);
}

/// A child took too long.
pub(super) fn timed_out() {
    killed("time");
    metrics::counter!("primelingo_timeouts_total", "op" => "inspect").increment(1);
}
