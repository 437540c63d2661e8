//! The comparator against made-up runs: a good one, and one with each fault planted.

use super::super::diary::{Diary, Expected, Fate, UploadNote};
use super::*;
use crate::store::records::drill::{JobLine, LedgerRow, MaterialLine};

/// A run of three lives with two chats, all well: update 11 was answered in two lives, as its
/// answer was in flight at the kill.
struct Run {
    diary: Diary,
    sent: Vec<Sent>,
    audit: Audit,
    may_repeat: Vec<bool>,
}

impl Run {
    fn good() -> Self {
        let mut diary = Diary::default();
        diary.said(10, 1, vec![Expected::text("Hello")]);
        diary.said(11, 1, vec![Expected::text("zz1q")]);
        diary.said(12, 1, vec![Expected::file("Primer A")]);
        diary.pressed(13, 1, "press".to_owned());
        diary.said(20, 2, vec![Expected::text("a.pdf"), Expected::text("called")]);
        let upload = UploadNote {
            file_name: "a.pdf".to_owned(),
            title: "Alpha".to_owned(),
            fate: Fate::Published,
        };
        diary.uploads.push(upload);
        let sent = vec![
            sent(1, 1, "Hello, Ann", false, 0),
            sent(1, 2, "nothing for zz1q", false, 0),
            sent(1, 3, "nothing for zz1q", false, 1),
            sent(1, 4, "Primer A", true, 2),
            sent(2, 1, "card of a.pdf", false, 1),
            sent(2, 2, "What is it called?", false, 1),
        ];
        let audit = Audit {
            updates: [10, 11, 12, 13, 20].map(done).to_vec(),
            messages: vec![
                line(1, "reply", "Hello, Ann"),
                line(1, "reply", "nothing for zz1q"),
                line(1, "reply", "Primer A"),
                OutboxLine { is_of_press: true, ..line(1, "edit", "menu") },
                line(2, "reply", "card of a.pdf"),
                line(2, "reply", "What is it called?"),
                line(2, "edit", "card of a.pdf: indexed"),
            ],
            jobs: vec![job(77)],
            materials: vec![MaterialLine {
                id: 77,
                title: "Alpha".to_owned(),
                file_name: Some("a.pdf".to_owned()),
                state: "published".to_owned(),
                parts: 1,
            }],
            open_dialogs: 0,
        };
        Self { diary, sent, audit, may_repeat: vec![true, true, false] }
    }

    fn findings(&self) -> Findings {
        compare(&self.diary, &self.sent, &self.audit, &self.may_repeat)
    }

    /// How many were found lost, doubled, reordered, put aside.
    fn counts(&self) -> [usize; 4] {
        let found = self.findings();
        let lists = [&found.lost, &found.doubled, &found.reordered, &found.put_aside];
        lists.map(Vec::len)
    }
}

fn sent(chat: i64, message: i64, text: &str, is_file: bool, life: usize) -> Sent {
    Sent { chat, message, text: text.to_owned(), is_file, life, at_us: 0 }
}

fn done(update_id: i64) -> LedgerRow {
    LedgerRow { update_id, state: "done".to_owned(), faults: 0 }
}

fn line(chat: i64, class: &str, payload: &str) -> OutboxLine {
    OutboxLine {
        chat,
        class: class.to_owned(),
        state: "sent".to_owned(),
        payload: payload.to_owned(),
        is_of_press: false,
    }
}

fn job(material: i64) -> JobLine {
    let payload = format!("{{\"material\":{material}}}");
    JobLine { payload, state: "done".to_owned(), attempts: 1 }
}

#[test]
fn a_good_run_is_good_and_its_repeats_are_counted() {
    let run = Run::good();
    assert_eq!(run.counts(), [0, 0, 0, 0], "{:?}", run.findings());
    assert_eq!(run.findings().repeated, [1, 0, 0]);
    assert_eq!((run.findings().repeated_total(), run.findings().repeated_worst()), (1, 1));
}

#[test]
fn a_lost_update_is_found() {
    let mut run = Run::good();
    run.audit.updates.remove(1);
    run.audit.messages.remove(1);
    run.sent.retain(|sent| !sent.text.contains("zz1q"));
    // The update, its row, its message.
    assert_eq!(run.counts(), [3, 0, 0, 0], "{:?}", run.findings());
}

#[test]
fn an_update_that_nobody_works_on_is_lost() {
    let mut run = Run::good();
    run.audit.updates[0].state = "new".to_owned();
    assert_eq!(run.counts(), [1, 0, 0, 0], "{:?}", run.findings());
}

