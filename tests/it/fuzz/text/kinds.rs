//! Every sort of view there is. The matches are exhaustive: a view that is new does not compile here
//! before it has a name, and has no name that [`super::views`] need not make.

use primelingo::domain::alert::AlertsView;
use primelingo::domain::broadcast::{BroadcastNotice, BroadcastView, Hint};
use primelingo::domain::desk::{DeskNotice, DeskView, EditSaid, SectionSaid};
use primelingo::domain::edition::{EditionView, ReplaceNotice};
use primelingo::domain::effect::{CardStage, Notice, View};
use primelingo::domain::given_up::JobsView;
use primelingo::domain::people::PeopleView;
use primelingo::domain::privacy::PrivacyView;
use primelingo::domain::request::RequestView;
use primelingo::domain::shelf::{ShelfNotice, ShelfView};

/// A function that names a value's variant, and the list of all names.
macro_rules! kinds {
    ($function:ident, $list:ident, $kind:ty, { $($pattern:pat => $name:literal),+ $(,)? }) => {
        pub fn $function(value: &$kind) -> &'static str {
            match value { $($pattern => $name),+ }
        }
        pub const $list: &[&str] = &[$($name),+];
    };
}

kinds!(view, VIEWS, View, {
    View::Menu { .. } => "menu",
    View::AskQuery => "ask query",
    View::Help => "help",
    View::Notice(_) => "notice",
    View::Results(_) => "results",
    View::NothingFound { .. } => "nothing found",
    View::FacetChoices { .. } => "facet",
    View::Catalogue { .. } => "catalogue",
    View::Shelf(_) => "shelf",
    View::Question(_) => "question",
    View::Review(_) => "review",
    View::Card { .. } => "card",
    View::Uploads { .. } => "uploads",
    View::PutAside { .. } => "put aside",
    View::Bulk(_) => "bulk",
    View::Edition(_) => "edition",
    View::Broadcast(_) => "broadcast",
    View::Digest(_) => "digest",
    View::Statistics(_) => "statistics",
    View::AudienceList(_) => "audience list",
    View::NoTable(_) => "no table",
    View::Desk(_) => "desk",
    View::Request(_) => "request",
    View::Announcement(_) => "announcement",
    View::Privacy(_) => "privacy",
    View::Alerts(_) => "alerts",
    View::Dashboard(_) => "dashboard",
    View::People(_) => "people",
    View::Jobs(_) => "jobs",
});

kinds!(notice, NOTICES, Notice, {
    Notice::UnknownCommand => "unknown command",
    Notice::EmptyQuery => "empty query",
    Notice::QueryForgotten => "query forgotten",
    Notice::CannotRead => "cannot read",
    Notice::EditorsOnly => "editors only",
    Notice::NotByOwnHand => "not by own hand",
    Notice::HowToUpload => "how to upload",
    Notice::NothingToCancel => "nothing to cancel",
    Notice::UploadCancelled => "upload cancelled",
    Notice::DraftSaved { .. } => "draft saved",
    Notice::PublishWaiting { .. } => "publish waiting",
    Notice::Published { .. } => "published",
    Notice::Duplicate { .. } => "duplicate",
    Notice::Refused(_) => "refused",
    Notice::TooLarge { .. } => "too large",
    Notice::Queued { .. } => "queued",
    Notice::QueueFull => "queue full",
    Notice::MaterialGone => "material gone",
    Notice::UploadOver => "upload over",
    Notice::DialogLost => "dialog lost",
    Notice::Apology { .. } => "apology",
    Notice::LanguageSet => "language set",
    Notice::InBatch => "in batch",
    Notice::BulkUnfinished { .. } => "bulk unfinished",
    Notice::BulkCancelled { .. } => "bulk cancelled",
    Notice::FinishFirst => "finish first",
    Notice::Replace(_) => "replace",
    Notice::FiguresForAdmins => "figures for admins",
    Notice::AlertsForAdmins => "alerts for admins",
    Notice::DashboardForStaff => "dashboard for staff",
    Notice::TooMuch => "too much",
    Notice::ShutOut => "shut out",
    Notice::PeopleForAdmins => "people for admins",
    Notice::RolesForOwners => "roles for owners",
    Notice::JobsForAdmins => "jobs for admins",
    Notice::OwnerNow => "owner now",
    Notice::OwnerAlready => "owner already",
    Notice::OwnerCodeUnknown => "owner code unknown",
    Notice::Broadcast(_) => "broadcast",
    Notice::Desk(_) => "desk",
    Notice::Shelf(_) => "shelf",
});

