//! An error with all that it came of, for whoever has to mend it.

use std::error::Error;

/// An error with its causes, each once: many name theirs already.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot begin: {0}")]
    struct Outer(#[source] StoreError);

    #[test]
    fn a_cause_is_told_once() {
        let source = diesel::result::Error::QueryBuilderError("the very cause".into());
        let text = with_causes(&Outer(StoreError::Query { call: "", source }));
        assert_eq!(text, "cannot begin: database refused a query: the very cause");
    }

    #[test]
    fn what_is_not_available_has_a_name_or_none() {
        let told = |call| StoreError::Unavailable { call, reason: "away".to_owned() }.to_string();
        assert_eq!(told("look"), "database is not available for look: away");
        assert_eq!(told(""), "database is not available: away");
    }
}
