//! The dialog about a broadcast, decision by decision.

use chrono::{DateTime, Duration};

use super::*;
use crate::domain::broadcast::{BroadcastChange, BroadcastRules, DoubtPolicy, NewBroadcast};
use crate::domain::calendar::TimeError;
use crate::domain::clock::Timestamp;
use crate::domain::effect::{Change, JobKind};
use crate::domain::event::{Entity, EntityKind, FileClass, FileRef};
use crate::domain::ids::{ChatId, IdSource, MessageId, UserId};
use crate::domain::intent::{Letter, LetterBody};
use crate::domain::lang::Lang;
use crate::domain::material::Card;
use crate::domain::outgoing::Outgoing;
use crate::domain::series::{Every, NewSeries};
use crate::domain::session::Recurrence;

mod controls;

const ID: BroadcastId = BroadcastId(90);
const CARD: OutboxId = OutboxId(91);
const CHAT: ChatId = ChatId(7);

const RULES: BroadcastRules = BroadcastRules { quiet: Some((22 * 60, 8 * 60)), zone: Zone::UTC };

/// 2027-01-15 08:00:00 UTC.
fn now() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn at(now: Timestamp, dialog: &Dialog, input: ComposeInput, facts: ComposeFacts) -> Decision {
    let ids = IdSource::new(1);
    let scene = Scene {
        chat: CHAT,
        thread: 0,
        user: UserId(7),
        first_name: "Ada",
        dialog,
        upload_limit: 1_000,
        bulk_max: 10,
        bot_username: "prime_bot",
        broadcasts: &RULES,
        now,
        ids: &ids,
    };
    go_on(scene, input, facts)
}

fn counted(count: u64) -> ComposeFacts {
    ComposeFacts { count: Some(count), ..ComposeFacts::default() }
}

fn dialog(compose: Compose) -> Dialog {
    Dialog::Broadcast(Box::new(compose))
}

fn begun(step: ComposeStep) -> Compose {
    Compose { step, ..Compose::new(ID, CARD) }
}

fn copy(messages: &[i64]) -> Content {
    let messages = messages.iter().map(|id| MessageId(*id)).collect();
    Content::Copy { from: CHAT, messages, buttons: Vec::new() }
}

/// All is said.
fn ready() -> Compose {
    Compose {
        reviewed: true,
        content: Some(copy(&[5])),
        audience: Some(Audience::All),
        count: 3,
        ..begun(ComposeStep::Review)
    }
}

fn press(compose: &Compose, act: ComposeAct, facts: ComposeFacts) -> Decision {
    let input = ComposeInput::Act { broadcast: ID, act };
    at(now(), &dialog(compose.clone()), input, facts)
}

fn letter(message: i64, body: LetterBody, text: Option<&str>) -> Letter {
    Letter {
        message: MessageId(message),
        body,
        text: text.map(str::to_owned),
        entities: Vec::new(),
        album: None,
        is_own: true,
    }
}

fn send(compose: &Compose, letter: Letter) -> Decision {
    let input = ComposeInput::Letter(Box::new(letter));
    at(now(), &dialog(compose.clone()), input, ComposeFacts::default())
}

fn say(compose: &Compose, text: &str) -> Decision {
    send(compose, letter(8, LetterBody::Text, Some(text)))
}

fn file(class: FileClass) -> LetterBody {
    LetterBody::File(FileRef {
        file_id: "F".to_owned(),
        unique_id: "U".to_owned(),
        class,
        name: None,
        mime: None,
        size: None,
        duration_s: None,
        title: None,
        performer: None,
    })
}

fn composed(decision: &Decision) -> &Compose {
    match &decision.dialog {
        Some(Dialog::Broadcast(compose)) => compose,
        other => panic!("no dialog: {other:?}"),
    }
}

/// What the card says about the answer.
fn hint(decision: &Decision) -> Option<&Hint> {
    decision.effects.iter().find_map(|effect| match effect {
        Effect::EditPost { view: View::Broadcast(BroadcastView::Compose(card)), .. } => {
            card.hint.as_ref()
        }
        _ => None,
    })
}

