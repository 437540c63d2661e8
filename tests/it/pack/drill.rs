//! The drill: alerts are fired for real, by faults, through Prometheus and Alertmanager to the chat of
//! an admin, and are over there when the fault is.
//!
//! The bot is the real program with a standby beside it, on servers of PostgreSQL and Redis that the
//! drill may stop; rules and routes are ours on a faster clock ([`scaled`](super::scaled)), and so
//! is the bot's own judgement (`alerts.patience`). The table of what happened is printed, and
//! written to the file that `PRIMELINGO_DRILL_TABLE` names: `docs/alerts-drill.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use primelingo::domain::alert::rules::same_as;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::scaled::{self, FASTER};
use super::servers::Server;
use super::{RuleFile, panels, text_of};
use crate::support::bot::{ADAM, Another, Bot, BotOptions, free_address};
use crate::support::place::Place;
use crate::support::postgres::Postgres;
use crate::support::redis::Redis;

mod faults;

/// Longest wait for one step of the drill: generous, so that a busy machine fails no drill.
const PATIENCE: Duration = Duration::from_secs(100);

/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What Alertmanager shows to the bot.
const TOKEN: &str = "the-token-of-alertmanager";

/// What happened to an alert.
#[derive(Debug)]
struct Incident {
    fault: &'static str,
    begun: Instant,
    /// When Prometheus said that it fires.
    fired: Option<Instant>,
    /// When Alertmanager had it.
    passed: Option<Instant>,
    /// When an admin read it.
    told: Option<Instant>,
    /// When the fault ended.
    mended: Option<Instant>,
    /// When an admin read that it is over.
    over: Option<Instant>,
    /// What was waited for in vain; the drill goes on without it, and fails at its end.
    missed: Option<String>,
}

/// The bot and all that watches it.
struct Drill {
    bot: Bot,
    standby: Option<Another>,
    redis: Redis,
    postgres: &'static Postgres,
    prometheus: Server,
    alertmanager: Server,
    /// Where the bot and its standby listen.
    listen: [SocketAddr; 2],
    incidents: BTreeMap<&'static str, Incident>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "five minutes of the clock: for a machine that does nothing else"]
async fn alerts_reach_an_admin_and_are_over_when_the_fault_is() {
    let mut drill = Drill::start().await;
    faults::restarts(&mut drill).await;
    faults::database_away(&mut drill).await;
    faults::poison_and_files(&mut drill).await;
    faults::another_poller(&mut drill).await;
    faults::refused_token(&mut drill).await;
    faults::hanging_polls(&mut drill).await;
    faults::lost_answers(&mut drill).await;
    faults::stalled_broadcast(&mut drill).await;
    faults::failing_broadcast(&mut drill).await;
    faults::deaths(&mut drill).await;
    let table = drill.table();
    show(&table);
    drill.must_be_good();
    drill.end().await;
    if let Some(file) = std::env::var_os("PRIMELINGO_DRILL_TABLE") {
        std::fs::write(file, &table).unwrap();
    }
}

#[expect(clippy::print_stdout, reason = "whoever runs the drill wants to see it")]
fn show(table: &str) {
    println!("{table}");
}

impl Drill {
    async fn start() -> Self {
        let listen = [free_address(), free_address()];
        let (postgres, redis) = (Postgres::own(), Redis::start());
        let options = faults::plan(BotOptions::at(Place::postgres_of(postgres)))
            .set("web.listen", &listen[0].to_string())
            .set("redis.url", &redis.url())
            .set("telegram.poll_timeout_s", "1")
            .set("telegram.poll_margin_s", "1")
            .set("alerts.webhook_token", TOKEN)
            .set("alerts.patience", &(1.0 / f64::from(FASTER)).to_string())
            .set("instance.lease_s", "3")
            .set("instance.renew_ms", "500")
            .set("instance.look_ms", "200")
            .set("jobs.max_attempts", "1")
            .set("inspect.memory_mb", "256");
        let mut bot = Bot::start(options).await;
        // Nobody who has never written to the bot can be told.
        bot.say(ADAM, "/start").await;
        let second = listen[1].to_string();
        let standby = bot.another(&["run"], &[("web.listen", &second)], "stands by").await;
        let urls: Vec<String> =
            listen.iter().map(|at| format!("http://{at}/webhooks/alertmanager")).collect();
        let alertmanager = Server::alertmanager(&scaled::alertmanager(&urls, TOKEN)).await;
        let mut config = panels::config(&listen, "500ms");
        config["rule_files"] = json!(["rules.yml"]);
        let target = alertmanager.address.to_string();
        config["alerting"] =
            json!({"alertmanagers": [{"static_configs": [{"targets": [target]}]}]});
        let prometheus = Server::prometheus(&config, &scaled::rules()).await;
        for target in listen {
            prometheus.sees(target).await;
        }
        let incidents = BTreeMap::new();
        let standby = Some(standby);
        Self { bot, standby, redis, postgres, prometheus, alertmanager, listen, incidents }
    }

