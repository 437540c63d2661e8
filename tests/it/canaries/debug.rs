//! No type with a derived `Debug` holds a secret as plain text: `SecretString`, or a `Debug` of one's own,
//! is what such fields need.

use std::fs;
use std::path::{Path, PathBuf};

/// Parts of names of fields that hold secrets.
const SECRETIVE: [&str; 7] = ["token", "secret", "password", "url", "cookie", "link", "key_text"];

/// Fields that are called like that and hold none, or nothing that is ever printed.
const HARMLESS: [&str; 13] = [
    // Addresses that everybody may see.
    "WebhookInfo.url",
    "TelegramSettings.api_url",
    "TelegramSettings.webhook_url",
    "WebSettings.base_url",
    "KeeperConfig.url",
    "LinkButton.url",
    "HealthcheckArguments.url",
    // Paths.
    "Examined.secret_files",
    // Words of a text.
    "Word.token",
    "Sought.tokens",
    // Typed on the command line, where everybody on the machine sees it; `-` reads it from the input.
    "ChecksumArguments.url",
    "RestoreArguments.to_url",
    // Worth something for ten seconds, to whoever has it already.
    "Undo.token",
];

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
}

/// `Type.field` of each plain text with a secretive name in a type whose `Debug` is derived.
fn plain_secrets(source: &str) -> Vec<String> {
    let (mut found, mut is_debug, mut owner) = (Vec::new(), false, None);
    for line in source.lines() {
        let words = line.trim();
        if words.starts_with("#[derive(") {
            is_debug = words.contains("Debug");
        }
        let declared = words.trim_start_matches("pub(super) ").trim_start_matches("pub ");
        if let Some(rest) = declared.strip_prefix("struct ").or(declared.strip_prefix("enum ")) {
            let name = rest.split(|it: char| !it.is_alphanumeric()).next().unwrap();
            owner = (is_debug && words.ends_with('{')).then(|| name.to_owned());
            is_debug = false;
        }
        if line.starts_with('}') {
            owner = None;
        }
        let Some(owner) = &owner else { continue };
        let Some((name, kind)) = declared.split_once(": ") else { continue };
        let is_text = kind.contains("String") && !kind.contains("SecretString");
        if is_text && SECRETIVE.iter().any(|part| name.contains(part)) {
            found.push(format!("{owner}.{name}"));
        }
    }
    found
}

#[test]
fn no_derived_debug_holds_a_secret() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut harmless = Vec::new();
    for file in files {
        for field in plain_secrets(&fs::read_to_string(&file).unwrap()) {
            let is_test = field.starts_with("Test");
            assert!(
                is_test || HARMLESS.contains(&field.as_str()),
                "{field} in {} is plain text in a derived Debug",
                file.display()
            );
            harmless.push(field);
        }
    }
    for field in HARMLESS {
        assert!(harmless.iter().any(|it| it == field), "{field} is not there any more");
    }
}

#[test]
fn the_search_finds_a_planted_one() {
    let planted = "#[derive(Clone, Debug)]\npub struct Client {\n    pub api_token: String,\n}\n";
    assert_eq!(plain_secrets(planted), ["Client.api_token"]);
    for good in [
        planted.replace(", Debug", ""),
        planted.replace("String", "SecretString"),
        planted.replace("api_token", "name"),
    ] {
        assert_eq!(plain_secrets(&good), Vec::<String>::new(), "{good}");
    }
}
