//! Whether the configuration can be used, and who else can read it.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use futures_util::FutureExt as _;

use super::case::Case;
use super::finding::{Answer, Finding, Mend, Severity, all, found_if, quoted};
use super::registry::Check;
use crate::settings::{Origin, Problem, variable_of};

/// Where secrets are that others have put there for us.
const HANDED_OVER: [&str; 2] = ["/run/credentials", "/run/secrets"];

/// Rights of the group and of all others.
pub(super) const OTHERS: u32 = 0o077;

pub(super) const CHECKS: &[Check] = &[
    Check::here(
        "configuration.loads",
        "Can the configuration be loaded?",
        Severity::Error,
        &[],
        loads,
    ),
    Check::here(
        "configuration.ignored",
        "Is anything that was set ignored?",
        Severity::Warning,
        &[],
        ignored,
    ),
    Check::here(
        "configuration.secret-files",
        "Are files with secrets for us alone?",
        Severity::Error,
        &[],
        secret_files,
    ),
    Check::asking(
        "configuration.owners",
        "Does the bot have an owner?",
        Severity::Warning,
        &["access.owners"],
        |case| owners(case).boxed(),
    ),
];

/// All that [`crate::settings::Settings::load`] refuses, each by itself.
fn loads(case: &Case) -> Answer {
    let examined = &case.examined;
    let unreadable = examined
        .unreadable
        .iter()
        .map(|text| Finding::error(text.clone(), "mend or remove that file, or what names it"));
    let refused =
        examined.problems.iter().map(|problem| Finding::error(problem.to_string(), cure(problem)));
    all(unreadable.chain(refused).collect())
}

/// What to set instead; a name that there is not is not given again.
fn cure(problem: &Problem) -> String {
    let key = match (&problem.nearest, problem.is_known) {
        (Some(nearest), _) => nearest,
        (None, true) => &problem.key,
        (None, false) => {
            return format!("remove it ({}); all keys: primelingo config show", problem.origin);
        }
    };
    match &problem.origin {
        Origin::CommandLine => format!("--set {key}=<value>"),
        Origin::File(path) => format!("{key}: in [section] of {}", path.display()),
        Origin::DotEnv(name) | Origin::Environment(name) if problem.is_known => {
            format!("{name}=<value>")
        }
        Origin::DotEnv(_) | Origin::Environment(_) => format!("{}=<value>", variable_of(key)),
        Origin::SecretFile { path, .. } if problem.is_known => {
            format!("put the value into {}", path.display())
        }
        Origin::SecretFile { .. } => format!("{}_FILE=<the file>", variable_of(key)),
        Origin::Default => format!("set {key}; see config/default.toml"),
    }
}

fn ignored(case: &Case) -> Answer {
    let warnings = case.examined.warnings.iter();
    let finding =
        |text: &String| Finding::warning(text.clone(), "remove the one that has no effect");
    all(warnings.map(finding).collect())
}

fn secret_files(case: &Case) -> Answer {
    let mut findings = Vec::new();
    for (path, keys) in &case.examined.secret_files {
        // One that cannot be read was told of by `configuration.loads`.
        let Ok(metadata) = fs::metadata(path) else { continue };
        // What the service manager or the engine of a container hands over is theirs to guard.
        if HANDED_OVER.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let mode = metadata.permissions().mode() & 0o777;
        if mode & OTHERS == 0 {
            continue;
        }
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let text = format!(
            "{} holds {} and has the rights {mode:03o}: others can read it",
            path.display(),
            keys.join(", ")
        );
        let cure = format!("chmod 600 {}", quoted(&shown(path)));
        let finding = Finding::error(text, cure);
        // Another's file may have to be read by its group.
        let is_ours = metadata.uid() == rustix::process::geteuid().as_raw();
        findings.push(if is_ours {
            finding.with(Mend::MakePrivate(path.clone()))
        } else {
            finding
        });
    }
    all(findings)
}

async fn owners(case: &Case) -> Answer {
    // Of a database that cannot be asked others tell.
    let has_owner = !case.settings().access.owners.is_empty()
        || case.work().await.is_ok_and(|work| work.has_owner);
    found_if(!has_owner, || {
        Finding::warning(
            "nobody owns the bot: no one can become an admin or an editor in it",
            "primelingo users owner-code",
        )
    })
}

/// A path as it is typed.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
