//! Hostile documents: office files, and files that are not what they seem.

use std::fmt::Write as _;

use primelingo::domain::inspection::Rejection::{Broken, Encrypted, Hostile, Mislabelled};

use super::super::data;
use super::Outcome::{Rejected, Taken};
use super::texts::SRT;
use super::{
    CONTAINER, Case, compound, containers, docx, docx_of, epub, fb2, odt, opf, paragraph, pptx,
    texts, xlsx, zip,
};

pub(super) const DOCX: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const ODT: &str = "application/vnd.oasis.opendocument.text";
pub(super) const HTML: &str = "text/html";
pub(super) const TEXT: &str = "text/plain";

/// The cases; what unpacks to more than `bomb` bytes is a bomb.
pub(super) fn cases(bomb: usize) -> Vec<Case> {
    let groups = [
        markup(),
        definitions(),
        word(bomb),
        tables(bomb),
        lies(),
        truncated(),
        encrypted(),
        containers::cases(bomb),
        texts::cases(bomb),
    ];
    groups.into_iter().flatten().collect()
}

fn markup() -> Vec<Case> {
    let case = |name, body: &str, expected| Case::new(name, "a.docx", docx(body, &[]), expected);
    vec![
        case("xml: a million levels", &"<w:a>".repeat(1_000_000), Rejected(Hostile)),
        case("xml: a hundred thousand ends", &"</w:a>".repeat(100_000), Taken(DOCX)),
        case(
            "xml: a hundred thousand attributes",
            &format!("<w:p {}/>", "a='' ".repeat(100_000)),
            Rejected(Hostile),
        ),
        case(
            "xml: an attribute of ten megabytes",
            &format!("<w:p a='{}'/>", "x".repeat(10_000_000)),
            Taken(DOCX),
        ),
        case(
            "xml: a name of ten megabytes",
            &format!("<w:{}/>", "x".repeat(10_000_000)),
            Taken(DOCX),
        ),
        case("xml: a comment without end", "<!-- <w:p>", Rejected(Broken)),
        case("xml: raw text without end", "<![CDATA[ <w:p>", Rejected(Broken)),
        case("xml: a tag without end", "<w:p a='", Rejected(Broken)),
        case("xml: a hundred thousand dangling references", &"&".repeat(100_000), Taken(DOCX)),
        case("xml: an impossible character", "<w:t>&#x110000;&#0;&#xD800;</w:t>", Taken(DOCX)),
        Case::new("xml: no document at all", "a.docx", docx_of(b"", &[]), Taken(DOCX)),
        Case::new(
            "xml: noise for a document",
            "a.docx",
            docx_of(b"\0\xff<\xfe>", &[]),
            Rejected(Broken),
        ),
        Case::new(
            "xml: UTF-16 in name only",
            "a.docx",
            docx_of(b"<?xml version='1.0' encoding='UTF-16'?><w:document/>", &[]),
            Taken(DOCX),
        ),
    ]
}

fn definitions() -> Vec<Case> {
    let with_dtd = |dtd: &str| {
        let document = format!("<!DOCTYPE d [{dtd}]><w:document>{}</w:document>", paragraph("&z;"));
        docx_of(document.as_bytes(), &[])
    };
    let mut laughs = "<!ENTITY a \"ha\">".to_owned();
    for letter in b'b'..=b'z' {
        let (name, before) = (char::from(letter), char::from(letter - 1));
        write!(laughs, "<!ENTITY {name} \"{}\">", format!("&{before};").repeat(10)).unwrap();
    }
    vec![
        Case::new("xml: a billion laughs", "a.docx", with_dtd(&laughs), Taken(DOCX)),
        Case::new(
            "xml: an external entity",
            "a.docx",
            with_dtd("<!ENTITY z SYSTEM \"file:///etc/passwd\">"),
            Taken(DOCX),
        ),
        Case::new(
            "xml: an external parameter entity",
            "a.docx",
            with_dtd("<!ENTITY % p SYSTEM \"http://127.0.0.1/x\"> %p;"),
            Taken(DOCX),
        ),
        Case::new(
            "xml: an entity that is itself",
            "a.docx",
            with_dtd("<!ENTITY z \"&z;&z;\">"),
            Taken(DOCX),
        ),
        Case::new(
            "xml: a DTD without end",
            "a.docx",
            docx_of("<!DOCTYPE d [<!ENTITY ".repeat(10_000).as_bytes(), &[]),
            Rejected(Broken),
        ),
    ]
}

