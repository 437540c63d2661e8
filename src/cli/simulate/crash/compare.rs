//! Compares what was offered with what the simulator has seen and what the database holds. Pure.
//!
//! - *Lost*: an update that is not in the ledger or not done, a message that a chat never got, a
//!   job that is not done, a material that is missing or not where the editor has left it.
//! - *Doubled*: a step that was done twice (two rows where one belongs), and a message that came
//!   twice though no kill lay between.
//! - *Repeated*: a message that came again in a later life of the process. Telegram knows no
//!   idempotency key, so what was in flight at a kill is sent again: counted for each kill, and
//!   never more than the gate's window.
//! - *Reordered*: a message that came after one that belongs behind it.
//! - *Put aside*: an update that nobody is to blame for, but that has faults or is not worked on.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::diary::{Diary, Expected};
use crate::store::records::drill::{Audit, OutboxLine};

mod align;
#[cfg(test)]
mod tests;

use align::align;

/// A message that the simulator has put into a chat.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The chat.
    pub chat: i64,
    /// Its number in the chat: they only grow.
    pub message: i64,
    /// Text or caption.
    pub text: String,
    /// Whether it is a file.
    pub is_file: bool,
    /// The life of the process that sent it, from 0.
    pub life: usize,
    /// When it was there, microseconds of the simulator's clock.
    pub at_us: u64,
}

/// Breaches that are told of each kind.
const SHOWN: usize = 5;

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    pub lost: Vec<String>,
    pub doubled: Vec<String>,
    pub reordered: Vec<String>,
    pub put_aside: Vec<String>,
    /// Repeated messages, for each life after whose end they came again.
    pub repeated: Vec<usize>,
}

impl Findings {
    /// Repeated messages of all lives.
    pub fn repeated_total(&self) -> usize {
        self.repeated.iter().sum()
    }

    /// What must not be there, in words; of each kind the first few.
    pub fn breaches(&self) -> Vec<String> {
        let mut breaches = Vec::new();
        for (kind, list) in [
            ("lost", &self.lost),
            ("doubled", &self.doubled),
            ("reordered", &self.reordered),
            ("put aside", &self.put_aside),
        ] {
            breaches.extend(list.iter().take(SHOWN).map(|what| format!("{kind}: {what}")));
            if list.len() > SHOWN {
                breaches.push(format!("{kind}: {} more", list.len() - SHOWN));
            }
        }
        breaches
    }

    /// The most that one end of the process has made come again.
    pub fn repeated_worst(&self) -> usize {
        self.repeated.iter().copied().max().unwrap_or(0)
    }
}

/// Compares. `may_repeat` says of each life whether its end was one that leaves sends in doubt.
pub fn compare(diary: &Diary, sent: &[Sent], audit: &Audit, may_repeat: &[bool]) -> Findings {
    let mut findings = Findings { repeated: vec![0; may_repeat.len()], ..Findings::default() };
    ledger(diary, audit, &mut findings);
    outbox(diary, audit, &mut findings);
    chats(diary, sent, may_repeat, &mut findings);
    uploads(diary, audit, &mut findings);
    findings.lost.extend(diary.stuck.iter().map(|dialog| format!("dialog stands still: {dialog}")));
    findings
}

/// Each offered update is in the ledger once, done and without fault.
fn ledger(diary: &Diary, audit: &Audit, findings: &mut Findings) {
    let mut rows: HashMap<i64, Vec<&_>> = HashMap::new();
    for row in &audit.updates {
        rows.entry(row.update_id).or_default().push(row);
    }
    for update in &diary.updates {
        let found = rows.get(update).map(Vec::as_slice).unwrap_or_default();
        let Some(row) = found.first() else {
            findings.lost.push(format!("update {update} is not in the ledger"));
            continue;
        };
        if found.len() > 1 {
            findings
                .doubled
                .push(format!("update {update} is {} times in the ledger", found.len()));
        }
        if row.state == "new" {
            findings.lost.push(format!("update {update} was never worked on"));
        } else if row.state != "done" || row.faults > 0 {
            let (state, faults) = (&row.state, row.faults);
            findings.put_aside.push(format!("update {update} is {state} with {faults} faults"));
        }
    }
    let offered: HashSet<i64> = diary.updates.iter().copied().collect();
    let strangers = audit.updates.iter().filter(|row| !offered.contains(&row.update_id));
    findings
        .doubled
        .extend(strangers.map(|row| format!("update {} came from nowhere", row.update_id)));
}

