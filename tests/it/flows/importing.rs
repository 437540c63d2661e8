//! Files from a folder of the operator's: `files import`, and what `files verify` finds later.

use std::path::PathBuf;

use primelingo::library::blobs::{BlobHash, BlobStore};
use serde_json::json;

use crate::support::bot::{ANN, Backend, Bot, BotOptions, data};

flows! {
    both {
        a_folder_becomes_a_shelf,
    }
    sqlite {
        copies_and_handles_revive_each_other,
    }
}

/// A folder with two sections, a locked book and an empty file.
fn folder(bot: &Bot) -> PathBuf {
    let folder = bot.folder().join("to-import");
    for (path, file) in [
        ("Books/Poems/crazy.pdf", "crazyones.pdf"),
        ("Books/Poems/again under another name.pdf", "crazyones.pdf"),
        ("Books/locked.pdf", "libreoffice-writer-password.pdf"),
        ("Audio/tone.mp3", "tone.mp3"),
    ] {
        let target = folder.join(path);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(data(file), target).unwrap();
    }
    std::fs::write(folder.join("empty.txt"), "").unwrap();
    std::fs::write(folder.join(".hidden"), "not looked at").unwrap();
    folder
}

/// Ids are long numbers, and others each time.
fn without_ids(output: &str) -> String {
    let words = output.split_inclusive(' ');
    let is_id = |word: &str| word.len() > 12 && word.trim().bytes().all(|b| b.is_ascii_digit());
    words.map(|word| if is_id(word) { "ID " } else { word }).collect()
}

fn import(bot: &Bot) -> String {
    let folder = folder(bot).display().to_string();
    let lines = bot.command(&["files", "import", &folder, "--level", "b1", "--parallel", "1"]);
    lines.replace(&folder, "DIR")
}

async fn a_folder_becomes_a_shelf(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    sees!(import(&bot), @r"
    refused (encrypted): DIR/Books/locked.pdf
    refused (empty): DIR/empty.txt
    2 published, 1 known already, 2 refused, 0 failed
    ");
    sees!(import(&bot), @r"
    refused (encrypted): DIR/Books/locked.pdf
    refused (empty): DIR/empty.txt
    0 published, 3 known already, 2 refused, 0 failed
    ");

    bot.say(ANN, "/browse").await;
    bot.press(ANN, "Books").await;
    bot.press(ANN, "Poems").await;
    sees!(bot.press(ANN, "All here").await.screen(), @r"
    (edited)
    Poems
    1 material

    1. 📕 again under another name
       B1 · 1 page · 12 KB
    [1]
    [⬅️ Back]
    ");
    bot.say(ANN, "crazy").await;
    assert!(bot.press(ANN, "^1$").await.screen().contains("<document"));
    bot.finish().await;
}

async fn copies_and_handles_revive_each_other(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    import(&bot);
    let verify = |bot: &Bot, arguments: &[&str]| {
        let all = [&["files", "verify"], arguments].concat();
        let (code, output) = bot.outcome(&all);
        format!("{}exit code {code:?}", without_ids(&output))
    };
    sees!(verify(&bot, &["--all"]), @r"
    2 checked: 0 with faults, of these 0 lost; 0 mended; Telegram gave no answer about 0
    exit code Some(0)
    ");

    // Both files get a handle.
    for words in ["crazy", "tone"] {
        bot.say(ANN, words).await;
        bot.press(ANN, "^1$").await;
    }
    bot.settle().await;
    // One copy is damaged, the other file's handle dies.
    let crazy = bot.texts("SELECT hash FROM materials WHERE file_name <> 'tone.mp3'").await;
    let blobs = BlobStore::new(bot.folder().join("files"), "test");
    std::fs::write(blobs.path(&BlobHash::parse(&crazy[0]).unwrap()), "something else").unwrap();
    let tone = bot.texts("SELECT file_id FROM materials WHERE file_name = 'tone.mp3'").await;
    bot.ctl("file/forget", json!({"file_id": tone[0]})).await;

    sees!(verify(&bot, &["--all"]), @r"
    handle dead: ID (Lesson one: приветствие)
    copy damaged: ID (again under another name)
    2 checked: 2 with faults, of these 0 lost; 0 mended; Telegram gave no answer about 0
    exit code Some(1)
    ");
    sees!(verify(&bot, &["--all", "--mend"]), @r"
    handle dead, mended: ID (Lesson one: приветствие)
    copy damaged, mended: ID (again under another name)
    2 checked: 0 with faults, of these 0 lost; 2 mended; Telegram gave no answer about 0
    exit code Some(0)
    ");
    sees!(verify(&bot, &["--sample", "10"]), @r"
    2 checked: 0 with faults, of these 0 lost; 0 mended; Telegram gave no answer about 0
    exit code Some(0)
    ");
    bot.say(ANN, "tone").await;
    assert!(bot.press(ANN, "^1$").await.screen().contains("<audio"));
    bot.finish().await;
}
