//! Other people's words as words alone: Telegram finds mentions, commands, tags and links in any text
//! by itself, and nobody is to put one into what the bot says.
//!
//! Invariants: in what [`inert`] returns Telegram finds nothing; without the joiners it is the text
//! that was given, cleaned; done twice it is the same. A label is one line without anything unseen.

use super::clean;

/// Joins what is on both sides, is not seen, and is a part of no name, tag, command or address.
const JOINER: char = '\u{2060}';

/// With what a mention, a command, a tag or an address begins, or goes on.
const SIGNS: [char; 6] = ['@', '#', '$', '/', ':', '.'];

/// Endings of files' names that are endings of no address: these names stay as they are.
const FILES: [&str; 30] = [
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "rtf", "epub", "fb2", "djvu", "odt",
    "csv", "mp3", "mp4", "m4a", "m4b", "wav", "ogg", "opus", "flac", "avi", "mkv", "webm", "jpg",
    "jpeg", "png", "gif", "webp",
];

/// The text, cleaned, with a joiner wherever a mention, a command, a tag or an address would begin.
/// It is cleaned first: what is taken out later could bring together what was apart.
pub fn inert(text: &str) -> String {
    let text = clean(text);
    if !text.contains(SIGNS) {
        return text;
    }
    let mut out = String::with_capacity(text.len().saturating_add(16));
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        out.push(c);
        let after = text.get(at.saturating_add(c.len_utf8())..).unwrap_or_default();
        if begins(before, c, after) {
            out.push(JOINER);
        }
        before = c;
    }
    out
}

/// Whether something that Telegram would find begins with this character.
/// <https://core.telegram.org/api/entities>
fn begins(before: char, c: char, after: &str) -> bool {
    let Some(next) = after.chars().next() else { return false };
    match c {
        '@' => next.is_ascii_alphanumeric() || next == '_',
        '#' => (next.is_alphanumeric() || next == '_' || !next.is_ascii()) && next != JOINER,
        '$' => next.is_ascii_uppercase(),
        '/' => {
            let is_apart = !before.is_alphanumeric() && !matches!(before, '<' | '>' | '/');
            is_apart && (next.is_ascii_alphanumeric() || next == '_')
        }
        ':' => after.starts_with("//"),
        '.' => before.is_alphanumeric() && next.is_alphabetic() && !is_file_ending(after),
        _ => false,
    }
}

fn is_file_ending(after: &str) -> bool {
    let end = after.find(|c: char| !c.is_alphanumeric()).unwrap_or(after.len());
    let (ending, rest) = after.split_at(end);
    let goes_on =
        rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    !goes_on && FILES.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// What stands between two pieces of one text, so that nothing begins in one and ends in the other.
pub fn seam(before: &str, after: &str) -> &'static str {
    let goes_on = before.ends_with(SIGNS) && !after.starts_with(char::is_whitespace);
    // All others begin in `after` itself.
    let ends = after.strip_prefix('.').is_some_and(|end| end.starts_with(char::is_alphabetic));
    if goes_on || ends { "\u{2060}" } else { "" }
}

/// The text as it stands where there is no markup and one line: on a button, as the title of a result.
/// What has nothing to be seen is a sign, for Telegram refuses a blank one.
pub fn label(text: &str) -> String {
    let line = clean(text).replace(['\n', '\u{2028}', '\u{2029}'], " ").replace(JOINER, "");
    if line.trim().is_empty() { "…".to_owned() } else { line }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        inert(text).replace(JOINER, "|")
    }

    #[test]
    fn what_telegram_would_find_is_broken() {
        assert_eq!(shown("@durov /start #tag $USD"), "@|durov /|start #|tag $|USD");
        assert_eq!(shown("https://a.example/x?y"), "https:|//a.|example/x?y");
        assert_eq!(shown("tg://user?id=5 a@b.uz t.me/x"), "tg:|//user?id=5 a@|b.|uz t.|me/x");
        assert_eq!(shown("#тег #\u{200c}x notes.zip"), "#|тег #|\u{200c}x notes.|zip");
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for text in
            ["Unit 5.pdf", "and/or", "1.2 MB", "B1. Grammar", "10:30", "a @ b", "5 $", "# 5"]
        {
            assert_eq!(inert(text), text);
        }
    }

    #[test]
    fn pieces_of_a_text_make_nothing_together() {
        for (before, after) in
            [("@", "durov"), ("x #", "tag"), ("evil", ".com"), ("evil.", "com"), ("a:", "//b")]
        {
            assert_eq!(seam(before, after), "\u{2060}", "{before}{after}");
        }
        for (before, after) in
            [("misfits", ". The"), ("The ", "rebels"), ("end.", " Next"), ("a", "b")]
        {
            assert_eq!(seam(before, after), "", "{before}{after}");
        }
    }

    #[test]
    fn a_label_is_one_line_that_is_seen() {
        assert_eq!(label("a\nb\u{202e}\u{0}c\u{2060}d"), "a bcd");
        assert_eq!(label(" \u{202e}\n"), "…");
    }

    proptest! {
        #[test]
        fn words_stay_and_twice_is_once(text in any::<String>()) {
            let once = inert(&text);
            prop_assert_eq!(once.replace(JOINER, ""), clean(&text).replace(JOINER, ""));
            prop_assert_eq!(inert(&once), once);
        }

        #[test]
        fn nothing_is_found(text in "[@#$/:.a-z0-9A-Z_ я\u{200c}\u{202e}]{0,24}") {
            let mut found = Vec::new();
            tgsim::entities::auto(&inert(&text), &mut found);
            prop_assert!(found.is_empty(), "{:?} in {:?}", found, inert(&text));
        }
    }
}
