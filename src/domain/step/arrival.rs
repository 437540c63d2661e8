//! What is known of a file when it has just come.

use crate::domain::effect::Notice;
use crate::domain::event::FileRef;
use crate::domain::inspection::Rejection;
use crate::domain::material::{Material, Processing};

/// Whether its file was not taken.
pub(super) fn is_refused(material: &Material) -> bool {
    matches!(material.processing, Processing::Rejected(_))
}

/// Why a file is not taken at all, by what its message says.
pub(super) fn unfit(file: &FileRef, limit: u64) -> Option<Notice> {
    match file.size? {
        0 => Some(Notice::Refused(Rejection::Empty)),
        size if size > limit => Some(Notice::TooLarge { limit }),
        _ => None,
    }
}
