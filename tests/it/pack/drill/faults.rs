//! The faults of the drill, one function each: it breaks something, waits until the admin was told,
//! mends it, and waits until the admin knows that, too.

use std::time::Duration;

use primelingo::domain::broadcast::{Audience, Content, DoubtPolicy, NewBroadcast};
use primelingo::domain::ids::{BroadcastId, ChatId, MessageId, UserId};
use primelingo::domain::lang::Lang;
use primelingo::fail_points::{Action, Point, Rule};
use serde_json::{Value, json};

use super::Drill;
use crate::support::bot::{ADAM, BotOptions, EDNA, bounded, data, now};

/// What a user writes to make a step panic.
const POISON: &str = "zz poison";
/// Names of files whose work fails, and of those whose reading eats memory.
const BROKEN: &str = "broken";
const HOG: &str = "hog";

/// Turns of the router that panic; the ones before show that it works.
const TURNS: std::ops::Range<u64> = 25..31;

/// The first recipients of the broadcasts.
const FIRST: [i64; 2] = [100_000, 200_000];

/// The first of those whose answers get lost.
const UNLUCKY: i64 = 7_001;

/// What is planned for the bot from its start on.
pub fn plan(options: BotOptions) -> BotOptions {
    let options = options
        .rule(Rule::always_on(Point::ChatStep.name(), POISON, Action::Panic))
        .rule(Rule::always_on(Point::JobWork.name(), BROKEN, Action::Error))
        .rule(Rule::always_on(Point::InspectChild.name(), HOG, Action::Allocate));
    TURNS.fold(options, |options, sweep| {
        options.rule(Rule::once(Point::RouterTick.name(), Action::Panic).from_reach(sweep))
    })
}

async fn faulty(drill: &Drill, faults: Value) {
    drill.bot.ctl("faults", faults).await;
}

async fn clear(drill: &Drill) {
    faulty(drill, json!({"clear": true, "files": {}})).await;
}

/// An actor panics again and again; meanwhile Redis is killed, and somebody tries tokens.
pub async fn restarts(drill: &mut Drill) {
    drill.begin(
        "the actor `chat_router` panics six times",
        &["PrimeLingoActorRestarting", "PrimeLingoPanics"],
    );
    drill.begin("Redis is killed", &["PrimeLingoRedisDown"]);
    drill.redis.stop();
    drill.begin("40 calls with a wrong token", &["PrimeLingoAuthFailures"]);
    let client = reqwest::Client::builder().build().unwrap();
    for _ in 0..40 {
        let url = format!("http://{}/webhooks/alertmanager", drill.listen[0]);
        let answer = client.post(url).bearer_auth("a-guess-of-somebody").send().await.unwrap();
        assert_eq!(answer.status(), 401);
    }
    drill.until_told().await;
    drill.redis.start_again();
    drill.mended().await;
}

/// Steps of users panic, work on files fails, and reading them eats memory.
pub async fn poison_and_files(drill: &mut Drill) {
    let poisoned = ["PrimeLingoUpdatesPutAside", "PrimeLingoErrorBudgetBurn1h"];
    drill.begin("14 updates make their step panic", &poisoned);
    for user in 0..14 {
        let message = json!({"user": UNLUCKY + 100 + user, "text": POISON});
        drill.bot.ctl("message", message).await;
    }
    let broken = ["PrimeLingoDeadJobs", "PrimeLingoUploadsFailing"];
    drill.begin("the work on 7 uploads fails", &broken);
    send_files(drill, BROKEN, 7).await;
    drill.begin("7 files eat the memory of whoever reads them", &["PrimeLingoInspectKills"]);
    send_files(drill, HOG, 7).await;
    drill.until_told().await;
    drill.mended().await;
}

async fn send_files(drill: &Drill, name: &str, count: u32) {
    let content = std::fs::read(data("toy.pdf")).unwrap();
    for number in 1..=count {
        let name = format!("{name}-{number}.pdf");
        let path = drill.bot.folder().join(&name);
        // None is a copy of another.
        std::fs::write(&path, [content.as_slice(), name.as_bytes()].concat()).unwrap();
        let file = json!({"type": "document", "path": path, "name": name});
        drill.bot.ctl("message", json!({"user": EDNA, "file": file})).await;
    }
}

/// Somebody else polls; meanwhile files come so slowly that others wait.
pub async fn another_poller(drill: &mut Drill) {
    drill.begin("downloads at 40 bytes/s hold all workers", &["PrimeLingoQueueStuck"]);
    let slow = json!({"files": {"throttle_bps": 40}});
    faulty(drill, slow).await;
    send_files(drill, "slow", 12).await;
    let waiting = "SELECT count(*) FROM jobs WHERE state = 'ready'";
    drill.bot.until("files to wait", async |bot| bot.number(waiting).await >= 2).await;
    drill.begin("polls are answered 409", &["PrimeLingoPollConflict"]);
    faulty(drill, json!({"rules": [{"kind": {"status": 409}, "methods": ["getUpdates"]}]})).await;
    drill.until_told().await;
    clear(drill).await;
    drill.mended().await;
}

pub async fn refused_token(drill: &mut Drill) {
    drill.begin("polls are answered 401", &["PrimeLingoTokenRejected"]);
    faulty(drill, json!({"rules": [{"kind": {"status": 401}, "methods": ["getUpdates"]}]})).await;
    drill.until_told().await;
    clear(drill).await;
    drill.mended().await;
}

