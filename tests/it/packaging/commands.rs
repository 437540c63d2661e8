//! Commands of the program, wherever a file says to type one.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;

/// What `--help` said of each command that was asked for; `None`: there is no such command.
static HELP: Mutex<BTreeMap<String, Option<String>>> = Mutex::new(BTreeMap::new());

/// Why this command line of ours would be refused, if it would.
pub fn fault(line: &str) -> Option<String> {
    let is_name = |word: &&str| {
        let is_small = word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
        !word.is_empty() && is_small && !word.starts_with('-')
    };
    let mut words: Vec<&str> = line.split(' ').take_while(is_name).collect();
    // Behind a command stand its values, which may be words as well.
    let help = loop {
        match help(&words.join(" ")) {
            Some(help) => break help,
            None if words.len() > 1 => words.pop(),
            None => return Some(format!("primelingo {line}: there is no such command")),
        };
    };
    let rest = line.strip_prefix(&words.join(" ")).unwrap_or(line).trim();
    if rest.starts_with(|letter: char| letter.is_ascii_uppercase() || letter == '.') {
        // COMMAND, ...: whatever somebody wants.
        return None;
    }
    // Words before the first option are values; a command that wants a further name takes none.
    if help.contains("Usage: ")
        && help.contains("<COMMAND>")
        && !rest.is_empty()
        && !rest.starts_with('-')
    {
        return Some(format!("primelingo {line}: there is no such command"));
    }
    let mut options = line.split([' ', '=', '[', ']', '|']).filter(|word| word.starts_with("--"));
    let unknown = options.find(|option| option.len() > 2 && !help.contains(*option));
    unknown.map(|option| format!("primelingo {line}: there is no {option}"))
}

fn help(words: &str) -> Option<String> {
    let mut known = HELP.lock().unwrap();
    if let Some(help) = known.get(words) {
        return help.clone();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_primelingo"));
    let output = command.args(words.split(' ').filter(|word| !word.is_empty())).arg("--help");
    let output = output.output().unwrap();
    let help = output.status.success().then(|| String::from_utf8(output.stdout).unwrap());
    known.insert(words.to_owned(), help.clone());
    help
}

#[test]
fn what_does_not_exist_is_told() {
    for line in ["run --no-worker", "users role 12 editor", "--set a.b=c run", "jobs list"] {
        assert_eq!(fault(line), None);
    }
    for line in ["walk", "jobs dance", "run --no-walker", "users role 12 --nobody"] {
        assert!(fault(line).is_some(), "{line}");
    }
}
