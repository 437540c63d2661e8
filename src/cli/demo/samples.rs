//! The demo's library: texts of our own, made into files when the demo starts.

use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, Stream, dictionary};

use crate::domain::event::FileClass;
use crate::domain::material::{Level, StudyLanguage};

/// One file of the sample library.
pub struct Sample {
    pub title: &'static str,
    pub category: &'static str,
    pub file_name: &'static str,
    pub class: FileClass,
    pub level: Option<Level>,
    pub language: StudyLanguage,
    pub tags: &'static [&'static str],
    content: Source,
}

enum Source {
    /// Pages of a PDF, separated by lines of three dashes.
    Pdf(&'static str),
    /// A plain text.
    Text(&'static str),
    /// A recording: tones of these frequencies in Hz, half a second each.
    Tones(&'static [f64]),
}

/// What the library holds.
pub fn all() -> Vec<Sample> {
    let pdf = |text| Source::Pdf(text);
    vec![
        Sample {
            title: "English Grammar: Present Tenses",
            category: "Grammar",
            file_name: "present-tenses.pdf",
            class: FileClass::Document,
            level: Some(Level::A2),
            language: StudyLanguage::En,
            tags: &["grammar", "tenses", "exercises"],
            content: pdf(include_str!("samples/present-tenses.txt")),
        },
        Sample {
            title: "Everyday Dialogues: At the Market",
            category: "Speaking",
            file_name: "market-dialogues.pdf",
            class: FileClass::Document,
            level: Some(Level::B1),
            language: StudyLanguage::En,
            tags: &["dialogues", "shopping"],
            content: pdf(include_str!("samples/market-dialogues.txt")),
        },
        Sample {
            title: "IELTS Writing: Essays that Work",
            category: "Exams",
            file_name: "ielts-essays.pdf",
            class: FileClass::Document,
            level: Some(Level::B2),
            language: StudyLanguage::En,
            tags: &["ielts", "writing"],
            content: pdf(include_str!("samples/ielts-essays.txt")),
        },
        Sample {
            title: "Русские пословицы с объяснениями",
            category: "Reading",
            file_name: "poslovicy.txt",
            class: FileClass::Document,
            level: Some(Level::B1),
            language: StudyLanguage::Ru,
            tags: &["пословицы", "чтение"],
            content: Source::Text(include_str!("samples/poslovicy.txt")),
        },
        Sample {
            title: "Oʻzbek xalq ertaklari",
            category: "Reading",
            file_name: "ertaklar.txt",
            class: FileClass::Document,
            level: Some(Level::A2),
            language: StudyLanguage::Uz,
            tags: &["ertak", "oʻqish"],
            content: Source::Text(include_str!("samples/ertaklar.txt")),
        },
        Sample {
            title: "Listening warm-up: High and Low",
            category: "Listening",
            file_name: "high-and-low.wav",
            class: FileClass::Audio,
            level: None,
            language: StudyLanguage::Other,
            tags: &["listening"],
            content: Source::Tones(&[220.0, 440.0, 330.0, 660.0]),
        },
    ]
}

impl Sample {
    /// The bytes of the file.
    pub fn bytes(&self) -> std::io::Result<Vec<u8>> {
        match self.content {
            Source::Pdf(text) => pdf(self.title, text),
            Source::Text(text) => Ok(text.as_bytes().to_vec()),
            Source::Tones(tones) => Ok(wav(tones)),
        }
    }
}

/// Characters of a line of the PDFs.
const LINE_CHARS: usize = 78;

/// A PDF with one page for each part of the text; parts are separated by lines of three dashes.
pub fn pdf(title: &str, text: &str) -> std::io::Result<Vec<u8>> {
    let mut document = Document::with_version("1.5");
    let pages_id = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
        "Encoding" => "WinAnsiEncoding",
    });
    let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
    let mut kids: Vec<Object> = Vec::new();
    for page in text.split("\n---\n") {
        let stream = Stream::new(dictionary! {}, page_content(page).map_err(other)?);
        let content = document.add_object(stream);
        let page = document.add_object(dictionary! {
            "Type" => "Page", "Parent" => pages_id, "Contents" => content,
        });
        kids.push(page.into());
    }
    let count = i64::try_from(kids.len()).unwrap_or(0);
    document.objects.insert(
        pages_id,
        Object::Dictionary(dictionary! {
            "Type" => "Pages", "Kids" => kids, "Count" => count, "Resources" => resources,
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        }),
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages_id });
    let info = document.add_object(dictionary! { "Title" => Object::string_literal(title) });
    document.trailer.set("Root", catalog);
    document.trailer.set("Info", info);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes)?;
    Ok(bytes)
}

fn page_content(page: &str) -> Result<Vec<u8>, lopdf::Error> {
    let mut operations = vec![
        Operation::new("BT", vec![]),
        Operation::new("Tf", vec!["F1".into(), 12.into()]),
        Operation::new("TL", vec![17.into()]),
        Operation::new("Td", vec![60.into(), 770.into()]),
    ];
    for paragraph in page.lines() {
        for line in wrapped(paragraph) {
            operations.push(Operation::new("Tj", vec![Object::string_literal(line)]));
            operations.push(Operation::new("T*", vec![]));
        }
        operations.push(Operation::new("T*", vec![]));
    }
    operations.push(Operation::new("ET", vec![]));
    Content { operations }.encode()
}

fn wrapped(paragraph: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in paragraph.split_whitespace() {
        if !line.is_empty() && line.len() + 1 + word.len() > LINE_CHARS {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A mono recording, 8 bits a sample: RIFF WAVE, format 1.
fn wav(tones: &[f64]) -> Vec<u8> {
    const RATE: u32 = 8_000;
    const HALF_SECOND: u32 = RATE / 2;
    let mut samples: Vec<u8> = Vec::new();
    for tone in tones {
        for index in 0..HALF_SECOND {
            let time = f64::from(index) / f64::from(RATE);
            let loud = (time * tone * std::f64::consts::TAU).sin() > 0.0;
            samples.push(if loud { 148 } else { 108 });
        }
    }
    let length = u32::try_from(samples.len()).unwrap_or(0);
    let mut bytes = Vec::with_capacity(samples.len() + 44);
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(36 + length).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt ");
    bytes.extend_from_slice(&16_u32.to_le_bytes());
    bytes.extend_from_slice(&1_u16.to_le_bytes());
    bytes.extend_from_slice(&1_u16.to_le_bytes());
    bytes.extend_from_slice(&RATE.to_le_bytes());
    bytes.extend_from_slice(&RATE.to_le_bytes());
    bytes.extend_from_slice(&1_u16.to_le_bytes());
    bytes.extend_from_slice(&8_u16.to_le_bytes());
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&samples);
    bytes
}

fn other(error: lopdf::Error) -> std::io::Error {
    std::io::Error::other(error)
}
