//! After a death without a word: which of the updates that were in flight did the process die of?
//!
//! Nothing is written when an update is begun, as that would cost a commit for each. So after a
//! death every chat's first open update may have been in flight. They are tried before anything
//! else is done in the process:
//!
//! - few of them one at a time, each start written down before it;
//! - many of them in groups, each group written down before it: if the process dies again, it was
//!   one of the group, and these are few;
//! - one under which the process has died twice while nothing else ran is put aside.
//!
//! A death from outside proves nothing: its suspects pass their trial and are done with it. As the
//! first suspect runs right after the start, whoever kills the process again and again soon after
//! its start would hit the same one twice. So before the second trial nothing runs for [`QUIET`]:
//! a process that dies then was killed from outside, and the death before counts no more. What was
//! not reached within [`LIMIT`] is worked on as ever.
//!
//! Known and accepted: whoever kills the process from outside in two lives in a row within the few
//! milliseconds in which the same update runs alone has it put aside; it can be replayed.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::ChatParts;
use super::fault::{Fault, put_aside};
use super::work::{Portion, take_watched_turn};
use crate::domain::incident::Cause;
use crate::runtime::WorkRuntime;
use crate::store::records::HeadUpdate;
use crate::store::{StoreError, StoreResult};

/// Deaths alone that put an update aside.
const DEATHS_MAX: i32 = 2;

/// The mark of an update that was begun together with others.
const IN_GROUP: i32 = -1;

/// The mark of an update that has died alone once and waits for the end of the quiet.
const AWAITED: i32 = -2;

/// Time in which nothing runs before an update is tried a second time. An update that kills the
/// process delays the others by it once.
const QUIET: Duration = Duration::from_secs(3);

/// Groups that are tried; the chats that wait longest are in them, and these were served first.
const GROUPS_MAX: usize = 16;

/// Longest inquest. New messages wait for its end.
const LIMIT: Duration = Duration::from_mins(1);

/// Pause while the database is away.
const PAUSE: Duration = Duration::from_millis(500);

/// Tries the suspects. Ends in any case.
pub async fn hold_inquest(parts: Arc<ChatParts>, work: WorkRuntime) {
    let trial = Inquest { parts, work };
    if tokio::time::timeout(LIMIT, trial.hold()).await.is_err() {
        tracing::warn!(limit_s = LIMIT.as_secs(), "inquest took too long, the rest is worked on");
    }
}

struct Inquest {
    parts: Arc<ChatParts>,
    work: WorkRuntime,
}

impl Inquest {
    async fn hold(&self) {
        fail_point!(InquestBegin);
        let group = self.parts.working.limit();
        let heads = self.heads(group.saturating_mul(GROUPS_MAX)).await;
        let is_group_known = heads.iter().any(|head| head.claims == IN_GROUP);
        let (marked, others): (Vec<_>, Vec<_>) =
            heads.into_iter().partition(|head| head.claims != 0);
        tracing::warn!(
            marked = marked.len(),
            others = others.len(),
            "the last process died: what may have been in flight is tried first"
        );
        for head in marked {
            self.try_alone(head).await;
        }
        if is_group_known {
            // It was one of those: nothing else was in flight.
            return;
        }
        if others.len() <= group {
            for head in others {
                self.try_alone(head).await;
            }
            return;
        }
        for heads in others.chunks(group) {
            self.try_group(heads).await;
        }
    }

    async fn heads(&self, limit: usize) -> Vec<HeadUpdate> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        loop {
            let db = self.parts.db.clone();
            if let Some(heads) = self.call(async move { db.updates_heads(limit).await }).await {
                return heads;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn try_alone(&self, head: HeadUpdate) {
        let HeadUpdate { seq, chat, claims } = head;
        let deaths = claims.max(0);
        if deaths >= DEATHS_MAX {
            let error = format!("the process died {deaths} times while it ran alone");
            // Its kind is not read: reading it may be what it is to blame for.
            let kind = "other";
            let fault = Fault { seq, chat, kind, cause: Cause::Death, error };
            self.call(put_aside(Arc::clone(&self.parts), fault)).await;
            return;
        }
        if deaths > 0 {
            if !self.claim(&[head], AWAITED).await {
                return;
            }
            tokio::time::sleep(QUIET).await;
        }
        if self.claim(&[head], deaths + 1).await {
            self.run(head).await;
        }
    }

    async fn try_group(&self, heads: &[HeadUpdate]) {
        if self.claim(heads, IN_GROUP).await {
            join_all(heads.iter().map(|head| self.run(*head))).await;
        }
    }

    /// Writes the starts down; only after that they may begin.
    async fn claim(&self, heads: &[HeadUpdate], claims: i32) -> bool {
        let seqs = heads.iter().map(|head| head.seq).collect();
        let db = self.parts.db.clone();
        self.call(async move { db.updates_claim(seqs, claims).await }).await.is_some()
    }

    async fn run(&self, head: HeadUpdate) {
        fail_point!(InquestClaimed);
        let (parts, work) = (Arc::clone(&self.parts), self.work.clone());
        // However it ends, the process has survived it: faults are noted by the turn.
        let _ = take_watched_turn(parts, work, head.chat, Portion::Head).await;
    }

    /// A call of the store; none for one that failed, which is said in the log.
    async fn call<T: Send + 'static>(
        &self,
        call: impl Future<Output = StoreResult<T>> + Send + 'static,
    ) -> Option<T> {
        let failed = |error: &StoreError| tracing::warn!(%error, "inquest waits for the database");
        match self.work.spawn(call).await {
            Ok(result) => result.inspect_err(failed).ok(),
            Err(error) => {
                tracing::error!(%error, "inquest broke");
                None
            }
        }
    }
}
