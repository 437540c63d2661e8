//! Redis flushed, evicting, halted, stopped and away at the start, between the steps of a dialog and
//! under load: nobody sees it. What the dialog looks like is kept in `docs/redis-transcript.md`.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;

use primelingo::domain::ids::UserId;
use primelingo::domain::role::Role;
use serde_json::{Value, json};

use super::steps::{answer_all, send_and_wait};
use crate::support::bot::{ANN, Backend, Bot, BotOptions, EDNA, Reply, bounded, now};
use crate::support::redis::{PASSWORD, Redis};

flows! {
    both {
        an_upload_while_redis_comes_and_goes,
        a_flood_while_redis_comes_and_goes,
        results_of_searches_are_kept_until_the_library_changes,
    }
    sqlite {
        the_limits_outlive_the_process,
    }
}

/// What the log says once for each outage, and at each return.
const DEGRADED: &str = "degraded: redis does not serve";
const SERVES: &str = "redis serves";

/// A bot with Redis, its readiness, and the story so far.
struct Stage {
    bot: Bot,
    redis: Redis,
    web: u16,
    story: String,
}

impl Stage {
    async fn set(backend: Backend) -> Self {
        let redis = Redis::start();
        let web = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let options = BotOptions::on(backend)
            .strict_limits()
            .set("redis.url", &redis.url())
            // A busy machine must not look like an outage.
            .set("redis.timeout_ms", "3000")
            .set("web.listen", &format!("127.0.0.1:{web}"));
        let bot = Bot::start(options).await;
        let mut stage = Self { bot, redis, web, story: String::new() };
        stage.until_redis_is("pass").await;
        stage
    }

    fn readiness(&self) -> String {
        get(self.web, "/readyz")
    }

    async fn until_redis_is(&mut self, state: &str) {
        let (web, line) = (self.web, format!("redis: {state}"));
        self.bot.until(&line, async |_| get(web, "/readyz").contains(&line)).await;
        // A bot that has not polled yet is not ready, whatever Redis does.
        let ready = self.readiness();
        assert!(ready.starts_with("HTTP/1.1 200") || ready.contains("poll: fail"), "{ready}");
        writeln!(self.story, "(/readyz: redis: {state})\n").unwrap();
    }

    fn tell(&mut self, what: &str) {
        writeln!(self.story, "--- {what} ---\n").unwrap();
    }

    fn note(&mut self, who: &str, input: &str, reply: &Reply) {
        writeln!(self.story, "{who}: {input}\n").unwrap();
        for line in reply.screen().lines() {
            writeln!(self.story, "{}", format!("    {line}").trim_end()).unwrap();
        }
        self.story.push('\n');
    }

    async fn say(&mut self, who: (&str, i64), text: &str) -> Reply {
        let reply = self.bot.say(who.1, text).await;
        self.note(who.0, text, &reply);
        reply
    }

    async fn press(&mut self, label: &str) -> Reply {
        let reply = self.bot.press(EDNA, label).await;
        let shown = label.trim_matches(['^', '$']);
        self.note("Edna", &format!("[{shown}]"), &reply);
        reply
    }

    /// How often this life of the bot has called a function of the store.
    fn calls_of(&self, name: &str) -> u64 {
        let line = format!("primelingo_db_query_duration_seconds_count{{query=\"{name}\"}} ");
        let metrics = get(self.web, "/metrics");
        let count = metrics.lines().find_map(|metric| metric.strip_prefix(&line));
        count.map_or(0, |count| count.parse().unwrap())
    }

    fn said(&self, text: &str) -> usize {
        self.bot.log().matches(text).count()
    }
}

const EDITOR: (&str, i64) = ("Edna", EDNA);
const LEARNER: (&str, i64) = ("Ann", ANN);

