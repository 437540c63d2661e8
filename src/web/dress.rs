//! What every answer of both listeners is dressed in, and whom the public one keeps.
//!
//! Invariants: no answer of ours, whatever its status, is sniffed, framed, cached or followed by a
//! referrer; where a handler has said something more exact, that stands. What the parser of HTTP
//! refuses gets an empty answer without us, and the end of the connection.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;

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

/// To be wrapped around a whole listener.
pub(super) async fn dress(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let is_read_only = request.method().is_safe();
    let mut response = next.call(request).await?;
    put_on(response.headers_mut());
    if !is_read_only && response.status().is_client_error() {
        // What is left of a refused body is not waited for.
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// The same for the world outside: only whoever has shown the secret keeps the connection, so that
/// nobody else takes the place of Telegram's.
pub(super) async fn dress_for_strangers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = next.call(request).await?;
    put_on(response.headers_mut());
    let asked = response.request();
    let webhook = asked.app_data::<web::Data<Webhook>>();
    let is_posted = webhook.is_some_and(|webhook| webhook.path == asked.path());
    // A 503 is for those who have shown the secret, too: they come again.
    if !is_posted || response.status().is_client_error() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

fn put_on(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
