//! Inspection of files in child processes of the real executable: every file of `tests/it/data`,
//! hostile files made here, and children that misbehave on purpose.

mod documents;
#[cfg(debug_assertions)]
mod faults;
mod hostile;
mod media;

use std::path::{Path, PathBuf};

use lopdf::{Dictionary, Document, Object, Stream, dictionary};
use primelingo::domain::inspection::{Inspection, Kind, Rejection};
use primelingo::inspect::{Hints, InspectError, InspectLimits, Inspector};
use tempfile::TempDir;

fn inspector(limits: InspectLimits) -> Inspector {
    Inspector::new(PathBuf::from(env!("CARGO_BIN_EXE_primelingo")), limits)
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/data").join(name)
}

fn named(name: &str) -> Hints {
    Hints { name: Some(name.to_owned()), mime: None }
}

/// A JPEG with this block of its camera in place of all that its own camera and programs wrote.
fn jpeg_with_exif(tiff: &[u8]) -> Vec<u8> {
    let jpeg = std::fs::read(data("image.jpg")).unwrap();
    let mut at = 2;
    while matches!(jpeg[at..at + 2], [0xff, 0xe0..=0xef]) {
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    let length = u16::try_from(8 + tiff.len()).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, b"Exif\0\0", tiff, &jpeg[at..]].concat()
}

/// Inspects a file under its own name with the default limits.
async fn inspect(name: &str) -> Result<Inspection, InspectError> {
    inspector(InspectLimits::default()).inspect(&data(name), &named(name)).await
}

/// Inspects bytes that the test made.
async fn inspect_bytes(
    bytes: &[u8],
    hints: &Hints,
    limits: InspectLimits,
) -> Result<Inspection, InspectError> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, bytes).unwrap();
    inspector(limits).inspect(&path, hints).await
}

fn rejection(outcome: Result<Inspection, InspectError>) -> Rejection {
    match outcome {
        Err(InspectError::Rejected(rejection)) => rejection,
        other => panic!("expected a rejection, got {other:?}"),
    }
}

/// What a sound file must turn out to be.
struct Sound {
    file: &'static str,
    media_type: &'static str,
    kind: Kind,
    pages: Option<u32>,
    title: Option<&'static str>,
    author: Option<&'static str>,
    duration_s: Option<u32>,
    language: Option<&'static str>,
    /// A phrase that only reads right when letters, words and lines are put together rightly.
    phrase: Option<&'static str>,
}

const PDF: &str = "application/pdf";
const BOOK: Sound = Sound {
    file: "",
    media_type: PDF,
    kind: Kind::Book,
    pages: None,
    title: None,
    author: None,
    duration_s: None,
    language: None,
    phrase: None,
};
const TONE: Sound = Sound {
    kind: Kind::Audio,
    title: Some("Lesson one: приветствие"),
    author: Some("PrimeLingo"),
    duration_s: Some(2),
    ..BOOK
};

