//! Who may see the metrics and the details of the health: bearers of the token, and callers on this
//! machine.
//!
//! Invariants: whoever comes through a proxy, or asks under a name that is not this machine's own, is
//! no caller on this machine, whatever address the connection has; a header never makes anybody one.

use std::net::IpAddr;

use actix_web::http::header::{AUTHORIZATION, HOST, HeaderMap};
use actix_web::{HttpRequest, HttpResponse};

use super::lock::{Locked, Locks, Surface};
use super::secret::LiveSecret;

/// What proxies add to what they pass on.
const OF_PROXIES: [&str; 7] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "cf-connecting-ip",
];

/// What somebody may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// All of it.
    All,
    /// What anybody may.
    Nothing,
    /// Too often a wrong token.
    Locked(Locked),
}

/// What whoever asks may see.
pub fn sight(request: &HttpRequest, token: &LiveSecret, locks: &Locks) -> Sight {
    if is_on_this_machine(request.peer_addr().map(|peer| peer.ip()), request.headers()) {
        return Sight::All;
    }
    if !request.headers().contains_key(AUTHORIZATION) {
        return Sight::Nothing;
    }
    match judge(request, Surface::Metrics, token, locks) {
        Ok(()) => Sight::All,
        Err(Some(locked)) => Sight::Locked(locked),
        Err(None) => Sight::Nothing,
    }
}

/// Whether somebody brings the token; a lock, if they have tried too often.
pub fn judge(
    request: &HttpRequest,
    surface: Surface,
    token: &LiveSecret,
    locks: &Locks,
) -> Result<(), Option<Locked>> {
    if let Some(locked) = locks.of(surface, request) {
        super::meters::auth_failed(surface.name());
        return Err(Some(locked));
    }
    if bearer_of(request.headers()).is_some_and(|given| token.is(given)) {
        return Ok(());
    }
    locks.fail(surface, request);
    Err(None)
}

/// What one `Authorization: Bearer` brings; several bring nothing.
pub fn bearer_of(headers: &HeaderMap) -> Option<&[u8]> {
    let mut all = headers.get_all(AUTHORIZATION);
    let (first, second) = (all.next()?, all.next());
    if second.is_some() {
        return None;
    }
    let (scheme, token) = first.as_bytes().split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
}

/// A caller without an intermediary.
fn is_on_this_machine(peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
    let is_near = peer.is_some_and(|address| address.to_canonical().is_loopback());
    let is_passed_on = OF_PROXIES.iter().any(|name| headers.contains_key(*name));
    let is_our_name =
        headers.get(HOST).is_none_or(|host| host.to_str().is_ok_and(is_loopback_name));
    is_near && !is_passed_on && is_our_name
}

/// A name, perhaps with a port, that leads to this machine on every machine.
pub fn is_loopback_name(host: &str) -> bool {
    let (name, rest) = match host.strip_prefix('[') {
        Some(inner) => match inner.split_once(']') {
            Some(parts) => parts,
            None => return false,
        },
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = rest.is_empty()
        || rest.strip_prefix(':').is_some_and(|port| port.bytes().all(|it| it.is_ascii_digit()));
    is_port
        && (name.eq_ignore_ascii_case("localhost")
            || name.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback()))
}

/// Who has tried too often is told when to come again.
pub fn too_often(locked: Locked) -> HttpResponse {
    HttpResponse::TooManyRequests()
        .insert_header(("Retry-After", locked.seconds.to_string()))
        .json(serde_json::json!({ "error": "too_often" }))
}

/// Who brings no good token is told what is asked for.
pub fn unauthorized() -> HttpResponse {
    HttpResponse::Unauthorized().insert_header(("WWW-Authenticate", "Bearer")).finish()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn only_a_direct_caller_is_on_this_machine() {
        type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)], bool);
        const HOST: (&str, &str) = ("host", "127.0.0.1:8080");
        let cases: [Case; 22] = [
            ("plain", "127.0.0.1", &[HOST], true),
            ("another loopback", "127.8.9.1", &[("host", "localhost:8080")], true),
            ("IPv6", "::1", &[("host", "[::1]:8080")], true),
            ("mapped", "::ffff:127.0.0.1", &[HOST], true),
            ("HTTP/1.0", "127.0.0.1", &[], true),
            ("another machine", "192.0.2.7", &[HOST], false),
            ("another machine, mapped", "::ffff:192.0.2.7", &[HOST], false),
            ("another machine, IPv6", "2001:db8::1", &[HOST], false),
            ("unspecified", "0.0.0.0", &[HOST], false),
            ("claims to be here", "192.0.2.7", &[HOST, ("x-forwarded-for", "127.0.0.1")], false),
            ("claims it otherwise", "192.0.2.7", &[HOST, ("forwarded", "for=127.0.0.1")], false),
            ("through a proxy", "127.0.0.1", &[HOST, ("x-forwarded-for", "192.0.2.7")], false),
            ("through a lying one", "127.0.0.1", &[HOST, ("x-forwarded-for", "127.0.0.1")], false),
            ("an empty note", "127.0.0.1", &[HOST, ("x-forwarded-for", "")], false),
            ("through nginx", "127.0.0.1", &[HOST, ("x-real-ip", "192.0.2.7")], false),
            ("through a cache", "127.0.0.1", &[HOST, ("via", "1.1 cache")], false),
            ("by the public name", "127.0.0.1", &[("host", "bot.example.org")], false),
            ("rebound", "127.0.0.1", &[("host", "evil.example:8080")], false),
            ("a name that looks alike", "127.0.0.1", &[("host", "127.0.0.1.evil.org")], false),
            ("user and host", "127.0.0.1", &[("host", "localhost:80@evil.org")], false),
            ("after the bracket", "127.0.0.1", &[("host", "[::1]evil.org")], false),
            ("no name", "127.0.0.1", &[("host", "")], false),
        ];
        for (name, peer, pairs, expected) in cases {
            let peer = Some(peer.parse().unwrap());
            assert_eq!(is_on_this_machine(peer, &headers(pairs)), expected, "{name}");
        }
        assert!(!is_on_this_machine(None, &headers(&[HOST])), "no address at all");
    }

    #[test]
    fn one_bearer_is_read() {
        let given = |pairs: &[_]| bearer_of(&headers(pairs)).map(<[u8]>::to_vec);
        assert_eq!(given(&[("authorization", "Bearer abc")]), Some(b"abc".to_vec()));
        assert_eq!(given(&[("authorization", "bearer abc")]), Some(b"abc".to_vec()));
        for none in ["", "Bearer", "Basic YTpi", "Bearerabc", "abc"] {
            assert_eq!(given(&[("authorization", none)]), None, "{none}");
        }
        let twice = [("authorization", "Bearer abc"), ("authorization", "Bearer abd")];
        assert_eq!(given(&twice), None);
    }
}
