//! The list of an editor's files under way, and the end of one of them.

use super::super::effect::{CardStage, Change, Decision, Effect, Place, View};
use super::super::ids::MaterialId;
use super::super::session::{Dialog, Upload};
use super::super::uploads::{UPLOADS_SHOWN, UnderWay};
use super::{Scene, show};

/// Shows the list.
pub fn list(place: Place, files: Vec<UnderWay>) -> Decision {
    show(place, view(files))
}

/// Throws a file of the list away, and shows what is left. One that is not on the list is processed,
/// or was never this person's. (The file that the dialog is about is thrown away by the dialog.)
pub fn withdraw(
    scene: Scene<'_>,
    place: Place,
    material: MaterialId,
    mut files: Vec<UnderWay>,
) -> Decision {
    let Some(at) = files.iter().position(|file| file.material == material) else {
        return list(place, files);
    };
    let file = files.remove(at);
    let mut effects = vec![Effect::Change(Change::Withdraw(material))];
    if let Some(card) = file.card {
        let view = View::Card { material, name: file.name, stage: CardStage::Cancelled };
        effects.push(Effect::EditCard { card, view });
    }
    effects.push(Effect::Show { place, view: view(files) });
    let dialog = match scene.dialog {
        Dialog::Upload(upload) if upload.queue.contains(&material) => {
            let mut upload: Upload = upload.clone();
            upload.queue.retain(|queued| *queued != material);
            Some(Dialog::Upload(upload))
        }
        _ => None,
    };
    Decision { dialog, effects }
}

fn view(mut files: Vec<UnderWay>) -> View {
    let more = files.len().saturating_sub(UPLOADS_SHOWN);
    files.truncate(UPLOADS_SHOWN);
    View::Uploads { files, more }
}
