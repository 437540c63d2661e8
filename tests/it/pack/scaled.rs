//! Rules and routes of the pack on a clock that runs [`FASTER`] times as fast, so that a drill does not
//! take hours.
//!
//! The transformation, which loses nothing else of the files: each duration (`for`,
//! `keep_firing_for`, ranges in square brackets, Alertmanager's waits) is divided by `FASTER`, and so
//! are the few numbers that a query compares an age to ([`AGES`]). Counts and shares stay.

use serde_json::{Value, json};

use super::{RuleFile, text_of};

/// How many times as fast.
pub const FASTER: u32 = 40;

/// Numbers of seconds in queries: the alert, and the number.
const AGES: &[(&str, u32)] = &[
    ("PrimeLingoPollerStalled", 150),
    ("PrimeLingoUpdatesWaiting", 120),
    ("PrimeLingoQueueStuck", 300),
    ("PrimeLingoBroadcastStalled", 120),
    ("PrimeLingoWatchdogLost", 600),
];

/// Our rules.
pub fn rules() -> Value {
    let mut file = RuleFile::shipped();
    for rule in file.groups.iter_mut().flat_map(|group| &mut group.rules) {
        rule.expr = ranges(&rule.expr);
        if let Some((_, age)) = AGES.iter().find(|(alert, _)| *alert == rule.alert) {
            let (old, new) =
                (format!("> {age}"), format!("> {}", f64::from(*age) / f64::from(FASTER)));
            assert_eq!(rule.expr.matches(&old).count(), 1, "{}", rule.alert);
            rule.expr = rule.expr.replace(&old, &new);
        }
        for time in [&mut rule.wait, &mut rule.keep_firing_for] {
            if !time.is_empty() {
                *time = duration(time);
            }
        }
    }
    serde_json::to_value(file).unwrap()
}

/// Our Alertmanager, which posts to these addresses with this token.
pub fn alertmanager(urls: &[String], token: &str) -> Value {
    let mut config: Value =
        serde_saphyr::from_str(&text_of("config/alertmanager/alertmanager.yml")).unwrap();
    waits(&mut config["route"]);
    let bots: Vec<Value> = urls
        .iter()
        .map(|url| {
            json!({
                "url": url, "send_resolved": true, "max_alerts": 100,
                "http_config": {"authorization": {"type": "Bearer", "credentials": token}},
            })
        })
        .collect();
    for receiver in config["receivers"].as_array_mut().unwrap() {
        assert!(receiver["webhook_configs"].is_array(), "{receiver}");
        receiver["webhook_configs"] = json!(bots);
    }
    config
}

fn waits(route: &mut Value) {
    for name in ["group_wait", "group_interval", "repeat_interval"] {
        if let Some(time) = route[name].as_str() {
            route[name] = json!(duration(time));
        }
    }
    for route in route["routes"].as_array_mut().into_iter().flatten() {
        waits(route);
    }
}

/// Each `[5m]` of a query.
fn ranges(expr: &str) -> String {
    let mut pieces = expr.split('[');
    let mut faster = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (range, rest) = piece.split_once(']').unwrap();
        faster.extend(["[", &duration(range), "]", rest]);
    }
    faster
}

/// `2m` is `3s`, in milliseconds.
fn duration(text: &str) -> String {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap();
    let (number, unit) = text.split_at(split);
    let unit_ms = match unit {
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => panic!("a duration of one unit, not {text}"),
    };
    let number: u32 = number.parse().unwrap();
    format!("{}ms", number * unit_ms / FASTER)
}

#[test]
fn durations_are_divided_and_nothing_else_is() {
    assert_eq!(["30s", "2m", "3d", "0s"].map(duration), ["750ms", "3000ms", "6480000ms", "0ms"]);
    assert_eq!(ranges("sum(rate(a{b=\"5m\"}[5m])) > 5"), "sum(rate(a{b=\"5m\"}[7500ms])) > 5");
    let rules = rules().to_string();
    assert!(rules.contains("> 3.75"), "{rules}");
    assert!(!rules.contains("[5m]"), "{rules}");
}
