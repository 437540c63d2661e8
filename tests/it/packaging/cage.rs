//! The bot inside of what its unit allows.
//!
//! A test cannot be systemd, but the unit's rules on system calls, memory, sockets and places to write to
//! can be laid on a thread, by the same means of the kernel, and whatever that thread starts inherits
//! them. There the bot does all that it does: takes a file in, looks into it in a sandbox of its own
//! that must be as tight as outside, has a foreign program draw a page, and gives the file out.
//!
//! Not tried here: own mounts, users and devices (`ProtectSystem=`, `PrivateUsers=`, ...).

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use landlock::{
    ABI, Access, AccessFs, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetStatus,
};
use primelingo::inspect::{InspectLimits, Inspector};
use seccompiler::SeccompCmpArgLen::Dword;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

use tokio::runtime::{Builder, Runtime};

use super::text_of;
use super::units::Unit;
use crate::flows::steps::{answer_all, send_and_wait};
use crate::support::bot::{ANN, Backend, Bot, BotOptions, Process};

/// What systemd allows in addition to the sets that a unit names.
const ALWAYS: &str = "@default";

/// New namespaces of any kind, as flags of `clone`.
const NAMESPACES: u64 = 0x7e02_0080;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// A unit's rules that hold for a thread.
struct Cage {
    filter: BpfProgram,
    without_clone3: BpfProgram,
}

impl Cage {
    fn of(unit: &Unit) -> Self {
        let mut rules: Rules =
            allowed(unit).into_iter().map(|number| (number, Vec::new())).collect();
        assert!(rules.contains_key(&libc::SYS_openat) && !rules.contains_key(&libc::SYS_fchownat));
        assert_eq!(unit.one("MemoryDenyWriteExecute"), "yes");
        let (write, execute) = (bits(libc::PROT_WRITE), bits(libc::PROT_EXEC));
        let both = write | execute;
        rules.insert(libc::SYS_mmap, vec![masked(2, execute, 0), masked(2, both, execute)]);
        rules.insert(libc::SYS_mprotect, vec![masked(2, execute, 0)]);
        rules.insert(libc::SYS_pkey_mprotect, vec![masked(2, execute, 0)]);
        assert_eq!(unit.one("RestrictNamespaces"), "yes");
        rules.insert(libc::SYS_clone, vec![masked(0, NAMESPACES, 0)]);
        let families = unit.one("RestrictAddressFamilies").split(' ');
        let families = families.map(|name| match name {
            "AF_UNIX" => libc::AF_UNIX,
            "AF_INET" => libc::AF_INET,
            "AF_INET6" => libc::AF_INET6,
            other => panic!("{other} is new"),
        });
        rules.insert(libc::SYS_socket, families.map(|it| masked(0, u64::MAX, bits(it))).collect());
        assert_eq!(unit.one("SystemCallErrorNumber"), "EPERM");
        let clone3 = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
        Self {
            filter: program(rules, libc::EPERM, true),
            without_clone3: program(clone3, libc::ENOSYS, false),
        }
    }

    /// Lays the rules on this thread; the folder is the only one to write to.
    fn enter(&self, folder: &Path) {
        let everywhere = AccessFs::Execute | AccessFs::ReadFile | AccessFs::ReadDir;
        let all = AccessFs::from_all(ABI::V3);
        let rule = |path: &Path, access| PathBeneath::new(PathFd::new(path).unwrap(), access);
        let rules = Ruleset::default().handle_access(all).unwrap().create().unwrap();
        let rules = rules.add_rule(rule(Path::new("/"), everywhere)).unwrap();
        let rules = rules.add_rule(rule(folder, all)).unwrap();
        let rules =
            rules.add_rule(rule(Path::new("/dev/null"), AccessFs::WriteFile | AccessFs::ReadFile));
        let has_landlock =
            rules.unwrap().restrict_self().unwrap().ruleset != RulesetStatus::NotEnforced;
        seccompiler::apply_filter(&self.without_clone3).unwrap();
        seccompiler::apply_filter(&self.filter).unwrap();
        // It is a cage, for root too.
        let refused = std::os::unix::fs::chown(folder, Some(1), None).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        if has_landlock {
            std::fs::write("/usr/primelingo-was-here", "").unwrap_err();
        }
    }
}

/// The numbers of the calls that a unit allows.
fn allowed(unit: &Unit) -> BTreeSet<i64> {
    let sets = sets();
    let mut names = expanded(ALWAYS, &sets);
    for line in unit.all("SystemCallFilter") {
        let (words, is_denied) = line.strip_prefix('~').map_or((line, false), |it| (it, true));
        for word in words.split(' ') {
            let calls = expanded(word, &sets);
            if is_denied {
                names.retain(|name| !calls.contains(name));
            } else {
                names.extend(calls);
            }
        }
    }
    let numbers = numbers();
    // Sets name calls of other machines too.
    names.iter().filter_map(|name| numbers.get(name).copied()).collect()
}

