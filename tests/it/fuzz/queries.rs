//! What people type into a search: any text becomes a bounded number of terms and an expression that
//! both databases understand.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use primelingo::domain::search::{analyse_document, analyse_title, parse_query};

use super::text::hostile_text;
use super::{cases, chance};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// An index like ours, with a few words in it.
fn index() -> SqliteConnection {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    let table =
        "CREATE VIRTUAL TABLE words USING fts5(terms, tokenize = 'unicode61 remove_diacritics 0')";
    connection.batch_execute(table).unwrap();
    for title in ["English Grammar in Use", "Учебник грамматики", "O‘zbek tili", "w 5"]
    {
        sql_query("INSERT INTO words VALUES (?)")
            .bind::<Text, _>(analyse_title(title))
            .execute(&mut connection)
            .unwrap();
    }
    connection
}

/// A query of any sort: hostile text, signs of both match languages, words in three alphabets.
fn query(rng: &mut fastrand::Rng, case: usize) -> String {
    const SIGNS: [&str; 24] = [
        "\"", "'", "-", "*", "(", ")", " OR ", " AND ", " NOT ", " NEAR/3 ", ":", "^", "&", "|",
        "!", "<->", "\\", "%", "_", ";", "--", "{a b}:", "+", "\0",
    ];
    if case.is_multiple_of(3) {
        return hostile_text(rng, case);
    }
    let mut text = String::new();
    for _ in 0..rng.usize(0..30) {
        match rng.u8(0..4) {
            0 => text.push_str(rng.choice(SIGNS).unwrap()),
            1 => text.push_str(
                rng.choice(["grammar", "грамматика", "o‘zbek", "b1", "ёлка", "İstanbul", "w"])
                    .unwrap(),
            ),
            2 => text.push(' '),
            _ => text.push(rng.char(..)),
        }
    }
    if rng.u8(0..50) == 0 { text.repeat(rng.usize(1..60)) } else { text }
}

#[test]
fn every_query_is_bounded_and_sqlite_understands_it() {
    let (mut rng, mut connection) = (chance(), index());
    let (mut empty, mut found, mut most) = (0, 0, 0);
    let wanted = cases(6_000);
    for case in 0..wanted {
        let text = query(&mut rng, case);
        let query = parse_query(&text);
        assert!(query.terms().len() <= 12, "{text:?}: {} terms", query.terms().len());
        let expression = query.to_fts5();
        most = most.max(expression.len());
        assert_eq!(expression.is_empty(), query.is_empty(), "{text:?}");
        if query.is_empty() {
            empty += 1;
            continue;
        }
        let asked = sql_query("SELECT count(*) AS count FROM words WHERE words MATCH ?")
            .bind::<Text, _>(&expression);
        let answer = asked.get_result::<Count>(&mut connection);
        let answer = answer.unwrap_or_else(|error| panic!("{text:?} is {expression}: {error}"));
        found += usize::from(answer.count > 0);
        // What is shown and kept of it is a query that asks the same.
        assert!(query.display().chars().count() <= 1_100, "{text:?}");
        let _ = (query.key(), query.begun().map(str::to_owned));
    }
    assert!(found > 0 && empty > 0);
    println!(
        "{wanted} queries, {empty} of nothing, {found} find something; longest expression {most} bytes"
    );
}

#[test]
fn what_is_indexed_has_no_sign_of_a_match_language() {
    let mut rng = chance();
    for case in 0..cases(6_000) {
        let text = query(&mut rng, case);
        for terms in [analyse_document(&text), analyse_title(&text)] {
            let is_sign = |c: char| {
                matches!(c, '"' | '\'' | '\\' | '(' | ')' | '*' | ':' | '&' | '|' | '!')
                    || c.is_control()
            };
            assert!(!terms.contains(is_sign), "{text:?}: {terms:?}");
        }
    }
}

#[tokio::test]
async fn postgresql_understands_every_query_too() {
    let place = crate::support::place::Place::postgres();
    let mut rng = chance();
    let mut expressions = Vec::new();
    for case in 0..cases(3_000) {
        let query = parse_query(&query(&mut rng, case));
        if !query.is_empty() {
            expressions.push(format!("('{}')", query.to_tsquery().replace('\'', "''")));
        }
    }
    let list = expressions.join(",");
    let sql = format!(
        "SELECT count(*) FROM (VALUES {list}) AS asked(words) WHERE numnode(words::tsquery) > 0"
    );
    let count = place.number(&sql).await;
    assert_eq!(usize::try_from(count).unwrap(), expressions.len());
    println!("{count} queries");
}
