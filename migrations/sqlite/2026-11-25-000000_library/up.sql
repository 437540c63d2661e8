-- Times are microseconds since the Unix epoch, UTC. Opaque JSON (raw, body, payload) is TEXT.

-- Secrets and facts of this installation: the key of the buttons' signatures, for one.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

-- 1 The ledger: every update as it came, before anything is done with it.
CREATE TABLE updates (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    bot_id      BIGINT  NOT NULL,
    update_id   BIGINT  NOT NULL,
    chat_key    BIGINT  NOT NULL,
    kind        TEXT    NOT NULL,
    raw         TEXT    NOT NULL,
    received_at BIGINT  NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done', 'dead', 'ignored')),
    claims      INTEGER NOT NULL DEFAULT 0,
    faults      INTEGER NOT NULL DEFAULT 0,
    last_error  TEXT,
    done_at     BIGINT,
    UNIQUE (bot_id, update_id)
);
CREATE INDEX updates_open ON updates (chat_key, seq) WHERE state = 'new';
-- What is done, by whether its text is still to be forgotten.
CREATE INDEX updates_done ON updates ((CASE WHEN raw = '' THEN 1 ELSE 0 END), done_at) WHERE state = 'done';

-- 2 People and their dialogs.
CREATE TABLE users (
    id           INTEGER PRIMARY KEY NOT NULL,
    first_name   TEXT    NOT NULL,
    username     TEXT,
    lang         TEXT    NOT NULL,
    role         TEXT    NOT NULL DEFAULT 'learner',
    reachable    BOOLEAN NOT NULL DEFAULT TRUE,
    created_at   BIGINT  NOT NULL,
    last_seen_at BIGINT  NOT NULL,
    time_zone    TEXT,
    -- What they have chosen; quiet hours are minutes after midnight, both or none.
    study_level    TEXT,
    study_language TEXT,
    is_muted     BOOLEAN NOT NULL DEFAULT FALSE,
    quiet_from   INTEGER,
    quiet_to     INTEGER,
    -- The last day (since the epoch, UTC) on which they were seen, and a bit for each day before it;
    -- no bits: never seen.
    seen_day     INTEGER NOT NULL DEFAULT 0,
    seen_days    BIGINT  NOT NULL DEFAULT 0
);
-- The audiences of broadcasts, in the order of sending; it holds all that they ask for.
CREATE INDEX users_audience ON users (last_seen_at, id, lang, role, created_at) WHERE reachable;

