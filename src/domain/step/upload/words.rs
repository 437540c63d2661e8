//! Titles, tags and labels out of what editors write and what their files say of themselves.
//!
//! Invariant: what is given back is one clean line each, within the limits of `domain::material`.

use crate::domain::event::FileRef;
use crate::domain::material::{TAG_MAX_CHARS, TAGS_MAX, TITLE_MAX_CHARS, clean_line, name_key};

/// Tags are separated by commas, semicolons, line ends or `#`.
pub fn parse_tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for raw in text.split([',', ';', '\n', '#']) {
        let Some(tag) = clean_line(raw, TAG_MAX_CHARS) else { continue };
        let is_new = !tags.iter().any(|other| name_key(other) == name_key(&tag));
        if is_new && tags.len() < TAGS_MAX {
            tags.push(tag);
        }
    }
    tags
}

/// The caption's first line, the tags of a recording, or the file's name without its extension.
pub fn suggested_title(file: &FileRef, caption: Option<&str>) -> String {
    let from_caption = caption
        .and_then(|caption| caption.lines().next())
        .and_then(|line| clean_line(line, TITLE_MAX_CHARS));
    let from_tags = file.title.as_deref().and_then(|title| clean_line(title, TITLE_MAX_CHARS));
    let from_name = file.name.as_deref().and_then(title_of_name);
    from_caption.or(from_tags).or(from_name).unwrap_or_else(|| file.class.field().to_owned())
}

fn title_of_name(name: &str) -> Option<String> {
    let stem = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.chars().count() <= 5 => stem,
        _ => name,
    };
    clean_line(&stem.replace('_', " "), TITLE_MAX_CHARS)
}

/// What to call a file before it has a title.
pub fn file_label(file: &FileRef) -> String {
    let name = file.name.as_deref().and_then(|name| clean_line(name, 80));
    name.unwrap_or_else(|| file.class.field().to_owned())
}
