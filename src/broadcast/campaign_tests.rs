//! A campaign against a store in a few lines.

use super::*;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ids::MessageId;

const MS: fn(u64) -> Moment = Duration::from_millis;

fn to(seq: i64) -> Addressed {
    let letter = Outgoing::Delete { messages: vec![MessageId(seq)] };
    Addressed { seq, chat: ChatId(seq), letter: Arc::new(letter) }
}

/// A store in a few lines: what is durable of each recipient.
struct Rig {
    campaign: Campaign,
    durable: BTreeMap<i64, RecipientEnd>,
    marked: BTreeMap<i64, bool>,
    watermark: i64,
    now: Moment,
    total: i64,
}

impl Rig {
    fn new(total: i64, window: usize) -> Self {
        let filled = u64::try_from(total).unwrap();
        let progress = Progress { filled, is_filled: true, ..Progress::default() };
        let mut campaign = Campaign::new(progress, window);
        campaign.take_deferred(Vec::new(), true, Moment::ZERO);
        let (durable, marked) = (BTreeMap::new(), BTreeMap::new());
        Self { campaign, durable, marked, watermark: 0, now: Moment::ZERO, total }
    }

    fn read(&mut self) {
        while let Some((after, limit)) = self.campaign.wants_page() {
            let last = self.total.min(after + limit);
            self.campaign.take_page(
                (after + 1..=last).map(to).collect(),
                last,
                self.campaign.progress().filled,
            );
        }
    }

    /// Commits what is due; gives who is launched.
    fn commit(&mut self) -> Vec<i64> {
        self.read();
        let Some(batch) = self.campaign.begin_batch(self.now) else { return Vec::new() };
        assert!(self.campaign.begin_batch(self.now).is_none(), "one commit at a time");
        self.watermark = self.watermark.max(batch.watermark);
        for outcome in &batch.outcomes {
            self.marked.remove(&outcome.seq);
            self.durable.insert(outcome.seq, outcome.end.clone());
        }
        for seq in &batch.relaunched {
            assert!(matches!(self.durable.remove(seq), Some(RecipientEnd::Deferred(_))));
            self.marked.insert(*seq, true);
        }
        let progress = self.progress();
        let launched = self.campaign.committed(batch, progress, self.now);
        assert!(self.in_doubt() <= self.campaign.window, "{} in doubt", self.in_doubt());
        for next in &launched {
            assert!(next.seq <= self.watermark, "launched beyond the watermark");
        }
        launched.iter().map(|next| next.seq).collect()
    }

    fn progress(&self) -> Progress {
        let count = |is: fn(&RecipientEnd) -> bool| {
            u64::try_from(self.durable.values().filter(|end| is(end)).count()).unwrap()
        };
        Progress {
            watermark: self.watermark,
            delivered: count(|end| matches!(end, RecipientEnd::Delivered(_))),
            blocked: count(|end| matches!(end, RecipientEnd::Blocked(_))),
            failed: count(|end| matches!(end, RecipientEnd::Failed(_))),
            in_doubt: count(|end| matches!(end, RecipientEnd::InDoubt)),
            ..self.campaign.progress()
        }
    }

    /// What a death would leave in doubt.
    fn in_doubt(&self) -> usize {
        (1..=self.watermark).filter(|seq| !self.durable.contains_key(seq)).count()
    }

    fn end(&mut self, seq: i64, end: ParcelEnd) -> Verdict {
        self.campaign.ended(seq, end, DoubtPolicy::Skip, self.now, SystemClock.now())
    }

    fn deliver(&mut self, seq: i64) {
        assert_eq!(self.end(seq, ParcelEnd::Delivered(vec![MessageId(seq)])), Verdict::GoOn);
    }
}

#[test]
fn everybody_is_launched_once_and_never_more_than_the_window_is_in_doubt() {
    for window in [1, 3, 8, 128] {
        let mut rig = Rig::new(1_300, window);
        let mut seen: Vec<i64> = Vec::new();
        let mut flying: VecDeque<i64> = VecDeque::new();
        for step in 0.. {
            let launched = rig.commit();
            seen.extend(&launched);
            flying.extend(launched);
            // Some answers come, some later.
            for _ in 0..=(step % 4) {
                if let Some(seq) = flying.pop_front() {
                    rig.deliver(seq);
                }
            }
            rig.now += MS(37);
            if rig.campaign.is_over() {
                break;
            }
            assert!(step < 100_000, "comes to no end");
        }
        assert_eq!(seen, (1..=1_300).collect::<Vec<_>>());
        assert_eq!(rig.progress().delivered, 1_300);
    }
}

