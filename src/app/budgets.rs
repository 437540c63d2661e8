//! The budgets of people, from the settings.

use crate::domain::limits::Rate;
use crate::domain::throttle::ThrottleConfig;
use crate::settings::Settings;

/// What one person may send; nothing where there are no limits.
pub fn of(settings: &Settings) -> Option<ThrottleConfig> {
    let limits = &settings.limits;
    limits.enabled.then(|| ThrottleConfig {
        // Fixed: they have to work whatever else was set.
        essential: Rate::per_second(0.5, 10),
        commands: Rate::per_second(limits.commands_per_s, limits.commands_burst),
        searches: Rate::per_second(limits.searches_per_s, limits.searches_burst),
        uploads: Rate::per_second(limits.uploads_per_s, limits.uploads_burst),
        staff_uploads: Rate::per_second(limits.staff_uploads_per_s, limits.staff_uploads_burst),
        presses: Rate::per_second(limits.presses_per_s, limits.presses_burst),
        inline: Rate::per_second(limits.inline_per_s, limits.inline_burst),
        others: Rate::per_second(limits.others_per_s, limits.others_burst),
        quiet: limits.quiet(),
    })
}
