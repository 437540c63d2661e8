//! MP4, MOV and 3GP: the boxes of the header `moov` (ISO/IEC 14496-12).
//!
//! The crates for MP4 build tables of all samples, which a hostile file can make long. Here a fixed
//! path is walked down, so nothing nests deeper than this file's functions, and only `moov` is
//! read, if it is not longer than [`MAX_MOOV_BYTES`].

use std::io::{self, Read, Seek, SeekFrom};

use super::{Film, codec_of_fourcc};
use crate::domain::inspection::Rejection;

/// Longest header that is read: hours of film stay far below it.
const MAX_MOOV_BYTES: u64 = 64 * 1024 * 1024;

/// Boxes before the header at the top: a recording in fragments has its header first.
const MAX_TOP_BOXES: usize = 1000;

/// Reads the header.
pub(super) fn read(file: &mut (impl Read + Seek)) -> io::Result<Result<Film, Rejection>> {
    Ok(match moov(file)? {
        Moov::Found(bytes) => Ok(film(&bytes)),
        Moov::TooLong => Ok(Film::default()),
        Moov::Missing => Err(Rejection::Broken),
    })
}

enum Moov {
    Found(Vec<u8>),
    TooLong,
    Missing,
}

/// Looks for the header among the boxes at the top.
fn moov(file: &mut (impl Read + Seek)) -> io::Result<Moov> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut at = 0_u64;
    for _ in 0..MAX_TOP_BOXES {
        file.seek(SeekFrom::Start(at))?;
        let mut head = Vec::new();
        file.by_ref().take(16).read_to_end(&mut head)?;
        let Some((name, head_length, length)) = box_head(&head) else { break };
        // Zero: up to the end of the file.
        let length = if length == 0 { end - at } else { length };
        let Some(body_length) = length.checked_sub(head_length) else { break };
        let Some(next) = at.checked_add(length).filter(|&next| next <= end) else { break };
        if name == *b"moov" {
            if body_length > MAX_MOOV_BYTES {
                return Ok(Moov::TooLong);
            }
            file.seek(SeekFrom::Start(at + head_length))?;
            let mut body = Vec::new();
            file.by_ref().take(body_length).read_to_end(&mut body)?;
            return Ok(Moov::Found(body));
        }
        at = next;
        if at == end {
            break;
        }
    }
    Ok(Moov::Missing)
}

/// Name, length of the head and of the whole box, which may be 0.
fn box_head(bytes: &[u8]) -> Option<([u8; 4], u64, u64)> {
    let length = u64::from(u32_at(bytes, 0)?);
    let name = bytes.get(4..8)?.try_into().ok()?;
    if length != 1 {
        return Some((name, 8, length));
    }
    let length = u64::from_be_bytes(bytes.get(8..16)?.try_into().ok()?);
    (length >= 16).then_some((name, 16, length))
}

/// The boxes in the body of another one, until the first that does not fit into it.
struct Boxes<'a>(&'a [u8]);

impl<'a> Iterator for Boxes<'a> {
    type Item = ([u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, head_length, length) = box_head(self.0)?;
        let head_length = usize::try_from(head_length).ok()?;
        let length = if length == 0 { self.0.len() } else { usize::try_from(length).ok()? };
        let (whole, rest) = self.0.split_at_checked(length)?;
        let body = whole.get(head_length..)?;
        self.0 = rest;
        Some((name, body))
    }
}

/// The first box of that name.
fn child<'a>(body: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    Boxes(body).find(|(found, _)| found == name).map(|(_, body)| body)
}

/// A box down a path of names.
fn descend<'a>(body: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(body, |body, name| child(body, name.as_slice()))
}

fn film(moov: &[u8]) -> Film {
    let tracks = Boxes(moov).filter(|(name, _)| name == b"trak").map(|(_, body)| body);
    let picture = tracks.into_iter().find(|track| {
        let handler = descend(track, &[b"mdia", b"hdlr"]);
        handler.and_then(|body| body.get(8..12)) == Some(b"vide")
    });
    let entry = picture.and_then(|it| descend(it, &[b"mdia", b"minf", b"stbl", b"stsd"]));
    // Version, flags and the number of entries stand before them.
    let entry = entry.and_then(|stsd| Boxes(stsd.get(8..)?).next());
    let coded = entry.and_then(|(_, body)| Some((u16_at(body, 24)?, u16_at(body, 26)?)));
    let shown = picture.and_then(|it| child(it, b"tkhd")).and_then(shown_size);
    Film {
        duration_s: child(moov, b"mvhd").and_then(duration),
        title: None,
        size: shown.or(coded.map(|(width, height)| (u32::from(width), u32::from(height)))),
        codec: entry.and_then(|(name, _)| codec_of_fourcc(name)),
    }
}

/// Of a movie's header, in seconds.
fn duration(mvhd: &[u8]) -> Option<f64> {
    let (scale, duration) = match mvhd.first()? {
        1 => {
            let duration = u64::from_be_bytes(mvhd.get(24..32)?.try_into().ok()?);
            (u32_at(mvhd, 20)?, duration)
        }
        _ => (u32_at(mvhd, 12)?, u64::from(u32_at(mvhd, 16)?)),
    };
    // All ones: not known.
    if scale == 0 || duration == u64::MAX || duration == u64::from(u32::MAX) {
        return None;
    }
    let whole = u32::try_from(duration / u64::from(scale)).ok()?;
    let rest = u32::try_from(duration % u64::from(scale)).ok()?;
    Some(f64::from(whole) + f64::from(rest) / f64::from(scale))
}

