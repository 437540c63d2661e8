//! What Word, PowerPoint and Excel files have in common (ECMA-376): relationships between the
//! entries of the container, and the properties of the document.

use std::collections::HashMap;
use std::io::{Read, Seek};

use super::Trouble;
use super::package::{Package, resolve};
use super::xml::{Node, Xml, fields};
use crate::domain::inspection::Rejection;
use crate::inspect::formats::Found;
use crate::inspect::{clean, language};

/// What an entry refers to.
#[derive(Debug, Default)]
pub(super) struct Relations(Vec<Relation>);

#[derive(Debug)]
struct Relation {
    id: String,
    /// The last word of its type, such as `slide`.
    sort: String,
    /// The name of an entry.
    target: String,
}

impl Relations {
    /// Those of the entry of that name; the empty name is the container.
    pub(super) fn of<R: Read + Seek>(
        package: &mut Package<R>,
        entry: &str,
    ) -> Result<Self, Trouble> {
        let (folder, name) = entry.rsplit_once('/').unwrap_or(("", entry));
        let list = resolve("", &format!("{folder}/_rels/{name}.rels"));
        match package.xml(&list)? {
            Some(text) => Ok(Self::parse(&text, entry)?),
            None => Ok(Self::default()),
        }
    }

    fn parse(text: &str, entry: &str) -> Result<Self, Rejection> {
        let mut relations = Vec::new();
        let mut xml = Xml::new(text);
        while let Some(node) = xml.next()? {
            let Node::Open(tag) = node else { continue };
            if tag.name() != "Relationship"
                || tag.attribute("TargetMode").is_some_and(|it| it == "External")
            {
                continue;
            }
            let (Some(id), Some(sort), Some(target)) =
                (tag.attribute("Id"), tag.attribute("Type"), tag.attribute("Target"))
            else {
                continue;
            };
            let sort = sort.rsplit('/').next().unwrap_or_default().to_owned();
            relations.push(Relation { id, sort, target: resolve(entry, &target) });
        }
        Ok(Self(relations))
    }

    /// The entries by the identifier of the relation.
    pub(super) fn by_id(&self) -> HashMap<&str, &str> {
        self.0.iter().map(|it| (it.id.as_str(), it.target.as_str())).collect()
    }

    /// The first entry that is related as such.
    pub(super) fn first(&self, sort: &str) -> Option<&str> {
        self.0.iter().find(|it| it.sort == sort).map(|it| it.target.as_str())
    }
}

/// The name of the entry that is the document itself; `usual` where the container does not say.
pub(super) fn main_entry<R: Read + Seek>(
    package: &mut Package<R>,
    usual: &str,
) -> Result<String, Trouble> {
    let relations = Relations::of(package, "")?;
    let stated = relations.first("officeDocument").filter(|name| package.has(name));
    Ok(stated.unwrap_or(usual).to_owned())
}

/// Title, author, stated language and pages.
pub(super) fn properties<R: Read + Seek>(package: &mut Package<R>) -> Result<Found, Trouble> {
    let mut found = Found::default();
    if let Some(core) = package.xml("docProps/core.xml")? {
        let [title, author, stated] = fields(&core, ["title", "creator", "language"])?;
        found.title = title.and_then(|it| clean::title(&it));
        found.author = author.and_then(|it| clean::author(&it));
        found.language = stated.and_then(|it| language::stated(&it));
    }
    if let Some(app) = package.xml("docProps/app.xml")? {
        let [pages] = fields(&app, ["Pages"])?;
        found.pages = pages.and_then(|it| it.trim().parse().ok()).filter(|&pages| pages > 0);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::testing::zip;
    use super::*;
    use crate::inspect::limits::InspectLimits;

    #[test]
    fn relations_are_resolved_and_external_ones_are_not() {
        let list = "<Relationships>
            <Relationship Id='a' Type='http://x/slide' Target='../media/1.png'/>
            <Relationship Id='b' Type='http://x/slide' Target='/abs.xml'/>
            <Relationship Id='c' Type='http://x/link' Target='http://evil' TargetMode='External'/>
            <Relationship Id='d'/></Relationships>";
        let relations = Relations::parse(list, "ppt/slides/s.xml").unwrap();
        assert_eq!(relations.by_id(), HashMap::from([("a", "ppt/media/1.png"), ("b", "abs.xml")]));
        assert_eq!(relations.first("slide"), Some("ppt/media/1.png"));
        assert_eq!(relations.first("link"), None);
    }

    #[test]
    fn properties_are_optional() {
        let limits = InspectLimits::default();
        let mut empty = Package::open(zip(&[("x", "")]), &limits).unwrap();
        assert_eq!(properties(&mut empty).unwrap(), Found::default());
        assert_eq!(main_entry(&mut empty, "usual").unwrap(), "usual");

        let core = "<p xmlns:dc='d'><dc:title>Lesson</dc:title><dc:creator>Ann</dc:creator>
                    <dc:language>ru-RU</dc:language></p>";
        let app = "<Properties><Pages>12</Pages></Properties>";
        let file = zip(&[("docProps/core.xml", core), ("docProps/app.xml", app)]);
        let found = properties(&mut Package::open(file, &limits).unwrap()).unwrap();
        assert_eq!(found.title.as_deref(), Some("Lesson"));
        assert_eq!(found.author.as_deref(), Some("Ann"));
        assert_eq!((found.language, found.pages), (Some("ru"), Some(12)));
    }
}
