//! Gates 1 and 2 for Grafana's boards, and what a person on call expects of them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{RUNBOOKS, RuleFile, gauge, must_pass, path_of, text_of};

/// The boards, in the order of the data's way.
pub const BOARDS: [&str; 6] = ["overview", "ingestion", "outbound", "jobs", "library", "runtime"];

/// A query of a board.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Board and panel, for messages.
    pub place: String,
    /// As it stands in the board.
    pub text: String,
}

impl Asked {
    /// With Grafana's variables filled in: rates over `window`, of these processes.
    pub fn filled(&self, window: &str, instance: &str) -> String {
        let filled = self.text.replace("$__rate_interval", window).replace("$instance", instance);
        assert!(!filled.contains('$'), "an unknown variable in {}: {filled}", self.place);
        filled
    }
}

/// A board's JSON.
pub fn board(name: &str) -> Value {
    let text = text_of(&format!("config/grafana/dashboards/{name}.json"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The panels of a board that show something, with the queries of each.
pub fn panels(name: &str) -> Vec<(String, Vec<Asked>)> {
    let board = board(name);
    let shown = list(&board["panels"]).iter().filter(|panel| panel["type"] != "row");
    let panel = |panel: &Value| {
        let place = format!("{name}: {}", panel["title"].as_str().unwrap());
        let asked = list(&panel["targets"]).iter().map(|target| Asked {
            place: place.clone(),
            text: target["expr"].as_str().unwrap().to_owned(),
        });
        (place.clone(), asked.collect())
    };
    shown.map(panel).collect()
}

/// All queries of a board, those of its annotations and variables included.
fn queries(name: &str) -> Vec<Asked> {
    let board = board(name);
    let mut all: Vec<Asked> = panels(name).into_iter().flat_map(|(_, asked)| asked).collect();
    for annotation in list(&board["annotations"]["list"]) {
        if let Some(text) = annotation["expr"].as_str() {
            let place = format!("{name}: {}", annotation["name"].as_str().unwrap());
            all.push(Asked { place, text: text.to_owned() });
        }
    }
    all
}

#[test]
fn the_queries_of_all_panels_parse() {
    let mut rules = Vec::new();
    for asked in BOARDS.iter().flat_map(|name| queries(name)) {
        let record = format!("panel:{}", rules.len());
        rules.push(json!({"record": record, "expr": asked.filled("5m", ".*"), "labels": {"place": asked.place}}));
    }
    assert!(rules.len() > 100, "only {} queries", rules.len());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("panels.yml");
    // JSON is YAML.
    let groups = json!({"groups": [{"name": "panels", "rules": rules}]});
    std::fs::write(&file, groups.to_string()).unwrap();
    must_pass("promtool", &["check", "rules", file.to_str().unwrap()]);
}

#[test]
fn panels_use_what_the_catalogue_has() {
    let mut faults = Vec::new();
    for asked in BOARDS.iter().flat_map(|name| queries(name)) {
        let text = asked.filled("5m", ".*");
        let found = gauge::faults(&text, &[]);
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", asked.place)));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn boards_can_be_read_and_laid_out() {
    let rules = RuleFile::shipped();
    let alerts: BTreeSet<&str> = rules.alerts().map(|rule| rule.alert.as_str()).collect();
    let mut uids = BTreeSet::new();
    for name in BOARDS {
        let board = board(name);
        assert!(uids.insert(board["uid"].as_str().unwrap().to_owned()), "{name}");
        assert!(board["title"].as_str().unwrap().starts_with("PrimeLingo: "), "{name}");
        let variables: Vec<&str> = list(&board["templating"]["list"])
            .iter()
            .map(|variable| variable["name"].as_str().unwrap())
            .collect();
        assert_eq!(variables, ["datasource", "instance", "runbooks"], "{name}");
        assert_eq!(board["templating"]["list"][2]["query"], RUNBOOKS, "{name}");
        let (mut ids, mut cells) = (BTreeSet::new(), BTreeSet::new());
        for panel in list(&board["panels"]) {
            let place = format!("{name}: {}", panel["title"].as_str().unwrap());
            assert!(ids.insert(panel["id"].as_u64().unwrap()), "{place}: id");
            occupies(&place, &panel["gridPos"], &mut cells);
            if panel["type"] == "row" {
                continue;
            }
            assert!(panel["description"].as_str().unwrap().len() > 4, "{place}: description");
            assert_eq!(panel["datasource"]["uid"], "${datasource}", "{place}");
            assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{place}: unit");
            for link in list(&panel["links"]) {
                let url = link["url"].as_str().unwrap();
                let alert =
                    url.strip_prefix("${runbooks}").and_then(|rest| rest.strip_suffix(".md"));
                assert!(alert.is_some_and(|alert| alerts.contains(alert)), "{place}: {url}");
            }
        }
    }
    let files = std::fs::read_dir(path_of("config/grafana/dashboards")).unwrap().count();
    assert_eq!(files, BOARDS.len(), "a board that no test looks at");
}

/// No two panels lie on each other, and none beyond the edge.
fn occupies(place: &str, grid: &Value, cells: &mut BTreeSet<(u64, u64)>) {
    let [x, y, w, h] = ["x", "y", "w", "h"].map(|side| grid[side].as_u64().unwrap());
    assert!(x + w <= 24, "{place}: beyond the edge");
    for row in y..y + h {
        for column in x..x + w {
            assert!(cells.insert((row, column)), "{place}: on another panel");
        }
    }
}

/// The first row of the overview tells whether all is well: every figure there has a limit.
#[test]
fn the_first_row_is_the_state_of_the_whole() {
    let board = board("overview");
    let shown: Vec<&Value> =
        list(&board["panels"]).iter().filter(|panel| panel["type"] == "stat").collect();
    let first_y = shown[0]["gridPos"]["y"].as_u64();
    let first: Vec<&&Value> =
        shown.iter().filter(|panel| panel["gridPos"]["y"].as_u64() == first_y).collect();
    assert!(first.len() >= 6, "{} figures", first.len());
    let width: u64 = first.iter().map(|panel| panel["gridPos"]["w"].as_u64().unwrap()).sum();
    assert_eq!(width, 24);
    for panel in first {
        let steps = list(&panel["fieldConfig"]["defaults"]["thresholds"]["steps"]);
        assert!(steps.len() >= 2, "{}", panel["title"]);
    }
}

/// Marks for restarts and new versions on every board.
#[test]
fn restarts_and_deploys_are_marked() {
    for name in BOARDS {
        let board = board(name);
        let marks: Vec<&str> = list(&board["annotations"]["list"])
            .iter()
            .filter_map(|annotation| annotation["name"].as_str())
            .collect();
        assert_eq!(marks, ["Annotations & Alerts", "Restarts", "Deploys", "Alerts"], "{name}");
    }
}

#[test]
fn provisioning_is_yaml_that_names_our_files() {
    let read = |path: &str| -> Value {
        serde_saphyr::from_str(&text_of(&format!("config/grafana/provisioning/{path}"))).unwrap()
    };
    let sources = read("datasources/primelingo.yml");
    assert_eq!(sources["datasources"][0]["type"], "prometheus");
    let boards = read("dashboards/primelingo.yml");
    assert_eq!(boards["providers"][0]["options"]["path"], "/etc/grafana/primelingo");
}
