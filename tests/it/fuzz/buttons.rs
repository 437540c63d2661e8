//! Payloads of buttons that nobody was given: none is obeyed.
//!
//! The format is written out here a second time, with the key, so that also bytes with a right MAC
//! can be made that no program of ours would sign.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};
use primelingo::domain::button::{Action, CALLBACK_DATA_MAX, Holder, Refusal, Signer};
use primelingo::domain::ids::{ChatId, UserId};

use super::{cases, chance};

const KEY: [u8; 32] = [7; 32];
const BOT: i64 = 42;
const DAYS: u32 = 90;
const MAC_BYTES: usize = 10;
const HOLDER: Holder = Holder { chat: ChatId(5_000_000_001), user: UserId(5_000_000_001) };

fn signer() -> Signer {
    Signer::new(KEY, BOT, DAYS)
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn hours(at: DateTime<Utc>) -> u32 {
    u32::try_from(at.timestamp() / 3600).unwrap()
}

/// Data with a right MAC: `head` is version, tag and arguments.
fn made(head: &[u8], expiry: u32, (key, bot, holder): (&[u8; 32], i64, Holder)) -> String {
    let mut bytes = head.to_vec();
    bytes.extend_from_slice(&expiry.to_le_bytes());
    let mut hasher = blake3::Hasher::new_keyed(key);
    for number in [bot, holder.chat.0, holder.user.0] {
        hasher.update(&number.to_le_bytes());
    }
    hasher.update(&bytes);
    bytes.extend_from_slice(&hasher.finalize().as_bytes()[..MAC_BYTES]);
    BASE64URL_NOPAD.encode(&bytes)
}

/// Bytes that begin like an action more often than not.
fn body(rng: &mut fastrand::Rng) -> Vec<u8> {
    let mut body = vec![rng.u8(0..=131)];
    for _ in 0..rng.usize(0..12) {
        body.push(if rng.bool() { rng.u8(0..12) } else { rng.u8(..) });
    }
    body
}

/// Every action there is; a new one does not compile before it has a place here.
fn place(action: &Action) -> usize {
    match action {
        Action::Menu => 0,
        Action::AskQuery => 1,
        Action::Search { .. } => 2,
        Action::Facet { .. } => 3,
        Action::Browse { .. } => 4,
        Action::Deliver { .. } => 5,
        Action::Look { .. } => 6,
        Action::Settings => 7,
        Action::SetLang(_) => 8,
        Action::Help => 9,
        Action::Uploads => 10,
        Action::Withdraw { .. } => 11,
        Action::Upload { .. } => 12,
        Action::Bulk { .. } => 13,
        Action::Draft { .. } => 14,
        Action::Replace { .. } => 15,
        Action::Compose { .. } => 16,
        Action::Control { .. } => 17,
        Action::Broadcasts { .. } => 18,
        Action::EndSeries(_) => 19,
        Action::Follow { .. } => 20,
        Action::Digest(_) => 21,
        Action::Desk(_) => 22,
        Action::Shelf(_) => 23,
        Action::Request(_) => 24,
        Action::Privacy(_) => 25,
        Action::Statistics(_) => 26,
        Action::Alerts(_) => 27,
        Action::People(_) => 28,
        Action::Jobs(_) => 29,
    }
}

const ACTIONS: usize = 30;

/// An action without its numbers: two that differ in more are of two shapes.
fn shape(action: &Action) -> String {
    format!("{action:?}").chars().filter(|c| !c.is_ascii_digit() && *c != '-').collect()
}

/// Actions of every sort, found by reading random bytes as the program reads a button.
fn actions(rng: &mut fastrand::Rng, wanted: usize) -> Vec<Action> {
    let mut found = Vec::new();
    while found.len() < wanted {
        let head = [vec![1], body(rng)].concat();
        let data = made(&head, hours(now()) + 1, (&KEY, BOT, HOLDER));
        if let Ok(action) = signer().verify(&data, HOLDER, now()) {
            found.push(action);
        }
    }
    found
}

#[test]
fn every_action_is_read_back_and_refused_for_anybody_else() {
    let mut rng = chance();
    let mut places = BTreeSet::new();
    let mut shapes = BTreeSet::new();
    let all = actions(&mut rng, cases(20_000));
    for action in &all {
        places.insert(place(action));
        shapes.insert(shape(action));
        let data = signer().sign(*action, HOLDER, now());
        assert!(data.len() <= CALLBACK_DATA_MAX, "{action:?}: {} bytes", data.len());
        assert_eq!(signer().verify(&data, HOLDER, now()), Ok(*action));
        let mut id = || rng.i64(..);
        let others = [
            Holder { user: UserId(id()), ..HOLDER },
            Holder { chat: ChatId(id()), ..HOLDER },
            Holder { chat: ChatId(id()), user: UserId(id()) },
            Holder { user: UserId(HOLDER.user.0 ^ 1), ..HOLDER },
            Holder { chat: ChatId(-HOLDER.chat.0), ..HOLDER },
        ];
        for other in others {
            assert_eq!(signer().verify(&data, other, now()), Err(Refusal::NotYours), "{other:?}");
        }
    }
    assert_eq!(places.len(), ACTIONS, "all sorts of actions: {places:?}");
    assert!(shapes.len() > 200, "{} shapes", shapes.len());
    println!(
        "{} actions of {ACTIONS} sorts and {} shapes, each refused for 5 others",
        all.len(),
        shapes.len()
    );
}

/// One attempt: what is pressed, by whom, when, and on which installation.
struct Attempt {
    data: String,
    holder: Holder,
    at: DateTime<Utc>,
    refusal: Option<Refusal>,
}

impl Attempt {
    /// Pressed by the holder, now.
    fn with(data: String) -> Self {
        Self { data, holder: HOLDER, at: now(), refusal: Some(Refusal::NotYours) }
    }
}

/// When the buttons of these tests were given out.
fn signed() -> impl Iterator<Item = DateTime<Utc>> {
    [now(), now() + Duration::days(1)].into_iter()
}

const SORTS: [&str; 17] = [
    "random text",
    "random bytes",
    "one bit flipped",
    "several bytes changed",
    "cut short",
    "made longer",
    "a piece left out",
    "two buttons spliced",
    "another alphabet or padding",
    "bits beyond the last byte",
    "another letter case",
    "of another chat",
    "of another person",
    "of another bot",
    "of another installation's key",
    "out of date",
    "another version or no action, rightly signed",
];

/// Only what differs from what was signed is an attempt.
#[expect(clippy::too_many_lines, reason = "one arm for each sort")]
fn attempt(sort: usize, rng: &mut fastrand::Rng, pool: &[Action]) -> Attempt {
    let action = pool[rng.usize(..pool.len())];
    let real = signer().sign(action, HOLDER, now());
    let bytes = BASE64URL_NOPAD.decode(real.as_bytes()).unwrap();
    let written = |bytes: &[u8]| Attempt::with(BASE64URL_NOPAD.encode(bytes));
    match sort {
        0 => Attempt::with((0..rng.usize(0..80)).map(|_| rng.char(..)).collect()),
        1 => written(&(0..rng.usize(0..=48)).map(|_| rng.u8(..)).collect::<Vec<_>>()),
        2 => {
            let mut bytes = bytes;
            let at = rng.usize(..bytes.len());
            bytes[at] ^= 1 << rng.u8(0..8);
            written(&bytes)
        }
        3 => {
            let mut bytes = bytes;
            for _ in 0..rng.usize(2..6) {
                let at = rng.usize(..bytes.len());
                bytes[at] = bytes[at].wrapping_add(rng.u8(1..=40));
            }
            written(&bytes)
        }
        4 => Attempt::with(real[..rng.usize(..real.len())].to_owned()),
        5 => {
            let more: String = (0..rng.usize(1..30)).map(|_| rng.alphanumeric()).collect();
            Attempt::with(if rng.bool() { real + &more } else { more + &real })
        }
        6 => {
            let from = rng.usize(..bytes.len());
            let to = rng.usize(from + 1..=bytes.len());
            written(&[&bytes[..from], &bytes[to..]].concat())
        }
        7 => {
            let other =
                signer().sign(pool[rng.usize(..pool.len())], HOLDER, now() + Duration::days(1));
            let other = BASE64URL_NOPAD.decode(other.as_bytes()).unwrap();
            let (at, from) = (rng.usize(1..bytes.len()), rng.usize(1..other.len()));
            written(&[&bytes[..at], &other[from..]].concat())
        }
        8 => Attempt::with(match rng.u8(0..4) {
            0 => format!("{real}="),
            1 => format!("{}=", BASE64.encode(&bytes).trim_end_matches('=')),
            2 => BASE64URL.encode(&bytes) + "=",
            _ => data_encoding::HEXLOWER.encode(&bytes),
        }),
        9 => {
            // The last letter carries bits of no byte; only its lowest form is a button.
            let mut letters = real.into_bytes();
            let last = letters.last_mut().unwrap();
            *last = *rng
                .choice(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
                .unwrap();
            Attempt::with(String::from_utf8(letters).unwrap())
        }
        10 => Attempt::with(if rng.bool() { real.to_uppercase() } else { real.to_lowercase() }),
        11 => Attempt {
            holder: Holder { chat: ChatId(rng.i64(..)), ..HOLDER },
            ..Attempt::with(real)
        },
        12 => Attempt {
            holder: Holder { user: UserId(rng.i64(..)), ..HOLDER },
            ..Attempt::with(real)
        },
        13 => Attempt::with(Signer::new(KEY, rng.i64(..), DAYS).sign(action, HOLDER, now())),
        14 => {
            let mut key = [0; 32];
            rng.fill(&mut key);
            Attempt::with(Signer::new(key, BOT, DAYS).sign(action, HOLDER, now()))
        }
        15 => Attempt {
            at: now() + Duration::hours(i64::from(DAYS) * 24 + rng.i64(1..100_000)),
            refusal: Some(Refusal::OutOfDate),
            ..Attempt::with(real)
        },
        _ => unreadable(rng),
    }
}

/// A right MAC, but a version that is not ours, or bytes after an action's end.
fn unreadable(rng: &mut fastrand::Rng) -> Attempt {
    let expiry = hours(now()) + 1;
    let head = if rng.bool() {
        [vec![*rng.choice(&[0, 2, 3, 255]).unwrap()], body(rng)].concat()
    } else {
        // The menu's tag stands alone.
        [vec![1, 0], body(rng)].concat()
    };
    let data = made(&head, expiry, (&KEY, BOT, HOLDER));
    Attempt { refusal: Some(Refusal::OutOfDate), ..Attempt::with(data) }
}

#[test]
fn nothing_that_was_not_given_is_accepted() {
    let mut rng = chance();
    let pool = actions(&mut rng, 3_000);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut left_out = 0;
    let wanted = cases(100_000);
    for case in 0.. {
        if counts.values().sum::<usize>() >= wanted {
            break;
        }
        let sort = case % SORTS.len();
        let attempt = attempt(sort, &mut rng, &pool);
        let Attempt { data, holder, at, refusal } = attempt;
        let answer = signer().verify(&data, holder, at);
        // A change that gives back what was signed is no forgery: that happens where a letter is drawn
        // anew or a text has one case only.
        let is_real = matches!(sort, 7 | 9 | 10)
            && answer
                .is_ok_and(|action| signed().any(|at| signer().sign(action, HOLDER, at) == data));
        if is_real {
            left_out += 1;
            continue;
        }
        assert_eq!(answer.err(), refusal, "{}: {data}", SORTS[sort]);
        *counts.entry(SORTS[sort]).or_default() += 1;
    }
    assert_eq!(counts.len(), SORTS.len());
    assert!(left_out * 20 < wanted, "{left_out} cases were no forgeries");
    for (sort, count) in &counts {
        println!("{count:>8}  {sort}: refused");
    }
}

#[test]
fn the_format_written_here_is_the_programs() {
    let data = made(&[1, 0], hours(now()) + 24 * DAYS, (&KEY, BOT, HOLDER));
    assert_eq!(signer().sign(Action::Menu, HOLDER, now()), data);
    // The standard alphabet differs where these letters come up, and is refused there as well.
    let odd = BASE64_NOPAD.encode(&[0xfb, 0xff, 0xfe].repeat(10));
    assert!(odd.contains('+') || odd.contains('/'));
    assert_eq!(signer().verify(&odd, HOLDER, now()), Err(Refusal::NotYours));
}
