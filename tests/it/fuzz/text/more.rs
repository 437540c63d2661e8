//! The larger groups of views: broadcasts, the desk, the shelf, alerts.

use primelingo::domain::alert::{
    Acked, Alert, AlertCard, AlertDetails, AlertFacts, AlertsView, Severity, Silence, Source,
};
use primelingo::domain::audit::{AuditAction, AuditDetails, AuditEntry, AuditNote};
use primelingo::domain::broadcast::{
    Asked, Audience, Broadcast, BroadcastList, BroadcastState, BroadcastView, Cause, ComposeCard,
    Content, DoubtPolicy, Hint, LinkButton, LinkProblem, NewBroadcast, Progress, Question,
    QuietHours, Standing,
};
use primelingo::domain::calendar::{TimeError, Zone};
use primelingo::domain::desk::{
    ArchivedPage, AuditPage, DeskView, EditCard, EditSaid, MergeQuestion, NameMisfit, SectionCard,
    SectionCounts, SectionPick, SectionSaid,
};
use primelingo::domain::edition;
use primelingo::domain::html::TemplateProblem;
use primelingo::domain::ids::{
    AlertId, AudienceListId, BroadcastId, ChatId, OutboxId, SeriesId, SilenceId, UserId,
};
use primelingo::domain::lang::Lang;
use primelingo::domain::role::Role;
use primelingo::domain::search_page::Total;
use primelingo::domain::sections::Misfit;
use primelingo::domain::series::{Every, NewSeries, Repeat, Series};
use primelingo::domain::session::{Compose, ComposeStep, Recurrence, Step};
use primelingo::domain::shelf::preference::Ask;
use primelingo::domain::shelf::{
    Alike, Case, Edge, List, Listing, Placed, Preferring, Reason, ShelfView,
};
use primelingo::domain::user::Preferences;

use super::views::{ID, NODE, category, entry, material, now, question};

const OF: BroadcastId = BroadcastId(i64::MAX >> 2);

fn content(word: &str) -> Content {
    let button = LinkButton { text: word.to_owned(), url: "https://example.org/".to_owned() };
    Content::Text { template: "Hello {name}".to_owned(), buttons: vec![button] }
}

fn plan(word: &str) -> NewBroadcast {
    NewBroadcast {
        id: OF,
        by: UserId(5),
        card: None,
        content: content(word),
        audience: Audience::Followers { category: NODE },
        doubt: DoubtPolicy::Skip,
        quiet: QuietHours::new(1_320, 480, Zone::UTC),
        paid: true,
        start_at: now(),
        slot: None,
    }
}

fn broadcast(word: &str, state: BroadcastState) -> Broadcast {
    Broadcast {
        plan: plan(word),
        state,
        stop_reason: Some(word.to_owned()),
        created_at: now(),
        started_at: Some(now()),
        done_at: Some(now()),
        progress: Progress {
            filled: 9,
            is_filled: true,
            delivered: 5,
            blocked: 1,
            failed: 2,
            ..Progress::default()
        },
    }
}

fn series(word: &str) -> NewSeries {
    NewSeries {
        id: SeriesId(3),
        by: UserId(5),
        chat: ChatId(5),
        content: Some(content(word)),
        audience: Audience::Role { role: Role::Editor },
        doubt: DoubtPolicy::Resend,
        quiet: None,
        paid: false,
        repeat: Repeat { every: Every::Daily, at_min: 540, zone: "UTC".to_owned() },
        next_at: now(),
    }
}

fn hints(word: &str) -> Vec<Hint> {
    let line = |why| Hint::BadLine { line: 2, why };
    let text = || word.to_owned();
    let problems = [
        TemplateProblem::UnknownTag(text()),
        TemplateProblem::BrokenTag,
        TemplateProblem::Unclosed(text()),
        TemplateProblem::Unopened(text()),
        TemplateProblem::Nesting { tag: text(), inside: text() },
        TemplateProblem::BadAttribute(text()),
        TemplateProblem::BadLink(text()),
        TemplateProblem::BadEntity,
        TemplateProblem::BareSign,
        TemplateProblem::TooLong { longest: 5_000, limit: 4_096 },
    ];
    let mut all = vec![
        Hint::NotUnderstood,
        Hint::CannotBeCopied,
        Hint::TooLong { longest: 5_000, limit: 4_096 },
        Hint::AlbumHasNoName,
        Hint::AlbumGrew { parts: 3 },
        line(LinkProblem::NoPair),
        line(LinkProblem::BadLink),
        line(LinkProblem::NoMaterial),
        Hint::TooManyButtons,
        Hint::NobodyThere,
        Hint::TooLate,
        Hint::BadTime(TimeError::Past),
        Hint::ZoneSet,
        Hint::SentToYou,
    ];
    all.extend(problems.map(Hint::Broken));
    all
}

