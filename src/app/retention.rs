//! The terms of [`crate::domain::retention`] by the settings of now.

use std::time::Duration;

use crate::domain::retention::{Term, Terms};
use crate::settings::Settings;

/// What counts for minutes or hours is gone with the next day.
const KEYS: Duration = Duration::from_hours(24);

/// How long what is kept is kept.
pub(super) fn terms(settings: &Settings) -> Terms {
    let (keep, chat, jobs) = (&settings.housekeeping, &settings.chat, &settings.jobs);
    Terms::of(|term| {
        let kept = match term {
            Term::Texts => keep.texts_keep(),
            Term::Updates => keep.updates_keep(),
            Term::Aside => keep.aside_keep(),
            Term::Messages => keep.outbox_keep(),
            Term::Dialogs => chat.dialog_lifetime().saturating_add(keep.sessions_keep()),
            Term::Searches => chat.button_lifetime(),
            Term::Letters => keep.letters_keep(),
            Term::Jobs => jobs.done_keep(),
            Term::DeadJobs => jobs.failed_keep(),
            Term::Incidents => keep.incidents_keep(),
            Term::Keys => KEYS,
        };
        kept.as_secs()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_as_they_are_delivered_are_the_default() {
        assert_eq!(terms(&Settings::defaults()), Terms::default());
    }
}
