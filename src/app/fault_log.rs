//! Errors by groups: what went wrong, how often, since when, and where the newest came from.
//!
//! A layer of the log collects events of level `error`, panics among them; a task writes them to the
//! database every few seconds, so that they outlive the process and are seen by all. Two events are
//! of one group when they differ in numbers and quoted texts only.
//!
//! Invariants: collecting never waits for the database and never grows beyond [`GROUPS_MAX`]
//! groups; texts are redacted and cut before they are kept. What was not written yet is lost with
//! the process: a count is no promise.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::domain::clock::{Clock, SystemClock, Timestamp};
use crate::runtime::{WorkRuntime, redact, unquoted};
use crate::store::Db;
use crate::store::records::ErrorGroup;

/// Groups that wait to be written; further ones are counted as one.
const GROUPS_MAX: usize = 128;

/// Longer texts are cut, in characters.
const TEXT_MAX_CHARS: usize = 300;

/// Pause between two writes.
const WRITE_EVERY: Duration = Duration::from_secs(5);

/// Groups that have not been seen for so long are forgotten.
const KEPT: TimeDelta = TimeDelta::days(30);

/// The collection of this process: filled by the log, which is one for the process, too.
static COLLECTED: LazyLock<Collected> = LazyLock::new(Collected::default);

/// The layer that collects.
pub(super) struct FaultLayer;

/// Writes what is collected, until the program ends.
pub(super) fn keep(db: Db, work: &WorkRuntime, clock: Arc<dyn Clock>) {
    work.spawn_beside(async move {
        let mut tick = tokio::time::interval(WRITE_EVERY);
        loop {
            tick.tick().await;
            let groups = COLLECTED.take();
            if groups.is_empty() {
                continue;
            }
            let forget_before = clock.now() - KEPT;
            if let Err(error) = db.errors_note(groups.clone(), forget_before).await {
                // Not as an error: it would come back here.
                tracing::debug!(%error, "errors wait to be written");
                COLLECTED.put_back(groups);
            }
        }
    });
}

#[derive(Default)]
struct Collected(Mutex<HashMap<String, ErrorGroup>>);

impl Collected {
    fn add(&self, group: ErrorGroup) {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        merge(&mut groups, group);
    }

    fn take(&self) -> Vec<ErrorGroup> {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *groups).into_values().collect()
    }

    fn put_back(&self, written: Vec<ErrorGroup>) {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for group in written {
            merge(&mut groups, group);
        }
    }
}

fn merge(groups: &mut HashMap<String, ErrorGroup>, group: ErrorGroup) {
    if let Some(known) = groups.get_mut(&group.fingerprint) {
        known.count = known.count.saturating_add(group.count);
        known.first_at = known.first_at.min(group.first_at);
        if group.last_at >= known.last_at {
            (known.last_at, known.text, known.trace) = (group.last_at, group.text, group.trace);
        }
        return;
    }
    if groups.len() < GROUPS_MAX {
        groups.insert(group.fingerprint.clone(), group);
        return;
    }
    let rest = ErrorGroup {
        fingerprint: "other".to_owned(),
        place: String::new(),
        text: "errors of more groups than are kept apart".to_owned(),
        ..group
    };
    match groups.get_mut(&rest.fingerprint) {
        Some(known) => known.count = known.count.saturating_add(rest.count),
        None => drop(groups.insert(rest.fingerprint.clone(), rest)),
    }
}

/// The trace that a span was given, kept with it.
struct SpanTrace(String);

impl<S> Layer<S> for FaultLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        note_trace(fields, id, &context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        note_trace(fields, id, &context);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if *event.metadata().level() != Level::ERROR {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let trace = context
            .event_scope(event)
            .into_iter()
            .flatten()
            .find_map(|span| span.extensions().get::<SpanTrace>().map(|trace| trace.0.clone()));
        let place = fields.place.take().unwrap_or_else(|| event.metadata().target().to_owned());
        COLLECTED.add(group(&place, &fields.text(), trace, SystemClock.now()));
    }
}

fn note_trace<S>(fields: Fields, id: &Id, context: &Context<'_, S>)
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    if let (Some(trace), Some(span)) = (fields.trace, context.span(id)) {
        span.extensions_mut().replace(SpanTrace(trace));
    }
}