fn samples(decision: &Decision) -> Vec<&Outgoing> {
    let effects = decision.effects.iter();
    effects
        .filter_map(|effect| match effect {
            Effect::Send(message) => Some(&**message),
            _ => None,
        })
        .collect()
}

fn created(decision: &Decision) -> Option<&NewBroadcast> {
    decision.effects.iter().find_map(|effect| match effect {
        Effect::Change(Change::Broadcast(BroadcastChange::Create(new))) => Some(&**new),
        _ => None,
    })
}

fn notice(decision: &Decision) -> Option<BroadcastNotice> {
    decision.effects.iter().find_map(|effect| match effect {
        Effect::Show { view: View::Notice(Notice::Broadcast(notice)), .. } => Some(*notice),
        _ => None,
    })
}

#[test]
fn from_the_command_to_the_confirmation() {
    let begun = at(now(), &Dialog::Idle, ComposeInput::Begin, ComposeFacts::default());
    assert!(matches!(begun.effects.as_slice(), [Effect::Post { .. }]));
    let fresh = composed(&begun).clone();
    assert_eq!(fresh.step, ComposeStep::Content);
    let first = Compose { broadcast: ID, card: CARD, ..fresh };

    let told = say(&first, "hello");
    assert_eq!(composed(&told).content, Some(copy(&[8])));
    assert_eq!(composed(&told).step, ComposeStep::Buttons);
    let skipped = press(composed(&told), ComposeAct::Next, ComposeFacts::default());
    assert_eq!(composed(&skipped).step, ComposeStep::Audience);
    let chosen = press(composed(&skipped), ComposeAct::TakeAll, counted(3));
    assert_eq!((composed(&chosen).step, composed(&chosen).count), (ComposeStep::When, 3));
    let timed = press(composed(&chosen), ComposeAct::TakeNow, ComposeFacts::default());
    assert_eq!(composed(&timed).step, ComposeStep::Review);
    assert_eq!(samples(&timed).len(), 1, "what users will get");
    let asked = press(composed(&timed), ComposeAct::AskSend, counted(4));
    let asked_s = now().timestamp();
    assert_eq!(composed(&asked).step, ComposeStep::Confirm { asked_s });
    assert_eq!(composed(&asked).count, 4, "counted again");
    let sent = press(composed(&asked), ComposeAct::Send { asked_s }, ComposeFacts::default());
    assert_eq!(sent.dialog, Some(Dialog::Idle));
    let plan = NewBroadcast {
        id: ID,
        by: UserId(7),
        card: Some(Card { chat: CHAT, outbox: CARD }),
        content: copy(&[8]),
        audience: Audience::All,
        doubt: DoubtPolicy::Skip,
        quiet: QuietHours::new(22 * 60, 8 * 60, Zone::UTC),
        paid: false,
        start_at: now(),
        slot: None,
    };
    assert_eq!(created(&sent), Some(&plan));
}

#[test]
fn a_confirmation_counts_once_in_time_and_for_what_was_asked() {
    let asked_s = now().timestamp();
    let asked = dialog(Compose { step: ComposeStep::Confirm { asked_s }, ..ready() });
    let input = || ComposeInput::Act { broadcast: ID, act: ComposeAct::Send { asked_s } };
    let after =
        |seconds| at(now() + Duration::seconds(seconds), &asked, input(), ComposeFacts::default());
    assert!(created(&after(0)).is_some() && created(&after(60)).is_some());
    for seconds in [61, -1, 100_000] {
        let late = after(seconds);
        assert_eq!((created(&late), hint(&late)), (None, Some(&Hint::TooLate)), "{seconds}");
        assert_eq!(composed(&late).step, ComposeStep::Review);
    }
    // The button of an earlier question.
    let again = Compose { step: ComposeStep::Confirm { asked_s: asked_s + 1 }, ..ready() };
    let stale = press(&again, ComposeAct::Send { asked_s }, ComposeFacts::default());
    assert_eq!(created(&stale), None);
    // The second press finds no dialog.
    let twice = at(now(), &Dialog::Idle, input(), ComposeFacts::default());
    assert_eq!((created(&twice), notice(&twice)), (None, Some(BroadcastNotice::Over)));
    // Another broadcast is in the making.
    let other = dialog(Compose { broadcast: BroadcastId(1), ..ready() });
    let foreign = at(now(), &other, input(), ComposeFacts::default());
    assert_eq!((foreign.dialog.as_ref(), notice(&foreign)), (None, Some(BroadcastNotice::Over)));
}

