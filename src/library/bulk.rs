//! Reads what the bulk upload dialog, the job that tends a batch, and the list of drafts need.

use crate::domain::batch::{self, BulkFacts};
use crate::domain::button::BulkAct;
use crate::domain::facts::UploadFacts;
use crate::domain::ids::{BatchId, CategoryId, MaterialId, UserId};
use crate::domain::intent::BulkInput;
use crate::domain::material::Material;
use crate::domain::session::Dialog;
use crate::store::{Db, StoreResult};

/// The files of a user's batch in the order of the list, and a node of the catalogue.
pub async fn facts(
    db: &Db,
    batch: BatchId,
    user: UserId,
    inside: Option<CategoryId>,
    chosen: Option<CategoryId>,
) -> StoreResult<BulkFacts> {
    let mut entries = db.batch_entries(batch, user).await?;
    batch::sort(&mut entries);
    let inside = match inside {
        Some(id) => db.category_get(id).await?,
        None => None,
    };
    let chosen = match chosen {
        Some(id) => db.category_get(id).await?,
        None => None,
    };
    let categories = db.category_children(inside.as_ref().map(|category| category.id)).await?;
    Ok(BulkFacts { entries, inside, categories, chosen })
}

/// What an answer in the bulk dialog needs.
pub async fn answered(
    db: &Db,
    (batch, user): (BatchId, UserId),
    input: &BulkInput,
    inside: Option<CategoryId>,
    dialog: &Dialog,
) -> StoreResult<BulkFacts> {
    let chosen = match (input, dialog) {
        (BulkInput::Act(BulkAct::TakeCategory(id)), _) => Some(*id),
        (BulkInput::Act(BulkAct::Publish), Dialog::Bulk(bulk)) => bulk.description.category,
        _ => None,
    };
    facts(db, batch, user, inside, chosen).await
}

/// The materials of an upload dialog that becomes a bulk upload: the one that is described, then
/// those that wait.
pub async fn joining(db: &Db, dialog: &Dialog) -> StoreResult<Vec<Material>> {
    let Dialog::Upload(upload) = dialog else { return Ok(Vec::new()) };
    let mut materials = Vec::with_capacity(upload.queue.len() + 1);
    for id in [upload.material].iter().chain(&upload.queue) {
        materials.extend(db.material_get(*id).await?);
    }
    Ok(materials)
}

/// What the review of a draft needs.
pub async fn draft(db: &Db, id: MaterialId) -> StoreResult<UploadFacts> {
    let material = db.material_get(id).await?;
    let chosen = match material.as_ref().and_then(|material| material.category) {
        Some(id) => db.category_get(id).await?,
        None => None,
    };
    Ok(UploadFacts {
        material,
        double: None,
        inside: None,
        categories: Vec::new(),
        chosen,
        next: None,
        top: Vec::new(),
    })
}