async fn an_upload_while_redis_comes_and_goes(backend: Backend) {
    let mut stage = Stage::set(backend).await;
    send_and_wait(&mut stage.bot, "crazyones.pdf").await;
    let card = Reply { messages: stage.bot.shown_by_bot(EDNA).await, toast: String::new() };
    stage.note("Edna", "<crazyones.pdf>", &card);

    stage.tell("Redis is flushed");
    stage.redis.flush();
    stage.say(EDITOR, "Redis-proof").await;

    stage.tell("Redis evicts keys at random, again and again");
    stage.redis.evict();
    stage.say(EDITOR, "A shelf").await;
    stage.redis.stop_evicting();

    stage.tell("Redis is halted: connections stay, nothing is answered");
    stage.redis.freeze();
    stage.press("^B1$").await;
    stage.until_redis_is("degraded").await;
    assert_eq!(stage.said(DEGRADED), 1, "said once");
    stage.press("English").await;

    stage.tell("Redis goes on");
    stage.redis.thaw();
    stage.until_redis_is("pass").await;

    stage.tell("Redis is killed");
    stage.redis.stop();
    stage.say(EDITOR, "speech, advertising").await;
    stage.until_redis_is("degraded").await;

    stage.tell("The bot is started anew, Redis is still away");
    stage.bot.stop().await;
    stage.bot.restart().await;
    stage.until_redis_is("degraded").await;
    stage.press("Publish").await;
    stage.say(LEARNER, "redis prof").await;

    stage.tell("Redis is back, empty");
    stage.redis.start_again();
    stage.until_redis_is("pass").await;
    stage.say(LEARNER, "misfits").await;
    stage.tell("Redis is flushed");
    stage.redis.flush();
    stage.say(LEARNER, "misfits").await;

    // Halted and killed, and away at the second start: each once. Back after each.
    assert_eq!(stage.said(DEGRADED), 3, "{}", stage.bot.log());
    assert_eq!(stage.said(SERVES), 3, "{}", stage.bot.log());
    let metrics = get(stage.web, "/metrics");
    let closed = "primelingo_circuit_open{dependency=\"redis\"} 0";
    assert!(metrics.contains(closed), "the circuit is not closed:\n{metrics}");
    assert!(!stage.bot.log().contains(PASSWORD), "the password is in the log");
    assert!(!metrics.contains(PASSWORD), "the password is in the metrics");
    compare_with_the_book(&stage.story);
    stage.bot.finish().await;
}

/// The story is the same on both databases, and is the one in the documentation.
fn compare_with_the_book(story: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let book = std::fs::read_to_string(root.join("docs/redis-transcript.md")).unwrap_or_default();
    let told = Path::new(env!("CARGO_TARGET_TMPDIR")).join("redis-transcript.txt");
    std::fs::write(&told, story).unwrap();
    assert!(
        book.contains(story),
        "docs/redis-transcript.md tells another story than {}:\n{story}",
        told.display(),
    );
}

/// Many chats write while Redis is flushed, cut off, halted and killed as fast as it can be.
async fn a_flood_while_redis_comes_and_goes(backend: Backend) {
    let mut redis = Redis::start();
    let options =
        BotOptions::on(backend).set("redis.url", &redis.url()).set("redis.timeout_ms", "50");
    let mut bot = Bot::start(options).await;
    let mix = json!([{"text": "/search zz{n}", "reply": "“zz{n}”"}]);
    bot.ctl("flood", json!({"updates": 600, "users": 40, "mix": mix})).await;
    let mut round = 0;
    loop {
        match round % 5 {
            0 => redis.flush(),
            1 => redis.disconnect_all(),
            2 => redis.freeze(),
            3 => {
                redis.thaw();
                redis.stop();
            }
            _ => redis.start_again(),
        }
        round += 1;
        let answered = bot.ctl("flood", json!({})).await["answered"].as_u64().unwrap_or(0);
        if answered == 600 {
            break;
        }
        let more = answered + 20;
        bot.until("more answers", async |bot| {
            let answered = bot.ctl("flood", json!({})).await["answered"].as_u64().unwrap_or(0);
            answered >= more.min(600)
        })
        .await;
    }
    let report = bot.ctl("flood/wait", json!({})).await;
    assert_eq!(report["unanswered"], 0, "{report:#}");
    assert_eq!(report["answered_twice"], 0, "{report:#}");
    assert_eq!(report["order_violations"], 0, "{report:#}");
    assert_eq!(bot.number("SELECT count(*) FROM outbox WHERE class = 'reply'").await, 600);
    bot.finish().await;
}

/// A chat has its three messages at once; then the bot is killed and knows nothing of them. Redis
/// does, so that Telegram has no reason to refuse the next three.
async fn the_limits_outlive_the_process(backend: Backend) {
    let mut stage = Stage::set(backend).await;
    for _ in 0..3 {
        for _ in 0..3 {
            stage.bot.ctl("message", json!({"user": ANN, "text": "/help"})).await;
        }
        stage.bot.settle().await;
        stage.bot.kill().await;
        stage.bot.restart().await;
        stage.until_redis_is("pass").await;
    }
    let refused = json!({"method": "sendMessage", "status": 429, "limit": 100});
    let refused = stage.bot.ctl("calls", refused).await;
    assert_eq!(refused["calls"], json!([]), "refused by Telegram");
    stage.bot.finish().await;
}

/// A search that was made before asks no tables, also after a restart; a new book is found at once.
async fn results_of_searches_are_kept_until_the_library_changes(backend: Backend) {
    let mut stage = Stage::set(backend).await;
    for life in ["the first", "the second"] {
        assert!(stage.bot.say(ANN, "kept results").await.text().contains("Nothing was found"));
        let searches = stage.calls_of("search_candidates");
        assert!(stage.bot.say(ANN, "kept results").await.text().contains("Nothing was found"));
        assert_eq!(stage.calls_of("search_candidates"), searches, "{life}");
        stage.bot.kill().await;
        stage.bot.restart().await;
        stage.until_redis_is("pass").await;
    }
    assert!(stage.bot.say(ANN, "kept results").await.text().contains("Nothing was found"));
    assert_eq!(stage.calls_of("search_candidates"), 0, "what the last life found is in Redis");

    send_and_wait(&mut stage.bot, "crazyones.pdf").await;
    answer_all(&mut stage.bot, "Kept results").await;
    assert!(stage.bot.say(EDNA, "kept results").await.text().starts_with("One result"));
    stage.bot.finish().await;
}