CREATE TABLE sessions (
    chat_id    BIGINT  NOT NULL,
    user_id    BIGINT  NOT NULL,
    thread_id  BIGINT  NOT NULL,
    tag        TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    schema     INTEGER NOT NULL,
    version    BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL,
    PRIMARY KEY (chat_id, user_id, thread_id)
);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- 3 The library.
CREATE TABLE categories (
    id         INTEGER PRIMARY KEY NOT NULL,
    parent_id  BIGINT REFERENCES categories (id),
    title      TEXT   NOT NULL,
    title_key  TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    -- Of which one it became part: links and old buttons lead there.
    merged_into BIGINT REFERENCES categories (id)
);
CREATE UNIQUE INDEX categories_title ON categories (COALESCE(parent_id, 0), title_key) WHERE merged_into IS NULL;
CREATE INDEX categories_below ON categories (parent_id, title_key);
CREATE INDEX categories_merged ON categories (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE materials (
    id               INTEGER PRIMARY KEY NOT NULL,
    state            TEXT    NOT NULL CHECK (state IN ('open', 'draft', 'waiting', 'published', 'archived', 'discarded')),
    processing       TEXT    NOT NULL CHECK (processing IN ('pending', 'ready', 'rejected')),
    rejection        TEXT,
    title            TEXT    NOT NULL,
    title_terms      TEXT    NOT NULL DEFAULT '',
    tags             TEXT    NOT NULL DEFAULT '',
    tag_terms        TEXT    NOT NULL DEFAULT '',
    category_id      BIGINT REFERENCES categories (id),
    level            TEXT,
    language         TEXT,
    kind             TEXT    NOT NULL,
    media_type       TEXT,
    suggested_title  TEXT,
    author           TEXT,
    pages            INTEGER,
    duration_s       INTEGER,
    file_class       TEXT    NOT NULL,
    file_id          TEXT    NOT NULL,
    file_unique_id   TEXT    NOT NULL,
    file_name        TEXT,
    declared_type    TEXT,
    size             BIGINT,
    hash             TEXT,
    has_preview      BOOLEAN NOT NULL DEFAULT FALSE,
    duplicate_of     BIGINT,
    uploader_id      BIGINT  NOT NULL,
    card_chat_id     BIGINT,
    card_outbox_id   BIGINT,
    created_at       BIGINT  NOT NULL,
    published_at     BIGINT,
    batch_id         BIGINT
);
-- One content, one material: whoever publishes second is told of the first.
CREATE UNIQUE INDEX materials_hash ON materials (hash) WHERE state = 'published';
CREATE INDEX materials_new ON materials (published_at DESC, id DESC) WHERE state = 'published';
CREATE INDEX materials_shelf ON materials (category_id, level, published_at DESC, id DESC) WHERE state = 'published';
CREATE INDEX materials_content ON materials (hash) WHERE hash IS NOT NULL;
CREATE INDEX materials_card ON materials (card_outbox_id) WHERE processing = 'pending';
CREATE INDEX materials_uploader ON materials (uploader_id, state, id);
CREATE INDEX materials_batch ON materials (batch_id) WHERE batch_id IS NOT NULL;
-- The same content elsewhere, before anybody publishes it, or after it was taken out.
CREATE INDEX materials_twins ON materials (hash, id) WHERE state IN ('open', 'draft', 'waiting', 'archived');

-- Files that were replaced: numbered from 1, the present one has the next number. `kept_as` is the
-- hidden material that still holds the file and its text.
CREATE TABLE editions (
    material_id      BIGINT  NOT NULL REFERENCES materials (id),
    number           INTEGER NOT NULL,
    hash             TEXT,
    file_id          TEXT    NOT NULL,
    file_unique_id   TEXT    NOT NULL,
    file_class       TEXT    NOT NULL,
    file_name        TEXT,
    size             BIGINT,
    kept_as          BIGINT  REFERENCES materials (id),
    replaced_at      BIGINT NOT NULL,
    replaced_by_user BIGINT  NOT NULL,
    PRIMARY KEY (material_id, number)
);

-- Hidden materials that hold a file for a published one.
CREATE TABLE replacements (
    candidate_id BIGINT PRIMARY KEY NOT NULL REFERENCES materials (id),
    target_id    BIGINT NOT NULL REFERENCES materials (id)
);

-- Who has taken what: one row for a person and a material, which tells of the last time.
CREATE TABLE deliveries (
    user_id     BIGINT  NOT NULL,
    material_id BIGINT  NOT NULL REFERENCES materials (id),
    edition     INTEGER NOT NULL,
    times       BIGINT  NOT NULL,
    first_at    BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    PRIMARY KEY (user_id, material_id)
);
CREATE INDEX deliveries_takers ON deliveries (material_id, user_id);

-- What was found in a content, whichever materials have it. hash = BLAKE3, hexadecimal.
CREATE TABLE contents (
    hash            TEXT    PRIMARY KEY NOT NULL,
    size            BIGINT  NOT NULL,
    media_type      TEXT    NOT NULL,
    part_kind       TEXT    NOT NULL,
    width           INTEGER,
    height          INTEGER,
    codec           TEXT,
    bit_rate_kbps   INTEGER,
    entries         INTEGER,
    preview_hash    TEXT,
    preview_file_id TEXT,
    created_at      BIGINT  NOT NULL,
    verified_at     BIGINT  NOT NULL
);
CREATE INDEX contents_verified ON contents (verified_at);
CREATE INDEX contents_preview ON contents (preview_hash) WHERE preview_hash IS NOT NULL;

CREATE TABLE parts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    material_id BIGINT  NOT NULL REFERENCES materials (id),
    number      INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    label       TEXT,
    text        TEXT    NOT NULL,
    UNIQUE (material_id, number)
);

