//! What buttons take. The match has no arm for "all others": a new button without a line here does
//! not compile. The samples are all buttons that the bytes of one can mean.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use primelingo::domain::alert::AlertAct;
use primelingo::domain::button::action_of;
use primelingo::domain::button::{Action, BulkAct, ComposeAct, ControlAct, ReplaceAct, UploadAct};
use primelingo::domain::desk::{DeskAct, EditAct, SectionAct};
use primelingo::domain::digest::DigestAct;
use primelingo::domain::given_up::JobsAct;
use primelingo::domain::inspection::Kind;
use primelingo::domain::lang::Lang;
use primelingo::domain::material::{Length, Level, StudyLanguage};
use primelingo::domain::people::{PeopleAct, PersonDeed};
use primelingo::domain::privacy::PrivacyAct;
use primelingo::domain::request::RequestAct;
use primelingo::domain::role::Role;
use primelingo::domain::shelf::{Breakage, List, ShelfAct};
use primelingo::domain::statistics::StatsAct;

use super::{LAW, OPEN, OWN, Rule};

/// For this role and above, in private; a button is always pressed by one's own hand.
const fn of(least: Role) -> Rule {
    Rule { least, ..OWN }
}

/// What a button takes.
#[expect(clippy::too_many_lines, reason = "a table")]
pub const fn rule(action: Action) -> Rule {
    match action {
        Action::Menu
        | Action::AskQuery
        | Action::Search { .. }
        | Action::Facet { .. }
        | Action::Browse { .. }
        | Action::Deliver { .. }
        | Action::Look { .. }
        | Action::Help => OPEN,
        // Only one's own files are shown and thrown away.
        Action::Settings
        | Action::SetLang(_)
        | Action::Follow { .. }
        | Action::Uploads
        | Action::Withdraw { .. } => OWN,
        Action::Upload { act, .. } => match act {
            UploadAct::TakeTitle
            | UploadAct::TakeFoundTitle
            | UploadAct::OpenCategory(_)
            | UploadAct::TakeCategory(_)
            | UploadAct::TakeLevel(_)
            | UploadAct::TakeLanguage(_)
            | UploadAct::SkipTags
            | UploadAct::Change(_)
            | UploadAct::Publish
            | UploadAct::SaveDraft
            | UploadAct::Discard
            | UploadAct::Resume => of(Role::Editor),
        },
        Action::Bulk { act, .. } => match act {
            BulkAct::Page(_)
            | BulkAct::OpenCategory(_)
            | BulkAct::TakeCategory(_)
            | BulkAct::AskLevel
            | BulkAct::TakeLevel(_)
            | BulkAct::AskLanguage
            | BulkAct::TakeLanguage(_)
            | BulkAct::AskRename
            | BulkAct::Rename(_)
            | BulkAct::AskRemove
            | BulkAct::Remove(_)
            | BulkAct::Publish
            | BulkAct::SaveDrafts
            | BulkAct::AskCancel
            | BulkAct::Cancel
            | BulkAct::Resume => of(Role::Editor),
        },
        Action::Draft { .. } => of(Role::Editor),
        Action::Replace { act, .. } => match act {
            ReplaceAct::Begin | ReplaceAct::Confirm { .. } => of(Role::Editor),
            // The way out of a dialog is open to whoever has lost the role.
            ReplaceAct::Cancel => OWN,
        },
        Action::Compose { act, .. } => compose(act),
        Action::Control { act, .. } => match act {
            ControlAct::Show
            | ControlAct::Pause
            | ControlAct::Resume
            | ControlAct::AskCancel
            | ControlAct::Cancel { .. }
            | ControlAct::AskRetry
            | ControlAct::Retry { .. }
            | ControlAct::AskUndo
            | ControlAct::Undo { .. }
            | ControlAct::Export => of(Role::Admin),
        },
        Action::Broadcasts { .. } | Action::EndSeries(_) => of(Role::Admin),
        Action::Digest(act) => match act {
            DigestAct::Show
            | DigestAct::Turn(_)
            | DigestAct::TakeDay(_)
            | DigestAct::TakeHour(_) => of(Role::Admin),
        },
        Action::Desk(act) => desk(act),
        Action::Shelf(act) => shelf(act),
        Action::Request(act) => match act {
            RequestAct::Ask(_) | RequestAct::Own { .. } | RequestAct::Withdraw(_) => OWN,
            RequestAct::Wanted { .. }
            | RequestAct::Open(_)
            | RequestAct::Answer { .. }
            | RequestAct::Decline(_) => of(Role::Editor),
        },
        Action::Privacy(act) => match act {
            PrivacyAct::Show
            | PrivacyAct::Export
            | PrivacyAct::AskErase
            | PrivacyAct::Erase { .. }
            | PrivacyAct::Keep => LAW,
        },
        Action::Statistics(act) => match act {
            StatsAct::Show(_) | StatsAct::Refresh(_) | StatsAct::Send(..) => of(Role::Admin),
        },
        Action::Alerts(act) => match act {
            AlertAct::Show | AlertAct::Ack(_) | AlertAct::Silence(..) | AlertAct::EndSilence(_) => {
                of(Role::Admin)
            }
        },
        Action::Jobs(act) => match act {
            JobsAct::Show | JobsAct::Retry(_) | JobsAct::AskDrop(_) | JobsAct::Drop { .. } => {
                of(Role::Admin)
            }
        },
        Action::People(act) => match act {
            PeopleAct::Ask | PeopleAct::Show(_) => of(Role::Admin),
            PeopleAct::Staff => of(Role::Owner),
            PeopleAct::Propose(_, deed) | PeopleAct::Confirm { deed, .. } => match deed {
                PersonDeed::Ban | PersonDeed::Unban => of(Role::Admin),
                PersonDeed::Give(_) => of(Role::Owner),
            },
        },
    }
}

