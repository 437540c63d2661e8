//! `[access]`: who owns this bot.

use serde::Deserialize;

use super::check::Check;

/// Who owns this bot.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessSettings {
    /// Numeric Telegram ids of the owners, who may do everything.
    pub owners: Vec<i64>,
}

impl AccessSettings {
    pub(super) fn check(&self, check: &mut Check<'_>) {
        let are_people = self.owners.iter().all(|id| *id > 0);
        check.demand("owners", are_people, "ids of people, which are above 0");
    }
}
