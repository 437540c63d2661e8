//! The progress card of a broadcast: a message in the admin's chat that is edited in place.
//!
//! Progress is a hint: what could not be written is forgotten, the next edit says more. Invariant:
//! the last word is written when no other edit is under way, and no edit comes sooner than
//! `card_every` after the one before.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::spec::BroadcasterParts;
use crate::domain::broadcast::{Broadcast, BroadcastView, NewBroadcast, Standing};
use crate::domain::button::Holder;
use crate::domain::calendar::Zone;
use crate::domain::clock::Timestamp;
use crate::domain::effect::View;
use crate::domain::ids::{BroadcastId, ChatId, OutboxId};
use crate::domain::material::Card;
use crate::domain::outgoing::Outgoing;
use crate::domain::role::Role;
use crate::domain::user::User;
use crate::outbound::messages::Dispatch;
use crate::runtime::{Ring, Work};
use crate::store::records::{NewOutbox, OutboxClass};
use crate::store::{Db, StoreError, StoreResult};
use crate::views::Reader;

/// What only the sender knows of its progress.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pace {
    pub rate_per_s: Option<f64>,
    pub left_s: Option<u64>,
    pub quiet_until: Option<Timestamp>,
}

/// Keeps one card.
pub struct CardKeeper {
    id: BroadcastId,
    /// None for a broadcast without one, or whose admin is gone.
    card: Option<(Card, User)>,
    next: Instant,
    editing: Option<Work<()>>,
}

impl CardKeeper {
    /// The card of a broadcast, in its admin's language.
    pub async fn open(parts: &BroadcasterParts, plan: &NewBroadcast) -> StoreResult<Self> {
        let admin = parts.db.user_get(plan.by).await?;
        let card = plan.card.zip(admin);
        // The dialog has just shown it.
        let next = Instant::now() + parts.card_every;
        Ok(Self { id: plan.id, card, next, editing: None })
    }

    /// When the card may be edited next.
    pub fn is_due(&self) -> bool {
        self.card.is_some()
            && Instant::now() >= self.next
            && self.editing.as_ref().is_none_or(Work::is_finished)
    }

    /// Shows how far the broadcast is.
    pub fn show(&mut self, parts: &BroadcasterParts, pace: Pace) {
        let Some((card, admin)) = self.card.clone() else { return };
        self.next = Instant::now() + parts.card_every;
        let (id, parts_there) = (self.id, parts.clone());
        self.editing = Some(parts.work.spawn(async move {
            write(&parts_there, id, card, &admin, pace).await;
        }));
    }

    /// The last word of this sender, once it may be said.
    pub async fn show_last(mut self, parts: &BroadcasterParts) {
        let Some((card, admin)) = self.card.take() else { return };
        if let Some(editing) = self.editing.take() {
            // Whatever became of it, it is over.
            let _ = editing.await;
        }
        sleep_until(self.next).await;
        write(parts, self.id, card, &admin, Pace::default()).await;
    }
}

async fn write(parts: &BroadcasterParts, id: BroadcastId, card: Card, admin: &User, pace: Pace) {
    if let Err(error) = try_write(parts, id, card, admin, pace).await {
        tracing::debug!(broadcast.id = id.0, %error, "progress is not shown");
    }
}

async fn try_write(
    parts: &BroadcasterParts,
    id: BroadcastId,
    card: Card,
    admin: &User,
    pace: Pace,
) -> StoreResult<()> {
    // The bot may not write to them any more, as after a ban.
    if !parts.db.user_get(admin.id).await?.is_some_and(|admin| admin.reachable) {
        return Ok(());
    }
    let Some(broadcast) = parts.db.broadcast_get(id).await? else { return Ok(()) };
    let standing = standing(&parts.db, broadcast, pace).await?;
    let standing = Standing { zone: zone_of(parts, admin), ..standing };
    let now = parts.clock.now();
    let holder = Holder { chat: card.chat, user: admin.id };
    let outgoing = parts.presenter.broadcast_card(admin.lang, holder, now, standing);
    let edit = NewOutbox {
        edit_of: Some(card.outbox),
        class: OutboxClass::Edit,
        ..row(parts, card.chat, &outgoing, now)?
    };
    parts.db.outbox_replace_edit(edit, now).await?;
    let _ = parts.outbox.ring(Ring);
    Ok(())
}

/// What a card or a report says of a broadcast, in universal time.
pub async fn standing(db: &Db, broadcast: Broadcast, pace: Pace) -> StoreResult<Standing> {
    let is_over = broadcast.state.is_over();
    let causes = if is_over { db.broadcast_causes(broadcast.plan.id).await? } else { Vec::new() };
    let Pace { rate_per_s, left_s, quiet_until } = pace;
    Ok(Standing { broadcast, rate_per_s, left_s, quiet_until, causes, zone: Zone::UTC })
}

/// Tells the admin of a broadcast something in a message of its own.
///
/// `view` is given the admin's time zone.
pub async fn tell(
    parts: &BroadcasterParts,
    broadcast: &Broadcast,
    view: impl FnOnce(Zone) -> BroadcastView + Send,
) {
    if let Err(error) = try_tell(parts, broadcast, view).await {
        tracing::warn!(broadcast.id = broadcast.plan.id.0, %error, "the admin is not told");
    }
}

async fn try_tell(
    parts: &BroadcasterParts,
    broadcast: &Broadcast,
    view: impl FnOnce(Zone) -> BroadcastView + Send,
) -> StoreResult<()> {
    let admin = parts.db.user_get(broadcast.plan.by).await?;
    // Whoever has never written to the bot cannot be written to.
    let met = |admin: &User| admin.reachable && admin.last_seen_at > Timestamp::UNIX_EPOCH;
    let Some(admin) = admin.filter(met) else { return Ok(()) };
    let chat = broadcast.plan.card.map_or(ChatId(admin.id.0), |card| card.chat);
    let now = parts.clock.now();
    let view = View::Broadcast(view(zone_of(parts, &admin)));
    let shown = parts.presenter.show(reader(&admin, chat, now), &view);
    let message = row(parts, chat, &shown.into_new(), now)?;
    parts.db.outbox_insert(vec![message.clone()], now).await?;
    let _ = parts.dispatch.ring(Dispatch(vec![message]));
    Ok(())
}

fn zone_of(parts: &BroadcasterParts, admin: &User) -> Zone {
    admin.preferences.time_zone.as_deref().map_or(parts.zone, Zone::stored)
}

fn reader(admin: &User, chat: ChatId, now: Timestamp) -> Reader {
    let holder = Holder { chat, user: admin.id };
    Reader { lang: admin.lang, role: admin.role.max(Role::Admin), holder, now }
}

fn row(
    parts: &BroadcasterParts,
    chat: ChatId,
    outgoing: &Outgoing,
    now: Timestamp,
) -> StoreResult<NewOutbox> {
    let payload = serde_json::to_string(outgoing)
        .map_err(|_| StoreError::Corrupt { what: "outbox.payload" })?;
    Ok(NewOutbox {
        id: OutboxId(parts.ids.next(now)),
        chat,
        thread: 0,
        class: OutboxClass::Reply,
        payload,
        edit_message: None,
        edit_of: None,
        trace: None,
    })
}

/// The pause between two edits of a card: product.md promises at most one in three seconds.
pub const CARD_EVERY: Duration = Duration::from_secs(3);
