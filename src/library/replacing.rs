//! Reads what the replacement of a file needs before it is decided.

use crate::domain::button::ReplaceAct;
use crate::domain::facts::{Facts, ReplaceFacts};
use crate::domain::ids::{MaterialId, UserId};
use crate::domain::material::Material;
use crate::domain::session::{Dialog, Replace};
use crate::store::{Db, StoreResult};

/// For a file or `/cancel` in the dialog.
pub async fn of_dialog(db: &Db, replace: &Replace) -> StoreResult<Facts> {
    let earlier = hidden(db, replace.candidate).await?;
    let standing = db.replacement_standing(replace.target, NOBODY, None).await?;
    let facts = ReplaceFacts { standing, earlier, ..ReplaceFacts::default() };
    Ok(Facts::Replace(Box::new(facts)))
}

/// For a button.
pub async fn of_act(
    db: &Db,
    material: MaterialId,
    act: ReplaceAct,
    dialog: &Dialog,
) -> StoreResult<Facts> {
    let earlier = match dialog {
        Dialog::Replace(replace) => hidden(db, replace.candidate).await?,
        _ => None,
    };
    let facts = match (act, db.replacement_target(material).await?) {
        (ReplaceAct::Confirm { .. } | ReplaceAct::Cancel, Some(target)) => {
            of_candidate(db, material, target).await?
        }
        // The button names the published material itself.
        _ => ReplaceFacts {
            standing: db.replacement_standing(material, NOBODY, None).await?,
            ..ReplaceFacts::default()
        },
    };
    Ok(Facts::Replace(Box::new(ReplaceFacts { earlier, ..facts })))
}

async fn of_candidate(db: &Db, id: MaterialId, target: MaterialId) -> StoreResult<ReplaceFacts> {
    let candidate = db.material_get(id).await?;
    let editor = candidate.as_ref().map_or(NOBODY, |candidate| candidate.uploader);
    let hash = candidate.as_ref().and_then(|candidate| candidate.hash.clone());
    let double = match &hash {
        Some(hash) => db.material_by_hash(hash.clone()).await?,
        None => None,
    };
    let standing = db.replacement_standing(target, editor, hash).await?;
    Ok(ReplaceFacts { standing, candidate, double, earlier: None })
}

async fn hidden(db: &Db, id: Option<MaterialId>) -> StoreResult<Option<Material>> {
    match id {
        Some(id) => db.material_get(id).await,
        None => Ok(None),
    }
}

/// Where it does not matter whom the count leaves out.
const NOBODY: UserId = UserId(0);
