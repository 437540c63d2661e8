//! FictionBook: one XML file, with its pictures in it, often zipped by itself.
//!
//! A chapter is a section with a title, of the first or second level: books in several parts
//! have their chapters on the second.

use std::io::{Read, Seek};

use super::charset::decode_xml;
use super::gather::Gather;
use super::package::Package;
use super::xml::{Node, Xml};
use super::{Trouble, read_head};
use crate::domain::inspection::{PartKind, Rejection};
use crate::inspect::formats::Found;
use crate::inspect::limits::InspectLimits;
use crate::inspect::{clean, language};

/// Levels of sections that are chapters.
const CHAPTER_LEVELS: usize = 2;

/// Reads a book.
pub(super) fn read(file: &mut impl Read, limits: &InspectLimits) -> Result<Found, Trouble> {
    let most = usize::try_from(limits.max_parse_bytes).unwrap_or(usize::MAX);
    let (bytes, is_cut) = read_head(file, most)?;
    Ok(parse(&decode_xml(bytes), is_cut, limits)?)
}

/// Reads the book in a zip container.
pub(super) fn read_zipped<R: Read + Seek>(
    package: &mut Package<R>,
    limits: &InspectLimits,
) -> Result<Found, Trouble> {
    let name = only_book(package).ok_or(Rejection::Broken)?;
    let text = package.needed_xml(&name)?;
    Ok(parse(&text, false, limits)?)
}

/// The entry that is a book, when it is the only one.
pub(super) fn only_book<R: Read + Seek>(package: &Package<R>) -> Option<String> {
    let mut files = package.names().filter(|name| !name.ends_with('/'));
    let name = files.next()?;
    let is_book = name.to_lowercase().ends_with(".fb2");
    (is_book && files.next().is_none()).then(|| name.to_owned())
}

fn parse(text: &str, is_cut: bool, limits: &InspectLimits) -> Result<Found, Rejection> {
    let mut book = Book::new(limits);
    match book.read(text) {
        // It ends early because it was cut here.
        Err(Rejection::Broken) if is_cut => {}
        Err(rejection) => return Err(rejection),
        Ok(()) => {}
    }
    book.end_part();
    let author = [book.first_name, book.middle_name, book.last_name].join(" ");
    let author = if author.trim().is_empty() { book.nickname } else { author };
    let (parts, truncated) = book.gather.finish();
    Ok(Found {
        title: clean::title(&book.title),
        author: clean::author(&author),
        language: language::stated(&book.language),
        part_kind: PartKind::Chapter,
        parts,
        truncated: truncated || is_cut,
        ..Found::default()
    })
}

/// What is known so far.
struct Book {
    gather: Gather,
    title: String,
    first_name: String,
    middle_name: String,
    last_name: String,
    nickname: String,
    language: String,
    /// The title of the chapter that is being read.
    label: String,
    /// Open sections.
    level: usize,
    /// Open titles that are labels.
    in_title: bool,
    in_body: bool,
    /// The body holds notes, of which each is a section.
    in_notes: bool,
}

impl Book {
    fn new(limits: &InspectLimits) -> Self {
        Self {
            gather: Gather::new(limits),
            title: String::new(),
            first_name: String::new(),
            middle_name: String::new(),
            last_name: String::new(),
            nickname: String::new(),
            language: String::new(),
            label: String::new(),
            level: 0,
            in_title: false,
            in_body: false,
            in_notes: false,
        }
    }

    fn read(&mut self, text: &str) -> Result<(), Rejection> {
        let mut xml = Xml::new(text);
        while let Some(node) = xml.next()? {
            if self.gather.is_full() {
                break;
            }
            match node {
                Node::Open(tag) => match tag.name() {
                    "title-info" => self.read_info(&mut xml)?,
                    "binary" | "stylesheet" => xml.skip()?,
                    "body" => {
                        self.in_body = true;
                        self.in_notes = tag.attribute("name").is_some();
                    }
                    name if self.in_body => self.open(name),
                    _ => {}
                },
                Node::Close(tag) if self.in_body => self.close(tag.name()),
                Node::Text(text) if self.in_body => self.text(&text),
                Node::Close(_) | Node::Text(_) => {}
            }
        }
        Ok(())
    }

