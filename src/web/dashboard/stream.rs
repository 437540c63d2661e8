//! How figures reach the pages: asked for once, or as a stream of server-sent events.
//!
//! Invariants: a stream holds one place in a channel that keeps the newest frame only, so that a
//! page which reads slowly skips frames and costs nothing; so many streams at once and no more, and of
//! one person a few; all end with the word `bye` when the process is about to, and without a word
//! when whoever listens is none of the team any more, has left, or brought what is no secret now.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::stream::unfold;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::caller::Caller;
use super::sign::Pass;
use super::watching::Frame;
use super::{Dashboard, refused};
use crate::domain::ids::UserId;
use crate::web::bearer::bearer_of;

/// Streams at the same time.
const STREAMS_MAX: u32 = 200;

/// Longest silence of a stream.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// Longest wait for a frame that nobody has gathered yet.
const FRAME_WITHIN: Duration = Duration::from_secs(2);

const STILL_HERE: Bytes = Bytes::from_static(b": still here\n\n");
const BYE: Bytes = Bytes::from_static(b"event: bye\ndata: {}\n\n");

/// Streams of one person at the same time: pages of several devices. All scripts are one.
const STREAMS_OF_ONE: u32 = 20;

/// Places for streams: who has how many; scripts are nobody.
#[derive(Debug, Clone, Default)]
pub struct Seats(Arc<Mutex<HashMap<Option<UserId>, u32>>>);

/// A stream's place; free again on drop.
#[derive(Debug)]
struct Seat {
    seats: Seats,
    holder: Option<UserId>,
}

impl Seats {
    fn take(&self, holder: Option<UserId>) -> Option<Seat> {
        self.change(|taken| {
            let all: u32 = taken.values().sum();
            let own = taken.get(&holder).copied().unwrap_or(0);
            if all >= STREAMS_MAX || own >= STREAMS_OF_ONE {
                return None;
            }
            taken.insert(holder, own.saturating_add(1));
            Some(Seat { seats: self.clone(), holder })
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut HashMap<Option<UserId>, u32>) -> T) -> T {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut taken);
        metrics::gauge!("primelingo_sse_clients").set(taken.values().sum::<u32>());
        changed
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.change(|taken| {
            let left = taken.get(&self.holder).copied().unwrap_or(0).saturating_sub(1);
            if left == 0 {
                taken.remove(&self.holder);
            } else {
                taken.insert(self.holder, left);
            }
        });
    }
}

/// The figures of this moment.
pub async fn state(request: HttpRequest, dashboard: web::Data<Dashboard>) -> HttpResponse {
    let rank = match dashboard.caller(&request).await {
        Ok(Caller::Member(member, _)) => Some(member.rank),
        Ok(Caller::Script) => None,
        Err(refusal) => return refusal.into_response(),
    };
    let mut frames = dashboard.frames.subscribe();
    if !frames.borrow_and_update().is_fresh() {
        dashboard.wanted.notify_one();
        // An older one is better than none.
        let _ = timeout(FRAME_WITHIN, frames.changed()).await;
    }
    let json = frames.borrow().of(rank).json.clone();
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
        Ok(Caller::Member(_, pass)) => Listener::Member(pass),
        Ok(Caller::Script) => Listener::Script(bearer_of(request.headers()).map(blake3::hash)),
        Err(refusal) => return refusal.into_response(),
    };
    if dashboard.closing.is_cancelled() {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "closing");
    }
    let Some(seat) = dashboard.seats.take(listener.user()) else {
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

/// Who listens, and what they have brought.
enum Listener {
    Member(Pass),
    /// The hash of the token.
    Script(Option<blake3::Hash>),
}

impl Listener {
    const fn user(&self) -> Option<UserId> {
        match self {
            Self::Member(pass) => Some(pass.user),
            Self::Script(_) => None,
        }
    }
}

struct Feed {
    dashboard: Arc<Dashboard>,
    listener: Listener,
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
                    let rank = self.listener.user().and_then(|user| self.dashboard.people.standing(user));
                    let event = self.frames.borrow_and_update().of(rank).event.clone();
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
        match &self.listener {
            Listener::Member(pass) => {
                pass.expires_s > self.dashboard.now_s()
                    && !self.dashboard.left.has(*pass)
                    && self.dashboard.people.standing(pass.user).is_some()
            }
            Listener::Script(token) => {
                token.as_ref().is_some_and(|token| self.dashboard.parts.token.has_hash(token))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_streams_and_no_more() {
        let seats = Seats::default();
        let holder = |number: u32| Some(UserId(i64::from(number / STREAMS_OF_ONE)));
        let mut taken: Vec<Seat> =
            (0..STREAMS_MAX).map(|number| seats.take(holder(number)).unwrap()).collect();
        assert!(seats.take(Some(UserId(99))).is_none());
        assert!(seats.take(None).is_none());
        taken.pop();
        assert!(seats.take(Some(UserId(99))).is_some());
        drop(taken);
        assert!(seats.0.lock().unwrap().is_empty());
    }

    #[test]
    fn nobody_takes_the_seats_of_others() {
        let seats = Seats::default();
        for holder in [Some(UserId(1)), None] {
            let taken: Vec<Seat> =
                (0..STREAMS_OF_ONE).map(|_| seats.take(holder).unwrap()).collect();
            assert!(seats.take(holder).is_none());
            assert!(seats.take(Some(UserId(2))).is_some());
            drop(taken);
            assert!(seats.take(holder).is_some());
        }
    }
}
