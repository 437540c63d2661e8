//! Queries as terms, and as the databases get them.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::write::{FTS5, Syntax, TSQUERY};
use super::*;
use crate::domain::search::MAX_TOKEN_BYTES;
use crate::domain::search::analyse_document;

fn words_of(query: &Query) -> Vec<&str> {
    query.terms().iter().map(Term::word).collect()
}

#[test]
fn writes_both_match_languages() {
    let query = parse_query("Stories for B1, grammar");
    assert_eq!(query.to_fts5(), r#"("stori" OR "stories") AND ("b1") AND ("grammar"*)"#);
    assert_eq!(query.to_tsquery(), "('stori' | 'stories') & ('b1') & ('grammar':*)");
}

#[test]
fn cyrillic_words_are_looked_up_in_both_scripts() {
    assert_eq!(parse_query("книги A2").to_tsquery(), "('книг' | 'knik' | 'knigi') & ('a2')");
    assert_eq!(parse_query("китоб").to_tsquery(), "('китоб':* | 'kitob':*)");
    assert_eq!(parse_query("учебника").to_tsquery(), "('учебник' | 'учебника':* | 'uchebnika':*)");
}

#[test]
fn romanised_russian_is_looked_up_in_uzbek_spelling_too() {
    assert_eq!(parse_query("zhurnal b1").to_tsquery(), "('zhurnal' | 'jurnal') & ('b1')");
}

#[test]
fn function_words_are_dropped_only_beside_others() {
    assert_eq!(words_of(&parse_query("the book for you")), ["book"]);
    assert_eq!(words_of(&parse_query("to be or")), ["to", "be", "or"]);
    let query = parse_query("книги для детей");
    assert_eq!(words_of(&query), ["книги", "детей"]);
    assert_eq!(query.terms()[1].position(), 2);
}

#[test]
fn only_the_last_word_is_begun_and_only_when_long_enough() {
    let fts5 = |text: &str| parse_query(text).to_fts5();
    assert_eq!(fts5("gra"), r#"("gra"*)"#);
    assert_eq!(fts5("gr"), r#"("gr")"#);
    assert_eq!(fts5("gramm b1"), r#"("gramm") AND ("b1")"#);
    assert_eq!(fts5("book for"), r#"("book")"#);
    assert_eq!(fts5("test grammar test"), r#"("test"*) AND ("grammar")"#);
}

#[test]
fn nothing_to_search_for_is_empty() {
    for text in ["", "   ", "😀🎉", &"😀".repeat(4_096), "\u{202E}\u{200F}", "\"*() : ^ -'"] {
        let query = parse_query(text);
        assert!(query.is_empty(), "{text:?}");
        assert_eq!((query.to_fts5(), query.to_tsquery()), (String::new(), String::new()));
    }
}

#[test]
fn the_operators_of_a_database_are_words_or_nothing() {
    let query = parse_query("title:x* NEAR(\"a' OR 1=1; --) & !b | <-> c:*");
    assert_eq!(words_of(&query), ["title", "x", "near", "1", "b", "c"]);
    assert_eq!(parse_query("\u{202B}book\u{200F}").to_fts5(), r#"("book"*)"#);
}

#[test]
fn long_input_is_bounded() {
    let many: Vec<String> = (0..5_000).map(|n| format!("w{n}")).collect();
    assert_eq!(parse_query(&many.join(" ")).terms().len(), MAX_TERMS);
    assert!(parse_query(&"ж".repeat(100_000)).display().chars().count() <= 64);
}

#[test]
fn matching_prefers_whole_words() {
    let query = parse_query("stories gram");
    let [stories, gram] = query.terms() else { panic!("two terms") };
    assert_eq!(stories.matches("stori"), Some(Match::Exact));
    assert_eq!(stories.matches("storyline"), None);
    assert_eq!(gram.matches("gram"), Some(Match::Exact));
    assert_eq!(gram.matches("grammar"), Some(Match::Prefix));
    assert!(Match::Exact > Match::Prefix);
}

#[test]
fn a_corrected_query_keeps_the_learners_other_words() {
    let query = parse_query("Oʻzbek\u{202E} gramatika for  B1!");
    assert_eq!(query.display(), "Oʻzbek gramatika for B1");
    let corrected = query.replace_terms(&[(1, "grammatika")]).expect("a second term");
    assert_eq!(corrected.display(), "Oʻzbek grammatika for B1");
    assert_eq!(words_of(&corrected), ["ozbek", "grammatika", "b1"]);
    assert_eq!(query.replace_terms(&[(3, "x")]), None);
    assert_eq!(query.replace_terms::<String>(&[]), None);
}

#[test]
fn a_term_offers_its_forms_for_look_up() {
    let query = parse_query("Ёлка fir");
    assert_eq!((query.terms()[0].word(), query.terms()[0].latin()), ("елка", Some("yolka")));
    assert_eq!((query.terms()[1].word(), query.terms()[1].latin()), ("fir", None));
}

#[test]
fn quotations_are_phrases() {
    let query = parse_query("«history of english» b1");
    assert_eq!(words_of(&query), ["history", "english", "b1"]);
    assert_eq!(query.phrases(), [Phrase(vec![(0, 0), (1, 2)])]);
    assert_eq!(query.display(), "\"history of english\" b1");
    // A word alone is no phrase, but it is whole; a quotation mark alone means nothing.
    let query = parse_query("\"grammar\" \"use");
    assert_eq!(
        (query.phrases(), query.to_fts5().as_str()),
        (&[][..], r#"("grammar") AND ("use"*)"#)
    );
}

#[test]
fn a_minus_excludes_a_word_or_a_quotation() {
    let query = parse_query("grammar -exercises -\"in use\" well-known");
    assert_eq!(words_of(&query), ["grammar", "well", "known"]);
    assert_eq!(
        query.to_tsquery(),
        "('grammar') & ('well') & ('known':*) & !(('exercis' | 'exercises')) & !(('in') & ('use'))"
    );
    assert!(
        query.to_fts5().ends_with(r#" NOT (("exercis" OR "exercises")) NOT (("in") AND ("use"))"#)
    );
    assert_eq!(query.display(), "grammar -exercises -\"in use\" well known");
    // There is nothing else to search for.
    assert_eq!(words_of(&parse_query("-grammar")), ["grammar"]);
}

#[test]
fn a_finished_query_has_no_begun_word() {
    let query = parse_query("english gram");
    assert_eq!(query.begun(), Some("gram"));
    assert_eq!(query.finished_as::<&str>(&[]).to_tsquery(), "('english') & ('gram')");
    let words = ["grammar", "grammars"];
    assert_eq!(
        query.finished_as(&words).to_tsquery(),
        "('english') & ('gram' | 'grammar' | 'grammars')"
    );
    assert_eq!(parse_query("unit 12").begun(), None);
}

/// Whether `expression` is `(t or t ...) and (...)`, then groups like it that must not be there,
/// every `t` a quoted safe token, perhaps begun: the grammar that [`write`] promises.
fn is_in_grammar(expression: &str, syntax: &Syntax) -> bool {
    let is_group = |group: &str| {
        let inner = group.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        inner.is_some_and(|inner| inner.split(syntax.or).all(|form| is_form(form, syntax)))
    };
    let mut pieces = expression.split(syntax.not);
    let is_positive = pieces.next().is_some_and(|piece| piece.split(syntax.and).all(is_group));
    let are_excluded = pieces.all(|piece| {
        let inner = piece.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        inner.is_some_and(|inner| inner.split(syntax.and).all(is_group))
    });
    expression.is_empty() || (is_positive && are_excluded)
}

fn is_form(form: &str, syntax: &Syntax) -> bool {
    let quoted = form.strip_suffix(syntax.prefix).unwrap_or(form);
    let token = quoted.strip_prefix(syntax.quote).and_then(|rest| rest.strip_suffix(syntax.quote));
    token.is_some_and(|token| {
        let is_safe = token.chars().all(|c| c.is_alphanumeric() && !c.is_uppercase());
        is_safe && !token.is_empty() && token.len() <= MAX_TOKEN_BYTES
    })
}

proptest! {
    #[test]
    fn any_text_gives_a_safe_expression(text in any::<String>()) {
        let query = parse_query(&text);
        prop_assert!(is_in_grammar(&query.to_fts5(), &FTS5));
        prop_assert!(is_in_grammar(&query.to_tsquery(), &TSQUERY));
        prop_assert_eq!(query.is_empty(), query.to_fts5().is_empty());
    }

    #[test]
    fn wordy_text_gives_a_safe_expression(
        text in "([a-zA-Zа-яёўқ'ʻ’\"&|!:*()<>\\\\0-9\u{202E}-]{1,9} ){0,20}",
    ) {
        let query = parse_query(&text);
        prop_assert!(query.terms().len() <= MAX_TERMS);
        prop_assert!(is_in_grammar(&query.to_fts5(), &FTS5));
        prop_assert!(is_in_grammar(&query.to_tsquery(), &TSQUERY));
        let shown = parse_query(&query.display());
        prop_assert_eq!(shown.terms(), query.terms());
    }

    #[test]
    fn a_query_ignores_case_and_composition(text in "[a-zA-Zа-яА-ЯёЁйЙўЎé ’]{0,60}") {
        let decomposed: String = text.nfd().collect();
        let query = parse_query(&text);
        let from_decomposed = parse_query(&decomposed);
        prop_assert_eq!(query.terms(), from_decomposed.terms());
        let from_upper_case = parse_query(&text.to_uppercase());
        prop_assert_eq!(query.terms(), from_upper_case.terms());
    }

    #[test]
    fn a_word_finds_the_document_it_came_from(
        word in "[a-z]{1,20}|[а-яёўқғҳ]{1,20}|[a-z0-9]{1,9}",
    ) {
        let document = analyse_document(&word);
        for term in parse_query(&word).terms() {
            let best = document.split(' ').filter_map(|token| term.matches(token)).max();
            prop_assert_eq!(best, Some(Match::Exact));
        }
    }
}
