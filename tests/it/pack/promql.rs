//! As much of `PromQL` as it takes to say which metrics a query uses, with which labels.
//!
//! Whether the query is one at all is for promtool to say; this only reads what parses.

use std::ops::Range;

/// What a query uses.
#[derive(Debug, Default)]
pub struct Query {
    pub uses: Vec<Use>,
    pub groupings: Vec<Grouping>,
}

/// A metric, with what its labels have to be.
#[derive(Debug, PartialEq, Eq)]
pub struct Use {
    pub metric: String,
    pub matchers: Vec<Matcher>,
    /// Which token of the query it is.
    at: usize,
}

/// `label op "value"`
#[derive(Debug, PartialEq, Eq)]
pub struct Matcher {
    pub label: String,
    pub op: String,
    pub value: String,
}

/// Labels of `by`, `on` and their kin.
#[derive(Debug, PartialEq, Eq)]
pub struct Grouping {
    pub labels: Vec<String>,
    /// The tokens that it is about.
    scope: Range<usize>,
}

impl Query {
    /// The metrics that a grouping is about.
    pub fn within<'a>(&'a self, grouping: &'a Grouping) -> impl Iterator<Item = &'a Use> {
        self.uses.iter().filter(|used| grouping.scope.contains(&used.at))
    }
}

const KEYWORDS: [&str; 10] =
    ["and", "or", "unless", "bool", "offset", "inf", "nan", "atan2", "start", "end"];
const AGGREGATING: [&str; 2] = ["by", "without"];
const MATCHING: [&str; 4] = ["on", "ignoring", "group_left", "group_right"];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Number,
    Mark(String),
}

impl Token {
    fn is(&self, mark: &str) -> bool {
        matches!(self, Self::Mark(found) if found == mark)
    }
}

/// Reads a query.
pub fn read(text: &str) -> Query {
    let tokens = tokens(text);
    let mut query = Query::default();
    let mut at = 0;
    while at < tokens.len() {
        let Token::Word(word) = &tokens[at] else {
            // Ranges hold durations alone.
            at = if tokens[at].is("[") { closing(&tokens, at) } else { at } + 1;
            continue;
        };
        let next = tokens.get(at + 1);
        let opens = next.is_some_and(|token| token.is("("));
        let lower = word.to_lowercase();
        if AGGREGATING.contains(&lower.as_str()) || (MATCHING.contains(&lower.as_str()) && opens) {
            let end = closing(&tokens, at + 1);
            let scope = if AGGREGATING.contains(&lower.as_str()) {
                argument(&tokens, at, end)
            } else {
                0..tokens.len()
            };
            query.groupings.push(Grouping { labels: words(&tokens[at + 1..end]), scope });
            at = end + 1;
        } else if opens || KEYWORDS.contains(&lower.as_str()) || is_aggregation(&tokens, at) {
            at += 1;
        } else {
            let mut used = Use { metric: word.clone(), matchers: Vec::new(), at };
            at += 1;
            if next.is_some_and(|token| token.is("{")) {
                let end = closing(&tokens, at);
                used.matchers = matchers(&tokens[at + 1..end]);
                at = end + 1;
            }
            query.uses.push(used);
        }
    }
    query
}

/// `sum by (a) (...)`: the name of an aggregation that has its labels first.
fn is_aggregation(tokens: &[Token], at: usize) -> bool {
    matches!(tokens.get(at + 1), Some(Token::Word(word)) if AGGREGATING.contains(&word.as_str()))
}

/// What an aggregation is of: the brackets behind its labels, or those before them.
fn argument(tokens: &[Token], at: usize, end: usize) -> Range<usize> {
    if tokens.get(end + 1).is_some_and(|token| token.is("(")) {
        return end + 1..closing(tokens, end + 1);
    }
    let mut depth = 0;
    for begin in (0..at).rev() {
        depth += i32::from(tokens[begin].is(")")) - i32::from(tokens[begin].is("("));
        if depth == 0 {
            return begin..at;
        }
    }
    0..at
}

