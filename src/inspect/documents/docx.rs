//! Word files: text by chapters where there are headings of the first level, else by pages where
//! Word noted them, else as a whole.

use std::collections::HashSet;
use std::io::{Read, Seek};

use super::Trouble;
use super::gather::Gather;
use super::ooxml::{Relations, main_entry, properties};
use super::package::Package;
use super::xml::{Node, Tag, Xml};
use crate::domain::inspection::{PartKind, Rejection};
use crate::inspect::formats::Found;
use crate::inspect::limits::InspectLimits;

/// Reads a document.
pub(super) fn read<R: Read + Seek>(
    package: &mut Package<R>,
    limits: &InspectLimits,
) -> Result<Found, Trouble> {
    let entry = main_entry(package, "word/document.xml")?;
    let text = package.needed_xml(&entry)?;
    let styles = Relations::of(package, &entry)?.first("styles").map(str::to_owned);
    let styles = match styles {
        Some(styles) => package.xml(&styles)?,
        None => None,
    };
    let headings = headings(styles.as_deref().unwrap_or_default())?;
    let sort = survey(&text, &headings)?;
    let mut gather = Gather::new(limits);
    let found = properties(package)?;
    write(&text, &headings, sort, &mut gather)?;
    let (parts, truncated) = gather.finish();
    Ok(Found { part_kind: sort.kind(), parts, truncated, ..found })
}

/// How the text is parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Chapters,
    /// By the places where Word itself began a page when it saved the file.
    RenderedPages,
    /// By the breaks that the author put in.
    BrokenPages,
    Whole,
}

impl Sort {
    const fn kind(self) -> PartKind {
        match self {
            Self::Chapters => PartKind::Chapter,
            Self::RenderedPages | Self::BrokenPages => PartKind::Page,
            Self::Whole => PartKind::Whole,
        }
    }
}

/// The identifiers of the styles of first-level headings. Identifiers are translated, names of
/// built-in styles are not.
fn headings(styles: &str) -> Result<HashSet<String>, Rejection> {
    let mut headings = HashSet::from(["Heading1".to_owned()]);
    let mut style = None;
    let mut xml = Xml::new(styles);
    while let Some(node) = xml.next()? {
        let Node::Open(tag) = node else { continue };
        match tag.name() {
            "style" => style = tag.prefixed("styleId"),
            "name"
                if tag.prefixed("val").is_some_and(|it| it.eq_ignore_ascii_case("heading 1")) =>
            {
                headings.extend(style.clone());
            }
            "outlineLvl" if tag.prefixed("val").as_deref() == Some("0") => {
                headings.extend(style.clone());
            }
            _ => {}
        }
    }
    Ok(headings)
}

/// Looks for what the text can be parted by.
fn survey(text: &str, headings: &HashSet<String>) -> Result<Sort, Rejection> {
    let mut sort = Sort::Whole;
    let mut xml = Xml::new(text);
    while let Some(node) = xml.next()? {
        let Node::Open(tag) = node else { continue };
        match tag.name() {
            "Fallback" => xml.skip()?,
            _ if is_heading(&tag, headings) => return Ok(Sort::Chapters),
            "lastRenderedPageBreak" => sort = Sort::RenderedPages,
            "br" if is_page_break(&tag) && sort == Sort::Whole => sort = Sort::BrokenPages,
            _ => {}
        }
    }
    Ok(sort)
}

/// Whether the tag says that its paragraph is a heading of the first level.
fn is_heading(tag: &Tag<'_>, headings: &HashSet<String>) -> bool {
    match tag.name() {
        "pStyle" => tag.prefixed("val").is_some_and(|style| headings.contains(&style)),
        "outlineLvl" => tag.prefixed("val").as_deref() == Some("0"),
        _ => false,
    }
}

fn is_page_break(tag: &Tag<'_>) -> bool {
    tag.prefixed("type").as_deref() == Some("page")
}

/// Gathers the text.
fn write(
    text: &str,
    headings: &HashSet<String>,
    sort: Sort,
    gather: &mut Gather,
) -> Result<(), Rejection> {
    let mut writer = Writer { gather, sort, page: 1, label: None, in_heading: false };
    let mut in_text = false;
    let mut xml = Xml::new(text);
    while let Some(node) = xml.next()? {
        if writer.gather.is_full() {
            break;
        }
        match node {
            // The same once more, for programs that are older than the document.
            Node::Open(tag) if tag.name() == "Fallback" => xml.skip()?,
            Node::Open(tag) => {
                in_text = tag.name() == "t";
                writer.open(&tag, is_heading(&tag, headings));
            }
            Node::Close(tag) => {
                in_text = false;
                if tag.name() == "p" {
                    writer.end_paragraph();
                }
            }
            Node::Text(text) if in_text => writer.text(&text),
            Node::Text(_) => {}
        }
    }
    writer.end_part();
    Ok(())
}