-- Contentless: they index tokens that our analyser has already made. rowid = materials.id, parts.id.
-- `facets` holds a word for each value that a search can be narrowed to.
CREATE VIRTUAL TABLE material_index USING fts5 (title, tags, facets, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE part_index USING fts5 (body, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0');

-- What a search needs of each of its thousand candidates, without their texts.
CREATE INDEX parts_place ON parts (id, material_id, number);
CREATE INDEX materials_traits ON materials (id, level, language, kind, category_id, pages, duration_s, published_at) WHERE state = 'published';

-- Words of titles and tags, for repairing queries that find nothing.
CREATE TABLE vocabulary (
    term TEXT PRIMARY KEY NOT NULL,
    uses BIGINT NOT NULL
) WITHOUT ROWID;

-- Query texts, so that a 64-byte button can name one.
CREATE TABLE queries (
    id         INTEGER PRIMARY KEY NOT NULL,
    text       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX queries_age ON queries (created_at);

-- 4 Background work.
CREATE TABLE jobs (
    id           INTEGER PRIMARY KEY NOT NULL,
    kind         TEXT    NOT NULL,
    payload      TEXT    NOT NULL,
    queue        TEXT    NOT NULL,
    priority     INTEGER NOT NULL DEFAULT 0,
    fairness_key BIGINT  NOT NULL,
    unique_key   TEXT,
    state        TEXT    NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'running', 'done', 'dead', 'cancelled')),
    run_at       BIGINT  NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    faults       INTEGER NOT NULL DEFAULT 0,
    suspicion    INTEGER NOT NULL DEFAULT 0,
    owner        TEXT,
    epoch        BIGINT,
    token        BIGINT  NOT NULL DEFAULT 0,
    lease_until  BIGINT,
    claimed_at   BIGINT,
    progress     TEXT,
    result       TEXT,
    error        TEXT,
    trace        TEXT,
    created_at   BIGINT  NOT NULL,
    done_at      BIGINT
);
CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key) WHERE state IN ('ready', 'running');
-- By whose they are first: each person's next job is found without a look at the rest.
CREATE INDEX jobs_ready ON jobs (queue, fairness_key, suspicion DESC, priority DESC, run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_due ON jobs (queue, run_at) WHERE state = 'ready';
CREATE INDEX jobs_served ON jobs (fairness_key, claimed_at) WHERE claimed_at IS NOT NULL;
CREATE INDEX jobs_over ON jobs (state, done_at) WHERE done_at IS NOT NULL;
CREATE INDEX jobs_on_probation ON jobs (owner) WHERE state = 'ready' AND suspicion = 2;
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running';

-- What is done again and again, and when next.
CREATE TABLE schedules (
    name    TEXT   PRIMARY KEY NOT NULL,
    next_at BIGINT NOT NULL
);

-- 5 What is to leave.
CREATE TABLE outbox (
    id           INTEGER PRIMARY KEY NOT NULL,
    chat_id      BIGINT  NOT NULL,
    thread_id    BIGINT  NOT NULL DEFAULT 0,
    class        TEXT    NOT NULL CHECK (class IN ('reply', 'edit', 'bulk')),
    payload      TEXT    NOT NULL,
    edit_message BIGINT,
    edit_of      BIGINT,
    dedupe_key   TEXT UNIQUE,
    not_before   BIGINT  NOT NULL DEFAULT 0,
    state        TEXT    NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'failed')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    message_id   BIGINT,
    error_class  TEXT,
    trace        TEXT,
    created_at   BIGINT  NOT NULL,
    done_at      BIGINT
);
CREATE INDEX outbox_open ON outbox (id) WHERE state IN ('queued', 'sending');
-- What is counted for the metrics; the conditions keep these indexes out of all other plans.
CREATE INDEX outbox_failed ON outbox (class) WHERE state = 'failed';
CREATE INDEX sessions_open ON sessions (chat_id) WHERE tag <> 'idle';
CREATE INDEX materials_figures ON materials (state, processing, kind) WHERE id > 0;
CREATE INDEX contents_figures ON contents (size);

-- Errors of the log by groups, for operators: what differs in numbers and names only is one.
CREATE TABLE error_groups (
    fingerprint TEXT   PRIMARY KEY NOT NULL,
    place       TEXT   NOT NULL,
    text        TEXT   NOT NULL,
    count       BIGINT NOT NULL,
    first_at    BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    trace       TEXT
);
CREATE INDEX error_groups_last ON error_groups (last_at DESC, fingerprint);

