//! Bans: a mark that names nobody, and what it takes with it.

use primelingo::domain::audit::{AuditAction, AuditRequest, COMMAND_LINE};
use primelingo::domain::broadcast::{
    Audience, BroadcastState, Content, Control, NewBroadcast, RecipientEnd,
};
use primelingo::domain::digest::DIGEST;
use primelingo::domain::effect::Change;
use primelingo::domain::ids::{
    AudienceListId, BroadcastId, CategoryId, ChatId, JobId, MaterialId, OutboxId, SeriesId, UserId,
};
use primelingo::domain::incident::Cause;
use primelingo::domain::inspection::Kind;
use primelingo::domain::material::{MaterialState, Processing};
use primelingo::domain::people::{Ban, PeopleChange};
use primelingo::domain::role::Role;
use primelingo::domain::series::{Every, NewSeries, Repeat};
use primelingo::store::records::{
    FillCursor, ListenersRequest, NewOutbox, News, OutboxClass, Relied, StepCommit, UploadOutcome,
};

use super::broadcasts::words::{ID, delivered, outcome, plan, settlement};
use super::fixture::{Store, at, conflict};
use super::notices::{ANN, BOB};
use super::words::{
    CHAT, EDITOR, described, inspection, key, plain, ready, reply, seen, step, terms,
};

contract! {
    a_ban_holds_a_mark_and_no_number,
    a_ban_is_refused_where_the_rank_is_not_below,
    who_is_banned_is_in_no_audience,
    what_waits_for_the_banned_counts_as_blocked,
    news_that_wait_for_the_banned_are_gone,
    files_of_whoever_is_no_editor_any_more_wait_for_nobody,
    letters_of_whoever_is_no_admin_any_more_are_held,
    a_held_letter_goes_on_in_time,
    a_step_under_way_does_not_outlive_a_ban,
    nobody_banned_is_told_of_news,
    people_are_found_by_number_name_and_at_name,
}

/// Somebody who decides.
const BY: UserId = UserId(3);

async fn ban(store: &Store, user: UserId) -> bool {
    let change = PeopleChange::Ban { user, below: Role::Owner };
    store.db.people_change(change, BY, at(1)).await.unwrap()
}

async fn a_ban_holds_a_mark_and_no_number(store: &Store) {
    store.db.user_set_role(EDITOR, Role::Editor, at(0)).await.unwrap();
    assert_eq!(store.db.chat_load(key(CHAT)).await.unwrap().bans, 0);
    assert!(ban(store, EDITOR).await);
    assert!(!ban(store, EDITOR).await, "twice is once");
    let state = store.db.chat_load(key(CHAT)).await.unwrap();
    assert_eq!((state.ban, state.bans), (Some(Ban { is_told: false }), 1));
    let user = state.user.unwrap();
    assert_eq!((user.role, user.reachable), (Role::Learner, false));
    let marks = store.place.texts("SELECT mark FROM bans").await;
    assert_eq!((marks.len(), marks[0].len()), (1, 64));

    let conflict_of = conflict(store.db.user_set_role(EDITOR, Role::Admin, at(2)).await);
    assert_eq!(conflict_of, "ban");
    assert!(store.db.people_change(PeopleChange::NoteTold, EDITOR, at(2)).await.unwrap());
    let told = store.db.chat_load(key(CHAT)).await.unwrap().ban;
    assert_eq!(told, Some(Ban { is_told: true }));
    for expected in [true, false] {
        let unban = store.db.people_change(PeopleChange::Unban(EDITOR), BY, at(3)).await;
        assert_eq!(unban.unwrap(), expected);
    }
    let state = store.db.chat_load(key(CHAT)).await.unwrap();
    assert_eq!((state.ban, state.bans), (None, 2));
    assert!(state.user.unwrap().reachable);
    let request = AuditRequest { limit: 9, ..AuditRequest::default() };
    let notes = store.db.audit_list(request).await.unwrap();
    let of_bans = notes.iter().filter(|entry| entry.note.actor == BY);
    let actions: Vec<AuditAction> = of_bans.map(|entry| entry.note.action).collect();
    assert_eq!(actions, [AuditAction::Unban, AuditAction::Ban], "once each");
}