fn group(place: &str, text: &str, trace: Option<String>, at: Timestamp) -> ErrorGroup {
    // What is quoted may be somebody's words or name: these are for nobody.
    let text: String = unquoted(&redact(text))
        .chars()
        .take(TEXT_MAX_CHARS)
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect();
    let shape = format!("{place}\n{}", without_numbers(&text));
    let hash = blake3::hash(shape.as_bytes());
    let fingerprint = hash.to_hex().chars().take(12).collect();
    ErrorGroup {
        fingerprint,
        place: place.to_owned(),
        text,
        count: 1,
        first_at: at,
        last_at: at,
        trace,
    }
}

fn without_numbers(text: &str) -> String {
    let mut rest = text.chars().peekable();
    let mut kept = String::with_capacity(text.len());
    while let Some(character) = rest.next() {
        if character.is_ascii_digit() {
            while rest.next_if(char::is_ascii_digit).is_some() {}
            kept.push('#');
        } else {
            kept.push(character);
        }
    }
    kept
}

/// What an event or a span says.
#[derive(Default)]
struct Fields {
    message: String,
    error: Option<String>,
    place: Option<String>,
    trace: Option<String>,
}

impl Fields {
    fn text(self) -> String {
        match self.error {
            Some(error) if !self.message.is_empty() => format!("{}: {error}", self.message),
            Some(error) => error,
            None => self.message,
        }
    }

    fn set(&mut self, name: &str, value: String) {
        match name {
            // A panic's own text is in a field of its own: the event's is the word "panic".
            "message" => self.message = value,
            "error" | "reason" | "exit" | "panic" => self.error = Some(value),
            "place" => self.place = Some(value),
            "trace" => self.trace = Some(value),
            _ => {}
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field.name(), format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_timestamp(second, 0).expect("a time")
    }

    #[test]
    fn numbers_and_quoted_texts_make_no_other_group() {
        let one = group("jobs", "file 12 of \"Anna\" is gone", None, at(1));
        let other = group("jobs", "file 7 of \"Bob\" is gone", None, at(2));
        assert_eq!(one.fingerprint, other.fingerprint);
        assert_eq!(one.text, "file 12 of \"\" is gone");
        assert_ne!(one.fingerprint, group("jobs", "file 7 is gone", None, at(2)).fingerprint);
        assert_ne!(
            one.fingerprint,
            group("chat", "file 12 of \"Anna\" is gone", None, at(1)).fingerprint
        );
    }

    #[test]
    fn a_group_counts_and_keeps_its_newest_text() {
        let mut groups = HashMap::new();
        merge(&mut groups, group("jobs", "file 1 is gone", Some("u1".to_owned()), at(5)));
        merge(&mut groups, group("jobs", "file 2 is gone", Some("u2".to_owned()), at(9)));
        merge(&mut groups, group("jobs", "file 3 is gone", None, at(7)));
        let [only] = &groups.into_values().collect::<Vec<_>>()[..] else { panic!("one group") };
        assert_eq!((only.count, only.text.as_str()), (3, "file 2 is gone"));
        assert_eq!((only.first_at, only.last_at), (at(5), at(9)));
        assert_eq!(only.trace.as_deref(), Some("u2"));
    }

    #[test]
    fn groups_are_bounded() {
        let mut groups = HashMap::new();
        for n in 0..GROUPS_MAX + 50 {
            merge(&mut groups, group(&format!("place {}", "x".repeat(n)), "broken", None, at(1)));
        }
        assert_eq!(groups.len(), GROUPS_MAX + 1);
        assert_eq!(groups["other"].count, 50);
    }

    #[test]
    fn an_error_of_the_log_is_collected_with_the_trace_of_its_span() {
        let subscriber = tracing_subscriber::registry().with(FaultLayer);
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("update", trace = %"u77");
            let _entered = span.enter();
            tracing::info!("no error");
            tracing::error!(error = "no room for canary-of-this-test", "not stored");
        });
        let found = COLLECTED.take();
        let mine: Vec<_> =
            found.iter().filter(|group| group.text.contains("canary-of-this-test")).collect();
        let [mine] = &mine[..] else { panic!("{found:?}") };
        assert_eq!(mine.text, "not stored: no room for canary-of-this-test");
        assert_eq!(mine.trace.as_deref(), Some("u77"));
    }
}
