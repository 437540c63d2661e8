//! The calls of the dashboard: keys of its links, what is done on it, and queues that are paused.

use futures_util::FutureExt as _;

use super::records::{AsideJob, Doer, Operated, Operation};
use super::{Backend, Db, StoreResult, calls, lite, pg, writes};
use crate::domain::audit::AuditNote;
use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;

calls! {
    /// Uses a key up; gives whose it was, if it was good.
    write dashboard::dashboard_key_use(hash: String, now: Timestamp) -> Option<UserId>;
    /// Notes that the holder of a pass has left, for as long as it would be good.
    write dashboard::dashboard_pass_leave(user: UserId, nonce: u64, expires_at: Timestamp) -> ();
    /// Whether the holder of a pass has left.
    read dashboard::dashboard_pass_is_left(user: UserId, nonce: u64) -> bool;
    /// Does something and notes it, or neither; refused when the doer has lost the role.
    write dashboard::dashboard_operate(doer: Doer, operation: Operation, note: AuditNote, now: Timestamp) -> Operated;
    /// The queues of which no job is given out, by name.
    read dashboard::queues_paused() -> Vec<String>;
    /// Jobs that run, then those that wait, of each queue the longest first.
    read dashboard::jobs_at_work(limit: i64) -> Vec<AsideJob>;
    /// Pauses a queue or goes on with it, from the command line; gives whether that changed anything.
    write dashboard::queue_pause(queue: String, paused: bool, now: Timestamp) -> bool;
}
