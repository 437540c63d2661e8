//! Who the bot is, what it is told, and how it presents itself: the calls that carry no messages.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use teloxide_core::payloads::{DeleteWebhook, GetMe, GetWebhookInfo, SetMyCommands};
use teloxide_core::types::{self as wire, Recipient};
use tokio::time::Instant;

use super::batch::{self, RawBatch};
use super::error::TelegramError;
use super::meters;
use super::transport::TelegramClient;
use crate::domain::ids::ChatId;

/// The most updates one call can bring: <https://core.telegram.org/bots/api#getupdates>.
pub const UPDATES_LIMIT: u8 = 100;

/// Telegram holds a poll that repeats the offset of the one before at least so long, whatever its
/// timeout.
pub const REPEATED_POLL: Duration = Duration::from_secs(3);

/// What the bot is called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BotIdentity {
    /// Its user id.
    pub id: i64,
    /// Its name without the sign.
    pub username: String,
    /// Whether `@username words` works in every chat.
    #[serde(default)]
    pub supports_inline_queries: bool,
    /// Whether it sees all messages of its groups.
    #[serde(default)]
    pub can_read_all_group_messages: bool,
}

/// What Telegram knows of our webhook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WebhookInfo {
    /// Where updates are posted; empty when they are polled.
    #[serde(default)]
    pub url: String,
    /// How many wait.
    #[serde(default)]
    pub pending_update_count: u64,
    /// When Telegram complained last, seconds since 1970.
    #[serde(default)]
    pub last_error_date: Option<i64>,
    /// Telegram's last complaint.
    #[serde(default)]
    pub last_error_message: Option<String>,
}

/// An entry of the menu of commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotCommand {
    /// Without the slash: 1 to 32 lower-case letters, digits and underscores.
    pub command: String,
    /// 1 to 256 characters, plain text.
    pub description: String,
}

/// Who sees a menu of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandScope {
    /// Everybody without a narrower one.
    Default,
    /// All private chats.
    AllPrivateChats,
    /// All groups.
    AllGroupChats,
    /// One chat.
    Chat(ChatId),
}

/// Own, because teloxide's offset has 32 bits only.
#[derive(Serialize)]
struct GetUpdates<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    limit: u8,
    timeout: u32,
    allowed_updates: &'a [&'a str],
}

impl TelegramClient {
    /// Asks who the bot is: the test of token and connection.
    pub async fn get_me(&self) -> Result<BotIdentity, TelegramError> {
        self.call_again("getMe", &GetMe::new()).await
    }

    /// One long poll of at most `timeout_s` seconds and `limit` (1 to [`UPDATES_LIMIT`]) updates.
    /// Calling with an offset makes Telegram forget everything before it. `allowed_updates` are
    /// Telegram's names of kinds and stay set until the next call that gives others.
    pub async fn get_updates(
        &self,
        offset: Option<i64>,
        limit: u8,
        timeout_s: u32,
        allowed_updates: &[&str],
    ) -> Result<RawBatch, TelegramError> {
        const METHOD: &str = "getUpdates";
        let payload = GetUpdates { offset, limit, timeout: timeout_s, allowed_updates };
        let begun = Instant::now();
        let polled = self.poll(METHOD, &payload, timeout_s).await;
        meters::ended(METHOD, begun.elapsed(), &polled);
        polled
    }

    async fn poll(
        &self,
        method: &'static str,
        payload: &GetUpdates<'_>,
        timeout_s: u32,
    ) -> Result<RawBatch, TelegramError> {
        let poll = Duration::from_secs(u64::from(timeout_s)).max(REPEATED_POLL);
        let deadline = poll.saturating_add(self.timeouts().request);
        let request = self.post(method).json(payload);
        let (status, body) = self.exchange(method, request, deadline).await?;
        if status.is_success()
            && let Some(batch) = batch::split(&body)
        {
            return Ok(batch);
        }
        let _: serde::de::IgnoredAny = self.result_of(method, status, &body)?;
        Err(TelegramError::Answer { method, what: "no list of updates".to_owned() })
    }

    /// Ends webhook delivery, so that polling may begin. What waits is kept.
    pub async fn delete_webhook(&self) -> Result<(), TelegramError> {
        let _: bool = self.call_again("deleteWebhook", &DeleteWebhook::new()).await?;
        Ok(())
    }

    /// What Telegram knows of our webhook.
    pub async fn get_webhook_info(&self) -> Result<WebhookInfo, TelegramError> {
        self.call_again("getWebhookInfo", &GetWebhookInfo::new()).await
    }

    /// Sets where Telegram posts updates, and the secret it repeats in the header
    /// `X-Telegram-Bot-Api-Secret-Token` (1 to 256 characters of `A-Za-z0-9_-`). What waits is kept.
    pub async fn set_webhook(
        &self,
        url: &str,
        secret: &str,
        max_connections: u32,
        allowed_updates: &[&str],
    ) -> Result<(), TelegramError> {
        /// Own, because teloxide's kinds of updates are an older list than Telegram's.
        #[derive(Serialize)]
        struct SetWebhook<'a> {
            url: &'a str,
            secret_token: &'a str,
            max_connections: u32,
            allowed_updates: &'a [&'a str],
            drop_pending_updates: bool,
        }
        let payload = SetWebhook {
            url,
            secret_token: secret,
            max_connections,
            allowed_updates,
            drop_pending_updates: false,
        };
        let _: bool = self.call_again("setWebhook", &payload).await?;
        Ok(())
    }

    /// Replaces the menu of commands for a scope and a language (ISO 639-1; `None`: all others).
    pub async fn set_my_commands(
        &self,
        commands: &[BotCommand],
        scope: CommandScope,
        language_code: Option<&str>,
    ) -> Result<(), TelegramError> {
        let mut payload = SetMyCommands::new(
            commands
                .iter()
                .map(|entry| wire::BotCommand::new(&*entry.command, &*entry.description)),
        );
        payload.scope = Some(match scope {
            CommandScope::Default => wire::BotCommandScope::Default,
            CommandScope::AllPrivateChats => wire::BotCommandScope::AllPrivateChats,
            CommandScope::AllGroupChats => wire::BotCommandScope::AllGroupChats,
            CommandScope::Chat(chat) => {
                wire::BotCommandScope::Chat { chat_id: Recipient::Id(wire::ChatId(chat.0)) }
            }
        });
        payload.language_code = language_code.map(str::to_owned);
        let _: bool = self.call_again("setMyCommands", &payload).await?;
        Ok(())
    }
}
