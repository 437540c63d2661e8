//! What is kept of the reader: the register, a copy, and the way out.

use super::{Pen, Shown};
use crate::domain::button::Action;
use crate::domain::event::FileClass;
use crate::domain::html::Html;
use crate::domain::outgoing::{Keyboard, Outgoing, StoredCopy};
use crate::domain::privacy::{About, Kept, PrivacyAct, PrivacyView, REGISTER};
use crate::domain::role::Role;

/// A view.
pub fn view(pen: Pen<'_>, view: PrivacyView) -> Shown {
    match view {
        PrivacyView::Register => register(pen),
        PrivacyView::AskErase { asked_s, is_last_admin, is_stored_owner } => {
            ask(pen, asked_s, is_last_admin, is_stored_owner)
        }
        PrivacyView::Exporting => plain(pen, "privacy-exporting"),
        PrivacyView::TooOften => plain(pen, "privacy-too-often"),
        PrivacyView::NoCopy => plain(pen, "privacy-no-copy"),
        PrivacyView::UnderWay => plain(pen, "privacy-under-way"),
        PrivacyView::TooLate => plain(pen, "privacy-too-late"),
        PrivacyView::Erasing => plain(pen, "privacy-erasing"),
        PrivacyView::Kept => plain(pen, "privacy-kept"),
        PrivacyView::Erased => plain(pen, "privacy-erased"),
    }
}

fn plain(pen: Pen<'_>, key: &str) -> Shown {
    Shown { html: Html::new().text(pen.text(key)).for_text(), keyboard: None }
}

/// Each sort of data with how long it is kept, as the register says.
fn register(pen: Pen<'_>) -> Shown {
    let mut html = Html::new().bold(pen.text("privacy-head")).newline();
    for about in About::ALL {
        let kept = REGISTER.iter().filter(|entry| entry.about == about).map(|entry| entry.kept);
        // What is kept longest of a sort is what counts.
        let key = match kept.min() {
            Some(Kept::UntilErased) => "privacy-until-erased",
            Some(Kept::Days) => "privacy-for-days",
            None => continue,
        };
        html = html.newline().text("• ").text(pen.text(about.text_key()));
        html = html.text(" ").italic(pen.text(key));
    }
    html = html.newline().newline().text(pen.text("privacy-rules"));
    let act = |key, act| pen.button(key, Action::Privacy(act));
    let keyboard = Keyboard::new()
        .row([act("button-my-data", PrivacyAct::Export)])
        .row([act("button-delete-my-data", PrivacyAct::AskErase)])
        .row([pen.button("button-menu", Action::Menu)]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

fn ask(pen: Pen<'_>, asked_s: i64, is_last_admin: bool, is_stored_owner: bool) -> Shown {
    let mut html = Html::new().bold(pen.text("privacy-ask")).newline().newline();
    html = html.text(pen.text("privacy-ask-what"));
    // Whom the configuration names is an owner whatever the database says.
    let is_configured = pen.reader.role == Role::Owner && !is_stored_owner;
    let notes = [
        (pen.reader.role.can_edit(), "privacy-ask-editor"),
        (is_configured, "privacy-ask-owner"),
        (is_last_admin && !is_configured, "privacy-ask-last-admin"),
    ];
    for (applies, key) in notes {
        if applies {
            html = html.newline().newline().text(pen.text(key));
        }
    }
    html = html.newline().newline().italic(pen.text("privacy-ask-within"));
    let act = |key, act| pen.button(key, Action::Privacy(act));
    let keyboard = Keyboard::new()
        .row([act("button-erase", PrivacyAct::Erase { asked_s })])
        .row([act("button-keep", PrivacyAct::Keep)]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

/// A copy of the reader's data.
pub fn copy(pen: Pen<'_>, copy: StoredCopy) -> Outgoing {
    Outgoing::File {
        class: FileClass::Document,
        file_id: String::new(),
        copy: Some(copy),
        apology: Some(Html::new().text(pen.text("privacy-no-copy")).for_text()),
        caption: Some(Html::new().text(pen.text("privacy-copy")).for_caption()),
        keyboard: None,
        silent: false,
    }
}
