//! The calls of the editors' desk: sections, changes of what is published, and the audit log.

use futures_util::FutureExt as _;

use super::{Backend, Db, StoreResult, calls, lite, pg, writes};
use crate::domain::audit::{AuditEntry, AuditRequest};

calls! {
    /// Entries of the audit log, newest first.
    read audit::audit_list(request: AuditRequest) -> Vec<AuditEntry>;
}
