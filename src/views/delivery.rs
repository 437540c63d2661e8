//! The file itself: as a message, and as a result of inline mode.

use std::fmt::Write as _;

use super::format::{self, kind_sign};
use super::texts::Texts;
use super::{Pen, replace};
use crate::domain::event::FileClass;
use crate::domain::html::Html;
use crate::domain::lang::Lang;
use crate::domain::material::Material;
use crate::domain::outgoing::{Button, InlineResult, Keyboard, Outgoing};

/// The file with caption and buttons.
pub fn file(pen: Pen<'_>, material: &Material) -> Outgoing {
    let caption = caption(&pen.presenter.texts, pen.reader.lang, material);
    let link = pen.deep_link(&format!("f_{}", material.id));
    let share = share_url(&link, &pen.text("share-text"));
    let mut keyboard = Keyboard::new().row([Button::url(pen.text("button-share"), share)]);
    if let Some(button) = replace::offered(pen, material.id) {
        keyboard = keyboard.row([button]);
    }
    Outgoing::File {
        class: material.file.class,
        file_id: material.file.file_id.clone(),
        caption: Some(caption.for_caption()),
        keyboard: Some(keyboard),
        silent: false,
    }
}

/// A result of inline mode: the cached file.
pub fn inline(texts: &Texts, lang: Lang, material: &Material) -> InlineResult {
    InlineResult::File {
        id: material.id.to_string(),
        // Inline mode knows no round videos; as a document the file can still be sent.
        class: match material.file.class {
            FileClass::VideoNote => FileClass::Document,
            class => class,
        },
        file_id: material.file.file_id.clone(),
        title: format!("{} {}", kind_sign(material.kind), material.title),
        description: Some(measures(texts, lang, material)),
        caption: Some(caption(texts, lang, material).for_caption()),
    }
}

fn caption(texts: &Texts, lang: Lang, material: &Material) -> Html {
    let html = Html::new().text(kind_sign(material.kind)).text(" ").bold(&material.title);
    let measures = measures(texts, lang, material);
    if measures.is_empty() { html } else { html.newline().italic(measures) }
}

fn measures(texts: &Texts, lang: Lang, material: &Material) -> String {
    let Material { level, pages, duration_s, file, .. } = material;
    format::measures(texts, lang, *level, *pages, *duration_s, file.size)
}

/// Telegram's page for sharing a link: <https://core.telegram.org/api/links#share-links>.
fn share_url(link: &str, text: &str) -> String {
    let mut url = String::from("https://t.me/share/url?url=");
    percent_encode(&mut url, link);
    url.push_str("&text=");
    percent_encode(&mut url, text);
    url
}

/// RFC 3986, section 2.3: everything but unreserved characters.
fn percent_encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            // Writing to a String cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
}
