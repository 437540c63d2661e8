//! Text for Telegram, built so that foreign words can never become markup.
//!
//! Everything the bot writes goes through [`Html`]: a list of pieces, each a plain text with one
//! style. Invariants: there is no way to add raw markup; every text is cleaned (see [`clean`]) and
//! escaped; tags are always balanced, because a piece is opened and closed by the same line of
//! code; the visible length is known before anything is sent; Telegram finds no mention, command or
//! address in a piece that is not plain (see [`inert`]). Pieces do not nest.
//!
//! [`Markup`] is the rendered result. Only this module makes one, so whoever holds a `Markup`
//! holds text that was escaped. An admin's own markup gets in through [`Template`] alone.

use std::fmt;

use serde::{Deserialize, Serialize};

mod inert;
mod reading;
mod template;

pub use inert::{inert, label, seam};
pub use reading::{TemplateError, TemplateProblem};
pub use template::{NAME, NAME_UNITS, Template};

/// Telegram's limit for the text of a message, in UTF-16 units after the markup is parsed.
/// <https://core.telegram.org/bots/api#sendmessage>
pub const TEXT_LIMIT: usize = 4_096;

/// Telegram's limit for a caption, in UTF-16 units after the markup is parsed.
pub const CAPTION_LIMIT: usize = 1_024;

/// What stands in the place of what was cut.
const ELLIPSIS: char = '…';

/// The schemes a link may have; a link with another one is shown as its text only.
const LINK_SCHEMES: [&str; 3] = ["https://", "http://", "tg://"];

/// Text that is already escaped and balanced, as Telegram's `parse_mode=HTML` takes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Markup(String);

impl Markup {
    /// The rendered text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Markup> for String {
    fn from(markup: Markup) -> Self {
        markup.0
    }
}

impl From<Html> for Markup {
    fn from(html: Html) -> Self {
        html.render()
    }
}

/// How one piece looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Style {
    Plain,
    Bold,
    Italic,
    Code,
    Quote,
    Link(String),
}

/// A run of cleaned, not yet escaped text in one style. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Piece {
    text: String,
    style: Style,
}

/// The builder. Start with [`Html::new`], add pieces, end with [`Html::render`].
///
/// Its serialised form is the list of pieces; reading one back cleans it again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Piece>", into = "Vec<Piece>")]
pub struct Html {
    pieces: Vec<Piece>,
    /// Visible length in UTF-16 units.
    units: usize,
}

impl Html {
    /// No text yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds text of our own: Telegram makes its commands and addresses clickable.
    #[must_use]
    pub fn text(self, text: impl AsRef<str>) -> Self {
        self.with(text.as_ref(), Style::Plain)
    }

    /// Adds somebody else's words, of which Telegram makes nothing.
    #[must_use]
    pub fn foreign(self, text: impl AsRef<str>) -> Self {
        self.with(&inert(text.as_ref()), Style::Plain)
    }

    /// Adds bold text, of which Telegram makes nothing more; so do all that follow.
    #[must_use]
    pub fn bold(self, text: impl AsRef<str>) -> Self {
        self.with(&inert(text.as_ref()), Style::Bold)
    }

    /// Adds bold text of our own, whose commands can be tapped.
    #[must_use]
    pub fn heading(self, text: impl AsRef<str>) -> Self {
        self.with(text.as_ref(), Style::Bold)
    }

    /// Adds italic text.
    #[must_use]
    pub fn italic(self, text: impl AsRef<str>) -> Self {
        self.with(&inert(text.as_ref()), Style::Italic)
    }

    /// Adds text in a fixed-width font; a tap copies it.
    #[must_use]
    pub fn code(self, text: impl AsRef<str>) -> Self {
        self.with(&inert(text.as_ref()), Style::Code)
    }

    /// Adds a block quotation.
    #[must_use]
    pub fn quote(self, text: impl AsRef<str>) -> Self {
        self.with(&inert(text.as_ref()), Style::Quote)
    }

    /// Adds text that opens `url`. Only `https`, `http` and `tg` links become links.
    #[must_use]
    pub fn link(self, url: impl AsRef<str>, text: impl AsRef<str>) -> Self {
        let url = clean(url.as_ref()).replace(['\n', ' '], "");
        let allowed = LINK_SCHEMES.iter().any(|scheme| url.starts_with(scheme));
        let style = if allowed { Style::Link(url) } else { Style::Plain };
        self.with(&inert(text.as_ref()), style)
    }

    /// Ends the line.
    #[must_use]
    pub fn newline(self) -> Self {
        self.with("\n", Style::Plain)
    }

    /// Adds all pieces of another text.
    #[must_use]
    pub fn append(mut self, other: Self) -> Self {
        for piece in other.pieces {
            self.push(piece.text, piece.style);
        }
        self
    }

    /// The visible length in UTF-16 units, the measure of Telegram's limits. Telegram trims blanks
    /// at both ends, so that its own count may be smaller.
    pub fn len_utf16(&self) -> usize {
        self.units
    }

