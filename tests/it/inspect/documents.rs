//! Documents made here, of every format, read by the real child. Readers' details are tested next
//! to them; here it is that the type is told, the reader runs in its sandbox, and what it finds
//! arrives.

use primelingo::domain::inspection::{Inspection, Kind, PartKind};
use primelingo::inspect::{Hints, InspectLimits};

use super::hostile::{CONTAINER, docx, epub, fb2, opf, paragraph, pptx, utf16, xlsx, zip};
use super::{inspect_bytes, named, rejection};

const STORY: &str = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья \
                     несчастлива по-своему. Все смешалось в доме Облонских. Жена узнала, что \
                     муж был в связи с бывшею в их доме француженкою-гувернанткой.";

async fn found(file: &str, bytes: &[u8]) -> Inspection {
    let outcome = inspect_bytes(bytes, &named(file), InspectLimits::default()).await;
    let found = outcome.unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(found.kind, Kind::Book, "{file}");
    assert!(!found.truncated, "{file}");
    found
}

/// Number, label and text of every part.
fn outline(found: &Inspection) -> Vec<(u32, Option<&str>, &str)> {
    let parts = found.parts.iter();
    parts.map(|it| (it.number, it.label.as_deref(), it.text.as_str())).collect()
}

/// Texts in old encodings: how Windows-1251, KOI8-R and IBM866 write Russian letters.
fn old(text: &str, encoding: &'static encoding_rs::Encoding) -> Vec<u8> {
    let (bytes, _, is_lossy) = encoding.encode(text);
    assert!(!is_lossy);
    bytes.into_owned()
}

#[tokio::test]
async fn office_files_have_their_parts() {
    let heading = paragraph("Глава первая")
        .replace("<w:p>", "<w:p><w:pPr><w:pStyle w:val='Heading1'/></w:pPr>");
    let core = "<c><dc:title>Lesson one</dc:title><dc:creator>Ann</dc:creator></c>";
    let word = docx(
        &format!("{heading}{}", paragraph(STORY)),
        &[
            ("docProps/core.xml", core.as_bytes()),
            ("docProps/app.xml", b"<Properties><Pages>7</Pages></Properties>"),
        ],
    );
    let word = found("a.docx", &word).await;
    assert_eq!((word.title.as_deref(), word.author.as_deref()), (Some("Lesson one"), Some("Ann")));
    assert_eq!((word.pages, word.language.as_deref()), (Some(7), Some("ru")));
    assert_eq!(word.part_kind, PartKind::Chapter);
    let text = format!("Глава первая\n{STORY}");
    assert_eq!(outline(&word), [(1, Some("Глава первая"), text.as_str())]);

    let excel = xlsx("<row><c t='s'><v>0</v></c><c><v>5</v></c></row>", "<si><t>слово</t></si>");
    let excel = found("a.xlsx", &excel).await;
    assert_eq!(excel.part_kind, PartKind::Sheet);
    assert_eq!(outline(&excel), [(1, Some("One"), "слово 5")]);

    let slides = pptx("<p:sld><p:sp><a:p><a:t>Slide</a:t></a:p></p:sp></p:sld>", 1);
    let slides = found("a.pptx", &slides).await;
    assert_eq!((slides.part_kind, slides.pages), (PartKind::Slide, Some(1)));
    assert_eq!(outline(&slides), [(1, None, "Slide\nSlide")]);

    let page = "<o><office:body><draw:page><text:p>Folie</text:p></draw:page></office:body></o>";
    let impress = zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.presentation"),
        ("content.xml", page.as_bytes()),
    ]);
    let impress = found("a.odp", &impress).await;
    assert_eq!((impress.part_kind, impress.pages), (PartKind::Slide, Some(1)));
    assert_eq!(outline(&impress), [(1, None, "Folie")]);

    let table = "<o><table:table table:name='Слова'><table:table-row><text:p>a</text:p>
                 <text:p>b</text:p></table:table-row></table:table></o>";
    let calc = zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", table.as_bytes()),
    ]);
    let calc = found("a.ods", &calc).await;
    assert_eq!(calc.part_kind, PartKind::Sheet);
    assert_eq!(outline(&calc), [(1, Some("Слова"), "a b")]);
}

