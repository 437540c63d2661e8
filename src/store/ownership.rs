//! The calls about one-time codes that make owners.

use futures_util::FutureExt as _;

use super::{Backend, Db, StoreResult, calls, lite, pg, writes};
use crate::domain::clock::Timestamp;

calls! {
    /// A code, by its hash, may be used until then; no other one any more.
    write ownership::owner_code_add(hash: String, expires_at: Timestamp) -> ();
    /// Whether a code is good.
    read ownership::owner_code_stands(hash: String, now: Timestamp) -> bool;
}
