//! The buttons of broadcasts.

use crate::domain::broadcast::DoubtPolicy;
use crate::domain::ids::{AudienceListId, BroadcastId, CategoryId};
use crate::domain::lang::Lang;
use crate::domain::role::Role;
use crate::domain::session::Recurrence;

/// What a button of a broadcast in the making does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComposeAct {
    /// Ask the question before.
    Back,
    /// Show the card again, at the end of the chat.
    Resume,
    /// Give it up.
    Cancel,
    /// Leave this as it is and go on.
    Next,
    /// Take the buttons away.
    DropButtons,
    /// Everybody gets it.
    TakeAll,
    /// Ask for the language.
    AskLanguage,
    /// Those of this language get it.
    TakeLanguage(Lang),
    /// Those who wrote within so many days get it.
    TakeActive(u32),
    /// Look into a section; none for the top.
    OpenSection(Option<CategoryId>),
    /// Those who follow this section get it.
    TakeSection(CategoryId),
    /// Ask for the role.
    AskRole,
    /// Those of this role get it.
    TakeRole(Role),
    /// Ask for a file of chats.
    AskList,
    /// The chats of this list get it.
    TakeList(AudienceListId),
    /// It begins when it is confirmed.
    TakeNow,
    /// It begins in an hour.
    TakeHour,
    /// It begins tomorrow at nine.
    TakeTomorrow,
    /// It is sent again, or once.
    SetRepeat(Recurrence),
    /// Nothing, or something, is sent at night.
    SetQuiet(bool),
    /// What is done about the doubtful.
    SetDoubt(DoubtPolicy),
    /// Ask whether it is paid for.
    AskPaid,
    /// It is paid for, or is not.
    SetPaid(bool),
    /// Send it to the admin.
    SendToMe,
    /// Ask for another content.
    ChangeContent,
    /// Ask for other buttons.
    ChangeButtons,
    /// Ask for another audience.
    ChangeAudience,
    /// Ask for another time.
    ChangeTime,
    /// Ask whether it shall be sent.
    AskSend,
    /// Send it.
    Send {
        /// When that was asked, in seconds since the Unix epoch.
        asked_s: i64,
    },
}

/// What a button of a broadcast that is confirmed does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlAct {
    /// Show how it stands.
    Show,
    /// Hold it.
    Pause,
    /// Go on.
    Resume,
    /// Ask whether it shall be ended.
    AskCancel,
    /// End it.
    Cancel {
        /// When that was asked, in seconds since the Unix epoch.
        asked_s: i64,
    },
    /// Ask whether it shall be sent again to whom it has not reached.
    AskRetry,
    /// Do so.
    Retry {
        /// The id of the broadcast that does it.
        fresh: BroadcastId,
        /// When that was asked, in seconds since the Unix epoch.
        asked_s: i64,
    },
    /// Ask whether what it has sent shall be removed.
    AskUndo,
    /// Do so.
    Undo {
        /// The id of the broadcast that does it.
        fresh: BroadcastId,
        /// When that was asked, in seconds since the Unix epoch.
        asked_s: i64,
    },
    /// Send a table of all recipients.
    Export,
}
