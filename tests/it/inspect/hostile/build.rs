//! Builders of files: sound ones to damage, and containers whose headers say anything.

use std::fmt::Write as _;
use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A zip container of these entries.
pub(crate) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for &(name, content) in entries {
        // The type of a container is told by this entry, which nobody compresses.
        let method = match name {
            "mimetype" => CompressionMethod::Stored,
            _ => CompressionMethod::Deflated,
        };
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An entry of a zip container with headers of one's choice.
#[derive(Clone)]
pub(crate) struct RawEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) method: u16,
    pub(crate) flags: u16,
    /// The checksum and the unpacked size that the headers state.
    pub(crate) crc: u32,
    pub(crate) size: u32,
    /// Whether it has no content of its own, but that of the entry before it.
    pub(crate) is_alias: bool,
}

impl RawEntry {
    /// A sound one, not compressed.
    pub(crate) fn new(name: impl Into<Vec<u8>>, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        Self {
            name: name.into(),
            method: 0,
            flags: 0,
            crc: crc32(&content),
            size: u32::try_from(content.len()).unwrap(),
            content,
            is_alias: false,
        }
    }

    fn header(&self) -> Vec<u8> {
        let mut header = Vec::new();
        header.extend(20_u16.to_le_bytes());
        header.extend(self.flags.to_le_bytes());
        header.extend(self.method.to_le_bytes());
        header.extend([0; 4]);
        header.extend(self.crc.to_le_bytes());
        header.extend(u32::try_from(self.content.len()).unwrap().to_le_bytes());
        header.extend(self.size.to_le_bytes());
        header.extend(u16::try_from(self.name.len()).unwrap().to_le_bytes());
        header.extend([0; 2]);
        header
    }
}

/// A zip container (APPNOTE 4.3) whose end declares `declared` entries, or as many as there are.
pub(crate) fn raw_zip(entries: &[RawEntry], declared: Option<u16>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut directory = Vec::new();
    let mut offset = 0;
    for entry in entries {
        if !entry.is_alias {
            offset = u32::try_from(file.len()).unwrap();
            file.extend(b"PK\x03\x04");
            file.extend(entry.header());
            file.extend(&entry.name);
            file.extend(&entry.content);
        }
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(entry.header());
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(&entry.name);
    }
    let start = u32::try_from(file.len()).unwrap();
    let count = declared.unwrap_or_else(|| u16::try_from(entries.len()).unwrap());
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(count.to_le_bytes());
    file.extend(count.to_le_bytes());
    file.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0; 2]);
    file
}

/// CRC-32 as in zip and PNG.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}

/// A Word file with this inside its body and these other entries.
pub(crate) fn docx(body: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let document = format!("<w:document><w:body>{body}</w:body></w:document>");
    docx_of(document.as_bytes(), more)
}

/// A Word file whose document is this.
pub(crate) fn docx_of(document: &[u8], more: &[(&str, &[u8])]) -> Vec<u8> {
    let own: [(&str, &[u8]); 2] =
        [("[Content_Types].xml", b"<Types/>"), ("word/document.xml", document)];
    zip(&[&own, more].concat())
}

/// A paragraph of a Word file.
pub(crate) fn paragraph(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

/// An Excel file of one sheet.
pub(crate) fn xlsx(sheet: &str, shared: &str) -> Vec<u8> {
    let relations = "<Relationships>
        <Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/>
        <Relationship Id='r2' Type='x/sharedStrings' Target='sharedStrings.xml'/></Relationships>";
    zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", b"<workbook><sheet name='One' r:id='r1'/></workbook>"),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/sharedStrings.xml", format!("<sst>{shared}</sst>").as_bytes()),
        ("xl/worksheets/sheet1.xml", format!("<worksheet>{sheet}</worksheet>").as_bytes()),
    ])
}

