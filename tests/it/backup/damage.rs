//! Whatever happens to a file of a backup is found, before it takes anything's place.

use std::path::Path;

use serde_json::Value;

use super::create::name_content;
use super::{Bench, both, content, database_file, id, place_on, put};
use crate::support::bot::Backend;

both! {
    damage_to_any_file_is_found_and_nothing_is_restored,
    what_was_found_damaged_counts_no_more,
    a_rotten_file_is_found_and_copied_again,
}

/// Ways in which a file goes bad.
fn ways(good: &[u8]) -> Vec<(&'static str, Option<Vec<u8>>)> {
    let mut flipped = good.to_vec();
    flipped[good.len() / 2] ^= 4;
    let mut longer = good.to_vec();
    longer.extend_from_slice(good);
    vec![
        ("flipped", Some(flipped)),
        ("cut", Some(good[..good.len() / 2].to_vec())),
        ("empty", Some(Vec::new())),
        ("doubled", Some(longer)),
        ("gone", None),
    ]
}

async fn damage_to_any_file_is_found_and_nothing_is_restored(backend: Backend) {
    let bench = Bench::on(backend).await;
    let made = bench.create();
    let name = id(&made);
    let before = content(&bench.place).await;
    for file in [database_file(&made), "manifest.json"] {
        let path = bench.dir().join(&name).join(file);
        let good = std::fs::read(&path).unwrap();
        for (way, bad) in ways(&good) {
            match bad {
                Some(bad) => std::fs::write(&path, bad).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
            for command in [vec!["verify", &name, "--quick"], vec!["restore", &name, "--yes"]] {
                let said = bench.fails(1, &[&["backup"], command.as_slice()].concat());
                assert!(said.contains("is damaged") && said.contains(file), "{file} {way}: {said}");
                assert!(said.contains("primelingo backup"), "{said}");
            }
            assert_eq!(content(&bench.place).await, before, "{file} {way}");
            std::fs::write(&path, &good).unwrap();
        }
    }
    let list = bench.run(&["backup", "list"]);
    assert!(list.contains(&name), "{list}");
}

async fn what_was_found_damaged_counts_no_more(backend: Backend) {
    let bench = Bench::on(backend).await;
    let made = bench.create();
    let path = bench.dir().join(id(&made)).join(database_file(&made));
    let good = std::fs::read(&path).unwrap();
    std::fs::write(&path, &good[..good.len() - 1]).unwrap();
    bench.fails(1, &["backup", "verify"]);
    let shown = || bench.json(&["backup", "list"])[0]["verified_at"].clone();
    assert_eq!(shown(), Value::Null);
    std::fs::write(&path, &good).unwrap();
    // Checksums alone prove nothing.
    bench.run(&["backup", "verify", "--quick"]);
    assert_eq!(shown(), Value::Null);
    let said = bench.run(&["backup", "verify"]);
    assert!(said.contains("good: restored"), "{said}");
    assert!(shown().is_string());
}

async fn a_rotten_file_is_found_and_copied_again(backend: Backend) {
    let mut bench = Bench::on(backend).await;
    bench.set("backup.files", "true");
    let below = |folder: &Path, content: &str| {
        let hash = blake3::hash(content.as_bytes()).to_hex().to_string();
        folder.join("blobs").join(&hash[..2]).join(&hash[2..])
    };
    let (library, pool) = (bench.folder.path().join("files"), bench.dir());
    for content in ["one", "two"] {
        put(&below(&library, content), content.as_bytes());
        name_content(&bench, blake3::hash(content.as_bytes()).to_hex().as_str()).await;
    }
    let first = bench.create();
    let copy = below(&pool, "one");
    put(&copy, b"uno");
    let said = bench.fails(1, &["backup", "verify"]);
    assert!(said.contains("is damaged") && said.contains("another one"), "{said}");
    assert!(!copy.exists() && copy.with_extension("damaged").exists());

    // What is not damaged is put back all the same.
    let (other, back) = (place_on(backend), bench.folder.path().join("back"));
    let to = back.display().to_string();
    let restore = ["backup", "restore", &id(&first), "--to-url", &other.url(), "--files-to", &to];
    let said = bench.fails(1, &restore);
    assert!(said.contains("1 files of the library are missing or damaged"), "{said}");
    assert!(below(&back, "two").exists() && !below(&back, "one").exists());
    assert_eq!(content(&other).await, content(&bench.place).await);

    bench.create();
    assert_eq!(std::fs::read(&copy).unwrap(), b"one");
    bench.run(&["backup", "verify", "--all"]);
    // One that is cut is seen without a look at what is in it.
    put(&copy, b"on");
    bench.create();
    assert_eq!(std::fs::read(&copy).unwrap(), b"one");
}

/// Changes a manifest as a program would that knows how: with a checksum that fits.
pub fn rewrite(folder: &Path, change: impl FnOnce(&mut primelingo::backup::Manifest)) {
    let path = folder.join("manifest.json");
    let mut manifest: primelingo::backup::Manifest =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    let text = serde_json::to_string(&manifest).unwrap();
    let (head, tail) = text.rsplit_once("\"checksum\":\"").unwrap();
    let tail = tail.split_once('"').unwrap().1;
    let checksum = blake3::hash(format!("{head}\"checksum\":\"\"{tail}").as_bytes()).to_hex();
    std::fs::write(&path, format!("{head}\"checksum\":\"{checksum}\"{tail}")).unwrap();
}

/// Rows that are not those of the manifest are found by the restore alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_with_other_rows_is_no_copy() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let bench = Bench::on(backend).await;
        let made = bench.create();
        let folder = bench.dir().join(id(&made));
        rewrite(&folder, |manifest| *manifest.rows.get_mut("users").unwrap() += 1);
        bench.run(&["backup", "verify", "--quick"]);
        let said = bench.fails(1, &["backup", "verify"]);
        assert!(said.contains("table users has 502 rows, restored are 501"), "{said}");
        let before = content(&bench.place).await;
        bench.fails(1, &["backup", "restore", &id(&made), "--yes"]);
        assert_eq!(content(&bench.place).await, before);
        if backend == Backend::Postgres {
            let left = "SELECT count(*) FROM pg_database WHERE datname LIKE '%\\_restore\\_%' \
                 AND datname LIKE current_database() || '%'";
            assert_eq!(bench.place.number(left).await, 0);
        }
    }
}
