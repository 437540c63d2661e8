//! How rules are checked: from source files and rules as data to all breaches, in order.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;
use std::slice;

use super::paths::{NamedPath, scan};

/// A source file; `path` is relative to the repository, with `/`.
pub struct SourceFile {
    pub path: String,
    pub text: String,
}

/// What the top-level module `module` may import besides itself.
pub struct ModuleRule {
    pub module: &'static str,
    /// Modules it may use as they are.
    pub imports: &'static [&'static str],
    /// Modules of which it may use only `messages`.
    pub messages_of: &'static [&'static str],
}

/// Where some crates, or modules of `std`, may be named.
pub struct CrateRule {
    pub names: &'static [&'static str],
    pub importer: Importer,
    /// Paths below the names that everybody may use.
    pub except: &'static [&'static str],
}

/// Top-level modules that may name a crate.
pub enum Importer {
    Only(&'static str),
    NoneOf(&'static [&'static str]),
}

/// One place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Breach {
    pub file: String,
    pub line: usize,
    pub what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// The Rust files under `folder` of the repository at `root`, in order of their paths.
pub fn read_sources(root: &Path, folder: &str) -> Vec<SourceFile> {
    let mut files = Vec::new();
    let mut names: Vec<String> = fs::read_dir(root.join(folder))
        .unwrap_or_else(|error| panic!("cannot read {folder}: {error}"))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in names {
        let path = format!("{folder}/{name}");
        let absolute = root.join(&path);
        if absolute.is_dir() {
            files.extend(read_sources(root, &path));
        } else if absolute.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(absolute).unwrap();
            files.push(SourceFile { path, text });
        }
    }
    files
}

/// Imports between our own modules that no rule allows, and modules without a rule.
pub fn module_breaches(files: &[SourceFile], rules: &[ModuleRule]) -> Vec<Breach> {
    let known = |module: &str| rules.iter().any(|rule| rule.module == module);
    for_each_path(files, |owner, path| {
        if owner == "lib" {
            return None;
        }
        let Some(rule) = rules.iter().find(|rule| rule.module == owner) else {
            return Some(format!("the module {owner} has no rule"));
        };
        let [first, target, below @ ..] = path.segments.as_slice() else {
            return None;
        };
        let target = target.as_str();
        if first != "crate" || target == owner || rule.imports.contains(&target) {
            return None;
        }
        if rule.messages_of.contains(&target) {
            let through_messages = below.first().is_some_and(|module| module == "messages");
            return (!through_messages).then(|| {
                format!("{owner} may use {target} only through crate::{target}::messages")
            });
        }
        if !known(target) {
            return Some(format!("crate::{target} does not say which module it comes from"));
        }
        Some(format!("{owner} may not import {target}"))
    })
}

/// External crates and modules of `std` named where no rule allows it.
pub fn crate_breaches(files: &[SourceFile], rules: &[CrateRule]) -> Vec<Breach> {
    for_each_path(files, |owner, path| {
        let full = path.segments.join("::");
        let is_below = |name: &&&str| {
            full.strip_prefix(**name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        // Outside an import a lone word is a local name, such as a field called `redis`.
        if path.segments.len() == 1 && !path.imported {
            return None;
        }
        if full == "std::*" {
            return Some("a glob import of std does not say what is used".to_owned());
        }
        for rule in rules {
            let Some(name) = rule.names.iter().find(is_below) else {
                continue;
            };
            let allowed = match rule.importer {
                Importer::Only(module) => owner == module,
                Importer::NoneOf(modules) => !modules.contains(&owner),
            };
            if !allowed && !rule.except.iter().any(|except| is_below(&except)) {
                return Some(format!("{owner} may not use {name}"));
            }
        }
        None
    })
}

/// Files with more than `limit` lines.
pub fn length_breaches(files: &[SourceFile], limit: usize) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in files {
        let lines = file.text.lines().count();
        if lines > limit {
            let what = format!("{lines} lines, {limit} at most");
            breaches.push(Breach { file: file.path.clone(), line: limit + 1, what });
        }
    }
    breaches
}

/// Files that do not open with `//!`.
pub fn header_breaches(files: &[SourceFile]) -> Vec<Breach> {
    let silent = files.iter().filter(|file| !file.text.starts_with("//!"));
    let breach = |file: &SourceFile| Breach {
        file: file.path.clone(),
        line: 1,
        what: "does not open with //! and what the module is for".to_owned(),
    };
    silent.map(breach).collect()
}

/// Asks `judge` about every path that a file outside tests names. It is told the top-level module
/// of the file, and answers what is wrong with the path.
fn for_each_path(
    files: &[SourceFile],
    judge: impl Fn(&str, &NamedPath) -> Option<String>,
) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut test_modules = BTreeSet::new();
    let mut scans = Vec::new();
    for file in files {
        let module = module_of(&file.path);
        match scan(&file.text, &module) {
            Ok(scan) => {
                let below = |name: &String| [module.as_slice(), slice::from_ref(name)].concat();
                test_modules.extend(scan.test_modules.iter().map(below));
                scans.push((file, module, scan));
            }
            Err(error) => {
                let line = error.span().start().line;
                let what = format!("is not Rust: {error}");
                breaches.push(Breach { file: file.path.clone(), line, what });
            }
        }
    }
    for (file, module, scan) in scans {
        if (1..=module.len()).any(|depth| test_modules.contains(&module[..depth])) {
            continue;
        }
        let owner = owner_of(&file.path);
        for path in &scan.paths {
            let Some(what) = judge(owner, path) else {
                continue;
            };
            let breach = Breach { file: file.path.clone(), line: path.line, what };
            if !breaches.contains(&breach) {
                breaches.push(breach);
            }
        }
    }
    breaches
}

/// `src/chat/dialogs/upload.rs` is `["chat", "dialogs", "upload"]`; a crate's root is empty.
fn module_of(path: &str) -> Vec<String> {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let inside = inside.strip_suffix(".rs").unwrap_or(inside);
    let mut module: Vec<String> = inside.split('/').map(str::to_owned).collect();
    let is_root = module.len() == 1 && matches!(inside, "lib" | "main");
    if is_root || module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    module
}

/// The top-level module that a file belongs to; `lib` and `main` for the crates' roots.
fn owner_of(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let end = inside.find('/').unwrap_or(inside.len());
    inside[..end].trim_end_matches(".rs")
}
