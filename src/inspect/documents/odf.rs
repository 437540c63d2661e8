//! OpenDocument files (ISO 26300): texts by chapters where there are any, presentations by
//! slides, tables by sheets.

use std::io::{Read, Seek};

use file_format::FileFormat;

use super::Trouble;
use super::gather::Gather;
use super::package::Package;
use super::xml::{Node, Tag, Xml, fields};
use crate::domain::inspection::{LABEL_MAX_CHARS, PartKind, Rejection};
use crate::inspect::formats::Found;
use crate::inspect::limits::InspectLimits;
use crate::inspect::{clean, language};

/// Which of the OpenDocument formats a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Text,
    Presentation,
    Spreadsheet,
}

impl Sort {
    /// `None` for formats of others.
    pub(super) const fn of(format: FileFormat) -> Option<Self> {
        match format {
            FileFormat::OpendocumentText
            | FileFormat::OpendocumentTextTemplate
            | FileFormat::OpendocumentTextMaster => Some(Self::Text),
            FileFormat::OpendocumentPresentation | FileFormat::OpendocumentPresentationTemplate => {
                Some(Self::Presentation)
            }
            FileFormat::OpendocumentSpreadsheet | FileFormat::OpendocumentSpreadsheetTemplate => {
                Some(Self::Spreadsheet)
            }
            _ => None,
        }
    }
}

/// Reads a document.
pub(super) fn read<R: Read + Seek>(
    package: &mut Package<R>,
    sort: Sort,
    limits: &InspectLimits,
) -> Result<Found, Trouble> {
    if let Some(manifest) = package.xml("META-INF/manifest.xml")?
        && is_encrypted(&manifest)?
    {
        return Err(Rejection::Encrypted.into());
    }
    let content = package.needed_xml("content.xml")?;
    let mut found = match package.xml("meta.xml")? {
        Some(meta) => properties(&meta, sort)?,
        None => Found::default(),
    };
    found.part_kind = match sort {
        Sort::Presentation => PartKind::Slide,
        Sort::Spreadsheet => PartKind::Sheet,
        Sort::Text if has_chapters(&content)? => PartKind::Chapter,
        Sort::Text => PartKind::Whole,
    };
    let mut gather = Gather::new(limits);
    let parts = write(&content, found.part_kind, &mut gather)?;
    if sort == Sort::Presentation {
        found.pages = Some(parts).filter(|&slides| slides > 0);
    }
    (found.parts, found.truncated) = gather.finish();
    Ok(found)
}