const SOUND: &[Sound] = &[
    Sound {
        file: "annotated_pdf.pdf",
        pages: Some(1),
        title: Some("Annotated PDF"),
        phrase: Some("Line 1 Line 2"),
        ..BOOK
    },
    Sound {
        file: "crazyones.pdf",
        pages: Some(1),
        language: Some("en"),
        phrase: Some("The ones who see things differently."),
        ..BOOK
    },
    Sound {
        file: "metadata.pdf",
        pages: Some(1),
        title: Some("The Title"),
        author: Some("Martin Thoma"),
        phrase: Some("Whatever"),
        ..BOOK
    },
    Sound { file: "minimal-document.pdf", pages: Some(1), language: Some("la"), ..BOOK },
    Sound {
        file: "multicolumn.pdf",
        pages: Some(3),
        language: Some("la"),
        phrase: Some("Two-Column Document with Lorem Ipsum"),
        ..BOOK
    },
    Sound {
        file: "outlines-with-invalid-destinations.pdf",
        pages: Some(4),
        language: Some("en"),
        ..BOOK
    },
    Sound {
        file: "pdflatex-4-pages.pdf",
        pages: Some(4),
        language: Some("en"),
        phrase: Some("This text should show what a printed text will look like at this place."),
        ..BOOK
    },
    // Encrypted, but the empty password opens them.
    Sound {
        file: "r6-empty-password.pdf",
        pages: Some(1),
        author: Some("cheng"),
        phrase: Some("pdf encryption test password"),
        ..BOOK
    },
    Sound { file: "r6-user-password.pdf", pages: Some(1), author: Some("cheng"), ..BOOK },
    Sound {
        file: "toy.pdf",
        pages: Some(1),
        phrase: Some("Single quote operator Double quote operator"),
        ..BOOK
    },
    Sound { file: "with-attachment.pdf", pages: Some(1), language: Some("la"), ..BOOK },
    Sound {
        file: "minimal.pptx",
        media_type: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        author: Some("python-pptx"),
        ..BOOK
    },
    Sound {
        file: "test-image-jpg-mime.pptx",
        media_type: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        pages: Some(1),
        author: Some("python-pptx"),
        ..BOOK
    },
    Sound {
        file: "shp-embedded-xlsx.xlsx",
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        author: Some("Steve Canny"),
        phrase: Some("1\n2\n3"),
        ..BOOK
    },
    Sound {
        file: "source.odt",
        media_type: "application/vnd.oasis.opendocument.text",
        pages: Some(1),
        language: Some("la"),
        phrase: Some("takimata sanctus est Lorem ipsum"),
        ..BOOK
    },
    Sound { file: "tone.flac", media_type: "audio/flac", ..TONE },
    Sound { file: "tone.m4a", media_type: "audio/x-m4a", ..TONE },
    Sound { file: "tone.mp3", media_type: "audio/mpeg", ..TONE },
    Sound { file: "tone.ogg", media_type: "audio/ogg", ..TONE },
    Sound { file: "tone.opus", media_type: "audio/opus", ..TONE },
    Sound {
        file: "speech.wav",
        media_type: "audio/vnd.wave",
        title: None,
        author: None,
        duration_s: Some(7),
        ..TONE
    },
    Sound {
        file: "film.mp4",
        media_type: "video/mp4",
        kind: Kind::Video,
        title: Some("Film one"),
        duration_s: Some(2),
        ..BOOK
    },
    Sound {
        file: "silent.mp4",
        media_type: "video/mp4",
        kind: Kind::Video,
        duration_s: Some(2),
        ..BOOK
    },
    Sound { file: "image.jpg", media_type: "image/jpeg", kind: Kind::Image, ..BOOK },
    Sound { file: "test.png", media_type: "image/png", kind: Kind::Image, ..BOOK },
    Sound { file: "test.svg", media_type: "image/svg+xml", kind: Kind::Image, ..BOOK },
    Sound {
        file: "rar3-solid.rar",
        media_type: "application/vnd.rar",
        kind: Kind::Archive,
        ..BOOK
    },
];

const REJECTED: &[(&str, Rejection)] = &[
    ("encrypted-file.pdf", Rejection::Encrypted),
    // The password is empty, but without a document id lopdf cannot derive the key.
    ("encrypted_doc_no_id.pdf", Rejection::Encrypted),
    ("libreoffice-writer-password.pdf", Rejection::Encrypted),
];

#[tokio::test]
async fn every_sound_file_is_recognised() {
    for expected in SOUND {
        let file = expected.file;
        let found = inspect(file).await.unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(found.media_type, expected.media_type, "{file}");
        assert_eq!(found.kind, expected.kind, "{file}");
        assert_eq!(found.pages, expected.pages, "{file}");
        assert_eq!(found.title.as_deref(), expected.title, "{file}");
        assert_eq!(found.author.as_deref(), expected.author, "{file}");
        assert_eq!(found.duration_s, expected.duration_s, "{file}");
        assert_eq!(found.language.as_deref(), expected.language, "{file}");
        assert!(!found.truncated, "{file}");
        if let Some(phrase) = expected.phrase {
            let has_phrase = found.parts.iter().any(|part| part.text.contains(phrase));
            assert!(has_phrase, "{file}: {phrase:?} not in {:?}", found.parts);
        }
    }
}

#[tokio::test]
async fn every_bad_file_is_rejected_with_its_reason() {
    for &(file, expected) in REJECTED {
        assert_eq!(rejection(inspect(file).await), expected, "{file}");
    }
}

#[test]
fn every_file_of_the_test_data_is_expected_to_be_something() {
    let known = SOUND.iter().map(|it| it.file).chain(REJECTED.iter().map(|it| it.0));
    let known: Vec<&str> = known.chain(["README.md"]).collect();
    let readme = std::fs::read_to_string(data("README.md")).unwrap();
    for entry in std::fs::read_dir(data("")).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_type().unwrap().is_file() {
            continue;
        }
        let name = entry.file_name().into_string().unwrap();
        assert!(known.contains(&name.as_str()), "{name} is in no table");
        assert!(name == "README.md" || readme.contains(&name), "{name} has no licence note");
    }
}

#[tokio::test]
async fn an_audio_file_without_sound_is_broken() {
    let whole = std::fs::read(data("tone.flac")).unwrap();
    let outcome = inspect_bytes(&whole[..20], &named("a.flac"), InspectLimits::default()).await;
    assert_eq!(rejection(outcome), Rejection::Broken);
}