fn word(bomb: usize) -> Vec<Case> {
    let heading = "<w:p><w:pPr><w:pStyle w:val='Heading1'/></w:pPr></w:p>";
    vec![
        Case::new(
            "docx: a bomb of one paragraph",
            "a.docx",
            docx(&paragraph(&" ".repeat(bomb)), &[]),
            Rejected(Hostile),
        ),
        Case::new(
            "docx: more text and chapters than are kept",
            "a.docx",
            docx(&format!("{heading}{}", paragraph("word")).repeat(10_000), &[]),
            Taken(DOCX),
        ),
        Case::new(
            "docx: relations that are their own targets",
            "a.docx",
            docx(
                &paragraph("x"),
                &[
                    (
                        "_rels/.rels",
                        b"<R><Relationship Id='a' Type='x/officeDocument' Target='_rels/.rels'/></R>",
                    ),
                    ("_rels/_rels/.rels.rels", b"<R/>"),
                ],
            ),
            Taken(DOCX),
        ),
        Case::new(
            "docx: a document out of the container",
            "a.docx",
            docx(
                &paragraph("x"),
                &[(
                    "_rels/.rels",
                    b"<R><Relationship Id='a' Type='x/officeDocument' Target='../../etc/passwd'/></R>",
                )],
            ),
            Taken(DOCX),
        ),
        Case::new(
            "docx: no document",
            "a.docx",
            zip(&[("[Content_Types].xml", b"<Types/>"), ("word/styles.xml", b"<s/>")]),
            Rejected(Broken),
        ),
    ]
}

fn tables(bomb: usize) -> Vec<Case> {
    let cell = "<c t='s'><v>0</v></c>";
    let long = format!("<si><t>{}</t></si>", "word ".repeat(20_000));
    vec![
        Case::new(
            "xlsx: shared strings that are a bomb",
            "a.xlsx",
            xlsx("", &format!("<si><t>{}</t></si>", "x".repeat(bomb))),
            Rejected(Hostile),
        ),
        Case::new(
            "xlsx: a million shared strings of nothing",
            "a.xlsx",
            xlsx("", &"<si/>".repeat(1_000_000)),
            Taken(XLSX),
        ),
        Case::new(
            "xlsx: a long string in a hundred thousand cells",
            "a.xlsx",
            xlsx(&cell.repeat(100_000), &long),
            Taken(XLSX),
        ),
        Case::new(
            "xlsx: a million empty rows",
            "a.xlsx",
            xlsx(&"<row/>".repeat(1_000_000), ""),
            Taken(XLSX),
        ),
        Case::new(
            "xlsx: the largest dimension",
            "a.xlsx",
            xlsx("<dimension ref='A1:XFD1048576'/><row r='1048576'><c r='XFD1048576'/></row>", ""),
            Taken(XLSX),
        ),
        Case::new(
            "xlsx: strings that are not there",
            "a.xlsx",
            xlsx("<c t='s'><v>-1</v></c><c t='s'><v>99999999999999999999999</v></c>", ""),
            Taken(XLSX),
        ),
        Case::new(
            "pptx: one slide a hundred thousand times, which is its own notes",
            "a.pptx",
            pptx("<p:sld><a:p><a:t>Once</a:t></a:p></p:sld>", 100_000),
            Taken(PPTX),
        ),
        Case::new(
            "odt: repeated without end",
            "a.odt",
            odt("<t><text:p><text:s text:c='4294967295'/>x</text:p></t>", "<m/>"),
            Taken(ODT),
        ),
    ]
}

