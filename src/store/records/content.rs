//! What was found in files, as others need it.

use crate::domain::inspection::PartKind;

/// A part of a material's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartText {
    /// What it is a part of.
    pub kind: PartKind,
    /// What it is called: hostile text.
    pub label: Option<String>,
    /// Its text: hostile.
    pub text: String,
}
