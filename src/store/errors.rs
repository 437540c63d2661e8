//! The calls of errors by groups.

use futures_util::FutureExt as _;

use super::records::ErrorGroup;
use super::{Backend, Db, StoreResult, calls, lite, pg, writes};
use crate::domain::clock::Timestamp;

calls! {
    /// Adds what the log has collected, and forgets groups that were last seen before then.
    write errors::errors_note(groups: Vec<ErrorGroup>, forget_before: Timestamp) -> ();
    /// Groups, the one that was seen last first.
    read errors::errors_recent(limit: i64) -> Vec<ErrorGroup>;
    /// Forgets a group; gives whether there was such a one.
    write errors::error_forget(fingerprint: String) -> bool;
}
