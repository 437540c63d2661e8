//! Who did what, for owners.

use super::desk::turns;
use super::{Pen, Shown};
use crate::domain::audit::{AuditAction, AuditEntry, AuditSubject, COMMAND_LINE, ERASED};
use crate::domain::button::{Action, Field};
use crate::domain::desk::{AuditPage, DeskAct};
use crate::domain::html::Html;
use crate::domain::material::StudyLanguage;
use crate::domain::outgoing::Keyboard;
use crate::views::format::{language_key, shorten};

/// Characters of a value that are shown.
const VALUE_CHARS: usize = 60;

/// A page of it.
pub fn page(pen: Pen<'_>, page: &AuditPage) -> Shown {
    let key = if page.entries.is_empty() { "audit-empty" } else { "audit-header" };
    let mut html = Html::new().bold(pen.text(key));
    for entry in &page.entries {
        html = html.newline().newline().append(line(pen, page, entry));
    }
    let show = |subject, before| Action::Desk(DeskAct::Audit { subject, before });
    let filter = |key: &str, subject| {
        let mark = if subject == page.subject { "✓ " } else { "" };
        pen.labelled(format!("{mark}{}", pen.text(key)), show(subject, None))
    };
    let last = page.entries.last().filter(|_| page.has_more);
    let next = last.map(|last| show(page.subject, Some(last.id)));
    let [material, section, person, broadcast, report, alert, job, program] = AuditSubject::ALL;
    let keyboard = Keyboard::new()
        .row(turns(pen, page.is_first, show(page.subject, None), next))
        .row([
            filter("audit-all", None),
            filter("audit-materials", Some(material)),
            filter("audit-sections", Some(section)),
        ])
        .row([
            filter("audit-people", Some(person)),
            filter("audit-broadcasts", Some(broadcast)),
            filter("audit-reports", Some(report)),
            filter("audit-alerts", Some(alert)),
        ])
        .row([filter("audit-jobs", Some(job)), filter("audit-program", Some(program))])
        .row([pen.button("button-menu", Action::Menu)]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

fn line(pen: Pen<'_>, page: &AuditPage, entry: &AuditEntry) -> Html {
    let note = &entry.note;
    let is_erased = note.action.subject() == AuditSubject::Person && note.subject == ERASED.0;
    let unnamed =
        || if is_erased { pen.text("audit-erased") } else { format!("№ {}", note.subject) };
    let name = entry.subject_name.clone().or_else(|| note.details.target.clone());
    let name = name.filter(|name| !name.is_empty()).unwrap_or_else(unnamed);
    let mut html = Html::new().text(pen.text(action_key(note.action))).text(": ").bold(name);
    if let Some(change) = change(pen, page, entry) {
        html = html.newline().foreign(change);
    }
    let at = entry.at.format("%d.%m.%Y %H:%M UTC");
    let actor = match (&entry.actor_name, note.actor) {
        (_, COMMAND_LINE) => pen.text("audit-command-line"),
        (_, ERASED) => pen.text("audit-erased"),
        (Some(name), id) if !name.is_empty() => format!("{name} ({id})"),
        (_, id) => id.to_string(),
    };
    html.newline().italic(format!("{actor} · {at}"))
}

/// What was there before, and since.
fn change(pen: Pen<'_>, page: &AuditPage, entry: &AuditEntry) -> Option<String> {
    let details = &entry.note.details;
    if details.before.is_none() && details.after.is_none() {
        return None;
    }
    let field = details.field.as_deref().and_then(Field::from_name);
    let side = |value: &Option<String>| match value {
        Some(value) => shorten(&shown(pen, page, entry.note.action, field, value), VALUE_CHARS),
        None => pen.text("review-none"),
    };
    let (before, after) = (side(&details.before), side(&details.after));
    let label = field.map(|field| format!("{}: ", pen.text(field_key(field)))).unwrap_or_default();
    Some(if details.before.is_none() && field.is_none() {
        format!("{label}→ {after}")
    } else {
        format!("{label}{before} → {after}")
    })
}

/// A value as people know it.
fn shown(
    pen: Pen<'_>,
    page: &AuditPage,
    action: AuditAction,
    field: Option<Field>,
    value: &str,
) -> String {
    let is_section = matches!(action, AuditAction::MoveSection | AuditAction::MergeSection)
        || field == Some(Field::Category);
    if is_section {
        let names = || page.sections.iter().find(|(id, _)| id.to_string() == value);
        return names().map_or_else(|| format!("№ {value}"), |(_, title)| title.clone());
    }
    match field {
        Some(Field::Language) => StudyLanguage::from_code(value)
            .map_or_else(|| value.to_owned(), |language| pen.text(language_key(language))),
        _ => value.to_owned(),
    }
}

const fn field_key(field: Field) -> &'static str {
    match field {
        Field::Title => "review-name",
        Field::Category => "review-category",
        Field::Level => "review-level",
        Field::Language => "review-language",
        Field::Tags => "review-tags",
    }
}

const fn action_key(action: AuditAction) -> &'static str {
    match action {
        AuditAction::Publish => "audit-publish",
        AuditAction::Edit => "audit-edit",
        AuditAction::Archive => "audit-archive",
        AuditAction::Restore => "audit-restore",
        AuditAction::Undo => "audit-undo",
        AuditAction::Replace => "audit-replace",
        AuditAction::CreateSection => "audit-create-section",
        AuditAction::RenameSection => "audit-rename-section",
        AuditAction::MoveSection => "audit-move-section",
        AuditAction::MergeSection => "audit-merge-section",
        AuditAction::DeleteSection => "audit-delete-section",
        AuditAction::SetRole => "audit-set-role",
        AuditAction::Ban => "audit-ban",
        AuditAction::Unban => "audit-unban",
        AuditAction::CreateBroadcast => "audit-create-broadcast",
        AuditAction::ControlBroadcast => "audit-control-broadcast",
        AuditAction::SetSeries => "audit-set-series",
        AuditAction::SettleReport => "audit-settle-report",
        AuditAction::AckAlert => "audit-ack-alert",
        AuditAction::SilenceAlert => "audit-silence-alert",
        AuditAction::EndSilence => "audit-end-silence",
        AuditAction::ControlJob => "audit-control-job",
        AuditAction::ControlQueue => "audit-control-queue",
        AuditAction::ControlProgram => "audit-control-program",
    }
}
