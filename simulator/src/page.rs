//! The chat page: its files, uploads from it and downloads to it. The page is complete in itself;
//! its policy lets it reach this server only.

use crate::bot::Bot;
use crate::download;
use crate::files::{FileKind, FileRec};
use crate::http::{Body, Broken, Reply, error, value};
use crate::inject;
use crate::multipart;
use crate::params::{Params, ParseError};
use hyper::body::Incoming;
use hyper::{HeaderMap, Request, Response, header};
use serde_json::json;
use std::sync::Arc;

/// The largest upload, in bytes, with its form. A user of Telegram may send more, but 60 MB are
/// enough to see what a bot does beyond its own limits (20 MB down, 50 MB up).
const MAX_UPLOAD: u64 = 60 << 20;
/// A larger picture is sent as a document.
const MAX_PHOTO: u64 = 10 << 20;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob: data:; media-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file of the page; `None` for other paths.
pub fn asset(path: &str) -> Option<Reply> {
    const JS: &str = "text/javascript; charset=utf-8";
    let (kind, text) = match path {
        "/" | "/chat" | "/chat/" => {
            ("text/html; charset=utf-8", include_str!("../page/index.html"))
        }
        "/chat/style.css" => ("text/css; charset=utf-8", include_str!("../page/style.css")),
        "/chat/app.js" => (JS, include_str!("../page/app.js")),
        "/chat/server.js" => (JS, include_str!("../page/server.js")),
        "/chat/format.js" => (JS, include_str!("../page/format.js")),
        "/chat/messages.js" => (JS, include_str!("../page/messages.js")),
        "/chat/composer.js" => (JS, include_str!("../page/composer.js")),
        "/chat/inline.js" => (JS, include_str!("../page/inline.js")),
        "/favicon.ico" | "/chat/icon.svg" => ("image/svg+xml", include_str!("../page/icon.svg")),
        _ => return None,
    };
    let response = Response::builder()
        .header(header::CONTENT_TYPE, kind)
        .header(header::CACHE_CONTROL, "no-cache")
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::REFERRER_POLICY, "no-referrer")
        .body(Body::full(text));
    Some(response.map_err(|e| Broken(e.to_string())))
}

/// Whether a browser sends this for a page of another site. Programs send no `Origin`.
pub fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
    match text(header::ORIGIN) {
        None => false,
        Some(origin) => {
            let host = origin.strip_prefix("http://").unwrap_or(origin);
            text(header::HOST) != Some(host)
        }
    }
}

/// `POST /_chat/upload?user=ID[&as=document][&reply_to=ID]`, a form with `file` and perhaps
/// `caption`: the user sends the file to the bot.
pub async fn upload(bot: &Arc<Bot>, query: &str, req: Request<Incoming>) -> Reply {
    let mut options = Params::default();
    options.add_query(query);
    let Some(user) = options.int("user").filter(|u| *u > 0) else {
        return Ok(error(400, "`user` is needed"));
    };
    let (parts, body) = req.into_parts();
    let content_type =
        parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let Ok(boundary) = multer::parse_boundary(content_type) else {
        return Ok(error(400, "a multipart form is needed"));
    };
    let mut form = match multipart::read(body, boundary, MAX_UPLOAD, &bot.spool).await {
        Ok(form) => form,
        Err(ParseError::Bad(text)) => return Ok(error(400, &text)),
        Err(ParseError::TooLarge) => return Ok(error(413, "the file is larger than 60 MB")),
        Err(ParseError::Io) => return Err("the upload broke off".into()),
    };
    let Some(file) = form.take_file("file").filter(|f| f.size > 0) else {
        return Ok(error(400, "`file` is needed, and not empty"));
    };
    let as_document = options.str("as").as_deref() == Some("document");
    let kind = if as_document {
        FileKind::Document
    } else {
        kind_of(file.mime.as_deref().unwrap_or(""), file.size)
    };
    let caption = form.str("caption").filter(|c| !c.is_empty()).map(|c| c.into_owned());
    let sent = inject::upload(
        bot,
        user,
        kind,
        file,
        caption.as_deref(),
        options.int("reply_to").unwrap_or(0),
    );
    Ok(match sent {
        Ok(v) => value(200, &v),
        Err(e) => value(400, &json!({"error": e})),
    })
}

