//! The machine: its limits, its sandbox, and as whom we run on it.

use std::fs;
use std::path::Path;

use futures_util::FutureExt as _;
use rustix::process::{Resource, getrlimit};

use super::case::Case;
use super::finding::{Answer, Finding, Severity, all, fine, found, found_if, skip};
use super::registry::Check;
use crate::app::looking;
use crate::settings::{self, Settings};

/// What a process holds open besides what the settings ask for: logs, locks, libraries, timers.
const DESCRIPTORS_BESIDE: u64 = 128;

/// What the bot itself takes, without the processes that look into files, bytes.
const MEMORY_OF_BOT: u64 = 128 << 20;

/// Where a process's share of memory is written down: version 2 and 1 of control groups.
const MEMORY_LIMITS: [&str; 2] =
    ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];

/// Where systemd keeps units.
const UNIT_FOLDERS: [&str; 3] =
    ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

pub(super) const CHECKS: &[Check] = &[
    Check::here(
        "machine.root",
        "Does the bot run as somebody else than root?",
        Severity::Warning,
        &[],
        root,
    ),
    Check::here(
        "machine.descriptors",
        "May a process open as many files and connections as the settings ask for?",
        Severity::Error,
        &["database.pool_size", "outbound.window", "web.max_requests"],
        descriptors,
    ),
    Check::here(
        "machine.memory",
        "Is there memory for looking into files?",
        Severity::Warning,
        &["inspect.memory_mb", "jobs.workers", "search.cache_mb"],
        memory,
    ),
    Check::here(
        "machine.core-dumps",
        "Would a crash leave secrets on the disk?",
        Severity::Warning,
        &[],
        core_dumps,
    ),
    Check::asking(
        "machine.sandbox",
        "Does the sandbox hold in which files are looked into?",
        Severity::Error,
        &[],
        |case| sandbox(case).boxed(),
    ),
    Check::here("machine.tools", "Are the tools for previews there?", Severity::Info, &[], tools),
    Check::here(
        "machine.watchdog",
        "Does systemd notice when the bot hangs?",
        Severity::Warning,
        &[],
        watchdog,
    ),
];

fn root(_: &Case) -> Answer {
    found_if(rustix::process::geteuid().is_root(), || {
        Finding::warning(
            "we are root: a fault of ours could do anything to this machine",
            "useradd --system --home /var/lib/primelingo primelingo; runuser -u primelingo -- \
             primelingo run",
        )
    })
}

/// Descriptors that the settings may make us open at the same time.
fn descriptors_wanted(settings: &Settings) -> u64 {
    let of = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    // Each reader and the writer of SQLite: file, log and index of the log.
    let database = u64::from(settings.database.pool_max())
        .max(u64::from(settings.database.sqlite_readers).saturating_mul(6).saturating_add(9));
    let parts = [
        DESCRIPTORS_BESIDE,
        database,
        u64::from(settings.redis.pool_size),
        of(settings.outbound.window),
        u64::from(settings.web.max_requests),
        // A connection and a file each; pipes to and from each inspection.
        of(settings.files.transfers).saturating_mul(2),
        of(settings.jobs.workers).saturating_mul(8),
    ];
    parts.into_iter().fold(0, u64::saturating_add)
}

fn descriptors(case: &Case) -> Answer {
    let wanted = descriptors_wanted(case.settings());
    let limit = getrlimit(Resource::Nofile);
    let Some(soft) = limit.current else { return fine() };
    found_if(soft < wanted, || {
        let cure = if limit.maximum.is_none_or(|hard| hard >= wanted) {
            format!("ulimit -n {}", wanted.next_power_of_two())
        } else {
            format!("LimitNOFILE={} in the service's unit", wanted.next_power_of_two())
        };
        Finding::error(
            format!("a process may open {soft} files, and the settings may ask for {wanted}"),
            cure,
        )
    })
}

/// The memory that this process may take, if that is less than all.
fn memory_limit() -> Option<u64> {
    let read = |path: &&str| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let of_group = MEMORY_LIMITS.iter().find_map(read);
    let of_machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total(&text));
    [of_group, of_machine].into_iter().flatten().min()
}

