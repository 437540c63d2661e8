//! What every answer of both listeners is dressed in, and whom a listener keeps.
//!
//! Invariants: no answer of ours, whatever its status, is sniffed, framed, cached or followed by a
//! referrer; where a handler has said something more exact, that stands. What the parser of HTTP
//! refuses gets an empty answer without us, and the end of the connection. Nobody holds a connection
//! by a body that is not wanted.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::ConnectionType;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, web};
use bytes::Bytes;
use futures_util::Stream;

use super::webhook::Webhook;

/// Nothing here is a page that loads anything. The dashboard has a policy of its own.
const POLICY: &str = "default-src 'none'; form-action 'none'; base-uri 'none'; \
     frame-ancestors 'none'";

/// Headers of every answer.
const HEADERS: [(&str, &str); 6] = [
    ("cache-control", "no-store"),
    ("content-security-policy", POLICY),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

/// To be wrapped around the admin listener.
pub(super) async fn dress(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let is_read_only = request.method().is_safe();
    let mut response = answer(request, next).await?;
    if !is_read_only && response.status().is_client_error() {
        // What is left of a refused body is not waited for.
        close(&mut response);
    }
    Ok(response)
}

/// The same for the world outside: only whoever has shown the secret keeps the connection, so that
/// nobody else takes the place of Telegram's.
pub(super) async fn dress_for_strangers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = answer(request, next).await?;
    let asked = response.request();
    let webhook = asked.app_data::<web::Data<Webhook>>();
    let is_posted = webhook.is_some_and(|webhook| webhook.path == asked.path());
    // A 503 is for those who have shown the secret, too: they come again.
    if !is_posted || response.status().is_client_error() {
        close(&mut response);
    }
    Ok(response)
}

async fn answer<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let is_in_chunks = request.headers().contains_key(TRANSFER_ENCODING);
    let kept = is_in_chunks.then(|| Kept::of(&mut request));
    let mut response = next.call(request).await?;
    put_on(response.headers_mut());
    if let Some(kept) = kept {
        response.response_mut().extensions_mut().insert(kept);
    }
    Ok(response)
}

fn close<B>(response: &mut ServiceResponse<B>) {
    response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
}

fn put_on(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// A body in chunks that lives as long as the answer. One that was dropped before would be read on for
/// ever by actix, without a limit of time, in the hope of another request behind it; one that is
/// there, and was not read to its end, ends the connection.
#[derive(Clone)]
struct Kept(Rc<RefCell<Payload>>);

impl Kept {
    fn of(request: &mut ServiceRequest) -> Self {
        let kept = Self(Rc::new(RefCell::new(request.take_payload())));
        request.set_payload(Payload::Stream { payload: Box::pin(kept.clone()) });
        kept
    }
}

impl Stream for Kept {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.0.try_borrow_mut() {
            Ok(mut payload) => Pin::new(&mut *payload).poll_next(cx),
            // Nobody else reads it.
            Err(_) => Poll::Ready(None),
        }
    }
}
