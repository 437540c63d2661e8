//! What the sources emit, held against the catalogue, by their tokens.
//!
//! Known and accepted: a value that is no literal is not followed; where it comes from a list, a test
//! beside that list compares it.

use proc_macro2::{TokenStream, TokenTree};

use primelingo::meters::{CATALOGUE, Family, Kind};

use crate::architecture::{SourceFile, read_sources, root};

/// The one place that has names from the catalogue itself.
const REGISTRATION: &str = "src/meters/register.rs";

/// An emission: `metrics::counter!("name", "label" => value)`.
#[derive(Debug)]
struct Emission {
    place: String,
    kind: &'static str,
    name: String,
    /// Each label with its value, where that is a literal.
    labels: Vec<(String, Option<String>)>,
}

fn emissions(file: &SourceFile) -> Vec<Emission> {
    let tokens: TokenStream = file.text.parse().unwrap();
    let mut found = Vec::new();
    walk(tokens, &file.path, &mut found);
    found
}

fn walk(tokens: TokenStream, path: &str, found: &mut Vec<Emission>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            if let Some(kind) = macro_before(&tokens[..at]) {
                let line = group.span_open().start().line;
                found.extend(emission(kind, group.stream(), format!("{path}:{line}")));
            }
            walk(group.stream(), path, found);
        }
    }
}

/// `metrics :: counter !`
fn macro_before(tokens: &[TokenTree]) -> Option<&'static str> {
    let words: Vec<String> = tokens.iter().rev().take(5).map(ToString::to_string).collect();
    let [bang, kind, colon, _, metrics] = words.as_slice() else { return None };
    if bang != "!" || colon != ":" || metrics != "metrics" {
        return None;
    }
    ["counter", "gauge", "histogram"].into_iter().find(|known| known == kind)
}

fn emission(kind: &'static str, arguments: TokenStream, place: String) -> Option<Emission> {
    let mut pieces = vec![Vec::new()];
    for token in arguments {
        if token.to_string() == "," {
            pieces.push(Vec::new());
        } else {
            pieces.last_mut().unwrap().push(token);
        }
    }
    let mut pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
    let first = pieces.next()?;
    let Some(name) = literal(&first) else {
        assert!(place.starts_with(REGISTRATION), "{place}: the name is no literal");
        return None;
    };
    let labels = pieces.map(|piece| {
        let arrow = piece.iter().position(|token| token.to_string() == "=");
        let arrow = arrow.unwrap_or_else(|| panic!("{place}: a label without a value"));
        let label = literal(&piece[..arrow]).unwrap_or_else(|| panic!("{place}: a label's name"));
        (label, literal(&piece[arrow + 2..]))
    });
    Some(Emission { kind, name, labels: labels.collect(), place })
}

fn literal(tokens: &[TokenTree]) -> Option<String> {
    let [TokenTree::Literal(literal)] = tokens else { return None };
    let text = literal.to_string();
    text.strip_prefix('"')?.strip_suffix('"').map(str::to_owned)
}

fn family(name: &str) -> Option<&'static Family> {
    CATALOGUE.iter().find(|family| family.name == name)
}

/// What is wrong with an emission.
fn breaches(emission: &Emission) -> Vec<String> {
    let Emission { place, kind, name, labels } = emission;
    let Some(family) = family(name) else {
        return vec![format!("{place}: {name} is not in the catalogue")];
    };
    let mut wrong = Vec::new();
    if family.kind.name() != *kind {
        wrong.push(format!("{place}: {name} is a {} in the catalogue", family.kind.name()));
    }
    // In the same order: series of other orders would be others to the exporter.
    let names: Vec<&str> = labels.iter().map(|(label, _)| label.as_str()).collect();
    let listed: Vec<&str> = family.labels.iter().map(|label| label.name).collect();
    if names != listed {
        wrong.push(format!("{place}: {name} has the labels {names:?}, and {listed:?} listed"));
        return wrong;
    }
    for ((_, value), label) in labels.iter().zip(family.labels) {
        if let Some(value) = value
            && !label.values.is_empty()
            && !label.values.contains(&value.as_str())
        {
            wrong.push(format!("{place}: {name} has no {}={value:?}", label.name));
        }
    }
    wrong
}

fn all() -> Vec<Emission> {
    read_sources(root(), "src").iter().flat_map(emissions).collect()
}

#[test]
fn whatever_is_emitted_stands_in_the_catalogue() {
    let wrong: Vec<String> = all().iter().flat_map(breaches).collect();
    assert!(wrong.is_empty(), "{} breaches:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn whatever_stands_in_the_catalogue_is_emitted() {
    let emitted = all();
    let silent: Vec<&str> = CATALOGUE
        .iter()
        // The crate for these has names of its own.
        .filter(|family| !family.name.starts_with("process_"))
        .filter(|family| !emitted.iter().any(|emission| emission.name == family.name))
        .map(|family| family.name)
        .collect();
    assert!(silent.is_empty(), "nobody emits {silent:?}");
}

#[test]
fn planted_breaches_are_found() {
    let planted = |text: &str| {
        let file = SourceFile { path: "src/x.rs".to_owned(), text: text.to_owned() };
        emissions(&file).iter().flat_map(breaches).collect::<Vec<_>>()
    };
    let good = r#"fn f() { metrics::counter!("primelingo_timeouts_total", "op" => "redis").increment(1) }"#;
    assert_eq!(planted(good), [""; 0]);
    for bad in [
        r#"fn f() { metrics::counter!("primelingo_made_up_total").increment(1) }"#,
        r#"fn f() { metrics::gauge!("primelingo_timeouts_total", "op" => "redis").set(1.0) }"#,
        r#"fn f() { metrics::counter!("primelingo_timeouts_total", "user" => id).increment(1) }"#,
        r#"fn f() { metrics::counter!("primelingo_timeouts_total", "op" => "tea").increment(1) }"#,
        r#"fn f() { if x { metrics::counter!("primelingo_timeouts_total").increment(1) } }"#,
    ] {
        assert_eq!(planted(bad).len(), 1, "{bad}");
    }
    assert!(CATALOGUE.iter().any(|family| matches!(family.kind, Kind::Histogram(_))));
}
