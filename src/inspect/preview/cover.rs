//! Pictures inside other files: covers of songs and books, thumbnails of documents.

use std::fs::File;
use std::io::{BufReader, Read, Seek};

use file_format::FileFormat;
use lofty::config::{ParseOptions, ParsingMode};
use lofty::file::TaggedFileExt;
use lofty::picture::PictureType;
use lofty::probe::Probe;
use zip::ZipArchive;

use super::super::audio::lofty_type;
use super::super::limits::InspectLimits;

/// Longest picture that is taken out of a file, in bytes.
const MAX_PICTURE_BYTES: u64 = 32 * 1024 * 1024;

/// Thumbnails of OOXML and `OpenDocument`.
const THUMBNAILS: [&str; 4] = [
    "docProps/thumbnail.jpeg",
    "docProps/thumbnail.jpg",
    "docProps/thumbnail.png",
    "Thumbnails/thumbnail.png",
];

/// Entries of a book that are looked at for a cover.
const MAX_ENTRIES: usize = 20_000;

/// The front cover in the tags, or else the first picture there.
pub(super) fn of_tags(file: &mut File) -> Option<Vec<u8>> {
    let format = FileFormat::from_reader(&mut *file).ok()?;
    let file_type = lofty_type(format)?;
    file.rewind().ok()?;
    let mut options = ParseOptions::new();
    options.read_properties(false).parsing_mode(ParsingMode::Relaxed);
    let probe = Probe::with_file_type(BufReader::new(file), file_type);
    let tagged = probe.options(options).read().ok()?;
    let pictures = || tagged.tags().iter().flat_map(lofty::tag::Tag::pictures);
    let front = pictures().find(|picture| picture.pic_type() == PictureType::CoverFront);
    front.or_else(|| pictures().next()).map(|picture| picture.data().to_owned())
}

/// Pictures of a packed document that may be its cover, the likeliest one first.
pub(super) fn of_package(file: &mut File, limits: &InspectLimits) -> Vec<Vec<u8>> {
    let Ok(mut archive) = ZipArchive::new(BufReader::new(file)) else { return Vec::new() };
    let max = MAX_PICTURE_BYTES.min(u64::try_from(limits.max_unpacked_bytes).unwrap_or(u64::MAX));
    let thumbnails = THUMBNAILS.iter().filter_map(|name| unpack(&mut archive, name, max).ok());
    let found: Vec<Vec<u8>> = thumbnails.collect();
    if !found.is_empty() {
        return found;
    }
    let cover = cover_of_book(&mut archive, max);
    cover.and_then(|name| unpack(&mut archive, &name, max).ok()).into_iter().collect()
}

/// The name of the cover of an EPUB: what its package document calls so, or else what is called so
/// by its name.
fn cover_of_book(archive: &mut ZipArchive<impl Read + Seek>, max: u64) -> Option<String> {
    let names: Vec<String> =
        archive.file_names().flatten().take(MAX_ENTRIES).map(Into::into).collect();
    let package = names.iter().find(|name| has_extension(name, &["opf"]));
    let declared = package.and_then(|name| {
        let text = String::from_utf8(unpack(archive, name, max).ok()?).ok()?;
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        Some(resolve(folder, &declared_cover(&text)?))
    });
    let declared = declared.filter(|name| names.contains(name));
    declared.or_else(|| {
        let mut pictures =
            names.into_iter().filter(|name| has_extension(name, &["jpg", "jpeg", "png"]));
        pictures.find(|name| name.to_ascii_lowercase().contains("cover"))
    })
}

/// The reference of the cover in a package document (EPUB 3, `properties="cover-image"`; EPUB 2,
/// `<meta name="cover" content="id">`). Found by the text of the tags: what this reader takes for a
/// tag wrongly names a file that is not there.
fn declared_cover(package: &str) -> Option<String> {
    let items = || tags(package, "item");
    let by_property = items().find(|tag| {
        attribute(tag, "properties")
            .is_some_and(|it| it.split_whitespace().any(|it| it == "cover-image"))
    });
    let by_id = || {
        let meta = tags(package, "meta").find(|tag| attribute(tag, "name") == Some("cover"))?;
        let id = attribute(meta, "content")?;
        items().find(|tag| attribute(tag, "id") == Some(id))
    };
    by_property.or_else(by_id).and_then(|tag| attribute(tag, "href")).map(str::to_owned)
}

/// What stands inside the tags of that name.
fn tags<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    text.split('<').skip(1).filter_map(move |piece| {
        let tag = piece.split('>').next()?;
        let rest =
            tag.rsplit_once(':').filter(|(prefix, _)| prefix.len() < 8).map_or(tag, |it| it.1);
        let rest = tag.strip_prefix(name).or_else(|| rest.strip_prefix(name))?;
        rest.starts_with(char::is_whitespace).then_some(rest)
    })
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.match_indices(name).find_map(|(at, _)| {
        let is_whole = tag.get(..at)?.ends_with(char::is_whitespace);
        let value = tag.get(at + name.len()..)?.trim_start().strip_prefix('=')?.trim_start();
        is_whole.then_some(value)
    })?;
    let quote = start.chars().next().filter(|it| matches!(it, '"' | '\''))?;
    start.get(1..)?.split(quote).next()
}

/// A reference from a file in `folder`, as the name of an entry.
fn resolve(folder: &str, reference: &str) -> String {
    let reference = percent_encoding::percent_decode_str(reference).decode_utf8_lossy();
    let mut path: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).collect();
    for step in reference.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(path.pop()),
            step => path.push(step),
        }
    }
    path.join("/")
}

fn has_extension(name: &str, extensions: &[&str]) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|it| extensions.contains(&it.as_str()))
}

/// The content of an entry, if it is not longer than allowed, whatever its header says.
fn unpack(
    archive: &mut ZipArchive<impl Read + Seek>,
    name: &str,
    max: u64,
) -> zip::result::ZipResult<Vec<u8>> {
    let entry = archive.by_name(name)?;
    let mut bytes = Vec::new();
    entry.take(max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_is_found_as_the_package_declares_it() {
        let third = r#"<manifest><item id="a" href="a.xhtml"/>
            <item properties="svg cover-image" href="img/front%20page.jpg"></manifest>"#;
        assert_eq!(declared_cover(third).as_deref(), Some("img/front%20page.jpg"));
        let second =
            "<opf:meta content='c' name='cover'/><opf:item media-type='x' id='c' href='../c.png'/>";
        assert_eq!(declared_cover(second).as_deref(), Some("../c.png"));
        for none in [
            "",
            "<item",
            "<item id=",
            "<items properties='cover-image' href='x'>",
            "<meta name='cover'>",
        ] {
            assert_eq!(declared_cover(none), None, "{none}");
        }
    }

    #[test]
    fn references_are_names_of_entries_and_never_lead_out() {
        assert_eq!(resolve("OEBPS", "img/front%20page.jpg"), "OEBPS/img/front page.jpg");
        assert_eq!(resolve("a/b", "../c.png"), "a/c.png");
        assert_eq!(resolve("", "/../../etc/passwd"), "etc/passwd");
    }
}
