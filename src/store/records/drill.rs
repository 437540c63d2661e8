//! What a drill reads of the whole database to compare it with what it offered.

/// Everything that a drill compares, in the order of the rows' ids.
#[derive(Debug, Clone, Default)]
pub struct Audit {
    /// The ledger.
    pub updates: Vec<LedgerRow>,
    /// The outbox.
    pub messages: Vec<OutboxLine>,
    /// All jobs.
    pub jobs: Vec<JobLine>,
    /// All materials.
    pub materials: Vec<MaterialLine>,
    /// Dialogs that are not idle.
    pub open_dialogs: i64,
}

/// An update of the ledger.
#[derive(Debug, Clone)]
pub struct LedgerRow {
    /// Telegram's number.
    pub update_id: i64,
    /// `new`, `done`, `dead` or `ignored`.
    pub state: String,
    /// Evidence against it.
    pub faults: i32,
}

/// A message of the outbox.
#[derive(Debug, Clone)]
pub struct OutboxLine {
    /// Where it goes.
    pub chat: i64,
    /// `reply`, `edit` or `bulk`.
    pub class: String,
    /// `queued`, `sending`, `sent` or `failed`.
    pub state: String,
    /// Its JSON.
    pub payload: String,
    /// Whether it edits a message whose number was known beforehand: one with a pressed button.
    pub is_of_press: bool,
}

/// A job.
#[derive(Debug, Clone)]
pub struct JobLine {
    /// Its JSON.
    pub payload: String,
    /// `ready`, `running`, `done`, `dead` or `cancelled`.
    pub state: String,
    /// How often it was begun.
    pub attempts: i32,
}

/// A material.
#[derive(Debug, Clone)]
pub struct MaterialLine {
    /// Its id.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// The name of its file.
    pub file_name: Option<String>,
    /// `open`, `draft`, `waiting`, `published`, `archived` or `discarded`.
    pub state: String,
    /// Pieces of its text in the index.
    pub parts: usize,
}
