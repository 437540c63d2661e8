//! Planted breaches: every rule finds what it is there for, and lets the allowed pass.

use super::rules::{
    Breach, SourceFile, crate_breaches, header_breaches, length_breaches, module_breaches,
};
use super::{CRATE_RULES, MAX_LINES, MODULE_RULES};

fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), text: text.to_owned() }
}

fn told(breaches: &[Breach]) -> Vec<String> {
    breaches.iter().map(ToString::to_string).collect()
}

fn modules(path: &str, text: &str) -> Vec<String> {
    told(&module_breaches(&[file(path, text)], MODULE_RULES))
}

fn crates(path: &str, text: &str) -> Vec<String> {
    told(&crate_breaches(&[file(path, text)], CRATE_RULES))
}

#[test]
fn an_upward_import_is_found_with_its_line() {
    let text = "//! doc\nuse crate::{\n    domain::X,\n    chat::Y,\n};\n";
    assert_eq!(
        modules("src/store/users.rs", text),
        ["src/store/users.rs:4: store may not import chat"]
    );
    let hidden = "fn f() { debug!(\"{}\", crate::settings::g()) }";
    assert_eq!(
        modules("src/domain/ids.rs", hidden),
        ["src/domain/ids.rs:1: domain may not import settings"]
    );
    assert_eq!(
        modules("src/runtime/mod.rs", "use super::domain::X;"),
        ["src/runtime/mod.rs:1: runtime may not import domain"]
    );
    assert_eq!(
        modules("src/main.rs", "use primelingo::store::Db;"),
        ["src/main.rs:1: main may not import store"]
    );
}

#[test]
fn actors_meet_only_through_messages() {
    let allowed = "use crate::outbound::messages::Ring; use crate::chat::session; \
        use crate::jobs::{messages, messages::{A, B}};";
    assert_eq!(modules("src/chat/mod.rs", allowed), [""; 0]);

    let expected = "outbound may use chat only through crate::chat::messages";
    for breach in ["use crate::chat::session::ChatSession;", "use crate::chat;"] {
        let found = modules("src/outbound/gate.rs", breach);
        assert_eq!(found, [format!("src/outbound/gate.rs:1: {expected}")]);
    }
    assert_eq!(
        modules("src/library/mod.rs", "use crate::chat::messages::A;"),
        ["src/library/mod.rs:1: library may not import chat"]
    );
}

#[test]
fn what_hides_the_module_is_found() {
    assert_eq!(
        modules("src/web/mod.rs", "use crate::*;"),
        ["src/web/mod.rs:1: crate::* does not say which module it comes from"]
    );
    assert_eq!(
        modules("src/newcomer/mod.rs", "use std::fmt;"),
        ["src/newcomer/mod.rs:1: the module newcomer has no rule"]
    );
    assert_eq!(modules("src/web/mod.rs", "fn f() { '").len(), 1);
}

#[test]
fn a_crate_outside_its_module_is_found() {
    for (path, text, what) in [
        ("src/library/users.rs", "use diesel::prelude::*;", "library may not use diesel"),
        ("src/jobs/mod.rs", "use ::diesel_async as d;", "jobs may not use diesel_async"),
        ("src/store/mod.rs", "fn f() { redis::cmd(); }", "store may not use redis"),
        ("src/web/mod.rs", "fn f(c: &reqwest::Client) {}", "web may not use reqwest"),
        ("src/chat/mod.rs", "use teloxide_core::types;", "chat may not use teloxide_core"),
        ("src/app/mod.rs", "use std::{env, fmt};", "app may not use std::env"),
        ("src/app/mod.rs", "fn f() { std::env::temp_dir(); }", "app may not use std::env"),
        ("src/store/mod.rs", "use actix::Actor;", "store may not use actix"),
        ("src/domain/a.rs", "async fn f() { tokio::spawn(g()) }", "domain may not use tokio"),
        ("src/app/mod.rs", "use std::*;", "a glob import of std does not say what is used"),
    ] {
        assert_eq!(crates(path, text), [format!("{path}:1: {what}")]);
    }
}

#[test]
fn a_crate_in_its_module_passes() {
    for (path, text) in [
        ("src/store/pg.rs", "use diesel::prelude::*;"),
        ("src/telegram/client.rs", "use reqwest::Client;"),
        ("src/settings/sources.rs", "fn f() { std::env::vars(); }"),
        ("src/inspect/child.rs", "fn f() { std::env::current_exe(); std::env::args(); }"),
        ("src/runtime/mod.rs", "use actix::Actor; use tokio::spawn;"),
        ("src/app/mod.rs", "fn f(s: &S) { s.redis.clone(); let diesel = env!(\"X\"); }"),
        ("src/domain/a.rs", "#[cfg(test)] mod tests { use diesel::a; }"),
    ] {
        assert_eq!(crates(path, text), [""; 0], "{path}: {text}");
    }
}

#[test]
fn files_of_test_modules_may_use_anything() {
    let parent = file("src/domain/search/mod.rs", "#[cfg(test)]\nmod tests;\nmod words;");
    let tests = file("src/domain/search/tests/mod.rs", "use diesel::a;");
    let below = file("src/domain/search/tests/long.rs", "use diesel::a;");
    let words = file("src/domain/search/words.rs", "use diesel::a;");

    let breaches = crate_breaches(&[parent, tests, below, words], CRATE_RULES);

    assert_eq!(told(&breaches), ["src/domain/search/words.rs:1: domain may not use diesel"]);
}

#[test]
fn long_and_silent_files_are_found() {
    let exactly = file("src/a.rs", &"\n".repeat(MAX_LINES));
    let longer = file("src/b.rs", &"\n".repeat(MAX_LINES + 1));
    assert_eq!(
        told(&length_breaches(&[exactly, longer], MAX_LINES)),
        ["src/b.rs:501: 501 lines, 500 at most"]
    );

    let speaks = file("src/c.rs", "//! purpose\n");
    let silent = file("src/d.rs", "use std::fmt;\n//! late\n");
    assert_eq!(
        told(&header_breaches(&[speaks, silent])),
        ["src/d.rs:1: does not open with //! and what the module is for"]
    );
}
