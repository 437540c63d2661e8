//! `export_person`: a person gets a copy of all that is kept of them, as a JSON file.
//!
//! What is in it stands in the register of `domain::privacy`; each table is written as it is read.
//! The file lies among the blobs, where nothing names it, until it has left: then the job that this
//! one leaves behind removes it, together with the message's row. Should that fail, the sweep does.
//!
//! Invariant: the file is durable before the message is committed, together with the job's end.

use std::io::Write as _;

use super::super::attempt::Attempt;
use super::super::error::{Cause, JobError};
use super::hashed::{Hashed, blocking};
use super::letters::{alone, finish_briefly, message, ring, shown};
use crate::domain::effect::View;
use crate::domain::outgoing::{CopyOwner, StoredCopy};
use crate::domain::privacy::{Personal, PrivacyView, REGISTER, Subject};
use crate::library::blobs::AttemptId;
use crate::store::records::{JobEnd, OutboxClass};
use crate::views::Reader;

/// Rows of one table: more is nobody's.
const ROWS_MAX: i64 = 50_000;

/// Writes the copy and sends it.
pub(in crate::jobs) async fn run(attempt: &Attempt, of: Subject) -> Result<(), JobError> {
    let parts = &attempt.shop.parts;
    let reader = reader(attempt, of).await?;
    let id = AttemptId { job: attempt.job.0, token: attempt.token };
    let blobs = parts.blobs.clone();
    let (temp, mut file) = blocking(move || Hashed::create(&blobs, id)).await?;
    let mut before = format!("{{\"made_at\": \"{}\",\n\"data\": [", reader.now.to_rfc3339());
    for entry in REGISTER.iter().filter(|entry| !entry.shown.is_empty()) {
        let rows = parts.db.personal_rows(*entry, of.user, ROWS_MAX).await?;
        if rows.is_empty() {
            continue;
        }
        let head = head(entry, &parts.presenter.about(reader.lang, entry.about))?;
        let begin = std::mem::replace(&mut before, ",".to_owned());
        file = blocking(move || {
            write!(file, "{begin}\n{head}\n  {}\n]}}", rows.join(",\n  "))?;
            Ok(file)
        })
        .await?;
    }
    let (hash, _) = blocking(move || {
        // Of somebody who is not known at all there is nothing.
        let begin = if before == "," { "" } else { before.as_str() };
        write!(file, "{begin}\n]}}\n")?;
        file.finish()
    })
    .await?;
    parts.blobs.commit(temp, &hash).await?;
    let copy = StoredCopy {
        hash: hash.to_string(),
        name: "my-data.json".to_owned(),
        owner: CopyOwner::Nobody,
    };
    let outgoing = parts.presenter.personal_copy(reader, copy);
    finish_briefly(attempt, message(attempt, reader, OutboxClass::Reply, &outgoing)?).await
}

/// Says that it has not worked.
pub(in crate::jobs) async fn give_up(
    attempt: &Attempt,
    of: Subject,
    end: JobEnd,
) -> Result<(), JobError> {
    let parts = &attempt.shop.parts;
    let reader = reader(attempt, of).await?;
    let view = View::Privacy(PrivacyView::NoCopy);
    let message = shown(attempt, reader, OutboxClass::Reply, &view)?;
    let job = (attempt.job, attempt.token);
    parts.db.job_give_up(job, end, vec![message], parts.clock.now()).await?;
    ring(attempt);
    Ok(())
}

async fn reader(attempt: &Attempt, of: Subject) -> Result<Reader, JobError> {
    let person = attempt.shop.parts.db.user_get(of.user).await?;
    Ok(alone(attempt, of.user, person.map(|person| person.lang).unwrap_or_default()))
}

/// The beginning of a table.
fn head(entry: &Personal, what: &str) -> Result<String, JobError> {
    let what = serde_json::to_string(what).map_err(|it| JobError::Fail(Cause::Message(it)))?;
    Ok(format!("{{\"table\": \"{}\", \"what\": {what}, \"rows\": [", entry.table))
}
