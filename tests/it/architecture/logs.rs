//! What the log may name: nobody. Every call of a macro of `tracing` is read by its tokens.
//!
//! A person or a chat stands there as `= %pseudonym(…)` and not otherwise; what somebody wrote, is
//! called or looks for does not stand there at all. Length and number of such things may be told.
//!
//! Known and accepted: a value under a harmless name is not seen (the search for bytes in
//! `flows/own_data.rs` is there for that), and a macro of ours that calls one of these is not read.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::rules::{Breach, SourceFile};

/// The macros that write, or open a span.
const MACROS: &[&str] = &[
    "error",
    "warn",
    "info",
    "debug",
    "trace",
    "event",
    "span",
    "error_span",
    "warn_span",
    "info_span",
    "debug_span",
    "trace_span",
];

/// Whoever is meant.
const PEOPLE: &[&str] = &[
    "chat",
    "user",
    "person",
    "asker",
    "sender",
    "uploader",
    "editor",
    "reader",
    "chat_id",
    "user_id",
    "chat_key",
    "session_key",
    "recipient",
    "fairness_key",
];

/// What somebody wrote or is called.
const WORDS: &[&str] = &[
    "first_name",
    "last_name",
    "username",
    "full_name",
    "actor_name",
    "raw",
    "text",
    "html",
    "query",
    "words",
    "caption",
    "title",
    "file_name",
    "payload",
    "body",
    "draft",
    "content",
    "message_text",
];

/// Calls of these macros that name somebody, and functions whose arguments are logged by themselves.
pub fn naming_breaches(files: &[SourceFile]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in files {
        let tokens: TokenStream = match file.text.parse() {
            Ok(tokens) => tokens,
            // Another rule tells of it.
            Err(_) => continue,
        };
        read(&file.path, tokens, &mut breaches);
    }
    breaches
}

fn read(file: &str, tokens: TokenStream, breaches: &mut Vec<Breach>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            if is_word(token, &["instrument"]) && is_attribute(&tokens, at) {
                let line = token.span().start().line;
                let what = "#[instrument] logs what a function is called with".to_owned();
                breaches.push(Breach { file: file.to_owned(), line, what });
            }
            continue;
        };
        let before = at.checked_sub(2).map(|from| &tokens[from..at]);
        let is_call =
            matches!(before, Some([name, bang]) if is_word(name, MACROS) && is(bang, '!'));
        if is_call {
            judge(file, group.stream(), breaches);
        } else {
            read(file, group.stream(), breaches);
        }
    }
}

/// `instrument` in `#[instrument]` or `#[tracing::instrument(…)]`: nothing but a path before it.
fn is_attribute(tokens: &[TokenTree], at: usize) -> bool {
    let path = |token: &TokenTree| is(token, ':') || is_word(token, &["tracing"]);
    let is_called = tokens.get(at + 1).is_none_or(|next| matches!(next, TokenTree::Group(_)));
    tokens[..at].iter().all(path) && is_called
}

fn judge(file: &str, tokens: TokenStream, breaches: &mut Vec<Breach>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut breach = |token: &TokenTree, what: String| {
        let line = token.span().start().line;
        breaches.push(Breach { file: file.to_owned(), line, what });
    };
    let mut at = 0;
    let mut inner = Vec::new();
    while let Some(token) = tokens.get(at) {
        match token {
            // Whatever is in there is not shown.
            TokenTree::Ident(word) if word == "pseudonym" && is_group(tokens.get(at + 1)) => {
                at += 1;
            }
            TokenTree::Ident(word) => {
                let word = word.to_string();
                let is_person = PEOPLE.contains(&word.as_str());
                if (is_person && !is_named(&tokens, at)) || is_text(&word, &tokens, at) {
                    breach(token, format!("the log may not name {word}"));
                }
            }
            TokenTree::Literal(literal) => {
                let literal = literal.to_string();
                let shown = |word: &&&str| {
                    let open = format!("{{{word}");
                    literal.match_indices(&open).any(|(place, _)| {
                        let rest = literal[place + open.len()..].chars().next();
                        rest.is_some_and(|next| "}:.".contains(next))
                    })
                };
                if let Some(word) = PEOPLE.iter().chain(WORDS).find(shown) {
                    breach(token, format!("the log may not name {word}"));
                }
            }
            TokenTree::Group(group) => inner.push(group.stream()),
            TokenTree::Punct(_) => {}
        }
        at += 1;
    }
    for group in inner {
        judge(file, group, breaches);
    }
}

/// `chat = %pseudonym(…)` at this place.
fn is_named(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens.get(at + 1..at + 5), Some([equals, percent, name, call])
        if is(equals, '=') && is(percent, '%') && is_word(name, &["pseudonym"])
            && is_group(Some(call)))
}

/// A text itself, and not how long it is.
fn is_text(word: &str, tokens: &[TokenTree], at: usize) -> bool {
    let is_counted = matches!(tokens.get(at + 1..at + 4), Some([dot, len, call])
        if is(dot, '.') && is_word(len, &["len"]) && is_group(Some(call)));
    WORDS.contains(&word) && !is_counted
}

fn is(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_word(token: &TokenTree, wanted: &[&str]) -> bool {
    matches!(token, TokenTree::Ident(word) if wanted.iter().any(|name| word == name))
}

fn is_group(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let file = SourceFile { path: "src/chat/x.rs".to_owned(), text: text.to_owned() };
        naming_breaches(&[file]).iter().map(|breach| breach.what.clone()).collect()
    }

    #[test]
    fn each_way_to_name_somebody_is_found() {
        for text in [
            "fn f() { tracing::error!(chat.id = chat.0, \"x\"); }",
            "fn f() { tracing::info!(user.id = it.0, \"x\"); }",
            "fn f() { warn!(chat_id, \"x\"); }",
            "fn f() { tracing::debug!(?person, \"x\"); }",
            "fn f() { tracing::debug!(whom = %asker, \"x\"); }",
            "fn f() { tracing::info_span!(\"x\", who = event.user.0); }",
            "fn f() { tracing::error!(\"no room for {chat}\"); }",
            "fn f() { tracing::error!(\"no room for {user:?}\"); }",
            "fn f() { tracing::error!(\"no room for {}\", update.raw); }",
            "fn f() { tracing::trace!(it = { &self.first_name }, \"x\"); }",
            "fn f() { tracing::trace!(size = body.len(), what = ?body, \"x\"); }",
            "fn f() { if x { tracing::trace!(query, \"x\") } }",
            "#[tracing::instrument(skip_all)] fn f() {}",
            "#[instrument] fn f() {}",
        ] {
            assert!(!found(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn pseudonyms_and_lengths_pass() {
        for text in [
            "fn f() { tracing::error!(chat = %pseudonym(chat.0), reason, \"chat panicked\"); }",
            "fn f() { tracing::info!(person = %pseudonym(self.doer.user.0), \"a person {count}\"); }",
            "fn f() { tracing::error!(bytes = body.len(), \"a text of a chat\"); }",
            "fn f() { tracing::debug!(update.seq = update.seq.0, %error, \"x\"); }",
            "fn f() { working.instrument(span); chat.say(text); }",
            "use tracing::Instrument; fn f() { format!(\"{chat}\") }",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