#[test]
fn one_commit_writes_many_outcomes_while_the_window_allows() {
    let mut rig = Rig::new(100, 8);
    assert_eq!(rig.commit().len(), 8);
    rig.deliver(1);
    rig.deliver(2);
    assert!(rig.commit().is_empty(), "they can wait for others");
    assert_eq!(rig.campaign.next_look(rig.now), Some(LINGER));
    rig.deliver(3);
    rig.deliver(4);
    assert_eq!(rig.commit(), [9, 10, 11, 12], "half of the window cannot");
    rig.deliver(5);
    rig.now = LINGER;
    assert_eq!(rig.commit(), [13]);
}

#[test]
fn a_deferred_recipient_alone_waits() {
    let mut rig = Rig::new(3, 8);
    assert_eq!(rig.commit(), [1, 2, 3]);
    rig.end(2, ParcelEnd::Deferred(MS(5_000)));
    rig.deliver(1);
    rig.deliver(3);
    rig.now = MS(200);
    assert!(rig.commit().is_empty());
    assert_eq!(rig.progress().pending(), 1);
    assert_eq!(rig.campaign.next_look(rig.now), Some(MS(5_000)));
    rig.now = MS(5_000);
    assert_eq!(rig.commit(), [2]);
    assert_eq!(rig.in_doubt(), 1, "it is marked as perhaps sent again");
    rig.deliver(2);
    rig.now += LINGER;
    rig.commit();
    assert!(rig.campaign.is_over());
}

#[test]
fn the_third_refusal_in_a_row_of_the_content_ends_it() {
    let refused = || ParcelEnd::ContentRefused("Bad Request: no such poll".to_owned());
    let mut rig = Rig::new(20, 8);
    rig.commit();
    assert_eq!(rig.end(1, refused()), Verdict::GoOn);
    assert_eq!(rig.end(2, refused()), Verdict::GoOn);
    rig.deliver(3);
    assert_eq!(rig.end(4, refused()), Verdict::GoOn, "one was taken in between");
    // Who cannot be reached says nothing of the content.
    assert_eq!(rig.end(5, ParcelEnd::Unreachable("blocked")), Verdict::GoOn);
    assert_eq!(rig.end(6, refused()), Verdict::GoOn);
    let stop = Verdict::Stop("Bad Request: no such poll".to_owned());
    assert_eq!(rig.end(7, refused()), stop);
}

#[test]
fn what_is_given_back_is_no_doubt_and_goes_first_after_the_hold() {
    let mut rig = Rig::new(20, 4);
    assert_eq!(rig.commit(), [1, 2, 3, 4]);
    rig.campaign.hold(true);
    rig.deliver(1);
    for seq in 2..=4 {
        rig.end(seq, ParcelEnd::NotSent);
    }
    assert!(rig.commit().is_empty());
    assert_eq!(rig.in_doubt(), 0);
    assert!(rig.campaign.is_at_rest());
    rig.campaign.hold(false);
    rig.now += LINGER;
    assert_eq!(rig.commit(), [2, 3, 4, 5]);
}

#[test]
fn the_doubtful_follow_the_policy() {
    let mut rig = Rig::new(2, 4);
    rig.commit();
    rig.end(1, ParcelEnd::InDoubt);
    let (now, clock) = (rig.now, SystemClock.now());
    rig.campaign.ended(2, ParcelEnd::InDoubt, DoubtPolicy::Resend, now, clock);
    assert!(rig.commit().is_empty());
    assert_eq!((rig.progress().in_doubt, rig.progress().pending()), (1, 1));
    rig.now += RESEND_AFTER;
    assert_eq!(rig.commit(), [2]);
}

#[test]
fn a_moved_chat_is_read_anew() {
    let mut rig = Rig::new(1, 4);
    rig.commit();
    rig.end(1, ParcelEnd::Moved(ChatId(-100)));
    assert!(!rig.campaign.wants_deferred(), "not before it is written");
    rig.commit();
    assert!(rig.campaign.wants_deferred());
    assert!(!rig.campaign.is_over());
}

#[test]
fn recipients_that_are_filled_in_later_are_read_later() {
    let progress = Progress { filled: 1, ..Progress::default() };
    let mut campaign = Campaign::new(progress, 4);
    assert_eq!(campaign.wants_page(), Some((0, 512)));
    campaign.take_page(vec![to(1)], 1, 1);
    campaign.take_page(Vec::new(), 1, 1);
    assert_eq!(campaign.wants_page(), None, "nobody else yet");
    campaign.note_filled(2, true);
    // What was read before that says nothing.
    campaign.take_page(Vec::new(), 1, 1);
    assert!(campaign.wants_page().is_some());
    campaign.take_page(vec![to(2)], 2, 2);
    campaign.take_page(Vec::new(), 2, 2);
    assert_eq!(campaign.wants_page(), None);
}