    /// Whether nothing would be visible: Telegram refuses such a message.
    pub fn is_blank(&self) -> bool {
        self.pieces.iter().all(|piece| piece.text.trim().is_empty())
    }

    /// Cuts to at most `max_units` UTF-16 units, between characters, and puts an ellipsis where
    /// the cut is. A text that fits is not touched.
    #[must_use]
    pub fn truncated(self, max_units: usize) -> Self {
        if self.units <= max_units {
            return self;
        }
        let Some(room) = max_units.checked_sub(ELLIPSIS.len_utf16()) else {
            return Self::new();
        };
        let mut cut = Self::new();
        for piece in self.pieces {
            let left = room.saturating_sub(cut.units);
            if utf16_len(&piece.text) <= left {
                cut.push(piece.text, piece.style);
                continue;
            }
            let mut head = prefix_of_units(&piece.text, left).trim_end().to_owned();
            head.push(ELLIPSIS);
            cut.push(head, piece.style);
            break;
        }
        cut
    }

    /// Renders for a message, cut to [`TEXT_LIMIT`].
    #[must_use]
    pub fn for_text(self) -> Markup {
        self.truncated(TEXT_LIMIT).render()
    }

    /// Renders for a caption, cut to [`CAPTION_LIMIT`].
    #[must_use]
    pub fn for_caption(self) -> Markup {
        self.truncated(CAPTION_LIMIT).render()
    }

    /// Renders all of it, whatever its length.
    pub fn render(&self) -> Markup {
        let mut out = String::with_capacity(self.units.saturating_mul(2));
        for piece in &self.pieces {
            match &piece.style {
                Style::Plain => escape_into(&mut out, &piece.text),
                Style::Bold => element(&mut out, "b", &piece.text),
                Style::Italic => element(&mut out, "i", &piece.text),
                Style::Code => element(&mut out, "code", &piece.text),
                Style::Quote => element(&mut out, "blockquote", &piece.text),
                Style::Link(url) => {
                    out.push_str("<a href=\"");
                    escape_into(&mut out, url);
                    out.push_str("\">");
                    escape_into(&mut out, &piece.text);
                    out.push_str("</a>");
                }
            }
        }
        Markup(out)
    }

    /// The visible text without any style.
    pub fn plain(&self) -> String {
        self.pieces.iter().map(|piece| piece.text.as_str()).collect()
    }

    fn with(mut self, text: &str, style: Style) -> Self {
        self.push(clean(text), style);
        self
    }

    /// Adds a cleaned text; one in the style of its predecessor is joined to it.
    fn push(&mut self, text: String, style: Style) {
        if text.is_empty() {
            return;
        }
        self.units = self.units.saturating_add(utf16_len(&text));
        match self.pieces.last_mut() {
            // Two quotations in a row stay two.
            Some(last) if last.style == style && style != Style::Quote => last.text.push_str(&text),
            _ => self.pieces.push(Piece { text, style }),
        }
    }
}

impl From<Vec<Piece>> for Html {
    fn from(pieces: Vec<Piece>) -> Self {
        let mut html = Self::new();
        for piece in pieces {
            html = match piece.style {
                Style::Link(url) => html.link(url, piece.text),
                style => html.with(&piece.text, style),
            };
        }
        html
    }
}

impl From<Html> for Vec<Piece> {
    fn from(html: Html) -> Self {
        html.pieces
    }
}

/// Takes out what could disturb the rest of a message: control characters except the line feed,
/// and the characters that override or isolate the writing direction, with which a name could turn
/// the words around it. A tab becomes a blank. Text without any of these is returned unchanged.
pub fn clean(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\n' => Some(c),
            '\t' => Some(' '),
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => None,
            c if c.is_control() => None,
            c => Some(c),
        })
        .collect()
}

