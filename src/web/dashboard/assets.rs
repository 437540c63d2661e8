//! The page itself: files that are part of the program, packed once at the start.
//!
//! Invariant: nothing here depends on who asks.

use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// The files by the last part of their address; the first is the page.
const FILES: [(&str, &str, &str); 10] = [
    ("", HTML, include_str!("page/index.html")),
    ("style.css", STYLE, include_str!("page/style.css")),
    ("app.js", SCRIPT, include_str!("page/app.js")),
    ("words.js", SCRIPT, include_str!("page/words.js")),
    ("dom.js", SCRIPT, include_str!("page/dom.js")),
    ("link.js", SCRIPT, include_str!("page/link.js")),
    ("chart.js", SCRIPT, include_str!("page/chart.js")),
    ("audit.html", HTML, include_str!("page/audit.html")),
    ("audit.js", SCRIPT, include_str!("page/audit.js")),
    ("panels.js", SCRIPT, include_str!("page/panels.js")),
];

/// All files, packed.
pub struct Assets(Vec<Asset>);

struct Asset {
    name: &'static str,
    kind: &'static str,
    plain: Bytes,
    packed: Bytes,
    tag: String,
}

impl Assets {
    /// Packs the files.
    pub fn pack() -> std::io::Result<Self> {
        FILES.into_iter().map(Asset::pack).collect::<std::io::Result<_>>().map(Self)
    }

    /// The file of that name.
    pub fn serve(&self, request: &HttpRequest, name: &str) -> HttpResponse {
        let Some(asset) = self.0.iter().find(|asset| asset.name == name) else {
            return HttpResponse::NotFound().finish();
        };
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let mut response = if header(IF_NONE_MATCH).is_some_and(|tags| knows(tags, &asset.tag)) {
            HttpResponse::NotModified()
        } else {
            HttpResponse::Ok()
        };
        response
            .insert_header((ETAG, asset.tag.as_str()))
            // Kept, but asked about each time: a new version shows at once.
            .insert_header((CACHE_CONTROL, "no-cache"))
            .insert_header((VARY, "Accept-Encoding"));
        let body = if header(ACCEPT_ENCODING).is_some_and(takes_gzip) {
            response.insert_header((CONTENT_ENCODING, "gzip"));
            &asset.packed
        } else {
            &asset.plain
        };
        response.insert_header((CONTENT_TYPE, asset.kind)).body(body.clone())
    }

    /// Bytes of all files as they travel.
    #[cfg(test)]
    fn packed_bytes(&self) -> usize {
        self.0.iter().map(|asset| asset.packed.len()).sum()
    }
}

impl Asset {
    fn pack(
        (name, kind, text): (&'static str, &'static str, &'static str),
    ) -> std::io::Result<Self> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(text.as_bytes())?;
        let packed = Bytes::from(packer.finish()?);
        let hash = blake3::hash(text.as_bytes()).to_hex();
        // Weak: packed and plain are the same to whoever asks.
        let tag = format!("W/\"{}\"", hash.get(..32).unwrap_or_default());
        Ok(Self { name, kind, plain: Bytes::from_static(text.as_bytes()), packed, tag })
    }
}

fn knows(tags: &str, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    tags.split(',').any(|known| bare(known) == bare(tag))
}

fn takes_gzip(encodings: &str) -> bool {
    encodings.split(',').any(|encoding| {
        let mut parts = encoding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        is_gzip && !parts.any(|part| matches!(part, "q=0" | "q=0.0"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_page_travels_in_80_kilobytes() {
        let bytes = Assets::pack().unwrap().packed_bytes();
        assert!(bytes <= 80 * 1024, "{bytes}");
    }

    #[test]
    fn the_page_asks_nobody_else_and_holds_no_script_of_its_own() {
        for (name, _, text) in FILES {
            for scheme in ["https://", "http://", "src=\"//", "url(//"] {
                let foreign = text.match_indices(scheme).map(|(at, _)| &text[at..]);
                // Names of XML dialects are no addresses.
                let foreign: Vec<&str> =
                    foreign.filter(|rest| !rest.starts_with("http://www.w3.org/")).collect();
                assert!(foreign.is_empty(), "{name}: {:.60}", foreign[0]);
            }
            for unsafe_word in
                ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write"]
            {
                assert!(!text.contains(unsafe_word), "{name}: {unsafe_word}");
            }
        }
        let page = FILES[0].2;
        assert!(!page.contains(" style=\"") && !page.contains(" onclick="));
    }

    #[test]
    fn packed_files_go_to_those_who_take_them() {
        assert!(takes_gzip("gzip, deflate, br"));
        assert!(takes_gzip("br;q=1.0, gzip;q=0.8"));
        assert!(!takes_gzip("br, gzip;q=0"));
        assert!(!takes_gzip("identity"));
        assert!(knows("W/\"a\", \"b\"", "W/\"b\"") && !knows("\"a\"", "W/\"b\""));
    }
}
