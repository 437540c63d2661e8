//! What a look at a database from outside has found: nothing here was changed by looking.

use super::figures::{LedgerFigures, OutboxDead};
use super::queue::JobCount;
use crate::domain::clock::Timestamp;
use crate::store::standing::SchemaFault;

/// What a database is like.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Its version, for people.
    pub version: String,
    /// Its version as it is compared: PostgreSQL's `server_version_num`.
    pub version_number: i64,
    /// What time it is there.
    pub clock: Timestamp,
    /// What time it was here when it answered that.
    pub asked_at: Timestamp,
    /// How its schema compares with the one that this program knows.
    pub schema: SchemaFacts,
    /// The server, if it is one.
    pub server: Option<ServerFacts>,
    /// What waits and what was given up; none before the first start.
    pub work: Option<WorkFacts>,
}

/// How a schema compares with the one that this program knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SchemaFacts {
    /// Why a start would refuse it.
    pub fault: Option<SchemaFault>,
    /// Versions that this program would bring.
    pub pending: Vec<String>,
    /// Versions that this program does not know.
    pub newer: Vec<String>,
    /// How many of the known versions are there.
    pub applied: usize,
    /// How many of our tables are there.
    pub tables: usize,
    /// Tables that should be there, and are not.
    pub tables_missing: Vec<String>,
    /// Tables of somebody else's.
    pub tables_foreign: Vec<String>,
    /// Indexes that should be there, and are not.
    pub indexes_missing: Vec<String>,
    /// Indexes that are there and not used, as they were never finished.
    pub indexes_invalid: Vec<String>,
    /// Tables that this role may not read and write.
    pub tables_forbidden: Vec<String>,
}

/// A PostgreSQL server, as the role sees it that we are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an answer of the server's own")]
pub struct ServerFacts {
    /// Of the database.
    pub encoding: String,
    /// Connections that we may have, at the most.
    pub connections_for_us: i64,
    /// What says so.
    pub connections_by: &'static str,
    /// Settings that a crash would make us pay for, and that are off.
    pub unsafe_settings: Vec<&'static str>,
    /// Whether tables are tidied up.
    pub autovacuum: bool,
    /// Whether nothing can be written here: a replica, or set so.
    pub is_read_only: bool,
    /// Whether we may make tables.
    pub may_create: bool,
    /// Whether we may do everything.
    pub is_superuser: bool,
}

/// What waits and what was given up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkFacts {
    /// Updates.
    pub ledger: LedgerFigures,
    /// Messages that were given up.
    pub outbox_dead: OutboxDead,
    /// Jobs by queue and how they stand.
    pub jobs: Vec<JobCount>,
    /// Jobs of whoever had them and shows no life.
    pub jobs_abandoned: i64,
    /// Queues that are held.
    pub queues_paused: Vec<String>,
    /// The instance that leads.
    pub leader: Option<String>,
    /// Worker processes that live.
    pub workers: Vec<String>,
    /// Whether somebody has the role of an owner.
    pub has_owner: bool,
}
