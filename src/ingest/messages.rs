//! What the intake's actors are told.

use actix::Message;

use crate::domain::ids::ChatId;
use crate::runtime::Exit;

/// A doorbell: these chats have open updates. May be lost.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct ChatsHaveUpdates(pub Vec<ChatId>);

/// A chat's session has ended.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct SessionEnded {
    /// Whose.
    pub chat: ChatId,
    /// How.
    pub exit: Exit,
}
