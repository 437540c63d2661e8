//! Set-ups with one thing wrong each, as data: how it is brought about, and what must find it.

mod rest;
mod settings;
mod stores;

use futures_util::future::BoxFuture;
use primelingo::doctor::finding::Severity;

use super::setup::Setup;

pub use rest::SEEDS as REST;
pub use settings::SEEDS as SETTINGS;
pub use stores::SEEDS as STORES;

/// On what it stands.
#[derive(Clone, Copy)]
pub enum Base {
    Sqlite,
    Postgres,
}

/// How a test gets rid of it.
#[derive(Clone, Copy)]
pub enum Mended {
    /// By `primelingo doctor --fix`.
    Fix,
    /// By the line that stands beside the finding.
    Cure,
    /// Not by a test.
    Hand,
}

/// One thing wrong.
#[derive(Clone, Copy)]
pub struct Seed {
    pub wrong: &'static str,
    pub base: Base,
    /// What must find it, as what.
    pub check: &'static str,
    pub severity: Severity,
    /// What the cure holds.
    pub cure: &'static str,
    pub mended: Mended,
    /// What may be found besides, as it follows from the same.
    pub besides: &'static [&'static str],
    /// Whether only this check is made.
    pub alone: bool,
    pub spoil: for<'a> fn(&'a mut Setup) -> BoxFuture<'a, ()>,
}

impl Seed {
    const fn new(
        wrong: &'static str,
        check: &'static str,
        severity: Severity,
        cure: &'static str,
        spoil: for<'a> fn(&'a mut Setup) -> BoxFuture<'a, ()>,
    ) -> Self {
        Self {
            wrong,
            base: Base::Sqlite,
            check,
            severity,
            cure,
            mended: Mended::Hand,
            besides: &[],
            alone: false,
            spoil,
        }
    }

    const fn on_postgres(mut self) -> Self {
        self.base = Base::Postgres;
        self
    }

    const fn mended(mut self, mended: Mended) -> Self {
        self.mended = mended;
        self
    }

    const fn besides(mut self, checks: &'static [&'static str]) -> Self {
        self.besides = checks;
        self
    }

    const fn alone(mut self) -> Self {
        self.alone = true;
        self
    }
}

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Seed> {
    SETTINGS.iter().chain(STORES).chain(REST)
}
