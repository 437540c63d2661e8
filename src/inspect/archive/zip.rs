//! ZIP: the central directory, by the crate `zip`.

use std::io::{Read, Seek};

use zip::ZipArchive;

use super::{Listing, MAX_LISTED, decode_name};
use crate::domain::inspection::Rejection;

/// Lists the files; folders do not count.
pub(super) fn list(reader: impl Read + Seek) -> Result<Listing, Rejection> {
    let mut archive = ZipArchive::new(reader).map_err(|_damaged| Rejection::Broken)?;
    let mut listing = Listing::default();
    for number in 0..archive.len().min(MAX_LISTED) {
        // Also reads the entry's own header, which must be where the directory says.
        let entry = archive.by_index_raw(number).map_err(|_damaged| Rejection::Broken)?;
        listing.has_locked |= entry.encrypted();
        if !entry.is_dir() {
            listing.add(&decode_name(entry.name_raw()));
        }
    }
    let unread = archive.len().saturating_sub(MAX_LISTED);
    listing.files += unread;
    listing.is_cut = unread > 0;
    Ok(listing)
}
