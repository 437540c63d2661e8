//! Tables of figures. None of them names a person.

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Text};

    search_days (words, day) {
        words -> Text,
        day -> Integer,
        times -> BigInt,
        empty -> BigInt,
        askers -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer};
    use crate::store::sql_types::UtcTime;

    stats_days (day) {
        day -> Integer,
        users -> BigInt,
        reachable -> BigInt,
        joined -> BigInt,
        active_1 -> BigInt,
        active_7 -> BigInt,
        active_30 -> BigInt,
        kept_1 -> BigInt,
        kept_1_of -> BigInt,
        kept_7 -> BigInt,
        kept_7_of -> BigInt,
        kept_30 -> BigInt,
        kept_30_of -> BigInt,
        deliveries -> BigInt,
        searches -> BigInt,
        empty_searches -> BigInt,
        published -> BigInt,
        materials -> BigInt,
        counted_at -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Text};

    stats_langs (day, lang) {
        day -> Integer,
        lang -> Text,
        users -> BigInt,
        active_30 -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer};

    stats_cohorts (cohort, week) {
        cohort -> Integer,
        week -> Integer,
        size -> BigInt,
        seen -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Text};

    stats_tops (sort, days, place) {
        sort -> Text,
        days -> Integer,
        place -> Integer,
        subject -> Text,
        count -> BigInt,
    }
}