/// A PowerPoint file of one slide that the presentation lists so often.
pub(crate) fn pptx(slide: &str, listed: usize) -> Vec<u8> {
    let relations = "<Relationships><Relationship Id='r1' Type='x/slide' Target='slides/1.xml'/>
        </Relationships>";
    let list = "<p:sldId r:id='r1'/>".repeat(listed);
    // A slide that is its own notes.
    let notes = "<Relationships><Relationship Id='n' Type='x/notesSlide' Target='1.xml'/>
        </Relationships>";
    zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("ppt/presentation.xml", format!("<p:presentation>{list}</p:presentation>").as_bytes()),
        ("ppt/_rels/presentation.xml.rels", relations.as_bytes()),
        ("ppt/slides/1.xml", slide.as_bytes()),
        ("ppt/slides/_rels/1.xml.rels", notes.as_bytes()),
    ])
}

/// An OpenDocument text with this content and manifest.
pub(crate) fn odt(content: &str, manifest: &str) -> Vec<u8> {
    zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", content.as_bytes()),
        ("META-INF/manifest.xml", manifest.as_bytes()),
    ])
}

/// The container of an e-book that refers to `OPS/book.opf`.
pub(crate) const CONTAINER: &str =
    "<container><rootfiles><rootfile full-path='OPS/book.opf'/></rootfiles></container>";

/// An e-book with this container, package document and other entries.
pub(crate) fn epub(container: &str, opf: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let own: [(&str, &[u8]); 3] = [
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", container.as_bytes()),
        ("OPS/book.opf", opf.as_bytes()),
    ];
    zip(&[&own, more].concat())
}

/// A package document of an e-book with these chapters, in this order.
pub(crate) fn opf(chapters: &[&str]) -> String {
    let mut items = String::new();
    let mut spine = String::new();
    for chapter in chapters {
        write!(items, "<item id='{chapter}' href='{chapter}'/>").unwrap();
        write!(spine, "<itemref idref='{chapter}'/>").unwrap();
    }
    format!("<package><manifest>{items}</manifest><spine>{spine}</spine></package>")
}

/// A FictionBook with this in its body, and this behind it.
pub(crate) fn fb2(body: &str, behind: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><FictionBook><description><title-info>\
         <book-title>Book one</book-title></title-info></description><body>{body}</body>{behind}\
         </FictionBook>"
    )
}

/// A compound file whose directory has these entries.
pub(crate) fn compound(entries: &[&str]) -> Vec<u8> {
    let mut file = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    file.resize(512, 0);
    // Version 3, and the directory in the first sector.
    file[26] = 3;
    file[30] = 9;
    for name in entries {
        let at = file.len();
        file.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
        file.resize(at + 128, 0);
    }
    file.resize(file.len().next_multiple_of(512) + 512, 0);
    file
}

/// A PDF of these objects, numbered from 1, of which the first is the catalogue.
pub(crate) fn pdf(objects: &[&str]) -> Vec<u8> {
    pdf_with(objects, "")
}

/// A PDF with more in its trailer.
pub(crate) fn pdf_with(objects: &[&str], trailer: &str) -> Vec<u8> {
    let mut file = String::from("%PDF-1.7\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (number, object) in (1..).zip(objects) {
        writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
        write!(file, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let start = file.len();
    let size = objects.len() + 1;
    write!(
        file,
        "xref\n0 {size}\n{table}trailer\n<</Size {size} /Root 1 0 R {trailer}>>\n\
         startxref\n{start}\n%%EOF\n"
    )
    .unwrap();
    file.into_bytes()
}

/// The objects of a sound PDF of one page, whose content is object 4: to be changed.
pub(crate) fn page() -> Vec<String> {
    [
        "<</Type /Catalog /Pages 2 0 R>>",
        "<</Type /Pages /Count 1 /Kids [3 0 R]>>",
        "<</Type /Page /Parent 2 0 R /Contents 4 0 R /Resources <</Font <</F1 5 0 R>>>>>>",
        "<</Length 26>>\nstream\nBT /F1 12 Tf (Hello) Tj ET\nendstream",
        "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// That PDF with some objects replaced, or added behind the others.
pub(crate) fn pdf_but(changes: &[(usize, &str)]) -> Vec<u8> {
    let mut objects = page();
    for &(number, object) in changes {
        objects.resize(objects.len().max(number), "null".to_owned());
        objects[number - 1] = object.to_owned();
    }
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    pdf(&objects)
}

/// The text in UTF-16, little end first, without a mark.
pub(crate) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
