//! What breaks a copy off when its rows are over, or from outside, and how it goes on.

use primelingo::store::copy::{CopyError, CopyPlan, Watcher, copy};

use super::{Quiet, command, crowd, plan, said, sums};
use crate::store::fixture::Place;
use crate::support::postgres::TestDatabase;

/// Takes the database away as soon as there is something to lose.
struct Outage<'a>(&'a TestDatabase, bool);

impl Watcher for Outage<'_> {
    fn phase(&mut self, _: &str) {}
    fn rows(&mut self, _: u64, _: u64) {
        if !std::mem::replace(&mut self.1, true) {
            self.0.shut();
        }
    }
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Rows that come when indexes are being built belong to no index of titles, and to no copy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_come_after_the_rows_are_no_part_of_a_copy() {
    for (from, to) in [(Place::sqlite(), Place::postgres()), (Place::postgres(), Place::sqlite())] {
        crowd(&from, 40).await;
        let stopping = &mut Quiet { stops_at: "building indexes", ..Quiet::default() };
        let stopped = copy(&plan(&from, &to), stopping).await.unwrap_err();
        assert!(matches!(stopped, CopyError::Stopped), "{stopped}");

        // One beyond the mark of its table, one in a table that was empty.
        let resumed = CopyPlan { resume: true, ..plan(&from, &to) };
        let at = if matches!(from, Place::Sqlite(_)) { "1800000000000000" } else { "now()" };
        let later = format!(
            "INSERT INTO users (id, first_name, lang, created_at, last_seen_at)
             VALUES (1000, 'Late', 'uz', {at}, {at})"
        );
        for (table, late, undo) in [
            ("users", later.as_str(), "DELETE FROM users WHERE id = 1000"),
            ("meta", "INSERT INTO meta (key, value) VALUES ('a', 'b')", "DELETE FROM meta"),
        ] {
            from.execute(late).await;
            let said = copy(&resumed, &mut Quiet::default()).await.unwrap_err().to_string();
            assert!(said.contains(&format!("table {table} is no longer")), "{said}");
            from.execute(undo).await;
        }
        // What is read again can be stopped, too.
        let stopping = &mut Quiet { stops: true, ..Quiet::default() };
        let stopped = copy(&resumed, stopping).await.unwrap_err();
        assert!(matches!(stopped, CopyError::Stopped), "{stopped}");
        copy(&resumed, &mut Quiet::default()).await.unwrap();
        assert_eq!(sums(&to).await, sums(&from).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_breaks_a_copy_off_and_no_more() {
    for (from, to) in [(Place::sqlite(), Place::postgres()), (Place::postgres(), Place::sqlite())] {
        crowd(&from, 400).await;
        let (Place::Postgres(server), Place::Sqlite(_)) =
            (if matches!(from, Place::Postgres(_)) { (&from, &to) } else { (&to, &from) })
        else {
            unreachable!()
        };
        let small = CopyPlan { batch_rows: 1, ..plan(&from, &to) };
        let lost = copy(&small, &mut Outage(server, false)).await.unwrap_err();
        assert!(lost.is_resumable() && lost.to_string().contains("--resume"), "{lost:?}");

        let copying = |more: &[&str]| {
            let (from, to) = (from.url(), to.url());
            let fixed = ["db", "copy", "--from", &from, "--to", &to];
            command(&[&fixed, more].concat(), None)
        };
        let away = copying(&["--resume"]);
        assert_eq!(away.status.code(), Some(75), "{}", said(&away));
        assert!(said(&away).contains("--resume"), "{}", said(&away));
        let never_begun = copying(&[]);
        assert_eq!(never_begun.status.code(), Some(1), "{}", said(&never_begun));
        server.open();
        let done = copying(&["--resume"]);
        assert!(done.status.success(), "{}", said(&done));
        assert_eq!(sums(&to).await, sums(&from).await);
    }
}
