//! All checks, as data.

use futures_util::future::BoxFuture;

use super::case::Case;
use super::finding::{Answer, Severity};
use super::{
    backup, configuration, database, files, machine, server, shared_cache, sqlite, telegram, web,
    webhook, work,
};

/// A check.
#[derive(Clone, Copy)]
pub struct Check {
    /// `group.what`, in kebab-case.
    pub name: &'static str,
    /// What it asks.
    pub asks: &'static str,
    /// The worst that it finds.
    pub worst: Severity,
    /// Settings without which it cannot be made.
    pub reads: &'static [&'static str],
    pub(super) run: Run,
}

/// How a check is made.
#[derive(Clone, Copy)]
pub(super) enum Run {
    /// At once, by what this machine knows.
    Here(fn(&Case) -> Answer),
    /// By asking somebody.
    Asking(for<'a> fn(&'a Case) -> BoxFuture<'a, Answer>),
}

impl Check {
    pub(super) const fn here(
        name: &'static str,
        asks: &'static str,
        worst: Severity,
        reads: &'static [&'static str],
        run: fn(&Case) -> Answer,
    ) -> Self {
        Self { name, asks, worst, reads, run: Run::Here(run) }
    }

    pub(super) const fn asking(
        name: &'static str,
        asks: &'static str,
        worst: Severity,
        reads: &'static [&'static str],
        run: for<'a> fn(&'a Case) -> BoxFuture<'a, Answer>,
    ) -> Self {
        Self { name, asks, worst, reads, run: Run::Asking(run) }
    }

    /// What stands before the dot.
    pub fn group(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(group, _)| group)
    }

    /// Whether a choice, which names a check or a group, is this one.
    pub fn is_called(&self, choice: &str) -> bool {
        self.name == choice || self.group() == choice
    }
}

/// All checks, in the order in which they are told.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    let groups: [&'static [Check]; 12] = [
        configuration::CHECKS,
        telegram::CHECKS,
        webhook::CHECKS,
        database::CHECKS,
        server::CHECKS,
        sqlite::CHECKS,
        shared_cache::CHECKS,
        files::CHECKS,
        web::CHECKS,
        work::CHECKS,
        backup::CHECKS,
        machine::CHECKS,
    ];
    groups.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::settings::Settings;

    #[test]
    fn names_are_unique_and_of_one_form() {
        let all: Vec<&Check> = checks().collect();
        let names: BTreeSet<&str> = all.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), all.len());
        assert!(all.len() >= 35, "{}", all.len());
        for check in all {
            let is_kebab = check.name.chars().all(|c| c.is_ascii_lowercase() || "-.".contains(c));
            assert!(is_kebab && check.name.split('.').count() == 2, "{}", check.name);
            assert!(check.asks.ends_with('?'), "{}", check.name);
        }
    }

    #[test]
    fn what_a_check_reads_are_settings() {
        let defaults: toml::Table = crate::settings::DEFAULT_TOML.parse().unwrap();
        let is_setting = |key: &str| {
            let (section, key) = key.split_once('.').unwrap();
            defaults[section].as_table().unwrap().contains_key(key)
        };
        let _ = Settings::defaults();
        for check in checks() {
            for key in check.reads {
                assert!(is_setting(key), "{}: {key}", check.name);
            }
        }
    }
}
