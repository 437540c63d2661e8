//! `announce_edition`: tells those who took an older edition of a material of its new one.
//!
//! Invariants: a page of offers and how far that is are one transaction, fenced by the token; an
//! offer has a key, so that nobody gets two for one edition; what was told is counted where it is
//! committed. An edition that was itself replaced meanwhile is announced no further: its successor
//! has an announcement of its own, or none as its editor wished.

use super::super::attempt::Attempt;
use super::super::error::{Cause, JobError};
use super::letters::ring;
use crate::domain::button::Holder;
use crate::domain::edition::{EditionView, Taker};
use crate::domain::effect::View;
use crate::domain::ids::{ChatId, MaterialId, OutboxId, UserId};
use crate::domain::material::{Material, MaterialState};
use crate::domain::role::Role;
#[cfg(feature = "failpoints")]
use crate::store::StoreError;
use crate::store::records::{NewOutbox, Offer, OutboxClass, TakersRequest};
use crate::views::Reader;

/// People told in one transaction: short enough for others to write in between.
const PAGE: i64 = 50;

/// Tells everybody, then the editor.
pub(in crate::jobs) async fn run(
    attempt: &Attempt,
    material: MaterialId,
    edition: u32,
    by: UserId,
) -> Result<(), JobError> {
    let parts = &attempt.shop.parts;
    let db = &parts.db;
    let mut progress = db.announced(attempt.job).await?;
    while let Some(present) = present(attempt, material, edition).await? {
        let request =
            TakersRequest { material, edition, editor: by, after: progress.after, limit: PAGE };
        let page = db.edition_takers(request).await?;
        let Some(last) = page.last().copied() else { break };
        let offers = page
            .into_iter()
            .map(|taker| offer(attempt, &present, edition, taker))
            .collect::<Result<Vec<_>, _>>()?;
        fail_point!(FinishBefore => StoreError::Fault { call: "job", what: "a fail point" }.into());
        let job = (attempt.job, attempt.token);
        progress = db.announce_page(job, progress, last.user, offers, parts.clock.now()).await?;
        fail_point!(FinishAfter => StoreError::Fault { call: "job", what: "a fail point" }.into());
        ring(attempt);
    }
    end(attempt, material, by, progress.told).await
}

/// The material, as long as this edition is its present one.
async fn present(
    attempt: &Attempt,
    material: MaterialId,
    edition: u32,
) -> Result<Option<Material>, JobError> {
    let db = &attempt.shop.parts.db;
    if db.edition_number(material).await? != edition {
        return Ok(None);
    }
    let material = db.material_get(material).await?;
    Ok(material.filter(|material| material.state == MaterialState::Published))
}

fn offer(
    attempt: &Attempt,
    material: &Material,
    edition: u32,
    taker: Taker,
) -> Result<Offer, JobError> {
    let view = EditionView::NewEdition { material: material.id, title: material.title.clone() };
    let message = message(attempt, taker, Role::Learner, OutboxClass::Bulk, view)?;
    let key = format!("edition:{}:{edition}:{}", material.id, taker.user);
    Ok(Offer { key, not_before: None, message })
}

async fn end(
    attempt: &Attempt,
    material: MaterialId,
    by: UserId,
    told: u64,
) -> Result<(), JobError> {
    let db = &attempt.shop.parts.db;
    let title = db.material_get(material).await?.map(|material| material.title);
    let editor = db.user_get(by).await?.filter(|editor| editor.reachable);
    let mut messages = Vec::new();
    if let (Some(title), Some(editor)) = (title, editor) {
        let view = EditionView::Announced { title, told };
        let reader = Taker { user: by, lang: editor.lang };
        messages.push(message(attempt, reader, editor.role, OutboxClass::Reply, view)?);
    }
    let job = (attempt.job, attempt.token);
    db.job_finish(job, messages, attempt.shop.parts.clock.now()).await?;
    ring(attempt);
    Ok(())
}

/// A message to a person alone.
fn message(
    attempt: &Attempt,
    Taker { user, lang }: Taker,
    role: Role,
    class: OutboxClass,
    view: EditionView,
) -> Result<NewOutbox, JobError> {
    let parts = &attempt.shop.parts;
    let now = parts.clock.now();
    let chat = ChatId(user.0);
    let reader = Reader { lang, role, holder: Holder { chat, user }, now };
    let outgoing = parts.presenter.show(reader, &View::Edition(Box::new(view))).into_new();
    let payload =
        serde_json::to_string(&outgoing).map_err(|error| JobError::Fail(Cause::Message(error)))?;
    let id = OutboxId(parts.ids.next(now));
    Ok(NewOutbox {
        id,
        chat,
        thread: 0,
        class,
        payload,
        edit_message: None,
        edit_of: None,
        trace: Some(attempt.trace),
    })
}
