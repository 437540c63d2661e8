//! What Alertmanager posts (its webhook, version 4), as what we take of it. Pure.
//!
//! Invariants: fields that are not known are ignored; nothing of it is trusted to be short or
//! harmless; one alert that cannot be read does not take the others with it.
//! Source: <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{AlertDetails, Severity};

/// The always firing alert by which Alertmanager shows that it lives.
pub const WATCHDOG: &str = "PrimeLingoWatchdog";

/// Alerts of one call; Alertmanager groups far fewer.
pub const ALERTS_MAX: usize = 500;

/// Longest name that is kept, in characters.
const NAME_CHARS: usize = 64;

/// Longest text that is kept, in characters.
const TEXT_CHARS: usize = 400;

/// Longest subject that is kept, in characters.
const SUBJECT_CHARS: usize = 64;

/// Longest fingerprint; Alertmanager's have 16.
const FINGERPRINT_BYTES: usize = 64;

/// The version that we understand.
const VERSION: &str = "4";

/// Labels that say what an alert is about, the most telling first.
const SUBJECTS: [&str; 6] = ["actor", "queue", "loop", "area", "surface", "instance"];

/// An alert that fires at Prometheus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Alertmanager's name of this very alert.
    pub fingerprint: String,
    /// Prometheus's name of the rule.
    pub name: String,
    /// How urgent it is.
    pub severity: Severity,
    /// What it says: hostile text.
    pub details: AlertDetails,
}

/// All of one call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Posted {
    /// What fires.
    pub firing: Vec<Incoming>,
    /// Fingerprints of what is over.
    pub resolved: Vec<String>,
    /// Whether the sign of life was among it.
    pub watchdog: bool,
    /// Alerts that could not be read, or were too many.
    pub ignored: usize,
}

/// Why a call was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAlerts {
    /// It is no JSON, or not what Alertmanager posts.
    #[error("not what Alertmanager posts")]
    Unreadable,
    /// It is of another version.
    #[error("only version 4 of the webhook is understood")]
    Version,
}

