//! What the analyser makes of a title and tags, in the form that the store indexes.

use crate::domain::search::{analyse_document, analyse_title, vocabulary_terms};
use crate::store::records::Terms;

/// The terms of a material that is to be published.
pub fn of_material(title: &str, tags: &str) -> Terms {
    let mut words = vocabulary_terms(title);
    words.extend(vocabulary_terms(tags));
    words.sort_unstable();
    words.dedup();
    Terms { title: analyse_title(title), tags: analyse_document(tags), vocabulary: words }
}
