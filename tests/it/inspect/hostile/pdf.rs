//! Hostile PDF files.

use lopdf::{Dictionary, Stream};
use primelingo::domain::inspection::Rejection::{Broken, Encrypted, Hostile};

use super::super::data;
use super::Outcome::{Rejected, Taken};
use super::{Case, pdf_but, pdf_with};

const PDF: &str = "application/pdf";

/// The cases; a page that unpacks to more than `bomb` bytes is a bomb.
pub(super) fn cases(bomb: usize) -> Vec<Case> {
    [trees(), nesting(), tables(), streams(bomb), damaged()].into_iter().flatten().collect()
}

fn case(name: &'static str, bytes: impl Into<Vec<u8>>, expected: super::Outcome) -> Case {
    Case::new(name, "book.pdf", bytes, expected)
}

fn trees() -> Vec<Case> {
    let tree = |kids: &str| pdf_but(&[(2, &format!("<</Type /Pages /Count 1 /Kids [{kids}]>>"))]);
    vec![
        case("pdf: the root is its own child", tree("3 0 R 2 0 R 2 0 R"), Taken(PDF)),
        case("pdf: the root is its only child", tree("2 0 R"), Rejected(Broken)),
        case(
            "pdf: two nodes are each other's children",
            pdf_but(&[
                (2, "<</Type /Pages /Count 1 /Kids [6 0 R]>>"),
                (6, "<</Type /Pages /Count 1 /Kids [2 0 R]>>"),
            ]),
            Rejected(Broken),
        ),
        case("pdf: a page a hundred thousand times", tree(&"3 0 R ".repeat(100_000)), Taken(PDF)),
        case(
            "pdf: a count beyond all numbers",
            pdf_but(&[(2, "<</Type /Pages /Count 99999999999999999999 /Kids [3 0 R]>>")]),
            Rejected(Broken),
        ),
        case(
            "pdf: a negative count",
            pdf_but(&[(2, "<</Type /Pages /Count -1 /Kids [3 0 R]>>")]),
            Taken(PDF),
        ),
        case("pdf: no pages", tree(""), Rejected(Broken)),
        case("pdf: kids that are not there", tree("99 0 R 98 0 R"), Taken(PDF)),
        case("pdf: the catalogue is itself", pdf_but(&[(1, "1 0 R")]), Rejected(Broken)),
        case("pdf: the content is itself", pdf_but(&[(4, "4 0 R")]), Taken(PDF)),
        case("pdf: fonts are themselves", pdf_but(&[(5, "5 0 R")]), Taken(PDF)),
        case(
            "pdf: the page is its own parent",
            pdf_but(&[(3, "<</Type /Page /Parent 3 0 R /Contents 4 0 R>>")]),
            Taken(PDF),
        ),
    ]
}

fn nesting() -> Vec<Case> {
    let deep = |open: &str, close: &str| {
        let count = 100_000;
        pdf_but(&[(6, &format!("{}{}", open.repeat(count), close.repeat(count)))])
    };
    let content = |content: &str| {
        let length = content.len();
        pdf_but(&[(4, &format!("<</Length {length}>>\nstream\n{content}\nendstream"))])
    };
    vec![
        case("pdf: deep arrays", deep("[", "]"), Taken(PDF)),
        case("pdf: deep dictionaries", deep("<</A ", ">>"), Taken(PDF)),
        case("pdf: deep brackets in a string", deep("(", ")"), Taken(PDF)),
        case("pdf: deep arrays in a page", content(&"[".repeat(100_000)), Taken(PDF)),
        case("pdf: states saved without end", content(&"q ".repeat(100_000)), Taken(PDF)),
        case(
            "pdf: numbers beyond all bounds",
            content(&"BT /F1 1e999 Tf 9e99 -9e99 1e38 1e38 9e99 9e99 Tm (x) Tj ET ".repeat(1000)),
            Taken(PDF),
        ),
        case(
            "pdf: a form that draws itself",
            pdf_but(&[
                (
                    3,
                    "<</Type /Page /Parent 2 0 R /Contents 4 0 R /Resources <</XObject <</X 6 0 R>>>>>>",
                ),
                (4, "<</Length 5>>\nstream\n/X Do\nendstream"),
                (
                    6,
                    "<</Type /XObject /Subtype /Form /BBox [0 0 1 1] /Length 5 /Resources \
                 <</XObject <</X 6 0 R>>>>>>\nstream\n/X Do\nendstream",
                ),
            ]),
            Taken(PDF),
        ),
    ]
}

