//! Reads what the dialog about a broadcast, the buttons of broadcasts and their list need.

use super::facts::Asker;
use crate::domain::broadcast::{
    Audience, Broadcast, BroadcastList, ComposeFacts, ControlFacts, PAGE,
};
use crate::domain::button::ControlAct;
use crate::domain::calendar::Zone;
use crate::domain::ids::BroadcastId;
use crate::domain::intent::ComposeInput;
use crate::domain::material::MaterialState;
use crate::domain::session::Dialog;
use crate::domain::step::compose_needs;
use crate::store::{Db, StoreResult};

/// What an answer in the dialog needs.
pub async fn compose(
    db: &Db,
    input: &ComposeInput,
    dialog: &Dialog,
    asker: Asker<'_>,
) -> StoreResult<ComposeFacts> {
    let needs = compose_needs(dialog, input, asker.bot_username);
    let mut facts = ComposeFacts { zone: zone(db, asker).await?, ..ComposeFacts::default() };
    if let Some(audience) = needs.audience {
        facts.count = Some(count(db, audience, asker).await?);
    }
    if let Some(inside) = needs.inside {
        facts.inside = match inside {
            Some(id) => db.category_get(id).await?,
            None => None,
        };
        facts.categories = db.category_children(facts.inside.as_ref().map(|node| node.id)).await?;
    }
    if let Some(chosen) = needs.chosen {
        facts.chosen = db.category_get(chosen).await?;
    }
    for id in needs.materials {
        let material = db.material_get(id).await?;
        let published = material.filter(|material| material.state == MaterialState::Published);
        facts.published.extend(published.map(|material| material.id));
    }
    Ok(facts)
}

/// What a button of a broadcast that is confirmed needs.
pub async fn control(
    db: &Db,
    id: BroadcastId,
    act: ControlAct,
    asker: Asker<'_>,
) -> StoreResult<ControlFacts> {
    let mut facts = ControlFacts { zone: zone(db, asker).await?, ..ControlFacts::default() };
    facts.broadcast = db.broadcast_get(id).await?;
    if facts.broadcast.as_ref().is_some_and(|broadcast| broadcast.state.is_over()) {
        facts.causes = db.broadcast_causes(id).await?;
    }
    let follows = match act {
        ControlAct::AskRetry | ControlAct::Retry { .. } => {
            Some(Audience::FailedOf { broadcast: id })
        }
        ControlAct::AskUndo | ControlAct::Undo { .. } => {
            Some(Audience::DeliveredOf { broadcast: id })
        }
        _ => None,
    };
    if let Some(audience) = follows {
        facts.count = count(db, audience, asker).await?;
    }
    if let ControlAct::Retry { fresh, .. } | ControlAct::Undo { fresh, .. } = act {
        facts.is_made = db.broadcast_get(fresh).await?.is_some();
    }
    Ok(facts)
}

/// A page of the list: on the first one also all that are not over.
pub async fn list(
    db: &Db,
    before: Option<BroadcastId>,
    asker: Asker<'_>,
) -> StoreResult<BroadcastList> {
    let zone = zone(db, asker).await?;
    let is_first = before.is_none();
    let open = if is_first { db.broadcasts_open().await? } else { Vec::new() };
    let series = if is_first { db.series_list().await? } else { Vec::new() };
    let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
    let mut past: Vec<Broadcast> = db.broadcasts_list(before, limit + 1).await?;
    let has_more = past.len() > PAGE;
    past.truncate(PAGE);
    let next = past.last().map(|broadcast| broadcast.plan.id).filter(|_| has_more);
    past.retain(|broadcast| broadcast.state.is_over());
    Ok(BroadcastList { open, series, past, next, is_first, zone })
}

async fn count(db: &Db, audience: Audience, asker: Asker<'_>) -> StoreResult<u64> {
    let count = db.audience_count(audience, asker.now).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

async fn zone(db: &Db, asker: Asker<'_>) -> StoreResult<Option<Zone>> {
    let zone = db.user_get(asker.user).await?.and_then(|user| user.preferences.time_zone);
    Ok(zone.map(|name| Zone::stored(&name)))
}
