//! E-books (EPUB 2 and 3): chapters in the order in which they are read, with the titles of the
//! table of contents.

use std::collections::{HashMap, HashSet};
use std::io::{Read, Seek};

use percent_encoding::percent_decode_str;

use super::Trouble;
use super::charset::decode_html;
use super::gather::Gather;
use super::html::read_page;
use super::package::{Package, resolve};
use super::xml::{Node, Xml, fields};
use crate::domain::inspection::{PartKind, Rejection};
use crate::inspect::formats::Found;
use crate::inspect::limits::InspectLimits;
use crate::inspect::{clean, language};

/// Reads a book.
pub(super) fn read<R: Read + Seek>(
    package: &mut Package<R>,
    limits: &InspectLimits,
) -> Result<Found, Trouble> {
    let container = package.needed_xml("META-INF/container.xml")?;
    let entry = root_file(&container)?.ok_or(Rejection::Broken)?;
    let text = package.needed_xml(&entry)?;
    let book = Book::parse(&text, &entry)?;
    let chapters: Vec<&str> = book.chapters().filter(|name| package.has(name)).collect();
    if chapters.is_empty() {
        return Err(Rejection::Broken.into());
    }
    if let Some(list) = package.xml("META-INF/encryption.xml")? {
        let encrypted = encrypted_entries(&list)?;
        if chapters.iter().any(|chapter| encrypted.contains(*chapter)) {
            return Err(Rejection::Encrypted.into());
        }
    }
    let titles = titles(package, &book)?;
    let mut gather = Gather::new(limits);
    for chapter in chapters {
        if gather.is_full() {
            break;
        }
        let Some(bytes) = package.bytes(chapter)? else { continue };
        let head = read_page(&decode_html(bytes), true, &mut gather);
        let heading = Some(head.heading.as_str()).filter(|heading| !heading.is_empty());
        let label = titles.get(chapter).map(String::as_str).or(heading);
        gather.end_part(label);
    }
    let [title, author, stated] = fields(&text, ["title", "creator", "language"])?;
    let (parts, truncated) = gather.finish();
    Ok(Found {
        title: title.and_then(|it| clean::title(&it)),
        author: author.and_then(|it| clean::author(&it)),
        language: stated.and_then(|it| language::stated(&it)),
        part_kind: PartKind::Chapter,
        parts,
        truncated,
        ..Found::default()
    })
}

/// The entry that describes the book (EPUB OCF 3.5.2.1).
fn root_file(container: &str) -> Result<Option<String>, Rejection> {
    let mut xml = Xml::new(container);
    while let Some(node) = xml.next()? {
        if let Node::Open(tag) = node
            && tag.name() == "rootfile"
            && let Some(path) = tag.attribute("full-path")
        {
            return Ok(Some(resolve("", &path)));
        }
    }
    Ok(None)
}

/// The package document.
#[derive(Default)]
struct Book {
    /// Names of entries by their identifiers.
    items: HashMap<String, String>,
    /// Identifiers in reading order.
    spine: Vec<String>,
    /// The entry with the table of contents of EPUB 3, and that of EPUB 2.
    nav: Option<String>,
    ncx: Option<String>,
}

impl Book {
    fn parse(text: &str, entry: &str) -> Result<Self, Rejection> {
        let mut book = Self::default();
        let mut xml = Xml::new(text);
        while let Some(node) = xml.next()? {
            let Node::Open(tag) = node else { continue };
            match tag.name() {
                "item" => {
                    let (Some(id), Some(href)) = (tag.attribute("id"), tag.attribute("href"))
                    else {
                        continue;
                    };
                    let name = target(entry, &href);
                    let properties = tag.attribute("properties").unwrap_or_default();
                    if properties.split_whitespace().any(|it| it == "nav") {
                        book.nav = Some(name.clone());
                    }
                    if tag.attribute("media-type").as_deref() == Some("application/x-dtbncx+xml") {
                        book.ncx = Some(name.clone());
                    }
                    book.items.insert(id, name);
                }
                "itemref" => book.spine.extend(tag.attribute("idref")),
                _ => {}
            }
        }
        Ok(book)
    }

    /// The names of the chapters, each once, however often the spine names it.
    fn chapters(&self) -> impl Iterator<Item = &str> {
        let mut seen = HashSet::new();
        let names = self.spine.iter().filter_map(|id| self.items.get(id));
        names.map(String::as_str).filter(move |name| seen.insert(*name))
    }
}

/// The entry that a reference means, without the place in it.
fn target(base: &str, href: &str) -> String {
    let path = href.split(['#', '?']).next().unwrap_or_default();
    resolve(base, &percent_decode_str(path).decode_utf8_lossy())
}

/// The titles of the chapters by the table of contents; a damaged one is none.
fn titles<R: Read + Seek>(
    package: &mut Package<R>,
    book: &Book,
) -> Result<HashMap<String, String>, Trouble> {
    let mut titles = HashMap::new();
    for (contents, link) in [(&book.nav, "a"), (&book.ncx, "content")] {
        let Some(entry) = contents else { continue };
        let Some(text) = package.xml(entry)? else { continue };
        match read_titles(&text, entry, link, &mut titles) {
            Err(Rejection::Broken) | Ok(()) => {}
            Err(rejection) => return Err(rejection.into()),
        }
        if !titles.is_empty() {
            break;
        }
    }
    Ok(titles)
}