/// The length of `text` as Telegram counts it.
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The longest beginning of `text` that has at most `max_units` UTF-16 units.
pub fn prefix_of_units(text: &str, max_units: usize) -> &str {
    let mut units = 0_usize;
    for (at, c) in text.char_indices() {
        units = units.saturating_add(c.len_utf16());
        if units > max_units {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

fn element(out: &mut String, tag: &str, text: &str) {
    out.push('<');
    out.push_str(tag);
    out.push('>');
    escape_into(out, text);
    out.push_str("</");
    out.push_str(tag);
    out.push('>');
}

/// The four named entities Telegram knows: <https://core.telegram.org/bots/api#html-style>.
fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_style_renders_and_escapes() {
        let html = Html::new()
            .text("a<b> & \"c\" ")
            .bold("B&")
            .italic("I")
            .code("x<y")
            .quote("Q")
            .link("https://e.org/?a=1&b=\"2\"", "<go>")
            .newline();
        assert_eq!(
            html.render().as_str(),
            "a&lt;b&gt; &amp; &quot;c&quot; <b>B&amp;</b><i>I</i><code>x&lt;y</code>\
             <blockquote>Q</blockquote>\
             <a href=\"https://e.org/?a=1&amp;b=&quot;2&quot;\">&lt;go&gt;</a>\n"
        );
        assert_eq!(html.plain(), "a<b> & \"c\" B&Ix<yQ<go>\n");
        assert_eq!(html.len_utf16(), utf16_len(&html.plain()));
    }

    #[test]
    fn a_link_with_a_strange_scheme_is_only_its_text() {
        let html = Html::new().link("javascript:alert(1)", "here").link(" https\n://x", "there");
        assert_eq!(html.render().as_str(), "here<a href=\"https://x\">there</a>");
    }

    #[test]
    fn control_and_direction_characters_are_removed() {
        let hostile = "a\u{202E}b\u{2066}c\u{0}d\re\u{7f}f\u{85}g\th\ni\u{200F}";
        assert_eq!(clean(hostile), "abcdefg h\ni\u{200F}");
    }

    #[test]
    fn a_cut_keeps_characters_whole_and_tags_closed() {
        // Each of these needs two units.
        let html = Html::new().text("ab").bold("😀😀😀").text("tail");
        assert_eq!(html.len_utf16(), 12);
        assert_eq!(html.clone().truncated(12), html);
        assert_eq!(html.clone().truncated(6).render().as_str(), "ab<b>😀…</b>");
        assert_eq!(html.clone().truncated(5).render().as_str(), "ab<b>😀…</b>");
        assert_eq!(html.clone().truncated(3).render().as_str(), "ab<b>…</b>");
        assert_eq!(html.clone().truncated(1).render().as_str(), "…");
        assert_eq!(html.truncated(0), Html::new());
    }

    #[test]
    fn blank_is_what_nobody_would_see() {
        assert!(Html::new().text(" \n").bold("\u{202E}").is_blank());
        assert!(!Html::new().bold("x").is_blank());
    }

    #[test]
    fn reading_back_cleans_again() {
        let stored = r#"[{"text":"a\u202eb\u0000","style":"plain"},
                         {"text":"x","style":{"link":"javascript:1"}}]"#;
        let html: Html = serde_json::from_str(stored).expect("well-formed");
        assert_eq!(html.render().as_str(), "abx");
        assert_eq!(html.len_utf16(), 3);
    }

    fn any_html() -> impl Strategy<Value = Html> {
        proptest::collection::vec((0_u8..6, any::<String>(), any::<String>()), 0..12).prop_map(
            |parts| {
                let mut html = Html::new();
                for (style, text, url) in parts {
                    html = match style {
                        0 => html.text(text),
                        1 => html.bold(text),
                        2 => html.italic(text),
                        3 => html.code(text),
                        4 => html.quote(text),
                        _ => html.link(format!("https://{url}"), text),
                    };
                }
                html
            },
        )
    }

    /// A reader of its own: the visible text of rendered markup, or why it is not well-formed.
    fn visible(markup: &str) -> Result<String, String> {
        let mut text = String::new();
        let mut open: Option<String> = None;
        let mut rest = markup;
        while let Some(c) = rest.chars().next() {
            if c == '<' {
                let end = rest.find('>').ok_or("no end of tag")?;
                let tag = &rest[1..end];
                rest = &rest[end + 1..];
                if let Some(closing) = tag.strip_prefix('/') {
                    if open.take().as_deref() != Some(closing) {
                        return Err(format!("unbalanced {closing}"));
                    }
                } else {
                    let name = tag.split(' ').next().unwrap_or_default();
                    if !["b", "i", "code", "blockquote", "a"].contains(&name) || open.is_some() {
                        return Err(format!("unexpected {name}"));
                    }
                    open = Some(name.to_owned());
                }
            } else if c == '&' {
                let end = rest.find(';').ok_or("no end of entity")?;
                text.push(match &rest[..=end] {
                    "&lt;" => '<',
                    "&gt;" => '>',
                    "&amp;" => '&',
                    "&quot;" => '"',
                    other => return Err(format!("entity {other}")),
                });
                rest = &rest[end + 1..];
            } else if c == '>' || c == '"' {
                return Err(format!("bare {c}"));
            } else {
                text.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        if open.is_some() { Err("left open".to_owned()) } else { Ok(text) }
    }

    proptest! {
        #[test]
        fn rendering_is_balanced_and_its_length_known(html in any_html()) {
            let seen = visible(html.render().as_str()).map_err(TestCaseError::fail)?;
            prop_assert_eq!(&seen, &html.plain());
            prop_assert_eq!(seen.encode_utf16().count(), html.len_utf16());
        }

        #[test]
        fn a_cut_fits_and_stays_balanced(html in any_html(), max in 0_usize..200) {
            let before = html.plain();
            let cut = html.truncated(max);
            let seen = visible(cut.render().as_str()).map_err(TestCaseError::fail)?;
            prop_assert!(seen.encode_utf16().count() <= max);
            let kept = seen.strip_suffix('…').unwrap_or(&seen);
            prop_assert!(before.starts_with(kept.trim_end()));
        }

        #[test]
        fn serialisation_is_faithful(html in any_html()) {
            let json = serde_json::to_string(&html).expect("serialisable");
            let back: Html = serde_json::from_str(&json).expect("readable");
            prop_assert_eq!(back, html);
        }
    }
}
