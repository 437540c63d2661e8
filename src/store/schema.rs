//! The tables, once for both databases. Kept by hand; the contract suite runs every query on both,
//! so a column that is missing in a migration fails there.

mod statistics;

pub use statistics::{search_days, stats_cohorts, stats_days, stats_langs, stats_tops};

diesel::table! {
    meta (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::store::sql_types::UtcTime;

    updates (seq) {
        seq -> BigInt,
        bot_id -> BigInt,
        update_id -> BigInt,
        chat_key -> BigInt,
        kind -> Text,
        raw -> Text,
        received_at -> UtcTime,
        state -> Text,
        claims -> Integer,
        faults -> Integer,
        last_error -> Nullable<Text>,
        done_at -> Nullable<UtcTime>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::store::sql_types::UtcTime;

    users (id) {
        id -> BigInt,
        first_name -> Text,
        username -> Nullable<Text>,
        lang -> Text,
        role -> Text,
        reachable -> Bool,
        created_at -> UtcTime,
        last_seen_at -> UtcTime,
        time_zone -> Nullable<Text>,
        study_level -> Nullable<Text>,
        study_language -> Nullable<Text>,
        is_muted -> Bool,
        quiet_from -> Nullable<Integer>,
        quiet_to -> Nullable<Integer>,
        seen_day -> Integer,
        seen_days -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Text};
    use crate::store::sql_types::UtcTime;

    sessions (chat_id, user_id, thread_id) {
        chat_id -> BigInt,
        user_id -> BigInt,
        thread_id -> BigInt,
        tag -> Text,
        body -> Text,
        schema -> Integer,
        version -> BigInt,
        expires_at -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::sql_types::UtcTime;

    categories (id) {
        id -> BigInt,
        parent_id -> Nullable<BigInt>,
        title -> Text,
        title_key -> Text,
        created_at -> UtcTime,
        merged_into -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::store::sql_types::UtcTime;

    materials (id) {
        id -> BigInt,
        state -> Text,
        processing -> Text,
        rejection -> Nullable<Text>,
        title -> Text,
        title_terms -> Text,
        tags -> Text,
        tag_terms -> Text,
        category_id -> Nullable<BigInt>,
        level -> Nullable<Text>,
        language -> Nullable<Text>,
        kind -> Text,
        media_type -> Nullable<Text>,
        suggested_title -> Nullable<Text>,
        author -> Nullable<Text>,
        pages -> Nullable<Integer>,
        duration_s -> Nullable<Integer>,
        file_class -> Text,
        file_id -> Text,
        file_unique_id -> Text,
        file_name -> Nullable<Text>,
        declared_type -> Nullable<Text>,
        size -> Nullable<BigInt>,
        hash -> Nullable<Text>,
        has_preview -> Bool,
        duplicate_of -> Nullable<BigInt>,
        uploader_id -> BigInt,
        card_chat_id -> Nullable<BigInt>,
        card_outbox_id -> Nullable<BigInt>,
        created_at -> UtcTime,
        published_at -> Nullable<UtcTime>,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::store::sql_types::UtcTime;

    contents (hash) {
        hash -> Text,
        size -> BigInt,
        media_type -> Text,
        part_kind -> Text,
        width -> Nullable<Integer>,
        height -> Nullable<Integer>,
        codec -> Nullable<Text>,
        bit_rate_kbps -> Nullable<Integer>,
        entries -> Nullable<Integer>,
        preview_hash -> Nullable<Text>,
        preview_file_id -> Nullable<Text>,
        created_at -> UtcTime,
        verified_at -> UtcTime,
    }
}

diesel::table! {
    parts (id) {
        id -> BigInt,
        material_id -> BigInt,
        number -> Integer,
        kind -> Text,
        label -> Nullable<Text>,
        text -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::store::sql_types::UtcTime;

    editions (material_id, number) {
        material_id -> BigInt,
        number -> Integer,
        hash -> Nullable<Text>,
        file_id -> Text,
        file_unique_id -> Text,
        file_class -> Text,
        file_name -> Nullable<Text>,
        size -> Nullable<BigInt>,
        kept_as -> Nullable<BigInt>,
        replaced_at -> UtcTime,
        replaced_by_user -> BigInt,
    }
}

diesel::table! {
    replacements (candidate_id) {
        candidate_id -> BigInt,
        target_id -> BigInt,
    }
}

diesel::table! {
    vocabulary (term) {
        term -> Text,
        uses -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::store::sql_types::UtcTime;

    queries (id) {
        id -> BigInt,
        text -> Text,
        created_at -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::store::sql_types::UtcTime;

    schedules (name) {
        name -> Text,
        next_at -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::store::sql_types::UtcTime;

    jobs (id) {
        id -> BigInt,
        kind -> Text,
        payload -> Text,
        queue -> Text,
        priority -> Integer,
        fairness_key -> BigInt,
        unique_key -> Nullable<Text>,
        state -> Text,
        run_at -> UtcTime,
        attempts -> Integer,
        faults -> Integer,
        suspicion -> Integer,
        owner -> Nullable<Text>,
        epoch -> Nullable<BigInt>,
        token -> BigInt,
        lease_until -> Nullable<UtcTime>,
        claimed_at -> Nullable<UtcTime>,
        progress -> Nullable<Text>,
        result -> Nullable<Text>,
        error -> Nullable<Text>,
        trace -> Nullable<Text>,
        created_at -> UtcTime,
        done_at -> Nullable<UtcTime>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::store::sql_types::UtcTime;

    outbox (id) {
        id -> BigInt,
        chat_id -> BigInt,
        thread_id -> BigInt,
        class -> Text,
        payload -> Text,
        edit_message -> Nullable<BigInt>,
        edit_of -> Nullable<BigInt>,
        dedupe_key -> Nullable<Text>,
        not_before -> UtcTime,
        state -> Text,
        attempts -> Integer,
        message_id -> Nullable<BigInt>,
        error_class -> Nullable<Text>,
        trace -> Nullable<Text>,
        created_at -> UtcTime,
        done_at -> Nullable<UtcTime>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::store::sql_types::UtcTime;

    leases (name) {
        name -> Text,
        owner -> Text,
        epoch -> BigInt,
        token -> BigInt,
        until -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::sql_types::UtcTime;

    error_groups (fingerprint) {
        fingerprint -> Text,
        place -> Text,
        text -> Text,
        count -> BigInt,
        first_at -> UtcTime,
        last_at -> UtcTime,
        trace -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::sql_types::UtcTime;

    incidents (id) {
        id -> BigInt,
        subject -> Text,
        subject_id -> BigInt,
        cause -> Text,
        happened_at -> UtcTime,
        told_at -> Nullable<UtcTime>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::store::sql_types::UtcTime;

    broadcasts (id) {
        id -> BigInt,
        state -> Text,
        created_by -> BigInt,
        card_chat_id -> Nullable<BigInt>,
        card_outbox_id -> Nullable<BigInt>,
        content -> Text,
        audience -> Text,
        doubt -> Text,
        quiet -> Nullable<Text>,
        paid -> Bool,
        start_at -> UtcTime,
        series_id -> Nullable<BigInt>,
        slot_at -> Nullable<UtcTime>,
        stop_reason -> Nullable<Text>,
        created_at -> UtcTime,
        started_at -> Nullable<UtcTime>,
        done_at -> Nullable<UtcTime>,
    }
}

diesel::table! {
    broadcast_progress (broadcast_id) {
        broadcast_id -> BigInt,
        filled -> BigInt,
        last_seq -> BigInt,
        is_filled -> Bool,
        fill_phase -> Integer,
        fill_time -> BigInt,
        fill_id -> BigInt,
        watermark -> BigInt,
        settled_to -> BigInt,
        delivered -> BigInt,
        blocked -> BigInt,
        failed -> BigInt,
        in_doubt -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::sql_types::UtcTime;

    broadcast_recipients (broadcast_id, seq) {
        broadcast_id -> BigInt,
        seq -> BigInt,
        chat_id -> BigInt,
        message_id -> Nullable<BigInt>,
        not_before -> Nullable<UtcTime>,
        state -> Text,
        reason -> Nullable<Text>,
        more_ids -> Nullable<Text>,
    }
}

diesel::table! {
    audience_lists (list_id, chat_id) {
        list_id -> BigInt,
        chat_id -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::store::sql_types::UtcTime;

    broadcast_series (id) {
        id -> BigInt,
        created_by -> BigInt,
        chat_id -> BigInt,
        content -> Nullable<Text>,
        audience -> Text,
        doubt -> Text,
        quiet -> Nullable<Text>,
        paid -> Bool,
        repeat -> Text,
        next_at -> UtcTime,
        ended_at -> Nullable<UtcTime>,
        created_at -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::store::sql_types::UtcTime;

    follows (user_id, category_id) {
        user_id -> BigInt,
        category_id -> BigInt,
        since -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;

    popularity (material_id) {
        material_id -> BigInt,
        takers -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::store::sql_types::UtcTime;

    favourites (user_id, material_id) {
        user_id -> BigInt,
        material_id -> BigInt,
        added_at -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::store::sql_types::UtcTime;

    audit (id) {
        id -> BigInt,
        at -> UtcTime,
        actor -> BigInt,
        action -> Text,
        subject -> Text,
        subject_id -> BigInt,
        details -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;

    pseudonyms (person_id) {
        person_id -> BigInt,
        pseudonym -> BigInt,
    }
}

diesel::joinable!(broadcast_progress -> broadcasts (broadcast_id));

diesel::table! {
    use diesel::sql_types::{Bool, Text};
    use crate::store::sql_types::UtcTime;

    bans (mark) {
        mark -> Text,
        banned_at -> UtcTime,
        is_told -> Bool,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    audience_lists,
    audit,
    bans,
    broadcast_progress,
    broadcast_recipients,
    broadcast_series,
    broadcasts,
    categories,
    contents,
    editions,
    favourites,
    follows,
    incidents,
    jobs,
    leases,
    materials,
    meta,
    outbox,
    parts,
    popularity,
    queries,
    replacements,
    schedules,
    sessions,
    updates,
    users,
    vocabulary,
);
