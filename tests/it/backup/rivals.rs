//! Who comes to a PostgreSQL database after the first look of a restore, and before it changes names.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Command, Output};

use rustix::fs::{Mode, OFlags, open};
use tokio::task::JoinHandle;

use super::create::{command, witness};
use super::{Bench, content, id, put, said};
use crate::support::bot::{Backend, bounded};

/// A restore that waits for the test once it fills the new database.
struct Halted {
    door: OwnedFd,
    output: JoinHandle<Output>,
}

impl Halted {
    async fn begin(bench: &Bench, gate: PathBuf, name: &str) -> Self {
        let child = command(bench, &["backup", "restore", name, "--yes"]).spawn().unwrap();
        let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
        // Nobody can write to a pipe before somebody reads from it.
        let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let door = bounded("pg_restore", async || open(&gate, flags, Mode::empty()).ok()).await;
        Self { door, output }
    }

    async fn end(self) -> Output {
        drop(self.door);
        self.output.await.unwrap()
    }
}

/// Makes `pg_restore` wait at a pipe.
fn gate(bench: &mut Bench) -> PathBuf {
    let (programs, log) = (bench.folder.path().join("bin"), bench.folder.path().join("calls"));
    let gate = bench.folder.path().join("gate");
    assert!(Command::new("mkfifo").arg(&gate).status().unwrap().success());
    for program in ["pg_dump", "pg_restore"] {
        witness(&programs, program, &log);
    }
    let script = programs.join("pg_restore");
    let text = std::fs::read_to_string(&script).unwrap();
    let wait = format!("read word < {}\nexec ", gate.display());
    put(&script, text.replace("exec ", &wait).as_bytes());
    bench.set("backup.pg_bin_dir", &programs.display().to_string());
    gate
}

const LEFT: &str = "SELECT count(*) FROM pg_database WHERE datname LIKE '%\\_restore\\_%' \
     AND datname LIKE current_database() || '%'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_during_a_restore_keeps_the_database() {
    let mut bench = Bench::on(Backend::Postgres).await;
    let name = id(&bench.create());
    bench.place.execute("DELETE FROM users WHERE id > 100100").await;
    let before = content(&bench.place).await;
    let gate = gate(&mut bench);

    let restore = Halted::begin(&bench, gate.clone(), &name).await;
    let (client, connection) =
        tokio_postgres::connect(&bench.place.url(), tokio_postgres::NoTls).await.unwrap();
    let session = tokio::spawn(connection);
    let output = restore.end().await;
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("others are connected"), "{}", said(&output));
    let row = client.query_one("SELECT count(*) FROM users", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 102);
    drop(client);
    session.await.unwrap().unwrap();
    assert_eq!((content(&bench.place).await, bench.place.number(LEFT).await), (before.clone(), 0));

    // A bot that has come, and whose connections rest at this moment.
    let restore = Halted::begin(&bench, gate.clone(), &name).await;
    let lease = "INSERT INTO leases (name, owner, epoch, token, until)
        VALUES ('leader', 'rival', 9, 9, now() + interval '1 hour')
        ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until";
    bench.place.execute(lease).await;
    let output = restore.end().await;
    assert!(said(&output).contains("in use by rival (leader"), "{}", said(&output));
    assert_eq!((content(&bench.place).await, bench.place.number(LEFT).await), (before.clone(), 0));

    bench.place.execute("UPDATE leases SET owner = ''").await;
    let output = Halted::begin(&bench, gate, &name).await.end().await;
    assert!(output.status.success(), "{}", said(&output));
    assert_ne!(content(&bench.place).await, before);
}
