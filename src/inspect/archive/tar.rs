//! TAR: one header after the other, by the crate `tar`.

use std::io::{Read, Seek};

use ::tar::Archive;

use super::{Listing, MAX_HEADERS, decode_name};
use crate::domain::inspection::Rejection;

/// Lists the files; folders do not count.
pub(super) fn list(reader: impl Read + Seek) -> Result<Listing, Rejection> {
    let mut archive = Archive::new(reader);
    let mut listing = Listing::default();
    let entries = archive.entries_with_seek().map_err(|_damaged| Rejection::Broken)?;
    for (number, entry) in entries.enumerate() {
        if number == MAX_HEADERS {
            listing.is_cut = true;
            break;
        }
        let entry = entry.map_err(|_damaged| Rejection::Broken)?;
        if !entry.header().entry_type().is_dir() {
            listing.add(&decode_name(&entry.path_bytes()));
        }
    }
    Ok(listing)
}
