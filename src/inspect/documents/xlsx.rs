//! Excel files: the cells of every sheet, a row in a line. Formulas, formats and dates are not
//! worked out: a cell has the value that Excel stored.

use std::collections::HashSet;
use std::io::{Read, Seek};
use std::ops::Range;

use super::Trouble;
use super::gather::Gather;
use super::ooxml::{Relations, main_entry, properties};
use super::package::Package;
use super::xml::{Node, Xml};
use crate::domain::inspection::{PartKind, Rejection};
use crate::inspect::formats::Found;
use crate::inspect::limits::InspectLimits;

/// Longest number or index of a shared string that is looked at, in bytes.
const MAX_INDEX: usize = 20;

/// Reads a workbook.
pub(super) fn read<R: Read + Seek>(
    package: &mut Package<R>,
    limits: &InspectLimits,
) -> Result<Found, Trouble> {
    let entry = main_entry(package, "xl/workbook.xml")?;
    let workbook = package.needed_xml(&entry)?;
    let relations = Relations::of(package, &entry)?;
    let shared = match relations.first("sharedStrings") {
        Some(shared) => package.xml(shared)?,
        None => None,
    };
    let shared = Shared::parse(&shared.unwrap_or_default())?;
    let targets = relations.by_id();

    let mut gather = Gather::new(limits);
    let found = properties(package)?;
    let mut seen = HashSet::new();
    for (sheet, number) in sheets(&workbook)?.into_iter().zip(1..) {
        if gather.is_full() {
            break;
        }
        let Some(target) = targets.get(sheet.id.as_str()) else { continue };
        if !seen.insert(*target) {
            continue;
        }
        let Some(text) = package.xml(target)? else { continue };
        write(&text, &shared, &mut gather)?;
        gather.end_numbered_part(number, Some(&sheet.name));
    }
    let (parts, truncated) = gather.finish();
    Ok(Found { pages: None, part_kind: PartKind::Sheet, parts, truncated, ..found })
}

struct Sheet {
    name: String,
    /// Of the relation to its entry.
    id: String,
}

fn sheets(workbook: &str) -> Result<Vec<Sheet>, Rejection> {
    let mut sheets = Vec::new();
    let mut xml = Xml::new(workbook);
    while let Some(node) = xml.next()? {
        if let Node::Open(tag) = node
            && tag.name() == "sheet"
            && let Some(id) = tag.prefixed("id")
        {
            sheets.push(Sheet { name: tag.attribute("name").unwrap_or_default(), id });
        }
    }
    Ok(sheets)
}

/// The strings that cells refer to by number.
#[derive(Default)]
struct Shared {
    /// All of them, one behind the other.
    text: String,
    ends: Vec<usize>,
}

impl Shared {
    fn parse(strings: &str) -> Result<Self, Rejection> {
        let mut shared = Self::default();
        let mut in_text = false;
        let mut xml = Xml::new(strings);
        while let Some(node) = xml.next()? {
            match node {
                // How a word in kanji is pronounced.
                Node::Open(tag) if tag.name() == "rPh" => xml.skip()?,
                Node::Open(tag) => in_text = tag.name() == "t",
                Node::Close(tag) => {
                    in_text = false;
                    if tag.name() == "si" {
                        shared.ends.push(shared.text.len());
                    }
                }
                Node::Text(text) if in_text => shared.text.push_str(&text),
                Node::Text(_) => {}
            }
        }
        Ok(shared)
    }

    fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        let range: Range<usize> = start.unwrap_or_default()..end;
        self.text.get(range)
    }
}

/// Gathers the cells of a sheet.
fn write(sheet: &str, shared: &Shared, gather: &mut Gather) -> Result<(), Rejection> {
    let mut is_shared = false;
    let mut in_value = false;
    let mut index = String::new();
    let mut xml = Xml::new(sheet);
    while let Some(node) = xml.next()? {
        if gather.is_full() {
            break;
        }
        match node {
            Node::Open(tag) => {
                in_value = matches!(tag.name(), "v" | "t");
                if tag.name() == "c" {
                    is_shared = tag.attribute("t").as_deref() == Some("s");
                    index.clear();
                }
            }
            Node::Close(tag) => {
                in_value = false;
                match tag.name() {
                    "c" => {
                        let text = index.parse().ok().and_then(|index| shared.get(index));
                        gather.push(text.filter(|_| is_shared).unwrap_or_default());
                        gather.space();
                    }
                    "row" => gather.end_line(),
                    _ => {}
                }
            }
            Node::Text(text) if in_value && is_shared => {
                if index.len() + text.len() <= MAX_INDEX {
                    index.push_str(text.trim());
                }
            }
            Node::Text(text) if in_value => gather.push(&text),
            Node::Text(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::zip;
    use super::*;

    #[test]
    fn cells_are_read_row_by_row() {
        let relations = "<Relationships>
            <Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/>
            <Relationship Id='r2' Type='x/worksheet' Target='worksheets/sheet2.xml'/>
            <Relationship Id='r3' Type='x/sharedStrings' Target='sharedStrings.xml'/>
            </Relationships>";
        let file = zip(&[
            (
                "xl/workbook.xml",
                "<workbook><sheets><sheet name='Слова' r:id='r2'/><sheet name='B' r:id='r1'/>
                 </sheets></workbook>",
            ),
            ("xl/_rels/workbook.xml.rels", relations),
            (
                "xl/sharedStrings.xml",
                "<sst><si><t>word</t></si><si><r><t>rich </t></r><r><t>text</t></r>
                 <rPh><t>no</t></rPh></si></sst>",
            ),
            (
                "xl/worksheets/sheet2.xml",
                "<worksheet><dimension ref='A1:XFD1048576'/><sheetData>
                 <row><c t='s'><v>1</v></c><c><v>4.5</v></c><c t='s'><v>99</v></c></row><row/>
                 <row><c t='inlineStr'><is><t>inline</t></is></c><c t='s'><v>0</v></c>
                 <c t='str'><f>A1</f><v>sum</v></c></row></sheetData></worksheet>",
            ),
            ("xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>"),
        ]);
        let limits = InspectLimits::default();
        let found = read(&mut Package::open(file, &limits).unwrap(), &limits).unwrap();
        assert_eq!((found.part_kind, found.parts.len()), (PartKind::Sheet, 1));
        assert_eq!(found.parts[0].label.as_deref(), Some("Слова"));
        assert_eq!(found.parts[0].text, "rich text 4.5\ninline word sum");
    }
}