    /// A fault begins, and these alerts are expected of it.
    fn begin(&mut self, fault: &'static str, alerts: &[&'static str]) {
        for alert in alerts {
            let incident = Incident {
                fault,
                begun: Instant::now(),
                fired: None,
                passed: None,
                told: None,
                mended: None,
                over: None,
                missed: None,
            };
            assert!(self.incidents.insert(alert, incident).is_none(), "{alert} twice");
        }
    }

    /// Waits until admins were told of all that was expected.
    async fn until_told(&mut self) {
        self.until("admins to be told", |it| it.told.is_some() && it.fired.is_some()).await;
    }

    /// The faults have ended; waits until admins know.
    async fn mended(&mut self) {
        let now = Instant::now();
        for incident in self.incidents.values_mut() {
            incident.mended.get_or_insert(now);
        }
        self.until("alerts to be over", |it| it.over.is_some()).await;
    }

    /// Waits for something of all incidents. What does not come is noted, so that the drill shows all
    /// that is wrong at once.
    async fn until(&mut self, what: &str, is_done: impl Fn(&Incident) -> bool) {
        let begun = Instant::now();
        loop {
            self.look().await;
            let open = self.incidents.values_mut();
            let open: Vec<&mut Incident> =
                open.filter(|it| it.missed.is_none() && !is_done(it)).collect();
            if open.is_empty() {
                return;
            }
            if begun.elapsed() > PATIENCE {
                for incident in open {
                    incident.missed = Some(what.to_owned());
                }
                let shown = self.bot.screen(ADAM, 12).await;
                show(&format!("waited in vain for {what}; the admin sees\n{shown}"));
                return;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Nothing was waited for in vain.
    fn must_be_good(&self) {
        let missed: Vec<String> = self
            .incidents
            .iter()
            .filter_map(|(alert, incident)| Some(format!("{alert}: {}", incident.missed.as_ref()?)))
            .collect();
        assert!(missed.is_empty(), "waited in vain for {}", missed.join(", "));
    }

    /// Notes what is new at Prometheus, at Alertmanager and in the admin's chat.
    async fn look(&mut self) {
        let firing = self.firing().await;
        let passed = self.passed().await;
        let lines = self.lines().await;
        let now = Instant::now();
        for (alert, incident) in &mut self.incidents {
            if firing.iter().any(|name| name == alert) {
                incident.fired.get_or_insert(now);
            }
            if passed.iter().any(|name| name == alert) {
                incident.passed.get_or_insert(now);
            }
            let title = title(alert);
            let of = |line: &&String| line.contains(&title);
            let is_open =
                |line: &String| ["🔴", "🟠", "🔵"].iter().any(|sign| line.starts_with(sign));
            if lines.iter().filter(of).any(is_open) {
                incident.told.get_or_insert(now);
            } else if incident.told.is_some() && incident.mended.is_some() {
                let is_over = lines.iter().filter(of).any(|line| line.starts_with('✅'));
                if is_over {
                    incident.over.get_or_insert(now);
                }
            }
        }
    }

    async fn firing(&self) -> Vec<String> {
        let answer = self.prometheus.ask("api/v1/alerts", &[]).await;
        let alerts = answer["data"]["alerts"].as_array().cloned().unwrap_or_default();
        names(alerts.iter().filter(|alert| alert["state"] == "firing"))
    }

    async fn passed(&self) -> Vec<String> {
        let answer = self.alertmanager.ask("api/v2/alerts", &[]).await;
        names(answer.as_array().into_iter().flatten())
    }

    /// The lines of all that the bot shows to the admin now.
    async fn lines(&self) -> Vec<String> {
        let shown = self.bot.shown_by_bot(ADAM).await;
        let texts = shown.iter().filter_map(|message| message["text"].as_str());
        texts.flat_map(str::lines).map(str::to_owned).collect()
    }

    fn table(&self) -> String {
        let rules = RuleFile::shipped();
        let complete = |(_, it): &(_, &Incident)| it.missed.is_none() && it.over.is_some();
        let mut rows: Vec<_> = self.incidents.iter().filter(complete).collect();
        rows.sort_by_key(|(_, incident)| incident.begun);
        let mut table = format!(
            "# Alerts, fired for real\n\n\
             Faults were put into the running program and what it stands on; Prometheus evaluated our rules, \
             Alertmanager passed them on to\n\
             the bot, and the bot told an admin in the (simulated) chat and edited the message when it was over. \
             {} of {} alerts.\n\n\
             Made by `PRIMELINGO_DRILL_TABLE=docs/alerts-drill.md cargo test --features failpoints --test it \
             pack::drill -- --ignored`: all durations of rules\n\
             and routes are divided by {FASTER} there, so a `for` of 2 min is 3 s. Times are seconds after the fault \
             began, the last column after it ended;\n\
             where the admin was told before Prometheus fired, the bot's own judgement was first: the two are one \
             message. The drill does not go on before both have come.\n\n\
             | alert | severity | fault | fires after | admin told after | over after |\n\
             |---|---|---|--:|--:|--:|\n",
            rows.len(),
            rules.alerts().count(),
        );
        for (alert, incident) in rows {
            let rule = rules.alerts().find(|rule| rule.alert == **alert).unwrap();
            let after = |at: Option<Instant>, from: Option<Instant>| {
                (at.unwrap() - from.unwrap()).as_secs_f64()
            };
            writeln!(
                table,
                "| [{alert}](runbooks/{alert}.md) | {} | {} | {:.1} | {:.1} | {:.1} |",
                rule.labels["severity"],
                incident.fault,
                after(incident.fired, Some(incident.begun)),
                after(incident.told, Some(incident.begun)),
                after(incident.over, incident.mended),
            )
            .unwrap();
        }
        table
    }

    async fn end(self) {
        let Self { bot, standby, prometheus, alertmanager, .. } = self;
        drop((prometheus, alertmanager));
        if let Some(standby) = standby {
            standby.kill();
        }
        bot.finish_after_faults().await;
    }
}

fn names<'a>(alerts: impl Iterator<Item = &'a Value>) -> Vec<String> {
    alerts.filter_map(|alert| alert["labels"]["alertname"].as_str()).map(str::to_owned).collect()
}

/// What the admin reads an alert as: the bot's own words in Russian where it has a rule that means the
/// same, otherwise the name.
fn title(alert: &str) -> String {
    let Some(rule) = same_as(alert) else { return alert.to_owned() };
    let key = format!("alert-rule-{} = ", rule.name.replace('_', "-"));
    let texts = text_of("src/views/locales/ru.ftl");
    let line = texts.lines().find_map(|line| line.strip_prefix(&key));
    line.unwrap_or_else(|| panic!("no text {key}")).to_owned()
}
