//! Fills the demo's library before the bot starts: the same files, inspection and index as an
//! editor's upload makes, without the dialog.

use std::collections::HashMap;
use std::path::Path;

use serde_json::json;
use tgsim::Simulator;

use super::samples::{self, Sample};
use super::{ADMIN, EDITOR};
use crate::app;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::event::FileRef;
use crate::domain::ids::{CategoryId, ChatId, IdSource, MaterialId, UserId};
use crate::domain::material::Description;
use crate::domain::role::Role;
use crate::domain::search::analyse_document;
use crate::inspect::{Hints, InspectError, InspectLimits, Inspector};
use crate::library::terms;
use crate::settings::Settings;
use crate::store::records::NewMaterial;
use crate::store::{Db, StoreError};
use crate::telegram::{BotToken, Lane, NotAToken, TelegramClient, TelegramError, Timeouts, Upload};

/// Nobody on the chat page: where the bot puts the files once, to have their handles.
const STORAGE_CHAT: i64 = 9_000;

/// Why the library could not be filled.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    #[error(transparent)]
    App(#[from] app::ServeError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Telegram(#[from] TelegramError),
    #[error(transparent)]
    Token(#[from] NotAToken),
    #[error(transparent)]
    Inspect(#[from] InspectError),
    #[error(transparent)]
    File(#[from] std::io::Error),
    #[error("simulator: {0}")]
    Simulator(String),
}

/// Gives the people their roles and publishes the samples.
pub async fn fill(settings: &Settings, simulator: &Simulator) -> Result<(), LibraryError> {
    let db = app::open_database(settings).await?;
    let now = SystemClock.now();
    db.user_set_role(UserId(EDITOR), Role::Editor, now).await?;
    db.user_set_role(UserId(ADMIN), Role::Admin, now).await?;
    let storage = json!({"users": [{"id": STORAGE_CHAT, "first_name": "Storage"}]});
    simulator.ctl("users", storage).await.map_err(LibraryError::Simulator)?;
    // Six files to one chat would take a while at a message a second.
    limits(simulator, json!({"enabled": false})).await?;

    let token = BotToken::parse(simulator.token())?;
    let client = TelegramClient::new(token, &simulator.url(), Lane::File, Timeouts::default())?;
    let importer = Importer {
        db,
        client,
        inspector: Inspector::of_this_program(InspectLimits::default())?,
        ids: IdSource::new(fastrand::i64(..)),
        folder: tempfile::tempdir()?,
    };
    let samples = samples::all();
    let mut categories: HashMap<&str, CategoryId> = HashMap::new();
    for (index, sample) in samples.iter().enumerate() {
        crate::cli::say(&format!("sample {} of {}: {}", index + 1, samples.len(), sample.title));
        let category = match categories.get(sample.category) {
            Some(category) => *category,
            None => importer.category(sample.category).await?,
        };
        categories.insert(sample.category, category);
        importer.import(sample, category).await?;
    }
    // As Telegram has it: replies are not held to the limit for bulk messages.
    limits(simulator, json!({"enabled": true, "lenient_replies": true})).await
}

async fn limits(simulator: &Simulator, limits: serde_json::Value) -> Result<(), LibraryError> {
    simulator.ctl("limits", limits).await.map(drop).map_err(LibraryError::Simulator)
}

struct Importer {
    db: Db,
    client: TelegramClient,
    inspector: Inspector,
    ids: IdSource,
    folder: tempfile::TempDir,
}

impl Importer {
    async fn category(&self, title: &str) -> Result<CategoryId, LibraryError> {
        let now = SystemClock.now();
        let id = CategoryId(self.ids.next(now));
        self.db.category_create(id, None, title.to_owned(), now).await?;
        Ok(id)
    }

    async fn import(&self, sample: &Sample, category: CategoryId) -> Result<(), LibraryError> {
        let now = SystemClock.now();
        let bytes = sample.bytes()?;
        let path = self.folder.path().join(sample.file_name);
        tokio::fs::write(&path, &bytes).await?;
        let hints = Hints { name: Some(sample.file_name.to_owned()), mime: None };
        let inspection = self.inspector.inspect(&path, &hints).await?;
        let file_id = self.put_away(sample, &path).await?;
        let file = FileRef {
            file_id: file_id.clone(),
            unique_id: file_id,
            class: sample.class,
            name: Some(sample.file_name.to_owned()),
            mime: Some(inspection.media_type.clone()),
            size: u64::try_from(bytes.len()).ok(),
            duration_s: inspection.duration_s,
            title: None,
            performer: None,
        };
        let tags: Vec<String> = sample.tags.iter().map(|tag| (*tag).to_owned()).collect();
        let material = NewMaterial {
            id: MaterialId(self.ids.next(now)),
            file,
            terms: terms::of_material(sample.title, &tags.join(", ")),
            description: Description {
                title: Some(sample.title.to_owned()),
                category: Some(category),
                category_title: None,
                level: sample.level,
                language: Some(sample.language),
                tags,
            },
            uploader: UserId(EDITOR),
            hash: Some(blake3::hash(&bytes).to_hex().to_string()),
            preview: None,
            part_terms: inspection.parts.iter().map(|part| analyse_document(&part.text)).collect(),
            inspection,
        };
        Ok(self.db.materials_import(vec![material], now).await?)
    }

    /// Sends the file once, so that Telegram has it; gives its handle.
    async fn put_away(&self, sample: &Sample, path: &Path) -> Result<String, LibraryError> {
        let upload = Upload {
            class: sample.class,
            path,
            name: sample.file_name,
            caption: None,
            keyboard: None,
        };
        let sent = self.client.send_file_bytes(ChatId(STORAGE_CHAT), None, &upload).await?;
        sent.file_id.ok_or_else(|| LibraryError::Simulator("no handle for a file".to_owned()))
    }
}