#[derive(Deserialize)]
struct Payload {
    version: String,
    alerts: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Posting {
    status: Status,
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    fingerprint: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Status {
    Firing,
    Resolved,
}

/// Understands a call.
pub fn read(body: &[u8]) -> Result<Posted, NotAlerts> {
    let payload: Payload = serde_json::from_slice(body).map_err(|_| NotAlerts::Unreadable)?;
    if payload.version != VERSION {
        return Err(NotAlerts::Version);
    }
    let ignored = payload.alerts.len().saturating_sub(ALERTS_MAX);
    let mut posted = Posted { ignored, ..Posted::default() };
    for value in payload.alerts.into_iter().take(ALERTS_MAX) {
        let Some(posting) = serde_json::from_value(value).ok().filter(is_whole) else {
            posted.ignored += 1;
            continue;
        };
        take(&mut posted, posting);
    }
    Ok(posted)
}

/// Whether it has what every alert has.
fn is_whole(posting: &Posting) -> bool {
    let is_printable = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let Posting { fingerprint, labels, .. } = posting;
    !fingerprint.is_empty()
        && fingerprint.len() <= FINGERPRINT_BYTES
        && is_printable(fingerprint)
        && labels.get("alertname").is_some_and(|name| !name.trim().is_empty())
}

fn take(posted: &mut Posted, posting: Posting) {
    let Posting { status, labels, annotations, fingerprint } = posting;
    let label = |name: &str| labels.get(name).map(String::as_str);
    let name = cut(label("alertname").unwrap_or_default(), NAME_CHARS);
    if name == WATCHDOG || label("severity") == Some("none") {
        posted.watchdog |= status == Status::Firing;
        return;
    }
    if status == Status::Resolved {
        posted.resolved.push(fingerprint);
        return;
    }
    let texts = ["summary", "description"].map(|key| annotations.get(key));
    let text: Vec<&str> = texts.into_iter().flatten().map(|text| text.trim()).collect();
    let text = cut(&text.join("\n"), TEXT_CHARS);
    let subject = SUBJECTS.into_iter().find_map(label).map(|text| cut(text, SUBJECT_CHARS));
    let details = AlertDetails {
        subject: subject.filter(|subject| !subject.is_empty()),
        text: Some(text).filter(|text| !text.is_empty()),
    };
    posted.firing.push(Incoming {
        fingerprint,
        name,
        severity: severity(label("severity")),
        details,
    });
}

/// Other people's words for how urgent something is.
fn severity(label: Option<&str>) -> Severity {
    match label {
        Some("page" | "critical") => Severity::Page,
        Some("ticket" | "warning" | "error") => Severity::Ticket,
        _ => Severity::Info,
    }
}

/// At most so many characters, without any that control terminals; a NUL would not be storable.
fn cut(text: &str, chars: usize) -> String {
    let clean = text.trim().chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c });
    let mut kept: String = clean.clone().take(chars).collect();
    if clean.count() > chars {
        kept.pop();
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn alert(name: &str, fingerprint: &str, status: &str, severity: &str) -> Value {
        json!({
            "status": status,
            "labels": {"alertname": name, "severity": severity, "instance": "bot:8080"},
            "annotations": {"summary": "It <b>burns</b>", "runbook_url": "https://example.invalid"},
            "startsAt": "2026-11-29T06:00:00Z", "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus/graph", "fingerprint": fingerprint,
        })
    }

    fn payload(alerts: &[Value]) -> Vec<u8> {
        let payload = json!({
            "version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": "firing",
            "receiver": "bot", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
            "externalURL": "http://alertmanager", "alerts": alerts, "aFutureField": [1, 2],
        });
        payload.to_string().into_bytes()
    }

    #[test]
    fn firing_and_resolved_are_told_apart() {
        let body = payload(&[
            alert("PrimeLingoDown", "aa11", "firing", "page"),
            alert("PrimeLingoSlow", "bb22", "resolved", "ticket"),
            alert(WATCHDOG, "cc33", "firing", "none"),
        ]);
        let posted = read(&body).unwrap();
        let details = AlertDetails {
            subject: Some("bot:8080".to_owned()),
            text: Some("It <b>burns</b>".to_owned()),
        };
        let down = Incoming {
            fingerprint: "aa11".to_owned(),
            name: "PrimeLingoDown".to_owned(),
            severity: Severity::Page,
            details,
        };
        assert_eq!(posted.firing, [down]);
        assert_eq!(posted.resolved, ["bb22"]);
        assert!(posted.watchdog);
        assert_eq!(posted.ignored, 0);
    }

    #[test]
    fn what_is_not_an_alert_is_left_out_and_the_rest_is_taken() {
        let good = alert("A", "1", "firing", "critical");
        let mut nameless = good.clone();
        nameless["labels"] = json!({});
        let mut unknown = good.clone();
        unknown["status"] = json!("suppressed");
        let mut bare = good.clone();
        bare["fingerprint"] = json!("");
        let posted = read(&payload(&[nameless, json!("x"), unknown, bare, good])).unwrap();
        assert_eq!((posted.firing.len(), posted.ignored), (1, 4));
    }

    #[test]
    fn long_and_hostile_texts_are_cut_and_cleaned() {
        let mut long = alert(&"N".repeat(500), "1", "firing", "info");
        long["annotations"]["summary"] = json!("\u{0}\u{1b}[31m".to_owned() + &"я".repeat(5_000));
        let posted = read(&payload(&[long])).unwrap();
        let incoming = &posted.firing[0];
        assert_eq!(incoming.name.chars().count(), NAME_CHARS);
        let text = incoming.details.text.as_deref().unwrap();
        assert_eq!(text.chars().count(), TEXT_CHARS);
        assert!(text.ends_with('…') && !text.contains(['\u{0}', '\u{1b}']));
    }

    #[test]
    fn too_many_are_counted() {
        let many = vec![alert("A", "1", "firing", "page"); ALERTS_MAX + 7];
        let posted = read(&payload(&many)).unwrap();
        assert_eq!((posted.firing.len(), posted.ignored), (ALERTS_MAX, 7));
    }

    #[test]
    fn other_versions_and_other_json_are_refused() {
        assert_eq!(read(b"{\"version\":\"3\",\"alerts\":[]}"), Err(NotAlerts::Version));
        for body in ["", "[]", "{}", "{\"version\":4,\"alerts\":[]}", "{\"version\":\"4\"}"] {
            assert_eq!(read(body.as_bytes()), Err(NotAlerts::Unreadable), "{body}");
        }
        assert_eq!(read(b"{\"version\":\"4\",\"alerts\":[]}"), Ok(Posted::default()));
    }

    proptest! {
        #[test]
        fn whatever_is_posted_is_understood_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&body);
        }

        #[test]
        fn whatever_labels_say_is_kept_short(name in ".{1,200}", text in ".{0,900}") {
            let mut odd = alert("x", "1", "firing", "page");
            odd["labels"]["alertname"] = json!(name);
            odd["annotations"]["description"] = json!(text);
            for incoming in read(&payload(&[odd])).unwrap().firing {
                prop_assert!(incoming.name.chars().count() <= NAME_CHARS);
                prop_assert!(incoming.details.text.unwrap_or_default().chars().count() <= TEXT_CHARS);
            }
        }
    }
}
