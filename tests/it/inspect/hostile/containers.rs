//! Hostile zip containers: what their headers say.

use primelingo::domain::inspection::Rejection::{Broken, Encrypted, Hostile};

use super::Outcome::{Rejected, Taken};
use super::documents::DOCX;
use super::{CONTAINER, Case, RawEntry, docx, docx_of, epub, opf, paragraph, raw_zip, zip};

const ZIP: &str = "application/zip";
const ENCRYPTED: u16 = 1;
const DEFLATED: u16 = 8;

/// The cases; what unpacks to more than `bomb` bytes is a bomb.
pub(super) fn cases(bomb: usize) -> Vec<Case> {
    [sizes(bomb), counts(), names(), headers()].into_iter().flatten().collect()
}

fn document(text: &str) -> RawEntry {
    let document = format!("<w:document><w:body>{}</w:body></w:document>", paragraph(text));
    RawEntry::new("word/document.xml", document)
}

fn types() -> RawEntry {
    RawEntry::new("[Content_Types].xml", "<Types/>")
}

/// A Word file of that entry.
fn word(entry: RawEntry) -> Vec<u8> {
    raw_zip(&[types(), entry], None)
}

fn case(name: &'static str, bytes: Vec<u8>, expected: super::Outcome) -> Case {
    Case::new(name, "a.docx", bytes, expected)
}

fn sizes(bomb: usize) -> Vec<Case> {
    let packed = packed(&vec![b' '; bomb + 1]);
    let lying = |size: u32| {
        let entry = RawEntry {
            method: DEFLATED,
            size,
            ..RawEntry::new("word/document.xml", packed.clone())
        };
        word(entry)
    };
    let heavy = RawEntry::new("OPS/0.html", " ".repeat(bomb / 8));
    let chapters: Vec<String> = (0..16).map(|at| format!("{at}.html")).collect();
    let chapters: Vec<&str> = chapters.iter().map(String::as_str).collect();
    let aliases = chapters.iter().skip(1).map(|chapter| RawEntry {
        name: format!("OPS/{chapter}").into_bytes(),
        is_alias: true,
        ..heavy.clone()
    });
    let mut overlapping = vec![
        RawEntry::new("mimetype", "application/epub+zip"),
        RawEntry::new("META-INF/container.xml", CONTAINER),
        RawEntry::new("OPS/book.opf", opf(&chapters)),
        heavy.clone(),
    ];
    overlapping.extend(aliases);
    vec![
        case("zip: a bomb that says it is small", lying(10), Rejected(Broken)),
        case("zip: a bomb that says it is nothing", lying(0), Rejected(Broken)),
        case("zip: a bomb that says it is huge", lying(u32::MAX - 1), Rejected(Hostile)),
        case(
            "zip: little that says it is huge",
            word(RawEntry { size: u32::MAX - 1, ..document("x") }),
            Taken(DOCX),
        ),
        Case::new(
            "zip: entries that overlap",
            "a.epub",
            raw_zip(&overlapping, None),
            Rejected(Hostile),
        ),
    ]
}

/// The bytes as a deflated stream.
fn packed(bytes: &[u8]) -> Vec<u8> {
    let name = "x";
    let file = zip(&[(name, bytes)]);
    // Behind the local header of 30 bytes and the name; the directory is found by its mark.
    let end = file.windows(4).rposition(|it| it == b"PK\x01\x02").unwrap();
    file[30 + name.len()..end].to_vec()
}

fn counts() -> Vec<Case> {
    let many = |count: usize| -> Vec<RawEntry> {
        let empty = (0..count).map(|at| RawEntry::new(format!("word/media/{at}"), ""));
        [types(), document("x")].into_iter().chain(empty).collect()
    };
    vec![
        case("zip: thirty thousand entries", raw_zip(&many(30_000), None), Rejected(Hostile)),
        case(
            "zip: thirty thousand entries that say they are few",
            raw_zip(&many(30_000), Some(2)),
            Taken(DOCX),
        ),
        case(
            "zip: few entries that say they are many",
            raw_zip(&many(0), Some(65_000)),
            Rejected(Hostile),
        ),
        case(
            "zip: few entries that say they are more",
            raw_zip(&many(0), Some(50)),
            Rejected(Broken),
        ),
        case("zip: entries that say they are none", raw_zip(&many(0), Some(0)), Taken(ZIP)),
        case("zip: an end and nothing else", raw_zip(&[], None), Taken(ZIP)),
        case(
            "zip: the same document twice",
            raw_zip(&[types(), document("x"), document("y")], None),
            Taken(DOCX),
        ),
    ]
}