#[test]
fn nobody_is_no_audience() {
    let asking = Compose { content: Some(copy(&[5])), ..begun(ComposeStep::Language) };
    let empty = press(&asking, ComposeAct::TakeLanguage(Lang::Uz), counted(0));
    assert_eq!(hint(&empty), Some(&Hint::NobodyThere));
    assert_eq!((composed(&empty).step, &composed(&empty).audience), (ComposeStep::Audience, &None));
    let gone = press(&ready(), ComposeAct::AskSend, counted(0));
    assert_eq!(
        (hint(&gone), composed(&gone).step),
        (Some(&Hint::NobodyThere), ComposeStep::Audience)
    );
}

#[test]
fn a_name_in_the_words_makes_a_template() {
    let named = |units: usize| format!("{{name}}{}", "x".repeat(units - 64));
    let text = |body: LetterBody, text: &str| {
        let entities = vec![Entity { offset: 0, length: 6, kind: EntityKind::Bold }];
        let letter = Letter { entities, ..letter(8, body, Some(text)) };
        send(&begun(ComposeStep::Content), letter)
    };
    let told = text(LetterBody::Text, "{name}!");
    let template = "<b>{name}</b>!".to_owned();
    let expected = Content::Text { template: template.clone(), buttons: Vec::new() };
    assert_eq!(composed(&told).content, Some(expected));
    let told = text(file(FileClass::Photo), "{name}!");
    let (class, file_id) = (FileClass::Photo, "F".to_owned());
    let expected = Content::File { class, file_id, template, buttons: Vec::new() };
    assert_eq!(composed(&told).content, Some(expected));

    for (body, limit) in [(LetterBody::Text, 4_096), (file(FileClass::Voice), 1_024)] {
        assert!(composed(&text(body.clone(), &named(limit))).content.is_some());
        let long = text(body, &named(limit + 1));
        assert_eq!(hint(&long), Some(&Hint::TooLong { longest: limit + 1, limit }));
        assert_eq!((composed(&long).step, &composed(&long).content), (ComposeStep::Content, &None));
    }
}

#[test]
fn an_album_grows_until_it_is_confirmed() {
    let part = |message| Letter {
        album: Some("A".to_owned()),
        ..letter(message, file(FileClass::Photo), None)
    };
    let first = send(&begun(ComposeStep::Content), part(6));
    assert_eq!(composed(&first).step, ComposeStep::Audience, "an album has no buttons");
    let second = send(composed(&first), part(5));
    assert_eq!(composed(&second).content, Some(copy(&[5, 6])));
    assert_eq!(composed(&second).step, ComposeStep::Audience);
    let asked_s = now().timestamp();
    let asked = Compose {
        step: ComposeStep::Confirm { asked_s },
        audience: Some(Audience::All),
        reviewed: true,
        ..composed(&second).clone()
    };
    let late = send(&asked, part(7));
    assert_eq!(composed(&late).content, Some(copy(&[5, 6, 7])));
    assert_eq!(composed(&late).step, ComposeStep::Review, "to be confirmed as it is now");
    assert_eq!(hint(&late), Some(&Hint::AlbumGrew { parts: 3 }));
    for act in [ComposeAct::AskPaid, ComposeAct::ChangeButtons] {
        assert_eq!(hint(&press(&asked, act, counted(3))), Some(&Hint::NotUnderstood), "{act:?}");
    }
    let named = Letter { text: Some("{name}".to_owned()), ..part(6) };
    assert_eq!(hint(&send(&begun(ComposeStep::Content), named)), Some(&Hint::AlbumHasNoName));
}