-- What was put aside, until the people in charge are told.
CREATE TABLE incidents (
    id          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    subject     TEXT    NOT NULL CHECK (subject IN ('update', 'job')),
    subject_id  BIGINT  NOT NULL,
    cause       TEXT    NOT NULL,
    happened_at BIGINT  NOT NULL,
    told_at     BIGINT
);
CREATE INDEX incidents_untold ON incidents (id) WHERE told_at IS NULL;
CREATE INDEX incidents_told ON incidents (told_at) WHERE told_at IS NOT NULL;
CREATE INDEX updates_aside ON updates (seq) WHERE state IN ('dead', 'ignored');

-- Who does what only one process may do, and until when. `token` grows whenever it changes hands.
CREATE TABLE leases (
    name   TEXT   PRIMARY KEY NOT NULL,
    owner  TEXT   NOT NULL,
    epoch  BIGINT NOT NULL,
    token  BIGINT NOT NULL,
    until  BIGINT NOT NULL
);

-- 6 Broadcasts: the letter, how far it is, and a row for each recipient.
CREATE TABLE broadcasts (
    id             INTEGER PRIMARY KEY NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('scheduled', 'running', 'paused', 'done', 'cancelled', 'stopped', 'missed')),
    created_by     BIGINT  NOT NULL,
    card_chat_id   BIGINT,
    card_outbox_id BIGINT,
    content        TEXT    NOT NULL,
    audience       TEXT    NOT NULL,
    doubt          TEXT    NOT NULL CHECK (doubt IN ('skip', 'resend')),
    quiet          TEXT,
    paid           BOOLEAN NOT NULL,
    start_at       BIGINT  NOT NULL,
    series_id      BIGINT,
    slot_at        BIGINT,
    stop_reason    TEXT,
    created_at     BIGINT  NOT NULL,
    started_at     BIGINT,
    done_at        BIGINT,
    UNIQUE (series_id, slot_at)
);
CREATE INDEX broadcasts_open ON broadcasts (start_at) WHERE state IN ('scheduled', 'running', 'paused');
CREATE INDEX broadcasts_over ON broadcasts (done_at) WHERE done_at IS NOT NULL;

-- Written with every batch of outcomes, hence narrow.
CREATE TABLE broadcast_progress (
    broadcast_id BIGINT  PRIMARY KEY NOT NULL REFERENCES broadcasts (id),
    filled       BIGINT  NOT NULL DEFAULT 0,
    last_seq     BIGINT  NOT NULL DEFAULT 0,
    is_filled    BOOLEAN NOT NULL DEFAULT FALSE,
    fill_phase   INTEGER NOT NULL DEFAULT 0,
    fill_time    BIGINT  NOT NULL DEFAULT 0,
    fill_id      BIGINT  NOT NULL DEFAULT 0,
    watermark    BIGINT  NOT NULL DEFAULT 0,
    settled_to   BIGINT  NOT NULL DEFAULT 0,
    delivered    BIGINT  NOT NULL DEFAULT 0,
    blocked      BIGINT  NOT NULL DEFAULT 0,
    failed       BIGINT  NOT NULL DEFAULT 0,
    in_doubt     BIGINT  NOT NULL DEFAULT 0
);

-- 'sending': a deferred one whose request may have left. 'pending' ones up to the watermark may, too.
-- `not_before` is set while a row is 'deferred' or 'sending', and only then.
CREATE TABLE broadcast_recipients (
    broadcast_id BIGINT NOT NULL,
    seq          BIGINT NOT NULL,
    chat_id      BIGINT NOT NULL,
    message_id   BIGINT,
    not_before   BIGINT,
    state        TEXT   NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'deferred', 'delivered', 'blocked', 'failed', 'in_doubt')),
    reason       TEXT,
    more_ids     TEXT,
    PRIMARY KEY (broadcast_id, seq),
    UNIQUE (broadcast_id, chat_id)
) WITHOUT ROWID;
CREATE INDEX broadcast_recipients_deferred ON broadcast_recipients (broadcast_id, not_before, seq) WHERE not_before IS NOT NULL;