struct Writer<'a> {
    gather: &'a mut Gather,
    sort: Sort,
    page: u32,
    /// The heading of the chapter that is being read.
    label: Option<String>,
    in_heading: bool,
}

impl Writer<'_> {
    fn open(&mut self, tag: &Tag<'_>, is_heading: bool) {
        match tag.name() {
            "tab" | "noBreakHyphen" | "tc" => self.gather.space(),
            "lastRenderedPageBreak" if self.sort == Sort::RenderedPages => self.next_page(),
            "br" if is_page_break(tag) && self.sort == Sort::BrokenPages => self.next_page(),
            "br" | "cr" => self.gather.end_line(),
            _ if is_heading && self.sort == Sort::Chapters && !self.in_heading => {
                self.end_part();
                self.label = Some(String::new());
                self.in_heading = true;
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        self.gather.push(text);
        if let Some(label) = self.label.as_mut().filter(|_| self.in_heading) {
            // Only its beginning is ever shown.
            label.extend(text.chars().take(crate::domain::inspection::LABEL_MAX_CHARS));
        }
    }

    fn end_paragraph(&mut self) {
        self.in_heading = false;
        self.gather.end_line();
    }

    fn next_page(&mut self) {
        self.end_part();
        self.page = self.page.saturating_add(1);
    }

    fn end_part(&mut self) {
        let label = self.label.take();
        match self.sort {
            Sort::RenderedPages | Sort::BrokenPages => {
                self.gather.end_numbered_part(self.page, None);
            }
            Sort::Chapters | Sort::Whole => self.gather.end_part(label.as_deref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::zip;
    use super::*;

    fn found(body: &str, styles: &str) -> Found {
        let document = format!("<w:document xmlns:w='w'><w:body>{body}</w:body></w:document>");
        let relations = "<Relationships><Relationship Id='s' Type='x/styles' Target='styles.xml'/>
                         </Relationships>";
        let file = zip(&[
            ("word/document.xml", &document),
            ("word/_rels/document.xml.rels", relations),
            ("word/styles.xml", &format!("<w:styles>{styles}</w:styles>")),
        ]);
        let limits = InspectLimits::default();
        read(&mut Package::open(file, &limits).unwrap(), &limits).unwrap()
    }

    fn outline(found: &Found) -> Vec<(u32, &str, &str)> {
        let parts = found.parts.iter();
        parts.map(|it| (it.number, it.label.as_deref().unwrap_or(""), it.text.as_str())).collect()
    }

    #[test]
    fn headings_of_any_language_begin_chapters() {
        let heading = |text| {
            format!("<w:p><w:pPr><w:pStyle w:val='1'/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
        };
        let body = format!(
            "<w:p><w:r><w:t>Pre</w:t></w:r><w:r><w:t xml:space='preserve'>face </w:t></w:r></w:p>
             {}<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t>
             <w:delText>gone</w:delText><w:instrText>PAGE</w:instrText></w:r></w:p>{}",
            heading("Глава 1"),
            heading("Глава 2"),
        );
        let styles = "<w:style w:styleId='1'><w:name w:val='heading 1'/></w:style>";
        let found = found(&body, styles);
        assert_eq!(found.part_kind, PartKind::Chapter);
        let chapters =
            [(1, "", "Preface"), (2, "Глава 1", "Глава 1\na b\nc"), (3, "Глава 2", "Глава 2")];
        assert_eq!(outline(&found), chapters);
    }

    #[test]
    fn pages_are_counted_once() {
        let page = "<w:br w:type='page'/>";
        let rendered = "<w:lastRenderedPageBreak/>";
        let body = format!(
            "<w:p><w:t>1</w:t>{page}{rendered}<w:t>2</w:t>{rendered}{rendered}<w:t>4</w:t></w:p>"
        );
        let found_rendered = found(&body, "");
        assert_eq!(found_rendered.part_kind, PartKind::Page);
        assert_eq!(outline(&found_rendered), [(1, "", "1"), (2, "", "2"), (4, "", "4")]);

        let body = format!("<w:p><w:t>1</w:t>{page}<w:t>2</w:t></w:p>");
        assert_eq!(outline(&found(&body, "")), [(1, "", "1"), (2, "", "2")]);
        let whole = found("<w:p><w:t>1</w:t></w:p>", "");
        assert_eq!((whole.part_kind, outline(&whole)), (PartKind::Whole, vec![(1, "", "1")]));
    }

    #[test]
    fn alternatives_are_read_once() {
        let body = "<mc:AlternateContent><mc:Choice><w:p><w:t>box</w:t></w:p></mc:Choice>
                    <mc:Fallback><w:p><w:t>box</w:t></w:p></mc:Fallback></mc:AlternateContent>";
        assert_eq!(outline(&found(body, "")), [(1, "", "box")]);
    }
}
