//! `primelingo broadcast` writes rows that a bot will find, and says what it did.

use std::path::Path;

use primelingo::domain::broadcast::{Audience, BroadcastState, Content, DoubtPolicy, RecipientEnd};
use primelingo::domain::ids::{BroadcastId, ChatId, MessageId, UserId};
use primelingo::domain::lang::Lang;
use serde_json::Value;

use super::words::{ID, Person, delivered, outcome, plan, settlement};
use crate::store::fixture::{Store, at};
use crate::support::bot::Process;

contract! {
    a_text_is_planned_for_an_audience,
    messages_are_copied_to_a_list,
    what_cannot_be_sent_is_refused,
    a_broadcast_is_held_and_ended,
    what_is_over_is_reported_sent_again_and_taken_back,
}

/// A folder for a command's files; the command runs there.
struct Desk<'a> {
    store: &'a Store,
    folder: tempfile::TempDir,
}

impl<'a> Desk<'a> {
    fn new(store: &'a Store) -> Self {
        Self { store, folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    /// Exit code, and what was said on either stream.
    fn command(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let settings = [
            ("database.url".to_owned(), self.store.place.url()),
            ("access.owners".to_owned(), "77".to_owned()),
        ];
        let all: Vec<&str> = ["broadcast"].into_iter().chain(arguments.iter().copied()).collect();
        Process::outcome(self.path(), &settings, &all)
    }

    fn done(&self, arguments: &[&str]) -> Value {
        let (code, said, errors) = self.command(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {said}{errors}");
        serde_json::from_str(&said).unwrap()
    }

    fn refused(&self, arguments: &[&str]) -> String {
        let (code, said, errors) = self.command(arguments);
        assert_ne!(code, Some(0), "{arguments:?}: {said}");
        format!("{said}{errors}")
    }
}

fn number(answer: &Value) -> BroadcastId {
    BroadcastId(answer["broadcast"].as_i64().unwrap())
}

async fn a_text_is_planned_for_an_audience(store: &Store) {
    let uz = Person { lang: "uz", ..Person::new(3, -9) };
    let long_ago = [1, 2].map(|id| Person { created: -99_000_000, ..Person::new(id, -90_000_000) });
    let uz = Person { created: -99_000_000, seen: Some(-90_000_000), ..uz };
    store.people(&[long_ago[0], long_ago[1], uz]).await;
    let desk = Desk::new(store);
    desk.file("plain.txt", "Hi {name}, 1 < 2 & so on\n");
    let audience = ["--audience", "lang:ru", "--yes", "--json"];
    let at_noon = ["send", "--text", "plain.txt", "--at", "2027-02-01T12:00:00+05:00"];
    let answer = desk.done(&[&at_noon[..], &audience].concat());
    assert_eq!(answer["count"], 2);
    let planned = store.db.broadcast_get(number(&answer)).await.unwrap().unwrap();
    assert_eq!(planned.state, BroadcastState::Scheduled);
    assert_eq!(planned.plan.start_at.to_rfc3339(), "2027-02-01T07:00:00+00:00");
    assert_eq!(planned.plan.audience, Audience::Language { lang: Lang::Ru });
    assert_eq!((planned.plan.by, planned.plan.card), (UserId(77), None));
    let template = "Hi {name}, 1 &lt; 2 &amp; so on".to_owned();
    assert_eq!(planned.plan.content, Content::Text { template, buttons: Vec::new() });

    desk.file("marked.html", "<b>Hi</b> {name}");
    let marked = ["send", "--html", "marked.html", "--paid", "--doubt", "resend", "--by", "5"];
    let answer = desk.done(&[&marked[..], &audience].concat());
    let planned = store.db.broadcast_get(number(&answer)).await.unwrap().unwrap().plan;
    assert_eq!((planned.by, planned.paid, planned.doubt), (UserId(5), true, DoubtPolicy::Resend));
    let template = "<b>Hi</b> {name}".to_owned();
    assert_eq!(planned.content, Content::Text { template, buttons: Vec::new() });

    let listed = desk.done(&["list", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[0]["broadcast"], answer["broadcast"], "the newest first");
}

async fn messages_are_copied_to_a_list(store: &Store) {
    let desk = Desk::new(store);
    desk.file("chats.csv", "chat_id\n-100777\n5\n5\n");
    let arguments = ["send", "--copy-from", "-1009", "--messages", "8,3,8", "--yes", "--json"];
    let answer = desk.done(&[&arguments[..], &["--audience", "list:chats.csv"]].concat());
    assert_eq!(answer["count"], 2);
    let planned = store.db.broadcast_get(number(&answer)).await.unwrap().unwrap().plan;
    let messages = vec![MessageId(3), MessageId(8)];
    let content = Content::Copy { from: ChatId(-1009), messages, buttons: Vec::new() };
    assert_eq!(planned.content, content);
    let (slices, _) = store.audience(&planned.audience, 9).await;
    assert_eq!(slices[0].chats, [-100_777, 5].map(|chat| (ChatId(chat), Vec::new())));
}

async fn what_cannot_be_sent_is_refused(store: &Store) {
    store.people(&[Person { created: -99_000_000, ..Person::new(1, -90_000_000) }]).await;
    let desk = Desk::new(store);
    desk.file("text", "Hello");
    desk.file("empty", " \n");
    desk.file("long", &"x".repeat(4_097));
    desk.file("broken", "<b>Hi</i>");
    desk.file("odd", "5\nsomebody\n");
    let all = ["--audience", "all", "--yes"];
    let cases: [(&[&str], &str); 9] = [
        (&["--text", "text", "--audience", "all"], "give --yes"),
        (&["--text", "text", "--audience", "lang:uz", "--yes"], "nobody would get it"),
        (&["--text", "text", "--audience", "list:odd", "--yes"], "the first is line 2"),
        (&["--text", "text", "--audience", "list:none", "--yes"], "cannot read the list"),
        (&["--text", "text", "--audience", "everybody", "--yes"], "expected all"),
        (&["--text", "empty"], "the text is empty"),
        (&["--text", "long"], "too long"),
        (&["--html", "broken"], "</i>"),
        (&["--copy-from", "5", "--messages", "0"], "ids above 0"),
    ];
    for (arguments, problem) in cases {
        let rest = if arguments.contains(&"--audience") { &[][..] } else { &all[..] };
        let said = desk.refused(&[&["send"], arguments, rest].concat());
        assert!(said.contains(problem), "{arguments:?}: {said}");
    }
    assert_eq!(store.rows("broadcasts").await, 0);
}

async fn a_broadcast_is_held_and_ended(store: &Store) {
    let desk = Desk::new(store);
    assert!(desk.refused(&["pause", "1000"]).contains("there is no broadcast 1000"));
    assert!(store.db.broadcast_create(plan(), at(0)).await.unwrap());
    assert!(desk.refused(&["pause", "1000"]).contains("left as it is: scheduled"));
    assert!(store.db.broadcast_begin(ID, at(1)).await.unwrap());
    let steps = [
        ("pause", BroadcastState::Paused),
        ("resume", BroadcastState::Running),
        ("cancel", BroadcastState::Cancelled),
    ];
    for (word, state) in steps {
        assert_eq!(desk.done(&[word, "1000", "--json"])["done"], true);
        assert_eq!(store.db.broadcast_get(ID).await.unwrap().unwrap().state, state);
    }
    assert!(desk.refused(&["resume", "1000"]).contains("left as it is: cancelled"));
    assert_eq!(desk.done(&["status", "1000", "--watch", "--json"])["state"], "cancelled");
    assert!(desk.refused(&["status", "7"]).contains("there is no broadcast 7"));
}

async fn what_is_over_is_reported_sent_again_and_taken_back(store: &Store) {
    let desk = Desk::new(store);
    store.begun(plan(), &[1, 2, 3]).await;
    let ends = vec![
        delivered(1),
        outcome(2, RecipientEnd::Failed("refused")),
        outcome(3, RecipientEnd::Blocked("blocked")),
    ];
    store.settled(settlement(ends, 3)).await;
    for word in ["retry", "undo"] {
        assert!(desk.refused(&[word, "1000", "--yes"]).contains("is not over"), "{word}");
    }
    assert!(store.db.broadcast_end(ID, BroadcastState::Done, None, at(9)).await.unwrap());

    let report = desk.done(&["report", "1000", "--csv", "all.csv", "--json"]);
    assert_eq!(report["causes"].as_array().unwrap().len(), 3);
    let table = std::fs::read_to_string(desk.path().join("all.csv")).unwrap();
    let expected = "chat_id,state,reason,message_id\r\n1,delivered,,901\r\n2,failed,refused,\r\n\
                    3,blocked,blocked,\r\n";
    assert_eq!(table, expected);
    let said = desk.refused(&["report", "1000", "--csv", "all.csv"]);
    assert!(said.contains("cannot write the table"), "{said}");

    assert!(desk.refused(&["retry", "1000"]).contains("give --yes"));
    let again = number(&desk.done(&["retry", "1000", "--yes", "--json"]));
    let again = store.db.broadcast_get(again).await.unwrap().unwrap().plan;
    assert_eq!(
        (again.audience, again.content),
        (Audience::FailedOf { broadcast: ID }, plan().content)
    );
    let back = number(&desk.done(&["undo", "1000", "--yes", "--json"]));
    let back = store.db.broadcast_get(back).await.unwrap().unwrap().plan;
    assert_eq!((back.audience, back.card), (Audience::DeliveredOf { broadcast: ID }, None));
    assert_eq!(back.content, Content::Undo { of: ID });

    let long_ago = store.moment(Some(-99_000_000));
    let sql = format!("UPDATE broadcasts SET done_at = {long_ago} WHERE id = 1000");
    store.place.execute(&sql).await;
    assert!(desk.refused(&["undo", "1000", "--yes"]).contains("too old"));
    assert!(desk.done(&["retry", "1000", "--yes", "--json"])["done"].as_bool().unwrap());
}