/// Reads a table of contents: `<a href>title</a>` (EPUB 3), or `<text>title</text>` before
/// `<content src>` (EPUB 2). Of several titles of one entry the first is its own.
fn read_titles(
    text: &str,
    entry: &str,
    link: &str,
    titles: &mut HashMap<String, String>,
) -> Result<(), Rejection> {
    let mut title = String::new();
    let mut xml = Xml::new(text);
    while let Some(node) = xml.next()? {
        let Node::Open(tag) = node else { continue };
        if tag.name() == "text" {
            title = xml.field()?;
        } else if tag.name() == link {
            let href = tag.attribute("href").or_else(|| tag.attribute("src"));
            if link == "a" {
                title = xml.field()?;
            }
            if let Some(href) = href.filter(|_| !title.trim().is_empty()) {
                titles.entry(target(entry, &href)).or_insert_with(|| title.clone());
            }
        }
    }
    Ok(())
}

/// The entries that only the shop's own reader can open. Fonts may be "encrypted" with a key
/// that is no secret, which keeps nobody from reading.
fn encrypted_entries(list: &str) -> Result<HashSet<String>, Rejection> {
    let mut entries = HashSet::new();
    let mut xml = Xml::new(list);
    while let Some(node) = xml.next()? {
        if let Node::Open(tag) = node
            && tag.name() == "CipherReference"
            && let Some(uri) = tag.attribute("URI")
        {
            entries.insert(target("", &uri));
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::super::testing::zip;
    use super::*;

    const CONTAINER: &str = "<container><rootfiles><rootfile full-path='/OPS/book.opf'/>
                             </rootfiles></container>";

    fn chapter(text: &str) -> String {
        format!("<html><head><title>x</title></head><body>{text}</body></html>")
    }

    fn outcome(entries: &[(&str, &str)]) -> Result<Found, Trouble> {
        let limits = InspectLimits::default();
        read(&mut Package::open(zip(entries), &limits).unwrap(), &limits)
    }

    fn book(spine: &str, more: &[(&str, &str)]) -> Result<Found, Trouble> {
        let opf = format!(
            "<package><metadata><dc:title id='t'>Тексты</dc:title><dc:creator>Ann</dc:creator>
             <dc:language>ru</dc:language></metadata><manifest>
             <item id='a' href='text/a%20b.xhtml'/><item id='b' href='text/b.xhtml'/>
             <item id='c' href='../../c.xhtml'/><item id='missing' href='m.xhtml'/>
             <item id='n' href='nav.xhtml' properties='scripted nav'/></manifest>
             <spine>{spine}</spine></package>"
        );
        let (a, b, c) = (chapter("<p>First</p>"), chapter("<h2>Own</h2>Second"), chapter("Third"));
        let mut entries = vec![
            ("META-INF/container.xml", CONTAINER),
            ("OPS/book.opf", opf.as_str()),
            ("OPS/text/a b.xhtml", a.as_str()),
            ("OPS/text/b.xhtml", b.as_str()),
            ("c.xhtml", c.as_str()),
            (
                "OPS/nav.xhtml",
                "<html><nav><ol><li><a href='text/a%20b.xhtml#x'>Глава <b>1</b></a></li>
                 <li><a href='text/a%20b.xhtml#y'>Later</a></li></ol></nav></html>",
            ),
        ];
        entries.extend(more);
        outcome(&entries)
    }

    #[test]
    fn chapters_come_in_the_order_of_the_spine_each_once() {
        let spine = "<itemref idref='c'/><itemref idref='a'/><itemref idref='missing'/>
                     <itemref idref='a'/><itemref idref='b'/><itemref idref='c'/>";
        let found = book(spine, &[]).unwrap();
        assert_eq!(found.title.as_deref(), Some("Тексты"));
        assert_eq!(found.author.as_deref(), Some("Ann"));
        assert_eq!((found.language, found.part_kind), (Some("ru"), PartKind::Chapter));
        let chapters: Vec<_> =
            found.parts.iter().map(|it| (it.label.as_deref(), it.text.as_str())).collect();
        let expected = [(None, "Third"), (Some("Глава 1"), "First"), (Some("Own"), "Own\nSecond")];
        assert_eq!(chapters, expected);
    }

    #[test]
    fn titles_of_the_older_table_of_contents_are_read() {
        let ncx = "<ncx><navMap><navPoint><navLabel><text>One</text></navLabel>
            <content src='a.xhtml'/><navPoint><navLabel><text>Below</text></navLabel>
            <content src='a.xhtml#below'/></navPoint></navPoint></navMap></ncx>";
        let mut titles = HashMap::new();
        read_titles(ncx, "OPS/toc.ncx", "content", &mut titles).unwrap();
        assert_eq!(titles, HashMap::from([("OPS/a.xhtml".to_owned(), "One".to_owned())]));
    }

    #[test]
    fn books_without_chapters_are_broken() {
        for spine in ["", "<itemref idref='missing'/>", "<itemref idref='unknown'/>"] {
            let outcome = book(spine, &[]);
            assert!(matches!(outcome, Err(Trouble::Rejected(Rejection::Broken))), "{spine}");
        }
        assert!(matches!(outcome(&[("mimetype", "x")]), Err(Trouble::Rejected(Rejection::Broken))));
    }

    #[test]
    fn an_encrypted_chapter_is_told_from_a_font() {
        let list = |uri| format!("<encryption><CipherReference URI='{uri}'/></encryption>");
        let spine = "<itemref idref='a'/>";
        let font = list("OPS/font.otf");
        assert!(book(spine, &[("META-INF/encryption.xml", &font)]).is_ok());
        let chapter = list("OPS/text/a%20b.xhtml");
        let outcome = book(spine, &[("META-INF/encryption.xml", &chapter)]);
        assert!(matches!(outcome, Err(Trouble::Rejected(Rejection::Encrypted))));
    }
}