/// Where the bracket at `open` closes.
fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        depth += i32::from(["(", "[", "{"].iter().any(|mark| token.is(mark)));
        depth -= i32::from([")", "]", "}"].iter().any(|mark| token.is(mark)));
        if depth == 0 {
            return at;
        }
    }
    tokens.len() - 1
}

fn words(tokens: &[Token]) -> Vec<String> {
    let word = |token: &Token| match token {
        Token::Word(word) => Some(word.clone()),
        _ => None,
    };
    tokens.iter().filter_map(word).collect()
}

fn matchers(tokens: &[Token]) -> Vec<Matcher> {
    let read = |triple: &[Token]| match triple {
        [Token::Word(label), Token::Mark(op), Token::Text(value)] => {
            Some(Matcher { label: label.clone(), op: op.clone(), value: value.clone() })
        }
        _ => None,
    };
    tokens.windows(3).filter_map(read).collect()
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            c if c.is_whitespace() => {
                rest = rest.trim_start();
                continue;
            }
            '#' => {
                rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
                continue;
            }
            '"' | '\'' | '`' => quoted(rest, first),
            c if c.is_ascii_digit() => {
                (Token::Number, span(rest, |c| c.is_alphanumeric() || c == '.'))
            }
            c if c.is_alphabetic() || c == '_' => {
                let length = span(rest, |c| c.is_alphanumeric() || c == '_' || c == ':');
                (Token::Word(rest[..length].to_owned()), length)
            }
            _ => {
                let length =
                    if ["=~", "!~", "!=", "==", ">=", "<="].iter().any(|op| rest.starts_with(op)) {
                        2
                    } else {
                        first.len_utf8()
                    };
                (Token::Mark(rest[..length].to_owned()), length)
            }
        };
        tokens.push(token);
        rest = &rest[length..];
    }
    tokens
}

fn span(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn quoted(text: &str, quote: char) -> (Token, usize) {
    let mut value = String::new();
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if is_escaped || (c != '\\' && c != quote) {
            value.push(c);
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else {
            return (Token::Text(value), at + 1);
        }
    }
    panic!("a text without an end: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(text: &str) -> Vec<String> {
        read(text).uses.into_iter().map(|used| used.metric).collect()
    }

    #[test]
    fn functions_keywords_and_durations_are_no_metrics() {
        let text = "histogram_quantile(0.95, sum by (le) (rate(a_bucket[5m]))) > 1e-9 \
                    and on () (time() - b{x=\"1\"} offset 5m > 150 or vector(0)) unless c:d";
        assert_eq!(metrics(text), ["a_bucket", "b", "c:d"]);
        assert_eq!(metrics("rate(a[$__rate_interval])"), ["a"]);
        assert_eq!(metrics("topk(10, sum(a) by (x)) # by (b)\n/ c"), ["a", "c"]);
    }

    #[test]
    fn matchers_are_read_with_their_operators() {
        let query = read(r#"a{x="1", y=~"b|c",z!="\"}", }"#);
        let read: Vec<_> = query.uses[0]
            .matchers
            .iter()
            .map(|m| (m.label.as_str(), m.op.as_str(), m.value.as_str()))
            .collect();
        assert_eq!(read, [("x", "=", "1"), ("y", "=~", "b|c"), ("z", "!=", "\"}")]);
    }

    #[test]
    fn a_grouping_is_about_its_own_brackets() {
        let query = read("sum by (x, y) (a) / on (z) group_left (w) sum(b) by (v)");
        let found: Vec<(Vec<&str>, Vec<&str>)> = query
            .groupings
            .iter()
            .map(|grouping| {
                let labels = grouping.labels.iter().map(String::as_str).collect();
                (labels, query.within(grouping).map(|used| used.metric.as_str()).collect())
            })
            .collect();
        let expected = [
            (vec!["x", "y"], vec!["a"]),
            (vec!["z"], vec!["a", "b"]),
            (vec!["w"], vec!["a", "b"]),
            (vec!["v"], vec!["b"]),
        ];
        assert_eq!(found, expected);
    }
}
