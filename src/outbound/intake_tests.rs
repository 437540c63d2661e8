//! The ways into memory, without a database: what is read is given by the tests.

use chrono::DateTime;

use super::*;
use crate::domain::ids::ChatId;
use crate::store::records::OutboxClass;

/// A page is half of it.
const CAPACITY: usize = 8;

fn row(id: i64) -> NewOutbox {
    NewOutbox {
        id: OutboxId(id),
        chat: ChatId(7),
        thread: 0,
        class: OutboxClass::Reply,
        payload: String::new(),
        edit_message: None,
        edit_of: None,
        trace: None,
    }
}

fn rows(ids: &[i64]) -> Vec<NewOutbox> {
    ids.iter().copied().map(row).collect()
}

fn items(ids: &[i64]) -> Vec<OutboxItem> {
    let item = |id: &i64| OutboxItem {
        message: row(*id),
        not_before: DateTime::UNIX_EPOCH,
        attempts: 0,
        in_doubt: false,
    };
    ids.iter().map(item).collect()
}

fn ids(rows: &[NewOutbox]) -> Vec<i64> {
    rows.iter().map(|row| row.id.0).collect()
}

/// Begins the reading that is due, and takes up `answer`.
fn read(intake: &mut Intake, after: i64, in_memory: &[i64], answer: &[i64]) -> Vec<i64> {
    assert_eq!(intake.begin_reading(in_memory.len()), Some((OutboxId(after), 4)));
    take_up(intake, in_memory, answer)
}

fn take_up(intake: &mut Intake, in_memory: &[i64], answer: &[i64]) -> Vec<i64> {
    let fresh = intake.reading_done(items(answer), |id| in_memory.contains(&id.0));
    fresh.iter().map(|item| item.message.id.0).collect()
}

/// An intake that has read an empty outbox.
fn caught_up() -> Intake {
    let mut intake = Intake::new(CAPACITY);
    assert!(read(&mut intake, 0, &[], &[]).is_empty());
    assert!(intake.catch_up().is_empty());
    assert!(!intake.is_behind());
    intake
}

#[test]
fn what_an_earlier_process_left_comes_before_what_rings() {
    let mut intake = Intake::new(CAPACITY);
    assert!(intake.hear(rows(&[9]), 0).is_empty());
    assert_eq!(read(&mut intake, 0, &[], &[1, 2, 3, 4]), [1, 2, 3, 4]);
    assert!(intake.catch_up().is_empty());
    assert!(intake.is_behind());
    assert_eq!(read(&mut intake, 4, &[], &[5]), [5]);
    assert_eq!(ids(&intake.catch_up()), [9]);
    assert!(!intake.is_behind());
    assert_eq!(ids(&intake.hear(rows(&[10]), 3)), [10]);
}

#[test]
fn what_was_read_is_not_taken_from_its_doorbell_again() {
    let mut intake = Intake::new(CAPACITY);
    assert!(intake.hear(rows(&[1]), 0).is_empty());
    assert_eq!(read(&mut intake, 0, &[], &[1, 2]), [1, 2]);
    assert!(intake.catch_up().is_empty());
    // Both were sent and settled before the second's doorbell was heard.
    assert!(intake.hear(rows(&[2]), 0).is_empty());
    assert_eq!(ids(&intake.hear(rows(&[2, 3]), 0)), [2, 3]);
}

#[test]
fn what_does_not_fit_is_read_later() {
    let mut intake = caught_up();
    assert_eq!(intake.hear(rows(&[1, 2, 3]), 0).len(), 3);
    assert!(intake.hear(rows(&[4, 5]), 7).is_empty());
    assert!(intake.is_behind());
    // No room for a page; then there is.
    assert_eq!(intake.begin_reading(7), None);
    assert_eq!(read(&mut intake, 3, &[3], &[4, 5]), [4, 5]);
    assert!(intake.catch_up().is_empty());
    assert!(!intake.is_behind());
}

#[test]
fn a_reading_under_way_has_its_room() {
    let mut intake = caught_up();
    intake.sweep();
    assert_eq!(intake.begin_reading(0), Some((OutboxId(0), 4)));
    assert_eq!(intake.hear(rows(&[1, 2]), 2).len(), 2);
    assert!(intake.hear(rows(&[3]), 4).is_empty());
    assert!(intake.is_behind());
}

#[test]
fn what_is_too_much_to_hold_is_read_again() {
    let mut intake = Intake::new(CAPACITY);
    assert_eq!(intake.begin_reading(0), Some((OutboxId(0), 4)));
    assert!(intake.hear(rows(&[11, 12, 13]), 0).is_empty());
    assert!(intake.hear(rows(&[10, 14]), 0).is_empty());
    // The reading had begun before these were committed.
    assert!(take_up(&mut intake, &[], &[]).is_empty());
    assert!(intake.catch_up().is_empty());
    assert!(intake.is_behind());
    assert_eq!(read(&mut intake, 9, &[], &[10, 11, 12, 13]), [10, 11, 12, 13]);
    assert_eq!(read(&mut intake, 13, &[10], &[14]), [14]);
    intake.catch_up();
    assert!(!intake.is_behind());
}

#[test]
fn a_sweep_passes_over_what_is_in_memory_or_was_just_settled() {
    let mut intake = caught_up();
    assert_eq!(intake.hear(rows(&[1, 2]), 0).len(), 2);
    intake.sweep();
    assert_eq!(intake.begin_reading(2), Some((OutboxId(0), 4)));
    // Settled after the reading began: it may be in the answer as it was before.
    intake.note_settled(OutboxId(1));
    assert_eq!(ids(&intake.hear(rows(&[4]), 1)), [4]);
    assert_eq!(take_up(&mut intake, &[2, 4], &[1, 2, 3]), [3]);
    assert!(!intake.is_behind());
    // Settled before the next one: the database would not give it.
    intake.sweep();
    assert_eq!(read(&mut intake, 0, &[2, 4], &[1, 2, 4]), [1]);
}

#[test]
fn lost_doorbells_and_failed_readings_lead_to_the_beginning() {
    let mut intake = caught_up();
    assert_eq!(ids(&intake.hear(rows(&[5]), 0)), [5]);
    intake.miss();
    assert!(intake.hear(rows(&[6]), 1).is_empty());
    assert_eq!(intake.begin_reading(1), Some((OutboxId(0), 4)));
    assert_eq!(intake.begin_reading(1), None);
    assert!(intake.goes_on(1));
    intake.reading_failed();
    assert!(intake.catch_up().is_empty());
    assert!(!intake.goes_on(1));
    assert_eq!(intake.begin_reading(1), None);
    intake.end_rest();
    assert!(intake.goes_on(1));
    assert!(!intake.goes_on(CAPACITY));
    assert_eq!(read(&mut intake, 0, &[5], &[4, 5]), [4]);
    assert_eq!(ids(&intake.catch_up()), [6]);
}

#[test]
fn a_ring_reads_what_is_new_when_much_is_in_memory() {
    let mut intake = caught_up();
    assert_eq!(intake.hear(rows(&[5, 6]), 0).len(), 2);
    intake.hear_ring(2);
    assert_eq!(read(&mut intake, 0, &[5, 6], &[5, 6, 7]), [7]);
    let mut large = Intake::new(100);
    large.begin_reading(0);
    assert_eq!(take_up(&mut large, &[], &[5]), [5]);
    large.hear_ring(51);
    assert_eq!(large.begin_reading(50), Some((OutboxId(5), 50)));
}
