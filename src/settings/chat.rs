//! `[chat]`: how long conversations stay valid.

use std::time::Duration;

use serde::Deserialize;

use super::check::Check;
use super::value;

/// The languages that the bot speaks.
const OFFERED: [&str; 3] = ["en", "ru", "uz"];

/// How long conversations stay valid.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatSettings {
    /// Buttons older than this get a hint instead of an action, days.
    pub button_days: u64,
    /// A dialog left alone for so long is forgotten, days.
    pub dialog_days: u64,
    /// Most files of one bulk upload.
    pub bulk_files: u32,
    /// Language for people whose own is not offered.
    pub default_language: String,
}

impl ChatSettings {
    /// Buttons older than this get a hint instead of an action.
    pub const fn button_lifetime(&self) -> Duration {
        value::days(self.button_days)
    }

    /// A dialog left alone for so long is forgotten.
    pub const fn dialog_lifetime(&self) -> Duration {
        value::days(self.dialog_days)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("button_days", self.button_days, 1..=3650);
        check.range("dialog_days", self.dialog_days, 1..=3650);
        check.range("bulk_files", self.bulk_files, 2..=2000);
        let is_offered = OFFERED.contains(&self.default_language.as_str());
        check.demand("default_language", is_offered, "en, ru or uz");
    }
}