#[test]
fn what_cannot_be_copied_is_refused() {
    let body = LetterBody::Other { can_be_copied: false };
    let refused = send(&begun(ComposeStep::Content), letter(8, body, None));
    assert_eq!(hint(&refused), Some(&Hint::CannotBeCopied));
    let poll = letter(8, LetterBody::Other { can_be_copied: true }, None);
    assert_eq!(composed(&send(&begun(ComposeStep::Content), poll)).content, Some(copy(&[8])));
}

#[test]
fn buttons_are_read_and_kept_when_the_content_changes() {
    let asking = Compose { content: Some(copy(&[5])), ..begun(ComposeStep::Buttons) };
    let bad = say(&asking, "no link");
    assert!(matches!(hint(&bad), Some(Hint::BadLine { line: 1, .. })));
    assert_eq!(composed(&bad).step, ComposeStep::Buttons, "asked again");
    let told = say(&asking, "Site - https://e.org/");
    let link = LinkButton { text: "Site".to_owned(), url: "https://e.org/".to_owned() };
    assert_eq!(composed(&told).content.as_ref().unwrap().buttons(), std::slice::from_ref(&link));
    let asking = Compose { step: ComposeStep::Content, ..composed(&told).clone() };
    assert_eq!(composed(&say(&asking, "new")).content.as_ref().unwrap().buttons(), [link]);
    let gone = press(composed(&told), ComposeAct::DropButtons, ComposeFacts::default());
    assert_eq!(composed(&gone).content, Some(copy(&[5])));
}

#[test]
fn times_and_zones_are_read_in_words() {
    let asking = Compose { step: ComposeStep::When, ..ready() };
    let told = say(&asking, "tomorrow 9:00");
    assert_eq!(composed(&told).start_at, Some(now() + Duration::hours(25)));
    let moved = say(&asking, "Asia/Tashkent");
    assert_eq!(hint(&moved), Some(&Hint::ZoneSet));
    let zone = Zone::named("Asia/Tashkent").unwrap();
    let set = Effect::Change(Change::Broadcast(BroadcastChange::SetZone(zone)));
    assert_eq!(moved.effects.first(), Some(&set));
    let bad = say(&asking, "soon");
    assert_eq!(hint(&bad), Some(&Hint::BadTime(TimeError::Unreadable)));
    assert_eq!(composed(&bad).step, ComposeStep::When);
    let late = Compose { start_at: Some(now()), ..ready() };
    let asked = press(&late, ComposeAct::AskSend, counted(3));
    assert_eq!(hint(&asked), Some(&Hint::BadTime(TimeError::Past)));
}

#[test]
fn an_answer_in_words_is_by_own_hand() {
    let asking = Compose { content: Some(copy(&[5])), ..begun(ComposeStep::Buttons) };
    let forwarded =
        Letter { is_own: false, ..letter(8, LetterBody::Text, Some("Site - https://e.org")) };
    let refused = send(&asking, forwarded);
    let view = View::Notice(Notice::NotByOwnHand);
    assert_eq!(refused.effects, [Effect::Show { place: Place::New, view }]);
}

#[test]
fn every_answer_after_the_review_leads_back_to_it() {
    for act in [ComposeAct::ChangeContent, ComposeAct::ChangeAudience, ComposeAct::ChangeTime] {
        let asking = press(&ready(), act, ComposeFacts::default());
        let back = press(composed(&asking), ComposeAct::Back, ComposeFacts::default());
        assert_eq!(composed(&back), &ready(), "{act:?}");
    }
    let other = press(&ready(), ComposeAct::TakeActive(7), counted(2));
    assert_eq!((composed(&other).step, composed(&other).count), (ComposeStep::Review, 2));
    let asking = Compose { step: ComposeStep::Content, ..ready() };
    let changed = say(&asking, "new");
    assert_eq!((composed(&changed).step, samples(&changed).len()), (ComposeStep::Review, 1));
}

