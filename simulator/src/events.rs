//! What happens in a bot's chats, as it happens, for the chat page: server-sent events.
//! Events are made only while somebody listens; a listener that falls behind is told to read anew.

use crate::http::{Body, Reply};
use hyper::{Response, header};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};

/// Events a listener may be behind before it must read anew.
const BACKLOG: usize = 512;
/// A comment is sent after so long a silence, so that a connection that died is noticed.
const SILENCE: Duration = Duration::from_secs(15);

/// The sending side; every bot has one.
pub struct Events {
    tx: broadcast::Sender<Arc<str>>,
}

impl Default for Events {
    fn default() -> Self {
        Events { tx: broadcast::channel(BACKLOG).0 }
    }
}

impl Events {
    /// Tells all listeners; `make` is called only when there is one.
    pub fn publish(&self, make: impl FnOnce() -> Value) {
        if self.tx.receiver_count() > 0 {
            // the last listener may have left just now
            let _ = self.tx.send(make().to_string().into());
        }
    }

    /// An endless `text/event-stream` of JSON objects, each with a `kind`.
    pub fn stream(&self) -> Reply {
        let mut rx = self.tx.subscribe();
        let (tx, body) = Body::channel();
        tokio::spawn(async move {
            let mut frame = String::from("retry: 1000\n\n");
            while tx.send(Ok(frame.into())).await.is_ok() {
                frame = tokio::select! {
                    event = rx.recv() => match event {
                        Ok(e) => format!("data: {e}\n\n"),
                        Err(RecvError::Lagged(_)) => {
                            format!("data: {}\n\n", json!({"kind": "resync"}))
                        }
                        Err(RecvError::Closed) => return,
                    },
                    () = tokio::time::sleep(SILENCE) => ":\n\n".into(),
                    () = tx.closed() => return,
                };
            }
        });
        Response::builder()
            .header(header::CONTENT_TYPE, "text/event-stream")
            .header(header::CACHE_CONTROL, "no-store")
            .body(body)
            .map_err(|e| crate::http::Broken(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn events_reach_a_listener_and_are_not_made_without_one() {
        let events = Events::default();
        events.publish(|| unreachable!("nobody listens"));
        let mut body = events.stream().unwrap().into_body();
        events.publish(|| json!({"kind": "a"}));
        let mut seen = String::new();
        while !seen.contains("\"a\"") {
            let frame = body.frame().await.unwrap().unwrap();
            seen.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
        }
        assert_eq!(seen, "retry: 1000\n\ndata: {\"kind\":\"a\"}\n\n");
        drop(events);
        assert!(body.frame().await.is_none(), "the stream ends with the bot");
    }

    #[tokio::test]
    async fn a_slow_listener_is_told_to_read_anew() {
        let events = Events::default();
        let mut body = events.stream().unwrap().into_body();
        for i in 0..BACKLOG + 100 {
            events.publish(|| json!({"kind": "n", "i": i}));
        }
        let mut seen = String::new();
        while !seen.contains("resync") {
            let frame = body.frame().await.unwrap().unwrap();
            seen.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
        }
    }
}
