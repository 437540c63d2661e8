//! The kinds of senders, and what Telegram makes of what they do.

use primelingo::domain::ids::UserId;
use primelingo::domain::people::Ban;
use primelingo::domain::role::Role;
use serde_json::{Value, json};

/// The bot's name.
pub const BOT: &str = "sim42_bot";
/// A group.
pub const GROUP: i64 = -1_001_000_000_009;

/// How something comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// In private, by their own hand.
    Own,
    /// In a group, and the bot is named.
    Group,
    /// In a group, and nobody is named.
    GroupUnnamed,
    /// In private, and another bot is named.
    OtherBot,
    /// Forwarded to the bot.
    Forward,
    /// Sent through an inline bot.
    ViaBot,
    /// A message that was changed later.
    Edited,
    /// In a group, in the group's name.
    Anonymous,
    /// In a group, in a channel's name.
    AsChannel,
    /// A post in a channel.
    ChannelPost,
    /// From Telegram's own account.
    Service,
    /// From a bot.
    Robot,
}

impl Way {
    /// Whether there is nobody to answer.
    pub const fn is_nobodys(self) -> bool {
        match self {
            Self::Edited
            | Self::Anonymous
            | Self::AsChannel
            | Self::ChannelPost
            | Self::Service
            | Self::Robot => true,
            Self::Own
            | Self::Group
            | Self::GroupUnnamed
            | Self::OtherBot
            | Self::Forward
            | Self::ViaBot => false,
        }
    }

    /// Whether the words are not the sender's own.
    pub const fn is_indirect(self) -> bool {
        matches!(self, Self::Forward | Self::ViaBot)
    }

    /// Whether others read the answer.
    pub const fn is_group(self) -> bool {
        matches!(self, Self::Group | Self::GroupUnnamed | Self::Anonymous | Self::AsChannel)
    }
}

/// A kind of sender.
#[derive(Debug, Clone, Copy)]
pub struct Sender {
    pub name: &'static str,
    pub role: Role,
    pub ban: Option<Ban>,
    pub way: Way,
}

const fn sender(name: &'static str, role: Role, way: Way) -> Sender {
    Sender { name, role, ban: None, way }
}

/// All of them. Whoever comes by another way than their own hand is an owner, so that every hole
/// shows. Whoever was demoted in a dialog is a learner in that dialog: each dialog is gone through.
pub const SENDERS: &[Sender] = &[
    sender("stranger or learner", Role::Learner, Way::Own),
    sender("editor", Role::Editor, Way::Own),
    sender("admin", Role::Admin, Way::Own),
    sender("owner", Role::Owner, Way::Own),
    Sender {
        ban: Some(Ban { is_told: false }),
        ..sender("banned, not told yet", Role::Learner, Way::Own)
    },
    Sender { ban: Some(Ban { is_told: true }), ..sender("banned, told", Role::Learner, Way::Own) },
    Sender {
        ban: Some(Ban { is_told: true }),
        ..sender("banned, in a group", Role::Learner, Way::Group)
    },
    sender("learner, in a group", Role::Learner, Way::Group),
    sender("owner, in a group", Role::Owner, Way::Group),
    sender("owner, in a group, no bot named", Role::Owner, Way::GroupUnnamed),
    sender("owner, to another bot", Role::Owner, Way::OtherBot),
    sender("learner, forwards", Role::Learner, Way::Forward),
    sender("owner, forwards", Role::Owner, Way::Forward),
    sender("owner, via an inline bot", Role::Owner, Way::ViaBot),
    sender("owner, edits a message", Role::Owner, Way::Edited),
    sender("anonymous admin of a group", Role::Owner, Way::Anonymous),
    sender("a channel in a group", Role::Owner, Way::AsChannel),
    sender("channel post", Role::Owner, Way::ChannelPost),
    sender("Telegram itself (777000)", Role::Owner, Way::Service),
    sender("a bot", Role::Owner, Way::Robot),
];

impl Sender {
    /// An update with a message of this content, from this person.
    pub fn update(self, user: UserId, content: &Value) -> Value {
        let (id, is_bot) = match self.way {
            Way::Anonymous => (1_087_968_824, true),
            Way::AsChannel => (136_817_688, true),
            Way::Service => (777_000, false),
            Way::Robot => (user.0, true),
            _ => (user.0, false),
        };
        let chat = match self.way {
            way if way.is_group() => json!({"id": GROUP, "type": "supergroup", "title": "G"}),
            Way::ChannelPost => json!({"id": -100_600, "type": "channel", "title": "C"}),
            _ => json!({"id": id, "type": "private", "first_name": "X"}),
        };
        let from = json!({"id": id, "is_bot": is_bot, "first_name": "X", "language_code": "en"});
        let mut message = json!({
            "message_id": 9_000, "date": 1_790_000_000, "chat": chat, "from": from,
        });
        for (key, value) in content.as_object().unwrap() {
            message[key] = value.clone();
        }
        let someone = json!({"id": 5, "is_bot": false, "first_name": "Y"});
        let kind = match self.way {
            Way::Forward => {
                message["forward_origin"] =
                    json!({"type": "user", "date": 1_790_000_000, "sender_user": someone});
                "message"
            }
            Way::ViaBot => {
                message["via_bot"] = json!({"id": 6, "is_bot": true, "first_name": "Gif"});
                "message"
            }
            Way::Anonymous => {
                message["sender_chat"] = message["chat"].clone();
                "message"
            }
            Way::AsChannel => {
                message["sender_chat"] = json!({"id": -100_600, "type": "channel", "title": "C"});
                "message"
            }
            Way::Edited => {
                message["edit_date"] = json!(1_790_000_001);
                "edited_message"
            }
            Way::ChannelPost => {
                message["sender_chat"] = message["chat"].clone();
                message.as_object_mut().unwrap().remove("from");
                "channel_post"
            }
            Way::Own
            | Way::Group
            | Way::GroupUnnamed
            | Way::OtherBot
            | Way::Service
            | Way::Robot => "message",
        };
        json!({"update_id": 1, kind: message})
    }

    /// A command as this sender has to write it.
    pub fn command(self, command: &str) -> String {
        let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
        let named = match self.way {
            Way::OtherBot => "@other_bot".to_owned(),
            Way::GroupUnnamed | Way::Own => String::new(),
            _ => format!("@{BOT}"),
        };
        format!("/{name}{named} {rest}").trim_end().to_owned()
    }
}
