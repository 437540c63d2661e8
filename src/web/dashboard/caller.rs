//! Who asks: somebody of the team with a pass, or a script with the token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, COOKIE as COOKIE_HEADER};

use super::Dashboard;
use super::people::{Member, Unknown};
use super::sign::{NoPass, Pass};
use crate::web::bearer::judge;
use crate::web::lock::{Locked, Surface};
use crate::web::meters;

/// The cookie with the pass.
pub const COOKIE: &str = "primelingo";

/// Passes of those who have left before their time, at most.
const LEFT_MAX: usize = 1_000;

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

/// Passes that are worth nothing although they have not expired: their holders have left. Known to
/// this process alone, and until it ends.
#[derive(Debug, Default)]
pub struct Left(Mutex<HashMap<(i64, u64), i64>>);

impl Left {
    /// The holder of a pass has left.
    pub fn note(&self, pass: Pass, now_s: i64) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        left.retain(|_, expires_s| *expires_s > now_s);
        if left.len() < LEFT_MAX {
            left.insert((pass.user.0, pass.nonce), pass.expires_s);
        }
    }

    fn has(&self, pass: Pass) -> bool {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        left.contains_key(&(pass.user.0, pass.nonce))
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
        let (people, db) = (Arc::clone(&self.people), self.parts.db.clone());
        let looking = self.parts.work.spawn(async move { people.look_up(&db, pass.user).await });
        looking.await.unwrap_or(Err(Unknown::Database))
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
        left.note(pass, 0);
        assert!(left.has(pass));
        assert!(!left.has(Pass { nonce: 6, ..pass }), "another one of theirs");
        for nonce in 0..5_000 {
            left.note(Pass { nonce, ..pass }, 0);
        }
        assert_eq!(left.0.lock().unwrap().len(), LEFT_MAX);
    }
}
