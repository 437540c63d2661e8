//! What a processed file is for: a new material, or a new edition of one that is published.

use super::super::attempt::Attempt;
use super::super::error::JobError;
use crate::domain::edition::{Side, Twin};
use crate::domain::effect::{CardStage, FileSummary};
use crate::domain::material::{Material, MaterialState};

/// What the card of a file says whose content is published already.
pub(super) async fn double_stage(
    attempt: &Attempt,
    material: &Material,
    double: Material,
) -> Result<CardStage, JobError> {
    let target = attempt.shop.parts.db.replacement_target(material.id).await?;
    Ok(if target == Some(double.id) {
        CardStage::SameFile { title: double.title }
    } else {
        CardStage::Duplicate { material: double.id, title: double.title }
    })
}

/// What the card of a sound file says in place of `stage`: a new edition is compared with the
/// present one, a new material is said to be known from elsewhere.
pub(super) async fn ready_stage(
    attempt: &Attempt,
    material: &Material,
    hash: &str,
    stage: CardStage,
) -> Result<CardStage, JobError> {
    let CardStage::Ready(mut summary) = stage else { return Ok(stage) };
    let db = &attempt.shop.parts.db;
    let hash = hash.to_owned();
    let standing = match db.replacement_target(material.id).await? {
        Some(target) => {
            db.replacement_standing(target, material.uploader, Some(hash.clone())).await?
        }
        None => None,
    };
    if let Some(standing) = standing {
        let comparison = standing.beside(material.id, side(material, &summary));
        return Ok(CardStage::Compare(Box::new(comparison)));
    }
    let twins = db.material_twins(hash, material.id, material.uploader).await?;
    summary.twin = twins.into_iter().min_by_key(weight);
    Ok(CardStage::Ready(summary))
}

/// The file as it will be, once its processing is committed.
fn side(material: &Material, summary: &FileSummary) -> Side {
    Side {
        kind: summary.kind,
        size: Some(summary.size),
        pages: summary.pages,
        duration_s: summary.duration_s,
        ..Side::of(material)
    }
}

/// What helps the editor most comes first: own files, then others' that are under way.
fn weight(twin: &Twin) -> u8 {
    match (twin.own, twin.state) {
        (true, MaterialState::Draft) => 0,
        (true, MaterialState::Open | MaterialState::Waiting) => 1,
        (false, MaterialState::Open | MaterialState::Waiting) => 2,
        (false, MaterialState::Draft) => 3,
        _ => 4,
    }
}