fn tables() -> Vec<Case> {
    let objects = super::page();
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let sound = pdf_with(&objects, "");
    let start = sound.windows(4).rposition(|it| it == b"xref").unwrap_or_default();
    let start = sound[..start].windows(4).rposition(|it| it == b"xref").unwrap_or_default();
    let huge = String::from_utf8(sound.clone()).unwrap();
    vec![
        case(
            "pdf: a table before itself",
            pdf_with(&objects, &format!("/Prev {start}")),
            Taken(PDF),
        ),
        case("pdf: a table before the file", pdf_with(&objects, "/Prev -1"), Taken(PDF)),
        case("pdf: a table behind the file", pdf_with(&objects, "/Prev 99999999999"), Taken(PDF)),
        case(
            "pdf: a mixed table that is itself",
            pdf_with(&objects, &format!("/XRefStm {start}")),
            Taken(PDF),
        ),
        case(
            "pdf: a table of four billion",
            huge.replace("xref\n0 6", "xref\n0 4294967295"),
            Taken(PDF),
        ),
        case(
            "pdf: a start behind the file",
            huge.replace("startxref\n", "startxref\n9"),
            Taken(PDF),
        ),
        case(
            "pdf: a size of four billion",
            huge.replace("/Size 6", "/Size 4294967295"),
            Taken(PDF),
        ),
        case("pdf: an info that is itself", pdf_with(&objects, "/Info 1 0 R"), Taken(PDF)),
        case(
            "pdf: a title of two megabytes",
            pdf_with(&objects, &format!("/Info <</Title ({})>>", "x".repeat(2_000_000))),
            Taken(PDF),
        ),
    ]
}

fn streams(bomb: usize) -> Vec<Case> {
    let mut packed = Stream::new(Dictionary::new(), vec![b' '; bomb + bomb / 4]);
    packed.compress().unwrap();
    let packed = data_encoding::HEXLOWER.encode(&packed.content) + ">";
    let stream = |filters: &str, content: &str| {
        let length = content.len();
        format!("<</Filter [{filters}] /Length {length}>>\nstream\n{content}\nendstream")
    };
    let bomb = stream("/ASCIIHexDecode /FlateDecode", &packed);
    let page = "<</Type /Page /Parent 2 0 R /Contents";
    vec![
        case("pdf: a page that is a bomb", pdf_but(&[(4, &bomb)]), Rejected(Hostile)),
        case(
            "pdf: a page of the same content a thousand times",
            pdf_but(&[(3, &format!("{page} [{}]>>", "4 0 R ".repeat(1000)))]),
            Taken(PDF),
        ),
        case(
            "pdf: a thousand filters",
            pdf_but(&[(4, &stream(&"/FlateDecode ".repeat(1000), "x"))]),
            Taken(PDF),
        ),
        case(
            "pdf: a stream that is longer than the file",
            pdf_but(&[(4, "<</Length 4294967296>>\nstream\nBT ET\nendstream")]),
            Taken(PDF),
        ),
        case(
            "pdf: a stream whose length is itself",
            pdf_but(&[(4, "<</Length 4 0 R>>\nstream\nBT ET\nendstream")]),
            Taken(PDF),
        ),
        case(
            "pdf: an object stream that extends itself",
            pdf_but(&[(
                6,
                "<</Type /ObjStm /N 1 /First 4 /Extends 6 0 R /Length 11>>\nstream\n6 0 6 0 R  \nendstream",
            )]),
            Taken(PDF),
        ),
        case(
            "pdf: an object stream of a billion objects",
            pdf_but(&[(
                6,
                "<</Type /ObjStm /N 1000000000 /First 4 /Length 11>>\nstream\n7 0 (text)  \nendstream",
            )]),
            Taken(PDF),
        ),
    ]
}

fn damaged() -> Vec<Case> {
    let whole = std::fs::read(data("pdflatex-4-pages.pdf")).unwrap();
    let cut = |part: usize| whole[..whole.len() * part / 100].to_vec();
    let mut zeros = whole.clone();
    let middle = zeros.len() / 2;
    zeros[middle..].fill(0);
    vec![
        case("pdf: cut behind its header", b"%PDF-1.7\n%".as_slice(), Rejected(Broken)),
        case("pdf: cut at a tenth", cut(10), Rejected(Broken)),
        case("pdf: cut in the middle", cut(50), Rejected(Broken)),
        case("pdf: cut at nine tenths", cut(90), Rejected(Broken)),
        case("pdf: zeros from the middle on", zeros, Rejected(Broken)),
        case(
            "pdf: a header and noise",
            {
                let noise =
                    (0..50_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]);
                b"%PDF-1.7\n".iter().copied().chain(noise).collect::<Vec<u8>>()
            },
            Rejected(Broken),
        ),
        case(
            "pdf: needs a password",
            std::fs::read(data("encrypted-file.pdf")).unwrap(),
            Rejected(Encrypted),
        ),
    ]
}
