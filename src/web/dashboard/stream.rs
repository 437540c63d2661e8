//! How figures reach the pages: asked for once, or as a stream of server-sent events.
//!
//! Invariants: a stream holds one place in a channel that keeps the newest frame only, so that a
//! page which reads slowly skips frames and costs nothing; so many streams at once and no more; all
//! end with the word `bye` when the process is about to, and without a word when whoever listens is
//! none of the team any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::stream::unfold;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::caller::Caller;
use super::watching::Frame;
use super::{Dashboard, refused};
use crate::domain::ids::UserId;

/// Streams at the same time.
const STREAMS_MAX: u32 = 200;

/// Longest silence of a stream.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// Longest wait for a frame that nobody has gathered yet.
const FRAME_WITHIN: Duration = Duration::from_secs(2);

const STILL_HERE: Bytes = Bytes::from_static(b": still here\n\n");
const BYE: Bytes = Bytes::from_static(b"event: bye\ndata: {}\n\n");

/// Places for streams.
#[derive(Debug, Clone, Default)]
pub struct Seats(Arc<AtomicU32>);

/// A stream's place; free again on drop.
#[derive(Debug)]
struct Seat(Arc<AtomicU32>);

impl Seats {
    fn take(&self) -> Option<Seat> {
        let taken = self.0.fetch_add(1, Ordering::AcqRel);
        let seat = Seat(Arc::clone(&self.0));
        // The drop of a seat too many gives it back.
        if taken >= STREAMS_MAX {
            return None;
        }
        show(taken.saturating_add(1));
        Some(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let left = self.0.fetch_sub(1, Ordering::AcqRel).saturating_sub(1);
        show(left.min(STREAMS_MAX));
    }
}

fn show(clients: u32) {
    metrics::gauge!("primelingo_sse_clients").set(clients);
}

/// The figures of this moment.
pub async fn state(request: HttpRequest, dashboard: web::Data<Dashboard>) -> HttpResponse {
    if let Err(refusal) = dashboard.caller(&request).await {
        return refusal.into_response();
    }
    let mut frames = dashboard.frames.subscribe();
    if !frames.borrow_and_update().is_fresh() {
        dashboard.wanted.notify_one();
        // An older one is better than none.
        let _ = timeout(FRAME_WITHIN, frames.changed()).await;
    }
    let json = frames.borrow().json.clone();
    if json.is_empty() {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "state");
    }
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(json)
}

/// The last minutes.
pub async fn history(request: HttpRequest, dashboard: web::Data<Dashboard>) -> HttpResponse {
    if let Err(refusal) = dashboard.caller(&request).await {
        return refusal.into_response();
    }
    match dashboard.history.render() {
        Ok(json) => HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(json),
        Err(error) => {
            tracing::error!(%error, "the dashboard's history cannot be shown");
            refused(StatusCode::INTERNAL_SERVER_ERROR, "state")
        }
    }
}

/// The figures of every moment.
pub async fn stream(request: HttpRequest, dashboard: web::Data<Dashboard>) -> HttpResponse {
    let listener = match dashboard.caller(&request).await {
        Ok(Caller::Member(member, _)) => Some(member.user),
        Ok(Caller::Script) => None,
        Err(refusal) => return refusal.into_response(),
    };
    if dashboard.closing.is_cancelled() {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "closing");
    }
    let Some(seat) = dashboard.seats.take() else {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "crowded");
    };
    let mut frames = dashboard.frames.subscribe();
    if frames.borrow_and_update().is_fresh() {
        // The newest frame goes out at once.
        frames.mark_changed();
    } else {
        dashboard.wanted.notify_one();
    }
    let feed = Feed {
        dashboard: dashboard.into_inner(),
        listener,
        frames,
        silent_since: Instant::now(),
        is_over: false,
        _seat: seat,
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        // Proxies must not wait for more.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(unfold(feed, |mut feed| async move {
            let bytes = feed.next().await?;
            Some((Ok::<_, std::io::Error>(bytes), feed))
        }))
}

struct Feed {
    dashboard: Arc<Dashboard>,
    /// None for scripts.
    listener: Option<UserId>,
    frames: watch::Receiver<Frame>,
    silent_since: Instant,
    is_over: bool,
    _seat: Seat,
}

impl Feed {
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_over || !self.may_listen() {
            return None;
        }
        loop {
            tokio::select! {
                () = self.dashboard.closing.cancelled() => {
                    self.is_over = true;
                    return Some(BYE);
                }
                changed = self.frames.changed() => {
                    changed.ok()?;
                    if !self.may_listen() {
                        return None;
                    }
                    let event = self.frames.borrow_and_update().event.clone();
                    if !event.is_empty() {
                        self.silent_since = Instant::now();
                        return Some(event);
                    }
                }
                () = sleep_until(self.silent_since + SILENCE_MAX) => {
                    self.silent_since = Instant::now();
                    return Some(STILL_HERE);
                }
            }
        }
    }

    /// Roles are read again every few seconds, by whoever gathers the figures.
    fn may_listen(&self) -> bool {
        self.listener.is_none_or(|user| self.dashboard.people.standing(user).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_streams_and_no_more() {
        let seats = Seats::default();
        let mut taken: Vec<Seat> = (0..STREAMS_MAX).map(|_| seats.take().unwrap()).collect();
        assert!(seats.take().is_none());
        assert!(seats.take().is_none());
        taken.pop();
        assert!(seats.take().is_some());
        drop(taken);
        assert_eq!(seats.0.load(Ordering::Acquire), 0);
    }
}
