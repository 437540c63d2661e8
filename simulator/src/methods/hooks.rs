//! setWebhook, deleteWebhook and getWebhookInfo.

use super::{ApiError, Done, bad};
use crate::bot::Bot;
use crate::hook_client::Target;
use crate::params::Params;
use crate::webhook::Hook;
use serde_json::{Value, json};

pub fn set_webhook(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let url = p.str("url").unwrap_or_default().to_string();
    let drop_pending = p.flag("drop_pending_updates");
    if url.is_empty() {
        bot.webhook.set(bot, None, drop_pending);
        return Ok(Done { desc: Some("Webhook was deleted"), ..Done::yes() });
    }
    let target = Target::parse(&url).ok_or_else(|| bad("Bad Request: bad webhook: invalid URL"))?;
    if bot.cfg.read().require_https && !target.is_https() {
        return Err(bad("Bad Request: bad webhook: An HTTPS URL must be provided for webhook"));
    }
    let secret = p.str("secret_token").unwrap_or_default().to_string();
    if secret.len() > 256 {
        return Err(bad("Bad Request: secret token is too long"));
    }
    if !secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        return Err(bad("Bad Request: secret token contains unallowed characters"));
    }
    bot.queue.lock().set_allowed(p);
    let hook = Hook {
        target,
        secret,
        max_connections: p
            .int("max_connections")
            .filter(|n| *n > 0)
            .unwrap_or(40)
            .clamp(1, if bot.cfg.read().local { 100_000 } else { 100 })
            as usize,
        ip: p.str("ip_address").map(|s| s.to_string()),
        certificate: p.file("certificate").is_some(),
        generation: 0,
    };
    if !drop_pending && bot.webhook.hook().is_some_and(|old| old.is_like(&hook)) {
        return Ok(Done { desc: Some("Webhook is already set"), ..Done::yes() });
    }
    crate::updates::abort_for_webhook(bot);
    bot.webhook.set(bot, Some(hook), drop_pending);
    Ok(Done { desc: Some("Webhook was set"), ..Done::yes() })
}

pub fn webhook_info(bot: &Bot) -> Value {
    let (hook, under_way, q) = bot.webhook.with_queue(bot);
    let pending = q.q.len() + under_way;
    let allowed = q.allowed_names.clone();
    drop(q);
    let mut v = json!({
        "url": hook.as_ref().map_or("", |h| h.target.url.as_str()),
        "has_custom_certificate": hook.as_ref().is_some_and(|h| h.certificate),
        "pending_update_count": pending,
    });
    if let Some(h) = &hook {
        v["max_connections"] = json!(h.max_connections);
        v["ip_address"] = json!(h.ip.as_deref().unwrap_or("127.0.0.1"));
    }
    if let Some(a) = allowed {
        v["allowed_updates"] = json!(a);
    }
    if let Some((at, e)) = bot.webhook.last_error() {
        v["last_error_date"] = json!(at);
        v["last_error_message"] = json!(e);
    }
    v
}

pub fn delete_webhook(bot: &Bot, p: &Params) -> Done {
    let had = bot.webhook.hook().is_some();
    let drop_pending = p.flag("drop_pending_updates");
    if had || drop_pending {
        bot.webhook.set(bot, None, drop_pending);
    }
    let desc = if had { "Webhook was deleted" } else { "Webhook is already deleted" };
    Done { desc: Some(desc), ..Done::yes() }
}
