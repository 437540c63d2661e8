//! What the program tells of its own build: the commit and the compiler, as `primelingo_build_info`
//! shows them.
//!
//! The commit is `PRIMELINGO_COMMIT`, if whoever builds a package gives it; else git's, if there is
//! git; else "unknown". Builds other than releases do not follow later commits: for these the whole
//! program would be compiled again.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=PRIMELINGO_COMMIT");
    let is_release = variable("PROFILE").is_some_and(|profile| profile == "release");
    if is_release && Path::new(".git/HEAD").exists() {
        println!("cargo:rerun-if-changed=.git/HEAD");
        println!("cargo:rerun-if-changed=.git/logs/HEAD");
    }
    let given = variable("PRIMELINGO_COMMIT").filter(|commit| !commit.is_empty());
    let commit = given
        .or_else(|| first_word("git", &["rev-parse", "--short=12", "HEAD"]))
        .unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=PRIMELINGO_COMMIT={commit}");

    let compiler = variable("RUSTC").unwrap_or_else(|| "rustc".to_owned());
    let version = output(&compiler, &["--version"])
        .and_then(|said| said.split_whitespace().nth(1).map(str::to_owned))
        .unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=PRIMELINGO_RUSTC={version}");
}

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok()
}

fn first_word(program: &str, arguments: &[&str]) -> Option<String> {
    output(program, arguments)?.split_whitespace().next().map(str::to_owned)
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
