//! One task per process: it keeps the history, and gathers what is shown once a second while
//! somebody looks.
//!
//! Invariants: figures are turned into bytes once, whoever looks; who did what is in the bytes for
//! owners alone; when nobody looks, nothing is done but a reading of the own figures every five
//! seconds.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::Dashboard;
use super::figures::{crews, render, restarts, traffic};
use super::history::{Mark, STEP_S};
use crate::domain::dashboard::Rank;
use crate::meters::Reading;
use crate::runtime::Crewed;

/// Pause between two gatherings.
const GATHER_EVERY: Duration = Duration::from_secs(1);

/// How long the first look at the store is waited for.
const FIRST_LOOK_WITHIN: Duration = Duration::from_millis(200);

/// Whoever has asked within this looks.
const LOOKS_FOR: Duration = Duration::from_secs(3);

const EVENT_HEAD: &[u8] = b"event: state\ndata: ";
const EVENT_END: &[u8] = b"\n\n";

/// What is shown at one moment.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// To everybody.
    shared: Wire,
    /// To owners.
    whole: Wire,
    /// When it was gathered.
    pub at: Option<Instant>,
}

/// The bytes of a frame.
#[derive(Debug, Clone, Default)]
pub struct Wire {
    /// As an event of the stream; empty before the first.
    pub event: Bytes,
    /// As JSON: a part of the same bytes.
    pub json: Bytes,
}

impl Wire {
    /// Of pieces that are one JSON object together.
    fn new(pieces: &[&[u8]]) -> Self {
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        let mut event = BytesMut::with_capacity(length + EVENT_HEAD.len() + EVENT_END.len());
        event.put_slice(EVENT_HEAD);
        for piece in pieces {
            event.put_slice(piece);
        }
        event.put_slice(EVENT_END);
        let event = event.freeze();
        let json = event.slice(EVENT_HEAD.len()..event.len() - EVENT_END.len());
        Self { event, json }
    }
}

impl Frame {
    /// Of an object with what everybody may see, and the list of who did what.
    fn new(json: &[u8], audit: &[u8], at: Instant) -> Self {
        let open = json.strip_suffix(b"}").unwrap_or(json);
        let whole = Wire::new(&[open, b",\"audit\":", audit, b"}"]);
        Self { shared: Wire::new(&[json]), whole, at: Some(at) }
    }

    /// What is shown to whoever is of that rank; a script has none.
    pub fn of(&self, rank: Option<Rank>) -> &Wire {
        if rank == Some(Rank::Owner) { &self.whole } else { &self.shared }
    }

    /// Whether it is no older than what the next second would bring.
    pub fn is_fresh(&self) -> bool {
        self.at.is_some_and(|at| at.elapsed() < GATHER_EVERY)
    }
}

/// What the task remembers from one point to the next.
struct Memory {
    /// The readings of the last two points: the older one is what figures are compared with.
    earlier: Arc<Reading>,
    latest: Arc<Reading>,
    point_at: Instant,
    restarts: HashMap<&'static str, u64>,
    alerts: f64,
}

/// Runs until the dashboard closes.
pub async fn watch(dashboard: Arc<Dashboard>) {
    let reading = dashboard.parts.readings.now();
    let mut memory = Memory {
        earlier: Arc::clone(&reading),
        latest: reading,
        point_at: Instant::now(),
        restarts: HashMap::new(),
        alerts: 0.0,
    };
    let mut tick = interval(GATHER_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut asked_at: Option<Instant> = None;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = dashboard.wanted.notified() => asked_at = Some(Instant::now()),
            () = dashboard.closing.cancelled() => return,
        }
        let is_watched = dashboard.frames.receiver_count() > 0
            || asked_at.is_some_and(|at| at.elapsed() < LOOKS_FOR);
        let is_point_due = memory.point_at.elapsed() >= Duration::from_secs(STEP_S);
        if !is_watched && !is_point_due {
            continue;
        }
        let crews = crews(&dashboard).await;
        if is_point_due {
            note_point(&dashboard, &mut memory, &crews);
        }
        if is_watched {
            gather(&dashboard, &memory, &crews).await;
        }
    }
}

fn note_point(dashboard: &Dashboard, memory: &mut Memory, crews: &[Crewed]) {
    let (reading, now) = (dashboard.parts.readings.now(), Instant::now());
    memory.point_at = now;
    let at = dashboard.parts.clock.now().timestamp_millis();
    dashboard.history.add(at, &traffic(&reading, &memory.latest));
    memory.earlier = std::mem::replace(&mut memory.latest, Arc::clone(&reading));
    let mut marks = Vec::new();
    for (name, count) in restarts(crews) {
        // Whatever starts has not been started anew.
        let before = memory.restarts.insert(name, count).unwrap_or(0);
        if count > before {
            marks.push(Mark { t: at, kind: "restart", text: name.to_owned() });
        }
    }
    let alerts = reading.sum("primelingo_alerts_firing", &[]).unwrap_or(0.0);
    if alerts > memory.alerts {
        marks.push(Mark { t: at, kind: "alert", text: dashboard.stored.newest_alert() });
    }
    memory.alerts = alerts;
    dashboard.history.mark(marks);
}

async fn gather(dashboard: &Arc<Dashboard>, memory: &Memory, crews: &[Crewed]) {
    look_at_store(dashboard).await;
    let (stored, age) = dashboard.stored.shown(Instant::now());
    let reading = dashboard.parts.readings.now();
    let figures = render(dashboard, &reading, &memory.earlier, crews, &stored, age);
    match figures.and_then(|figures| Ok((figures, stored.audit_json()?))) {
        Ok((figures, audit)) => {
            dashboard.frames.send_replace(Frame::new(&figures, &audit, Instant::now()));
        }
        Err(error) => tracing::error!(%error, "the dashboard's figures cannot be shown"),
    }
}

/// The store is looked at beside: only the first look is waited for, a little.
async fn look_at_store(dashboard: &Arc<Dashboard>) {
    if !dashboard.stored.is_due(Instant::now()) {
        return;
    }
    let looker = Arc::clone(dashboard);
    let looking = dashboard.parts.work.spawn(async move {
        looker.stored.look(&looker.parts, &looker.people).await;
    });
    let (_, age) = dashboard.stored.shown(Instant::now());
    if age.is_none() {
        // What comes later is shown a second later.
        let _ = tokio::time::timeout(FIRST_LOOK_WITHIN, looking).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_holds_its_bytes_once() {
        let frame = Frame::new(b"{\"at\":1}", b"[]", Instant::now());
        let shared = frame.of(None);
        assert_eq!(&shared.event[..], b"event: state\ndata: {\"at\":1}\n\n");
        assert_eq!(&shared.json[..], b"{\"at\":1}");
        assert_eq!(shared.json.as_ptr(), shared.event[EVENT_HEAD.len()..].as_ptr());
        assert!(frame.is_fresh() && !Frame::default().is_fresh());
    }

    #[test]
    fn who_did_what_is_for_owners_alone() {
        let frame = Frame::new(b"{\"at\":1}", b"[{\"who\":\"Ann\"}]", Instant::now());
        for rank in [None, Some(Rank::Viewer), Some(Rank::Operator)] {
            assert_eq!(&frame.of(rank).json[..], b"{\"at\":1}");
        }
        let whole = &frame.of(Some(Rank::Owner)).json;
        assert_eq!(&whole[..], b"{\"at\":1,\"audit\":[{\"who\":\"Ann\"}]}");
    }
}