#[test]
fn paying_is_asked_on_its_own() {
    let asked = press(&ready(), ComposeAct::AskPaid, counted(3));
    assert_eq!((composed(&asked).step, composed(&asked).paid), (ComposeStep::Price, false));
    let paid = press(composed(&asked), ComposeAct::SetPaid(true), ComposeFacts::default());
    assert_eq!((composed(&paid).step, composed(&paid).paid), (ComposeStep::Review, true));
}

#[test]
fn a_sample_has_the_admins_own_name() {
    let content = Content::Text { template: "Dear {name}".to_owned(), buttons: Vec::new() };
    let compose = Compose { content: Some(content), ..ready() };
    let decision = press(&compose, ComposeAct::SendToMe, ComposeFacts::default());
    let [Outgoing::Text { html, .. }] = samples(&decision)[..] else { panic!("no sample") };
    assert_eq!(html.as_str(), "Dear Ada");
    assert_eq!(hint(&decision), Some(&Hint::SentToYou));
}

#[test]
fn what_repeats_becomes_a_series() {
    let asked_s = now().timestamp();
    let confirmed = |repeat| {
        let step = ComposeStep::Confirm { asked_s };
        let start_at = Some(now() + Duration::minutes(61));
        let zone = Zone::named("Asia/Tashkent");
        let compose = Compose { step, start_at, repeat, ..ready() };
        let facts = ComposeFacts { zone, ..ComposeFacts::default() };
        press(&compose, ComposeAct::Send { asked_s }, facts)
    };
    let series = |decision: &Decision| -> Option<NewSeries> {
        decision.effects.iter().find_map(|effect| match effect {
            Effect::Change(Change::Broadcast(BroadcastChange::Repeat(new))) => {
                Some((**new).clone())
            }
            _ => None,
        })
    };
    let weekly = series(&confirmed(Recurrence::Weekly)).expect("a series");
    // 2027-01-15, a Friday, 14:01 in Tashkent.
    let every = Every::Weekly { weekday: chrono::Weekday::Fri };
    assert_eq!((weekly.repeat.every, weekly.repeat.at_min), (every, 14 * 60 + 1));
    assert_eq!(weekly.repeat.zone, "Asia/Tashkent");
    assert_eq!(weekly.next_at, now() + Duration::minutes(61));
    assert_eq!(weekly.content, Some(copy(&[5])));
    let daily = series(&confirmed(Recurrence::Daily)).expect("a series");
    assert_eq!(daily.repeat.every, Every::Daily);
    let once = confirmed(Recurrence::Once);
    assert_eq!((series(&once), created(&once).is_some()), (None, true));
}

#[test]
fn a_file_of_chats_is_read_by_a_job() {
    let asking = Compose { content: Some(copy(&[5])), ..begun(ComposeStep::List) };
    let told = send(&asking, letter(8, file(FileClass::Document), None));
    let [Effect::Post { outbox, .. }, Effect::Enqueue(job)] = told.effects.as_slice() else {
        panic!("no job: {:?}", told.effects)
    };
    let JobKind::ReadAudience { list, card, broadcast, .. } = &job.kind else { panic!("{job:?}") };
    assert_eq!((job.id.0, card, *broadcast), (list.0, outbox, ID));
    let taken = press(&asking, ComposeAct::TakeList(*list), counted(2));
    assert_eq!(composed(&taken).audience, Some(Audience::List { list: *list }));
    let photo = send(&asking, letter(8, file(FileClass::Photo), None));
    assert_eq!(hint(&photo), Some(&Hint::NotUnderstood));
}

#[test]
fn leaving_sends_nothing() {
    let left = press(&ready(), ComposeAct::Cancel, ComposeFacts::default());
    assert_eq!((left.dialog.as_ref(), created(&left)), (Some(&Dialog::Idle), None));
    assert_eq!(left.effects.len(), 1, "the card says so");
}