/// The steps: for each message that a chat must get there is one row, and it was sent.
fn outbox(diary: &Diary, audit: &Audit, findings: &mut Findings) {
    let mut replies: BTreeMap<i64, Vec<&OutboxLine>> = BTreeMap::new();
    let mut edits: BTreeMap<i64, usize> = BTreeMap::new();
    for line in &audit.messages {
        if line.state != "sent" {
            findings.lost.push(format!("a {} to chat {} is {}", line.class, line.chat, line.state));
        }
        match (line.class.as_str(), line.is_of_press) {
            ("reply", _) => replies.entry(line.chat).or_default().push(line),
            (_, true) => *edits.entry(line.chat).or_default() += 1,
            _ => {}
        }
    }
    for chat in chats_of(diary, replies.keys()) {
        let expected = diary.messages.get(&chat).map(Vec::as_slice).unwrap_or_default();
        let rows = replies.get(&chat).map(Vec::as_slice).unwrap_or_default();
        let aligned = align(expected, rows.iter().map(|row| row.payload.as_str()), fits_row);
        let name = |index: usize| named(chat, expected, index);
        for (index, copies) in aligned.copies.iter().enumerate() {
            match copies.len() {
                0 => findings.lost.push(format!("no row for {}", name(index))),
                1 => {}
                n => findings.doubled.push(format!("{n} rows for {}", name(index))),
            }
        }
        findings
            .reordered
            .extend(aligned.late.iter().map(|i| format!("row too late: {}", name(*i))));
        if aligned.strangers > 0 {
            let text = format!("{} rows that nothing asked for in chat {chat}", aligned.strangers);
            findings.doubled.push(text);
        }
    }
    let pressed: HashSet<i64> = diary.presses.keys().chain(edits.keys()).copied().collect();
    for chat in pressed {
        let presses = diary.presses.get(&chat).copied().unwrap_or(0);
        let found = edits.get(&chat).copied().unwrap_or(0);
        let text = format!("{presses} presses and {found} edits in chat {chat}");
        match found.cmp(&presses) {
            std::cmp::Ordering::Less => findings.lost.push(text),
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Greater => findings.doubled.push(text),
        }
    }
}

/// What people saw: each message once, but for those in flight at a kill, and in order.
fn chats(diary: &Diary, sent: &[Sent], may_repeat: &[bool], findings: &mut Findings) {
    let shown = by_chat(sent);
    for chat in chats_of(diary, shown.keys()) {
        let expected = diary.messages.get(&chat).map(Vec::as_slice).unwrap_or_default();
        let messages = shown.get(&chat).map(Vec::as_slice).unwrap_or_default();
        let aligned = align(expected, messages.iter().copied(), fits_message);
        let name = |index: usize| named(chat, expected, index);
        for (index, copies) in aligned.copies.iter().enumerate() {
            if copies.is_empty() {
                findings.lost.push(format!("never seen: {}", name(index)));
            }
            for pair in copies.windows(2) {
                let [first, again] = pair else { continue };
                let is_in_doubt =
                    first.life < again.life && may_repeat.get(first.life).copied().unwrap_or(false);
                match findings.repeated.get_mut(first.life) {
                    Some(count) if is_in_doubt => *count += 1,
                    _ => {
                        let lives = format!("lives {} and {}", first.life, again.life);
                        findings.doubled.push(format!("seen twice in {lives}: {}", name(index)));
                    }
                }
            }
        }
        findings
            .reordered
            .extend(aligned.late.iter().map(|i| format!("seen too late: {}", name(*i))));
        if aligned.strangers > 0 {
            let text =
                format!("{} messages that nobody asked for in chat {chat}", aligned.strangers);
            findings.doubled.push(text);
        }
    }
}

