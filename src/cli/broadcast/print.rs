//! What `primelingo broadcast` prints, for people and for programs.

use serde_json::{Value, json};

use crate::domain::broadcast::{Broadcast, Cause, Content, NewBroadcast};
use crate::domain::clock::Timestamp;
use crate::domain::ids::BroadcastId;

/// Broadcasts, a line each.
pub fn list(broadcasts: &[Broadcast], json: bool) -> String {
    if json {
        return broadcasts.iter().map(value).collect::<Value>().to_string();
    }
    if broadcasts.is_empty() {
        return "there are no broadcasts".to_owned();
    }
    broadcasts.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// One broadcast.
pub fn one(broadcast: &Broadcast, json: bool) -> String {
    if json { value(broadcast).to_string() } else { line(broadcast) }
}

/// One broadcast with what its recipients came to.
pub fn report(broadcast: &Broadcast, causes: &[Cause], json: bool) -> String {
    if json {
        let cause = |cause: &Cause| {
            let Cause { state, reason, count } = cause;
            json!({ "state": state, "reason": reason, "count": count })
        };
        let causes: Value = causes.iter().map(cause).collect();
        return json!({ "broadcast": value(broadcast), "causes": causes }).to_string();
    }
    let mut lines = vec![line(broadcast)];
    lines.extend(causes.iter().map(|Cause { state, reason, count }| {
        let reason = if reason.is_empty() { String::new() } else { format!("  {reason}") };
        format!("  {count}  {state}{reason}")
    }));
    lines.join("\n")
}

/// What is asked before it is planned.
pub fn question(plan: &NewBroadcast, count: i64) -> String {
    let price = if plan.paid {
        format!(", for up to {}.{} Telegram Stars", count / 10, count % 10)
    } else {
        String::new()
    };
    let what = match plan.content {
        Content::Undo { .. } => "remove the messages of",
        _ => "send to",
    };
    format!("{what} {count} chats, not before {}{price}?", at(plan.start_at))
}

/// It is planned.
pub fn planned(id: BroadcastId, count: i64, json: bool) -> String {
    if json {
        return json!({ "broadcast": id.0, "done": true, "count": count }).to_string();
    }
    format!("broadcast {id} to {count} chats; see: primelingo broadcast status {id} --watch")
}

/// It is not planned, and why.
pub fn refusal(text: &str, json: bool) -> String {
    if json { json!({ "done": false, "error": text }).to_string() } else { text.to_owned() }
}

/// What was done to one broadcast, or why not.
pub fn word(is_done: bool, number: i64, text: &str, json: bool) -> String {
    if json {
        return json!({ "broadcast": number, "done": is_done, "said": text }).to_string();
    }
    text.to_owned()
}

fn line(broadcast: &Broadcast) -> String {
    let Broadcast { plan, state, stop_reason, progress, .. } = broadcast;
    let whole = if progress.is_filled { "" } else { "+" };
    let reason = stop_reason.as_ref().map(|reason| format!("  {reason}")).unwrap_or_default();
    format!(
        "{}  {}  {}  {} of {}{whole}  delivered {}  blocked {}  failed {}  in doubt {}{reason}",
        plan.id,
        state.name(),
        at(broadcast.started_at.unwrap_or(plan.start_at)),
        progress.settled(),
        progress.filled,
        progress.delivered,
        progress.blocked,
        progress.failed,
        progress.in_doubt,
    )
}

fn value(broadcast: &Broadcast) -> Value {
    let Broadcast { plan, state, stop_reason, created_at, started_at, done_at, progress } =
        broadcast;
    json!({
        "broadcast": plan.id.0,
        "state": state.name(),
        "by": plan.by.0,
        "content": plan.content,
        "audience": plan.audience,
        "doubt": plan.doubt.name(),
        "paid": plan.paid,
        "start_at": plan.start_at.to_rfc3339(),
        "created_at": created_at.to_rfc3339(),
        "started_at": started_at.map(|time| time.to_rfc3339()),
        "done_at": done_at.map(|time| time.to_rfc3339()),
        "stop_reason": stop_reason,
        "recipients": progress.filled,
        "is_complete": progress.is_filled,
        "pending": progress.pending(),
        "delivered": progress.delivered,
        "blocked": progress.blocked,
        "failed": progress.failed,
        "in_doubt": progress.in_doubt,
    })
}

fn at(time: Timestamp) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
