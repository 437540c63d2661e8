//! Every view with a text in each place where somebody else's words stand.

use chrono::DateTime;
use primelingo::domain::audience_list::{ListOutcome, ListRefusal, ListReport};
use primelingo::domain::batch::{BatchCounts, BatchEntry, BulkCard, BulkFacts};
use primelingo::domain::broadcast::BroadcastNotice;
use primelingo::domain::button::Facet;
use primelingo::domain::clock::Timestamp;
use primelingo::domain::desk::DeskNotice;
use primelingo::domain::digest::DigestCard;
use primelingo::domain::edition::{Comparison, ReplaceNotice, Side, Twin};
use primelingo::domain::effect::{CardStage, FileSummary, NoTable, Notice, Question, Review, View};
use primelingo::domain::event::{FileClass, FileRef};
use primelingo::domain::facts::{FacetChoice, FacetFacts};
use primelingo::domain::ids::{
    AudienceListId, BatchId, BroadcastId, CategoryId, JobId, MaterialId, QueryId, UpdateSeq, UserId,
};
use primelingo::domain::incident::{Cause, Incident, Subject};
use primelingo::domain::inspection::{Kind, Measures, PartKind, Rejection};
use primelingo::domain::material::{
    Category, Description, Filters, Level, Material, MaterialState, Processing, StudyLanguage,
};
use primelingo::domain::privacy::PrivacyView;
use primelingo::domain::search_page::{Entry, Hit, Inside, SearchPage, Total};
use primelingo::domain::session::{BulkStep, Step};
use primelingo::domain::shelf::ShelfNotice;
use primelingo::domain::statistics::{Day, DayFigures, StatsCard, StatsReport, Top, TopMaterial};
use primelingo::domain::tell::Announcement;
use primelingo::domain::uploads::{Standing, UnderWay};

pub const FAR: i64 = i64::MAX >> 2;
pub const ID: MaterialId = MaterialId(FAR);
pub const NODE: CategoryId = CategoryId(FAR);

