//! What the decoder makes of real updates, of those that teloxide loses, and of nonsense.

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;
use crate::domain::event::{Entity, EntityKind, FileClass, Indirect};

const UPDATES: &str = include_str!("../../../tests/it/data/telegram/updates.jsonl");

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    update: &'a RawValue,
}

fn corpus() -> Vec<&'static str> {
    let line = |line| serde_json::from_str::<Line<'static>>(line).expect("a line").update.get();
    UPDATES.lines().map(line).collect()
}

/// The kind of event, in a word.
fn summary(kind: &EventKind) -> String {
    match kind {
        EventKind::Text { indirect: None, .. } => "text".to_owned(),
        EventKind::Text { indirect: Some(why), .. } => format!("text {why:?}"),
        EventKind::File { file, .. } => format!("file {}", file.class.field()),
        EventKind::OtherMessage { .. } => "other message".to_owned(),
        EventKind::Press { .. } => "press".to_owned(),
        EventKind::Inline { .. } => "inline".to_owned(),
        EventKind::Membership { reachable } => format!("membership {reachable}"),
        EventKind::Ignored { what } => format!("ignored {what}"),
    }
}

#[test]
fn every_real_update_decodes() {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for raw in corpus() {
        let key = chat_key(raw);
        let outcome = match decode(raw) {
            Ok(event) => {
                assert_eq!(key.chat.unwrap_or(NO_CHAT), event.chat, "{raw}");
                summary(&event.kind)
            }
            Err(error) => format!("error: {error}"),
        };
        assert!(key.update_id.is_some() && key.kind != BROKEN, "{raw}");
        *counts.entry(outcome).or_default() += 1;
    }
    let lines: Vec<String> =
        counts.into_iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    5 file document
    8 file photo
    1 file video
    2 file voice
    1 ignored business_connection
    1 ignored business_message
    40 ignored channel_post
    2 ignored chat_boost
    1 ignored chat_join_request
    3 ignored chat_member
    3 ignored chosen_inline_result
    3 ignored deleted_business_messages
    1 ignored edited_business_message
    2 ignored edited_channel_post
    17 ignored edited_message
    1 ignored guest_message
    1 ignored managed_bot
    3 ignored message_reaction
    3 ignored message_reaction_count
    1 ignored new_update_kind
    1 ignored poll
    2 ignored poll_answer
    3 ignored pre_checkout_query
    2 ignored purchased_paid_media
    2 ignored removed_chat_boost
    27 ignored service_message
    3 ignored shipping_query
    1 ignored unknown
    5 inline
    5 membership false
    10 other message
    6 press
    40 text
    1 text Forwarded
    1 text OnBehalfOfChat
    1 text ViaBot
    ");
}

fn message(content: &Value) -> Value {
    let mut message = json!({
        "message_id": 7, "date": 1_700_000_000,
        "chat": {"id": 42, "type": "private", "first_name": "A"},
        "from": {"id": 42, "is_bot": false, "first_name": "A", "language_code": "ru"},
    });
    let fields = message.as_object_mut().expect("an object");
    fields.extend(content.as_object().expect("an object").clone());
    json!({"update_id": 1, "message": message})
}

fn kind_of(content: &Value) -> EventKind {
    decode(&message(content).to_string()).expect("decodable").kind
}

fn file_of(content: &Value) -> crate::domain::event::FileRef {
    match kind_of(content) {
        EventKind::File { file, .. } => file,
        other => panic!("no file: {other:?}"),
    }
}

#[test]
fn a_text_has_its_sender_and_chat() {
    let event = decode(&message(&json!({"text": "/start f_5"})).to_string()).expect("decodable");
    let expected = Event {
        chat: ChatId(42),
        thread: None,
        from: Some(Person {
            id: UserId(42),
            first_name: "A".to_owned(),
            username: None,
            language_code: Some("ru".to_owned()),
            is_bot: false,
        }),
        kind: EventKind::Text {
            message: MessageId(7),
            text: "/start f_5".to_owned(),
            entities: Vec::new(),
            indirect: None,
        },
    };
    assert_eq!(event, expected);
}

