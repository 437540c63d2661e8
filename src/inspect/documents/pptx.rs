//! PowerPoint files: slides in the order they are shown, each with its speaker's notes.

use std::collections::HashSet;
use std::io::{Read, Seek};

use super::Trouble;
use super::gather::Gather;
use super::ooxml::{Relations, main_entry, properties};
use super::package::Package;
use super::xml::{Node, Xml};
use crate::domain::inspection::{PartKind, Rejection};
use crate::inspect::formats::Found;
use crate::inspect::limits::InspectLimits;

/// Reads a presentation.
pub(super) fn read<R: Read + Seek>(
    package: &mut Package<R>,
    limits: &InspectLimits,
) -> Result<Found, Trouble> {
    let entry = main_entry(package, "ppt/presentation.xml")?;
    let presentation = package.needed_xml(&entry)?;
    let relations = Relations::of(package, &entry)?;
    let targets = relations.by_id();
    let ids = slide_ids(&presentation)?;
    let slides: Vec<&str> = ids.iter().filter_map(|id| targets.get(id.as_str()).copied()).collect();

    let mut gather = Gather::new(limits);
    let mut found = properties(package)?;
    found.pages = u32::try_from(slides.len()).ok().filter(|&slides| slides > 0);
    let mut seen = HashSet::new();
    for (slide, number) in slides.into_iter().zip(1..) {
        if gather.is_full() {
            break;
        }
        // A list that names one slide a million times would have it unpacked as often.
        if !seen.insert(slide) {
            continue;
        }
        let Some(text) = package.xml(slide)? else { continue };
        let label = write(&text, &mut gather)?;
        if let Some(notes) = Relations::of(package, slide)?.first("notesSlide")
            && let Some(text) = package.xml(notes)?
        {
            write(&text, &mut gather)?;
        }
        gather.end_numbered_part(number, Some(&label));
    }
    let (parts, truncated) = gather.finish();
    Ok(Found { part_kind: PartKind::Slide, parts, truncated, ..found })
}

fn slide_ids(presentation: &str) -> Result<Vec<String>, Rejection> {
    let mut ids = Vec::new();
    let mut xml = Xml::new(presentation);
    while let Some(node) = xml.next()? {
        if let Node::Open(tag) = node
            && tag.name() == "sldId"
        {
            ids.extend(tag.prefixed("id"));
        }
    }
    Ok(ids)
}

/// What a shape on a slide is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Title,
    /// Date, number and footer, the same on every slide.
    Furniture,
    Other,
}

/// Gathers the text of a slide or of its notes; gives its title.
fn write(slide: &str, gather: &mut Gather) -> Result<String, Rejection> {
    let mut title = String::new();
    let mut shape = Shape::Other;
    let mut in_text = false;
    let mut xml = Xml::new(slide);
    while let Some(node) = xml.next()? {
        match node {
            Node::Open(tag) => {
                in_text = tag.name() == "t";
                match tag.name() {
                    "Fallback" => xml.skip()?,
                    "sp" | "graphicFrame" => shape = Shape::Other,
                    "ph" => shape = shape_of(tag.attribute("type").as_deref()),
                    "br" => gather.end_line(),
                    "tc" => gather.space(),
                    _ => {}
                }
            }
            Node::Close(tag) => {
                in_text = false;
                match tag.name() {
                    "p" => {
                        gather.end_line();
                        if shape == Shape::Title {
                            title.push(' ');
                        }
                    }
                    "sp" => shape = Shape::Other,
                    _ => {}
                }
            }
            Node::Text(text) if in_text && shape != Shape::Furniture => {
                gather.push(&text);
                if shape == Shape::Title && title.len() < 1000 {
                    title.extend(text.chars().take(200));
                }
            }
            Node::Text(_) => {}
        }
    }
    Ok(title)
}

fn shape_of(placeholder: Option<&str>) -> Shape {
    match placeholder {
        Some("title" | "ctrTitle") => Shape::Title,
        Some("dt" | "ftr" | "sldNum" | "hdr") => Shape::Furniture,
        _ => Shape::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::zip;
    use super::*;

    fn shape(placeholder: &str, text: &str) -> String {
        format!(
            "<p:sp><p:nvSpPr><p:nvPr><p:ph type='{placeholder}'/></p:nvPr></p:nvSpPr>
             <p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
        )
    }

    #[test]
    fn slides_come_in_the_order_of_the_presentation_with_their_notes() {
        let relation = |id, sort, target| {
            format!("<Relationship Id='{id}' Type='x/{sort}' Target='{target}'/>")
        };
        let list = |inner: String| format!("<Relationships>{inner}</Relationships>");
        let relations = relation("r1", "slide", "slides/slide1.xml")
            + &relation("r2", "slide", "slides/slide2.xml")
            + &relation("r3", "slide", "slides/missing.xml");
        let slide = |inner: String| format!("<p:sld>{inner}</p:sld>");
        let file = zip(&[
            (
                "ppt/presentation.xml",
                "<p:presentation><p:sldIdLst><p:sldId id='256' r:id='r2'/><p:sldId r:id='r3'/>
                 <p:sldId r:id='r1'/><p:sldId r:id='r1'/><p:sldId r:id='r9'/></p:sldIdLst>
                 </p:presentation>",
            ),
            ("ppt/_rels/presentation.xml.rels", &list(relations)),
            ("ppt/slides/slide1.xml", &slide(shape("body", "Body") + &shape("sldNum", "7"))),
            ("ppt/slides/slide2.xml", &slide(shape("ctrTitle", "Title") + &shape("body", "Text"))),
            (
                "ppt/slides/_rels/slide1.xml.rels",
                &list(relation("n", "notesSlide", "../notesSlides/n.xml")),
            ),
            ("ppt/notesSlides/n.xml", &slide(shape("body", "Say hello"))),
        ]);
        let limits = InspectLimits::default();
        let found = read(&mut Package::open(file, &limits).unwrap(), &limits).unwrap();
        assert_eq!((found.part_kind, found.pages), (PartKind::Slide, Some(4)));
        let slides: Vec<_> = found
            .parts
            .iter()
            .map(|it| (it.number, it.label.as_deref(), it.text.as_str()))
            .collect();
        let expected = [(1, Some("Title"), "Title\nText"), (3, None, "Body\nSay hello")];
        assert_eq!(slides, expected);
    }
}