pub fn now() -> Timestamp {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// The views in groups of like size, each with `word` in it.
pub const GROUPS: [fn(&str) -> Vec<View>; 14] = [
    plain,
    |word| notices(word).into_iter().map(View::Notice).collect(),
    searches,
    uploads,
    |word| {
        let card = |stage| View::Card { material: ID, name: word.to_owned(), stage };
        stages(word).into_iter().map(card).collect()
    },
    bulk,
    |word| {
        super::small::editions(word).into_iter().map(|view| View::Edition(Box::new(view))).collect()
    },
    |word| {
        super::small::requests(word).into_iter().map(|view| View::Request(Box::new(view))).collect()
    },
    |word| super::more::broadcasts(word).into_iter().map(View::Broadcast).collect(),
    |word| super::more::desk(word).into_iter().map(View::Desk).collect(),
    |word| super::more::shelf(word).into_iter().map(|view| View::Shelf(Box::new(view))).collect(),
    super::staff::people,
    super::staff::jobs,
    |word| super::more::alerts(word).into_iter().map(|view| View::Alerts(Box::new(view))).collect(),
];

/// All views with `word` in them.
pub fn all(word: &str) -> Vec<View> {
    GROUPS.iter().flat_map(|group| group(word)).collect()
}

pub fn category(word: &str) -> Category {
    Category { id: NODE, parent: Some(NODE), title: word.to_owned(), materials: 3 }
}

pub fn entry(word: &str) -> Entry {
    Entry {
        id: ID,
        title: word.to_owned(),
        kind: Kind::Book,
        level: Some(Level::B1),
        language: Some(StudyLanguage::De),
        pages: Some(24),
        duration_s: None,
        size: Some(1_300_000),
        has_preview: true,
    }
}

pub fn material(word: &str) -> Material {
    Material {
        id: ID,
        state: MaterialState::Published,
        processing: Processing::Ready,
        title: word.to_owned(),
        tags: word.to_owned(),
        category: Some(NODE),
        level: Some(Level::A1),
        language: Some(StudyLanguage::En),
        kind: Kind::Audio,
        suggested_title: Some(word.to_owned()),
        pages: None,
        duration_s: Some(245),
        file: FileRef {
            file_id: "F".to_owned(),
            unique_id: "U".to_owned(),
            class: FileClass::Audio,
            name: Some(word.to_owned()),
            mime: Some(word.to_owned()),
            size: Some(4_000),
            duration_s: Some(245),
            title: Some(word.to_owned()),
            performer: Some(word.to_owned()),
        },
        hash: Some("ab".repeat(32)),
        duplicate_of: None,
        uploader: UserId(5),
        card: None,
        batch: None,
        created_at: now(),
    }
}

fn plain(word: &str) -> Vec<View> {
    let text = || word.to_owned();
    let incident = |subject| Incident { id: 4, subject, cause: Cause::Panic, at: now() };
    let list = |outcome| {
        View::AudienceList(ListReport {
            list: AudienceListId(1),
            broadcast: BroadcastId(2),
            outcome,
        })
    };
    let asked = PrivacyView::AskErase {
        asked_s: 1_790_000_000,
        is_last_admin: true,
        is_stored_owner: true,
    };
    let privacy = [
        PrivacyView::Register,
        PrivacyView::Exporting,
        PrivacyView::TooOften,
        PrivacyView::NoCopy,
        asked,
        PrivacyView::UnderWay,
        PrivacyView::TooLate,
        PrivacyView::Erasing,
        PrivacyView::Kept,
        PrivacyView::Erased,
    ];
    let mut all = vec![
        View::Menu { greet: Some(text()), unfinished: Some((ID, text())), stale: true },
        View::AskQuery,
        View::Help,
        View::Catalogue {
            node: Some(category(word)),
            children: vec![category(word); 3],
            levels: vec![Level::A1],
            followed: true,
        },
        View::Catalogue {
            node: None,
            children: vec![category(word)],
            levels: vec![],
            followed: false,
        },
        View::PutAside {
            incidents: vec![
                incident(Subject::Update(UpdateSeq(4))),
                incident(Subject::Job(JobId(5))),
            ],
            more: 3,
        },
        View::Digest(Box::new(DigestCard {
            is_on: true,
            day: chrono::Weekday::Mon,
            hour: 9,
            zone: text(),
        })),
        View::Statistics(Box::new(StatsCard { report: report(word), is_counting: true })),
        View::Announcement(Box::new(Announcement {
            material: ID,
            title: text(),
            kind: Kind::Video,
            level: Some(Level::C2),
            section: Some(text()),
            follows: Some(NODE),
            is_asked: true,
        })),
        View::NoTable(NoTable::TooLarge { rows: 1_000_000 }),
        View::NoTable(NoTable::Failed),
        View::Dashboard(Some("https://school.example.org/login?key=abc".to_owned())),
        View::Dashboard(None),
        list(ListOutcome::Read { chats: 5, repeated: 2, odd: 1, first_odd: Some(9) }),
        list(ListOutcome::Refused(ListRefusal::NotText)),
        list(ListOutcome::Failed),
    ];
    all.extend(privacy.map(View::Privacy));
    all
}

pub fn report(word: &str) -> StatsReport {
    let day = |number| {
        let mut figures = DayFigures { counted_at: now(), ..DayFigures::default() };
        figures.people.day = Day(number);
        figures.people.users = 100;
        figures.events.searches = 7;
        figures.events.deliveries = 9;
        figures
    };
    let today = Day::of(now()).0;
    let top = || vec![Top { subject: word.to_owned(), count: 4 }; 3];
    StatsReport {
        days: (today - 40..=today).map(day).collect(),
        searches: top(),
        empty: top(),
        materials: vec![TopMaterial { id: ID, title: word.to_owned(), count: 5 }; 3],
        ..StatsReport::default()
    }
}

fn notices(word: &str) -> Vec<Notice> {
    let title = || word.to_owned();
    let mut all = vec![
        Notice::UnknownCommand,
        Notice::EmptyQuery,
        Notice::QueryForgotten,
        Notice::CannotRead,
        Notice::EditorsOnly,
        Notice::NotByOwnHand,
        Notice::HowToUpload,
        Notice::NothingToCancel,
        Notice::UploadCancelled,
        Notice::DraftSaved { title: title() },
        Notice::PublishWaiting { title: title() },
        Notice::Published { material: ID, title: title() },
        Notice::Duplicate { material: ID, title: title() },
        Notice::Refused(Rejection::Hostile),
        Notice::TooLarge { limit: 20 << 20 },
        Notice::Queued { name: title(), waiting: 3 },
        Notice::QueueFull,
        Notice::MaterialGone,
        Notice::UploadOver,
        Notice::DialogLost,
        Notice::Apology { support_id: 17 },
        Notice::LanguageSet,
        Notice::InBatch,
        Notice::BulkUnfinished { batch: BatchId(5), files: 3 },
        Notice::BulkCancelled { files: 3 },
        Notice::FinishFirst,
        Notice::FiguresForAdmins,
        Notice::AlertsForAdmins,
        Notice::DashboardForStaff,
        Notice::TooMuch,
        Notice::ShutOut,
        Notice::PeopleForAdmins,
        Notice::RolesForOwners,
        Notice::JobsForAdmins,
        Notice::OwnerNow,
        Notice::OwnerAlready,
        Notice::OwnerCodeUnknown,
    ];
    all.extend(
        [
            ReplaceNotice::UploadFirst,
            ReplaceNotice::ReplaceFirst,
            ReplaceNotice::Cancelled,
            ReplaceNotice::Over,
            ReplaceNotice::SameFile { title: title() },
            ReplaceNotice::Overtaken { title: title() },
        ]
        .map(Notice::Replace),
    );
    all.extend(
        [
            BroadcastNotice::AdminsOnly,
            BroadcastNotice::Over,
            BroadcastNotice::Cancelled,
            BroadcastNotice::Unfinished(BroadcastId(FAR)),
            BroadcastNotice::ReadingList,
            BroadcastNotice::MakingTable,
            BroadcastNotice::Gone,
            BroadcastNotice::Done,
            BroadcastNotice::SeriesEnded,
            BroadcastNotice::TooLate,
            BroadcastNotice::NobodyLeft,
            BroadcastNotice::TooOldToUndo,
            BroadcastNotice::LetterGone,
        ]
        .map(Notice::Broadcast),
    );
    all.extend(
        [DeskNotice::EditorsOnly, DeskNotice::OwnersOnly, DeskNotice::HowToEdit, DeskNotice::Left]
            .map(Notice::Desk),
    );
    all.extend(
        [
            ShelfNotice::PrivateOnly,
            ShelfNotice::Kept,
            ShelfNotice::NothingAlike,
            ShelfNotice::Thanks,
            ShelfNotice::TooManyReports,
            ShelfNotice::SettledNow { title: title(), told: 3, left: 2 },
            ShelfNotice::NothingBroken,
            ShelfNotice::NoSuchZone,
        ]
        .map(Notice::Shelf),
    );
    all
}

fn searches(word: &str) -> Vec<View> {
    let text = || word.to_owned();
    let filters = Filters { level: Some(Level::B2), category: Some(NODE), ..Filters::default() };
    let inside = Inside {
        part: PartKind::Chapter,
        number: 3,
        label: Some(text()),
        snippet: vec![(text(), false), (text(), true), (text(), false)],
    };
    let hit = |inside| Hit { entry: entry(word), inside };
    let page = SearchPage {
        query: QueryId(FAR),
        text: text(),
        corrected: None,
        filters,
        list: 1 << 34,
        page: 1,
        page_size: 2,
        total: Total::AtLeast(1_000),
        hits: vec![hit(None), hit(Some(inside))],
    };
    let choice = FacetChoice { filters, section: Some(text()), total: Total::Exactly(4) };
    let found = FacetFacts { text: text(), any: Total::Exactly(9), choices: vec![choice; 3] };
    vec![
        View::Results(page.clone()),
        View::Results(SearchPage { corrected: Some(text()), page: 0, ..page }),
        View::NothingFound { text: text(), query: QueryId(FAR), filters },
        View::FacetChoices { found, query: QueryId(FAR), filters, facet: Facet::Category },
    ]
}

pub fn question(word: &str, step: Step) -> Question {
    Question {
        material: ID,
        step,
        suggested_title: word.to_owned(),
        inside: Some(category(word)),
        categories: vec![category(word); 2],
        hint: true,
        queued: 2,
    }
}

fn uploads(word: &str) -> Vec<View> {
    let text = || word.to_owned();
    let steps = [
        Step::Title,
        Step::Category { inside: Some(NODE) },
        Step::Level,
        Step::Language,
        Step::Tags,
        Step::Review,
    ];
    let mut all: Vec<View> =
        steps.map(|step| View::Question(Box::new(question(word, step)))).to_vec();
    let under_way = |standing| UnderWay { material: ID, name: text(), card: None, standing };
    all.push(View::Uploads {
        files: vec![under_way(Standing::Waiting { place: 3 }), under_way(Standing::Again)],
        more: 4,
    });
    all.push(View::Review(Box::new(Review {
        material: ID,
        description: description(word),
        file_name: text(),
        size: Some(5_000),
        processing: Processing::Pending,
        found_title: Some(text()),
        hint: true,
    })));
    all
}

fn description(word: &str) -> Description {
    Description {
        title: Some(word.to_owned()),
        category: Some(NODE),
        category_title: Some(word.to_owned()),
        level: Some(Level::B1),
        language: Some(StudyLanguage::Uz),
        tags: vec![word.to_owned(); 3],
    }
}

fn stages(word: &str) -> Vec<CardStage> {
    let title = || word.to_owned();
    let summary = FileSummary {
        kind: Kind::Video,
        size: 5_000_000,
        pages: Some(3),
        duration_s: Some(99),
        measures: Measures {
            width: Some(640),
            height: Some(480),
            codec: Some(title()),
            bit_rate_kbps: Some(128),
            entries: Some(3),
        },
        part_kind: PartKind::Page,
        indexed_parts: 4,
        found_title: Some(title()),
        twin: Some(Twin { state: MaterialState::Draft, title: title(), own: true }),
    };
    vec![
        CardStage::Received,
        CardStage::AwaitingRoom,
        CardStage::Downloading { done: 5_000, total: Some(10_000) },
        CardStage::Downloading { done: 5_000, total: None },
        CardStage::Checking { seconds: 3 },
        CardStage::Retrying,
        CardStage::Ready(summary.clone()),
        CardStage::Published { material: ID, title: title(), summary },
        CardStage::Duplicate { material: ID, title: title() },
        CardStage::Refused(Rejection::Broken),
        CardStage::Failed,
        CardStage::Cancelled,
        CardStage::Compare(Box::new(comparison(word))),
        CardStage::SameFile { title: title() },
    ]
}

pub fn comparison(word: &str) -> Comparison {
    let side = || Side {
        name: word.to_owned(),
        kind: Kind::Book,
        size: Some(3_000),
        pages: Some(2),
        duration_s: None,
    };
    Comparison {
        candidate: ID,
        title: word.to_owned(),
        seen: 3,
        old: side(),
        new: side(),
        takers: 4,
    }
}

fn bulk(word: &str) -> Vec<View> {
    let row = |processing, state, duplicate_of| BatchEntry {
        id: ID,
        state,
        processing,
        title: word.to_owned(),
        duplicate_of,
    };
    let entries = vec![
        (1, row(Processing::Pending, MaterialState::Open, None)),
        (2, row(Processing::Ready, MaterialState::Discarded, Some(word.to_owned()))),
        (3, row(Processing::Rejected(Rejection::Broken), MaterialState::Discarded, None)),
    ];
    let rows: Vec<BatchEntry> = entries.iter().map(|(_, entry)| entry.clone()).collect();
    let card = |open| {
        View::Bulk(Box::new(BulkCard {
            batch: BatchId(FAR),
            open,
            entries: entries.clone(),
            counts: BatchCounts::of(&rows),
            page: 1,
            pages: 3,
            inside: Some(category(word)),
            categories: vec![category(word); 2],
            hint: true,
            beyond: 3,
            renamed: Some(word.to_owned()),
        }))
    };
    let steps = [
        BulkStep::List,
        BulkStep::Category { inside: Some(NODE) },
        BulkStep::Level,
        BulkStep::Language,
        BulkStep::ChooseRename,
        BulkStep::Rename { material: ID },
        BulkStep::ChooseRemove,
        BulkStep::ConfirmCancel,
    ];
    let mut all: Vec<View> = steps.map(|step| card(Some((step, description(word))))).to_vec();
    all.push(card(None));
    // Each of the heads that a batch has when it is over.
    for state in [
        MaterialState::Waiting,
        MaterialState::Published,
        MaterialState::Draft,
        MaterialState::Discarded,
    ] {
        let entry = row(Processing::Ready, state, None);
        let facts = BulkFacts { entries: vec![entry; 2], ..BulkFacts::default() };
        all.push(View::Bulk(Box::new(BulkCard::new(BatchId(FAR), None, facts, 0))));
    }
    all
}
