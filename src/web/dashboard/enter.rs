//! The way in and out: a link's button uses its key up and sets the cookie; leaving takes it back.
//!
//! Invariant: the address of a link alone does nothing, so that whoever looks at links before
//! people do (previews, scanners) uses no key up.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use tokio::time::timeout;

use super::caller::{COOKIE, Caller};
use super::people::READ_WITHIN;
use super::sign::{LIFE_S, Pass};
use super::{Dashboard, refused};
use crate::domain::clock::Timestamp;
use crate::domain::dashboard::hash_of;
use crate::domain::ids::UserId;
use crate::runtime::pseudonym;

/// The form's address.
pub const PATH: &str = "/dashboard/enter";

/// Largest form.
pub const FORM_MAX: usize = 1_024;

/// The page with the button.
const PAGE: &str = include_str!("page/enter.html");

/// Where the key goes.
const PLACE: &str = "{{key}}";

/// Digits of a key.
const KEY_DIGITS: usize = 32;

/// What a link or the form brings.
#[derive(Deserialize)]
pub struct Brought {
    #[serde(default)]
    key: String,
}

impl Brought {
    /// The key, if it looks like one: also what makes it safe inside the page.
    fn key(&self) -> Option<&str> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (self.key.len() == KEY_DIGITS && self.key.bytes().all(is_digit)).then_some(&self.key)
    }
}

/// A link was followed.
pub async fn ask(brought: web::Query<Brought>) -> HttpResponse {
    match brought.key() {
        Some(key) => html(StatusCode::OK, PAGE.replace(PLACE, key)),
        None => no_key(),
    }
}

/// The button was pressed.
pub async fn enter(
    request: HttpRequest,
    brought: web::Form<Brought>,
    dashboard: web::Data<Dashboard>,
) -> HttpResponse {
    if let Some(refusal) = dashboard.locked(&request) {
        return refusal.into_response();
    }
    let Some(key) = brought.key() else {
        dashboard.fail(&request);
        return no_key();
    };
    let (db, hash, now) = (dashboard.parts.db.clone(), hash_of(key), dashboard.parts.clock.now());
    let using = dashboard.parts.work.spawn(async move { db.dashboard_key_use(hash, now).await });
    match using.await {
        Ok(Ok(Some(user))) => let_in(&dashboard, user),
        Ok(Ok(None)) => {
            dashboard.fail(&request);
            no_key()
        }
        Ok(Err(error)) => {
            error.tell("a key of the dashboard cannot be read");
            refused(StatusCode::SERVICE_UNAVAILABLE, "database")
        }
        Err(error) => {
            tracing::error!(%error, "the look for a key broke");
            refused(StatusCode::SERVICE_UNAVAILABLE, "database")
        }
    }
}

fn let_in(dashboard: &Dashboard, user: UserId) -> HttpResponse {
    let mut chance = [0_u8; 8];
    if let Err(error) = getrandom::fill(&mut chance) {
        tracing::error!(%error, "no randomness for a pass");
        return refused(StatusCode::SERVICE_UNAVAILABLE, "state");
    }
    let nonce = u64::from_le_bytes(chance);
    let pass = Pass { user, expires_s: dashboard.now_s().saturating_add(LIFE_S), nonce };
    tracing::info!(person = %pseudonym(user.0), "entered the dashboard");
    HttpResponse::SeeOther()
        .insert_header((LOCATION, "/dashboard"))
        .insert_header((SET_COOKIE, cookie(dashboard, &dashboard.signer.seal(pass), LIFE_S)))
        .finish()
}

/// Whoever leaves takes the pass with them.
pub async fn leave(request: HttpRequest, dashboard: web::Data<Dashboard>) -> HttpResponse {
    match dashboard.caller(&request).await {
        Ok(Caller::Member(_, pass)) => {
            if !super::actions::has_token(&request, &dashboard, pass) {
                return refused(StatusCode::FORBIDDEN, "csrf");
            }
            dashboard.left.note(pass, true, dashboard.now_s());
            if !is_written(&dashboard, pass).await {
                return refused(StatusCode::SERVICE_UNAVAILABLE, "database");
            }
            HttpResponse::Ok()
                .insert_header((SET_COOKIE, cookie(&dashboard, "", 0)))
                .json(serde_json::json!({ "done": true }))
        }
        Ok(Caller::Script) => refused(StatusCode::FORBIDDEN, "role"),
        Err(refusal) => refusal.into_response(),
    }
}

/// Writes down, for other processes and after a restart, that the holder of a pass has left.
async fn is_written(dashboard: &Dashboard, pass: Pass) -> bool {
    let Some(expires_at) = Timestamp::from_timestamp(pass.expires_s, 0) else { return false };
    let db = dashboard.parts.db.clone();
    let leaving = dashboard.parts.work.spawn(async move {
        timeout(READ_WITHIN, db.dashboard_pass_leave(pass.user, pass.nonce, expires_at)).await
    });
    match leaving.await {
        Ok(Ok(Ok(()))) => true,
        Ok(Ok(Err(error))) => {
            error.tell("it cannot be written down that somebody left the dashboard");
            false
        }
        Ok(Err(_)) | Err(_) => false,
    }
}

fn cookie(dashboard: &Dashboard, value: &str, life_s: i64) -> String {
    let is_https = dashboard.names.get().is_some_and(super::OwnNames::is_https);
    let secure = if is_https { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; Max-Age={life_s}; HttpOnly; SameSite=Strict{secure}")
}

/// Used up, too old, or none of ours: all look the same.
fn no_key() -> HttpResponse {
    const GONE: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
        <title>PrimeLingo</title>\n<link rel=\"stylesheet\" href=\"/dashboard/style.css\">\n</head>\n\
        <body>\n<main class=\"gate\">\n<h1>PrimeLingo</h1>\n\
        <p>This link does not work any more. Send /dashboard to the bot for a new one.</p>\n\
        <p lang=\"ru\">Эта ссылка больше не действует. Отправьте боту /dashboard, чтобы получить новую.</p>\n\
        <p lang=\"uz\">Bu havola endi ishlamaydi. Yangisini olish uchun botga /dashboard yuboring.</p>\n\
        </main>\n</body>\n</html>\n";
    html(StatusCode::FORBIDDEN, GONE.to_owned())
}

fn html(status: StatusCode, text: String) -> HttpResponse {
    HttpResponse::build(status).insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_key_is_one() {
        let key = |text: &str| Brought { key: text.to_owned() }.key().map(str::to_owned);
        let good = "0123456789abcdef0123456789abcdef";
        assert_eq!(key(good).as_deref(), Some(good));
        for bad in [
            "",
            "\"><script>alert(1)</script>",
            &good[1..],
            &format!("{good}0"),
            &good.to_uppercase(),
        ] {
            assert_eq!(key(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_page_has_a_place_for_the_key() {
        assert_eq!(PAGE.matches(PLACE).count(), 1);
        assert!(PAGE.contains("method=\"post\" action=\"/dashboard/enter\""));
    }
}
