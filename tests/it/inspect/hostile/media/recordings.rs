//! Songs and films with lengths that lie, blocks that nest and tags that unpack without end.

use super::make::{id3_frame, mp4_box, riff, sound_box, syncsafe, zlib};
use super::*;

const AUDIO: Outcome = Taken(Kind::Audio);
const VIDEO: Outcome = Taken(Kind::Video);
/// No signature is left that could be known.
const UNKNOWN: Outcome = Taken(Kind::Document);
const BROKEN: Outcome = Refused(Rejection::Broken);

pub fn cases() -> Vec<Case> {
    [songs(), films()].concat()
}

fn songs() -> Vec<Case> {
    let data = |name: &str| std::fs::read(crate::inspect::data(name)).unwrap();
    let (mp3, flac, ogg) = (data("tone.mp3"), data("tone.flac"), data("tone.ogg"));
    let wav = data("speech.wav");
    let bomb = zlib(vec![b'a'; 20_000_000]);
    let bomb_length = u32::try_from(bomb.len() + 4).unwrap();
    // Compressed, with the length unpacked before it.
    let bomb = [&syncsafe(20_000_000)[..], &bomb].concat();
    let cover = b"\0image/jpeg\0\x03\0\xff\xd8";
    vec![
        ("tag longer than the file", "a.mp3", tagged(Some(0x0fff_ffff), &[], &mp3), UNKNOWN),
        (
            "frame longer than its tag",
            "a.mp3",
            tagged(None, &id3_frame(b"TIT2", 0x0fff_ffff, 0, b"\x03x"), &mp3),
            AUDIO,
        ),
        (
            "cover of 100 MB that is not there",
            "a.mp3",
            tagged(None, &id3_frame(b"APIC", 100_000_000, 0, cover), &mp3),
            AUDIO,
        ),
        (
            "tag with a bomb of text",
            "a.mp3",
            tagged(None, &id3_frame(b"TIT2", bomb_length, 0x0009, &bomb), &mp3),
            BROKEN,
        ),
        (
            "frames without length",
            "a.mp3",
            tagged(None, &id3_frame(b"TIT2", 0, 0, b"").repeat(50_000), &mp3),
            AUDIO,
        ),
        ("tags in tags", "a.mp3", (0..200).fold(mp3, |mp3, _| tagged(None, &[], &mp3)), AUDIO),
        ("tag without a song", "a.mp3", tagged(None, &[], &[]), UNKNOWN),
        ("ape tag that lies", "a.ape", ape(), BROKEN),
        ("flac block longer than the file", "a.flac", flac_block(4, 0xff_ffff, &[]), BROKEN),
        (
            "flac comments without end",
            "a.flac",
            flac_block(4, 8, &[0, 0, 0, 0, 255, 255, 255, 255]),
            BROKEN,
        ),
        (
            "flac cover of 4 GB",
            "a.flac",
            flac_block(6, 8, &[0, 0, 0, 3, 255, 255, 255, 255]),
            AUDIO,
        ),
        ("flac cut", "a.flac", flac[..60].to_vec(), BROKEN),
        ("ogg cut in its first page", "a.ogg", ogg[..40].to_vec(), BROKEN),
        ("ogg with a false table", "a.ogg", patched(&ogg, 26, &[255]), BROKEN),
        ("ogg cut in the middle", "a.ogg", ogg[..ogg.len() / 2].to_vec(), BROKEN),
        ("wav that claims 4 GB", "a.wav", patched(&wav, 40, &[255; 4]), AUDIO),
        ("wav without a bit rate", "a.wav", patched(&wav, 28, &[0; 4]), AUDIO),
        ("wav without channels", "a.wav", patched(&wav, 22, &[0; 2]), AUDIO),
        ("wav of a head alone", "a.wav", wav[..12].to_vec(), AUDIO),
        ("aiff with a senseless rate", "a.aiff", aiff(), BROKEN),
        (
            "program called song",
            "a.mp3",
            b"\x7fELF\x02\x01\x01\0".to_vec(),
            Refused(Rejection::Mislabelled),
        ),
    ]
}

