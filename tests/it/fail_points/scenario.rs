//! The same small day of a school, whatever happens to the bot meanwhile: a greeting, an upload
//! with its whole dialog, a search and a delivery, a broadcast, an orderly stop.
//!
//! People act once. The bot, wherever it dies, is started again as a service manager would; in the
//! end everything must be as if nothing had happened.

use primelingo::domain::broadcast::{Audience, Content, DoubtPolicy, NewBroadcast};
use primelingo::domain::ids::{BroadcastId, UserId};
use primelingo::fail_points::{Point, Rule};
use serde_json::{Value, json};

use crate::support::bot::{ADAM, ANN, BORIS, Backend, Bot, BotOptions, EDNA, data, now};

/// What one day came to.
pub struct Day {
    /// Points that were reached.
    pub reached: Vec<Point>,
    /// How often the bot acted on a rule.
    pub acted: usize,
    /// How often the bot died.
    pub deaths: usize,
}

/// Updates that the people's doings make.
const UPDATES: i64 = 10;

/// Messages that the bot owes for them, the card included; the other answers are edits.
const REPLIES: i64 = 7;

/// People who get the broadcast.
const RECIPIENTS: i64 = 3;

/// Messages that one death or one lost answer may double: all that are in flight, and here that is
/// one for each person.
const IN_DOUBT: usize = 3;

/// How a day is lived.
pub struct Plan {
    pub backend: Backend,
    /// The rules of the bot's first lives, one list for each; none after that.
    pub lives: Vec<Vec<Rule>>,
    /// Bytes of a file per second; all at once if none.
    pub throttle_bps: Option<u64>,
}

/// Lives a day, checks that nothing was lost or doubled, and tells what happened.
pub async fn live(plan: Plan) -> Day {
    let mut lives = plan.lives.into_iter();
    let mut options = BotOptions::on(plan.backend)
        .set("jobs.beat_s", "1")
        .set("jobs.poll_interval_ms", "100")
        .set("ingest.sweep_interval_ms", "200")
        .set("outbound.sweep_interval_ms", "200")
        .set("retry.backoff_base", "1.0");
    for rule in lives.next().unwrap_or_default() {
        options = options.rule(rule);
    }
    let bot = Bot::start_dying(options).await;
    let mut school = School { bot, next_lives: lives.collect(), deaths: 0 };
    if let Some(bps) = plan.throttle_bps {
        school.bot.ctl("faults", json!({"files": {"throttle_bps": bps}})).await;
    }
    school.work().await;
    school.end().await
}

struct School {
    bot: Bot,
    /// Rules of the lives to come.
    next_lives: Vec<Vec<Rule>>,
    deaths: usize,
}

impl School {
    async fn work(&mut self) {
        self.says(ANN, "/start").await;
        let file = json!({
            "type": "document", "path": data("crazyones.pdf"), "name": "crazyones.pdf",
        });
        self.does("message", json!({"user": EDNA, "file": file})).await;
        self.says(EDNA, "Fail-proof").await;
        self.says(EDNA, "A shelf").await;
        for label in ["Any level", "English", "Without tags", "Publish"] {
            self.does("click", json!({"chat": EDNA, "label": label})).await;
        }
        self.says(BORIS, "misfits").await;
        self.does("click", json!({"chat": BORIS, "label": "^1$"})).await;
        self.broadcasts().await;
        self.stops().await;
    }

    /// Whoever was seen today is told something; what may not have arrived is sent again.
    async fn broadcasts(&mut self) {
        let plan = NewBroadcast {
            id: BroadcastId(1),
            by: UserId(ADAM),
            card: None,
            content: Content::Text {
                template: "Well done, {name}".to_owned(),
                buttons: Vec::new(),
            },
            audience: Audience::All,
            doubt: DoubtPolicy::Resend,
            quiet: None,
            paid: false,
            start_at: now(),
            slot: None,
        };
        assert!(self.bot.db.broadcast_create(plan, now()).await.unwrap());
        self.settle().await;
    }

    async fn says(&mut self, user: i64, text: &str) {
        self.does("message", json!({"user": user, "text": text})).await;
    }

    async fn does(&mut self, call: &str, body: Value) {
        self.bot.ctl(call, body).await;
        self.settle().await;
    }

    /// Waits until everything that follows from what was done is over, jobs included.
    async fn settle(&mut self) {
        loop {
            self.revive();
            if self.bot.is_settled().await {
                return;
            }
            self.bot.pause().await;
        }
    }

    /// Starts a dead bot again.
    fn revive(&mut self) {
        if !self.bot.has_ended() {
            return;
        }
        self.deaths += 1;
        let rules = if self.next_lives.is_empty() { Vec::new() } else { self.next_lives.remove(0) };
        self.bot.bury_quietly();
        self.bot.plan(rules);
        self.bot.relaunch();
    }

    /// Stops the bot, which may die of that, and lets it do what it has not done.
    async fn stops(&mut self) {
        if !self.bot.stop_quietly().await {
            self.deaths += 1;
        }
        let rules = if self.next_lives.is_empty() { Vec::new() } else { self.next_lives.remove(0) };
        self.bot.plan(rules);
        self.bot.relaunch();
        self.settle().await;
    }

    async fn end(self) -> Day {
        let day = Day {
            reached: self.bot.reached().into_iter().collect(),
            acted: self.bot.acted_in_all(),
            deaths: self.deaths,
        };
        let bot = &self.bot;
        for (what, sql, expected) in [
            ("updates", "SELECT count(*) FROM updates WHERE state = 'done'", UPDATES),
            ("other updates", "SELECT count(*) FROM updates WHERE state <> 'done'", 0),
            ("published", "SELECT count(*) FROM materials WHERE state = 'published'", 1),
            ("materials", "SELECT count(*) FROM materials", 1),
            ("categories", "SELECT count(*) FROM categories", 1),
            ("jobs", "SELECT count(*) FROM jobs", 1),
            ("jobs done", "SELECT count(*) FROM jobs WHERE state = 'done'", 1),
            ("replies", "SELECT count(*) FROM outbox WHERE class = 'reply'", REPLIES),
            ("unsent", "SELECT count(*) FROM outbox WHERE state <> 'sent'", 0),
            ("incidents", "SELECT count(*) FROM incidents", 0),
            ("broadcasts done", "SELECT count(*) FROM broadcasts WHERE state = 'done'", 1),
            (
                "recipients served",
                "SELECT count(*) FROM broadcast_recipients WHERE state = 'delivered'",
                RECIPIENTS,
            ),
            ("progress", "SELECT delivered FROM broadcast_progress", RECIPIENTS),
        ] {
            assert_eq!(bot.number(sql).await, expected, "{what}");
        }
        let mut shown = 0;
        for chat in [ANN, BORIS, EDNA] {
            shown += bot.shown_by_bot(chat).await.len();
        }
        let replies = usize::try_from(REPLIES + RECIPIENTS).unwrap();
        let most = replies + IN_DOUBT * (day.deaths + day.acted);
        assert!(
            (replies..=most).contains(&shown),
            "{shown} messages, {replies} to {most} expected"
        );
        self.bot.finish_after_faults().await;
        day
    }
}