kinds!(replace_notice, REPLACE_NOTICES, ReplaceNotice, {
    ReplaceNotice::UploadFirst => "upload first",
    ReplaceNotice::ReplaceFirst => "replace first",
    ReplaceNotice::Cancelled => "cancelled",
    ReplaceNotice::Over => "over",
    ReplaceNotice::SameFile { .. } => "same file",
    ReplaceNotice::Overtaken { .. } => "overtaken",
});

kinds!(broadcast_notice, BROADCAST_NOTICES, BroadcastNotice, {
    BroadcastNotice::AdminsOnly => "admins only",
    BroadcastNotice::Over => "over",
    BroadcastNotice::Cancelled => "cancelled",
    BroadcastNotice::Unfinished(_) => "unfinished",
    BroadcastNotice::ReadingList => "reading list",
    BroadcastNotice::MakingTable => "making table",
    BroadcastNotice::Gone => "gone",
    BroadcastNotice::Done => "done",
    BroadcastNotice::SeriesEnded => "series ended",
    BroadcastNotice::TooLate => "too late",
    BroadcastNotice::NobodyLeft => "nobody left",
    BroadcastNotice::TooOldToUndo => "too old to undo",
    BroadcastNotice::LetterGone => "letter gone",
});

kinds!(desk_notice, DESK_NOTICES, DeskNotice, {
    DeskNotice::EditorsOnly => "editors only",
    DeskNotice::OwnersOnly => "owners only",
    DeskNotice::HowToEdit => "how to edit",
    DeskNotice::Left => "left",
});

kinds!(shelf_notice, SHELF_NOTICES, ShelfNotice, {
    ShelfNotice::PrivateOnly => "private only",
    ShelfNotice::Kept => "kept",
    ShelfNotice::NothingAlike => "nothing alike",
    ShelfNotice::Thanks => "thanks",
    ShelfNotice::TooManyReports => "too many reports",
    ShelfNotice::SettledNow { .. } => "settled now",
    ShelfNotice::NothingBroken => "nothing broken",
    ShelfNotice::NoSuchZone => "no such zone",
});

kinds!(stage, STAGES, CardStage, {
    CardStage::Received => "received",
    CardStage::AwaitingRoom => "awaiting room",
    CardStage::Downloading { .. } => "downloading",
    CardStage::Checking { .. } => "checking",
    CardStage::Retrying => "retrying",
    CardStage::Ready(_) => "ready",
    CardStage::Published { .. } => "published",
    CardStage::Duplicate { .. } => "duplicate",
    CardStage::Refused(_) => "refused",
    CardStage::Failed => "failed",
    CardStage::Cancelled => "cancelled",
    CardStage::Compare(_) => "compare",
    CardStage::SameFile { .. } => "same file",
});

kinds!(shelf, SHELVES, ShelfView, {
    ShelfView::List(_) => "list",
    ShelfView::Alike(_) => "alike",
    ShelfView::Preferring { .. } => "preferring",
    ShelfView::Reported { .. } => "reported",
    ShelfView::Case(_) => "case",
    ShelfView::Settled { .. } => "settled",
});

kinds!(edition, EDITIONS, EditionView, {
    EditionView::Ask { .. } => "ask",
    EditionView::Comparison(_) => "comparison",
    EditionView::Replaced { .. } => "replaced",
    EditionView::NewEdition { .. } => "new edition",
    EditionView::Announced { .. } => "announced",
});

