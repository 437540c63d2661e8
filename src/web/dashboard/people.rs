//! What those are who have entered: read from the database again and again, remembered while it is
//! away.
//!
//! Invariants: a role counts as it was read last, at most [`FRESH_FOR`] ago while the database
//! answers; of whom nothing was ever read, nothing is believed. Only those are remembered who were
//! here within [`KEEP_FOR`].

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::domain::dashboard::Rank;
use crate::domain::ids::UserId;
use crate::domain::lang::Lang;
use crate::domain::role::Role;
use crate::store::{Db, StoreError};

/// A role is read again after this.
pub const FRESH_FOR: Duration = Duration::from_secs(2);

/// How long whoever was here is remembered: as long as a pass may last.
const KEEP_FOR: Duration = Duration::from_hours(12);

/// Most people who are remembered.
const PEOPLE_MAX: usize = 500;

/// Longest wait for the database.
pub const READ_WITHIN: Duration = Duration::from_millis(700);

/// Somebody of the team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// What they are here.
    pub rank: Rank,
    /// First name: hostile text.
    pub name: String,
    /// Their language.
    pub lang: Lang,
}

/// Those who have entered.
pub struct People {
    owners: watch::Receiver<Vec<UserId>>,
    known: Mutex<HashMap<UserId, Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    /// None: they may not be here any more.
    member: Option<Member>,
    read_at: Instant,
    seen_at: Instant,
}

/// Why it is not known what somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// They are none of the team.
    Stranger,
    /// The database is away, and nothing was read of them before.
    Database,
}

impl People {
    /// Nobody yet. `owners` are so by configuration, which may change.
    pub fn new(owners: watch::Receiver<Vec<UserId>>) -> Self {
        Self { owners, known: Mutex::default() }
    }

    /// Whether somebody is an owner whatever the database says.
    pub fn is_configured_owner(&self, user: UserId) -> bool {
        self.owners.borrow().contains(&user)
    }

    /// What somebody is, read again if it was not lately. To be called where I/O may run.
    pub async fn look_up(&self, db: &Db, user: UserId) -> Result<Member, Unknown> {
        let now = Instant::now();
        let known = self.recall(user, now);
        if let Some(known) = &known
            && now.saturating_duration_since(known.read_at) < FRESH_FOR
        {
            return known.member.clone().ok_or(Unknown::Stranger);
        }
        match self.read(db, user).await {
            Ok(member) => member.ok_or(Unknown::Stranger),
            Err(()) => match known {
                Some(known) => known.member.ok_or(Unknown::Stranger),
                None => Err(Unknown::Database),
            },
        }
    }

    /// What somebody is as it was read last; for those whose stream is open.
    pub fn standing(&self, user: UserId) -> Option<Rank> {
        self.recall(user, Instant::now())?.member.map(|member| member.rank)
    }

    /// Reads those again who were seen of late. To be called where I/O may run.
    pub async fn refresh(&self, db: &Db) {
        let now = Instant::now();
        let lately = |known: &Known| now.saturating_duration_since(known.seen_at) < FRESH_FOR * 5;
        let users: Vec<UserId> =
            self.lock().iter().filter(|(_, known)| lately(known)).map(|(user, _)| *user).collect();
        for user in users {
            if self.read(db, user).await.is_err() {
                return;
            }
        }
    }

    async fn read(&self, db: &Db, user: UserId) -> Result<Option<Member>, ()> {
        let read = tokio::time::timeout(READ_WITHIN, db.user_get(user)).await;
        let found = match read {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                StoreError::tell(&error, "role cannot be read");
                return Err(());
            }
            Err(_elapsed) => return Err(()),
        };
        let role = if self.is_configured_owner(user) {
            Some(Role::Owner)
        } else {
            found.as_ref().map(|user| user.role)
        };
        let member = role.and_then(Rank::of).map(|rank| Member {
            user,
            rank,
            name: found.as_ref().map(|user| user.first_name.clone()).unwrap_or_default(),
            lang: found.as_ref().map(|user| user.lang).unwrap_or_default(),
        });
        self.note(user, member.clone(), Instant::now());
        Ok(member)
    }

    fn recall(&self, user: UserId, now: Instant) -> Option<Known> {
        let mut known = self.lock();
        let found = known.get_mut(&user)?;
        found.seen_at = now;
        Some(found.clone())
    }

    fn note(&self, user: UserId, member: Option<Member>, now: Instant) {
        let mut known = self.lock();
        if let Some(found) = known.get_mut(&user) {
            found.member = member;
            found.read_at = now;
            return;
        }
        known.retain(|_, known| now.saturating_duration_since(known.seen_at) < KEEP_FOR);
        if known.len() < PEOPLE_MAX {
            known.insert(user, Known { member, read_at: now, seen_at: now });
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<UserId, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