async fn a_ban_is_refused_where_the_rank_is_not_below(store: &Store) {
    for (role, below, is_refused) in [
        (Role::Owner, Role::Owner, true),
        (Role::Admin, Role::Admin, true),
        (Role::Owner, Role::Admin, true),
        (Role::Admin, Role::Owner, false),
    ] {
        store.db.user_set_role(EDITOR, role, at(0)).await.unwrap();
        let change = PeopleChange::Ban { user: EDITOR, below };
        let refused = store.db.people_change(change, COMMAND_LINE, at(1)).await;
        assert_eq!(refused.is_err(), is_refused, "{role:?} below {below:?}");
        assert_eq!(store.rows("bans").await, i64::from(!is_refused));
    }
    let myself = PeopleChange::Ban { user: BY, below: Role::Owner };
    assert_eq!(conflict(store.db.people_change(myself, BY, at(1)).await), "rank");
}

async fn who_is_banned_is_in_no_audience(store: &Store) {
    let seq = store.waiting_update(CHAT).await;
    let seen = Some(seen(EDITOR, "Ann", primelingo::domain::lang::Lang::En));
    store.db.step_commit(StepCommit { seen, now: at(1), ..step(seq) }).await.unwrap();
    // One of them has never written, or is forgotten.
    let list = AudienceListId(1);
    let chats = vec![ChatId(EDITOR.0), ChatId(8), ChatId(9)];
    store.db.audience_list_add(list, chats).await.unwrap();
    let audience = async |audience: Audience| {
        let cursor = FillCursor::default();
        let slice = store.db.audience_slice(audience, at(9), cursor, 99).await.unwrap();
        slice.chats.into_iter().map(|(chat, _)| chat.0).collect::<Vec<_>>()
    };
    assert_eq!(audience(Audience::All).await, [EDITOR.0]);
    assert_eq!(audience(Audience::List { list }).await.len(), 3);
    ban(store, EDITOR).await;
    ban(store, UserId(8)).await;
    assert!(audience(Audience::All).await.is_empty());
    assert_eq!(audience(Audience::List { list }).await, [9]);
    assert_eq!(store.db.bans_among(vec![EDITOR, UserId(9)]).await.unwrap(), [EDITOR]);
}

async fn what_waits_for_the_banned_counts_as_blocked(store: &Store) {
    store.begun(plan(), &[11, 12, 13]).await;
    let deferred = outcome(2, RecipientEnd::Deferred(at(99)));
    store.db.broadcast_settle(settlement(vec![delivered(1), deferred], 3), at(7)).await.unwrap();
    let counts = async || {
        let it = store.db.broadcast_get(ID).await.unwrap().unwrap().progress;
        (it.filled, it.delivered, it.blocked, it.pending())
    };
    assert_eq!(counts().await, (3, 1, 0, 2));
    ban(store, UserId(11)).await;
    assert_eq!(counts().await, (3, 1, 0, 2), "what was delivered stays");
    ban(store, UserId(12)).await;
    assert_eq!(counts().await, (3, 1, 1, 1));
    // The runner settles the others: of the banned one nothing is counted twice.
    let outcomes = vec![delivered(2), delivered(3)];
    store.db.broadcast_settle(settlement(outcomes, 3), at(8)).await.unwrap();
    assert_eq!(counts().await, (3, 2, 1, 0));
}

async fn news_that_wait_for_the_banned_are_gone(store: &Store) {
    let news =
        |id: i64, chat: i64| NewOutbox { class: OutboxClass::Bulk, ..reply(id, ChatId(chat)) };
    let waiting = vec![news(1, 11), news(2, 11), reply(3, ChatId(11)), news(4, 12)];
    store.db.outbox_insert(waiting, at(0)).await.unwrap();
    store.db.outbox_begin(vec![OutboxId(1)]).await.unwrap();
    ban(store, UserId(11)).await;
    let open = store.db.outbox_open(OutboxId(0), 9).await.unwrap();
    let open: Vec<i64> = open.iter().map(|item| item.message.id.0).collect();
    assert_eq!(open, [1, 3, 4], "what is being sent, answers and the news of others stay");
}