kinds!(broadcast, BROADCASTS, BroadcastView, {
    BroadcastView::Compose(_) => "compose",
    BroadcastView::Progress(_) => "progress",
    BroadcastView::Series(_) => "series",
    BroadcastView::Ask(_) => "ask",
    BroadcastView::List(_) => "list",
    BroadcastView::Late { .. } => "late",
    BroadcastView::Missed { .. } => "missed",
    BroadcastView::Stopped { .. } => "stopped",
});

kinds!(hint, HINTS, Hint, {
    Hint::NotUnderstood => "not understood",
    Hint::CannotBeCopied => "cannot be copied",
    Hint::TooLong { .. } => "too long",
    Hint::AlbumHasNoName => "album has no name",
    Hint::AlbumGrew { .. } => "album grew",
    Hint::BadLine { .. } => "bad line",
    Hint::TooManyButtons => "too many buttons",
    Hint::NobodyThere => "nobody there",
    Hint::TooLate => "too late",
    Hint::BadTime(_) => "bad time",
    Hint::ZoneSet => "zone set",
    Hint::Broken(_) => "broken",
    Hint::SentToYou => "sent to you",
});

kinds!(desk, DESKS, DeskView, {
    DeskView::Card(_) => "card",
    DeskView::Question { .. } => "question",
    DeskView::Section(_) => "section",
    DeskView::Pick(_) => "pick",
    DeskView::AskName { .. } => "ask name",
    DeskView::AskMerge(_) => "ask merge",
    DeskView::AskDelete { .. } => "ask delete",
    DeskView::Archived(_) => "archived",
    DeskView::Audit(_) => "audit",
});

kinds!(edit_said, EDITS_SAID, EditSaid, {
    EditSaid::Saved => "saved",
    EditSaid::Archived => "archived",
    EditSaid::Restored => "restored",
    EditSaid::Undone => "undone",
    EditSaid::Overtaken => "overtaken",
    EditSaid::NothingToUndo => "nothing to undo",
    EditSaid::SectionGone => "section gone",
    EditSaid::Double { .. } => "double",
});

kinds!(section_said, SECTIONS_SAID, SectionSaid, {
    SectionSaid::Created(_) => "created",
    SectionSaid::Renamed => "renamed",
    SectionSaid::Moved => "moved",
    SectionSaid::Merged(_) => "merged",
    SectionSaid::Deleted(_) => "deleted",
    SectionSaid::Misfit(_) => "misfit",
});

kinds!(request, REQUESTS, RequestView, {
    RequestView::Noted { .. } => "noted",
    RequestView::Already { .. } => "already",
    RequestView::TooMany => "too many",
    RequestView::Own(_) => "own",
    RequestView::Wanted(_) => "wanted",
    RequestView::One { .. } => "one",
    RequestView::Settled { .. } => "settled",
    RequestView::Gone => "gone",
    RequestView::Declined { .. } => "declined",
});

kinds!(privacy, PRIVACIES, PrivacyView, {
    PrivacyView::Register => "register",
    PrivacyView::Exporting => "exporting",
    PrivacyView::TooOften => "too often",
    PrivacyView::NoCopy => "no copy",
    PrivacyView::AskErase { .. } => "ask erase",
    PrivacyView::UnderWay => "under way",
    PrivacyView::TooLate => "too late",
    PrivacyView::Erasing => "erasing",
    PrivacyView::Kept => "kept",
    PrivacyView::Erased => "erased",
});

kinds!(alerts, ALERTS, AlertsView, {
    AlertsView::Card(_) => "card",
    AlertsView::Reminder(_) => "reminder",
    AlertsView::List { .. } => "list",
});

kinds!(people, PEOPLE, PeopleView, {
    PeopleView::Ask { .. } => "ask",
    PeopleView::Card { .. } => "card",
    PeopleView::List { .. } => "list",
    PeopleView::Question { .. } => "question",
});