-- Chats from files that admins sent.
CREATE TABLE audience_lists (
    list_id BIGINT NOT NULL,
    chat_id BIGINT NOT NULL,
    PRIMARY KEY (list_id, chat_id)
) WITHOUT ROWID;

-- What makes broadcasts again and again. `content` is NULL for the digest.
CREATE TABLE broadcast_series (
    id         INTEGER PRIMARY KEY NOT NULL,
    created_by BIGINT  NOT NULL,
    chat_id    BIGINT  NOT NULL,
    content    TEXT,
    audience   TEXT    NOT NULL,
    doubt      TEXT    NOT NULL,
    quiet      TEXT,
    paid       BOOLEAN NOT NULL,
    repeat     TEXT    NOT NULL,
    next_at    BIGINT  NOT NULL,
    ended_at   BIGINT,
    created_at BIGINT  NOT NULL
);
CREATE INDEX broadcast_series_due ON broadcast_series (next_at) WHERE ended_at IS NULL;

-- Who follows what.
CREATE TABLE follows (
    user_id     BIGINT NOT NULL,
    category_id BIGINT NOT NULL REFERENCES categories (id),
    since       BIGINT NOT NULL,
    PRIMARY KEY (user_id, category_id)
) WITHOUT ROWID;
CREATE INDEX follows_of_category ON follows (category_id, user_id);

-- 7 The learners' shelf.
-- How many people have taken a material.
CREATE TABLE popularity (
    material_id INTEGER PRIMARY KEY NOT NULL REFERENCES materials (id),
    takers      BIGINT  NOT NULL
);

-- What somebody has been given, newest first.
CREATE INDEX deliveries_history ON deliveries (user_id, last_at DESC, material_id DESC);

-- A section whatever the level.
CREATE INDEX materials_section ON materials (category_id, published_at DESC, id DESC) WHERE state = 'published';

CREATE TABLE favourites (
    user_id     BIGINT NOT NULL,
    material_id BIGINT NOT NULL REFERENCES materials (id),
    added_at    BIGINT NOT NULL,
    PRIMARY KEY (user_id, material_id)
) WITHOUT ROWID;
CREATE INDEX favourites_list ON favourites (user_id, added_at DESC, material_id DESC);

-- Files that learners say are broken: one row for a person and a material.
CREATE TABLE breakages (
    material_id BIGINT NOT NULL REFERENCES materials (id),
    user_id     BIGINT NOT NULL,
    reason      TEXT   NOT NULL CHECK (reason IN ('unreadable', 'wrong_file', 'bad_quality', 'other')),
    reported_at BIGINT NOT NULL,
    settled_at  BIGINT,
    PRIMARY KEY (material_id, user_id)
) WITHOUT ROWID;
CREATE INDEX breakages_of_person ON breakages (user_id, reported_at);

-- Materials with breakages that nobody has settled, by how many people say so.
CREATE TABLE broken_materials (
    material_id INTEGER PRIMARY KEY NOT NULL REFERENCES materials (id),
    reporters   BIGINT  NOT NULL,
    opened_at   BIGINT  NOT NULL
);
CREATE INDEX broken_materials_list ON broken_materials (reporters DESC, material_id DESC);

-- 9 By which number a person stands in the audit: made by chance, and known here alone. Who is
-- forgotten loses it, and what they did leads to nobody from then on.
CREATE TABLE pseudonyms (
    person_id INTEGER PRIMARY KEY NOT NULL,
    pseudonym BIGINT NOT NULL
);
CREATE UNIQUE INDEX pseudonyms_pseudonym ON pseudonyms (pseudonym);

-- 9 Who did what: written once, never changed and never deleted. People, as actors and as subjects,
-- stand in it by their pseudonyms; 0 is the command line.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at         BIGINT NOT NULL,
    actor      BIGINT NOT NULL,
    action     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    subject_id BIGINT NOT NULL,
    details    TEXT   NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, subject_id, id);
CREATE INDEX audit_subjects ON audit (subject, id);
CREATE INDEX audit_action ON audit (action, id);
CREATE INDEX audit_actor ON audit (actor, id);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
-- INSERT OR REPLACE deletes without asking the one above.
CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE INDEX materials_standing ON materials (category_id, state) WHERE category_id IS NOT NULL;
-- What was published once; hidden materials, which hold old files, were not.
CREATE INDEX materials_archived ON materials (id) WHERE state = 'archived' AND published_at IS NOT NULL;

