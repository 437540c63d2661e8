//! Draws a preview, in a child of its own: finds the picture in a file, decodes it within limits,
//! turns it upright, scales it down and encodes it anew. Nothing of the file but pixels gets
//! through: no place, no camera, no thumbnail in a thumbnail.

mod cover;
mod picture;

use std::fs::File;
use std::io::Read;

use super::limits::InspectLimits;
use crate::domain::inspection::Preview;

/// Where the picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The file itself. It need not be a file: a pipe will do.
    Picture,
    /// In the tags of a song or a film.
    Tags,
    /// In a packed document: a thumbnail, or the cover of a book.
    Packed,
}

impl Source {
    const ALL: [Self; 3] = [Self::Picture, Self::Tags, Self::Packed];

    /// The argument that asks for it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Tags => "tags",
            Self::Packed => "packed",
        }
    }

    /// The source of that name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }
}

/// Draws the preview; `None` when there is nothing to draw, or nothing that can be drawn.
pub(super) fn draw(mut file: File, source: Source, limits: &InspectLimits) -> Option<Preview> {
    match source {
        Source::Picture => {
            let mut bytes = Vec::new();
            file.by_ref().take(limits.max_parse_bytes).read_to_end(&mut bytes).ok()?;
            picture::draw(&bytes, limits)
        }
        Source::Tags => picture::draw(&cover::of_tags(&mut file)?, limits),
        Source::Packed => {
            let pictures = cover::of_package(&mut file, limits);
            pictures.iter().find_map(|bytes| picture::draw(bytes, limits))
        }
    }
}
