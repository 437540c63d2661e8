//! Addresses of databases as the command line takes them.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use super::{command, crowd, said};
use crate::store::fixture::Place;

/// An address may hold a password, whatever is wrong with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_address_is_echoed_and_none_need_stand_in_a_command_line() {
    let bad = "postgresql://bot:s3cr3t@host:port:5432";
    for (option, arguments) in [
        ("--from", &["db", "copy", "--from", bad, "--to", "sqlite:a.db"][..]),
        ("--to", &["db", "copy", "--to", bad]),
        ("--url", &["db", "checksum", "--url", bad]),
        ("--from", &["db", "adopt", "--from", bad]),
    ] {
        let output = command(arguments, None);
        let said = said(&output);
        assert!(!output.status.success() && said.contains(&format!("{option}: ")), "{said}");
        assert!(!said.contains("s3cr3t"), "{said}");
    }

    let (from, to) = (Place::sqlite(), Place::postgres());
    crowd(&from, 3).await;
    let fed = |arguments: &[&str], input: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_primelingo"));
        command.env_clear().env("DATABASE_URL", from.url()).current_dir(std::env::temp_dir());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.args(arguments).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let empty = fed(&["db", "copy", "--to", "-"], "");
    assert!(said(&empty).contains("standard input has no address"), "{}", said(&empty));
    let copied = fed(&["db", "copy", "--to", "-"], &format!("{}\n", to.url()));
    assert!(copied.status.success(), "{}", said(&copied));
    let sums = |output: Output| (output.status.success(), output.stdout);
    let here = sums(fed(&["db", "checksum"], ""));
    assert_eq!(here, sums(fed(&["db", "checksum", "--url", "-"], &to.url())));
    assert_eq!(here, sums(fed(&["db", "checksum", "--url", "configured"], "")));
    assert!(here.0);
    let back = Place::sqlite();
    let both = format!("{}\n{}\n", to.url(), back.url());
    let copied = fed(&["db", "copy", "--from", "-", "--to", "-"], &both);
    assert!(copied.status.success(), "{}", said(&copied));
}
