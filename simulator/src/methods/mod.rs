//! A call from its parameters to its answer: faults, validation, behaviour, record.

mod about;
mod answers;
mod chats;
mod generic;
mod get_file;
mod hooks;
mod validate;

pub use hooks::webhook_info;

use crate::bot::Bot;
use crate::calls::{CallRec, UNKNOWN_METHOD};
use crate::faults::{Outage, Verdict};
use crate::files::FileKind;
use crate::http::error_body;
use crate::params::Params;
use crate::send;
use crate::spec::{Method, spec};
use crate::updates::get_updates;
use crate::util::now_us;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use validate::{is_format_error, validate};

#[derive(Debug, Clone)]
pub struct ApiError {
    pub code: u16,
    pub desc: String,
    pub retry_after: Option<u32>,
    pub migrate_to: Option<i64>,
}

impl ApiError {
    pub fn new(code: u16, desc: impl Into<String>) -> ApiError {
        ApiError { code, desc: desc.into(), retry_after: None, migrate_to: None }
    }

    fn body(&self) -> Vec<u8> {
        error_body(self.code, &self.desc, self.retry_after, self.migrate_to)
    }
}

fn bad(desc: impl Into<String>) -> ApiError {
    ApiError::new(400, desc)
}

/// A successful call and what to note of it.
#[derive(Clone, Debug, Default)]
pub struct Done {
    pub result: Vec<u8>,
    pub desc: Option<&'static str>,
    pub chat: i64,
    pub msg: i64,
    pub text: Option<Arc<str>>,
}

impl Done {
    pub fn yes() -> Done {
        Done::json(b"true".to_vec())
    }

    pub fn json(result: Vec<u8>) -> Done {
        Done { result, ..Done::default() }
    }

    fn value(v: &Value) -> Done {
        Done::json(v.to_string().into_bytes())
    }
}

#[derive(Debug)]
pub struct Answer {
    /// 0 = close the connection.
    pub status: u16,
    pub body: Vec<u8>,
}

/// Runs one call. `started_us` is when its request began.
pub async fn call(bot: &Arc<Bot>, name: &str, mut p: Params, started_us: u64) -> Answer {
    let Some(m) = spec().method(name) else {
        note_unknown(bot, name);
        let e = ApiError::new(404, "Not Found: method not found");
        return finish(bot, UNKNOWN_METHOD, &p, started_us, 404, Err(e), true);
    };
    if bot.logged_out.load(Ordering::Relaxed) {
        return finish(bot, m.index, &p, started_us, 400, Err(bad("Logged out")), false);
    }
    let verdict = match before(bot, &m.name, p.int("chat_id").unwrap_or(0)).await {
        Ok(verdict) => verdict,
        // the code 0 closes the connection
        Err(e) => return finish(bot, m.index, &p, started_us, e.code, Err(e), false),
    };
    let result = checked(bot, m, &mut p).await;
    if verdict.after_us > 0 {
        let unheard = Unheard::new(bot, m.index, &p, started_us, &result);
        tokio::time::sleep(Duration::from_micros(verdict.after_us)).await;
        unheard.forget();
    }
    let status = if verdict.drop_after {
        count_fault(bot, "drop_after");
        0
    } else if let Some(s) = verdict.status_after {
        count_fault(bot, "status_after");
        s
    } else {
        result.as_ref().map_or_else(|e| e.code, |_| 200)
    };
    finish(bot, m.index, &p, started_us, status, result, true)
}

/// Records a call that was executed although its caller went away before the answer: the record
/// must not lack what the chat shows.
struct Unheard<'a> {
    bot: &'a Bot,
    method: u16,
    params: &'a Params,
    started_us: u64,
    result: Option<Result<Done, ApiError>>,
}

impl<'a> Unheard<'a> {
    fn new(
        bot: &'a Bot,
        method: u16,
        params: &'a Params,
        started_us: u64,
        result: &Result<Done, ApiError>,
    ) -> Self {
        Unheard { bot, method, params, started_us, result: Some(result.clone()) }
    }

    fn forget(mut self) {
        self.result = None;
    }
}

impl Drop for Unheard<'_> {
    fn drop(&mut self) {
        if let Some(result) = self.result.take() {
            finish(self.bot, self.method, self.params, self.started_us, 0, result, true);
        }
    }
}

