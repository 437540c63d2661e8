//! The dashboard: one page on the admin listener, what feeds it, and what is done on it.
//!
//! The page is part of the program (`assets`). It asks for figures, which one task gathers for all
//! (`watching`) from what the process knows (`figures`) and what the store holds (`stored`), and
//! listens to them (`stream`); what people do there comes back as actions (`actions`). A link from
//! the bot leads in (`enter`); a signed pass is shown from then on (`sign`, `caller`, `people`).
//!
//! Invariants: no GET changes anything; whatever does was sent by our own page (`origin`), by
//! somebody whose role was read from the database in the same transaction, and stands in the audit
//! log; all that people wrote is JSON text and nothing else; figures cost the same for one page and
//! for a hundred, and nothing when nobody looks; a page that does not read costs no memory. Without
//! database or Redis the page shows what is known, and says how old it is.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Next, from_fn};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::future::BoxFuture;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::bearer::too_often;
use super::lock::Locks;
use super::{LiveSecret, Standing, body};
use crate::domain::clock::Clock;
use crate::domain::ids::{JobId, UserId};
use crate::health::HealthBoard;
use crate::ingest::messages::LastPoll;
use crate::meters::Readings;
use crate::runtime::{Port, Ring, Roster, WorkRuntime};
use crate::store::records::{Doer, NewOutbox};
use crate::store::{Db, StoreResult};

mod actions;
mod assets;
mod audit;
mod caller;
mod deferred;
mod enter;
mod figures;
mod history;
mod origin;
mod people;
mod sign;
mod stored;
mod stream;
mod undo;
mod watching;
mod wording;

pub use figures::{AlertLine, ErrorLine};

use assets::Assets;
use caller::{Caller, Left, Refusal};
use history::History;
use origin::OwnNames;
use people::People;
use sign::Signer;
use stored::Stored;
use stream::Seats;
use undo::Undos;
use watching::Frame;

/// Sets what is logged; whoever owns the subscriber gives it.
pub type SetLogLevel = Arc<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// The alerts that are open or were of late, the newest first.
pub type ListAlerts =
    Arc<dyn Fn() -> BoxFuture<'static, StoreResult<Vec<AlertLine>>> + Send + Sync>;

/// Somebody has seen an alert; gives whether there is such an open one. Writes its own audit note.
pub type AckAlert = Arc<dyn Fn(i64, Doer) -> BoxFuture<'static, StoreResult<bool>> + Send + Sync>;

/// Errors of late, by what they are.
pub type ListErrors =
    Arc<dyn Fn() -> BoxFuture<'static, StoreResult<Vec<ErrorLine>>> + Send + Sync>;

/// What the card of a job's file says when the job is cancelled; the outer none: no such job.
pub type CardOfCancelled =
    Arc<dyn Fn(JobId) -> BoxFuture<'static, StoreResult<Option<Option<NewOutbox>>>> + Send + Sync>;

/// What others have to give, as far as they are there.
#[derive(Clone, Default)]
pub struct Extras {
    /// Turns the log up or down.
    pub set_log_level: Option<SetLogLevel>,
    /// Alerts.
    pub alerts: Option<ListAlerts>,
    /// Says that an alert was seen.
    pub ack: Option<AckAlert>,
    /// Errors.
    pub errors: Option<ListErrors>,
}

/// What the dashboard needs.
#[derive(Clone)]
pub struct DashboardParts {
    /// The database.
    pub db: Db,
    /// How the components are.
    pub health: HealthBoard,
    /// The actors of this process.
    pub roster: Roster,
    /// The figures of this process.
    pub readings: Readings,
    /// What this process is at the moment.
    pub standing: watch::Receiver<Standing>,
    /// When the last poll came to a good end.
    pub last_poll: Arc<LastPoll>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where I/O runs.
    pub work: WorkRuntime,
    /// The dispatchers' doorbell.
    pub jobs: Port<Ring>,
    /// The broadcaster's doorbell.
    pub broadcasts: Port<Ring>,
    /// The gates' doorbell.
    pub outbox: Port<Ring>,
    /// The card of a job that is cancelled.
    pub card_of_cancelled: CardOfCancelled,
    /// What others have to give.
    pub extras: Extras,
    /// Owners by configuration.
    pub owners: watch::Receiver<Vec<UserId>>,
    /// A key of this installation, the same in all its processes.
    pub key: [u8; 32],
    /// Opens the figures to scripts.
    pub token: LiveSecret,
    /// Where people find the page, if configured.
    pub base_url: Option<String>,
    /// The queue that this process works off.
    pub queue: String,
    /// This process's name.
    pub instance: String,
    /// The bot's `@name` without the sign.
    pub bot: String,
    /// What is logged at the start.
    pub log_level: String,
}

/// The dashboard of one process.
pub struct Dashboard {
    parts: DashboardParts,
    assets: Assets,
    signer: Signer,
    people: Arc<People>,
    left: Left,
    locks: Arc<Locks>,
    names: OnceLock<OwnNames>,
    seats: Seats,
    undos: Undos,
    stored: Arc<Stored>,
    history: History,
    frames: watch::Sender<Frame>,
    wanted: Notify,
    log_level: watch::Sender<String>,
    closing: CancellationToken,
}

