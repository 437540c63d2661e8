//! What every message must be, and what it shows of its template.

use primelingo::domain::html::{CAPTION_LIMIT, TEXT_LIMIT};
use primelingo::domain::outgoing::{ButtonAction, InlineResult, Keyboard, Outgoing};
use primelingo::views::Shown;
use tgsim::entities::{self, Entity};

/// What is left of a message when its words are taken away: its marks in their order, with the links
/// they open, and those that Telegram finds by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame {
    marks: Vec<(&'static str, Option<String>)>,
    found: Vec<&'static str>,
    buttons: Vec<usize>,
}

/// Telegram's limit for a button's text is not written down; clients cut far before this.
const BUTTON_UNITS: usize = 64;
/// <https://core.telegram.org/bots/api#inlinekeyboardbutton>
const CALLBACK_BYTES: usize = 64;
const BUTTONS: usize = 100;

fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Nothing that turns the words around it, ends a line where none ends, or is no character.
fn is_disturbing(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Reads a text as Telegram does.
fn read(html: &str, limit: usize) -> Result<Frame, String> {
    let (mut text, mut marks) = entities::parse_mode(html, "HTML")?;
    let length = units(&text);
    entities::trim(&mut text, &mut marks);
    if text.is_empty() {
        return Err("nothing is seen".to_owned());
    }
    if length > limit {
        return Err(format!("{length} units, {limit} are allowed"));
    }
    if let Some(c) = text.chars().find(|c| is_disturbing(*c)) {
        return Err(format!("{c:?} is shown"));
    }
    let edges: Vec<u32> = edges(&text);
    let is_whole = |mark: &Entity| {
        [mark.offset, mark.offset + mark.length].iter().all(|at| edges.binary_search(at).is_ok())
    };
    if let Some(mark) = marks.iter().find(|mark| !is_whole(mark)) {
        return Err(format!("{mark:?} begins or ends within a character"));
    }
    let explicit = marks.len();
    let mut all = marks.clone();
    entities::auto(&text, &mut all);
    let found =
        all.iter().filter(|mark| !marks.contains(mark)).map(|mark| mark.kind.name()).collect();
    debug_assert!(all.len() >= explicit);
    let marks = marks
        .iter()
        .map(|mark| (mark.kind.name(), mark.arg.as_deref().map(str::to_owned)))
        .collect();
    Ok(Frame { marks, found, buttons: Vec::new() })
}

/// Where characters begin, in UTF-16 units, and where the text ends.
fn edges(text: &str) -> Vec<u32> {
    let mut at = 0;
    let mut edges = vec![0];
    for c in text.chars() {
        at += u32::try_from(c.len_utf16()).unwrap();
        edges.push(at);
    }
    edges
}

fn keyboard(keyboard: Option<&Keyboard>) -> Result<Vec<usize>, String> {
    let Some(keyboard) = keyboard else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    for row in &keyboard.rows {
        for button in row {
            plain(&button.text, BUTTON_UNITS)?;
            match &button.action {
                ButtonAction::Callback(data) if data.is_empty() || data.len() > CALLBACK_BYTES => {
                    return Err(format!("{} bytes of callback data", data.len()));
                }
                ButtonAction::Url(url) if !url.starts_with("https://") => {
                    return Err(format!("the button opens {url}"));
                }
                _ => {}
            }
        }
        rows.push(row.len());
    }
    if rows.iter().sum::<usize>() > BUTTONS {
        return Err("too many buttons".to_owned());
    }
    Ok(rows)
}

/// A text that knows no markup.
fn plain(text: &str, limit: usize) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("a label is blank".to_owned());
    }
    if units(text) > limit {
        return Err(format!("a label of {} units: {text}", units(text)));
    }
    match text.chars().find(|c| is_disturbing(*c) || *c == '\n') {
        Some(c) => Err(format!("a label shows {c:?}: {text:?}")),
        None => Ok(()),
    }
}

/// The frame of what a view became, or why Telegram or its readers would not have it.
pub fn shown(shown: &Shown) -> Result<Frame, String> {
    let frame = read(shown.html.as_str(), TEXT_LIMIT)?;
    Ok(Frame { buttons: keyboard(shown.keyboard.as_ref())?, ..frame })
}

/// The same of a message.
pub fn message(message: &Outgoing) -> Result<Frame, String> {
    match message {
        Outgoing::Text { html, keyboard: keys, .. }
        | Outgoing::EditText { html, keyboard: keys } => {
            let frame = read(html.as_str(), TEXT_LIMIT)?;
            Ok(Frame { buttons: keyboard(keys.as_ref())?, ..frame })
        }
        Outgoing::File { caption, apology, keyboard: keys, copy, .. } => {
            let mut frame = Frame { buttons: keyboard(keys.as_ref())?, ..Frame::default() };
            for (html, limit) in [(caption, CAPTION_LIMIT), (apology, TEXT_LIMIT)] {
                let Some(html) = html else { continue };
                let read = read(html.as_str(), limit)?;
                frame.marks.extend(read.marks);
                frame.found.extend(read.found);
            }
            if let Some(copy) = copy {
                plain(&copy.name, 255)?;
                if copy.name.contains(['/', '\\']) {
                    return Err(format!("the file's name {:?} has a folder", copy.name));
                }
            }
            Ok(frame)
        }
        other => Err(format!("no text: {other:?}")),
    }
}

/// The same of a result of inline mode.
pub fn inline(result: &InlineResult) -> Result<Frame, String> {
    match result {
        InlineResult::File { title, description, caption, .. } => {
            plain(title, 1_000)?;
            description.as_deref().map_or(Ok(()), |text| plain(text, 1_000))?;
            caption
                .as_ref()
                .map_or_else(|| Ok(Frame::default()), |html| read(html.as_str(), CAPTION_LIMIT))
        }
        InlineResult::Article { title, description, html, keyboard: keys, .. } => {
            plain(title, 1_000)?;
            description.as_deref().map_or(Ok(()), |text| plain(text, 1_000))?;
            let frame = read(html.as_str(), TEXT_LIMIT)?;
            Ok(Frame { buttons: keyboard(keys.as_ref())?, ..frame })
        }
    }
}

impl Frame {
    /// What Telegram would find by itself in it.
    pub fn found(&self) -> &[&'static str] {
        &self.found
    }

    /// Whether the marks are the first ones of `whole`: what a cut leaves.
    pub fn is_cut_from(&self, whole: &Self) -> bool {
        self.marks.len() <= whole.marks.len()
            && self.marks.iter().zip(&whole.marks).all(|(mine, theirs)| mine == theirs)
    }
}
