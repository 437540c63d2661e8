//! Hostile documents: books, pages, texts and subtitles.

use std::fmt::Write as _;

use primelingo::domain::inspection::Rejection::{Broken, Empty, Hostile, Mislabelled};

use super::Outcome::{Rejected, Taken};
use super::documents::{HTML, TEXT};
use super::{CONTAINER, Case, epub, fb2, opf, utf16, zip};

const EPUB: &str = "application/epub+zip";
const FB2: &str = "application/x-fb2+xml";
pub(super) const SRT: &str = "application/x-subrip";
const VTT: &str = "text/vtt";
const RTF: &str = "application/rtf";

/// The cases; what unpacks to more than `bomb` bytes is a bomb.
pub(super) fn cases(bomb: usize) -> Vec<Case> {
    [books(bomb), fiction(bomb), pages(), texts(), subtitles()].into_iter().flatten().collect()
}

fn books(bomb: usize) -> Vec<Case> {
    let page = b"<html><body>Text</body></html>".as_slice();
    let chapters: Vec<String> = (0..8).map(|at| format!("{at}.html")).collect();
    let chapters: Vec<&str> = chapters.iter().map(String::as_str).collect();
    let heavy = vec![b' '; bomb / 6];
    let names: Vec<String> = chapters.iter().map(|it| format!("OPS/{it}")).collect();
    let entries: Vec<(&str, &[u8])> =
        names.iter().map(|it| (it.as_str(), heavy.as_slice())).collect();
    let container = |path: &str| CONTAINER.replace("OPS/book.opf", path);
    let one = opf(&["a.html"]);
    let a: (&str, &[u8]) = ("OPS/a.html", page);
    let epub_case = |name, bytes, expected| Case::new(name, "a.epub", bytes, expected);
    vec![
        epub_case(
            "epub: one chapter without end",
            epub(CONTAINER, &opf(&["a.html"; 10_000]), &[a]),
            Taken(EPUB),
        ),
        epub_case(
            "epub: no container",
            zip(&[("mimetype", b"application/epub+zip"), a]),
            Rejected(Broken),
        ),
        epub_case(
            "epub: no package document",
            epub(&container("none.opf"), &one, &[a]),
            Rejected(Broken),
        ),
        epub_case(
            "epub: the container is the package document",
            epub(&container("META-INF/container.xml"), &one, &[a]),
            Rejected(Broken),
        ),
        epub_case(
            "epub: the package document is a chapter",
            epub(CONTAINER, &opf(&["book.opf"]), &[]),
            Taken(EPUB),
        ),
        epub_case(
            "epub: an absolute path",
            epub(&container("/OPS/book.opf"), &one, &[a]),
            Taken(EPUB),
        ),
        epub_case(
            "epub: a path out of the container",
            epub(&container("../../../etc/passwd"), &one, &[a]),
            Rejected(Broken),
        ),
        epub_case(
            "epub: chapters out of the container",
            epub(CONTAINER, &opf(&["../../../etc/passwd", "file:///etc/passwd", "a.html"]), &[a]),
            Taken(EPUB),
        ),
        epub_case("epub: an empty spine", epub(CONTAINER, &opf(&[]), &[a]), Rejected(Broken)),
        epub_case(
            "epub: chapters that together are a bomb",
            epub(CONTAINER, &opf(&chapters), &entries),
            Rejected(Hostile),
        ),
    ]
}

fn fiction(bomb: usize) -> Vec<Case> {
    let fb2_case = |name, bytes: String, expected| Case::new(name, "a.fb2", bytes, expected);
    vec![
        fb2_case(
            "fb2: a picture of ten megabytes",
            fb2(
                "<section><p>Text</p></section>",
                &format!("<binary>{}</binary>", "QUJD".repeat(2_500_000)),
            ),
            Taken(FB2),
        ),
        fb2_case(
            "fb2: sections without end",
            fb2(&"<section>".repeat(100_000), ""),
            Rejected(Hostile),
        ),
        fb2_case(
            "fb2: a hundred thousand chapters",
            fb2(&"<section><title><p>T</p></title></section>".repeat(100_000), ""),
            Taken(FB2),
        ),
        fb2_case(
            "fb2: laughs",
            fb2("<p>&a;</p>", "")
                .replace("<FictionBook>", "<!DOCTYPE F [<!ENTITY a '&a;&a;'>]><FictionBook>"),
            Taken(FB2),
        ),
        Case::new(
            "fb2.zip: a bomb",
            "a.fb2.zip",
            zip(&[("a.fb2", fb2(&" ".repeat(bomb), "").as_bytes())]),
            Rejected(Hostile),
        ),
    ]
}

