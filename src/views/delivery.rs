//! The file itself: as a message, and as a result of inline mode.

use std::fmt::Write as _;

use super::format::{self, kind_sign};
use super::texts::Texts;
use super::{Pen, Presenter, shelf};
use crate::domain::button::Action;
use crate::domain::event::FileClass;
use crate::domain::html::{Html, Markup, label};
use crate::domain::ids::MaterialId;
use crate::domain::lang::Lang;
use crate::domain::material::{Material, PreviewRef, clean_line};
use crate::domain::outgoing::{
    Button, COPY_NAME_MAX_CHARS, CopyOwner, InlineResult, Keyboard, Outgoing, StoredCopy,
};
use crate::domain::shelf::{Given, Keys};

/// The file with caption and buttons.
pub fn file(pen: Pen<'_>, given: &Given) -> Outgoing {
    let material = &given.material;
    let caption = caption(&pen.presenter.texts, pen.reader.lang, material);
    let keys = Keys::Given { material: material.id, is_favourite: given.is_favourite };
    Outgoing::File {
        class: material.file.class,
        file_id: material.file.file_id.clone(),
        copy: stored_copy(material),
        apology: Some(apology(pen, material)),
        caption: Some(caption.for_caption()),
        keyboard: Some(shelf::keys(pen, keys)),
        silent: false,
    }
}

/// The button that shares a link to a material.
pub fn share(pen: Pen<'_>, material: MaterialId) -> Button {
    let link = pen.deep_link(&format!("f_{material}"));
    Button::url(pen.text("button-share"), share_url(&link, &pen.text("share-text")))
}

/// How it looks, before it is fetched.
pub fn preview(pen: Pen<'_>, material: &Material, preview: &PreviewRef) -> Outgoing {
    let texts = &pen.presenter.texts;
    let caption = caption(texts, pen.reader.lang, material);
    let fetch = pen.button("button-fetch", Action::Deliver { material: material.id });
    let sorry = caption.clone().newline().text(pen.text("preview-gone"));
    Outgoing::File {
        class: FileClass::Photo,
        file_id: preview.file_id.clone(),
        copy: Some(StoredCopy {
            hash: preview.hash.clone(),
            name: "preview.jpg".to_owned(),
            owner: CopyOwner::Preview(preview.content.clone()),
        }),
        apology: Some(sorry.for_text()),
        caption: Some(caption.for_caption()),
        keyboard: Some(Keyboard::new().row([fetch])),
        silent: false,
    }
}

fn stored_copy(material: &Material) -> Option<StoredCopy> {
    Some(StoredCopy {
        hash: material.hash.clone()?,
        name: file_name(material),
        owner: CopyOwner::Material(material.id),
    })
}

/// The sender's name of the file, or one made of its title.
fn file_name(material: &Material) -> String {
    let given = material.file.name.as_deref().and_then(|it| clean_line(it, COPY_NAME_MAX_CHARS));
    let named = given.or_else(|| clean_line(&material.title, COPY_NAME_MAX_CHARS));
    // What follows a slash would be all that the receiver sees.
    named.unwrap_or_else(|| material.id.to_string()).replace(['/', '\\'], "_")
}

fn apology(pen: Pen<'_>, material: &Material) -> Markup {
    let html = Html::new().text(kind_sign(material.kind)).text(" ").bold(&material.title);
    html.newline().text(pen.text("file-gone")).for_text()
}

/// A result of inline mode: the cached file, or a way to it while Telegram never had it.
pub fn inline(presenter: &Presenter, lang: Lang, material: &Material) -> InlineResult {
    let texts = &presenter.texts;
    if material.file.file_id.is_empty() {
        let link = presenter.deep_link(&format!("f_{}", material.id));
        let fetch = Button::url(texts.get(lang, "button-fetch", &[]), link);
        return InlineResult::Article {
            id: material.id.to_string(),
            title: label(&format!("{} {}", kind_sign(material.kind), material.title)),
            description: Some(measures(texts, lang, material)),
            html: caption(texts, lang, material).for_text(),
            keyboard: Some(Keyboard::new().row([fetch])),
        };
    }
    InlineResult::File {
        id: material.id.to_string(),
        // Inline mode knows no round videos; as a document the file can still be sent.
        class: match material.file.class {
            FileClass::VideoNote => FileClass::Document,
            class => class,
        },
        file_id: material.file.file_id.clone(),
        title: label(&format!("{} {}", kind_sign(material.kind), material.title)),
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