fn note_unknown(bot: &Bot, name: &str) {
    let name: String = name.chars().take(60).collect();
    let mut stats = bot.stats.lock();
    *stats.unknown_methods.entry(name.clone()).or_insert(0) += 1;
    stats.violation(UNKNOWN_METHOD, format!("unknown method {name}"), true);
}

fn count_fault(bot: &Bot, kind: &'static str) {
    *bot.stats.lock().faults.entry(kind).or_insert(0) += 1;
}

/// The faults that strike before a call is executed. `Err` is the answer instead of it; its
/// code 0 closes the connection.
async fn before(bot: &Bot, method: &str, chat: i64) -> Result<Verdict, ApiError> {
    if !bot.faults_on.load(Ordering::Relaxed) {
        return Ok(Verdict::default());
    }
    let (verdict, outage, unauthorized) = {
        let mut f = bot.faults.lock();
        let out = method == "getUpdates" && now_us() < f.outage_until;
        let outage = out.then_some((f.outage, f.outage_until));
        (f.decide(method, chat), outage, f.unauthorized)
    };
    if let Some((kind, until_us)) = outage {
        count_fault(bot, "get_updates_outage");
        if kind == Outage::Status {
            return Err(ApiError::new(502, "Bad Gateway"));
        }
        if kind == Outage::Hang {
            tokio::time::sleep(Duration::from_micros(until_us.saturating_sub(now_us()))).await;
        }
        return Err(ApiError::new(0, "dropped (outage)"));
    }
    if unauthorized {
        return Err(ApiError::new(401, "Unauthorized"));
    }
    if verdict.before_us > 0 {
        tokio::time::sleep(Duration::from_micros(verdict.before_us)).await;
    }
    if verdict.drop_before {
        count_fault(bot, "drop_before");
        return Err(ApiError::new(0, "dropped before executing"));
    }
    if let Some(s) = verdict.retry_after {
        count_fault(bot, "retry_after");
        let text = format!("Too Many Requests: retry after {s}");
        return Err(ApiError { retry_after: Some(s), ..ApiError::new(429, text) });
    }
    if let Some(s) = verdict.status {
        count_fault(bot, "status");
        let reason = hyper::StatusCode::from_u16(s).ok().and_then(|c| c.canonical_reason());
        return Err(ApiError::new(s, reason.unwrap_or("Error")));
    }
    Ok(verdict)
}

/// Checks a call against the schema, executes it and records what was wrong with it.
async fn checked(bot: &Arc<Bot>, m: &Method, p: &mut Params) -> Result<Done, ApiError> {
    let found = validate(m, p);
    let paranoid = bot.cfg.read().paranoid;
    let result = match found.first() {
        Some(first) if paranoid => Err(bad(format!("Bad Request: {first}"))),
        _ if m.name == "getUpdates" => get_updates(bot, p).await.map(Done::json),
        _ => execute(bot, m, p).await,
    };
    let refused = result.as_ref().err().filter(|e| e.code == 400);
    if found.is_empty() && refused.is_none() {
        return result;
    }
    let mut stats = bot.stats.lock();
    for v in found {
        stats.violation(m.index, v, refused.is_some());
    }
    if let Some(e) = refused.filter(|e| is_format_error(&e.desc)) {
        stats.violation(m.index, e.desc.clone(), true);
    }
    drop(stats);
    result
}

/// Records the call and makes its answer.
fn finish(
    bot: &Bot,
    method: u16,
    p: &Params,
    started: u64,
    status: u16,
    r: Result<Done, ApiError>,
    executed: bool,
) -> Answer {
    let now = now_us();
    let polls = spec().methods.get(method as usize).is_some_and(|m| m.name == "getUpdates");
    let mut rec = CallRec {
        seq: 0,
        at_us: now,
        dur_us: now.saturating_sub(started).min(u64::from(u32::MAX)) as u32,
        method,
        status,
        executed: executed && r.is_ok(),
        chat: 0,
        msg: 0,
        text: None,
        error: None,
        params: None,
    };
    let body;
    match r {
        Ok(d) => {
            rec.chat = d.chat;
            rec.msg = d.msg;
            rec.text = d.text;
            let mut b = Vec::with_capacity(d.result.len() + 40);
            b.extend_from_slice(b"{\"ok\":true,\"result\":");
            b.extend_from_slice(&d.result);
            if let Some(t) = d.desc {
                b.extend_from_slice(b",\"description\":");
                crate::util::push_json_str(&mut b, t);
            }
            b.push(b'}');
            body = if status == 200 {
                b
            } else {
                error_body(status, "Internal Server Error", None, None)
            };
        }
        Err(e) => {
            rec.chat = p.int("chat_id").unwrap_or(0);
            body = if status == e.code || e.code == 0 {
                e.body()
            } else {
                error_body(status, "Internal Server Error", None, None)
            };
            rec.error = Some(e.desc.into());
        }
    }
    bot.stats.lock().call(now, method, status);
    // successful polls are counted only: they would fill the log
    if !polls || status != 200 {
        rec.params = Some(p.to_json().into());
        bot.calls.lock().push(rec);
    }
    Answer { status, body }
}

