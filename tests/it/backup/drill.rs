//! The drill of `docs/backups.md`: what is typed there, and what the program says, are what this test
//! types and sees.

use std::path::Path;

use super::{Bench, content, id};
use crate::support::bot::Backend;
use crate::support::place::Place;

/// What is told, with a name, a moment and sizes that are the same each time.
struct Story {
    told: String,
    swaps: Vec<(String, &'static str)>,
}

const SHOWN_ID: &str = "20261129T031500Z-sqlite";

impl Story {
    fn say(&mut self, typed: &str, said: &str) {
        let mut text = format!("$ primelingo {typed}\n{said}");
        for (real, shown) in &self.swaps {
            text = text.replace(real, shown);
        }
        self.told.push_str(&without_sizes(&text));
        self.told.push('\n');
    }
}

/// Sizes differ by some bytes from run to run.
fn without_sizes(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        for at in 1..words.len() {
            let is_unit = words[at].starts_with("KB") || words[at].starts_with("MB");
            if is_unit && words[at - 1].parse::<f64>().is_ok() {
                let is_whole = at > 1 && words[at - 2] == "of";
                words[at - 1] = if is_whole { "696.3" } else { "15.4" }.to_owned();
            }
        }
        lines.push(words.join(" ").trim_end().to_owned());
    }
    lines.join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_drill_of_the_documentation_goes_as_it_is_told() {
    let bench = Bench::on(Backend::Sqlite).await;
    let before = content(&bench.place).await;
    let file = bench.place.file().display().to_string();
    let dir = bench.dir().display().to_string();
    let mut story = Story { told: String::new(), swaps: Vec::new() };

    let made = bench.run(&["backup", "create"]);
    let listed = bench.json(&["backup", "list"]);
    let (id, at) = (id(&listed[0]), listed[0]["created_at"].as_str().unwrap().to_owned());
    let proven = listed[0]["verified_at"].as_str().unwrap()[..16].replace('T', " ");
    story.swaps = vec![
        (id.clone(), SHOWN_ID),
        (format!("{} UTC", at[..19].replace('T', " ")), "2026-11-29 03:15:00 UTC"),
        (format!("proven {proven} UTC"), "proven 2026-11-29 03:15 UTC"),
        (dir, "/srv/backups"),
        (file.clone(), "data/primelingo.db"),
    ];
    story.say("backup create", &made);
    story.say("backup list", &bench.run(&["backup", "list"]));
    story.say("backup verify", &bench.run(&["backup", "verify"]));

    story.say(
        &format!("backup restore {id} --to-url sqlite:drill.db"),
        &bench.run(&["backup", "restore", &id, "--to-url", "sqlite:drill.db"]),
    );
    let drill = tempfile::tempdir().unwrap();
    std::fs::copy(bench.folder.path().join("drill.db"), drill.path().join("library.db")).unwrap();
    assert_eq!(content(&Place::sqlite_in(drill)).await, before);

    // The disaster.
    bench.place.execute("DELETE FROM users WHERE id > 100010").await;
    story.say(
        &format!("backup restore {id}"),
        &bench.fails(1, &["backup", "restore", &id]).replace("error: ", ""),
    );
    let said = bench.run(&["backup", "restore", &id, "--yes"]);
    let kept = said.split("is kept as ").nth(1).unwrap().split(';').next().unwrap();
    let kept = kept.rsplit("before-restore-").next().unwrap().to_owned();
    story.swaps.push((kept, "20261130T091200Z"));
    story.say(&format!("backup restore {id} --yes"), &said);
    assert_eq!(content(&bench.place).await, before);

    story.say("backup prune", &bench.run(&["backup", "prune"]));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let book = std::fs::read_to_string(root.join("docs/backups.md")).unwrap_or_default();
    let told = Path::new(env!("CARGO_TARGET_TMPDIR")).join("backups.txt");
    std::fs::write(&told, &story.told).unwrap();
    let is_told = story.told.split("$ ").skip(1).all(|step| book.contains(step.trim_end()));
    assert!(
        is_told,
        "docs/backups.md tells another story than {}:\n{}",
        told.display(),
        story.told
    );
}
