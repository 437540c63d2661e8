//! What a runner begins: pages, slices and commits, each beside its loop.

use std::sync::Arc;

use super::Runner;
use crate::broadcast::campaign::Addressed;
use crate::broadcast::filling;
use crate::broadcast::letters::{Letters, Nothing};
use crate::broadcast::spec::BroadcasterParts;
use crate::domain::limits::Moment;
#[cfg(feature = "failpoints")]
use crate::store::StoreError;
use crate::store::StoreResult;
use crate::store::records::{BroadcastSettlement, Recipient};

/// Deferred recipients that are read at once.
pub const DEFERRED_MAX: i64 = 10_000;

/// A recipient with its letter, or why it gets none.
pub type Written = (Recipient, Result<Addressed, Nothing>);

/// Recipients in the order of their numbers.
pub struct Page {
    pub written: Vec<Written>,
    pub read_to: i64,
    /// How many had been filled in before it was read.
    pub filled: u64,
}

impl Runner {
    /// Begins all that can be done now.
    pub fn begin_work(&mut self, now: Moment) {
        if now < self.rests_until {
            return;
        }
        if self.commit.is_none() {
            if self.batch.is_none() {
                self.batch = self.campaign.begin_batch(now);
            }
            self.write();
        }
        if self.is_leaving || self.stopped.is_some() {
            return;
        }
        if self.fill.is_none() && !self.campaign.progress().is_filled {
            let (parts, plan) = (self.parts.clone(), Arc::clone(&self.plan));
            let cut_off = self.cut_off;
            self.fill =
                Some(self.parts.work.spawn(async move {
                    filling::fill(&parts.db, &plan, cut_off, parts.slice).await
                }));
        }
        if self.deferred.is_none() && self.campaign.wants_deferred() {
            let (parts, letters) = (self.parts.clone(), Arc::clone(&self.letters));
            let id = self.plan.id;
            self.deferred = Some(self.parts.work.spawn(async move {
                let found = parts.db.recipients_deferred(id, DEFERRED_MAX).await?;
                address(&parts, &letters, found).await
            }));
        }
        if self.page.is_none()
            && let Some((after, limit)) = self.campaign.wants_page()
        {
            let (parts, letters) = (self.parts.clone(), Arc::clone(&self.letters));
            let (id, filled) = (self.plan.id, self.campaign.progress().filled);
            self.page = Some(self.parts.work.spawn(async move {
                let found = parts.db.recipients_page(id, after, limit).await?;
                let read_to = found.last().map_or(after, |last| last.seq);
                let written = address(&parts, &letters, found).await?;
                Ok(Page { written, read_to, filled })
            }));
        }
    }

    /// Writes the batch, for the first time or again.
    fn write(&mut self) {
        let Some(batch) = &self.batch else { return };
        let settlement = BroadcastSettlement {
            id: self.plan.id,
            outcomes: batch.outcomes.clone(),
            relaunched: batch.relaunched.clone(),
            watermark: batch.watermark,
        };
        let (db, now) = (self.parts.db.clone(), self.parts.clock.now());
        self.commit = Some(self.parts.work.spawn(async move {
            fail_point!(CampaignBefore => StoreError::Fault { call: "settle", what: "a fail point" });
            let progress = db.broadcast_settle(settlement, now).await?;
            fail_point!(CampaignAfter => StoreError::Fault { call: "settle", what: "a fail point" });
            Ok(progress)
        }));
    }
}

async fn address(
    parts: &BroadcasterParts,
    letters: &Letters,
    recipients: Vec<Recipient>,
) -> StoreResult<Vec<Written>> {
    let written = letters.write(parts, &recipients).await?;
    Ok(recipients.into_iter().zip(written).collect())
}