/// The messages of each chat, in their order.
fn by_chat(sent: &[Sent]) -> BTreeMap<i64, Vec<&Sent>> {
    let mut shown: BTreeMap<i64, Vec<&Sent>> = BTreeMap::new();
    for message in sent {
        shown.entry(message.chat).or_default().push(message);
    }
    for messages in shown.values_mut() {
        messages.sort_by_key(|message| message.message);
    }
    shown
}

/// When each message was asked for, and how long it took until it was there: microseconds, in the
/// order of the asking. What never came is not among them.
pub fn waits(diary: &Diary, sent: &[Sent]) -> Vec<(u64, u64)> {
    let shown = by_chat(sent);
    let mut waits = Vec::new();
    for (chat, expected) in &diary.messages {
        let messages = shown.get(chat).map(Vec::as_slice).unwrap_or_default();
        let asked = diary.asked_us.get(chat).map(Vec::as_slice).unwrap_or_default();
        let aligned = align(expected, messages.iter().copied(), fits_message);
        let came = aligned.copies.iter().map(|copies| copies.first());
        waits.extend(
            asked
                .iter()
                .zip(came)
                .filter_map(|(asked, first)| Some((*asked, first?.at_us.saturating_sub(*asked)))),
        );
    }
    waits.sort_unstable();
    waits
}

/// Each upload made one material and one job; both are where they belong.
fn uploads(diary: &Diary, audit: &Audit, findings: &mut Findings) {
    let mut jobs_done = 0;
    for job in &audit.jobs {
        match job.state.as_str() {
            // Cancelled with its file, whose fate is looked at below.
            "done" | "cancelled" => jobs_done += 1,
            "dead" => {
                let text = format!("a job is dead after {} tries", job.attempts);
                findings.put_aside.push(text);
            }
            state => findings.lost.push(format!("a job is {state}")),
        }
    }
    let ended = diary.uploads.len();
    if jobs_done > ended && diary.stuck.is_empty() {
        findings.doubled.push(format!("{jobs_done} jobs for {ended} uploads"));
    }
    for upload in &diary.uploads {
        let name = &upload.file_name;
        let named = |row: &&_| is_named(row, name);
        let found: Vec<_> = audit.materials.iter().filter(named).collect();
        let [material] = found.as_slice() else {
            let text = format!("{} materials of {name}", found.len());
            let list = if found.is_empty() { &mut findings.lost } else { &mut findings.doubled };
            list.push(text);
            continue;
        };
        let job_count = audit.jobs.iter().filter(|job| names_id(&job.payload, material.id)).count();
        match job_count {
            0 => findings.lost.push(format!("no job for {name}")),
            1 => {}
            n => findings.doubled.push(format!("{n} jobs for {name}")),
        }
        let state = upload.fate.state();
        if material.state != state {
            findings.lost.push(format!("{name} is {} and should be {state}", material.state));
        } else if state == "published" && (material.title != upload.title || material.parts != 1) {
            let parts = material.parts;
            findings.lost.push(format!("{name} lacks its title or its text: {parts} parts"));
        }
    }
    if audit.open_dialogs > 0 && diary.stuck.is_empty() {
        findings.lost.push(format!("{} dialogs are left open", audit.open_dialogs));
    }
}

fn is_named(material: &crate::store::records::drill::MaterialLine, name: &str) -> bool {
    material.file_name.as_deref() == Some(name)
}

/// Whether a payload holds this number, and not a longer one.
fn names_id(payload: &str, id: i64) -> bool {
    payload.split(|c: char| !c.is_ascii_digit()).any(|number| number == id.to_string())
}

fn chats_of<'a>(diary: &'a Diary, others: impl Iterator<Item = &'a i64>) -> Vec<i64> {
    let mut chats: Vec<i64> = diary.messages.keys().chain(others).copied().collect();
    chats.sort_unstable();
    chats.dedup();
    chats
}

fn named(chat: i64, expected: &[Expected], index: usize) -> String {
    let needle = expected.get(index).map(|expected| expected.needle.as_str()).unwrap_or_default();
    format!("message {index} of chat {chat} ({needle})")
}

fn fits_row(expected: &Expected, payload: &str) -> bool {
    payload.contains(&expected.needle)
}

fn fits_message(expected: &Expected, message: &Sent) -> bool {
    expected.is_file == message.is_file && message.text.contains(&expected.needle)
}
