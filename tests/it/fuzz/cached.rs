//! What somebody else has left in Redis under our keys: it counts as nothing, and what we put there next
//! is ours again. A limit whose key holds no number is a limit still.

use std::sync::Arc;

use primelingo::cache::{CacheState, Found, Lane, SearchKey, Turn};
use primelingo::domain::ids::{ChatId, UserId};
use primelingo::domain::search_page::Total;
use primelingo::domain::session::{ChatState, SessionKey, StoredSession};

use super::text::hostile_text;
use super::{cases, chance, json};
use crate::cache::with;
use crate::support::redis::Redis;

const KEY: SessionKey = SessionKey { chat: ChatId(1), user: UserId(7), thread: 0 };

fn state() -> ChatState {
    let session = StoredSession { body: "{\"dialog\":\"idle\"}".to_owned(), schema: 1, version: 3 };
    ChatState { session: Some(session), user: None, ban: None, bans: 0 }
}

/// The one key whose name has this in it.
fn key(redis: &Redis, part: &str) -> String {
    let keys: Vec<String> = redis.keys().into_iter().filter(|key| key.contains(part)).collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    keys.into_iter().next().unwrap()
}

/// A value that we have not written: a changed one of ours, a tree of chance, a text.
fn value(rng: &mut fastrand::Rng, case: usize, ours: &str) -> String {
    match case % 3 {
        0 => {
            let mut tree: serde_json::Value = serde_json::from_str(ours).unwrap();
            (0..rng.usize(1..4)).for_each(|_| json::change(rng, &mut tree));
            tree.to_string()
        }
        1 => json::damage(rng, ours),
        _ => hostile_text(rng, case),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strange_values_are_no_dialogs_and_no_results() {
    let redis = Redis::start();
    let (writer, reader) = (with(&redis).await, with(&redis).await);
    let mut rng = chance();
    writer.sessions.put(KEY, &state()).await;
    let session = key(&redis, ":session:");
    let ours: String = redis.ask(&["GET", &session]).unwrap();
    let (mut read, mut nothing) = (0, 0);
    for case in 0..cases(600) {
        let strange = value(&mut rng, case, &ours);
        let () = redis.ask(&["SET", &session, &strange]).unwrap();
        match reader.sessions.get(KEY).await {
            // A form of ours: the commit finds out whether it is old.
            Some(_) => read += 1,
            None => nothing += 1,
        }
    }
    assert!(read > 0 && nothing > 0);
    // Neither letters nor even a text.
    let set = format!("return redis.call('SET', '{session}', '\\255\\254')");
    let () = redis.ask(&["EVAL", &set, "0"]).unwrap();
    assert_eq!(reader.sessions.get(KEY).await, None);
    let () = redis.ask(&["DEL", &session]).unwrap();
    let _: i64 = redis.ask(&["LPUSH", &session, "x"]).unwrap();
    assert_eq!(reader.sessions.get(KEY).await, None);
    writer.sessions.put(KEY, &state()).await;
    assert_eq!(reader.sessions.get(KEY).await, Some(state()), "ours again");
    println!("dialogs: {read} read, {nothing} nothing");

    let found = Arc::new(Found { hits: Vec::new(), total: Total::AtLeast(9) });
    let (mut read, mut nothing) = (0, 0);
    for case in 0..cases(300) {
        let question = format!("words {case}");
        let search = SearchKey::new(3, &question);
        writer.searches.put(search, Arc::clone(&found)).await;
        let name = key(&redis, ":search:");
        let ours: String = redis.ask(&["GET", &name]).unwrap();
        let strange = value(&mut rng, case, &ours);
        let () = redis.ask(&["SET", &name, &strange]).unwrap();
        match reader.searches.get(search).await {
            Some(_) => read += 1,
            None => nothing += 1,
        }
        let _: i64 = redis.ask(&["DEL", &name]).unwrap();
    }
    assert!(nothing > 0);
    println!("results: {read} read, {nothing} nothing");
    for cache in [&writer, &reader] {
        assert_eq!(cache.state(), CacheState::Shared, "one strange key is no outage");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_holds_whatever_its_key_says() {
    const STRANGE: [&str; 14] = [
        "",
        "x",
        "nan",
        "-nan",
        "inf",
        "-inf",
        "1e400",
        "-1e400",
        "0x10",
        "-1",
        "99999999999999999999999",
        "1 2",
        "\u{0}",
        "{}",
    ];
    let redis = Redis::start();
    let cache = with(&redis).await;
    let limiter = &cache.limiter;
    let mut chat = 100;
    for strange in STRANGE.iter().map(|it| Some(*it)).chain([None]) {
        chat += 1;
        for part in [
            "limit:bot",
            "limit:floor",
            &format!("limit:chat:{chat}"),
            &format!("limit:group:-{chat}"),
        ] {
            let key = format!("primelingo:{{test}}:{part}");
            let _: i64 = redis.ask(&["DEL", &key]).unwrap();
            match strange {
                Some(text) => {
                    let () = redis.ask(&["SET", &key, text]).unwrap();
                }
                // Of another sort than any that we write.
                None => {
                    let _: i64 = redis.ask(&["LPUSH", &key, "x"]).unwrap();
                }
            }
        }
        // Three at once, of which the strange value may have taken some; then no more.
        let mut granted = 0;
        for _ in 0..6 {
            match limiter.reserve(ChatId(chat), Lane::Reply, 1).await {
                Turn::Granted => granted += 1,
                Turn::Wait(wait) => assert!(wait.as_secs() <= 10_000, "{strange:?}: {wait:?}"),
            }
        }
        assert!(granted <= 3, "{strange:?}: {granted} of a burst of 3");
        // The key is ours again: also another process is held by it.
        let kept: Result<f64, _> =
            redis.ask(&["GET", &format!("primelingo:{{test}}:limit:chat:{chat}")]);
        assert!(kept.is_ok_and(f64::is_finite), "{strange:?}");
        assert_eq!(cache.state(), CacheState::Shared, "{strange:?} is no outage");
    }
}
