//! Which paths a Rust file names, by its tokens.
//!
//! `use` trees are spread out (`use crate::{a, b::c}` names `crate::a` and `crate::b::c`), `super`
//! and `self` are resolved to `crate`, and macro arguments are read like other code. Items under
//! `#[cfg(test)]` are left out.
//!
//! Known and accepted: names are not resolved, so what a macro of another file expands to is not
//! seen, and a path through a re-export counts for the module that re-exports.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, LexError, TokenStream, TokenTree};

/// The library's name, by which the binary imports it.
const OWN_CRATE: &str = "primelingo";

/// A path as the file names it, from `crate` or an external crate on.
#[derive(Debug, PartialEq, Eq)]
pub struct NamedPath {
    pub segments: Vec<String>,
    /// Part of a `use`; elsewhere a single segment is some local name.
    pub imported: bool,
    /// From 1 on.
    pub line: usize,
}

/// What a file names.
#[derive(Debug, Default)]
pub struct Scan {
    pub paths: Vec<NamedPath>,
    /// Modules in files of their own that exist for tests only: `#[cfg(test)] mod tests;`.
    pub test_modules: Vec<String>,
}

/// Reads a file that is the module `module` (`["chat", "dialogs"]`; empty for a crate's root).
pub fn scan(source: &str, module: &[String]) -> Result<Scan, LexError> {
    let tokens: TokenStream = source.parse()?;
    let mut reader = Reader { module: module.to_vec(), ..Reader::default() };
    reader.note_modules(&tokens);
    reader.read(tokens);
    Ok(reader.scan)
}

#[derive(Default)]
struct Reader {
    /// Where in the crate the reader is, inline modules included.
    module: Vec<String>,
    /// Modules declared in this file: their names hide crates of the same name.
    declared: BTreeSet<String>,
    scan: Scan,
}

impl Reader {
    fn note_modules(&mut self, tokens: &TokenStream) {
        let mut after_mod = false;
        for token in tokens.clone() {
            match token {
                TokenTree::Group(group) => self.note_modules(&group.stream()),
                TokenTree::Ident(name) if after_mod => {
                    self.declared.insert(name.to_string());
                    after_mod = false;
                }
                TokenTree::Ident(word) => after_mod = word == "mod",
                TokenTree::Punct(_) | TokenTree::Literal(_) => after_mod = false,
            }
        }
    }

    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        let mut in_use = false;
        while let Some((token, after)) = rest.split_first() {
            if is_inner_test_attribute(rest) {
                return;
            }
            if is_test_attribute(rest) {
                rest = self.skip_test_item(&rest[2..]);
                continue;
            }
            if let Some((name, body)) = inline_module(rest) {
                self.module.push(name);
                self.read(body.stream());
                self.module.pop();
                rest = &rest[3..];
                continue;
            }
            rest = match token {
                TokenTree::Ident(word) if word == "use" => {
                    in_use = true;
                    after
                }
                TokenTree::Ident(_) => self.read_path(rest, &[], in_use),
                TokenTree::Group(group) if in_use => {
                    self.read_use_group(group, &[]);
                    after
                }
                TokenTree::Group(group) => {
                    self.read(group.stream());
                    after
                }
                TokenTree::Punct(punct) => {
                    in_use = in_use && punct.as_char() != ';';
                    after
                }
                TokenTree::Literal(_) => after,
            };
        }
    }

    /// Reads `a::b::c`, `a::b::*` or `a::b::{…}` at the front; returns what follows.
    fn read_path<'t>(
        &mut self,
        tokens: &'t [TokenTree],
        prefix: &[String],
        imported: bool,
    ) -> &'t [TokenTree] {
        let line = tokens[0].span().start().line;
        let mut segments = prefix.to_vec();
        segments.push(tokens[0].to_string());
        let mut rest = &tokens[1..];
        while let Some(after) = strip_double_colon(rest) {
            match after.first() {
                Some(TokenTree::Ident(name)) => segments.push(name.to_string()),
                Some(TokenTree::Punct(star)) if star.as_char() == '*' => segments.push("*".into()),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    self.read_use_group(group, &segments);
                    return &after[1..];
                }
                _ => break,
            }
            rest = &after[1..];
        }
        self.note(segments, imported, line);
        rest
    }

    /// Reads the inside of `{…}` in a `use`.
    fn read_use_group(&mut self, group: &Group, prefix: &[String]) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        let mut rest = tokens.as_slice();
        while let Some((token, after)) = rest.split_first() {
            let line = token.span().start().line;
            rest = match token {
                TokenTree::Ident(word) if word == "as" => &after[1..],
                TokenTree::Ident(word) if word == "self" && !prefix.is_empty() => {
                    self.note(prefix.to_vec(), true, line);
                    after
                }
                TokenTree::Ident(_) => self.read_path(rest, prefix, true),
                TokenTree::Punct(star) if star.as_char() == '*' => {
                    self.note([prefix, &["*".to_owned()]].concat(), true, line);
                    after
                }
                TokenTree::Group(inner) => {
                    self.read_use_group(inner, prefix);
                    after
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => after,
            };
        }
    }

    fn note(&mut self, segments: Vec<String>, imported: bool, line: usize) {
        if let Some(segments) = self.resolve(segments) {
            self.scan.paths.push(NamedPath { segments, imported, line });
        }
    }

    /// The path from `crate` or an external crate on; nothing for a module declared here.
    fn resolve(&self, segments: Vec<String>) -> Option<Vec<String>> {
        let first = segments.first()?.as_str();
        if first == OWN_CRATE {
            return Some(below_crate(&[], &segments[1..]));
        }
        if first != "self" && first != "super" {
            return (!self.declared.contains(first)).then_some(segments);
        }
        let mut module = self.module.as_slice();
        let mut rest = segments.as_slice();
        while let Some((word, after)) = rest.split_first() {
            match word.as_str() {
                "self" => {}
                "super" => module = module.split_last().map_or(&[], |(_, parents)| parents),
                _ => break,
            }
            rest = after;
        }
        Some(below_crate(module, rest))
    }

    /// Skips the item that follows `#[cfg(test)]`; returns what follows the item.
    fn skip_test_item<'t>(&mut self, tokens: &'t [TokenTree]) -> &'t [TokenTree] {
        let mut rest = tokens;
        while let [TokenTree::Punct(hash), TokenTree::Group(_), after @ ..] = rest
            && hash.as_char() == '#'
        {
            rest = after;
        }
        let words = rest.iter().take_while(|token| !is_punct(token, ';'));
        let item: Vec<&TokenTree> = words.collect();
        if let [.., TokenTree::Ident(keyword), TokenTree::Ident(name)] = item.as_slice()
            && *keyword == "mod"
        {
            self.scan.test_modules.push(name.to_string());
        }
        let is_use = item.iter().take(3).any(|token| is_word(token, "use"));
        while let Some((token, after)) = rest.split_first() {
            rest = after;
            let ends_with_body = !is_use && is_brace_group(token);
            if ends_with_body || is_punct(token, ';') {
                break;
            }
        }
        rest
    }
}