async fn people_are_found_by_number_name_and_at_name(store: &Store) {
    for (id, name) in [(21, "Каримова Зилола"), (22, "100% Bob_"), (23, "bobby")] {
        let seq = store.waiting_update(CHAT).await;
        let mut seen = seen(UserId(id), name, primelingo::domain::lang::Lang::En);
        seen.username = Some(format!("Name_{id}"));
        store
            .db
            .step_commit(StepCommit { seen: Some(seen), now: at(id), ..step(seq) })
            .await
            .unwrap();
    }
    let found = async |text: &str| {
        let people = store.db.people_find(text.to_owned(), vec![UserId(22)], 9).await.unwrap();
        people.iter().map(|person| person.id.0).collect::<Vec<_>>()
    };
    assert_eq!(found("каримова").await, [21]);
    assert_eq!(found("Зилола").await, [21]);
    assert_eq!(found("BOB").await, [23, 22], "who was seen last comes first");
    assert_eq!(found("@name_21").await, [21]);
    assert_eq!(found("%").await, [22], "a sign stands for itself");
    assert_eq!(found("_").await, [22]);
    let card = store.db.person_card(UserId(22), vec![UserId(22)]).await.unwrap();
    assert_eq!((card.role(), card.is_configured), (Role::Owner, true));
    let staff = store.db.people_staff(vec![UserId(22), UserId(99)], 9).await.unwrap();
    assert_eq!(staff.iter().map(|person| person.id.0).collect::<Vec<_>>(), [22, 99]);
}

/// The ways to lose a role: by a ban, and by another role.
async fn fall(store: &Store, to: Option<Role>) {
    let change = match to {
        Some(role) => PeopleChange::Give(EDITOR, role),
        None => PeopleChange::Ban { user: EDITOR, below: Role::Owner },
    };
    assert!(store.db.people_change(change, BY, at(1)).await.unwrap());
}

async fn files_of_whoever_is_no_editor_any_more_wait_for_nobody(store: &Store) {
    let waits = async |id: i64| {
        store.open_material(id).await;
        let described = described("Early");
        let settled = store.settle(id, &described, MaterialState::Waiting, Processing::Pending);
        settled.await.unwrap();
    };
    let state = async |id: i64| store.db.material_get(MaterialId(id)).await.unwrap().unwrap().state;
    let give = async |role| store.db.user_set_role(EDITOR, role, at(0)).await.unwrap();
    for (id, to) in [(1, Some(Role::Learner)), (2, None)] {
        give(Role::Admin).await;
        waits(id).await;
        fall(store, Some(Role::Editor)).await;
        assert_eq!(state(id).await, MaterialState::Waiting, "an editor's still");
        // One was given up, and may be given another try.
        let given_up = id + 10;
        waits(given_up).await;
        let failed = UploadOutcome::Failed { error: "x".to_owned(), cause: Cause::Error };
        store.finish(given_up, MaterialState::Waiting, failed).await.unwrap();
        fall(store, to).await;
        assert_eq!(state(id).await, MaterialState::Draft, "{to:?}");

        // The worker has read it before.
        let found = || ready(&format!("hash-{id}"), inspection(Kind::Book, &[]), None);
        let publish = ready("x", inspection(Kind::Book, &[]), Some(terms("Early", "")));
        let late = store.finish(id, MaterialState::Waiting, publish).await;
        assert_eq!(conflict(late), "material");
        store.place.execute("DELETE FROM jobs WHERE state = 'running'").await;
        store.finish(id, MaterialState::Draft, found()).await.unwrap();
        assert_eq!(state(id).await, MaterialState::Draft);

        let dead = store.place.number("SELECT max(id) FROM jobs WHERE state = 'dead'").await;
        assert!(store.db.job_retry(JobId(dead), at(9)).await.unwrap());
        assert_eq!(state(given_up).await, MaterialState::Draft, "{to:?}");
    }
}

async fn letters_of_whoever_is_no_admin_any_more_are_held(store: &Store) {
    let db = &store.db;
    let repeat = Repeat { every: Every::Daily, at_min: 540, zone: "UTC".to_owned() };
    for (number, to) in [(1, Some(Role::Editor)), (2, None)] {
        db.user_set_role(EDITOR, Role::Admin, at(0)).await.unwrap();
        let id = |which: i64| BroadcastId(which * 10 + number);
        store.begun(NewBroadcast { id: id(1), ..plan() }, &[11]).await;
        let digest = Content::Digest { since: at(0), until: at(9) };
        for plan in [
            NewBroadcast { id: id(2), ..plan() },
            NewBroadcast { id: id(3), content: digest, ..plan() },
            NewBroadcast { id: id(4), by: UserId(77), ..plan() },
        ] {
            assert!(db.broadcast_create(plan, at(0)).await.unwrap());
        }
        let digests = NewSeries::digest(DIGEST, EDITOR, CHAT, repeat.clone(), at(0));
        let content = Some(plan().content);
        let words = NewSeries { id: SeriesId(7), content, ..digests.clone() };
        for series in [digests, words] {
            db.series_create(series, at(0)).await.unwrap();
        }
        fall(store, to).await;
        let mut states = Vec::new();
        for which in 1..=4 {
            states.push(db.broadcast_get(id(which)).await.unwrap().unwrap().state);
        }
        let (held, planned) = (BroadcastState::Paused, BroadcastState::Scheduled);
        assert_eq!(states, [held, held, planned, planned], "{to:?}");
        let left = db.series_list().await.unwrap();
        assert_eq!(left.iter().map(|it| it.plan.id).collect::<Vec<_>>(), [DIGEST], "{to:?}");
        // It stands in nobody's way, as they could not end it.
        store
            .place
            .execute("UPDATE broadcasts SET state = 'done' WHERE content LIKE '%digest%'")
            .await;
        assert_eq!(db.privacy_facts(EDITOR, at(0)).await.unwrap().under_way, None);
    }
    let request = AuditRequest { limit: 99, ..AuditRequest::default() };
    let notes = db.audit_list(request).await.unwrap();
    let by =
        |action| notes.iter().filter(|it| it.note.actor == BY && it.note.action == action).count();
    assert_eq!((by(AuditAction::ControlBroadcast), by(AuditAction::SetSeries)), (4, 2));
}

