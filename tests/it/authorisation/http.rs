//! Every route of the admin listener, and every action of the dashboard, by every kind of caller.

use std::collections::BTreeMap;

use primelingo::domain::dashboard::{Deed, Rank};
use primelingo::domain::ids::UserId;
use primelingo::domain::role::Role;
use reqwest::header::{AUTHORIZATION, HOST, ORIGIN};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use super::routes::{ROUTES, Who};
use crate::support::bot::{ADAM, Backend, Bot, BotOptions, EDNA, Visitor, now};

/// An owner by configuration.
const OLGA: i64 = 4_001;
/// An editor who loses the role.
const DORA: i64 = 4_002;
/// An editor who is banned.
const BELA: i64 = 4_003;
/// A method, a path, and for whom they are.
type Route = (&'static str, &'static str, Who);

/// Where actions go.
const ACTS: &str = "/api/v1/actions";

const TOKEN: &str = "a-token-of-the-tests";

/// Actions with a target that there is not, and the rank that each takes. The names are those of
/// `Deed`: a test below holds them against it.
pub const ACTIONS: [(&str, &str, Rank); 14] = [
    ("broadcast_pause", "7", Rank::Operator),
    ("broadcast_resume", "7", Rank::Operator),
    ("broadcast_cancel", "7", Rank::Operator),
    ("job_retry", "7", Rank::Operator),
    ("job_drop", "7", Rank::Operator),
    ("job_cancel", "7", Rank::Operator),
    ("group_retry", "ab12", Rank::Operator),
    ("group_drop", "ab12", Rank::Operator),
    ("queue_pause", "nothere", Rank::Operator),
    ("queue_resume", "nothere", Rank::Operator),
    ("actor_restart", "nobody", Rank::Owner),
    ("log_level", "everything", Rank::Owner),
    ("alert_ack", "7", Rank::Operator),
    ("undo", "0f0f", Rank::Operator),
];

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    Nobody,
    ForgedSession,
    WrongBearer,
    RightBearer,
    Editor,
    Admin,
    Owner,
    /// With a session from before.
    Demoted,
    /// With a session from before.
    Banned,
    /// An owner's browser, sent by a page of somebody else.
    ForeignOrigin,
    /// An owner's browser, led here under another name.
    ForeignName,
}

impl Caller {
    pub const ALL: [Self; 11] = [
        Self::Nobody,
        Self::ForgedSession,
        Self::WrongBearer,
        Self::RightBearer,
        Self::Editor,
        Self::Admin,
        Self::Owner,
        Self::Demoted,
        Self::Banned,
        Self::ForeignOrigin,
        Self::ForeignName,
    ];

    /// What their session is worth now.
    const fn rank(self) -> Option<Rank> {
        match self {
            Self::Editor => Some(Rank::Viewer),
            Self::Admin => Some(Rank::Operator),
            Self::Owner | Self::ForeignOrigin | Self::ForeignName => Some(Rank::Owner),
            Self::Nobody
            | Self::ForgedSession
            | Self::WrongBearer
            | Self::RightBearer
            | Self::Demoted
            | Self::Banned => None,
        }
    }
}

/// Whether a status says that it was done, or would have been: nothing is said of what is not there
/// to those who may not.
fn expected((method, path, who): Route, needs: Rank, caller: Caller) -> &'static [u16] {
    const LET_IN: &[u16] = &[200, 204, 404, 409];
    const SIGN_IN: &[u16] = &[401, 429];
    let is_post = method == "post";
    let has_a_name = path.starts_with("/dashboard") || path.starts_with("/api");
    match (who, caller) {
        // These have tests of their own, where they are set up.
        (Who::Session | Who::Key | Who::Alertmanager | Who::Telegram, _) => &[],
        // The page and the API are there under their own name alone.
        (_, Caller::ForeignName) if has_a_name => &[421],
        (_, Caller::ForeignOrigin) if is_post => &[403],
        // A link without a key is no way in.
        (Who::Anybody, _) if path == "/dashboard/enter" => &[403],
        // Who asks for another name comes through a browser that was led here.
        (Who::Machine, Caller::ForeignName) => &[401],
        (Who::Anybody | Who::Machine, _) => &[200, 404, 503],
        (Who::Viewer, Caller::RightBearer) => &[200],
        (Who::Viewer, caller) if caller.rank().is_some() => &[200],
        (Who::Viewer | Who::Owner, _)
            if caller.rank().is_none() && caller != Caller::RightBearer =>
        {
            SIGN_IN
        }
        (Who::Owner, caller) if caller.rank() == Some(Rank::Owner) => &[200],
        // A script only sees.
        (Who::Viewer | Who::Owner, _) | (Who::Doer, Caller::RightBearer) => &[403],
        (Who::Doer, caller) => match caller.rank() {
            Some(rank) if rank >= needs => LET_IN,
            Some(_) => &[403],
            None => SIGN_IN,
        },
    }
}

