//! Short answers.

use super::format;
use super::texts::Value;
use super::{Pen, Shown, broadcast, desk, replace, shelf};
use crate::domain::button::{Action, BulkAct};
use crate::domain::effect::Notice;
use crate::domain::html::Html;
use crate::domain::ids::MaterialId;
use crate::domain::inspection::Rejection;
use crate::domain::outgoing::Keyboard;
use crate::views::results::wide;

/// A short answer, with the button that helps further.
pub fn notice(pen: Pen<'_>, notice: &Notice) -> Shown {
    let text = text(pen, notice);
    let keyboard = match notice {
        Notice::Published { material, .. } | Notice::Duplicate { material, .. } => {
            Some(open(pen, *material))
        }
        Notice::UnknownCommand
        | Notice::EmptyQuery
        | Notice::QueryForgotten
        | Notice::CannotRead
        | Notice::MaterialGone
        | Notice::DialogLost => {
            Some(Keyboard::new().row([pen.button("button-menu", Action::Menu)]))
        }
        Notice::BulkUnfinished { batch, .. } => {
            let resume = Action::Bulk { batch: *batch, act: BulkAct::Resume };
            Some(Keyboard::new().row([pen.button("button-bulk-continue", resume)]))
        }
        Notice::Broadcast(notice) => broadcast::notice(pen, *notice).1,
        Notice::Shelf(notice) => shelf::notice(pen, notice).1,
        _ => None,
    };
    Shown { html: Html::new().text(text).for_text(), keyboard }
}

/// A button that sends the material.
pub fn open(pen: Pen<'_>, material: MaterialId) -> Keyboard {
    Keyboard::new().row([pen.button("button-open", Action::Deliver { material })])
}

fn text(pen: Pen<'_>, notice: &Notice) -> String {
    let titled = |key, title: &str| pen.fill(key, &[("title", Value::Text(title))]);
    match notice {
        Notice::UnknownCommand => pen.text("notice-unknown-command"),
        Notice::Desk(notice) => desk::notice(pen, *notice),
        Notice::EmptyQuery => pen.text("notice-empty-query"),
        Notice::QueryForgotten => pen.text("notice-query-forgotten"),
        Notice::CannotRead => pen.text("notice-cannot-read"),
        Notice::FiguresForAdmins => pen.text("stats-admins-only"),
        Notice::AlertsForAdmins => pen.text("alert-admins-only"),
        Notice::DashboardForStaff => pen.text("dashboard-staff-only"),
        Notice::ShutOut => pen.text("shut-out"),
        Notice::PeopleForAdmins => pen.text("people-admins-only"),
        Notice::JobsForAdmins => pen.text("jobs-admins-only"),
        Notice::RolesForOwners => pen.text("roles-owners-only"),
        Notice::OwnerNow => pen.text("owner-now"),
        Notice::OwnerAlready => pen.text("owner-already"),
        Notice::OwnerCodeUnknown => pen.text("owner-code-unknown"),
        Notice::EditorsOnly => pen.text("notice-editors-only"),
        Notice::NotByOwnHand => pen.text("notice-own-hand"),
        Notice::HowToUpload => pen.text("notice-how-to-upload"),
        Notice::NothingToCancel => pen.text("notice-nothing-to-cancel"),
        Notice::UploadCancelled => pen.text("notice-upload-cancelled"),
        Notice::DraftSaved { title } => titled("notice-draft-saved", title),
        Notice::PublishWaiting { title } => titled("notice-publish-waiting", title),
        Notice::Published { title, .. } => titled("notice-published", title),
        Notice::Duplicate { title, .. } => titled("notice-duplicate", title),
        Notice::Refused(reason) => pen.text(refusal_key(*reason)),
        Notice::TooLarge { limit } => {
            let limit = format::size(&pen.presenter.texts, pen.reader.lang, *limit);
            pen.fill("notice-too-large", &[("limit", Value::Text(&limit))])
        }
        Notice::Queued { name, waiting } => {
            let waiting = Value::Number(wide(*waiting));
            pen.fill("notice-queued", &[("name", Value::Text(name)), ("waiting", waiting)])
        }
        Notice::QueueFull => pen.text("notice-queue-full"),
        Notice::MaterialGone => pen.text("notice-material-gone"),
        Notice::UploadOver => pen.text("notice-upload-over"),
        Notice::DialogLost => pen.text("notice-dialog-lost"),
        Notice::Apology { support_id } => {
            pen.fill("notice-apology", &[("id", Value::Text(&support_id.to_string()))])
        }
        Notice::TooMuch => pen.text("notice-too-much"),
        Notice::LanguageSet => pen.text("notice-language-set"),
        Notice::InBatch => pen.text("notice-in-batch"),
        Notice::BulkUnfinished { files, .. } => {
            pen.fill("notice-bulk-unfinished", &[("count", Value::Number(u64::from(*files)))])
        }
        Notice::BulkCancelled { files } => {
            pen.fill("bulk-head-cancelled", &[("count", Value::Number(wide(*files)))])
        }
        Notice::FinishFirst => pen.text("notice-finish-first"),
        Notice::Replace(notice) => replace::notice(pen, notice),
        Notice::Broadcast(notice) => broadcast::notice(pen, *notice).0,
        Notice::Shelf(notice) => shelf::notice(pen, notice).0,
    }
}

/// The key of a rejection's reason.
pub const fn refusal_key(reason: Rejection) -> &'static str {
    match reason {
        Rejection::Empty => "refused-empty",
        Rejection::TooLarge => "refused-too-large",
        Rejection::Encrypted => "refused-encrypted",
        Rejection::Broken => "refused-broken",
        Rejection::Mislabelled => "refused-mislabelled",
        Rejection::Hostile => "refused-hostile",
        Rejection::Unavailable => "refused-unavailable",
        Rejection::NoSpace => "refused-no-space",
        Rejection::Failed => "card-failed",
    }
}
