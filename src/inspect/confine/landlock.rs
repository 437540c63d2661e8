//! Landlock: no file system, no TCP, no signals to other processes, as far as the kernel has it.

use std::io;
use std::os::fd::AsFd;

use landlock::{
    ABI, Access, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

/// The newest version that is asked for; an older kernel enforces what it knows.
const NEWEST: ABI = ABI::V6;

/// Where systems keep programs, their libraries and fonts.
const PROGRAMS: [&str; 9] = [
    "/usr",
    "/bin",
    "/lib",
    "/lib64",
    "/nix/store",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/var/cache/fontconfig",
    "/dev/null",
];

/// Closes everything; tells whether the kernel did.
pub(super) fn close_all() -> bool {
    handled().and_then(enforce).unwrap_or(false)
}

/// Closes everything but programs, and the file on stdin for reading.
pub(super) fn close_all_but_programs() -> io::Result<()> {
    let enforced = allow_programs().map_err(io::Error::other)?;
    if enforced { Ok(()) } else { Err(io::ErrorKind::Unsupported.into()) }
}

fn allow_programs() -> Result<bool, RulesetError> {
    let mut rules = handled()?;
    for path in PROGRAMS {
        // What this system does not have needs no rule.
        if let Ok(place) = PathFd::new(path) {
            let access = AccessFs::Execute | AccessFs::ReadFile | AccessFs::ReadDir;
            rules = rules.add_rule(PathBeneath::new(place, access))?;
        }
    }
    let stdin = io::stdin();
    rules = rules.add_rule(PathBeneath::new(stdin.as_fd(), AccessFs::ReadFile))?;
    enforce(rules)
}

fn handled() -> Result<RulesetCreated, RulesetError> {
    Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()
}

fn enforce(rules: RulesetCreated) -> Result<bool, RulesetError> {
    Ok(rules.restrict_self()?.ruleset != RulesetStatus::NotEnforced)
}