fn pages() -> Vec<Case> {
    let case = |name, body: &str, expected| {
        Case::new(name, "a.html", format!("<!DOCTYPE html>{body}"), expected)
    };
    vec![
        case("html: two hundred thousand open elements", &"<div>".repeat(200_000), Taken(HTML)),
        case("html: two hundred thousand ends", &"</p>".repeat(200_000), Taken(HTML)),
        case(
            "html: a hundred thousand attributes",
            &format!("<p {}>", "a=b ".repeat(100_000)),
            Taken(HTML),
        ),
        case(
            "html: the same attribute of a megabyte",
            &format!("<p {}='{}'>", "a".repeat(1_000_000), "b".repeat(1_000_000)),
            Taken(HTML),
        ),
        case("html: a comment without end", &"<!--".repeat(500_000), Taken(HTML)),
        case("html: a script without end", &"<script>".repeat(500_000), Taken(HTML)),
        case(
            "html: a million references",
            &"&notanentity;&#x110000;&#0;&lt".repeat(50_000),
            Taken(HTML),
        ),
        case("html: nulls and noise", "<p>\0\u{202e}\u{feff}<\0>", Taken(HTML)),
        Case::new(
            "rtf: groups without end",
            "a.rtf",
            "{\\rtf1 ".to_owned() + &"{".repeat(1_000_000),
            Rejected(Hostile),
        ),
        Case::new(
            "rtf: binary data longer than the file",
            "a.rtf",
            "{\\rtf1 a\\bin99999999999999999999 b}",
            Taken(RTF),
        ),
        Case::new(
            "rtf: numbers beyond all bounds",
            "a.rtf",
            "{\\rtf1\\uc-1\\u99999999999999999999?\\ansicpg-7 a}",
            Taken(RTF),
        ),
    ]
}

fn texts() -> Vec<Case> {
    let case = |name, bytes: &[u8], expected| Case::new(name, "a.txt", bytes, expected);
    let long = "длинная строка без конца ".repeat(100_000);
    let mut odd = utf16("An even number of characters and one half.");
    odd.push(b'x');
    vec![
        case("text: empty", b"", Rejected(Empty)),
        case("text: one byte", b"x", Taken(TEXT)),
        case("text: one byte of nothing", b"\0", Taken("application/octet-stream")),
        case("text: one line of megabytes", long.as_bytes(), Taken(TEXT)),
        case("text: UTF-16 without a mark and of odd length", &odd, Taken(TEXT)),
        case("text: half a surrogate", b"\xff\xfea\0\x00\xd8", Taken(TEXT)),
        case("text: invalid UTF-8", b"text \xc3\x28 \xf8\x88 more words of a text", Taken(TEXT)),
        case(
            "text: overlong UTF-8",
            b"slash \xc0\xaf\xe0\x80\xaf",
            Taken("application/octet-stream"),
        ),
        case("text: a mark and nothing", b"\xef\xbb\xbf", Taken(TEXT)),
        case(
            "text: nothing but direction overrides",
            "\u{202e}".repeat(10_000).as_bytes(),
            Taken(TEXT),
        ),
        Case::new(
            "text: a name of 300 characters",
            &format!("{}.txt", "я".repeat(300)),
            "x",
            Taken(TEXT),
        ),
        Case::new("text: a name with a null and a path", "../../a\0b.txt", "x", Taken(TEXT)),
        Case::new(
            "text: a name that reads backwards",
            "a\u{202e}txt.exe",
            "x",
            Rejected(Mislabelled),
        ),
    ]
}

fn subtitles() -> Vec<Case> {
    let srt = |name, text: String| Case::new(name, "a.srt", text, Taken(SRT));
    let cue = |time: &str| format!("1\n00:00:01,000 --> 00:00:02,000\nx\n\n2\n{time}\ny\n");
    let cues = |count: usize, step: usize| -> String {
        let mut cues = "1\n00:00:00,000 --> 00:00:01,000\nx\n\n".to_owned();
        for second in (0..count).map(|at| at * step) {
            let (hour, minute, second) = (second / 3600 % 99, second / 60 % 60, second % 60);
            writeln!(cues, "9\n{hour:02}:{minute:02}:{second:02},000 --> 99:00:00,000\nword\n")
                .unwrap();
        }
        cues
    };
    vec![
        srt("srt: a time beyond all numbers", cue("99999999999999999999:00:00,000 --> 9:9:9,9")),
        srt(
            "srt: a time that overflows",
            cue("307445734561825860:59:59,999 --> 307445734561825860:59:59,999"),
        ),
        srt("srt: a negative time", cue("-00:00:05,000 --> -00:00:01,000")),
        srt("srt: an end before its start", cue("00:00:05,000 --> 00:00:01,000")),
        srt("srt: a hundred thousand cues at one moment", cues(100_000, 0)),
        srt("srt: a hundred thousand cues in disorder", cues(100_000, 7919)),
        srt(
            "srt: tags without end",
            cue(&format!("00:00:05,000 --> 00:00:06,000\n{}", "<i".repeat(500_000))),
        ),
        srt(
            "srt: brackets without end",
            cue(&format!("00:00:05,000 --> 00:00:06,000\n{}", "{\\".repeat(300_000))),
        ),
        Case::new("vtt: only its header", "a.vtt", "WEBVTT", Taken(VTT)),
        Case::new(
            "vtt: entities in entities",
            "a.vtt",
            format!("WEBVTT\n\n00:00.000 --> 00:01.000\n&{}lt;", "amp;".repeat(100_000)),
            Taken(VTT),
        ),
    ]
}
