//! Collects what is wrong with settings, so that all of it is told at once.

use std::fmt::Display;
use std::ops::RangeInclusive;

/// What is wrong with one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `section.key`.
    pub key: String,
    /// What is expected; never the value of a secret.
    pub message: String,
}

/// Checks the keys of one section.
#[derive(Debug)]
pub(super) struct Check<'a> {
    section: &'static str,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Check<'a> {
    pub(super) const fn new(section: &'static str, findings: &'a mut Vec<Finding>) -> Self {
        Self { section, findings }
    }

    /// Reports `key` unless `value` lies in `range`. Not for secrets: the text holds the value.
    pub(super) fn range<T>(&mut self, key: &str, value: T, range: RangeInclusive<T>)
    where
        T: PartialOrd + Display + Copy,
    {
        if !range.contains(&value) {
            let (low, high) = (range.start(), range.end());
            self.report(key, format!("expected {low} to {high}, got {value}"));
        }
    }

    /// Reports `key` unless `holds`; `expected` completes "expected ...".
    pub(super) fn demand(&mut self, key: &str, holds: bool, expected: &str) {
        if !holds {
            self.report(key, format!("expected {expected}"));
        }
    }

    fn report(&mut self, key: &str, message: String) {
        self.findings.push(Finding { key: format!("{}.{key}", self.section), message });
    }
}
