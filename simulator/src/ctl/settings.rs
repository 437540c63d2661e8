//! How the simulator behaves: settings, limits, faults, the clock, and starting afresh.

use super::{Res, de, flag, merge, unknown};
use crate::bot::Bot;
use crate::faults::{FaultRule, Faults, FileFaults, Outage};
use crate::util::now_us;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

pub fn run(bot: &Bot, path: &str, v: Value) -> Res {
    let given = v.as_object().is_some_and(|o| !o.is_empty());
    match path {
        "reset" => {
            bot.reset(flag(&v, "keep_users"), flag(&v, "keep_config"));
            Ok(json!({"ok": true}))
        }
        "config" => {
            if given {
                let mut c = bot.cfg.write();
                *c = merge(&*c, v)?;
                bot.events.publish(|| json!({"kind": "about"}));
            }
            Ok(json!(*bot.cfg.read()))
        }
        "limits" => {
            if given {
                let mut l = bot.limits.write();
                *l = merge(&*l, v)?;
                drop(l);
                *bot.global.lock() = crate::bot::Global::default();
                bot.each_chat(|c| c.bucket = crate::limits::Bucket::default());
                bot.events.publish(|| json!({"kind": "about"}));
            }
            Ok(json!(*bot.limits.read()))
        }
        "faults" => faults(bot, v),
        "record" => {
            let mut c = bot.calls.lock();
            if let Some(n) = v["keep"].as_u64() {
                c.keep = n as usize;
            }
            if let Some(n) = v["keep_params"].as_u64() {
                c.keep_params = n as usize;
            }
            Ok(json!({"keep": c.keep, "keep_params": c.keep_params, "held": c.recs.len()}))
        }
        "clock" => {
            bot.clock_shift.fetch_add(v["shift_s"].as_i64().unwrap_or(0), Ordering::Relaxed);
            Ok(json!({"unix": bot.unix_now()}))
        }
        "login" => {
            bot.logged_out.store(false, Ordering::Relaxed);
            Ok(json!({"ok": true}))
        }
        "queue/clear" => {
            bot.queue.lock().q.clear();
            Ok(json!({"ok": true}))
        }
        "stats/reset" => {
            *bot.stats.lock() = crate::calls::Stats::new();
            bot.calls.lock().clear();
            bot.each_chat(|c| {
                c.waiting.clear();
                c.breaches = 0;
            });
            Ok(json!({"ok": true}))
        }
        _ => Err(unknown(path)),
    }
}

fn faults(bot: &Bot, v: Value) -> Res {
    let mut f = bot.faults.lock();
    if flag(&v, "clear") {
        *f = Faults::default();
    }
    if let Some(r) = v.get("rules") {
        let mut rules: Vec<FaultRule> = de(r.clone())?;
        for r in &mut rules {
            r.until_us = r.for_s.map(|s| now_us() + (s * 1e6) as u64);
        }
        f.rules = rules;
    }
    if let Some(x) = v.get("files") {
        f.files = de::<FileFaults>(x.clone())?;
    }
    if let Some(x) = v.get("unauthorized") {
        f.unauthorized = x.as_bool().unwrap_or(false);
    }
    if let Some(o) = v.get("get_updates_outage") {
        f.outage = de::<Outage>(o.get("kind").cloned().unwrap_or(json!("status")))?;
        f.outage_until = now_us() + (o["for_s"].as_f64().unwrap_or(10.0) * 1e6) as u64;
    }
    if let Some(o) = v.as_object() {
        for k in o.keys() {
            if !matches!(
                k.as_str(),
                "clear" | "rules" | "files" | "unauthorized" | "get_updates_outage"
            ) {
                return Err(format!("unknown fault setting `{k}`"));
            }
        }
    }
    let on = !f.rules.is_empty() || f.unauthorized || f.outage_until > now_us();
    bot.faults_on.store(on, Ordering::Relaxed);
    Ok(
        json!({"rules": f.rules, "files": f.files, "unauthorized": f.unauthorized, "outage_left_s": f.outage_until.saturating_sub(now_us()) as f64 / 1e6}),
    )
}