fn films() -> Vec<Case> {
    let data = |name: &str| std::fs::read(crate::inspect::data(name)).unwrap();
    let (mp4, mkv, avi) = (data("film.mp4"), data("media/film.mkv"), data("media/film.avi"));
    let start = sound_box(b"ftyp", b"isom\0\0\0\0isom");
    let after_start = |rest: Vec<u8>| [start.clone(), rest].concat();
    let nested = (0..5000).fold(Vec::new(), |inner, _| sound_box(b"moov", &inner));
    let deep = (0..5000).fold(Vec::new(), |inner, _| sound_box(b"trak", &inner));
    let cover = sound_box(b"covr", &mp4_box(b"data", u32::MAX, &[0; 16]));
    let tags = sound_box(
        b"udta",
        &sound_box(b"meta", &[&[0; 4], &sound_box(b"ilst", &cover)[..]].concat()),
    );
    vec![
        ("mp4 without header", "a.mp4", start.clone(), BROKEN),
        ("mp4 box of length 0", "a.mp4", after_start(mp4_box(b"mdat", 0, &[0; 50])), BROKEN),
        ("mp4 box of length 1", "a.mp4", after_start(mp4_box(b"moov", 1, &[0; 50])), BROKEN),
        ("mp4 box of length 7", "a.mp4", after_start(mp4_box(b"moov", 7, &[0; 50])), BROKEN),
        ("mp4 box of 2^64 bytes", "a.mp4", after_start(mp4_box(b"moov", 1, &[255; 50])), BROKEN),
        (
            "mp4 box longer than the file",
            "a.mp4",
            after_start(mp4_box(b"moov", u32::MAX, &[0; 9])),
            BROKEN,
        ),
        ("mp4 headers in headers", "a.mp4", after_start(nested), VIDEO),
        ("mp4 tracks in tracks", "a.mp4", after_start(sound_box(b"moov", &deep)), VIDEO),
        ("mp4 with a cover that lies", "a.mp4", after_start(sound_box(b"moov", &tags)), VIDEO),
        ("mp4 cut before its header", "a.mp4", mp4[..mp4.len() / 4].to_vec(), BROKEN),
        (
            "mp4 of thousands of boxes",
            "a.mp4",
            after_start(sound_box(b"free", b"").repeat(9000)),
            BROKEN,
        ),
        ("mkv of a head alone", "a.mkv", mkv[..40].to_vec(), BROKEN),
        ("mkv cut in the middle", "a.mkv", mkv[..mkv.len() / 2].to_vec(), BROKEN),
        (
            "mkv of unknown length without end",
            "a.mkv",
            ebml(&[0x18, 0x53, 0x80, 0x67, 0xff]),
            BROKEN,
        ),
        (
            "mkv nested deep",
            "a.mkv",
            ebml(&[0x18, 0x53, 0x80, 0x67, 0x01, 255, 255, 255, 255, 255, 255, 255].repeat(500)),
            BROKEN,
        ),
        ("mkv with a title of 4 TB", "a.mkv", mkv_with_title(), BROKEN),
        ("avi of a head alone", "a.avi", avi[..12].to_vec(), BROKEN),
        ("avi list longer than the file", "a.avi", patched(&avi, 16, &[255; 4]), VIDEO),
        ("avi list without length", "a.avi", patched(&avi, 16, &[0; 4]), BROKEN),
        ("avi that claims 136 years", "a.avi", patched(&avi, 32, &[255; 4]), VIDEO),
        ("avi of lists in lists", "a.avi", avi_lists(), BROKEN),
        ("empty", "a.mp4", Vec::new(), Refused(Rejection::Empty)),
    ]
}

/// A tag of ID3v2.4 before a song, with the length that it has or claims.
fn tagged(claimed: Option<u32>, frames: &[u8], song: &[u8]) -> Vec<u8> {
    let length = claimed.unwrap_or(u32::try_from(frames.len()).unwrap());
    [b"ID3\x04\0\0", &syncsafe(length)[..], frames, song].concat()
}

fn patched(bytes: &[u8], at: usize, patch: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + patch.len()].copy_from_slice(patch);
    bytes
}

fn ape() -> Vec<u8> {
    let footer = [b"APETAGEX\xd0\x07\0\0", &[255; 8][..], &[0; 12]].concat();
    [b"MAC \x96\x0f\0\0", &[0; 100][..], &footer].concat()
}

/// The block that every FLAC file begins with, and one that claims to be so long.
fn flac_block(kind: u8, length: u32, body: &[u8]) -> Vec<u8> {
    let about =
        [b"\0\0\0\x22\x10\0\x10\0\0\0\0\0\0\0\x0a\xc4\x40\xf0".as_slice(), &[0; 20]].concat();
    [b"fLaC", &about[..], &[0x80 | kind], &length.to_be_bytes()[1..], body].concat()
}

fn aiff() -> Vec<u8> {
    let common = [b"COMM\0\0\0\x12\0\x01\xff\xff\xff\xff\0\x10", &[0xff; 10][..]].concat();
    [b"FORM\xff\xff\xff\xffAIFF", &common[..], b"SSND\0\0\0\0"].concat()
}

fn ebml(rest: &[u8]) -> Vec<u8> {
    let kind = [b"\x42\x82\x88matroska", &[0x42, 0x87, 0x81, 4, 0x42, 0x85, 0x81, 2][..]].concat();
    let length = 0x80 | u8::try_from(kind.len()).unwrap();
    [&[0x1a, 0x45, 0xdf, 0xa3, length], &kind[..], rest].concat()
}

fn mkv_with_title() -> Vec<u8> {
    let title = [0x7b, 0xa9, 0x01, 0, 4, 0, 0, 0, 0, 0];
    let info = [&[0x15, 0x49, 0xa9, 0x66, 0x01, 0, 4, 0, 0, 0, 0, 99], &title[..]].concat();
    ebml(&[&[0x18, 0x53, 0x80, 0x67, 0x01, 255, 255, 255, 255, 255, 255, 255], &info[..]].concat())
}

fn avi_lists() -> Vec<u8> {
    let lists = (0..2000).fold(Vec::new(), |inner: Vec<u8>, _| {
        riff(b"LIST", u32::try_from(inner.len() + 4).unwrap(), &[b"strl", &inner[..]].concat())
    });
    riff(b"RIFF", u32::MAX, &[b"AVI ", &lists[..]].concat())
}
