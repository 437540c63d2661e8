//! The link to the dashboard: its key is remembered by its hash, and shown once.

use super::{Decision, Effect, Place, Scene, View};
use crate::domain::dashboard::{LINK_LIFE, Link, NewKey};
use crate::domain::effect::Change;

/// `/dashboard`: a link, unless the page is served nowhere.
pub fn give(scene: Scene<'_>, link: Option<Link>) -> Decision {
    let Some(Link { url, hash }) = link else {
        return super::show(Place::New, View::Dashboard(None));
    };
    let expires_at = scene.now + LINK_LIFE;
    let remember = Effect::Change(Change::Dashboard(NewKey { hash, expires_at }));
    let show = Effect::Show { place: Place::New, view: View::Dashboard(Some(url)) };
    Decision { dialog: None, effects: vec![remember, show] }
}