/// The cells that are gone through: each route by each caller, the actions one by one.
pub fn cells() -> usize {
    let of = |route: &Route| {
        let is_asked = !expected(*route, Rank::Viewer, Caller::Nobody).is_empty();
        let times = if route.1 == ACTS { ACTIONS.len() } else { usize::from(is_asked) };
        times * Caller::ALL.len()
    };
    ROUTES.iter().map(of).sum()
}

struct Callers(BTreeMap<Caller, Visitor>);

impl Callers {
    async fn gather(bot: &mut Bot) -> Self {
        let mut all = BTreeMap::new();
        for (caller, user) in [(Caller::Editor, EDNA), (Caller::Admin, ADAM), (Caller::Owner, OLGA)]
        {
            all.insert(caller, bot.visitor(user).await);
        }
        for (caller, user) in [(Caller::Demoted, DORA), (Caller::Banned, BELA)] {
            bot.db.user_set_role(UserId(user), Role::Editor, now()).await.unwrap();
            all.insert(caller, bot.visitor(user).await);
        }
        let owner = all[&Caller::Owner].clone();
        all.insert(Caller::ForeignOrigin, owner.clone());
        all.insert(Caller::ForeignName, owner.clone());
        let mut forged = owner;
        forged.cookie.replace_range(forged.cookie.len() - 4.., "AAAA");
        all.insert(Caller::ForgedSession, forged);
        all.insert(Caller::Nobody, bot.stranger());
        all.insert(Caller::RightBearer, bot.stranger());
        // From elsewhere, so that its address alone is locked out.
        all.insert(Caller::WrongBearer, bot.stranger_at([127, 0, 0, 2].into()));
        Self(all)
    }

    fn ask(
        &self,
        caller: Caller,
        method: &str,
        path: &str,
        action: (&str, &str),
    ) -> RequestBuilder {
        let visitor = &self.0[&caller];
        let request = if method == "post" {
            let origin = match caller {
                Caller::ForeignOrigin => "https://evil.example.org",
                _ => &visitor.base,
            };
            let site = if caller == Caller::ForeignOrigin { "cross-site" } else { "same-origin" };
            let (action, target) = action;
            let body = json!({"action": action, "target": target}).to_string();
            let request = visitor.request(Method::POST, path).body(body);
            let request = request.header("Sec-Fetch-Site", site).header(ORIGIN, origin);
            request.header("X-CSRF", &visitor.csrf).header("content-type", "application/json")
        } else {
            visitor.request(Method::GET, path)
        };
        match caller {
            Caller::WrongBearer => request.header(AUTHORIZATION, "Bearer of-nobody"),
            Caller::RightBearer => request.header(AUTHORIZATION, format!("Bearer {TOKEN}")),
            Caller::ForeignName => request.header(HOST, "evil.example.org"),
            _ => request,
        }
    }
}

#[test]
fn every_action_of_the_dashboard_has_a_row() {
    for (action, target, rank) in ACTIONS {
        let deed = Deed::parse(action, target).unwrap();
        assert_eq!((deed.name(), deed.needs()), (action, rank));
        // A new deed without a row does not compile.
        match deed {
            Deed::Broadcast(..)
            | Deed::Job(..)
            | Deed::RetryGroup(_)
            | Deed::DropGroup(_)
            | Deed::PauseQueue(_)
            | Deed::ResumeQueue(_)
            | Deed::RestartActor(_)
            | Deed::LogLevel(_)
            | Deed::AckAlert(_)
            | Deed::Undo(_) => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn routes_are_open_for_whom_they_are() {
    let options = BotOptions::on(Backend::Sqlite).dashboard();
    let options = options.set("web.token", TOKEN).set("access.owners", &OLGA.to_string());
    let mut bot = Bot::start(options).await;
    let callers = Callers::gather(&mut bot).await;
    bot.command(&["users", "role", "4002", "learner"]);
    bot.command(&["users", "ban", "4003"]);
    for gone in [Caller::Demoted, Caller::Banned] {
        let visitor = callers.0[&gone].clone();
        bot.until("a session without a role to end", async |_| {
            visitor.get("/api/v1/me").await.0 == 401
        })
        .await;
    }
    let audited = "SELECT count(*) FROM audit WHERE actor <> 0";
    let before = bot.number(audited).await;
    let (mut cells, mut faults) = (0, Vec::new());
    for route in ROUTES {
        let (method, path, _) = route;
        let is_act = *path == ACTS;
        let actions = if is_act { ACTIONS.as_slice() } else { &ACTIONS[..1] };
        for (action, target, needs) in actions {
            for caller in Caller::ALL {
                let expected = expected(*route, *needs, caller);
                if expected.is_empty() {
                    continue;
                }
                let path = path.replace("{file}", "nothere.js");
                let request = callers.ask(caller, method, &path, (action, target));
                let status = request.send().await.unwrap().status().as_u16();
                cells += 1;
                if !expected.contains(&status) {
                    let what = if is_act { action } else { "" };
                    faults.push(format!("{method} {path} {what} {caller:?}: {status}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} of {cells}:\n{}", faults.len(), faults.join("\n"));
    assert_eq!(bot.number(audited).await, before, "nothing was there to be done");
    assert_eq!(cells, super::http::cells());
    bot.finish().await;
}