/// Whether an entry of the container is encrypted (part 2, 4.4).
fn is_encrypted(manifest: &str) -> Result<bool, Rejection> {
    let mut xml = Xml::new(manifest);
    while let Some(node) = xml.next()? {
        if let Node::Open(tag) = node
            && tag.name() == "encryption-data"
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn properties(meta: &str, sort: Sort) -> Result<Found, Rejection> {
    let [title, creator, editor, stated] =
        fields(meta, ["title", "initial-creator", "creator", "language"])?;
    let mut found = Found {
        title: title.and_then(|it| clean::title(&it)),
        author: creator.or(editor).and_then(|it| clean::author(&it)),
        language: stated.and_then(|it| language::stated(&it)),
        ..Found::default()
    };
    let mut xml = Xml::new(meta);
    while let Some(node) = xml.next()? {
        if let Node::Open(tag) = node
            && tag.name() == "document-statistic"
            && sort == Sort::Text
        {
            let pages = tag.prefixed("page-count").and_then(|it| it.parse().ok());
            found.pages = pages.filter(|&pages| pages > 0);
        }
    }
    Ok(found)
}

fn has_chapters(content: &str) -> Result<bool, Rejection> {
    let mut xml = Xml::new(content);
    while let Some(node) = xml.next()? {
        match node {
            Node::Open(tag) if is_unseen(tag.name()) => xml.skip()?,
            Node::Open(tag) if is_heading(&tag) => return Ok(true),
            _ => {}
        }
    }
    Ok(false)
}

fn is_heading(tag: &Tag<'_>) -> bool {
    tag.name() == "h" && tag.prefixed("outline-level").is_none_or(|level| level == "1")
}

/// What was deleted, what others remarked, and what is not text of the document.
fn is_unseen(name: &str) -> bool {
    matches!(name, "tracked-changes" | "annotation" | "note-citation" | "automatic-styles")
}

/// Gathers the text; gives the number of parts, those without text included.
fn write(content: &str, kind: PartKind, gather: &mut Gather) -> Result<u32, Rejection> {
    let mut writer = Writer { gather, kind, number: 0, label: None, paragraphs: 0, heading: false };
    let mut xml = Xml::new(content);
    while let Some(node) = xml.next()? {
        if writer.gather.is_full() {
            break;
        }
        match node {
            Node::Open(tag) if is_unseen(tag.name()) => xml.skip()?,
            Node::Open(tag) => writer.open(&tag),
            Node::Close(tag) => writer.close(tag.name()),
            Node::Text(text) => writer.text(&text),
        }
    }
    writer.end_part();
    Ok(writer.number)
}

struct Writer<'a> {
    gather: &'a mut Gather,
    kind: PartKind,
    /// Of the slide or sheet that is being read.
    number: u32,
    label: Option<String>,
    /// How many paragraphs are open; text outside of them is only layout.
    paragraphs: u32,
    heading: bool,
}

impl Writer<'_> {
    fn open(&mut self, tag: &Tag<'_>) {
        match (tag.name(), self.kind) {
            ("page", PartKind::Slide) => self.begin_part(None),
            ("table", PartKind::Sheet) => self.begin_part(tag.prefixed("name")),
            ("h", PartKind::Chapter) if is_heading(tag) => {
                self.begin_part(Some(String::new()));
                self.heading = true;
                self.paragraphs += 1;
            }
            ("p" | "h", _) => self.paragraphs += 1,
            ("line-break", _) => self.gather.end_line(),
            ("s" | "tab", _) => self.gather.space(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" | "h" => {
                self.paragraphs = self.paragraphs.saturating_sub(1);
                self.heading = false;
                if self.kind == PartKind::Sheet {
                    self.gather.space();
                } else {
                    self.gather.end_line();
                }
            }
            "table-row" => self.gather.end_line(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.paragraphs == 0 {
            return;
        }
        self.gather.push(text);
        if let Some(label) = self.label.as_mut().filter(|_| self.heading) {
            label.extend(text.chars().take(LABEL_MAX_CHARS));
        }
    }

    fn begin_part(&mut self, label: Option<String>) {
        self.end_part();
        self.number = self.number.saturating_add(1);
        self.label = label;
    }

    fn end_part(&mut self) {
        let label = self.label.take();
        match self.kind {
            PartKind::Slide | PartKind::Sheet => {
                self.gather.end_numbered_part(self.number, label.as_deref());
            }
            _ => self.gather.end_part(label.as_deref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::zip;
    use super::*;

    fn found(content: &str, sort: Sort) -> Result<Found, Trouble> {
        let meta = "<m><dc:title>Letters</dc:title><dc:creator>Bob</dc:creator>
            <meta:initial-creator>Ann</meta:initial-creator>
            <meta:document-statistic meta:page-count='3'/></m>";
        let file = zip(&[("content.xml", content), ("meta.xml", meta)]);
        let limits = InspectLimits::default();
        read(&mut Package::open(file, &limits).unwrap(), sort, &limits)
    }

    fn outline(found: &Found) -> Vec<(u32, &str, &str)> {
        let parts = found.parts.iter();
        parts.map(|it| (it.number, it.label.as_deref().unwrap_or(""), it.text.as_str())).collect()
    }

    #[test]
    fn a_text_has_chapters_or_is_whole() {
        let text = "<office:text><text:tracked-changes><text:p>old</text:p></text:tracked-changes>
            <text:p>Before</text:p><text:h text:outline-level='1'>One</text:h>
            <text:p>a<text:s text:c='1000000000'/>b<text:tab/>c<text:line-break/>d</text:p>
            <text:h text:outline-level='2'>Below</text:h>
            <text:h text:outline-level='1'>Two</text:h></office:text>";
        let chapters = found(text, Sort::Text).unwrap();
        assert_eq!((chapters.part_kind, chapters.pages), (PartKind::Chapter, Some(3)));
        assert_eq!(chapters.title.as_deref(), Some("Letters"));
        assert_eq!(chapters.author.as_deref(), Some("Ann"));
        let expected = [(1, "", "Before"), (2, "One", "One\na b c\nd\nBelow"), (3, "Two", "Two")];
        assert_eq!(outline(&chapters), expected);

        let whole = found("<t><text:p>Only</text:p></t>", Sort::Text).unwrap();
        assert_eq!((whole.part_kind, outline(&whole)), (PartKind::Whole, vec![(1, "", "Only")]));
    }

    #[test]
    fn slides_and_sheets_are_numbered_with_the_empty_ones() {
        let slides = "<p><draw:page><text:p>a</text:p></draw:page><draw:page/><draw:page>
            <text:p>b</text:p><presentation:notes><text:p>n</text:p></presentation:notes>
            </draw:page></p>";
        let slides = found(slides, Sort::Presentation).unwrap();
        assert_eq!((slides.part_kind, slides.pages), (PartKind::Slide, Some(3)));
        assert_eq!(outline(&slides)[1], (3, "", "b\nn"));

        let sheets = "<s><table:table table:name='A'><table:table-row>
            <table:table-cell table:number-columns-repeated='9999999'><text:p>1</text:p>
            </table:table-cell><table:table-cell><text:p>2</text:p></table:table-cell>
            </table:table-row></table:table></s>";
        let sheets = found(sheets, Sort::Spreadsheet).unwrap();
        assert_eq!((sheets.part_kind, outline(&sheets)), (PartKind::Sheet, vec![(1, "A", "1 2")]));
    }

    #[test]
    fn a_password_is_told_by_the_manifest() {
        let manifest =
            "<m><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></m>";
        let file = zip(&[("content.xml", "\u{1}"), ("META-INF/manifest.xml", manifest)]);
        let limits = InspectLimits::default();
        let outcome = read(&mut Package::open(file, &limits).unwrap(), Sort::Text, &limits);
        assert!(matches!(outcome, Err(Trouble::Rejected(Rejection::Encrypted))));
        assert!(matches!(found("", Sort::Text).map(|it| it.parts.len()), Ok(0)));
    }
}