/// Sets of system calls as systemd has them, some of which name others.
fn sets() -> BTreeMap<String, Vec<String>> {
    let said = said("systemd-analyze", &["syscall-filter", "--no-pager"]);
    let mut sets: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in said.lines().filter(|line| !line.trim_start().starts_with('#')) {
        match line.strip_prefix("    ") {
            Some(name) => sets.entry(current.clone()).or_default().push(name.trim().to_owned()),
            None => line.trim().clone_into(&mut current),
        }
    }
    assert!(sets.len() > 20, "{said}");
    sets
}

fn expanded(word: &str, sets: &BTreeMap<String, Vec<String>>) -> BTreeSet<String> {
    match sets.get(word) {
        Some(words) => words.iter().flat_map(|word| expanded(word, sets)).collect(),
        None => BTreeSet::from([word.to_owned()]),
    }
}

/// The numbers of system calls on this machine, as its C library has them.
fn numbers() -> BTreeMap<String, i64> {
    let arguments = ["-dM", "-E", "-include", "sys/syscall.h", "-x", "c", "/dev/null"];
    let said = said("cc", &arguments);
    let numbers = said.lines().filter_map(|line| {
        let (name, number) = line.strip_prefix("#define __NR_")?.split_once(' ')?;
        Some((name.to_owned(), number.parse().ok()?))
    });
    numbers.collect()
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output
        .unwrap_or_else(|error| panic!("cannot run {program} ({error}); tests/run.sh installs it"));
    assert!(output.status.success(), "{program} {arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn bits(value: i32) -> u64 {
    u64::from(value.unsigned_abs())
}

fn masked(argument: u8, mask: u64, value: u64) -> SeccompRule {
    let condition =
        SeccompCondition::new(argument, Dword, SeccompCmpOp::MaskedEq(mask), value).unwrap();
    SeccompRule::new(vec![condition]).unwrap()
}

/// A filter: what is listed is allowed and the rest refused, or the other way round.
fn program(rules: Rules, error: i32, allows: bool) -> BpfProgram {
    let refused = SeccompAction::Errno(error.unsigned_abs());
    let (listed, rest) =
        if allows { (SeccompAction::Allow, refused) } else { (refused, SeccompAction::Allow) };
    let arch = std::env::consts::ARCH.try_into().unwrap();
    SeccompFilter::new(rules, rest, listed, arch).unwrap().try_into().unwrap()
}

/// How tight the sandbox of a child is, in words.
async fn sandbox() -> String {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_primelingo"));
    Inspector::new(program, InspectLimits::default()).self_test().await.to_string()
}

/// Does something in the cage of a unit.
fn inside(unit: &Unit, work: impl AsyncFnOnce() + Send + 'static) {
    let cage = Cage::of(unit);
    // A thread of its own: what it gives up it never gets back.
    let thread = std::thread::spawn(move || {
        cage.enter(&std::env::temp_dir());
        runtime().block_on(work());
    });
    thread.join().unwrap();
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn the_bot_does_its_work_inside_of_what_its_unit_allows() {
    let outside = runtime().block_on(sandbox());
    inside(&Unit::read("primelingo.service"), async move || {
        assert_eq!(sandbox().await, outside);
        takes_and_gives().await;
    });
}

#[test]
fn a_unit_that_forbids_the_sandbox_is_noticed() {
    let outside = runtime().block_on(sandbox());
    let text = text_of("config/systemd/primelingo.service");
    let strict = text.replace("SystemCallFilter=seccomp ", "SystemCallFilter=");
    assert_ne!(strict, text);
    inside(&Unit::parse(&strict), async move || assert_ne!(sandbox().await, outside));
}

async fn takes_and_gives() {
    let mut bot = Bot::start(BotOptions::on(Backend::Sqlite)).await;
    for (file, title) in [("image.jpg", "The board"), ("metadata.pdf", "The page")] {
        send_and_wait(&mut bot, file).await;
        answer_all(&mut bot, title).await;
    }
    assert!(bot.say(ANN, "board").await.screen().contains("The board"));
    assert!(bot.press(ANN, "👁 1").await.screen().contains("<photo preview.jpg>"));
    assert!(bot.press(ANN, "Get the file").await.screen().contains("<document image.jpg>"));
    // What primelingo-backup.service does, which is confined alike.
    let backups = bot.folder().join("backups").display().to_string();
    let said = Process::run(bot.folder(), bot.settings(), &["backup", "create", "--to", &backups]);
    assert!(said.contains("proven by restoring it"), "{said}");
    bot.finish().await;
}
