//! A person claims to be an owner by a one-time code.

use super::{Decision, Effect, Place, View};
use crate::domain::effect::{Change, Notice};

/// Uses the code up, if it stands. Another claim in the same moment makes the commit a conflict,
/// and the next look finds nothing.
pub fn claim(hash: String, stands: bool) -> Decision {
    if !stands {
        return super::show(Place::New, View::Notice(Notice::OwnerCodeUnknown));
    }
    let claim = Effect::Change(Change::ClaimOwnership { hash });
    let show = Effect::Show { place: Place::New, view: View::Notice(Notice::OwnerNow) };
    Decision { dialog: None, effects: vec![claim, show] }
}