    /// Reads what the description says about the book; of several authors the first.
    fn read_info(&mut self, xml: &mut Xml<'_>) -> Result<(), Rejection> {
        let outer = xml.depth().saturating_sub(1);
        let mut authors = 0;
        while xml.depth() > outer {
            let Some(node) = xml.next()? else { break };
            let Node::Open(tag) = node else { continue };
            let field = match tag.name() {
                "author" => {
                    authors += 1;
                    continue;
                }
                "annotation" | "coverpage" | "translator" => {
                    xml.skip()?;
                    continue;
                }
                "book-title" => &mut self.title,
                "lang" => &mut self.language,
                "first-name" if authors == 1 => &mut self.first_name,
                "middle-name" if authors == 1 => &mut self.middle_name,
                "last-name" if authors == 1 => &mut self.last_name,
                "nickname" if authors == 1 => &mut self.nickname,
                _ => continue,
            };
            *field = xml.field()?;
        }
        Ok(())
    }

    fn open(&mut self, name: &str) {
        match name {
            "section" => {
                self.level += 1;
                if self.level <= CHAPTER_LEVELS && !self.in_notes {
                    self.end_part();
                }
            }
            "title" => {
                let is_of_chapter = self.level <= CHAPTER_LEVELS && !self.in_notes;
                let is_of_notes = self.level == 0;
                self.in_title = (is_of_chapter || is_of_notes) && self.gather.is_blank();
            }
            "td" | "th" => self.gather.space(),
            "p" | "v" | "subtitle" | "text-author" | "tr" | "empty-line" => self.end_line(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "section" => self.level = self.level.saturating_sub(1),
            "title" => {
                self.end_line();
                self.in_title = false;
            }
            "body" => {
                self.end_part();
                self.in_body = false;
                self.level = 0;
            }
            "p" | "v" | "subtitle" | "text-author" | "tr" => self.end_line(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        self.gather.push(text);
        if self.in_title && self.label.len() < 1000 {
            self.label.extend(text.chars().take(200));
        }
    }

    fn end_line(&mut self) {
        self.gather.end_line();
        if self.in_title && !self.label.ends_with(' ') {
            self.label.push(' ');
        }
    }

    fn end_part(&mut self) {
        self.gather.end_part(Some(&self.label));
        self.label.clear();
        self.in_title = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &str = "<?xml version='1.0' encoding='utf-8'?><FictionBook>
        <stylesheet>p {}</stylesheet><description><title-info><author><first-name>Анна</first-name>
        <last-name>Ахматова</last-name></author><author><first-name>Other</first-name></author>
        <book-title>Вечер</book-title><annotation><p>About</p></annotation><lang>ru</lang>
        </title-info><document-info><author><nickname>scanner</nickname></author></document-info>
        </description><body><title><p>Анна Ахматова</p><p>Вечер</p></title>
        <section><title><p>Part</p><p>one</p></title><epigraph><p>Epi</p></epigraph>
        <section><title><p>Chapter 1</p></title><p>Text <emphasis>one</emphasis>.</p>
        <section><title><p>Deep</p></title><p>deeper</p></section></section>
        <section><p>no title</p></section></section></body>
        <body name='notes'><title><p>Notes</p></title><section id='n1'><title><p>1</p></title>
        <p>A note.</p></section><section><p>Another.</p></section></body>
        <binary id='cover.jpg'>AAAA</binary></FictionBook>";

    #[test]
    fn chapters_are_titled_sections() {
        let found = parse(BOOK, false, &InspectLimits::default()).unwrap();
        assert_eq!(found.title.as_deref(), Some("Вечер"));
        assert_eq!(found.author.as_deref(), Some("Анна Ахматова"));
        assert_eq!(found.language, Some("ru"));
        let chapters: Vec<_> = found
            .parts
            .iter()
            .map(|it| (it.number, it.label.as_deref().unwrap_or(""), it.text.as_str()))
            .collect();
        let expected = [
            (1, "Анна Ахматова Вечер", "Анна Ахматова\nВечер"),
            (2, "Part one", "Part\none\nEpi"),
            (3, "Chapter 1", "Chapter 1\nText one.\nDeep\ndeeper"),
            (4, "", "no title"),
            (5, "Notes", "Notes\n1\nA note.\nAnother."),
        ];
        assert_eq!(chapters, expected);
    }

    #[test]
    fn a_book_that_ends_early_is_broken_unless_it_was_cut_here() {
        let limits = InspectLimits::default();
        let half = &BOOK[..BOOK.find("deeper").unwrap()];
        assert_eq!(parse(half, false, &limits), Err(Rejection::Broken));
        let found = parse(half, true, &limits).unwrap();
        assert!(found.truncated);
        assert_eq!(found.parts.len(), 3);
    }
}