fn lies() -> Vec<Case> {
    let pdf = std::fs::read(data("toy.pdf")).unwrap();
    let word = docx(&paragraph("x"), &[]);
    let archive = zip(&[("a", b"x"), ("b", b"y")]);
    let exe = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".repeat(8);
    let html = b"<!DOCTYPE html><p>x</p>".as_slice();
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;".as_slice();
    let joined = |first: &[u8], second: &[u8]| [first, second].concat();
    vec![
        Case::new("lie: a program as a PDF", "a.pdf", exe.clone(), Rejected(Mislabelled)),
        Case::new("lie: a program as a Word file", "a.docx", exe, Rejected(Mislabelled)),
        Case::new("lie: a zip as a song", "a.mp3", archive.clone(), Rejected(Mislabelled)),
        Case::new("lie: a PDF as a Word file", "a.docx", pdf.clone(), Rejected(Mislabelled)),
        Case::new("lie: a Word file as a picture", "a.png", word.clone(), Rejected(Mislabelled)),
        // Word opens it as what it is.
        Case::new("lie: a page as a Word file", "a.docx", html, Taken(HTML)),
        Case::new("lie: a zip as a Word file", "a.docx", archive.clone(), Taken("application/zip")),
        Case::new("lie: a Word file as an e-book", "a.epub", word.clone(), Rejected(Mislabelled)),
        Case::new(
            "both: a PDF and a zip",
            "a.pdf",
            joined(&pdf, &archive),
            Taken("application/pdf"),
        ),
        Case::new(
            "both: a PDF and a zip, as the zip",
            "a.zip",
            joined(&pdf, &archive),
            Rejected(Mislabelled),
        ),
        Case::new("both: a page and a zip", "a.html", joined(html, &archive), Taken(HTML)),
        Case::new("both: a picture and a zip", "a.gif", joined(gif, &archive), Taken("image/gif")),
        Case::new(
            "both: a picture and a Word file, as the Word file",
            "a.docx",
            joined(gif, &word),
            Rejected(Mislabelled),
        ),
        Case::new(
            "both: a zip that mentions a PDF",
            "a.pdf",
            zip(&[("%PDF-1.7", b"%PDF-1.7"), ("b", b"")]),
            Rejected(Mislabelled),
        ),
        Case::new("one byte as a PDF", "a.pdf", "x", Rejected(Mislabelled)),
        Case::new("one byte as an e-book", "a.epub", "x", Taken(TEXT)),
    ]
}

fn truncated() -> Vec<Case> {
    let half = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    let text = paragraph(&"слово word ".repeat(500));
    let book = epub(CONTAINER, &opf(&["a.html"]), &[("OPS/a.html", text.as_bytes())]);
    let fiction = fb2(&format!("<section><p>{text}</p></section>"), "");
    vec![
        Case::new("cut: docx", "a.docx", half(docx(&text, &[])), Rejected(Broken)),
        Case::new(
            "cut: pptx",
            "a.pptx",
            half(std::fs::read(data("minimal.pptx")).unwrap()),
            Rejected(Broken),
        ),
        Case::new(
            "cut: xlsx",
            "a.xlsx",
            half(std::fs::read(data("shp-embedded-xlsx.xlsx")).unwrap()),
            Rejected(Broken),
        ),
        Case::new(
            "cut: odt",
            "a.odt",
            half(std::fs::read(data("source.odt")).unwrap()),
            Rejected(Broken),
        ),
        Case::new("cut: epub", "a.epub", half(book), Rejected(Broken)),
        Case::new("cut: fb2", "a.fb2", half(fiction.clone().into_bytes()), Rejected(Broken)),
        Case::new(
            "cut: fb2.zip",
            "a.fb2.zip",
            half(zip(&[("a.fb2", fiction.as_bytes())])),
            Rejected(Broken),
        ),
        Case::new("cut: rtf", "a.rtf", "{\\rtf1 {text", Rejected(Broken)),
        Case::new("cut: html", "a.html", "<!DOCTYPE html><p>text</", Taken(HTML)),
        Case::new("cut: srt", "a.srt", "1\n00:00:01,000 --> 00:00:0", Taken(SRT)),
    ]
}

fn encrypted() -> Vec<Case> {
    let locked = "<m><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></m>";
    let drm = "<encryption><CipherReference URI='OPS/a.html'/></encryption>";
    let book = epub(
        CONTAINER,
        &opf(&["a.html"]),
        &[("OPS/a.html", b"\x12\x34"), ("META-INF/encryption.xml", drm.as_bytes())],
    );
    let office = compound(&["Root Entry", "EncryptionInfo", "EncryptedPackage"]);
    vec![
        Case::new("locked: docx", "a.docx", office.clone(), Rejected(Encrypted)),
        Case::new("locked: xlsx", "a.xlsx", office, Rejected(Encrypted)),
        Case::new("locked: odt", "a.odt", odt("\u{1}", locked), Rejected(Encrypted)),
        Case::new("locked: epub", "a.epub", book, Rejected(Encrypted)),
        Case::new(
            "a compound file of nothing",
            "a.doc",
            compound(&["Root Entry"]),
            Taken("application/x-cfb"),
        ),
        Case::new(
            "a compound file cut short",
            "a.doc",
            compound(&[])[..600].to_vec(),
            Rejected(Broken),
        ),
    ]
}
