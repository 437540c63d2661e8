//! The rules of the source tree, as data, held against the tree itself.
//!
//! A breach is mended in the code. Changing the data below changes the architecture: that is a
//! decision of its own, with its reason in the commit. [`planted`] proves that each rule can fail.
//!
//! What a file names is read from its tokens ([`paths`]), so strings and comments never count and
//! macro arguments do. Code under `#[cfg(test)]` may name anything, but counts for length.

mod logs;
mod paths;
mod planted;
mod repository;
mod rules;

pub use repository::root;
use rules::{Breach, CrateRule, Importer, ModuleRule};
pub use rules::{SourceFile, read_sources};

/// Who may import whom; importing oneself goes without saying. Every folder of `src` has a row.
const MODULE_RULES: &[ModuleRule] = &[
    ModuleRule { module: "domain", imports: &[], messages_of: &[] },
    // Reached by its macro from everywhere, which is no import; absent from packages.
    ModuleRule { module: "fail_points", imports: &[], messages_of: &[] },
    ModuleRule { module: "runtime", imports: &[], messages_of: &[] },
    ModuleRule { module: "settings", imports: &[], messages_of: &[] },
    ModuleRule { module: "meters", imports: &[], messages_of: &[] },
    // What components report of themselves, whoever they are.
    ModuleRule { module: "health", imports: &["domain"], messages_of: &[] },
    ModuleRule { module: "telegram", imports: &["domain", "runtime"], messages_of: &[] },
    ModuleRule { module: "store", imports: &["domain"], messages_of: &[] },
    ModuleRule { module: "cache", imports: &["domain"], messages_of: &[] },
    ModuleRule { module: "inspect", imports: &["domain"], messages_of: &[] },
    ModuleRule {
        module: "library",
        imports: &["domain", "telegram", "store", "cache", "inspect"],
        messages_of: &[],
    },
    ModuleRule { module: "backup", imports: &["domain", "library", "store"], messages_of: &[] },
    ModuleRule { module: "views", imports: &["domain"], messages_of: &[] },
    ModuleRule { module: "ingest", imports: BELOW_ACTORS, messages_of: ACTORS },
    ModuleRule { module: "chat", imports: BELOW_ACTORS, messages_of: ACTORS },
    // A job looks into files itself.
    ModuleRule {
        module: "jobs",
        imports: &[
            "domain", "runtime", "health", "telegram", "library", "store", "views", "inspect",
            "backup",
        ],
        messages_of: ACTORS,
    },
    ModuleRule { module: "broadcast", imports: BELOW_ACTORS, messages_of: ACTORS },
    ModuleRule { module: "outbound", imports: BELOW_ACTORS, messages_of: ACTORS },
    ModuleRule { module: "alerts", imports: BELOW_ACTORS, messages_of: ACTORS },
    ModuleRule { module: "web", imports: BELOW_ACTORS, messages_of: ACTORS },
    // Looks at everything, and is used by the command line alone.
    ModuleRule {
        module: "doctor",
        imports: &[
            "app", "backup", "settings", "library", "store", "cache", "domain", "telegram",
            "inspect",
        ],
        messages_of: &[],
    },
    ModuleRule {
        module: "cli",
        imports: &[
            "app",
            "backup",
            "doctor",
            "settings",
            "library",
            "store",
            "domain",
            "telegram",
            "inspect",
            "fail_points",
        ],
        messages_of: &[],
    },
    // `inspect`: the sandboxed child of an inspection branches off before anything else starts.
    ModuleRule {
        module: "main",
        imports: &["app", "cli", "inspect", "settings"],
        messages_of: &[],
    },
    ModuleRule {
        module: "app",
        imports: &[
            "alerts",
            "backup",
            "domain",
            "runtime",
            "meters",
            "health",
            "settings",
            "telegram",
            "store",
            "cache",
            "inspect",
            "library",
            "views",
            "ingest",
            "chat",
            "jobs",
            "broadcast",
            "outbound",
            "web",
            "cli",
        ],
        messages_of: &[],
    },
];

/// What the actor folders stand on.
const BELOW_ACTORS: &[&str] =
    &["domain", "runtime", "meters", "health", "telegram", "library", "store", "cache", "views"];

/// The folders of actors. Others reach them only through `<folder>::messages`.
const ACTORS: &[&str] = &["ingest", "chat", "jobs", "broadcast", "outbound"];

/// Where crates and parts of `std` may be named.
const CRATE_RULES: &[CrateRule] = &[
    CrateRule {
        names: &[
            "deadpool",
            "diesel",
            "diesel_async",
            "diesel_migrations",
            "libsqlite3_sys",
            "tokio_postgres",
            "tokio_postgres_rustls",
        ],
        importer: Importer::Only("store"),
        except: &[],
    },
    CrateRule {
        names: &["bb8", "bb8_redis", "redis"],
        importer: Importer::Only("cache"),
        except: &[],
    },
    CrateRule {
        names: &["reqwest", "teloxide_core"],
        importer: Importer::Only("telegram"),
        except: &[],
    },
    CrateRule {
        names: &["dotenvy", "figment", "std::env"],
        importer: Importer::Only("settings"),
        // Not the environment: arguments, the program's own path, constants of the platform.
        except: &[
            "std::env::args",
            "std::env::args_os",
            "std::env::consts",
            "std::env::current_exe",
        ],
    },
    CrateRule {
        names: &["actix", "actix_rt", "actix_web"],
        importer: Importer::NoneOf(&["domain", "library", "store"]),
        except: &[],
    },
    CrateRule {
        names: &["std::fs", "std::net", "std::process", "std::thread", "tokio"],
        importer: Importer::NoneOf(&["domain"]),
        except: &[],
    },
];

/// The folders of our package and of the simulator whose files are short and say what they are.
const OWN_ROOTS: &[&str] = &["src", "tests"];
const SIMULATOR_ROOTS: &[&str] = &["simulator/src"];

/// The longest a source file may be, in lines, tests and blank lines included.
const MAX_LINES: usize = 500;

#[test]
fn modules_import_only_what_they_stand_on() {
    hold(&rules::module_breaches(&source_files(&["src"]), MODULE_RULES));
}

#[test]
fn crates_stay_in_their_modules() {
    hold(&rules::crate_breaches(&source_files(&["src"]), CRATE_RULES));
}

#[test]
fn the_log_names_nobody() {
    hold(&logs::naming_breaches(&source_files(&["src"])));
}

#[test]
fn files_are_short() {
    hold(&rules::length_breaches(&source_files(OWN_ROOTS), MAX_LINES));
}

#[test]
fn files_say_what_they_are() {
    let files = source_files(OWN_ROOTS);
    hold(&rules::header_breaches(&files));
}

#[test]
fn the_simulators_files_are_short_and_say_what_they_are() {
    let files = source_files(SIMULATOR_ROOTS);
    let mut breaches = rules::length_breaches(&files, MAX_LINES);
    breaches.extend(rules::header_breaches(&files));
    hold(&breaches);
}

/// The Rust files under some folders of the repository; each folder has some.
fn source_files(roots: &[&str]) -> Vec<SourceFile> {
    let mut files = Vec::new();
    for root in roots {
        let found = rules::read_sources(repository::root(), root);
        assert!(!found.is_empty(), "{root} has no Rust files");
        files.extend(found);
    }
    files
}

/// Fails with every breach, one a line.
fn hold(breaches: &[Breach]) {
    let lines: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} breaches:\n{}", lines.len(), lines.join("\n"));
}