fn below_crate(module: &[String], rest: &[String]) -> Vec<String> {
    [&["crate".to_owned()], module, rest].concat()
}

fn strip_double_colon(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    match tokens {
        [first, second, rest @ ..] if is_punct(first, ':') && is_punct(second, ':') => Some(rest),
        _ => None,
    }
}

/// `mod name { … }` at the front.
fn inline_module(tokens: &[TokenTree]) -> Option<(String, &Group)> {
    match tokens {
        [TokenTree::Ident(keyword), TokenTree::Ident(name), TokenTree::Group(body), ..]
            if keyword == "mod" =>
        {
            Some((name.to_string(), body))
        }
        _ => None,
    }
}

/// `#[cfg(test)]` at the front.
fn is_test_attribute(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [hash, TokenTree::Group(group), ..] if is_punct(hash, '#') && is_cfg_test(group))
}

/// `#![cfg(test)]` at the front: the whole file or block is for tests.
fn is_inner_test_attribute(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [hash, bang, TokenTree::Group(group), ..]
        if is_punct(hash, '#') && is_punct(bang, '!') && is_cfg_test(group))
}

/// `[cfg(test)]` or `[cfg(all(test, …))]`; `any(test, …)` is code that also runs elsewhere.
fn is_cfg_test(attribute: &Group) -> bool {
    let text: String = attribute.stream().to_string().split_whitespace().collect();
    text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_word(token: &TokenTree, wanted: &str) -> bool {
    matches!(token, TokenTree::Ident(word) if word == wanted)
}

fn is_brace_group(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(source: &str) -> Vec<String> {
        let module = ["chat".to_owned(), "dialogs".to_owned()];
        let scan = scan(source, &module).unwrap();
        let long = scan.paths.iter().filter(|path| path.imported || path.segments.len() > 1);
        long.map(|path| path.segments.join("::")).collect()
    }

    #[test]
    fn use_trees_are_spread_out() {
        let source = "use crate::{a, b::{self, c as d}, e::*}; use {f::g, h}; pub use ::i;";
        let expected = "crate::a crate::b crate::b::c crate::e::* f::g h i";
        assert_eq!(named(source).join(" "), expected);
    }

    #[test]
    fn relative_paths_are_resolved() {
        let source = "use super::a; use super::super::b; fn f() { self::c(); }
            mod inner { use super::super::d; }
            use self::super::e::f; use primelingo::g;";
        let expected = "crate::chat::a crate::b crate::chat::dialogs::c crate::chat::d \
            crate::chat::e::f crate::g";
        assert_eq!(named(source).join(" "), expected);
    }

    #[test]
    fn code_and_macro_arguments_are_read_strings_and_comments_are_not() {
        let source = r#"
            //! crate::no
            /// crate::no
            fn f<T: a::B>(x: &crate::c::D) -> Vec<e::F> {
                info!("crate::no {}", { crate::g::h() }); // crate::no
            }"#;
        assert_eq!(named(source).join(" "), "a::B crate::c::D e::F crate::g::h");
    }

    #[test]
    fn test_code_is_left_out() {
        let source = "
            #[cfg(test)] use no::{a}; use yes::a;
            #[cfg(test)] #[allow(x)] mod tests { use no::b; } use yes::b;
            #[cfg(all(test, unix))] fn f() -> no::C { no::d() } use yes::c;
            #[cfg(any(test, unix))] use yes::d;
            #[cfg(test)] pub mod probe; use yes::e;";
        assert_eq!(named(source).join(" "), "yes::a yes::b yes::c yes::d yes::e");
        assert_eq!(scan(source, &[]).unwrap().test_modules, ["probe"]);
        assert_eq!(named("#![cfg(test)] use no::a;"), [""; 0]);
    }

    #[test]
    fn a_declared_module_hides_a_crate() {
        assert_eq!(named("mod redis; fn f() { redis::g(); tokio::h(); }"), ["tokio::h"]);
    }
}
