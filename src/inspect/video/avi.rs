//! AVI: the header list `hdrl` of its RIFF form (Microsoft, "AVI RIFF File Reference").

use std::io::{self, Read, Seek};

use super::{Film, codec_of_fourcc};
use crate::domain::inspection::Rejection;

/// The header stands first and is short.
const MAX_HEADER_BYTES: u64 = 1024 * 1024;

/// Reads the header.
pub(super) fn read(file: &mut (impl Read + Seek)) -> io::Result<Result<Film, Rejection>> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.by_ref().take(MAX_HEADER_BYTES).read_to_end(&mut bytes)?;
    // `RIFF`, its length, `AVI `.
    let top = bytes.get(12..).unwrap_or_default();
    let header = Chunks(top).find_map(|(name, body)| list(name, body, b"hdrl"));
    Ok(header.map(film).ok_or(Rejection::Broken))
}

/// Chunks of a body; the last one may be cut.
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = ([u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let name = self.0.get(..4)?.try_into().ok()?;
        let length = usize::try_from(u32_at(self.0, 4)?).ok()?;
        let rest = self.0.get(8..)?;
        let body = rest.get(..length).unwrap_or(rest);
        // Chunks begin at even places.
        self.0 = rest.get(length.checked_add(length % 2)?..).unwrap_or_default();
        Some((name, body))
    }
}

/// The body of a list of that sort.
fn list<'a>(name: [u8; 4], body: &'a [u8], sort: &[u8]) -> Option<&'a [u8]> {
    if name == *b"LIST" { body.strip_prefix(sort) } else { None }
}

fn chunk<'a>(body: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    Chunks(body).find(|(found, _)| found == name).map(|(_, body)| body)
}

fn film(header: &[u8]) -> Film {
    let main = chunk(header, b"avih").unwrap_or_default();
    let frame_us = u32_at(main, 0).unwrap_or_default();
    let frames = u32_at(main, 16).unwrap_or_default();
    let picture = Chunks(header)
        .filter_map(|(name, body)| list(name, body, b"strl"))
        .find(|it| chunk(it, b"strh").is_some_and(|head| head.starts_with(b"vids")));
    let format = picture.and_then(|it| chunk(it, b"strf"));
    let codec = format.and_then(|it| it.get(16..20)?.try_into().ok());
    Film {
        duration_s: Some(f64::from(frame_us) * f64::from(frames) / 1e6),
        title: None,
        size: Some((u32_at(main, 32).unwrap_or_default(), u32_at(main, 36).unwrap_or_default())),
        codec: codec.and_then(codec_of_fourcc),
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn riff(name: &[u8], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap();
        [name, &length.to_le_bytes()[..], body].concat()
    }

    fn parse(bytes: &[u8]) -> Result<Film, Rejection> {
        read(&mut Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn the_header_tells_all() {
        let mut main = [0_u8; 56];
        main[..4].copy_from_slice(&40_000_u32.to_le_bytes());
        main[16..20].copy_from_slice(&50_u32.to_le_bytes());
        main[32..36].copy_from_slice(&320_u32.to_le_bytes());
        main[36..40].copy_from_slice(&240_u32.to_le_bytes());
        let format = riff(b"strf", &[&[0; 16], b"XVID".as_slice(), &[0; 20]].concat());
        let stream = [b"strl".as_slice(), &riff(b"strh", b"vidsXVID"), &format].concat();
        let header = [b"hdrl".as_slice(), &riff(b"avih", &main), &riff(b"LIST", &stream)].concat();
        let film = riff(b"RIFF", &[b"AVI ".as_slice(), &riff(b"LIST", &header)].concat());
        let expected = Film {
            duration_s: Some(2.0),
            title: None,
            size: Some((320, 240)),
            codec: Some("MPEG-4"),
        };
        assert_eq!(parse(&film), Ok(expected));
    }

    #[test]
    fn lengths_that_lie_end_the_search() {
        assert_eq!(parse(b"RIFF\xff\xff\xff\xffAVI "), Err(Rejection::Broken));
        let endless = b"RIFF\0\0\0\0AVI LIST\xff\xff\xff\xffmoviLIST\0\0\0\0hdrl";
        assert_eq!(parse(endless), Err(Rejection::Broken));
        let nothing = [b"RIFF\0\0\0\0AVI ".as_slice(), &[0; 4000]].concat();
        assert_eq!(parse(&nothing), Err(Rejection::Broken));
    }
}