fn need<'a>(p: &'a Params, name: &str) -> Result<std::borrow::Cow<'a, str>, ApiError> {
    p.str(name)
        .filter(|s| !s.is_empty())
        .ok_or_else(|| bad(format!("Bad Request: {name} is empty")))
}

async fn execute(bot: &Arc<Bot>, m: &Method, p: &mut Params) -> Result<Done, ApiError> {
    match m.name.as_str() {
        "getMe" => Ok(about::get_me(bot)),
        "sendMessage" => send::send_message(bot, p),
        "sendPhoto" => send::send_media(bot, p, FileKind::Photo),
        "sendDocument" => send::send_media(bot, p, FileKind::Document),
        "sendAudio" => send::send_media(bot, p, FileKind::Audio),
        "sendVideo" => send::send_media(bot, p, FileKind::Video),
        "sendVoice" => send::send_media(bot, p, FileKind::Voice),
        "sendAnimation" => send::send_media(bot, p, FileKind::Animation),
        "sendSticker" => send::send_media(bot, p, FileKind::Sticker),
        "sendVideoNote" => send::send_media(bot, p, FileKind::VideoNote),
        "sendMediaGroup" => send::send_media_group(bot, p),
        "sendChatAction" => send::chat_action(bot, p),
        "sendMessageDraft" => send::send_draft(bot, p),
        "copyMessage" => send::copy_message(bot, p),
        "forwardMessage" => send::forward_message(bot, p),
        "copyMessages" => send::copy_or_forward_many(bot, p, false),
        "forwardMessages" => send::copy_or_forward_many(bot, p, true),
        "editMessageText" => send::edit_text(bot, p),
        "editMessageCaption" => send::edit_caption(bot, p),
        "editMessageReplyMarkup" => send::edit_markup(bot, p),
        "editMessageMedia" => send::edit_media(bot, p),
        "deleteMessage" => send::delete(bot, p, false),
        "deleteMessages" => send::delete(bot, p, true),
        "pinChatMessage" => send::pin(bot, p, Some(true)),
        "unpinChatMessage" => send::pin(bot, p, Some(false)),
        "unpinAllChatMessages" => send::pin(bot, p, None),
        "setMessageReaction" => answers::reaction(bot, p),
        "answerCallbackQuery" => answers::answer_callback(bot, p),
        "answerInlineQuery" => answers::answer_inline(bot, p),
        "getFile" => get_file::get_file(bot, p).await,
        "setMyCommands" => about::set_commands(bot, p),
        "getMyCommands" => Ok(about::get_commands(bot, p)),
        "deleteMyCommands" => Ok(about::delete_commands(bot, p)),
        "setMyName" | "setMyDescription" | "setMyShortDescription" => {
            Ok(about::set_text(bot, &m.name, p))
        }
        "getMyName" | "getMyDescription" | "getMyShortDescription" => {
            Ok(about::get_text(bot, &m.name, p))
        }
        "getChat" => chats::get_chat(bot, p),
        "getChatMember" => chats::get_chat_member(bot, p),
        "getChatAdministrators" => chats::get_administrators(bot, p),
        "getChatMemberCount" => chats::get_member_count(bot, p),
        "setWebhook" => hooks::set_webhook(bot, p),
        "deleteWebhook" => Ok(hooks::delete_webhook(bot, p)),
        "getWebhookInfo" => Ok(Done::value(&webhook_info(bot))),
        "logOut" => {
            bot.logged_out.store(true, Ordering::Relaxed);
            Ok(Done::yes())
        }
        "close" => Ok(Done::yes()),
        _ => generic::generic(bot, m, p),
    }
}