/// Of a track's header: width and height, exchanged when the matrix turns the picture by a quarter.
fn shown_size(tkhd: &[u8]) -> Option<(u32, u32)> {
    let matrix = if tkhd.first()? == &1 { 52 } else { 40 };
    let row = |number: usize| u32_at(tkhd, matrix + 4 * number);
    // Fixed point numbers, sixteen bits each side of it.
    let width = u32_at(tkhd, matrix + 36)? >> 16;
    let height = u32_at(tkhd, matrix + 40)? >> 16;
    let is_turned = row(0)? == 0 && row(4)? == 0 && row(1)? != 0 && row(3)? != 0;
    let size = if is_turned { (height, width) } else { (width, height) };
    (width > 0 && height > 0).then_some(size)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn mp4_box(name: &[u8], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(8 + body.len()).unwrap();
        [&length.to_be_bytes()[..], name, body].concat()
    }

    fn parse(bytes: &[u8]) -> Result<Film, Rejection> {
        read(&mut Cursor::new(bytes)).unwrap()
    }

    fn tkhd(matrix: [u32; 9], width: u32, height: u32) -> Vec<u8> {
        let numbers = matrix.into_iter().chain([width << 16, height << 16]);
        [vec![0; 40], numbers.flat_map(u32::to_be_bytes).collect()].concat()
    }

    const UPRIGHT: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
    const QUARTER: [u32; 9] = [0, 0x1_0000, 0, 0xffff_0000, 0, 0, 0, 0, 0x4000_0000];

    #[test]
    fn a_turned_film_is_measured_as_it_is_shown() {
        assert_eq!(shown_size(&tkhd(UPRIGHT, 1920, 1080)), Some((1920, 1080)));
        assert_eq!(shown_size(&tkhd(QUARTER, 1920, 1080)), Some((1080, 1920)));
        assert_eq!(shown_size(&tkhd(UPRIGHT, 0, 1080)), None);
        assert_eq!(shown_size(&[0; 50]), None);
    }

    #[test]
    fn a_whole_header_is_read_wherever_it_stands() {
        let mvhd = [&[0; 12][..], &1000_u32.to_be_bytes(), &2500_u32.to_be_bytes()].concat();
        let hdlr = [&[0; 8], b"vide".as_slice(), &[0; 12]].concat();
        let entry = mp4_box(b"avc1", &[0; 70]);
        let stsd = mp4_box(b"stsd", &[&[0; 8], entry.as_slice()].concat());
        let minf = mp4_box(b"minf", &mp4_box(b"stbl", &stsd));
        let mdia = mp4_box(b"mdia", &[mp4_box(b"hdlr", &hdlr), minf].concat());
        let tkhd = mp4_box(b"tkhd", &tkhd(UPRIGHT, 64, 48));
        let trak = mp4_box(b"trak", &[tkhd, mdia].concat());
        let moov = mp4_box(b"moov", &[mp4_box(b"mvhd", &mvhd), trak].concat());
        let expected =
            Film { duration_s: Some(2.5), title: None, size: Some((64, 48)), codec: Some("H.264") };
        let data = mp4_box(b"mdat", &[7; 100]);
        assert_eq!(parse(&[data, moov.clone()].concat()).unwrap(), expected);
        let mut open_ended = moov;
        open_ended[..4].fill(0);
        assert_eq!(parse(&open_ended).unwrap(), expected);
    }

    #[test]
    fn without_a_header_it_is_broken_and_nothing_runs_in_circles() {
        for bytes in [
            mp4_box(b"ftyp", &[0; 8]),
            [0, 0, 0, 0].iter().chain(b"ftypisom").copied().collect(),
            [0, 0, 0, 4].iter().chain(b"ftypisom").copied().collect(),
            [&[0, 0, 0, 1], b"ftyp".as_slice(), &[0xff; 8]].concat(),
            [&[0, 0, 0, 1], b"ftyp".as_slice(), &[0; 8]].concat(),
            [&[0xff; 4], b"moov".as_slice(), &[0; 8]].concat(),
        ] {
            assert_eq!(parse(&bytes), Err(Rejection::Broken), "{bytes:?}");
        }
        assert_eq!(parse(&mp4_box(b"moov", &[])), Ok(Film::default()));
        let nested = (0..1000).fold(Vec::new(), |inner, _| mp4_box(b"moov", &inner));
        assert_eq!(parse(&nested), Ok(Film::default()));
    }

    #[test]
    fn unknown_and_senseless_durations_are_none() {
        let mvhd = |scale: u32, length: u32| {
            duration(&[&[0; 12][..], &scale.to_be_bytes(), &length.to_be_bytes()].concat())
        };
        assert_eq!(mvhd(0, 1), None);
        assert_eq!(mvhd(1000, u32::MAX), None);
        assert_eq!(mvhd(1, 90), Some(90.0));
        assert_eq!(duration(&[1; 20]), None);
    }
}