-- 8 What people looked for in vain, and what they wanted of their own data.
CREATE TABLE requests (
    id          INTEGER PRIMARY KEY NOT NULL,
    words       TEXT   NOT NULL,
    words_key   TEXT   NOT NULL,
    state       TEXT   NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'declined')),
    demand      BIGINT NOT NULL DEFAULT 0,
    material_id BIGINT REFERENCES materials (id),
    answered_by BIGINT,
    created_at  BIGINT NOT NULL,
    last_at     BIGINT NOT NULL
);
-- The same words, however often they are asked for, are one request while it is open.
CREATE UNIQUE INDEX requests_words ON requests (words_key) WHERE state = 'open';
CREATE INDEX requests_wanted ON requests (demand DESC, id DESC) WHERE state = 'open';
CREATE INDEX requests_answer ON requests (material_id) WHERE material_id IS NOT NULL;

CREATE TABLE request_askers (
    request_id BIGINT NOT NULL REFERENCES requests (id),
    user_id    BIGINT NOT NULL,
    asked_at   BIGINT NOT NULL,
    told_at    BIGINT,
    PRIMARY KEY (request_id, user_id)
) WITHOUT ROWID;
CREATE INDEX request_askers_own ON request_askers (user_id, request_id DESC);

-- When people last asked for a copy of their data.
CREATE TABLE data_exports (
    user_id  BIGINT PRIMARY KEY NOT NULL,
    asked_at BIGINT NOT NULL
);
CREATE INDEX data_exports_asked ON data_exports (asked_at);

