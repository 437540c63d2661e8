//! A query in the words of the databases.

use super::{Query, Term};

impl Query {
    /// An FTS5 `MATCH` expression: `("stori" OR "stories") AND ("b1") NOT (("exam"))`, a begun word
    /// as `"gram"*`. For a table over our tokens with `tokenize = 'unicode61 remove_diacritics 0'`.
    /// Empty for an empty query, which must not be run: FTS5 takes it for a syntax error.
    pub fn to_fts5(&self) -> String {
        self.write(&FTS5)
    }

    /// A `tsquery`: `('stori' | 'stories') & ('b1') & !(('exam'))`, a begun word as `'gram':*`. Cast
    /// it (`$1::tsquery`), against `array_to_tsvector(string_to_array(tokens, ' '))`: both take
    /// tokens as they are, without a parser or a dictionary. Empty for an empty query.
    pub fn to_tsquery(&self) -> String {
        self.write(&TSQUERY)
    }

    fn write(&self, syntax: &Syntax) -> String {
        let mut expression = String::new();
        if self.terms.is_empty() {
            return expression;
        }
        syntax.all(&mut expression, &self.terms);
        for excluded in &self.excluded {
            expression.push_str(syntax.not);
            expression.push('(');
            syntax.all(&mut expression, excluded);
            expression.push(')');
        }
        expression
    }
}

/// How a database writes a boolean match over quoted tokens.
pub(super) struct Syntax {
    pub quote: char,
    pub prefix: &'static str,
    pub or: &'static str,
    pub and: &'static str,
    pub not: &'static str,
}

pub(super) const FTS5: Syntax =
    Syntax { quote: '"', prefix: "*", or: " OR ", and: " AND ", not: " NOT " };
pub(super) const TSQUERY: Syntax =
    Syntax { quote: '\'', prefix: ":*", or: " | ", and: " & ", not: " & !" };

impl Syntax {
    /// All of the terms, each in any of its forms.
    fn all(&self, expression: &mut String, terms: &[Term]) {
        for (index, term) in terms.iter().enumerate() {
            if index > 0 {
                expression.push_str(self.and);
            }
            let whole = term.exact.iter().map(|form| (form, ""));
            let begun = term.prefixes.iter().map(|form| (form, self.prefix));
            expression.push('(');
            for (nth, (form, suffix)) in whole.chain(begun).enumerate() {
                if nth > 0 {
                    expression.push_str(self.or);
                }
                expression.push(self.quote);
                expression.push_str(form);
                expression.push(self.quote);
                expression.push_str(suffix);
            }
            expression.push(')');
        }
    }
}