pub fn broadcasts(word: &str) -> Vec<BroadcastView> {
    let compose = |step, hint| {
        let compose = Compose {
            step,
            reviewed: true,
            content: Some(content(word)),
            audience: Some(Audience::Followers { category: NODE }),
            section: Some(word.to_owned()),
            count: 1_234,
            start_at: Some(now()),
            repeat: Recurrence::Weekly,
            paid: true,
            ..Compose::new(OF, OutboxId(4))
        };
        BroadcastView::Compose(Box::new(ComposeCard {
            compose,
            zone: Zone::UTC,
            quiet: QuietHours::new(1_320, 480, Zone::UTC),
            inside: Some(category(word)),
            categories: vec![category(word); 2],
            hint,
        }))
    };
    let steps = [
        ComposeStep::Content,
        ComposeStep::Buttons,
        ComposeStep::Audience,
        ComposeStep::Language,
        ComposeStep::Section { inside: Some(NODE) },
        ComposeStep::Role,
        ComposeStep::List,
        ComposeStep::When,
        ComposeStep::Review,
        ComposeStep::Price,
        ComposeStep::Confirm { asked_s: 1_790_000_000 },
    ];
    let mut all = steps.map(|step| compose(step, None)).to_vec();
    all.extend(hints(word).into_iter().map(|hint| compose(ComposeStep::Content, Some(hint))));
    let causes = vec![Cause { state: "failed".to_owned(), reason: word.to_owned(), count: 2 }; 2];
    all.extend(BroadcastState::ALL.map(|state| {
        BroadcastView::Progress(Box::new(Standing {
            broadcast: broadcast(word, state),
            zone: Zone::UTC,
            rate_per_s: Some(24.5),
            left_s: Some(90),
            quiet_until: Some(now()),
            causes: causes.clone(),
        }))
    }));
    all.push(BroadcastView::Series(Box::new(series(word))));
    for about in [Asked::Cancel, Asked::Retry { fresh: OF }, Asked::Undo { fresh: OF }] {
        let asked = Question { broadcast: OF, about, count: 3, asked_s: 1_790_000_000 };
        all.push(BroadcastView::Ask(Box::new(asked)));
    }
    all.push(BroadcastView::List(Box::new(BroadcastList {
        open: vec![broadcast(word, BroadcastState::Running)],
        series: vec![Series { plan: series(word), ended_at: None, created_at: now() }],
        past: vec![broadcast(word, BroadcastState::Stopped)],
        next: Some(OF),
        is_first: true,
        zone: Some(Zone::UTC),
    })));
    all.push(BroadcastView::Late { planned: now(), zone: Zone::UTC });
    all.push(BroadcastView::Missed { planned: now(), zone: Zone::UTC });
    all.push(BroadcastView::Stopped { reason: word.to_owned() });
    let audiences = [
        Audience::All,
        Audience::Language { lang: Lang::Uz },
        Audience::Active { days: 30 },
        Audience::Role { role: Role::Admin },
        Audience::List { list: AudienceListId(3) },
        Audience::FailedOf { broadcast: OF },
        Audience::DeliveredOf { broadcast: OF },
    ];
    for audience in audiences {
        let mut broadcast = broadcast(word, BroadcastState::Done);
        broadcast.plan.audience = audience;
        all.push(BroadcastView::Progress(Box::new(Standing::still(
            Zone::UTC,
            broadcast,
            causes.clone(),
        ))));
    }
    all
}

pub fn desk(word: &str) -> Vec<DeskView> {
    let named = || (NODE, word.to_owned());
    let edits = [
        EditSaid::Saved,
        EditSaid::Archived,
        EditSaid::Restored,
        EditSaid::Undone,
        EditSaid::Overtaken,
        EditSaid::NothingToUndo,
        EditSaid::SectionGone,
        EditSaid::Double { title: word.to_owned() },
    ];
    let standing = || edition::Standing { target: material(word), edition: 2, takers: 5 };
    let mut all: Vec<DeskView> = edits
        .map(|said| {
            let path = vec![word.to_owned(); 2];
            DeskView::Card(Box::new(EditCard {
                standing: standing(),
                seen: 3,
                path,
                can_undo: true,
                said: Some(said),
            }))
        })
        .to_vec();
    let counts = SectionCounts { published: 3, kept: 2, drafts: 1 };
    let said = [
        SectionSaid::Created(word.to_owned()),
        SectionSaid::Renamed,
        SectionSaid::Moved,
        SectionSaid::Merged(word.to_owned()),
        SectionSaid::Deleted(word.to_owned()),
        SectionSaid::Misfit(Misfit::SameName),
    ];
    all.extend(said.map(|said| {
        DeskView::Section(Box::new(SectionCard {
            section: Some(NODE),
            parent: Some(NODE),
            path: vec![word.to_owned(); 3],
            children: vec![named(); 3],
            counts: Some((counts, counts)),
            said: Some(said),
        }))
    }));
    for merges in [false, true] {
        all.push(DeskView::Pick(Box::new(SectionPick {
            section: NODE,
            title: word.to_owned(),
            merges,
            inside: Some(named()),
            above: None,
            children: vec![named(); 2],
            fits: true,
        })));
    }
    for misfit in [None, Some(NameMisfit::Empty), Some(NameMisfit::Overtaken)] {
        for is_new in [false, true] {
            all.push(DeskView::AskName { section: Some(named()), is_new, misfit });
        }
    }
    all.push(DeskView::AskMerge(Box::new(MergeQuestion {
        from: NODE,
        from_title: word.to_owned(),
        to: NODE,
        to_title: word.to_owned(),
        materials: 3,
        moved: 2,
        joined: 1,
    })));
    all.push(DeskView::AskDelete { section: NODE, title: word.to_owned(), drafts: 2 });
    all.push(DeskView::Archived(ArchivedPage {
        entries: vec![entry(word); 3],
        has_more: true,
        is_first: false,
    }));
    all.push(DeskView::Audit(audit(word)));
    let steps = [
        Step::Title,
        Step::Category { inside: Some(NODE) },
        Step::Level,
        Step::Language,
        Step::Tags,
    ];
    all.extend(
        steps.map(|step| DeskView::Question { seen: 3, question: Box::new(question(word, step)) }),
    );
    all
}