const fn compose(act: ComposeAct) -> Rule {
    match act {
        // The way out of a dialog is open to whoever has lost the role.
        ComposeAct::Cancel => OWN,
        ComposeAct::Back
        | ComposeAct::Resume
        | ComposeAct::Next
        | ComposeAct::DropButtons
        | ComposeAct::TakeAll
        | ComposeAct::AskLanguage
        | ComposeAct::TakeLanguage(_)
        | ComposeAct::TakeActive(_)
        | ComposeAct::OpenSection(_)
        | ComposeAct::TakeSection(_)
        | ComposeAct::AskRole
        | ComposeAct::TakeRole(_)
        | ComposeAct::AskList
        | ComposeAct::TakeList(_)
        | ComposeAct::TakeNow
        | ComposeAct::TakeHour
        | ComposeAct::TakeTomorrow
        | ComposeAct::SetRepeat(_)
        | ComposeAct::SetQuiet(_)
        | ComposeAct::SetDoubt(_)
        | ComposeAct::AskPaid
        | ComposeAct::SetPaid(_)
        | ComposeAct::SendToMe
        | ComposeAct::ChangeContent
        | ComposeAct::ChangeButtons
        | ComposeAct::ChangeAudience
        | ComposeAct::ChangeTime
        | ComposeAct::AskSend
        | ComposeAct::Send { .. } => of(Role::Admin),
    }
}

const fn desk(act: DeskAct) -> Rule {
    match act {
        DeskAct::Edit { act, .. } => match act {
            EditAct::Show
            | EditAct::Open
            | EditAct::Ask(_)
            | EditAct::Answer(_)
            | EditAct::Archive
            | EditAct::Restore
            | EditAct::Undo => of(Role::Editor),
        },
        DeskAct::Section { act, .. } => match act {
            SectionAct::Show
            | SectionAct::AskNew
            | SectionAct::AskName
            | SectionAct::PickMove(_)
            | SectionAct::Move(_)
            | SectionAct::PickMerge(_)
            | SectionAct::AskMerge(_)
            | SectionAct::Merge(_)
            | SectionAct::AskDelete
            | SectionAct::Delete => of(Role::Editor),
        },
        DeskAct::Archived { .. } => of(Role::Editor),
        DeskAct::Audit { .. } => of(Role::Owner),
    }
}

const fn shelf(act: ShelfAct) -> Rule {
    match act {
        ShelfAct::Show { list, .. } => match list {
            List::New | List::Section { .. } => OPEN,
            List::Favourites | List::History => OWN,
            List::Drafts | List::Broken => of(Role::Editor),
        },
        ShelfAct::Alike { .. } => OPEN,
        ShelfAct::Favour { .. } | ShelfAct::Prefer(_) => OWN,
        ShelfAct::Break { act, .. } => match act {
            Breakage::Ask | Breakage::Back | Breakage::Report(_) => OWN,
            Breakage::Look | Breakage::Settle => of(Role::Editor),
        },
    }
}

/// Choices that make no other button of it.
fn values() -> &'static BTreeSet<String> {
    static VALUES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let text = format!(
            "{:?} {:?} {:?} {:?} {:?}",
            Level::ALL,
            StudyLanguage::ALL,
            Length::ALL,
            Kind::ALL,
            Lang::ALL
        );
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        // Two of these are also the names of other things.
        let is_plain = |word: &&str| !matches!(*word, "" | "Archive" | "Other");
        words.filter(is_plain).map(str::to_owned).collect()
    });
    &VALUES
}

/// What a button is called: its variants without the numbers and choices in them.
pub fn name(action: Action) -> String {
    let text = format!("{action:?}");
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let is_variant = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_uppercase())
            && !word.ends_with("Id")
            && !matches!(*word, "Some" | "None" | "Filters" | "Edge")
            && !values().contains(*word)
    };
    words.filter(is_variant).collect::<Vec<_>>().join(" ")
}

/// One of each sort of button that there can be: whatever the bytes of one may mean.
pub fn samples() -> BTreeMap<String, Action> {
    let mut found = BTreeMap::new();
    let mut look = |head: [u8; 5]| {
        let mut bytes = [1_u8; 40];
        bytes[..5].copy_from_slice(&head);
        if let Some(action) = action_of(&bytes) {
            found.entry(name(action)).or_insert(action);
        }
    };
    for tag in 0..=u8::MAX {
        for a in 0..40 {
            for b in 0..40 {
                look([tag, a, b, 1, 1]);
                look([tag, 1, a, b, 1]);
                look([tag, 1, 1, a, b]);
            }
        }
    }
    found
}
