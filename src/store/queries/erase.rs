//! Forgets a person: by the register of `domain::privacy`, and by own statements where rows must
//! stay.
//!
//! - The ledger keeps its rows, without text and chat: Telegram may send an update again.
//! - A recipient without an outcome counts as blocked, in the counters and in the same transaction,
//!   as if the person had left; then the row goes. At every commit the sum of G7
//!   (`delivered + blocked + failed + in_doubt + pending = filled`) holds as before, as the counters
//!   say what the rows said. A runner that holds the recipient in memory may still send; what it
//!   writes of that finds no row, and changes nothing. The progress is taken first, as everywhere.
//! - What was published stays in the library and names nobody; what was not is thrown away, with
//!   what its editor wrote of it.
//! - The audit stays as it is, to the byte: what leads from it to the person is deleted.
//! - A request that others ask for, too, keeps its words in the form that is the same for all.
//!
//! Invariant: every statement may run twice. The job's own row, which names the person, goes last,
//! in the transaction that enqueues the last word; what remains after that names a message alone.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql as own};
pub use super::belongings::{
    belongings, contents_erase, file_is_to_leave, files_come_in, index_drop_deleted,
};
use super::{editions, fall, jobs, outbox, personal};
use crate::domain::clock::Timestamp;
use crate::domain::effect::NewJob;
use crate::domain::ids::{BroadcastId, ChatId, JobId, OutboxId, UserId};
use crate::domain::lang::Lang;
use crate::domain::privacy::{Erasure, REGISTER};
use crate::domain::session::SessionKey;
use crate::domain::statistics::{ASKERS_MIN, searched_words};
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{ErasedSlice, ForgottenRecipient, NewOutbox};
use crate::store::rows::{IdRow, KeyRow, NumberRow, OptionalNumberRow, TextRow};
use crate::store::schema::search_days;
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Erases a person's rows but the ledger's, the outbox's and those of recipients; gives the dialogs
/// that were among them.
pub async fn person_erase(
    connection: &mut Conn,
    job: (JobId, i64),
    user: UserId,
    now: Timestamp,
) -> StoreResult<Vec<SessionKey>> {
    note_lang(connection, job, user).await?;
    let keys: Vec<KeyRow> = Statement::new(
        "SELECT chat_id AS chat, user_id AS person, thread_id AS thread
         FROM sessions WHERE user_id = {}
         UNION SELECT chat_id, user_id, thread_id FROM sessions WHERE chat_id = {}",
    )
    .long(user.0)
    .long(user.0)
    .load(connection)
    .await?;
    requests(connection, user).await?;
    searches(connection, user).await?;
    uploads(connection, user).await?;
    letters(connection, user, now).await?;
    work(connection, job.0, user).await?;
    // Of the job that forgets, not of the person: nobody can tell whose it was.
    let nobody = job.0.0.saturating_abs().saturating_neg();
    for entry in REGISTER {
        match entry.erasure {
            Erasure::Delete => {
                let mut conditions = vec![personal::theirs(entry, user)];
                let others = entry.person.iter().skip(1);
                conditions.extend(others.map(|column| format!("{column} = {user}")));
                let condition = conditions.join(" OR ");
                let query = format!("DELETE FROM {} WHERE {condition}", entry.table);
                diesel::sql_query(query).execute(connection).await?;
            }
            Erasure::Unname => {
                for column in entry.person {
                    let table = entry.table;
                    let query =
                        format!("UPDATE {table} SET {column} = {nobody} WHERE {column} = {user}");
                    diesel::sql_query(query).execute(connection).await?;
                }
            }
            Erasure::Pseudonym | Erasure::ByHand => {}
        }
    }
    Ok(keys
        .into_iter()
        .map(|key| SessionKey {
            chat: ChatId(key.chat),
            user: UserId(key.person),
            thread: key.thread,
        })
        .collect())
}

/// The language of the last word outlives the person's row; and only who holds the job erases.
async fn note_lang(connection: &mut Conn, job: (JobId, i64), user: UserId) -> StoreResult<()> {
    let held = Statement::new(
        "UPDATE jobs SET progress = COALESCE(progress, (SELECT lang FROM users WHERE id = {}))
         WHERE id = {} AND token = {} AND state = 'running'",
    )
    .long(user.0)
    .long(job.0.0)
    .long(job.1)
    .execute(connection)
    .await?;
    if held == 1 { Ok(()) } else { Err(StoreError::Conflict { what: "job lease" }) }
}