#[tokio::test]
async fn text_is_read_and_cut_at_the_limit() {
    let text = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья \
                несчастлива по-своему.\r\nВсе смешалось в доме Облонских. Жена узнала, что муж \
                был в связи с бывшею в их доме француженкою-гувернанткой, и объявила мужу, что \
                не может жить с ним в одном доме.\r\nПоложение это продолжалось уже третий день \
                и мучительно чувствовалось и самими супругами, и всеми членами семьи.\r\n";
    let limits = InspectLimits::default();
    let found = inspect_bytes(text.as_bytes(), &named("story.md"), limits.clone()).await.unwrap();
    assert_eq!(found.media_type, "text/plain");
    assert_eq!(found.kind, Kind::Book);
    assert_eq!(found.language.as_deref(), Some("ru"));
    assert_eq!(found.parts[0].text, text.replace('\r', ""));

    let inside_a_letter = (50..80).find(|&at| !text.is_char_boundary(at)).unwrap();
    let limits = InspectLimits { max_text_bytes: inside_a_letter, ..limits };
    let found = inspect_bytes(text.as_bytes(), &named("story.md"), limits).await.unwrap();
    assert_eq!(found.parts[0].text, text[..inside_a_letter - 1]);
    assert!(found.truncated);
}

#[tokio::test]
async fn the_longest_text_fits_into_the_longest_answer() {
    let limits = InspectLimits::default();
    // Every character of it needs escaping.
    let text = "\"\\".repeat(limits.max_text_bytes);
    let found = inspect_bytes(text.as_bytes(), &Hints::default(), limits.clone()).await.unwrap();
    assert_eq!(found.parts[0].text.len(), limits.max_text_bytes);
    assert!(found.truncated);
}

#[tokio::test]
async fn pages_and_text_of_a_pdf_are_cut_at_the_limits() {
    let file = data("pdflatex-4-pages.pdf");
    let limits = InspectLimits { max_pages: 2, ..InspectLimits::default() };
    let found = inspector(limits).inspect(&file, &Hints::default()).await.unwrap();
    assert_eq!((found.pages, found.parts.len(), found.truncated), (Some(4), 2, true));

    let limits = InspectLimits { max_text_bytes: 100, ..InspectLimits::default() };
    let found = inspector(limits).inspect(&file, &Hints::default()).await.unwrap();
    assert_eq!((found.pages, found.parts.len(), found.truncated), (Some(4), 1, true));
    assert_eq!(found.parts[0].text.len(), 100);

    let limits = InspectLimits { max_parse_bytes: 100, ..InspectLimits::default() };
    let found = inspector(limits).inspect(&file, &Hints::default()).await.unwrap();
    assert_eq!((found.pages, found.media_type.as_str(), found.truncated), (None, PDF, true));
}

#[tokio::test]
async fn an_empty_file_is_empty_whatever_its_name() {
    for name in ["empty.pdf", "empty.mp3", "empty"] {
        let outcome = inspect_bytes(b"", &named(name), InspectLimits::default()).await;
        assert_eq!(rejection(outcome), Rejection::Empty, "{name}");
    }
}

#[tokio::test]
async fn claims_that_the_content_refutes_are_rejected() {
    let pptx = data("minimal.pptx");
    let pdf = data("toy.pdf");
    let exe = PathBuf::from(env!("CARGO_BIN_EXE_primelingo"));
    let encrypted = data("encrypted-file.pdf");
    let mime = |mime: &str| Hints { name: None, mime: Some(mime.to_owned()) };
    for (file, hints) in [
        (&pptx, named("grammar.pdf")),
        (&exe, named("grammar.pdf")),
        (&exe, named("grammar.docx")),
        (&exe, mime("application/pdf")),
        (&pdf, named("song.mp3")),
        (&pdf, mime("audio/mpeg")),
        (&pdf, named("photo.JPEG")),
        (&encrypted, named("song.mp3")),
    ] {
        let outcome = inspector(InspectLimits::default()).inspect(file, &hints).await;
        assert_eq!(rejection(outcome), Rejection::Mislabelled, "{file:?} {hints:?}");
    }
    let noise = b"\x01\x02\x03 nothing known".as_slice();
    for bytes in [noise, b"just some words"] {
        let outcome = inspect_bytes(bytes, &named("a.pdf"), InspectLimits::default()).await;
        assert_eq!(rejection(outcome), Rejection::Mislabelled);
    }
}

