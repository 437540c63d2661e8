//! Who did what, from the first day on, for owners: `/api/v1/audit`, which the page `audit.html` reads.
//!
//! Invariants: it is read, never written; names are those of now, and hostile text; of somebody who
//! was erased there is neither number nor name.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::caller::Caller;
use super::wording::{TITLE_CHARS, shorten, wire_name};
use super::{Dashboard, refused};
use crate::domain::audit::{
    AuditAction, AuditEntry, AuditRequest, AuditSubject, COMMAND_LINE, ERASED,
};
use crate::domain::dashboard::Rank;
use crate::domain::ids::UserId;

/// Entries of a page.
const PAGE: usize = 50;

/// Longest wait for the database.
const READ_WITHIN: Duration = Duration::from_secs(3);

/// Characters of a value.
const VALUE_CHARS: usize = 200;

/// Which entries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Only what was done to such.
    subject: Option<String>,
    /// Only this action.
    action: Option<String>,
    /// Only by this person; 0 is the command line.
    actor: Option<i64>,
    /// Only before this entry.
    before: Option<i64>,
}

/// An entry, as the page shows it.
#[derive(Debug, Serialize)]
struct Line {
    id: i64,
    at: i64,
    /// Their first name; empty where there is none.
    who: String,
    /// Their number: 0 for the command line, none for whoever was erased.
    person: Option<i64>,
    action: String,
    subject: &'static str,
    /// None for a person who was erased.
    number: Option<i64>,
    target: String,
    field: String,
    before: Option<String>,
    after: Option<String>,
    via: String,
}

impl Asked {
    /// The request for a page and one entry more; none for what there is not.
    fn request(&self) -> Option<AuditRequest> {
        let subject = match self.subject.as_deref() {
            Some(name) => Some(AuditSubject::from_name(name)?),
            None => None,
        };
        let action = match self.action.as_deref() {
            Some(name) => Some(AuditAction::from_name(name)?),
            None => None,
        };
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX).saturating_add(1);
        let actor = self.actor.map(UserId);
        Some(AuditRequest { subject, action, actor, before: self.before, limit })
    }
}

/// A page of it.
pub async fn audit(request: HttpRequest, dashboard: web::Data<Dashboard>) -> HttpResponse {
    match dashboard.caller(&request).await {
        Ok(Caller::Member(member, _)) if member.rank >= Rank::Owner => {}
        Ok(_) => return refused(StatusCode::FORBIDDEN, "role"),
        Err(refusal) => return refusal.into_response(),
    }
    let asked = web::Query::<Asked>::from_query(request.query_string());
    let Some(asked) = asked.ok().and_then(|asked| asked.request()) else {
        return refused(StatusCode::BAD_REQUEST, "filter");
    };
    let db = dashboard.parts.db.clone();
    let reading =
        dashboard.parts.work.spawn(async move { timeout(READ_WITHIN, db.audit_list(asked)).await });
    let Ok(Ok(Ok(mut entries))) = reading.await else {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "database");
    };
    let has_more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let next = entries.last().filter(|_| has_more).map(|last| last.id);
    let lines: Vec<Line> = entries.into_iter().map(line).collect();
    HttpResponse::Ok().json(serde_json::json!({ "lines": lines, "next": next }))
}

fn line(entry: AuditEntry) -> Line {
    let AuditEntry { id, at, note, actor_name, subject_name } = entry;
    let details = note.details;
    let is_person = note.action.subject() == AuditSubject::Person;
    let via = match (details.via, note.actor) {
        (Some(via), _) => via,
        (None, COMMAND_LINE) => "cli".to_owned(),
        (None, _) => "bot".to_owned(),
    };
    let cut = |text: String| shorten(&text, VALUE_CHARS);
    let action = wire_name(note.action, details.after.as_deref());
    // Some say what was done in what came of it.
    let after = details.after.filter(|after| *after != action);
    let target = details.target.or(subject_name).unwrap_or_default();
    Line {
        id,
        at: at.timestamp_millis(),
        who: shorten(&actor_name.unwrap_or_default(), TITLE_CHARS),
        person: (note.actor != ERASED).then_some(note.actor.0),
        action,
        subject: note.action.subject().name(),
        number: (!is_person || note.subject != ERASED.0).then_some(note.subject),
        target: shorten(&target, TITLE_CHARS),
        field: details.field.unwrap_or_default(),
        before: details.before.map(cut),
        after: after.map(cut),
        via,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::AuditNote;
    use crate::domain::clock::Timestamp;

    fn asked(query: &str) -> Option<AuditRequest> {
        web::Query::<Asked>::from_query(query).ok().and_then(|asked| asked.request())
    }

    #[test]
    fn what_is_asked_is_a_filter_or_refused() {
        assert_eq!(asked(""), Some(AuditRequest { limit: 51, ..AuditRequest::default() }));
        let all = asked("subject=person&action=set_role&actor=0&before=9").unwrap();
        assert_eq!(all.subject, Some(AuditSubject::Person));
        assert_eq!(all.action, Some(AuditAction::SetRole));
        assert_eq!((all.actor, all.before), (Some(COMMAND_LINE), Some(9)));
        for none in ["subject=x", "action=", "actor=a", "before=1.5", "limit=9", "actor=1&actor=2"]
        {
            assert_eq!(asked(none), None, "{none}");
        }
    }

    #[test]
    fn the_page_can_ask_for_all_there_is_and_has_a_word_for_it() {
        const PAGE: &str = include_str!("page/audit.js");
        const WORDS: &str = include_str!("page/words.js");
        for action in AuditAction::ALL {
            let name = action.name();
            assert!(PAGE.contains(&format!("'{name}'")), "audit.js lacks {name}");
            let word = format!("did_{name}:");
            assert!(WORDS.contains(&word), "words.js lacks {word}");
        }
        for subject in AuditSubject::ALL {
            let name = subject.name();
            assert!(PAGE.contains(&format!("'{name}'")), "audit.js lacks {name}");
            let word = format!("audit_of_{name}:");
            assert!(WORDS.contains(&word), "words.js lacks {word}");
        }
    }

    #[test]
    fn of_who_was_erased_neither_number_nor_name_is_shown() {
        let entry = |actor, subject| AuditEntry {
            id: 1,
            at: Timestamp::UNIX_EPOCH,
            note: AuditNote::plain(actor, AuditAction::SetRole, subject),
            actor_name: None,
            subject_name: None,
        };
        let shown = line(entry(ERASED, ERASED.0));
        assert_eq!((shown.person, shown.number, shown.who.as_str()), (None, None, ""));
        let shown = line(entry(COMMAND_LINE, 7));
        assert_eq!((shown.person, shown.number, shown.via.as_str()), (Some(0), Some(7), "cli"));
    }
}