#[tokio::test]
async fn books_have_chapters_and_the_language_they_state() {
    let chapters = opf(&["2.xhtml", "1.xhtml"]).replace(
        "<package>",
        "<package><dc:title>Stories</dc:title><dc:creator>Лев Толстой</dc:creator>
         <dc:language>en-GB</dc:language>",
    );
    let book = epub(
        CONTAINER,
        &chapters,
        &[
            ("OPS/1.xhtml", b"<html><body><p>The end.</p></body></html>"),
            ("OPS/2.xhtml", b"<html><body><h1>Part 1</h1><p>Once&nbsp;upon</p></body></html>"),
        ],
    );
    let book = found("a.epub", &book).await;
    assert_eq!(book.title.as_deref(), Some("Stories"));
    assert_eq!(book.author.as_deref(), Some("Лев Толстой"));
    assert_eq!((book.language.as_deref(), book.part_kind), (Some("en"), PartKind::Chapter));
    assert_eq!(outline(&book), [(1, Some("Part 1"), "Part 1\nOnce upon"), (2, None, "The end.")]);

    // The text itself goes before what is stated.
    let wrong = epub(
        CONTAINER,
        &opf(&["1.xhtml"]).replace("<package>", "<package><dc:language>en</dc:language>"),
        &[("OPS/1.xhtml", format!("<html><p>{STORY}</p></html>").as_bytes())],
    );
    assert_eq!(found("a.epub", &wrong).await.language.as_deref(), Some("ru"));

    let fiction = fb2("<section><title><p>Глава 1</p></title><p>Текст</p></section>", "");
    let fiction = fiction.replace("utf-8", "windows-1251");
    let fiction = old(&fiction, encoding_rs::WINDOWS_1251);
    for (name, bytes) in [("a.fb2", fiction.clone()), ("a.fb2.zip", zip(&[("a.fb2", &fiction)]))] {
        let book = found(name, &bytes).await;
        assert_eq!((book.title.as_deref(), book.part_kind), (Some("Book one"), PartKind::Chapter));
        assert_eq!(outline(&book), [(1, Some("Глава 1"), "Глава 1\nТекст")], "{name}");
    }
    let two = zip(&[("a.fb2", &fiction), ("b.fb2", &fiction)]);
    let two = inspect_bytes(&two, &named("a.zip"), InspectLimits::default()).await.unwrap();
    assert_eq!((two.media_type.as_str(), two.kind), ("application/zip", Kind::Archive));
}

#[tokio::test]
async fn texts_are_read_in_every_encoding() {
    for encoding in [encoding_rs::WINDOWS_1251, encoding_rs::KOI8_R, encoding_rs::IBM866] {
        let text = found("a.txt", &old(STORY, encoding)).await;
        assert_eq!(outline(&text), [(1, None, STORY)], "{}", encoding.name());
        assert_eq!(text.media_type, "text/plain");
        assert_eq!(text.language.as_deref(), Some("ru"));
    }
    let text = found("a.txt", &utf16(STORY)).await;
    assert_eq!(outline(&text), [(1, None, STORY)]);

    let page = format!(
        "<html><head><title>Главная</title><meta charset=koi8-r></head>
                        <body><script>no</script><p>{STORY}</body></html>"
    );
    let page = found("a.html", &old(&page, encoding_rs::KOI8_R)).await;
    assert_eq!(page.title.as_deref(), Some("Главная"));
    assert_eq!(outline(&page), [(1, None, STORY)]);

    let rich = found("a.rtf", br"{\rtf1\ansi\ansicpg1251 \'d3\'f0\'ee\'ea \b 1\par}").await;
    assert_eq!(outline(&rich), [(1, None, "Урок 1")]);
}

#[tokio::test]
async fn subtitles_are_moments() {
    let srt = "1\r\n00:00:02,000 --> 00:00:03,500\r\n<i>Привет</i>\r\n\r\n\
               2\r\n00:00:40,000 --> 00:00:41,000\r\nКак дела?\r\n";
    let srt = found("a.srt", &old(srt, encoding_rs::WINDOWS_1251)).await;
    assert_eq!((srt.part_kind, srt.duration_s), (PartKind::Time, Some(41)));
    assert_eq!(outline(&srt), [(2, None, "Привет"), (40, None, "Как дела?")]);

    let vtt = found("a.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hello\n").await;
    assert_eq!((vtt.media_type.as_str(), vtt.duration_s), ("text/vtt", Some(2)));
    assert_eq!(outline(&vtt), [(1, None, "Hello")]);
}

#[tokio::test]
async fn parts_and_text_are_cut_at_the_limits() {
    let chapters: Vec<String> = (0..9).map(|at| format!("{at}.html")).collect();
    let names: Vec<String> = chapters.iter().map(|name| format!("OPS/{name}")).collect();
    let entries: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), b"<p>some words".as_slice())).collect();
    let chapters: Vec<&str> = chapters.iter().map(String::as_str).collect();
    let book = epub(CONTAINER, &opf(&chapters), &entries);

    let limits = InspectLimits { max_pages: 4, ..InspectLimits::default() };
    let found = inspect_bytes(&book, &Hints::default(), limits).await.unwrap();
    assert_eq!((found.parts.len(), found.truncated), (4, true));

    let limits = InspectLimits { max_text_bytes: 25, ..InspectLimits::default() };
    let found = inspect_bytes(&book, &Hints::default(), limits).await.unwrap();
    assert_eq!((found.parts.len(), found.truncated), (3, true));

    let limits = InspectLimits { max_unpacked_bytes: 100, ..InspectLimits::default() };
    let outcome = inspect_bytes(&book, &Hints::default(), limits).await;
    assert_eq!(rejection(outcome).name(), "hostile");
}