#[test]
fn innocents_that_are_put_aside_are_found() {
    let mut run = Run::good();
    run.audit.updates[0].state = "dead".to_owned();
    run.audit.updates[1].faults = 1;
    run.audit.updates[2].state = "ignored".to_owned();
    run.audit.jobs[0].state = "dead".to_owned();
    assert_eq!(run.counts(), [0, 0, 0, 4], "{:?}", run.findings());
}

#[test]
fn a_step_that_was_done_twice_is_found() {
    let mut run = Run::good();
    run.audit.messages.insert(2, line(1, "reply", "nothing for zz1q"));
    assert_eq!(run.counts(), [0, 1, 0, 0], "{:?}", run.findings());
    run.audit.messages.push(OutboxLine { is_of_press: true, ..line(1, "edit", "menu") });
    assert_eq!(run.counts(), [0, 2, 0, 0], "{:?}", run.findings());
    run.audit.messages.push(line(3, "reply", "who asked?"));
    assert_eq!(run.counts(), [0, 3, 0, 0], "{:?}", run.findings());
}

#[test]
fn a_message_that_came_twice_without_a_kill_is_doubled() {
    let mut run = Run::good();
    run.sent[2].life = 0;
    assert_eq!(run.counts(), [0, 1, 0, 0], "within one life: {:?}", run.findings());
    let mut run = Run::good();
    run.may_repeat[0] = false;
    assert_eq!(run.counts(), [0, 1, 0, 0], "after an orderly end: {:?}", run.findings());
    assert_eq!(run.findings().repeated_total(), 0);
}

#[test]
fn a_wrong_order_is_found() {
    let mut run = Run::good();
    run.sent[1].message = 9;
    run.sent[2].message = 10;
    let found = run.findings();
    assert_eq!(found.reordered.len(), 2, "both copies: {found:?}");
    assert!(found.lost.is_empty());
    let mut run = Run::good();
    run.audit.messages.swap(0, 1);
    assert_eq!(run.findings().reordered.len(), 1, "{:?}", run.findings());
}

#[test]
fn a_message_that_never_left_is_lost() {
    let mut run = Run::good();
    run.audit.messages[2].state = "sending".to_owned();
    run.sent.retain(|sent| !sent.is_file);
    assert_eq!(run.counts(), [2, 0, 0, 0], "{:?}", run.findings());
}

#[test]
fn uploads_must_leave_one_material_and_one_job() {
    let mut run = Run::good();
    run.audit.jobs.push(job(77));
    assert_eq!(run.counts(), [0, 2, 0, 0], "two jobs: {:?}", run.findings());
    let mut run = Run::good();
    run.audit.jobs[0].payload = "{\"material\":770}".to_owned();
    assert_eq!(run.counts(), [1, 0, 0, 0], "another's job: {:?}", run.findings());
    let mut run = Run::good();
    run.audit.materials.push(run.audit.materials[0].clone());
    assert_eq!(run.counts(), [0, 1, 0, 0], "published twice: {:?}", run.findings());
    let mut run = Run::good();
    run.audit.materials[0].state = "waiting".to_owned();
    assert_eq!(run.counts(), [1, 0, 0, 0], "never published: {:?}", run.findings());
    let mut run = Run::good();
    run.audit.materials[0].parts = 2;
    assert_eq!(run.counts(), [1, 0, 0, 0], "indexed twice: {:?}", run.findings());
    let mut run = Run::good();
    run.audit.open_dialogs = 1;
    assert_eq!(run.counts(), [1, 0, 0, 0], "dialog left open: {:?}", run.findings());
}

#[test]
fn waits_run_from_the_asking_to_the_first_copy() {
    let mut run = Run::good();
    run.diary.asked_us = [(1, vec![1_000, 2_000, 3_000]), (2, vec![500, 500])].into();
    let at = [1_040, 2_900, 9_000, 3_010, 600, 700];
    for (sent, at_us) in run.sent.iter_mut().zip(at) {
        sent.at_us = at_us;
    }
    let expected = [(500, 100), (500, 200), (1_000, 40), (2_000, 900), (3_000, 10)];
    assert_eq!(waits(&run.diary, &run.sent), expected);
    // What never came has no time, nor has what nobody has asked for.
    run.diary.told(1, Expected::text("Broadcast is done"));
    run.sent.push(sent(1, 5, "Broadcast is done", false, 2));
    run.sent.remove(0);
    assert_eq!(waits(&run.diary, &run.sent).len(), 4);
}