-- Whose words these are, so that they can be forgotten with them.
ALTER TABLE queries ADD COLUMN user_id BIGINT;
CREATE INDEX queries_user ON queries (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX sessions_user ON sessions (user_id);

-- 10 Statistics. Days are days since the epoch, UTC.
-- How often words were searched for on a day. `askers`: marks that tell three people apart and name
-- none, see domain/statistics/words.rs.
CREATE TABLE search_days (
    words  TEXT    NOT NULL,
    day    INTEGER NOT NULL,
    times  BIGINT  NOT NULL,
    empty  BIGINT  NOT NULL,
    askers BIGINT  NOT NULL,
    PRIMARY KEY (words, day)
) WITHOUT ROWID;
CREATE INDEX search_days_day ON search_days (day);

-- How often a material was given on a day; several rows, so that those who give the same one at once
-- do not wait for each other.
CREATE TABLE material_days (
    material_id BIGINT  NOT NULL,
    day         INTEGER NOT NULL,
    shard       INTEGER NOT NULL,
    times       BIGINT  NOT NULL,
    PRIMARY KEY (material_id, day, shard)
) WITHOUT ROWID;
CREATE INDEX material_days_day ON material_days (day);

-- What is shown, a row for each day. `kept_*` are those of an earlier week who came again so many
-- days after they had come, and all of them.
CREATE TABLE stats_days (
    day            INTEGER PRIMARY KEY NOT NULL,
    users          BIGINT NOT NULL,
    reachable      BIGINT NOT NULL,
    joined         BIGINT NOT NULL,
    active_1       BIGINT NOT NULL,
    active_7       BIGINT NOT NULL,
    active_30      BIGINT NOT NULL,
    kept_1         BIGINT NOT NULL,
    kept_1_of      BIGINT NOT NULL,
    kept_7         BIGINT NOT NULL,
    kept_7_of      BIGINT NOT NULL,
    kept_30        BIGINT NOT NULL,
    kept_30_of     BIGINT NOT NULL,
    deliveries     BIGINT NOT NULL,
    searches       BIGINT NOT NULL,
    empty_searches BIGINT NOT NULL,
    published      BIGINT NOT NULL,
    materials      BIGINT NOT NULL,
    counted_at     BIGINT      NOT NULL
);

CREATE TABLE stats_langs (
    day       INTEGER NOT NULL,
    lang      TEXT    NOT NULL,
    users     BIGINT  NOT NULL,
    active_30 BIGINT  NOT NULL,
    PRIMARY KEY (day, lang)
) WITHOUT ROWID;

-- Those who came in the week of that Monday, and how many of them were seen so many weeks later.
CREATE TABLE stats_cohorts (
    cohort INTEGER NOT NULL,
    week   INTEGER NOT NULL,
    size   BIGINT  NOT NULL,
    seen   BIGINT  NOT NULL,
    PRIMARY KEY (cohort, week)
) WITHOUT ROWID;

-- What was wanted most in the last so many days.
CREATE TABLE stats_tops (
    sort    TEXT    NOT NULL,
    days    INTEGER NOT NULL,
    place   INTEGER NOT NULL,
    subject TEXT    NOT NULL,
    count   BIGINT  NOT NULL,
    PRIMARY KEY (sort, days, place)
) WITHOUT ROWID;

-- 11 Alerts: one row for each opening. `card_id` is the first alert of the message that tells of it,
-- and NULL until it is told; what is newer than what was shown is yet to be shown there.
CREATE TABLE alerts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    key         TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    severity    TEXT    NOT NULL CHECK (severity IN ('page', 'ticket', 'info')),
    source      TEXT    NOT NULL CHECK (source IN ('own', 'alertmanager')),
    details     TEXT    NOT NULL,
    openings    INTEGER NOT NULL,
    opened_at   BIGINT NOT NULL,
    resolved_at BIGINT,
    acked_by    BIGINT,
    acked_at    BIGINT,
    card_id     BIGINT,
    reminded_at BIGINT,
    version     BIGINT  NOT NULL DEFAULT 1,
    shown       BIGINT  NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX alerts_open ON alerts (key) WHERE resolved_at IS NULL;
CREATE INDEX alerts_open_list ON alerts (id) WHERE resolved_at IS NULL;
CREATE INDEX alerts_key ON alerts (key, opened_at);
CREATE INDEX alerts_name ON alerts (name, id);
CREATE INDEX alerts_card ON alerts (card_id) WHERE card_id IS NOT NULL;
CREATE INDEX alerts_unshown ON alerts (id) WHERE shown < version;
CREATE INDEX alerts_resolved ON alerts (resolved_at) WHERE resolved_at IS NOT NULL;

-- The message of a card in an admin's chat; without one it waits for the end of their quiet hours.
CREATE TABLE alert_messages (
    card_id    BIGINT NOT NULL,
    user_id    BIGINT NOT NULL,
    outbox_id  BIGINT,
    not_before BIGINT,
    PRIMARY KEY (card_id, user_id)
) WITHOUT ROWID;
CREATE INDEX alert_messages_waiting ON alert_messages (not_before) WHERE outbox_id IS NULL;

-- What fires at Prometheus, as Alertmanager has posted it last; and its sign of life.
CREATE TABLE alert_signals (
    fingerprint TEXT   PRIMARY KEY NOT NULL,
    name        TEXT   NOT NULL,
    severity    TEXT   NOT NULL,
    details     TEXT   NOT NULL,
    began_at    BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL
);
CREATE INDEX alert_signals_seen ON alert_signals (seen_at);

-- Alerts of these names are not told until then.
CREATE TABLE silences (
    id          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name        TEXT   NOT NULL,
    ends_at     BIGINT NOT NULL,
    created_by  BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX silences_end ON silences (ends_at);
-- 11 Dashboard. Keys of links, by their hashes: each is good once. And passes whose holders have
-- left before their time, as `left:<person>.<nonce>`.
CREATE TABLE dashboard_keys (
    hash       TEXT PRIMARY KEY NOT NULL,
    user_id    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX dashboard_keys_user ON dashboard_keys (user_id);

-- Queues of which no job is given out.
CREATE TABLE queue_pauses (
    queue     TEXT PRIMARY KEY NOT NULL,
    paused_at BIGINT NOT NULL
);

-- Codes that make whoever uses them an owner, by their hashes: each is good once.
CREATE TABLE owner_codes (
    hash       TEXT PRIMARY KEY NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Who is shut out. A mark is a keyed hash of a person's number, which only this installation can
-- compute; nothing else is kept of them here, so that it outlives whatever they erase.
CREATE TABLE bans (
    mark      TEXT PRIMARY KEY NOT NULL,
    banned_at BIGINT NOT NULL,
    is_told   BOOLEAN NOT NULL DEFAULT FALSE
);