/// `MemTotal` of `/proc/meminfo`, bytes.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    kilobytes.checked_mul(1024)
}

fn memory(case: &Case) -> Answer {
    let settings = case.settings();
    let workers = u64::try_from(settings.jobs.workers).unwrap_or(u64::MAX);
    let wanted = MEMORY_OF_BOT
        .saturating_add(settings.search.cache_bytes())
        .saturating_add(settings.inspect.memory_bytes().saturating_mul(workers));
    let Some(limit) = memory_limit() else { return skip("the system does not tell") };
    found_if(limit < wanted, || {
        Finding::warning(
            format!(
                "there are {} MB, and {workers} jobs of inspect.memory_mb = {} may take {} MB",
                limit >> 20,
                settings.inspect.memory_mb,
                wanted >> 20
            ),
            "--set jobs.workers=1, or a smaller inspect.memory_mb",
        )
    })
}

fn core_dumps(_: &Case) -> Answer {
    let limit = getrlimit(Resource::Core);
    found_if(limit.current != Some(0), || {
        Finding::warning(
            "a crash would write our memory to the disk, token and passwords included",
            "ulimit -c 0; or LimitCORE=0 in the service's unit",
        )
    })
}

async fn sandbox(case: &Case) -> Answer {
    let inspector = match looking::inspector(case.settings()) {
        Ok(inspector) => inspector,
        Err(error) => return skip(format!("this program cannot find itself: {error}")),
    };
    let sandbox = inspector.self_test().await;
    if sandbox.is_sealed() {
        return fine();
    }
    let cure = "uname -r; cat /sys/kernel/security/lsm (wanted: 5.13 or newer, with landlock)";
    found(if sandbox.is_open() {
        Finding::error(format!("files of strangers are read without a sandbox: {sandbox}"), cure)
    } else {
        Finding::warning(format!("a layer of the sandbox is missing: {sandbox}"), cure)
    })
}

fn tools(_: &Case) -> Answer {
    let tools = crate::inspect::Tools::find(&settings::search_path());
    let mut findings = Vec::new();
    if !tools.draws_pages() {
        let text = "pdftoppm is missing: PDF files get no picture of their first page";
        findings.push(Finding::info(text, "apt-get install poppler-utils"));
    }
    if !tools.draws_films() {
        let text = "ffmpeg is missing: films get no picture";
        findings.push(Finding::info(text, "apt-get install ffmpeg"));
    }
    all(findings)
}

fn watchdog(_: &Case) -> Answer {
    let unit = UNIT_FOLDERS.iter().map(|folder| Path::new(folder).join("primelingo.service"));
    let read = |path: std::path::PathBuf| Some((fs::read_to_string(&path).ok()?, path));
    let Some((text, path)) = unit.into_iter().find_map(read) else {
        return skip("systemd has no primelingo.service");
    };
    let missing = lacking(&text);
    found_if(!missing.is_empty(), || {
        Finding::warning(
            format!("{} lacks {}", path.display(), missing.join(" and ")),
            format!("systemctl edit primelingo, [Service] {}", missing.join(" ")),
        )
    })
}

/// What a unit must have so that systemd knows how the bot is.
fn lacking(unit: &str) -> Vec<&'static str> {
    let has = |key: &str| unit.lines().any(|line| line.trim().starts_with(key));
    let mut missing = Vec::new();
    if !has("Type=notify") {
        missing.push("Type=notify");
    }
    if !has("WatchdogSec=") {
        missing.push("WatchdogSec=60");
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_needs_to_notify_and_a_watchdog() {
        assert_eq!(lacking("[Service]\nType=notify\n WatchdogSec=30\n"), [""; 0]);
        assert_eq!(lacking("[Service]\nType=simple\n"), ["Type=notify", "WatchdogSec=60"]);
    }

    #[test]
    fn memory_is_read_in_bytes() {
        assert_eq!(total("MemTotal:   2048 kB\nMemFree: 1 kB\n"), Some(2 << 20));
        assert_eq!(total(""), None);
    }

    #[test]
    fn the_defaults_ask_for_less_than_a_usual_limit() {
        let wanted = descriptors_wanted(&Settings::defaults());
        assert!((128..1024).contains(&wanted), "{wanted}");
    }
}
