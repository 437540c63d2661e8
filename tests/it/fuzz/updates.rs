//! Updates that Telegram never sent: they are read or put aside, the intake and the reader agree on the
//! chat, and whatever is read has a meaning in every dialog that there is.

use primelingo::domain::button::Signer;
use primelingo::domain::event::EventKind;
use primelingo::domain::intent::{Hearing, plan};
use primelingo::domain::role::Role;
use primelingo::domain::session::Dialog;
use primelingo::telegram::decode::{NO_CHAT, chat_key, counted_kind, decode};
use serde_json::Value;

use super::stored::dialogs;
use super::{cases, chance, json};

/// The real ones, see the README beside them.
fn real() -> Vec<Value> {
    let text = include_str!("../data/telegram/updates.jsonl");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|mut line| line["update"].take()).collect()
}

/// What became of them.
#[derive(Debug, Default)]
struct Fates {
    read: usize,
    ignored: usize,
    unreadable: usize,
}

/// Takes an update the way through intake, reader and plan.
fn goes_through(raw: &str, dialogs: &[Dialog], turn: usize, fates: &mut Fates) {
    let key = chat_key(raw);
    let event = match decode(raw) {
        Ok(event) => event,
        Err(why) => {
            // What is told of it is short, whatever came.
            assert!(why.to_string().len() < 2_000, "{why}");
            fates.unreadable += 1;
            return;
        }
    };
    assert_eq!(key.chat.unwrap_or(NO_CHAT), event.chat, "{raw}");
    assert!(!counted_kind(raw).is_empty());
    if matches!(event.kind, EventKind::Ignored { .. }) {
        fates.ignored += 1;
    } else {
        fates.read += 1;
    }
    let signer = Signer::new([7; 32], 42, 90);
    let press = match (&event.kind, &event.from) {
        (EventKind::Press { data, .. }, Some(person)) => {
            let holder = primelingo::domain::button::Holder { chat: event.chat, user: person.id };
            Some(signer.verify(data, holder, super::text::now()))
        }
        _ => None,
    };
    assert!(!matches!(press, Some(Ok(_))), "a button of another's: {raw}");
    let dialog = &dialogs[turn % dialogs.len()];
    for role in Role::ALL {
        let hearing = Hearing { role, dialog, bot_username: "prime_bot", ban: None };
        let _ = plan(hearing, &event, press);
    }
}

#[test]
fn updates_of_any_sort_are_read_or_put_aside() {
    let (mut rng, dialogs, real) = (chance(), dialogs(), real());
    let wanted = cases(20_000);
    let mut told = Vec::new();
    for (sort, name) in ["trees of chance", "real with values changed", "real with bytes damaged"]
        .iter()
        .enumerate()
    {
        let mut fates = Fates::default();
        for case in 0..wanted / 3 {
            let mut update = real[rng.usize(..real.len())].clone();
            let raw = match sort {
                0 => json::tree(&mut rng, 5).to_string(),
                1 => {
                    (0..rng.usize(1..5)).for_each(|_| json::change(&mut rng, &mut update));
                    update.to_string()
                }
                _ => json::damage(&mut rng, &update.to_string()),
            };
            goes_through(&raw, &dialogs, case, &mut fates);
        }
        told.push(format!("{name}: {fates:?}"));
        assert!(sort == 0 || fates.read > 0 && fates.unreadable > 0, "{fates:?}");
    }
    let mut whole = Fates::default();
    for (turn, update) in real.iter().enumerate() {
        goes_through(&update.to_string(), &dialogs, turn, &mut whole);
    }
    println!("{}\nas they came: {whole:?}", told.join("\n"));
}

#[test]
fn callback_data_of_any_bytes_is_no_button() {
    let (mut rng, dialogs) = (chance(), dialogs());
    let template = r#"{"update_id":1,"callback_query":{"id":"1","chat_instance":"1","from":{"id":5,"is_bot":false,"first_name":"A"},"message":{"message_id":1,"date":0,"chat":{"id":5,"type":"private"},"text":"x"},"data":DATA}}"#;
    let mut fates = Fates::default();
    for case in 0..cases(5_000) {
        let data: String = (0..rng.usize(0..100)).map(|_| rng.char(..)).collect();
        let raw = template.replace("DATA", &Value::String(data).to_string());
        goes_through(&raw, &dialogs, case, &mut fates);
    }
    assert_eq!((fates.ignored, fates.unreadable), (0, 0));
    println!("{} presses, none obeyed", fates.read);
}