fn kind_of(mime: &str, size: u64) -> FileKind {
    match mime.split('/').next() {
        Some("audio") => FileKind::Audio,
        Some("video") => FileKind::Video,
        Some("image") if size <= MAX_PHOTO && is_photo(mime) => FileKind::Photo,
        _ => FileKind::Document,
    }
}

fn is_photo(mime: &str) -> bool {
    matches!(mime, "image/jpeg" | "image/png" | "image/webp")
}

/// `GET /_chat/file?id=FILE_ID`: a file of a message, as the user's Telegram would fetch it. The
/// faults of the Bot API's downloads do not touch it, and it is not counted as one.
pub fn file(bot: &Bot, query: &str, headers: &HeaderMap) -> Reply {
    let mut options = Params::default();
    options.add_query(query);
    let id = options.str("id").unwrap_or_default();
    let Some(rec) = bot.files.resolve(&id).ok().and_then(|(_, ix)| bot.files.get(ix)) else {
        return Ok(error(404, "no such file"));
    };
    let range = headers.get(header::RANGE).and_then(|v| v.to_str().ok());
    let (mime, disposition) = presentation(&rec);
    let mut response = download::respond(rec, range, false, &Default::default(), None)?;
    let h = response.headers_mut();
    for (name, text) in [
        (header::CONTENT_TYPE, mime.as_str()),
        (header::CONTENT_DISPOSITION, disposition.as_str()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ] {
        if let Ok(v) = header::HeaderValue::from_str(text) {
            h.insert(name, v);
        }
    }
    Ok(response)
}

/// Content type and disposition. Only pictures and sound are shown in place; all else, which may
/// be a hostile page, is saved.
fn presentation(rec: &FileRec) -> (String, String) {
    let given = rec.mime.as_deref().unwrap_or("");
    let shown = is_photo(given) || given.starts_with("audio/") || given.starts_with("video/");
    let mime = match rec.kind {
        _ if shown => given,
        FileKind::Photo | FileKind::Thumbnail => "image/jpeg",
        FileKind::Audio => "audio/mpeg",
        FileKind::Voice => "audio/ogg",
        FileKind::Video | FileKind::VideoNote | FileKind::Animation => "video/mp4",
        FileKind::Document | FileKind::Sticker => "application/octet-stream",
    };
    let how = if mime == "application/octet-stream" { "attachment" } else { "inline" };
    let name = rec.name.as_deref().unwrap_or("file");
    (mime.to_string(), format!("{how}; filename*=UTF-8''{}", percent_encode(name)))
}

fn percent_encode(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for b in s.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_') {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(origin: Option<&str>) -> HeaderMap {
        let mut h = HeaderMap::new();
        h.insert(header::HOST, "127.0.0.1:8081".parse().unwrap());
        if let Some(o) = origin {
            h.insert(header::ORIGIN, o.parse().unwrap());
        }
        h
    }

    #[test]
    fn other_sites_are_foreign_and_programs_are_not() {
        assert!(!is_foreign(&headers(None)));
        assert!(!is_foreign(&headers(Some("http://127.0.0.1:8081"))));
        assert!(is_foreign(&headers(Some("http://evil.example"))));
        assert!(is_foreign(&headers(Some("null"))));
    }

    #[test]
    fn every_file_that_the_page_names_is_there() {
        let html = include_str!("../page/index.html");
        let mut named = 0;
        for part in html.split("\"/chat/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(asset(&format!("/chat/{name}")).is_some(), "{name}");
            named += 1;
        }
        assert!(named >= 2);
        assert!(asset("/chat/../Cargo.toml").is_none());
    }

    #[test]
    fn kinds_follow_the_mime_type() {
        assert_eq!(kind_of("audio/mpeg", 1), FileKind::Audio);
        assert_eq!(kind_of("image/png", 1), FileKind::Photo);
        assert_eq!(kind_of("image/png", MAX_PHOTO + 1), FileKind::Document);
        assert_eq!(kind_of("image/svg+xml", 1), FileKind::Document);
        assert_eq!(kind_of("application/pdf", 1), FileKind::Document);
    }

    #[test]
    fn a_hostile_name_stays_a_name() {
        assert_eq!(percent_encode("a\"; b\r\n.html"), "a%22%3B%20b%0D%0A.html");
    }
}
