//! What was stored by another version, or by nobody: dialogs, messages of the outbox, contents of
//! broadcasts. It is read or it is an error; what is read is written again as the same.

use primelingo::domain::broadcast::{Audience, Content, Rendition};
use primelingo::domain::outgoing::Outgoing;
use primelingo::domain::session::{Dialog, SCHEMA};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{cases, chance, json};

fn golden() -> Vec<&'static str> {
    let text = include_str!("../../../src/domain/session/golden.tsv");
    text.lines().map(|line| line.split_once('\t').unwrap().1).collect()
}

/// A dialog of every state that was ever released.
pub fn dialogs() -> Vec<Dialog> {
    golden().iter().map(|body| Dialog::decode(SCHEMA, body).unwrap()).collect()
}

#[test]
fn stored_dialogs_of_any_sort_are_read_or_an_error() {
    let (mut rng, golden) = (chance(), golden());
    let (mut read, mut refused) = (0, 0);
    for case in 0..cases(30_000) {
        let line = golden[case % golden.len()];
        let body = match rng.u8(0..3) {
            0 => {
                let mut value: Value = serde_json::from_str(line).unwrap();
                (0..rng.usize(1..4)).for_each(|_| json::change(&mut rng, &mut value));
                value.to_string()
            }
            1 => json::damage(&mut rng, line),
            _ => json::tree(&mut rng, 3).to_string(),
        };
        match Dialog::decode(SCHEMA, &body) {
            Ok(dialog) => {
                let again = Dialog::decode(SCHEMA, &dialog.encode().unwrap()).unwrap();
                assert_eq!(again, dialog, "{body}");
                read += 1;
            }
            Err(error) => {
                // Nothing of what somebody wrote is told.
                assert!(error.to_string().len() < 200, "{error}");
                refused += 1;
            }
        }
    }
    assert!(read > 0 && refused > 0);
    println!("{read} read, {refused} refused, of {} golden lines", golden.len());
}

#[test]
fn every_other_schema_is_refused() {
    let (mut rng, golden) = (chance(), golden());
    for case in 0..cases(2_000) {
        let schema = rng.i32(..);
        let body = golden[case % golden.len()];
        assert_eq!(Dialog::decode(schema, body).is_ok(), schema == SCHEMA, "{schema}");
    }
}

/// Reads changed forms of `whole`; gives how many were read.
fn reads<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    whole: &[&str],
    mut then: impl FnMut(&T),
) -> usize {
    let mut rng = chance();
    let mut read = 0;
    for case in 0..cases(6_000) {
        let mut value: Value = serde_json::from_str(whole[case % whole.len()]).unwrap();
        if case >= whole.len() {
            (0..rng.usize(1..4)).for_each(|_| json::change(&mut rng, &mut value));
        }
        if let Ok(it) = serde_json::from_value::<T>(value) {
            let again: T = serde_json::from_str(&serde_json::to_string(&it).unwrap()).unwrap();
            assert_eq!(again, it);
            then(&it);
            read += 1;
        }
    }
    assert!(read >= whole.len());
    read
}

#[test]
fn messages_and_broadcasts_of_any_sort_are_read_or_an_error() {
    let messages = [
        r#"{"type":"text","html":"<b>a&lt;b</b>","keyboard":[[{"text":"1","action":{"callback":"x"}}]],"reply_to":5,"silent":false}"#,
        r#"{"type":"file","class":"audio","file_id":"F","caption":"c"}"#,
        r#"{"type":"copy","from":5,"messages":[1,2]}"#,
        r#"{"type":"delete","messages":[1]}"#,
    ];
    let contents = [
        r#"{"type":"text","template":"Hello <b>{name}</b>","buttons":[{"text":"a","url":"https://example.org"}]}"#,
        r#"{"type":"file","class":"photo","file_id":"F","template":"{name}"}"#,
        r#"{"type":"copy","from":5,"messages":[1,2]}"#,
        r#"{"type":"undo","of":7}"#,
    ];
    let audiences = [
        r#"{"type":"all"}"#,
        r#"{"type":"active","days":30}"#,
        r#"{"type":"role","role":"admin"}"#,
    ];
    let messages = reads::<Outgoing>(&messages, |message| {
        let _ = (message.is_idempotent(), message.weight());
    });
    let contents = reads::<Content>(&contents, |content| {
        // A template that cannot be read is an error that names the place.
        if let Ok(ready) = Rendition::of(content) {
            let _ = ready.fill("<b>Ada");
        }
    });
    let audiences = reads::<Audience>(&audiences, |_| ());
    println!("read: {messages} messages, {contents} contents, {audiences} audiences");
}
