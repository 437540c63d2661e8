//! Who asks: somebody of the team with a pass, or a script with the token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, COOKIE as COOKIE_HEADER};
use tokio::time::{Instant, timeout};

use super::Dashboard;
use super::people::{FRESH_FOR, Member, READ_WITHIN, Unknown};
use super::sign::{NoPass, Pass};
use crate::web::bearer::judge;
use crate::web::lock::{Locked, Surface};
use crate::web::meters;

/// The cookie with the pass.
pub const COOKIE: &str = "primelingo";

/// With so many known passes those are forgotten of which nothing has to be remembered.
const KNOWN_MAX: usize = 1_000;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Somebody of the team, and their pass.
    Member(Member, Pass),
    /// A script, which sees.
    Script,
}

/// Why nobody is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// They have to enter first.
    SignIn,
    /// They have tried too often.
    TooOften(Locked),
    /// What they are cannot be read, and was not read before.
    Database,
}

/// What is known of passes that have not expired: whether their holders have left. The database has
/// it for all processes, also after a restart; here is what of it was read last.
#[derive(Debug, Default)]
pub struct Left(Mutex<HashMap<(i64, u64), Standing>>);

#[derive(Debug, Clone, Copy)]
struct Standing {
    has_left: bool,
    expires_s: i64,
    read_at: Instant,
}

impl Left {
    /// What was read of a pass. Who has left does not come back.
    pub fn note(&self, pass: Pass, has_left: bool, now_s: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.retain(|_, standing| standing.has_left && standing.expires_s > now_s);
        }
        let read_at = Instant::now();
        let standing = Standing { has_left, expires_s: pass.expires_s, read_at };
        let kept = known.entry((pass.user.0, pass.nonce)).or_insert(standing);
        *kept = Standing { has_left: kept.has_left || has_left, ..standing };
    }

    /// Whether they have, as far as it is known.
    pub fn has(&self, pass: Pass) -> bool {
        self.standing(pass).is_some_and(|standing| standing.has_left)
    }

    fn is_due(&self, pass: Pass) -> bool {
        self.standing(pass).is_none_or(|standing| standing.read_at.elapsed() >= FRESH_FOR)
    }

    fn standing(&self, pass: Pass) -> Option<Standing> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(pass.user.0, pass.nonce)).copied()
    }
}

impl Dashboard {
    /// Who asks. What is presented and is none counts as a failure; nothing at all does not.
    pub(super) async fn caller(&self, request: &HttpRequest) -> Result<Caller, Refusal> {
        if request.headers().contains_key(AUTHORIZATION) {
            return match judge(request, Surface::Api, &self.parts.token, &self.locks) {
                Ok(()) => Ok(Caller::Script),
                Err(Some(locked)) => Err(Refusal::TooOften(locked)),
                Err(None) => Err(Refusal::SignIn),
            };
        }
        let Some(cookie) = cookie(request) else { return Err(Refusal::SignIn) };
        let pass = match self.signer.open(cookie, self.now_s()) {
            Ok(pass) if self.left.has(pass) => return Err(Refusal::SignIn),
            Ok(pass) => pass,
            Err(NoPass::Expired) => return Err(Refusal::SignIn),
            Err(NoPass::Forged) => return Err(self.fail(request)),
        };
        match self.look_up(pass).await {
            Ok(member) => Ok(Caller::Member(member, pass)),
            Err(Unknown::Stranger) => Err(Refusal::SignIn),
            Err(Unknown::Database) => Err(Refusal::Database),
        }
    }

    /// Reads run where threads may be held.
    async fn look_up(&self, pass: Pass) -> Result<Member, Unknown> {
        if self.has_left(pass).await {
            return Err(Unknown::Stranger);
        }
        let (people, db) = (Arc::clone(&self.people), self.parts.db.clone());
        let looking = self.parts.work.spawn(async move { people.look_up(&db, pass.user).await });
        looking.await.unwrap_or(Err(Unknown::Database))
    }

    /// Whether the holder of a pass has left. While the database is away, what was read last counts.
    async fn has_left(&self, pass: Pass) -> bool {
        if self.left.is_due(pass) {
            let (db, Pass { user, nonce, .. }) = (self.parts.db.clone(), pass);
            let reading = self.parts.work.spawn(async move {
                timeout(READ_WITHIN, db.dashboard_pass_is_left(user, nonce)).await
            });
            if let Ok(Ok(Ok(has_left))) = reading.await {
                self.left.note(pass, has_left, self.now_s());
            }
        }
        self.left.has(pass)
    }

    /// Notes a failure; gives how it is answered.
    pub(super) fn fail(&self, request: &HttpRequest) -> Refusal {
        if let Some(refusal) = self.locked(request) {
            return refusal;
        }
        self.locks.fail(Surface::Dashboard, request);
        Refusal::SignIn
    }

    /// The refusal of whoever has tried too often. It counts as a failure.
    pub(super) fn locked(&self, request: &HttpRequest) -> Option<Refusal> {
        let locked = self.locks.of(Surface::Dashboard, request)?;
        meters::auth_failed(Surface::Dashboard.name());
        Some(Refusal::TooOften(locked))
    }
}

/// The cookie with the pass, if one was sent.
fn cookie(request: &HttpRequest) -> Option<&str> {
    let headers = request.headers().get_all(COOKIE_HEADER);
    let mut pairs =
        headers.filter_map(|header| header.to_str().ok()).flat_map(|header| header.split(';'));
    pairs.find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::UserId;

    #[test]
    fn a_pass_of_somebody_who_has_left_is_worth_nothing() {
        let left = Left::default();
        let pass = Pass { user: UserId(1), expires_s: 100, nonce: 5 };
        assert!(!left.has(pass));
        assert!(left.is_due(pass), "nothing is known of it");
        left.note(pass, true, 0);
        assert!(left.has(pass) && !left.is_due(pass));
        left.note(pass, false, 0);
        assert!(left.has(pass), "an older answer of the database comes late");
        assert!(!left.has(Pass { nonce: 6, ..pass }), "another one of theirs");
        for nonce in 10..5_000 {
            left.note(Pass { nonce, ..pass }, false, 0);
        }
        assert!(left.has(pass), "the others are forgotten");
        assert!(left.0.lock().unwrap().len() <= KNOWN_MAX);
    }
}
