//! Makes foreign text fit for storing and searching: whitespace, hyphenation, titles.

/// Longest title or author kept, in characters.
const MAX_LABEL_CHARS: usize = 200;

/// Titles that programs write when nobody chose one, in lower case.
const EMPTY_TITLES: [&str; 16] = [
    "untitled",
    "untitled document",
    "no title",
    "title",
    "document",
    "document1",
    "presentation",
    "powerpoint presentation",
    "slide 1",
    "book1",
    "binder1",
    "unknown",
    "без имени",
    "без названия",
    "документ1",
    "презентация powerpoint",
];

/// Authors that programs write when nobody is known, in lower case.
const EMPTY_AUTHORS: [&str; 10] = [
    "unknown",
    "anonymous",
    "author",
    "user",
    "admin",
    "administrator",
    "owner",
    "unknown artist",
    "пользователь",
    "админ",
];

/// Programs that put their own name before the file's.
const TITLE_PREFIXES: [&str; 3] = ["Microsoft Word - ", "Microsoft PowerPoint - ", "PowerPoint - "];

/// Extensions that are cut from a title that is a file's name.
const TITLE_SUFFIXES: [&str; 13] = [
    ".doc", ".docx", ".rtf", ".odt", ".pdf", ".indd", ".qxd", ".qxp", ".ppt", ".pptx", ".tex",
    ".dvi", ".p65",
];

/// One line of text: words that were parted by a hyphen at the end of a line are joined, runs of
/// whitespace become one space, ligatures letters, and control characters are dropped.
///
/// A word that has a hyphen of its own loses it when a line ends there; the reader of a snippet
/// sees `wellknown`, which is the lesser harm.
pub(super) fn flowing(text: &str) -> String {
    let mut flowing = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_whitespace() {
            let mut ends_line = c == '\n';
            while let Some(space) = rest.next_if(|next| next.is_whitespace()) {
                ends_line |= space == '\n';
            }
            let continues = rest.peek().is_some_and(|next| next.is_lowercase());
            if ends_line && continues && ends_with_parted_word(&flowing) {
                flowing.pop();
            } else if !flowing.is_empty() && !flowing.ends_with(' ') {
                flowing.push(' ');
            }
            continue;
        }
        match letters_of_ligature(c) {
            Some(letters) => flowing.push_str(letters),
            None if is_noise(c) => {}
            None => flowing.push(c),
        }
    }
    flowing.truncate(flowing.trim_end().len());
    flowing
}

/// Text with its lines kept: control characters are dropped, line ends unified.
pub(super) fn lines(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    unified.chars().filter(|&c| c == '\n' || c == '\t' || !is_noise(c)).collect()
}

/// A title as a person would have written it; `None` when it says nothing.
pub(super) fn title(raw: &str) -> Option<String> {
    let mut title = flowing(raw);
    for prefix in TITLE_PREFIXES {
        if let Some(rest) = title.strip_prefix(prefix) {
            title = rest.to_owned();
        }
    }
    let lower = title.to_ascii_lowercase();
    if let Some(suffix) = TITLE_SUFFIXES.into_iter().find(|suffix| lower.ends_with(suffix)) {
        title.truncate(title.len() - suffix.len());
    }
    label(&title, &EMPTY_TITLES)
}

/// An author's name; `None` when it says nothing.
pub(super) fn author(raw: &str) -> Option<String> {
    label(&flowing(raw), &EMPTY_AUTHORS)
}

fn label(text: &str, meaningless: &[&str]) -> Option<String> {
    let text: String = text.trim().chars().take(MAX_LABEL_CHARS).collect();
    let says_something = text.chars().any(char::is_alphanumeric)
        && !meaningless.contains(&text.to_lowercase().as_str());
    says_something.then_some(text)
}

/// Whether the text ends with a letter and the hyphen that parts a word.
fn ends_with_parted_word(text: &str) -> bool {
    let mut back = text.chars().rev();
    let hyphen = back.next();
    let letter = back.next();
    matches!(hyphen, Some('-' | '\u{2010}')) && letter.is_some_and(char::is_lowercase)
}

/// Characters that carry no text: controls (a database refuses NUL), soft hyphens, direction
/// overrides (they make a text look like another), and the mark of what could not be decoded.
fn is_noise(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}' | '\u{fffd}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn letters_of_ligature(c: char) -> Option<&'static str> {
    match c {
        '\u{fb00}' => Some("ff"),
        '\u{fb01}' => Some("fi"),
        '\u{fb02}' => Some("fl"),
        '\u{fb03}' => Some("ffi"),
        '\u{fb04}' => Some("ffl"),
        '\u{fb05}' | '\u{fb06}' => Some("st"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_parted_at_the_end_of_a_line_are_joined() {
        assert_eq!(flowing("gram-\nmar"), "grammar");
        assert_eq!(flowing("граммати- \r\n ка"), "грамматика");
        assert_eq!(flowing("soft\u{ad}ware"), "software");
        assert_eq!(flowing("1914-\n1918"), "1914- 1918");
        assert_eq!(flowing("Anglo-\nSaxon"), "Anglo- Saxon");
        assert_eq!(flowing("one - two"), "one - two");
        assert_eq!(flowing("-\nlist"), "- list");
    }

    #[test]
    fn noise_is_dropped_and_spaces_collapse() {
        assert_eq!(flowing("  a\0b \u{202e}\t\n c\u{fb01}x  "), "ab cfix");
        assert_eq!(flowing(" \u{202e} "), "");
        assert_eq!(lines("a\r\nb\rc\td\0\u{feff}"), "a\nb\nc\td");
    }

    #[test]
    fn titles_of_programs_are_not_titles() {
        assert_eq!(title("Microsoft Word - Lesson 1.doc").as_deref(), Some("Lesson 1"));
        assert_eq!(title("grammar.PDF").as_deref(), Some("grammar"));
        for silly in ["", "  ", "untitled", "Untitled", "Microsoft Word - Document1", "---", ".doc"]
        {
            assert_eq!(title(silly), None, "{silly:?}");
        }
        assert_eq!(title("War\0 and\nPeace").as_deref(), Some("War and Peace"));
        assert_eq!(title(&"я".repeat(1000)).map(|it| it.chars().count()), Some(200));
        assert_eq!(author("Admin"), None);
        assert_eq!(author("Анна Ахматова").as_deref(), Some("Анна Ахматова"));
    }
}
