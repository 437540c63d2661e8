//! Which of the databases' refusals pass by themselves: an outage, a full disk, a lock that is held
//! too long. Whoever meets one tries again later, and blames no update or job for it.
//!
//! diesel keeps the kind of an error only for a few SQLSTATEs, and none of SQLite's result codes.
//! The rest is known here by its text. SQLite has no other language than English; PostgreSQL's
//! connections are set to English where the server allows it, and besides, an error that takes its
//! connection with it passes whatever its words are: `store/pg` looks at that.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

/// SQLite's texts of result codes: <https://sqlite.org/rescode.html>.
const SQLITE: [&str; 9] = [
    "database is locked",                                             // SQLITE_BUSY
    "database table is locked",                                       // SQLITE_LOCKED
    "database or disk is full",                                       // SQLITE_FULL
    "disk I/O error",                                                 // SQLITE_IOERR
    "unable to open database file",                                   // SQLITE_CANTOPEN
    "attempt to write a readonly database",                           // SQLITE_READONLY
    "out of memory",                                                  // SQLITE_NOMEM
    "locking protocol",                                               // SQLITE_PROTOCOL
    "unable to delete/modify user-function due to active statements", // SQLITE_BUSY
];

/// PostgreSQL's texts by SQLSTATE, see its appendix A; for classes 08, 25006 and 40001 diesel has
/// kinds of its own.
const POSTGRES: [&str; 19] = [
    "deadlock detected",                       // 40P01
    "could not serialize access",              // 40001
    "could not extend file",                   // 53100 disk full
    "No space left on device",                 // 53100
    "could not write",                         // 53100, 58030
    "could not read",                          // 58030 io error
    "could not open file",                     // 58030
    "out of memory",                           // 53200
    "out of shared memory",                    // 53200
    "too many clients",                        // 53300
    "remaining connection slots are reserved", // 53300
    "too many connections",                    // 53300
    "canceling statement due to",              // 57014, 55P03
    "could not obtain lock",                   // 55P03
    "terminating connection",                  // 57P01, 57P02, 25P03
    "the database system is",                  // 57P03: starting up, shutting down, ...
    "conflict with recovery",                  // 40001, 57014 on a standby
    "in a read-only transaction",              // 25006
    "in hot standby mode",                     // 57P03
];

/// Of what passes, what does so only by somebody's hand: wrong passwords and names (`store/pg` adds
/// the SQLSTATE, as a server says this in its own language), and rights on a file.
const BY_HAND: [&str; 5] = [
    "SQLSTATE 28",    // a password, a role, or pg_hba.conf
    "SQLSTATE 3D",    // no such database
    "SQLSTATE 42501", // no right to connect
    "attempt to write a readonly database",
    "password missing",
];

/// Whether an outage ends only when somebody has changed something.
pub(super) fn needs_mending(reason: &str) -> bool {
    BY_HAND.iter().any(|words| reason.contains(words))
}

/// The words of a refusal that passes; `None` for one that would only come again.
pub(super) fn reason(error: &DieselError) -> Option<String> {
    match error {
        DieselError::DatabaseError(kind, info) => passes(*kind, info.as_ref()),
        DieselError::BrokenTransactionManager => Some(error.to_string()),
        _ => None,
    }
}

fn passes(
    kind: DatabaseErrorKind,
    info: &(dyn DatabaseErrorInformation + Send + Sync),
) -> Option<String> {
    let message = info.message();
    let is_passing = match kind {
        DatabaseErrorKind::ClosedConnection
        | DatabaseErrorKind::UnableToSendCommand
        | DatabaseErrorKind::SerializationFailure
        // The server has become a standby: its successor is on the way.
        | DatabaseErrorKind::ReadOnlyTransaction => true,
        DatabaseErrorKind::Unknown => is_passing_message(message),
        _ => false,
    };
    is_passing.then(|| message.to_owned())
}

fn is_passing_message(message: &str) -> bool {
    SQLITE.iter().chain(&POSTGRES).any(|passing| message.contains(passing))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(kind: DatabaseErrorKind, message: &str) -> Option<String> {
        reason(&DieselError::DatabaseError(kind, Box::new(message.to_owned())))
    }

    #[test]
    fn outages_pass() {
        for message in [
            "database or disk is full",
            "attempt to write a readonly database",
            "could not extend file \"base/5/16384\": No space left on device",
            "terminating connection due to administrator command",
            "the database system is in recovery mode",
            "sorry, too many clients already",
            "canceling statement due to lock timeout",
        ] {
            let passes = refusal(DatabaseErrorKind::Unknown, message);
            assert_eq!(passes.as_deref(), Some(message));
        }
        assert!(refusal(DatabaseErrorKind::UnableToSendCommand, "connection closed").is_some());
        assert!(reason(&DieselError::BrokenTransactionManager).is_some());
    }

    #[test]
    fn refusals_do_not() {
        assert_eq!(refusal(DatabaseErrorKind::Unknown, "no such table: updates"), None);
        assert_eq!(refusal(DatabaseErrorKind::Unknown, "database disk image is malformed"), None);
        // What a user wrote may stand in such a message, and must not make it pass.
        let quoted = "duplicate key (title)=(out of memory)";
        assert_eq!(refusal(DatabaseErrorKind::UniqueViolation, quoted), None);
        assert_eq!(reason(&DieselError::NotFound), None);
    }
}