impl Dashboard {
    /// A dashboard, with the task that gathers what it shows.
    pub fn begin(parts: DashboardParts) -> std::io::Result<Arc<Self>> {
        let dashboard = Arc::new(Self {
            assets: Assets::pack()?,
            signer: Signer::new(&parts.key),
            people: Arc::new(People::new(parts.owners.clone())),
            left: Left::default(),
            locks: Arc::default(),
            names: OnceLock::new(),
            seats: Seats::default(),
            undos: Undos::default(),
            stored: Arc::default(),
            history: History::default(),
            frames: watch::Sender::new(Frame::default()),
            wanted: Notify::new(),
            log_level: watch::Sender::new(parts.log_level.clone()),
            closing: CancellationToken::new(),
            parts,
        });
        let work = dashboard.parts.work.clone();
        work.spawn_beside(watching::watch(Arc::clone(&dashboard)));
        Ok(dashboard)
    }

    /// Where it listens; gives where people find it. The first call counts.
    pub fn listens(&self, address: SocketAddr) -> String {
        let base_url = match &self.parts.base_url {
            Some(base_url) => base_url.clone(),
            None if address.ip().is_unspecified() => format!("http://127.0.0.1:{}", address.port()),
            None => format!("http://{address}"),
        };
        if let Some(names) = OwnNames::of(&base_url) {
            let _ = self.names.set(names);
        }
        base_url
    }

    /// Who is locked out of this listener.
    pub(super) const fn locks(&self) -> &Arc<Locks> {
        &self.locks
    }

    /// Ends all streams: the process is about to end.
    pub fn close(&self) {
        self.closing.cancel();
    }

    fn now_s(&self) -> i64 {
        self.parts.clock.now().timestamp()
    }
}

/// Adds the page and what feeds it to a listener.
pub(super) fn configure(dashboard: &Arc<Dashboard>, config: &mut web::ServiceConfig) {
    let data = web::Data::from(Arc::clone(dashboard));
    let page = web::scope("/dashboard")
        .app_data(data.clone())
        .app_data(web::FormConfig::default().limit(enter::FORM_MAX))
        .wrap(from_fn(guard))
        .route("", web::get().to(page))
        .route("/enter", web::get().to(enter::ask))
        .route("/enter", web::post().to(enter::enter))
        .route("/{file}", web::get().to(file));
    let api = web::scope("/api/v1")
        .app_data(data)
        .app_data(web::PayloadConfig::new(actions::BODY_MAX))
        .wrap(from_fn(guard))
        .route("/me", web::get().to(me))
        .route("/state", web::get().to(stream::state))
        .route("/stream", web::get().to(stream::stream))
        .route("/history", web::get().to(stream::history))
        .route("/audit", web::get().to(audit::audit))
        .route("/actions", web::post().to(actions::act))
        .route("/leave", web::post().to(enter::leave));
    config.service(page).service(api);
}

/// What the page may load and do: its own files, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// Headers of every answer.
const HEADERS: [(&str, &str); 7] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// Browsers that have been here by TLS come by nothing else for a year.
const STRICT_TRANSPORT: (&str, &str) = ("strict-transport-security", "max-age=31536000");

/// Longest wait for a whole body: whoever asks has not shown who they are.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Answers only what was sent to our own names, and posts only of our own pages.
async fn guard(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let names = request.app_data::<web::Data<Dashboard>>().and_then(|data| data.names.get());
    let headers = request.headers();
    let is_ours = names.is_some_and(|names| names.are_asked(headers));
    let is_form = request.path() == enter::PATH;
    let is_sent_by_us = request.method() != Method::POST
        || names.is_some_and(|names| {
            if is_form { names.may_have_sent(headers) } else { names.have_sent(headers) }
        });
    let is_by_tls = names.is_some_and(|names| names.is_https() && names.are_named(headers));
    let refusal = if !is_ours {
        Some(HttpResponse::MisdirectedRequest().body("this is not the name of the dashboard\n"))
    } else if !is_sent_by_us {
        Some(refused(StatusCode::FORBIDDEN, "origin"))
    } else if request.method() == Method::POST {
        let read = body::collect(&mut request, actions::BODY_MAX, BODY_TIMEOUT).await;
        read.err().map(|status| refused(status, "body"))
    } else {
        None
    };
    let mut response = match refusal {
        None => next.call(request).await?.map_into_left_body(),
        Some(refusal) => request.into_response(refusal).map_into_right_body(),
    };
    let headers = response.headers_mut();
    if is_by_tls {
        let (name, value) = STRICT_TRANSPORT;
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

async fn page(request: HttpRequest, dashboard: web::Data<Dashboard>) -> HttpResponse {
    dashboard.assets.serve(&request, "")
}

async fn file(
    request: HttpRequest,
    name: web::Path<String>,
    dashboard: web::Data<Dashboard>,
) -> HttpResponse {
    dashboard.assets.serve(&request, &name)
}

/// Who asks, and with which token they act.
async fn me(request: HttpRequest, dashboard: web::Data<Dashboard>) -> HttpResponse {
    match dashboard.caller(&request).await {
        Ok(Caller::Member(member, pass)) => HttpResponse::Ok().json(serde_json::json!({
            "role": member.rank.name(),
            "name": member.name,
            "lang": member.lang.code(),
            "csrf": dashboard.signer.csrf(pass),
        })),
        Ok(Caller::Script) => HttpResponse::Ok()
            .json(serde_json::json!({"role": "viewer", "name": "", "lang": "en", "csrf": ""})),
        Err(refusal) => refusal.into_response(),
    }
}

/// A refusal as the API says it.
fn refused(status: StatusCode, error: &str) -> HttpResponse {
    HttpResponse::build(status).json(serde_json::json!({ "error": error }))
}

impl Refusal {
    fn into_response(self) -> HttpResponse {
        match self {
            Self::SignIn => refused(StatusCode::UNAUTHORIZED, "sign_in"),
            Self::TooOften(locked) => too_often(locked),
            Self::Database => refused(StatusCode::SERVICE_UNAVAILABLE, "database"),
        }
    }
}
