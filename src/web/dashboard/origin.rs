//! Where a request comes from: to which name it was sent, and by which page.
//!
//! A page of somebody else's can make a browser send us requests, with cookies; a name of somebody
//! else's can be made to lead to us. So whatever is asked here was sent to one of our own names, and
//! whatever changes something was sent by our own page.

use actix_web::http::header::{HOST, HeaderMap, ORIGIN};

use crate::web::bearer::is_loopback_name;

/// The names under which the dashboard may be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnNames {
    /// Scheme and host with port, as in an `Origin`.
    origin: String,
    /// Host with port, where it is not that of the scheme.
    host: String,
}

impl OwnNames {
    /// Of the address that people are given.
    pub fn of(base_url: &str) -> Option<Self> {
        let url = url::Url::parse(base_url).ok()?;
        let host = url.host_str()?;
        let host = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Some(Self { origin: url.origin().ascii_serialization(), host })
    }

    /// Whether cookies may travel encrypted only.
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// Whether a request was sent to the name that people are given.
    pub fn are_named(&self, headers: &HeaderMap) -> bool {
        text(headers, HOST.as_str()).is_some_and(|host| host.eq_ignore_ascii_case(&self.host))
    }

    /// Whether a request was sent to one of these names, or to this machine's own.
    pub fn are_asked(&self, headers: &HeaderMap) -> bool {
        self.are_named(headers) || text(headers, HOST.as_str()).is_some_and(is_loopback_name)
    }

    /// Whether our own page has sent a request: the browser says so, or names the origin.
    pub fn have_sent(&self, headers: &HeaderMap) -> bool {
        if let Some(site) = text(headers, "Sec-Fetch-Site")
            && site != "same-origin"
        {
            return false;
        }
        match text(headers, ORIGIN.as_str()) {
            Some(origin) => self.is_own(origin, headers),
            None => text(headers, "Sec-Fetch-Site").is_some(),
        }
    }

    /// The same where a page that hides its own address has sent a form: its origin is `null`.
    pub fn may_have_sent(&self, headers: &HeaderMap) -> bool {
        let site = text(headers, "Sec-Fetch-Site");
        let origin = text(headers, ORIGIN.as_str());
        site.is_none_or(|site| site == "same-origin")
            && origin.is_none_or(|origin| origin == "null" || self.is_own(origin, headers))
    }

    fn is_own(&self, origin: &str, headers: &HeaderMap) -> bool {
        if origin.eq_ignore_ascii_case(&self.origin) {
            return true;
        }
        // Asked under a name of this machine's.
        let host = text(headers, HOST.as_str()).unwrap_or_default();
        let same = origin.strip_prefix("http://").is_some_and(|named| named == host);
        same && is_loopback_name(host)
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    fn names() -> OwnNames {
        OwnNames::of("https://bot.example.org").unwrap()
    }

    #[test]
    fn only_our_own_names_are_answered() {
        for host in ["bot.example.org", "BOT.example.org", "127.0.0.1:8080", "localhost", "[::1]:1"]
        {
            assert!(names().are_asked(&headers(&[("host", host)])), "{host}");
        }
        for host in [
            "evil.example",
            "bot.example.org.evil.example",
            "bot.example.org:81",
            "",
            "127.0.0.1.evil.example",
            "127.0.0.1:80@evil.example",
            "[::1]evil.example",
            "localhost.evil.example",
        ] {
            assert!(!names().are_asked(&headers(&[("host", host)])), "{host}");
        }
        assert!(!names().are_asked(&headers(&[])));
        let with_port = OwnNames::of("http://10.0.0.5:8080").unwrap();
        assert!(with_port.are_asked(&headers(&[("host", "10.0.0.5:8080")])));
        assert!(!with_port.are_asked(&headers(&[("host", "10.0.0.5")])));
    }

    #[test]
    fn only_our_own_page_sends() {
        let host = ("host", "bot.example.org");
        let site = |site| ("sec-fetch-site", site);
        let origin = |origin| ("origin", origin);
        let own = "https://bot.example.org";
        let sent = |pairs: &[_]| names().have_sent(&headers(pairs));
        assert!(sent(&[host, site("same-origin"), origin(own)]));
        assert!(sent(&[host, site("same-origin")]));
        assert!(sent(&[host, origin(own)]));
        assert!(sent(&[("host", "127.0.0.1:8080"), origin("http://127.0.0.1:8080")]));
        for forged in [
            vec![host],
            vec![host, site("cross-site"), origin(own)],
            vec![host, site("same-site"), origin("https://other.example.org")],
            vec![host, site("none")],
            vec![host, origin("null")],
            vec![host, origin("http://bot.example.org")],
            vec![host, origin("https://evil.example")],
            vec![host, site("same-origin"), origin("https://evil.example")],
            vec![("host", "127.0.0.1:8080"), origin("http://127.0.0.1:9999")],
            vec![("host", "evil.example"), origin("http://evil.example")],
        ] {
            assert!(!sent(&forged), "{forged:?}");
        }
    }

    #[test]
    fn a_form_may_hide_where_it_was() {
        let host = ("host", "bot.example.org");
        let sent = |pairs: &[_]| names().may_have_sent(&headers(pairs));
        assert!(sent(&[host, ("origin", "null")]));
        assert!(sent(&[host, ("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(!sent(&[host, ("sec-fetch-site", "cross-site"), ("origin", "null")]));
        assert!(!sent(&[host, ("origin", "https://evil.example")]));
    }
}