pub async fn hanging_polls(drill: &mut Drill) {
    drill.begin("polls are never answered", &["PrimeLingoPollerStalled"]);
    let hang = json!({"get_updates_outage": {"for_s": 3_600, "kind": "hang"}});
    faulty(drill, hang).await;
    drill.until_told().await;
    clear(drill).await;
    drill.mended().await;
}

/// Messages arrive, and their answers do not; half of the polls are refused.
pub async fn lost_answers(drill: &mut Drill) {
    drill.begin("the answers to the sends to 14 people get lost", &["PrimeLingoSendsInDoubt"]);
    drill.begin("70 % of the polls are answered 502", &["PrimeLingoTelegramErrors"]);
    let people = UNLUCKY..UNLUCKY + 14;
    let lost = people
        .clone()
        .map(|person| json!({"kind": "drop_after", "methods": ["sendMessage"], "chat": person}));
    let mut rules: Vec<Value> = lost.collect();
    for person in people {
        drill.bot.ctl("message", json!({"user": person, "text": "/help"})).await;
    }
    rules.push(json!({"kind": {"status": 502}, "methods": ["getUpdates"], "share": 0.7}));
    faulty(drill, json!({"rules": rules})).await;
    drill.until_told().await;
    clear(drill).await;
    drill.mended().await;
}

pub async fn stalled_broadcast(drill: &mut Drill) {
    let stalled = ["PrimeLingoBroadcastStalled", "PrimeLingoFloodWait"];
    drill.begin("a broadcast gets 429, again and again", &stalled);
    let wait = json!({"kind": {"retry_after": 3}, "methods": ["copyMessage"]});
    faulty(drill, json!({"rules": [wait]})).await;
    broadcast(drill, 1, 50).await;
    drill.until_told().await;
    clear(drill).await;
    drill.mended().await;
    broadcast_is_over(drill).await;
}

pub async fn failing_broadcast(drill: &mut Drill) {
    drill.begin(
        "half of a broadcast is answered 400, upon which the bot stops it",
        &["PrimeLingoBroadcastFailing"],
    );
    let refuse = json!({"kind": {"status": 400}, "methods": ["copyMessage"], "share": 0.5});
    faulty(drill, json!({"rules": [refuse]})).await;
    broadcast(drill, 2, 900).await;
    drill.until_told().await;
    clear(drill).await;
    drill.mended().await;
    broadcast_is_over(drill).await;
}

async fn broadcast(drill: &mut Drill, number: i64, people: i64) {
    let first = FIRST[usize::try_from(number - 1).unwrap()];
    let bot = &mut drill.bot;
    bot.db.people_import(first, people, now()).await.unwrap();
    bot.ctl("users", json!({"count": people, "first": first})).await;
    let sent = bot.ctl("message", json!({"user": ADAM, "text": "News.", "wait": true})).await;
    let letter = MessageId(sent["message_ids"][0].as_i64().unwrap());
    let plan = NewBroadcast {
        id: BroadcastId(number),
        by: UserId(ADAM),
        card: None,
        content: Content::Copy { from: ChatId(ADAM), messages: vec![letter], buttons: Vec::new() },
        audience: Audience::Language { lang: Lang::Uz },
        doubt: DoubtPolicy::Skip,
        quiet: None,
        paid: false,
        start_at: now(),
        slot: None,
    };
    assert!(bot.db.broadcast_create(plan, now()).await.unwrap());
}

async fn broadcast_is_over(drill: &mut Drill) {
    let open = "SELECT count(*) FROM broadcasts WHERE state IN ('scheduled', 'running', 'paused')";
    drill.bot.until("the end of the broadcast", async |bot| bot.number(open).await == 0).await;
}

/// PostgreSQL dies as in a power cut, and comes back. What tells of it is in there.
pub async fn database_away(drill: &mut Drill) {
    drill.begin("PostgreSQL is stopped in the middle of its work", &["PrimeLingoDatabaseDown"]);
    drill.postgres.crash();
    drill.until("Prometheus to notice", |it| it.passed.is_some()).await;
    drill.postgres.return_from_crash();
    drill.until_told().await;
    drill.mended().await;
}

/// The leader is killed and the standby tells; then it is started and killed again and again.
pub async fn deaths(drill: &mut Drill) {
    drill.begin("the leader is killed (SIGKILL)", &["PrimeLingoDown"]);
    drill.bot.part().kill();
    let standby = drill.standby.take().expect("a process that stands by");
    drill.bot.adopt(standby);
    drill.until_told().await;

    drill.begin("it is started and killed three times more", &["PrimeLingoCrashLooping"]);
    let listen = drill.listen[0].to_string();
    let settings = [("web.listen", listen.as_str())];
    let started = format!("process_start_time_seconds{{instance=\"{listen}\"}}");
    let mut seen = Vec::new();
    for _ in 0..3 {
        let process = drill.bot.another(&["run"], &settings, "stands by").await;
        let prometheus = &drill.prometheus;
        bounded("Prometheus to see a start", async || {
            let values = prometheus.values(&started).await;
            (!values.is_empty() && values != seen).then(|| seen = values)
        })
        .await;
        process.kill();
        // Starts are told in whole seconds: the next one has to be in another.
        let second = Duration::from_secs(1);
        bounded("the next second", async || {
            let begun: f64 = *seen.first().unwrap();
            let since = Duration::from_secs_f64(begun);
            let now = Duration::from_secs(u64::try_from(now().timestamp()).unwrap());
            (now > since + second).then_some(())
        })
        .await;
    }
    drill.until("Prometheus to notice", |it| it.fired.is_some()).await;
    drill.standby = Some(drill.bot.another(&["run"], &settings, "stands by").await);
    drill.until_told().await;
    drill.mended().await;
}