fn audit(word: &str) -> AuditPage {
    let text = || Some(word.to_owned());
    let entry = |action, field: Option<&str>| AuditEntry {
        id: 9,
        at: now(),
        note: AuditNote {
            actor: UserId(5),
            action,
            subject: 77,
            details: AuditDetails {
                field: field.map(str::to_owned),
                before: text(),
                after: text(),
                target: text(),
                via: text(),
            },
        },
        actor_name: text(),
        subject_name: text(),
    };
    AuditPage {
        subject: None,
        entries: [None, Some("title"), Some("section"), Some("language"), Some("tags"), Some(word)]
            .map(|field| entry(AuditAction::Edit, field))
            .into_iter()
            .chain(AuditAction::ALL.map(|action| entry(action, None)).into_iter().take(3))
            .collect(),
        sections: vec![(NODE, word.to_owned())],
        has_more: true,
        is_first: false,
    }
}

pub fn shelf(word: &str) -> Vec<ShelfView> {
    let title = || word.to_owned();
    let placed = || Placed { entry: entry(word), edge: Edge::TOP };
    let lists = [
        List::New,
        List::Section { category: NODE, level: None },
        List::Favourites,
        List::History,
        List::Drafts,
        List::Broken,
    ];
    let mut all: Vec<ShelfView> = lists
        .map(|list| {
            ShelfView::List(Listing {
                list,
                node: Some(category(word)),
                page: 2,
                page_size: 2,
                total: Total::Exactly(9),
                entries: vec![placed(), placed()],
                has_more: true,
            })
        })
        .to_vec();
    all.push(ShelfView::Alike(Alike {
        material: ID,
        title: title(),
        page: 1,
        page_size: 2,
        count: 7,
        entries: vec![entry(word); 2],
    }));
    let now = || Preferring {
        preferences: Preferences { time_zone: Some(title()), ..Preferences::default() },
    };
    all.push(ShelfView::Preferring { now: now(), ask: None });
    all.extend(Ask::ALL.map(|ask| ShelfView::Preferring { now: now(), ask: Some(ask) }));
    all.push(ShelfView::Reported { material: ID, title: title(), reason: Reason::Other });
    all.push(ShelfView::Case(Case {
        material: ID,
        title: title(),
        count: 3,
        reasons: vec![(Reason::Other, 2), (Reason::WrongFile, 1)],
    }));
    all.push(ShelfView::Settled { material: ID, title: title() });
    all
}

pub fn alerts(word: &str) -> Vec<AlertsView> {
    let text = || Some(word.to_owned());
    let alert = |resolved_at, name: &str| Alert {
        id: AlertId(i64::MAX >> 2),
        key: word.to_owned(),
        name: name.to_owned(),
        severity: Severity::Page,
        source: Source::Alertmanager,
        details: AlertDetails { subject: text(), text: text() },
        openings: 3,
        opened_at: now(),
        resolved_at,
        acked: Some(Acked { by: UserId(5), name: text(), at: now() }),
        card: None,
        reminded_at: None,
        version: 3,
    };
    let card = |alerts| {
        AlertsView::Card(AlertCard {
            id: AlertId(3),
            alerts,
            silenced_until: Some(now()),
            zone: Zone::UTC,
        })
    };
    let silence = Silence {
        id: SilenceId(3),
        name: word.to_owned(),
        until: now(),
        by: UserId(5),
        by_name: text(),
    };
    vec![
        card(vec![alert(None, word)]),
        card(vec![alert(Some(now()), word)]),
        card(vec![alert(None, word); 20]),
        AlertsView::Reminder(Box::new(alert(None, word))),
        AlertsView::List {
            facts: AlertFacts {
                open: vec![alert(None, word); 3],
                silences: vec![silence; 2],
                zone: text(),
            },
            zone: Zone::UTC,
        },
        AlertsView::List { facts: AlertFacts::default(), zone: Zone::UTC },
    ]
}