/// Over PostgreSQL a chat is read once; what follows is known from its copy, also after a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_of_dialogs_save_the_reads() {
    let mut stage = Stage::set(Backend::Postgres).await;
    for _ in 0..3 {
        stage.bot.say(ANN, "/help").await;
    }
    stage.bot.stop().await;
    stage.bot.restart().await;
    stage.until_redis_is("pass").await;
    for _ in 0..3 {
        assert!(stage.bot.say(ANN, "/help").await.text().contains("What I can do"));
    }
    assert_eq!(stage.calls_of("chat_load"), 0);
    stage.redis.flush();
    stage.bot.say(ANN, "/help").await;
    assert_eq!(stage.calls_of("chat_load"), 1);
    stage.bot.finish().await;
}

/// Copies of dialogs are set back to an earlier moment behind the bot's back: each answer is the one
/// that the database has reason for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_copies_show_nothing_and_allow_nothing() {
    let mut stage = Stage::set(Backend::Postgres).await;
    for _ in 0..2 {
        stage.bot.say(EDNA, "/start").await;
    }
    let idle = stage.copy().await;
    send_and_wait(&mut stage.bot, "crazyones.pdf").await;
    let asked_for_title = stage.copy().await;
    assert_ne!(idle, asked_for_title);

    // To the old copy this is a search; to the dialog it is a title.
    stage.set_back(&idle).await;
    let asked = stage.bot.say(EDNA, "Think").await;
    assert!(asked.text().contains("Where does it belong"), "{}", asked.screen());
    // To the old copy this is a title; to the dialog it is a section.
    stage.set_back(&asked_for_title).await;
    let asked = stage.bot.say(EDNA, "Speeches").await;
    assert!(asked.text().contains("For which level"), "{}", asked.screen());
    // What only shows something is held to the truth, too.
    stage.set_back(&idle).await;
    let menu = stage.bot.say(EDNA, "/start").await;
    assert!(menu.screen().contains("Continue"), "{}", menu.screen());

    // The role in the copy is not the role that counts.
    let editor = stage.copy().await;
    stage.bot.db.user_set_role(UserId(EDNA), Role::Learner, now()).await.unwrap();
    let refused = stage.bot.press(EDNA, "^B1$").await;
    assert!(!refused.text().contains("Which language"), "{}", refused.screen());
    stage.set_back(&editor).await;
    let refused = stage.bot.send_file(EDNA, "metadata.pdf").await;
    assert!(!refused.screen().contains("metadata.pdf"), "{}", refused.screen());
    assert_eq!(stage.bot.number("SELECT count(*) FROM materials").await, 1);

    let metrics = get(stage.web, "/metrics");
    let stale = "primelingo_fsm_operations_total{op=\"get\",source=\"cache\",outcome=\"stale\"}";
    let stale = metrics.lines().find(|line| line.starts_with(stale));
    assert!(stale.is_some_and(|line| !line.ends_with(" 0")), "old copies were met:\n{metrics}");
    stage.bot.say(EDNA, "/cancel").await;
    stage.bot.finish().await;
}

impl Stage {
    /// The editor's copy in Redis, once it is that of their last step: it is written behind the
    /// answer.
    async fn copy(&self) -> String {
        let version = "SELECT coalesce(max(version), 0) FROM sessions";
        bounded("the copy of the last step", async || {
            let stored = self.bot.number(version).await;
            let copy: Option<String> = self.redis.ask(&["GET", &self.name_of_the_copy()?]).unwrap();
            let copied: Value = serde_json::from_str(copy.as_deref()?).unwrap();
            (copied["session"]["version"].as_i64().unwrap_or(0) == stored).then_some(copy?)
        })
        .await
    }

    async fn set_back(&self, copy: &str) {
        self.copy().await;
        let () = self.redis.ask(&["SET", &self.name_of_the_copy().unwrap(), copy]).unwrap();
    }

    fn name_of_the_copy(&self) -> Option<String> {
        let end = format!(":session:{EDNA}:{EDNA}:0");
        self.redis.keys().into_iter().find(|key| key.ends_with(&end))
    }
}

/// The whole answer to a request; empty while nobody listens.
fn get(port: u16, path: &str) -> String {
    let mut answer = String::new();
    if let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .unwrap();
        stream.read_to_string(&mut answer).unwrap();
    }
    answer
}
