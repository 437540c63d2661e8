//! The register is whole, and tells what it has to.

use std::collections::BTreeSet;

use super::*;

#[test]
fn each_sort_has_a_text_and_each_column_a_name_of_its_own() {
    let keys: BTreeSet<&str> = About::ALL.iter().map(|about| about.text_key()).collect();
    assert_eq!(keys.len(), About::ALL.len());
    assert!(keys.iter().all(|key| key.starts_with("privacy-")));
    for entry in REGISTER {
        let names: BTreeSet<&str> = entry.shown.iter().map(|shown| shown.name()).collect();
        assert_eq!(names.len(), entry.shown.len(), "{}", entry.table);
        assert!(!names.contains(""), "{}", entry.table);
    }
    assert_eq!((Plain("a").name(), Time("b").name()), ("a", "b"));
    assert_eq!(EXPORT_EVERY_S, 3_600, "an hour");
}

#[test]
fn each_table_stands_there_once_and_each_sort_is_of_use() {
    let tables: BTreeSet<&str> = REGISTER.iter().map(|entry| entry.table).collect();
    assert_eq!(tables.len(), REGISTER.len());
    for about in About::ALL {
        assert!(REGISTER.iter().any(|entry| entry.about == about), "{about:?}");
    }
    assert!(REGISTER.iter().all(|entry| !entry.person.is_empty()));
    assert!(REGISTER.iter().all(|entry| About::ALL.contains(&entry.about)), "not told");
}

#[test]
fn what_is_kept_longest_counts() {
    let terms = Terms::default();
    assert_eq!(Kept::days_of(About::Profile, &terms), None, "some of it until it is erased");
    assert_eq!(Kept::days_of(About::Messages, &terms), Some((1, 90)));
    assert_eq!(Kept::days_of(About::Letters, &terms), Some((180, 180)));
}