async fn requests(connection: &mut Conn, user: UserId) -> StoreResult<()> {
    let asked: Vec<IdRow> = Statement::new(
        "UPDATE requests SET demand = demand - 1, words = words_key
         WHERE id IN (SELECT request_id FROM request_askers WHERE user_id = {}) RETURNING id",
    )
    .long(user.0)
    .load(connection)
    .await?;
    Statement::new("DELETE FROM request_askers WHERE user_id = {}")
        .long(user.0)
        .execute(connection)
        .await?;
    for IdRow { id } in asked {
        Statement::new("DELETE FROM requests WHERE id = {} AND demand <= 0")
            .long(id)
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Words that may be theirs alone are not counted any more: those that too few have searched for.
async fn searches(connection: &mut Conn, user: UserId) -> StoreResult<()> {
    let asked: Vec<TextRow> = Statement::new("SELECT text FROM queries WHERE user_id = {}")
        .long(user.0)
        .load(connection)
        .await?;
    let words: BTreeSet<String> =
        asked.iter().filter_map(|row| searched_words(&row.text)).collect();
    for words in words {
        let counted: Vec<(i32, i64)> = search_days::table
            .filter(search_days::words.eq(&words))
            .select((search_days::day, search_days::askers))
            .load(connection)
            .await?;
        for (day, _) in counted.into_iter().filter(|(_, askers)| askers.count_ones() < ASKERS_MIN) {
            diesel::delete(search_days::table.find((&words, day))).execute(connection).await?;
        }
    }
    Ok(())
}

/// What learners find stays; all else is thrown away with what was written of it.
async fn uploads(connection: &mut Conn, user: UserId) -> StoreResult<()> {
    let discarded: Vec<IdRow> = Statement::new(
        "UPDATE materials SET state = 'discarded', title = '', title_terms = '', tags = '',
             tag_terms = '', suggested_title = NULL, author = NULL, file_name = NULL, hash = NULL,
             file_id = '', file_unique_id = '', declared_type = NULL,
             batch_id = NULL
         WHERE uploader_id = {} AND state IN ('open', 'draft', 'waiting', 'discarded')
         RETURNING id",
    )
    .long(user.0)
    .load(connection)
    .await?;
    for IdRow { id } in discarded {
        own::search::delete_parts(connection, id).await?;
    }
    Statement::new(
        "UPDATE materials SET uploader_id = 0, card_chat_id = NULL, card_outbox_id = NULL
         WHERE uploader_id = {}",
    )
    .long(user.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Letters that an admin has sent stay the school's; what was still to be sent of their words, or
/// is copied from their chat by whoever sent it again, is not. What is taken back goes on.
async fn letters(connection: &mut Conn, user: UserId, now: Timestamp) -> StoreResult<()> {
    let (from, nobody) = (format!("\"from\":{user},"), "\"from\":0,");
    let copied = format!("%{from}%");
    Statement::new(
        "UPDATE broadcasts SET state = 'cancelled', done_at = {}
         WHERE state IN ('scheduled', 'running', 'paused') AND (created_by = {} OR content LIKE {})
           AND content NOT LIKE {} AND content NOT LIKE {}",
    )
    .time(Time(now))
    .long(user.0)
    .text(&copied)
    .text(fall::DIGESTS)
    .text("{\"type\":\"undo\"%")
    .execute(connection)
    .await?;
    Statement::new(
        "UPDATE broadcasts SET content = replace(content, {}, {}) WHERE content LIKE {}",
    )
    .text(&from)
    .text(nobody)
    .text(&copied)
    .execute(connection)
    .await?;
    Statement::new(
        "UPDATE broadcasts SET created_by = 0, card_chat_id = NULL, card_outbox_id = NULL
         WHERE created_by = {}",
    )
    .long(user.0)
    .execute(connection)
    .await?;
    Statement::new(
        "UPDATE broadcast_series SET created_by = 0, chat_id = 0,
             ended_at = CASE WHEN content IS NULL THEN ended_at ELSE COALESCE(ended_at, {}) END,
             content = replace(content, {}, {})
         WHERE created_by = {}",
    )
    .time(Time(now))
    .text(&from)
    .text(nobody)
    .long(user.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Their background work ends. What is announced to others goes on, and reports to nobody.
async fn work(connection: &mut Conn, job: JobId, user: UserId) -> StoreResult<()> {
    let (by, nobody) = (format!("\"by\":{user}}}"), "\"by\":0}");
    Statement::new(
        "UPDATE jobs SET payload = replace(payload, {}, {}), fairness_key = 0
         WHERE kind = 'announce_edition' AND state IN ('ready', 'running') AND payload LIKE {}",
    )
    .text(&by)
    .text(nobody)
    .text(&format!("%{by}%"))
    .execute(connection)
    .await?;
    // How far a job has told people is the number of the last of them: it has come as far as those
    // before.
    let last = format!("\"after\":{user},");
    Statement::new("UPDATE jobs SET progress = replace(progress, {}, {}) WHERE progress LIKE {}")
        .text(&last)
        .text(&format!("\"after\":{},", user.0.saturating_sub(1)))
        .text(&format!("%{last}%"))
        .execute(connection)
        .await?;
    let named = |field: &str, end: char| format!("%\"{field}\":{user}{end}%");
    Statement::new(
        "DELETE FROM jobs
         WHERE id <> {}
           AND (fairness_key = {} OR payload LIKE {} OR payload LIKE {} OR payload LIKE {}
                OR payload LIKE {} OR payload LIKE {} OR payload LIKE {})",
    )
    .long(job.0)
    .long(user.0)
    .text(&named("user", ','))
    .text(&named("user", '}'))
    .text(&named("by", ','))
    .text(&named("by", '}'))
    .text(&named("chat", ','))
    .text(&named("chat", '}'))
    .execute(connection)
    .await?;
    Ok(())
}

/// The language in which a person whose data are being erased is spoken to.
pub async fn erased_lang(connection: &mut Conn, job: JobId, user: UserId) -> StoreResult<Lang> {
    let row: Option<TextRow> = Statement::new(
        "SELECT COALESCE(progress, (SELECT lang FROM users WHERE id = {}), '') AS text
         FROM jobs WHERE id = {}",
    )
    .long(user.0)
    .long(job.0)
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.and_then(|row| Lang::from_tag(&row.text)).unwrap_or_default())
}

/// Forgets a person in the next slice of the ledger; gives the updates that named them. What they
/// wrote in a group stands among the group's.
pub async fn updates_erase(
    connection: &mut Conn,
    user: UserId,
    after: i64,
    limit: i64,
    now: Timestamp,
) -> StoreResult<ErasedSlice> {
    let end: OptionalNumberRow = Statement::new(
        "SELECT max(seq) AS number
         FROM (SELECT seq FROM updates WHERE seq > {} ORDER BY seq LIMIT {} + 0) slice",
    )
    .long(after)
    .long(limit)
    .get_result(connection)
    .await?;
    let Some(end) = end.number else { return Ok(ErasedSlice::default()) };
    // `"id":5` of a person, `"user_id":5` of a contact; some write a space.
    let mention = |space: &str, end: char| format!("%id\":{space}{user}{end}%");
    let mentions = [mention("", ','), mention("", '}'), mention(" ", ','), mention(" ", '}')];
    let [comma, brace, spaced_comma, spaced_brace] = &mentions;
    let raws: Vec<TextRow> = Statement::new(
        "SELECT raw AS text FROM updates
         WHERE seq > {} AND seq <= {} AND state <> 'new' AND raw <> ''
           AND (raw LIKE {} OR raw LIKE {} OR raw LIKE {} OR raw LIKE {})",
    )
    .long(after)
    .long(end)
    .text(comma)
    .text(brace)
    .text(spaced_comma)
    .text(spaced_brace)
    .load(connection)
    .await?;
    Statement::new(
        "UPDATE updates SET raw = '', last_error = NULL, chat_key = 0, state = 'done',
             done_at = COALESCE(done_at, {})
         WHERE seq > {} AND seq <= {} AND chat_key = {} AND state <> 'new'",
    )
    .time(Time(now))
    .long(after)
    .long(end)
    .long(user.0)
    .execute(connection)
    .await?;
    Statement::new(
        "UPDATE updates SET raw = ''
         WHERE seq > {} AND seq <= {} AND state <> 'new'
           AND (raw LIKE {} OR raw LIKE {} OR raw LIKE {} OR raw LIKE {})",
    )
    .long(after)
    .long(end)
    .text(comma)
    .text(brace)
    .text(spaced_comma)
    .text(spaced_brace)
    .execute(connection)
    .await?;
    let texts = raws.into_iter().map(|row| row.text).collect();
    Ok(ErasedSlice { next: Some(end), texts })
}

/// Forgets what was sent to a chat, in the next slice of the outbox, up to a message. What is still to leave is part
/// of the present conversation, but for what the bot says by its own accord.
pub async fn outbox_erase(
    connection: &mut Conn,
    chat: ChatId,
    (after, until): (i64, OutboxId),
    limit: i64,
) -> StoreResult<ErasedSlice> {
    let end: OptionalNumberRow = Statement::new(
        "SELECT max(id) AS number
         FROM (SELECT id FROM outbox WHERE id > {} AND id < {} ORDER BY id LIMIT {} + 0) slice",
    )
    .long(after)
    .long(until.0)
    .long(limit)
    .get_result(connection)
    .await?;
    let Some(end) = end.number else { return Ok(ErasedSlice::default()) };
    let gone: Vec<TextRow> = Statement::new(
        "DELETE FROM outbox
         WHERE id > {} AND id <= {} AND chat_id = {}
           AND (state IN ('sent', 'failed') OR class = 'bulk')
         RETURNING payload AS text",
    )
    .long(after)
    .long(end)
    .long(chat.0)
    .load(connection)
    .await?;
    let texts = gone.into_iter().map(|row| row.text).collect();
    Ok(ErasedSlice { next: Some(end), texts })
}

/// Broadcasts that have a person among their recipients.
pub async fn broadcasts_to(connection: &mut Conn, user: UserId) -> StoreResult<Vec<BroadcastId>> {
    let rows: Vec<IdRow> = Statement::new(
        "SELECT b.id FROM broadcasts b
         WHERE EXISTS (SELECT 1 FROM broadcast_recipients r
                       WHERE r.broadcast_id = b.id AND r.chat_id = {})
         ORDER BY b.id",
    )
    .long(user.0)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| BroadcastId(row.id)).collect())
}

/// Forgets a recipient; one without an outcome counts as blocked.
pub async fn recipient_erase(
    connection: &mut Conn,
    recipient: ForgottenRecipient,
) -> StoreResult<()> {
    let ForgottenRecipient { broadcast, user } = recipient;
    // Who settles outcomes, or fills, waits here.
    Statement::new(
        "UPDATE broadcast_progress SET blocked = blocked + (
             SELECT count(*) FROM broadcast_recipients
             WHERE broadcast_id = {} AND chat_id = {}
               AND state IN ('pending', 'sending', 'deferred'))
         WHERE broadcast_id = {}",
    )
    .long(broadcast.0)
    .long(user.0)
    .long(broadcast.0)
    .execute(connection)
    .await?;
    Statement::new("DELETE FROM broadcast_recipients WHERE broadcast_id = {} AND chat_id = {}")
        .long(broadcast.0)
        .long(user.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets the job itself, together with the last word.
pub async fn erase_finish(
    connection: &mut Conn,
    job: (JobId, i64),
    message: NewOutbox,
    traces: NewJob,
    queue: String,
    now: Timestamp,
) -> StoreResult<()> {
    let gone =
        Statement::new("DELETE FROM jobs WHERE id = {} AND token = {} AND state = 'running'")
            .long(job.0.0)
            .long(job.1)
            .execute(connection)
            .await?;
    if gone == 0 {
        return Err(StoreError::Conflict { what: "job lease" });
    }
    outbox::outbox_insert(connection, vec![message], now).await?;
    jobs::job_enqueue(connection, traces, queue, now).await
}

/// Whether a message is still to leave.
pub async fn message_is_open(connection: &mut Conn, id: OutboxId) -> StoreResult<bool> {
    let row: NumberRow = Statement::new(
        "SELECT count(*) AS number FROM outbox
         WHERE id = {} AND state IN ('queued', 'sending')",
    )
    .long(id.0)
    .get_result(connection)
    .await?;
    Ok(row.number > 0)
}

/// The chat of a message that is known.
pub async fn message_chat(connection: &mut Conn, id: OutboxId) -> StoreResult<Option<ChatId>> {
    let row: Option<IdRow> = Statement::new("SELECT chat_id AS id FROM outbox WHERE id = {}")
        .long(id.0)
        .get_result(connection)
        .await
        .optional()?;
    Ok(row.map(|row| ChatId(row.id)))
}

/// Forgets a message that has left; gives what it said.
pub async fn message_forget(connection: &mut Conn, id: OutboxId) -> StoreResult<Option<String>> {
    let row: Option<TextRow> = Statement::new(
        "DELETE FROM outbox WHERE id = {} AND state IN ('sent', 'failed')
         RETURNING payload AS text",
    )
    .long(id.0)
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(|row| row.text))
}

/// Ends a job together with a message, and the job that forgets it.
pub async fn export_finish(
    connection: &mut Conn,
    job: (JobId, i64),
    message: NewOutbox,
    traces: NewJob,
    queue: String,
    now: Timestamp,
) -> StoreResult<()> {
    editions::job_finish(connection, job, vec![message], now).await?;
    jobs::job_enqueue(connection, traces, queue, now).await
}