#[tokio::test]
async fn harmless_vagueness_is_no_lie() {
    let mime = |mime: &str| Hints { name: None, mime: Some(mime.to_owned()) };
    for (file, hints) in [
        ("toy.pdf", Hints::default()),
        ("toy.pdf", named("no extension")),
        ("toy.pdf", named("lesson 1. introduction")),
        ("toy.pdf", mime("application/octet-stream")),
        ("toy.pdf", mime("Application/PDF; charset=binary")),
        ("minimal.pptx", named("slides.zip")),
        ("speech.wav", mime("audio/x-wav")),
        ("test.png", named("photo.jpg")),
        ("rar3-solid.rar", mime("application/x-rar-compressed")),
    ] {
        let outcome = inspector(InspectLimits::default()).inspect(&data(file), &hints).await;
        assert!(outcome.is_ok(), "{file} {hints:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_pdf_behind_junk_is_a_pdf_and_a_text_about_pdf_is_a_text() {
    let mut junk = b"\x00\x01junk\n".to_vec();
    junk.extend(std::fs::read(data("toy.pdf")).unwrap());
    let found = inspect_bytes(&junk, &named("toy.pdf"), InspectLimits::default()).await.unwrap();
    assert_eq!((found.media_type.as_str(), found.pages), (PDF, Some(1)));

    let text = b"A PDF file begins with %PDF-1.7 and ends with %%EOF.";
    let found = inspect_bytes(text, &named("pdf.txt"), InspectLimits::default()).await.unwrap();
    assert_eq!(found.media_type, "text/plain");
}

#[tokio::test]
async fn a_truncated_pdf_is_broken_or_read_as_far_as_it_goes() {
    let whole = std::fs::read(data("pdflatex-4-pages.pdf")).unwrap();
    let header = &whole[..40];
    let outcome = inspect_bytes(header, &named("a.pdf"), InspectLimits::default()).await;
    assert_eq!(rejection(outcome), Rejection::Broken);
    for cut in [whole.len() / 4, whole.len() / 2, whole.len() - 100] {
        let outcome = inspect_bytes(&whole[..cut], &named("a.pdf"), InspectLimits::default()).await;
        match outcome {
            Ok(found) => assert!(found.pages.is_some_and(|pages| pages <= 4), "{cut}"),
            Err(error) => assert_eq!(error.rejection(), Some(Rejection::Broken), "{cut}"),
        }
    }
}

/// A document whose page tree is made by `tree` from the id of its root and of one page with the
/// given content.
fn document(content: &[u8], tree: impl Fn(Object, Object) -> Vec<Object>) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let root = document.new_object_id();
    let mut stream = Stream::new(Dictionary::new(), content.to_vec());
    stream.compress().unwrap();
    let content = document.add_object(stream);
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
        "Encoding" => "WinAnsiEncoding",
    });
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => root, "Contents" => content,
        "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
    });
    let kids = tree(Object::Reference(root), Object::Reference(page));
    document.objects.insert(
        root,
        Object::Dictionary(dictionary! {
            "Type" => "Pages", "Count" => 1_000_000_000, "Kids" => kids,
        }),
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => root });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[tokio::test]
async fn cyclic_and_boundless_page_trees_end() {
    let hello = b"BT /F1 12 Tf (Hello) Tj ET";
    let cyclic = document(hello, |root, page| vec![page, root.clone(), root]);
    let found = inspect_bytes(&cyclic, &Hints::default(), InspectLimits::default()).await.unwrap();
    assert!(found.pages.is_some_and(|pages| (1..10).contains(&pages)), "{:?}", found.pages);
    assert_eq!(found.parts[0].text, "Hello");

    let boundless = document(hello, |_root, page| vec![page; 200_000]);
    let outcome = inspect_bytes(&boundless, &Hints::default(), InspectLimits::default()).await;
    assert!(outcome.unwrap().pages.is_some_and(|pages| pages < 10));

    let endless = document(hello, |root, _page| vec![root]);
    let outcome = inspect_bytes(&endless, &Hints::default(), InspectLimits::default()).await;
    assert_eq!(rejection(outcome), Rejection::Broken);
}

#[tokio::test]
async fn a_page_that_unpacks_to_too_much_is_hostile() {
    let limits = InspectLimits { max_unpacked_bytes: 100_000, ..InspectLimits::default() };
    let bomb = document(&b" ".repeat(200_000), |_root, page| vec![page]);
    assert!(bomb.len() < 10_000);
    let outcome = inspect_bytes(&bomb, &Hints::default(), limits).await;
    assert_eq!(rejection(outcome), Rejection::Hostile);
}

#[tokio::test]
async fn what_is_not_the_files_fault_is_no_rejection() {
    let nowhere = Inspector::new(PathBuf::from("/nonexistent"), InspectLimits::default());
    let outcome = nowhere.inspect(&data("toy.pdf"), &Hints::default()).await;
    assert!(matches!(outcome, Err(InspectError::Spawn(_))), "{outcome:?}");

    let outcome = inspect("missing.pdf").await;
    assert!(matches!(outcome, Err(InspectError::Open(_))), "{outcome:?}");

    // Too little memory even to start the thread that parses.
    let limits = InspectLimits { memory_bytes: 1, ..InspectLimits::default() };
    let outcome = inspector(limits).inspect(&data("toy.pdf"), &Hints::default()).await;
    assert!(outcome.is_err_and(|error| error.rejection().is_none()));
}
