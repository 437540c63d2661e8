//! Going on with a draft: its upload dialog opens again, at the review.
//!
//! Invariant: only its own editor goes on with a draft, and only while no other dialog is open.

use super::upload::ask;
use super::{Scene, show};
use crate::domain::effect::{Decision, Effect, Notice, Place, View};
use crate::domain::facts::UploadFacts;
use crate::domain::material::{Description, Material, MaterialState};
use crate::domain::session::{Dialog, Step, Upload};

/// Opens the review of a draft.
pub fn go_on(scene: Scene<'_>, place: Place, facts: &UploadFacts) -> Decision {
    if !matches!(scene.dialog, Dialog::Idle | Dialog::Desk(_)) {
        return show(Place::New, View::Notice(Notice::FinishFirst));
    }
    let is_own_draft = |material: &&Material| {
        material.state == MaterialState::Draft && material.uploader == scene.user
    };
    let Some(material) = facts.material.as_ref().filter(is_own_draft) else {
        return show(Place::New, View::Notice(Notice::UploadOver));
    };
    let tags = material.tags.split(", ").filter(|tag| !tag.is_empty());
    let description = Description {
        title: Some(material.title.clone()),
        category: facts.chosen.as_ref().map(|category| category.id),
        category_title: facts.chosen.as_ref().map(|category| category.title.clone()),
        level: material.level,
        language: material.language,
        tags: tags.map(str::to_owned).collect(),
    };
    let upload = Upload {
        material: material.id,
        step: Step::Review,
        reviewed: true,
        description,
        queue: Vec::new(),
    };
    let view = ask(&upload, material, facts, false);
    Decision { dialog: Some(Dialog::Upload(upload)), effects: vec![Effect::Show { place, view }] }
}
