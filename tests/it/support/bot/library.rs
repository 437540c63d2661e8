//! What stands in the library before a flow begins.

use primelingo::domain::event::{FileClass, FileRef};
use primelingo::domain::ids::{CategoryId, IdSource, MaterialId, UserId};
use primelingo::domain::inspection::{Inspection, Kind, PartKind, TextPart};
use primelingo::domain::material::{Description, Level, StudyLanguage};
use primelingo::domain::search::analyse_document;
use primelingo::library::terms;
use primelingo::store::records::NewMaterial;
use serde_json::json;

use super::{Bot, EDNA, now};

/// A published material, in short.
#[derive(Debug, Clone)]
pub struct Seed {
    pub title: String,
    pub tags: Vec<String>,
    pub category: Option<CategoryId>,
    pub level: Option<Level>,
    pub language: StudyLanguage,
    pub kind: Kind,
    /// The text of each page.
    pub pages: Vec<String>,
}

impl Seed {
    pub fn book(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            tags: Vec::new(),
            category: None,
            level: None,
            language: StudyLanguage::En,
            kind: Kind::Book,
            pages: Vec::new(),
        }
    }

    pub fn level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    pub fn inside(mut self, category: CategoryId) -> Self {
        self.category = Some(category);
        self
    }

    pub fn page(mut self, text: &str) -> Self {
        self.pages.push(text.to_owned());
        self
    }
}

impl Bot {
    /// A node of the catalogue.
    pub async fn category(&self, parent: Option<CategoryId>, title: &str) -> CategoryId {
        let id = CategoryId(fresh_id());
        self.db.category_create(id, parent, title.to_owned(), now()).await.unwrap();
        id
    }

    /// Publishes a material whose file lies at Telegram.
    pub async fn publish(&self, seed: Seed) -> MaterialId {
        let id = MaterialId(fresh_id());
        let name = format!("{}.pdf", seed.title);
        let file = json!({"type": "document", "size": 2_000_000, "name": name});
        let file_id = self.ctl("file", file).await["file_id"].as_str().unwrap().to_owned();
        let parts = seed.pages.iter().zip(1..).map(|(text, number)| TextPart {
            number,
            label: None,
            text: text.clone(),
        });
        let material = NewMaterial {
            id,
            file: FileRef {
                unique_id: format!("unique-{id}"),
                file_id,
                class: FileClass::Document,
                name: Some(name),
                mime: Some("application/pdf".to_owned()),
                size: Some(2_000_000),
                duration_s: None,
                title: None,
                performer: None,
            },
            terms: terms::of_material(&seed.title, &seed.tags.join(", ")),
            part_terms: seed.pages.iter().map(|page| analyse_document(page)).collect(),
            inspection: Inspection {
                media_type: "application/pdf".to_owned(),
                kind: seed.kind,
                pages: u32::try_from(seed.pages.len()).ok().filter(|pages| *pages > 0),
                part_kind: PartKind::Page,
                parts: parts.collect(),
                ..Inspection::default()
            },
            description: Description {
                title: Some(seed.title),
                category: seed.category,
                category_title: None,
                level: seed.level,
                language: Some(seed.language),
                tags: seed.tags,
            },
            uploader: UserId(EDNA),
            hash: None,
            preview: None,
        };
        self.db.materials_import(vec![material], now()).await.unwrap();
        id
    }
}

/// Far below the ids that the bot makes.
fn fresh_id() -> i64 {
    static IDS: IdSource = IdSource::new(1);
    IDS.next(primelingo::domain::clock::Timestamp::UNIX_EPOCH)
}