fn names() -> Vec<Case> {
    let named = |name: &[u8]| raw_zip(&[types(), document("x"), RawEntry::new(name, "x")], None);
    vec![
        case("zip: a name out of the container", named(b"../../../../etc/passwd"), Taken(DOCX)),
        case("zip: an absolute name", named(b"/etc/passwd"), Taken(DOCX)),
        case("zip: a name of another system", named(b"C:\\Windows\\..\\x"), Taken(DOCX)),
        case("zip: a name that reads backwards", named("a\u{202e}txt.exe".as_bytes()), Taken(DOCX)),
        case("zip: a name with a null", named(b"word/document.xml\0.txt"), Taken(DOCX)),
        case("zip: a name that is no text", named(b"\xff\xfe\x80"), Taken(DOCX)),
        case("zip: no name", named(b""), Taken(DOCX)),
        case("zip: a name of 60000 characters", named(&[b'x'; 60_000]), Taken(DOCX)),
        Case::new(
            "zip: a container in itself",
            "a.zip",
            {
                let inner = docx(&paragraph("x"), &[]);
                (0..20).fold(inner, |inner, _| zip(&[("a.zip", &inner), ("b.zip", &inner)]))
            },
            Taken(ZIP),
        ),
        case(
            "zip: a container for a document",
            docx_of(&docx(&paragraph("x"), &[]), &[]),
            Rejected(Broken),
        ),
        Case::new(
            "zip: somebody's folder called word",
            "a.zip",
            zip(&[("word/a.txt", b"x"), ("b", b"y")]),
            Taken(ZIP),
        ),
        Case::new(
            "zip: a mimetype and nothing else",
            "a.epub",
            zip(&[("mimetype", b"application/epub+zip")]),
            Rejected(Broken),
        ),
        Case::new(
            "zip: a mimetype of megabytes",
            "a.epub",
            zip(&[("mimetype", " ".repeat(1_000_000).as_bytes())]),
            Taken(ZIP),
        ),
        Case::new(
            "epub: a chapter with a path in its name",
            "a.epub",
            epub(
                CONTAINER,
                &opf(&["a.html"]),
                &[("OPS/../OPS/a.html", b"x"), ("OPS/a.html", b"y")],
            ),
            Taken("application/epub+zip"),
        ),
    ]
}

fn headers() -> Vec<Case> {
    let sound = word(document("x"));
    let changed = |mark: &[u8], at: usize, bytes: &[u8]| {
        let mut file = sound.clone();
        let start = file.windows(4).rposition(|it| it == mark).unwrap();
        file[start + at..][..bytes.len()].copy_from_slice(bytes);
        file
    };
    vec![
        case(
            "zip: needs a password",
            word(RawEntry { flags: ENCRYPTED, ..document("x") }),
            Rejected(Encrypted),
        ),
        case("zip: a wrong checksum", word(RawEntry { crc: 1, ..document("x") }), Rejected(Broken)),
        case(
            "zip: an unknown method",
            word(RawEntry { method: 99, ..document("x") }),
            Rejected(Broken),
        ),
        case(
            "zip: noise for a deflated stream",
            word(RawEntry { method: DEFLATED, ..document("x") }),
            Rejected(Broken),
        ),
        case(
            "zip: a directory behind the file",
            changed(b"PK\x05\x06", 16, &[0xff, 0xff, 0xff, 0x7f]),
            Rejected(Broken),
        ),
        case(
            "zip: an entry behind the file",
            changed(b"PK\x01\x02", 42, &[0xff, 0xff, 0xff, 0x7f]),
            Rejected(Broken),
        ),
        case(
            "zip: an entry longer than the file",
            changed(b"PK\x01\x02", 20, &[0xff, 0xff, 0xff, 0x7f]),
            Rejected(Broken),
        ),
        case(
            "zip: a comment longer than the file",
            changed(b"PK\x05\x06", 20, &[0xff, 0xff]),
            Rejected(Broken),
        ),
        case(
            "zip: a name longer than the file",
            changed(b"PK\x01\x02", 28, &[0xff, 0xff]),
            Rejected(Broken),
        ),
    ]
}