kinds!(jobs, JOBS, JobsView, {
    JobsView::List { .. } => "list",
    JobsView::Question { .. } => "question",
});

/// The name of a view down to its innermost sort, as often as it has several.
pub fn names(it: &View) -> Vec<String> {
    let outer = view(it);
    let inner: Vec<String> = match it {
        View::Notice(Notice::Replace(inner)) => vec![format!("replace: {}", replace_notice(inner))],
        View::Notice(Notice::Broadcast(inner)) => {
            vec![format!("broadcast: {}", broadcast_notice(inner))]
        }
        View::Notice(Notice::Desk(inner)) => vec![format!("desk: {}", desk_notice(inner))],
        View::Notice(Notice::Shelf(inner)) => vec![format!("shelf: {}", shelf_notice(inner))],
        View::Notice(inner) => vec![notice(inner).to_owned()],
        View::Card { stage: inner, .. } => vec![stage(inner).to_owned()],
        View::Shelf(inner) => vec![shelf(inner).to_owned()],
        View::Edition(inner) => vec![edition(inner).to_owned()],
        View::Broadcast(inner) => {
            let mut names = vec![broadcast(inner).to_owned()];
            if let BroadcastView::Compose(card) = inner
                && let Some(said) = &card.hint
            {
                names.push(format!("hint: {}", hint(said)));
            }
            names
        }
        View::Desk(inner) => {
            let mut names = vec![desk(inner).to_owned()];
            match inner {
                DeskView::Card(card) => {
                    names.extend(card.said.as_ref().map(|it| format!("said: {}", edit_said(it))));
                }
                DeskView::Section(card) => {
                    names.extend(
                        card.said.as_ref().map(|it| format!("section said: {}", section_said(it))),
                    );
                }
                _ => {}
            }
            names
        }
        View::Request(inner) => vec![request(inner).to_owned()],
        View::Privacy(inner) => vec![privacy(inner).to_owned()],
        View::Alerts(inner) => vec![alerts(inner).to_owned()],
        View::People(inner) => vec![people(inner).to_owned()],
        View::Jobs(inner) => vec![jobs(inner).to_owned()],
        _ => Vec::new(),
    };
    if inner.is_empty() {
        return vec![outer.to_owned()];
    }
    inner.iter().map(|name| format!("{outer}: {name}")).collect()
}

/// All names that [`names`] can give.
pub fn all() -> Vec<String> {
    let nested: [(&str, &[&str]); 18] = [
        ("notice: replace: ", REPLACE_NOTICES),
        ("notice: broadcast: ", BROADCAST_NOTICES),
        ("notice: desk: ", DESK_NOTICES),
        ("notice: shelf: ", SHELF_NOTICES),
        ("notice: ", NOTICES),
        ("card: ", STAGES),
        ("shelf: ", SHELVES),
        ("edition: ", EDITIONS),
        ("broadcast: ", BROADCASTS),
        ("broadcast: hint: ", HINTS),
        ("desk: ", DESKS),
        ("desk: said: ", EDITS_SAID),
        ("desk: section said: ", SECTIONS_SAID),
        ("request: ", REQUESTS),
        ("privacy: ", PRIVACIES),
        ("alerts: ", ALERTS),
        ("people: ", PEOPLE),
        ("jobs: ", JOBS),
    ];
    let mut all: Vec<String> = Vec::new();
    for (before, names) in nested {
        all.extend(names.iter().map(|name| format!("{before}{name}")));
    }
    let has_inner = |name: &&&str| nested.iter().any(|(before, _)| *before == format!("{name}: "));
    all.extend(VIEWS.iter().filter(|name| !has_inner(name)).map(|&name| name.to_owned()));
    // These four stand for what they hold.
    all.retain(|name| {
        !["replace", "broadcast", "desk", "shelf"].iter().any(|it| *name == format!("notice: {it}"))
    });
    all
}