/// Each of these comes out empty, as an error, or fails its whole batch with teloxide's types.
#[test]
fn what_teloxide_loses_is_read() {
    for class in [FileClass::Audio, FileClass::Video, FileClass::Voice, FileClass::Animation] {
        let file = json!({"file_id": "F", "file_unique_id": "U", "duration": 3});
        let read = file_of(&json!({class.field(): file}));
        assert_eq!((read.class, &*read.file_id, read.mime), (class, "F", None));
    }
    let large = file_of(&json!({"document": {
        "file_id": "F", "file_unique_id": "U", "file_size": 5_000_000_000_u64,
        "mime_type": "no mime at all", "file_name": "../x",
    }}));
    assert_eq!(large.size, Some(5_000_000_000));
    assert_eq!(large.mime.as_deref(), Some("no mime at all"));

    let entities = json!([{"type": "of_next_year", "offset": 0, "length": 1}]);
    assert_eq!(summary(&kind_of(&json!({"text": "hi", "entities": entities}))), "text");

    for (raw, what) in [
        (
            r#"{"update_id":1,"message_reaction":{"chat":{"id":3},"message_id":1}}"#,
            "message_reaction",
        ),
        (r#"{"update_id":1,"poll_answer":{"poll_id":"1","option_ids":[]}}"#, "poll_answer"),
        (r#"{"update_id":1,"of_next_year":{"chat":{"id":3}}}"#, "of_next_year"),
    ] {
        let event = decode(raw).expect("decodable");
        assert_eq!(event.kind, EventKind::Ignored { what: what.to_owned() });
    }

    let long_id =
        r#"{"update_id":5000000000,"message":{"message_id":1,"chat":{"id":1},"text":"x"}}"#;
    assert_eq!(chat_key(long_id).update_id, Some(5_000_000_000));
}

/// Of a text without a place for a name nobody needs the marks.
#[test]
fn marks_are_read_where_a_name_is_filled_in() {
    let marks = json!([
        {"type": "bold", "offset": 0, "length": 6},
        {"type": "text_link", "offset": 7, "length": 1, "url": "https://e.org"},
        {"type": "text_link", "offset": 7, "length": 1},
        {"type": "pre", "offset": 8, "length": -1},
        {"type": "of_next_year", "offset": 8, "length": 1},
        {"type": "text_mention", "offset": 8, "length": 1, "user": {"id": 5}},
    ]);
    let mark = |offset, length, kind| Entity { offset, length, kind };
    let expected = [
        mark(0, 6, EntityKind::Bold),
        mark(7, 1, EntityKind::Link("https://e.org".to_owned())),
        mark(8, 1, EntityKind::Person(UserId(5))),
    ];
    let text = |text: &str| match kind_of(&json!({"text": text, "entities": marks})) {
        EventKind::Text { entities, .. } => entities,
        other => panic!("no text: {other:?}"),
    };
    assert_eq!(text("{name}, hi"), expected);
    assert_eq!(text("hello, hi"), []);
    let file = json!({"file_id": "F", "file_unique_id": "U"});
    let photo = json!({"video": file, "caption": "{name}, hi", "caption_entities": marks});
    assert!(matches!(kind_of(&photo), EventKind::File { entities, .. } if entities == expected));
    let strange = kind_of(&json!({"text": "{name}", "entities": {"a": 1}}));
    assert!(matches!(strange, EventKind::Text { entities, .. } if entities.is_empty()));
}

#[test]
fn what_telegram_does_not_copy_is_known() {
    let copied = |content: &Value| match kind_of(content) {
        EventKind::OtherMessage { can_be_copied, .. } => can_be_copied,
        other => panic!("something else: {other:?}"),
    };
    assert!(copied(&json!({"poll": {}})) && copied(&json!({"sticker": {}})));
    assert!(!copied(&json!({"invoice": {}})) && !copied(&json!({"paid_media": {}})));
}

#[test]
fn strange_numbers_of_a_file_count_as_unknown() {
    for size in [json!(-1), json!("12"), json!(1.5), json!(null), json!([1]), json!({"a": 1})] {
        let file = json!({"file_id": "F", "file_unique_id": "U", "file_size": size});
        assert_eq!(file_of(&json!({"document": file})).size, None, "{size}");
    }
}

#[test]
fn the_largest_photo_counts_and_an_animation_is_no_document() {
    let size = |id: &str, side: u32| json!({"file_id": id, "file_unique_id": id, "width": side, "height": side});
    let photo = json!({"photo": [size("s", 90), size("l", 800), size("m", 320)], "caption": "c"});
    assert_eq!(file_of(&photo).file_id, "l");
    let file = json!({"file_id": "F", "file_unique_id": "U"});
    let animation = json!({"document": file, "animation": file});
    assert_eq!(file_of(&animation).class, FileClass::Animation);
}

#[test]
fn indirect_words_are_told_apart() {
    let of = |content: &Value| summary(&kind_of(content));
    let forwarded = format!("text {:?}", Indirect::Forwarded);
    assert_eq!(of(&json!({"text": "/x", "forward_origin": {"type": "hidden_user"}})), forwarded);
    assert_eq!(of(&json!({"text": "/x", "forward_date": 1})), forwarded);
    assert_eq!(of(&json!({"text": "/x", "via_bot": {"id": 1}})), "text ViaBot");

    let anonymous = message(&json!({"text": "/x", "sender_chat": {"id": -5}}));
    let event = decode(&anonymous.to_string()).expect("decodable");
    assert_eq!(summary(&event.kind), "text OnBehalfOfChat");
    assert_eq!(event.from, None);
}

#[test]
fn a_thread_counts_in_forums_only() {
    let thread = |content: Value| decode(&message(&content).to_string()).expect("decodable").thread;
    assert_eq!(thread(json!({"text": "x", "message_thread_id": 9})), None);
    let in_topic = json!({"text": "x", "message_thread_id": 9, "is_topic_message": true});
    assert_eq!(thread(in_topic), Some(9));
}

#[test]
fn service_messages_are_not_what_somebody_sent() {
    let joined = json!({"new_chat_members": [{"id": 1, "is_bot": false, "first_name": "B"}]});
    assert_eq!(summary(&kind_of(&joined)), "ignored service_message");
    assert_eq!(summary(&kind_of(&json!({"sticker": {}}))), "other message");
}

#[test]
fn presses_of_all_sorts() {
    let from = json!({"id": 5, "is_bot": false, "first_name": "B"});
    let press = |message: Value, data: Value| {
        let query = json!({"id": "Q", "from": from, "message": message, "data": data});
        decode(&json!({"update_id": 1, "callback_query": query}).to_string()).expect("decodable")
    };
    let kind = |message, data: &str| EventKind::Press {
        query_id: "Q".to_owned(),
        message,
        data: data.to_owned(),
    };
    let fresh = press(json!({"message_id": 3, "date": 9, "chat": {"id": -8}}), json!("d"));
    assert_eq!((fresh.chat, fresh.kind), (ChatId(-8), kind(Some(MessageId(3)), "d")));
    let too_old = press(json!({"message_id": 3, "date": 0, "chat": {"id": -8}}), json!("d"));
    assert_eq!((too_old.chat, too_old.kind), (ChatId(-8), kind(None, "d")));
    let inline_game = press(json!(null), json!(null));
    assert_eq!((inline_game.chat, inline_game.kind), (ChatId(5), kind(None, "")));
}

#[test]
fn membership_says_whether_we_may_write() {
    let reachable = |member: Value| {
        let change = json!({"chat": {"id": 42}, "new_chat_member": member});
        let raw = json!({"update_id": 1, "my_chat_member": change}).to_string();
        decode(&raw).expect("decodable").kind == EventKind::Membership { reachable: true }
    };
    assert!(reachable(json!({"status": "member"})));
    assert!(!reachable(json!({"status": "kicked"})));
    assert!(!reachable(json!({"status": "left"})));
    assert!(reachable(json!({"status": "restricted", "is_member": true})));
    assert!(!reachable(json!({"status": "restricted", "is_member": false})));
}

#[test]
fn letters_that_rust_and_databases_cannot_hold() {
    let raw =
        r#"{"update_id":1,"message":{"message_id":1,"chat":{"id":1},"text":"a\ud800b\u0000c\n"}}"#;
    let EventKind::Text { text, .. } = decode(raw).expect("decodable").kind else {
        panic!("no text")
    };
    assert!(text.starts_with('a') && text.ends_with("bc\n") && text.contains('\u{fffd}'));
}

#[test]
fn what_cannot_be_read_is_a_clean_error() {
    for raw in ["", "5", "[]", "{", r#"{"update_id":1}"#, r#"{"update_id":1,"message":"#] {
        assert_eq!(decode(raw), Err(DecodeError::NotAnUpdate), "{raw}");
        assert_eq!(chat_key(raw).kind, BROKEN, "{raw}");
    }
    let raw =
        r#"{"update_id":1,"message":{"message_id":1,"text":"secret","chat":{"id":"secret"}}}"#;
    let error = decode(raw).expect_err("no chat");
    assert!(matches!(error, DecodeError::Malformed { kind: "message", .. }));
    assert!(!format!("{error} {error:?}").contains("secret"));
    let seen = Envelope { update_id: Some(1), kind: "message", chat: None, happened_at: None };
    assert_eq!(chat_key(raw), seen);
}

/// Replaces the value at the `at`-th place of a document, counted depth first.
fn mutate(value: &mut Value, at: &mut usize, new: &Value) {
    if *at == 0 {
        *at = usize::MAX;
        *value = new.clone();
        return;
    }
    *at -= 1;
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mutate(item, at, new)),
        Value::Object(fields) => fields.values_mut().for_each(|field| mutate(field, at, new)),
        _ => {}
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!({})),
        Just(json!([])),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|n| json!(n)),
        any::<u64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        any::<String>().prop_map(|s| json!(s)),
        any::<i64>().prop_map(|n| json!({"id": n, "file_id": "x", "chat": {"id": n}})),
    ]
}

proptest! {
    #[test]
    fn no_mutation_panics(line in 0_usize..209, at in 0_usize..60, new in any_value()) {
        let mut update: Value = serde_json::from_str(corpus()[line]).expect("JSON");
        mutate(&mut update, &mut { at }, &new);
        let raw = update.to_string();
        let key = chat_key(&raw);
        if let Ok(event) = decode(&raw) {
            prop_assert_eq!(key.chat.unwrap_or(NO_CHAT), event.chat, "{}", raw);
        }
    }

    #[test]
    fn no_damage_panics(line in 0_usize..209, at in 0_usize..2_000, byte in any::<u8>()) {
        let mut raw = corpus()[line].as_bytes().to_vec();
        let at = at % raw.len();
        raw[at] = byte;
        let raw = String::from_utf8_lossy(&raw);
        let _ = (chat_key(&raw), decode(&raw));
        let cut: String = raw.chars().take(at).collect();
        let _ = (chat_key(&cut), decode(&cut));
    }
}
