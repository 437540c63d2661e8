//! The end of a job from outside, with a word for whoever waits for it.

use crate::domain::button::{Holder, Signer};
use crate::domain::clock::Timestamp;
use crate::domain::effect::{CardStage, JobKind, View};
use crate::domain::ids::{IdSource, JobId, MaterialId, OutboxId};
use crate::domain::role::Role;
use crate::store::records::{NewOutbox, OutboxClass};
use crate::store::{Db, StoreError, StoreResult};
use crate::views::{Presenter, Reader};

/// Cancels a job, and says so on the card of its file; gives whether it was open.
pub async fn cancel_job(db: &Db, id: JobId, now: Timestamp) -> StoreResult<bool> {
    match card_of_job(db, id, now).await? {
        Some(card) => db.job_cancel(id, card, now).await,
        None => Ok(false),
    }
}

/// What the card of a job's file says when the job is cancelled; the outer none: no such job.
pub async fn card_of_job(
    db: &Db,
    id: JobId,
    now: Timestamp,
) -> StoreResult<Option<Option<NewOutbox>>> {
    let Some(job) = db.job_show(id).await? else { return Ok(None) };
    Ok(Some(match serde_json::from_str(&job.payload) {
        Ok(JobKind::ProcessUpload { material }) => card_of(db, material, now).await?,
        _ => None,
    }))
}

async fn card_of(db: &Db, id: MaterialId, now: Timestamp) -> StoreResult<Option<NewOutbox>> {
    let Some(material) = db.material_get(id).await? else { return Ok(None) };
    let Some(card) = material.card else { return Ok(None) };
    let uploader = db.user_get(material.uploader).await?;
    let lang = uploader.map(|user| user.lang).unwrap_or_default();
    let holder = Holder { chat: card.chat, user: material.uploader };
    let reader = Reader { lang, role: Role::Editor, holder, now };
    // This stage has no buttons: nothing is signed.
    let presenter = Presenter::new(Signer::new([0; 32], 0, 0), String::new());
    let name = material.file.name.unwrap_or(material.title);
    let view = View::Card { material: material.id, name, stage: CardStage::Cancelled };
    let payload = serde_json::to_string(&presenter.show(reader, &view).into_edit())
        .map_err(|_| StoreError::Corrupt { what: "outbox.payload" })?;
    Ok(Some(NewOutbox {
        id: OutboxId(IdSource::new(fastrand::i64(..)).next(now)),
        chat: card.chat,
        thread: 0,
        class: OutboxClass::Edit,
        payload,
        edit_message: None,
        edit_of: Some(card.outbox),
        trace: None,
    }))
}
