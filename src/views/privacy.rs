//! What is kept of the reader: the register, a copy, and the way out.

use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::button::Action;
use crate::domain::event::FileClass;
use crate::domain::html::Html;
use crate::domain::outgoing::{Keyboard, Outgoing, StoredCopy};
use crate::domain::privacy::{About, Kept, PrivacyAct, PrivacyView};
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
        let number = |days: u32| Value::Number(u64::from(days));
        let kept = match Kept::days_of(about, &pen.presenter.terms) {
            None => pen.text("privacy-until-erased"),
            Some((from, to)) if from == to => pen.fill("privacy-days", &[("days", number(to))]),
            Some((from, to)) => {
                pen.fill("privacy-days-between", &[("from", number(from)), ("days", number(to))])
            }
        };
        html = html.newline().text("• ").text(pen.text(about.text_key()));
        html = html.text(" ").italic(kept);
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

#[cfg(test)]
mod tests {
    use crate::domain::button::{Holder, Signer};
    use crate::domain::clock::Timestamp;
    use crate::domain::effect::View;
    use crate::domain::ids::{ChatId, UserId};
    use crate::domain::lang::Lang;
    use crate::domain::retention::{Term, Terms};
    use crate::views::{Presenter, Reader};

    use super::*;

    fn register(presenter: &Presenter, lang: Lang) -> String {
        let holder = Holder { chat: ChatId(7), user: UserId(7) };
        let reader = Reader { lang, role: Role::Learner, holder, now: Timestamp::UNIX_EPOCH };
        let shown = presenter.show(reader, &View::Privacy(PrivacyView::Register));
        shown.html.as_str().to_owned()
    }

    #[test]
    fn each_sort_is_told_with_its_terms() {
        let presenter = Presenter::new(Signer::new([1; 32], 42, 90), "prime_bot".to_owned());
        let odd = presenter.keeping(Terms::of(|term| match term {
            Term::Letters => 17 * 86_400,
            _ => 86_400,
        }));
        for lang in Lang::ALL {
            let text = register(&presenter, lang);
            let lines: Vec<&str> = text.lines().filter(|line| line.starts_with('•')).collect();
            assert_eq!(lines.len(), About::ALL.len(), "{text}");
            for (about, line) in About::ALL.into_iter().zip(lines) {
                let (what, kept) = line.split_once(" <i>").expect(line);
                assert!(what.len() > 10 && !what.contains("privacy-"), "{line}");
                let is_by_days = Kept::days_of(about, &Terms::default()).is_some();
                let has_number = kept.contains(|it: char| it.is_ascii_digit());
                assert!(kept.len() > 5 && has_number == is_by_days, "{line}");
            }
            assert!(register(&odd, lang).contains("17"), "by the settings of now");
        }
    }
}