async fn a_held_letter_goes_on_in_time(store: &Store) {
    let db = &store.db;
    db.user_set_role(EDITOR, Role::Admin, at(0)).await.unwrap();
    let id = BroadcastId;
    store.begun(NewBroadcast { id: id(1), ..plan() }, &[11]).await;
    for (number, start_at) in [(2, at(100)), (3, at(9_000))] {
        let plan = NewBroadcast { id: id(number), start_at, ..plan() };
        assert!(db.broadcast_create(plan, at(0)).await.unwrap());
    }
    ban(store, EDITOR).await;
    let mut found = Vec::new();
    for number in 1..=3 {
        assert!(db.broadcast_control(id(number), Control::Resume, at(5_000)).await.unwrap());
        let broadcast = db.broadcast_get(id(number)).await.unwrap().unwrap();
        found.push((broadcast.state, broadcast.plan.start_at));
    }
    let expected = [
        (BroadcastState::Running, at(1)),
        (BroadcastState::Scheduled, at(5_000)),
        (BroadcastState::Scheduled, at(9_000)),
    ];
    assert_eq!(found, expected, "what had begun goes on, the rest begins in time");
}

async fn a_step_under_way_does_not_outlive_a_ban(store: &Store) {
    let first = store.waiting_update(CHAT).await;
    let seen = || Some(seen(EDITOR, "Ann", primelingo::domain::lang::Lang::En));
    store.db.step_commit(StepCommit { seen: seen(), now: at(0), ..step(first) }).await.unwrap();
    // Somebody else's ban changes the list, too; theirs changes nothing else that is compared.
    for (user, expected) in [(UserId(8), "copy"), (EDITOR, "copy")] {
        let relied = Relied::on(key(CHAT), &store.db.chat_load(key(CHAT)).await.unwrap());
        let seq = store.waiting_update(CHAT).await;
        ban(store, user).await;
        let late = StepCommit { relied: Some(relied), seen: seen(), now: at(2), ..step(seq) };
        assert_eq!(conflict(store.db.step_commit(late).await), expected);
    }
    assert!(!store.db.user_get(EDITOR).await.unwrap().unwrap().reachable);
}

async fn nobody_banned_is_told_of_news(store: &Store) {
    super::notices::sections(store).await;
    for user in [ANN, BOB] {
        let change = Change::Follow { category: CategoryId(1), follow: true };
        let seq = store.waiting_update(ChatId(user.0)).await;
        let seen = Some(seen(user, "Somebody", primelingo::domain::lang::Lang::En));
        let (user, changes) = (Some(user), vec![plain(change)]);
        store.db.step_commit(StepCommit { changes, seen, user, ..step(seq) }).await.unwrap();
    }
    ban(store, ANN).await;
    // A step that was under way, or an import, made them reachable again.
    store.place.execute("UPDATE users SET reachable = TRUE").await;
    let (news, sections) = (News::Material(MaterialId(1)), vec![CategoryId(1)]);
    let request = ListenersRequest { news, sections, after: UserId(0), limit: 9 };
    let page = store.db.listeners(request).await.unwrap();
    let told: Vec<_> = page.people.iter().map(|it| (it.user, it.is_reachable)).collect();
    assert_eq!((told, page.last), (vec![(ANN, false), (BOB, true)], Some(BOB)));
}
