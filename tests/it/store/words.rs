//! Short words for what the tests put in: the least that is valid, to be changed where it matters.

use std::sync::atomic::{AtomicI64, Ordering};

use primelingo::domain::effect::{Change, JobKind, NewJob, Priority};
use primelingo::domain::event::{FileClass, FileRef};
use primelingo::domain::ids::{ChatId, JobId, MaterialId, OutboxId, UpdateSeq, UserId};
use primelingo::domain::inspection::{Inspection, Kind, PartKind, TextPart};
use primelingo::domain::lang::Lang;
use primelingo::domain::material::{Card, Description, MaterialState, Processing};
use primelingo::domain::search::{analyse_document, analyse_title, vocabulary_terms};
use primelingo::domain::session::SessionKey;
use primelingo::store::StoreResult;
use primelingo::store::records::{
    IndexedChange, JobOwner, NewOutbox, NewUpdate, OutboxClass, Seen, SessionWrite, StepCommit,
    Terms, UploadOutcome, UploadResult,
};

use super::fixture::{Store, at};

pub const BOT: i64 = 77;
pub const EDITOR: UserId = UserId(500);
pub const CHAT: ChatId = ChatId(500);

/// A number that no other row of the test has.
pub fn fresh() -> i64 {
    static LAST: AtomicI64 = AtomicI64::new(1_000);
    LAST.fetch_add(1, Ordering::Relaxed)
}

pub fn update(update_id: i64, chat: ChatId) -> NewUpdate {
    NewUpdate {
        update_id,
        chat,
        kind: "message".to_owned(),
        raw: format!("{{\"update_id\":{update_id}}}"),
        ignored: false,
    }
}

pub fn step(seq: UpdateSeq) -> StepCommit {
    StepCommit {
        seq,
        now: at(0),
        session: None,
        seen: None,
        requires: None,
        relied: None,
        user: Some(EDITOR),
        changes: Vec::new(),
        outbox: Vec::new(),
        jobs: Vec::new(),
        queue: "main".to_owned(),
    }
}

pub fn key(chat: ChatId) -> SessionKey {
    SessionKey { chat, user: EDITOR, thread: 0 }
}

pub fn session(chat: ChatId, expected_version: i64) -> SessionWrite {
    SessionWrite {
        key: key(chat),
        tag: "idle",
        body: format!("{{\"after\":{expected_version}}}"),
        schema: 1,
        expected_version,
        expires_at: at(3600),
    }
}

pub fn seen(id: UserId, first_name: &str, lang: Lang) -> Seen {
    Seen { id, first_name: first_name.to_owned(), username: None, lang }
}

pub fn reply(id: i64, chat: ChatId) -> NewOutbox {
    NewOutbox {
        id: OutboxId(id),
        chat,
        thread: 0,
        class: OutboxClass::Reply,
        payload: "{}".to_owned(),
        edit_message: None,
        edit_of: None,
        trace: None,
    }
}

pub fn job(id: i64, material: i64) -> NewJob {
    NewJob {
        id: JobId(id),
        kind: JobKind::ProcessUpload { material: MaterialId(material) },
        fairness_key: EDITOR.0,
        priority: Priority::Bulk,
        not_before: None,
    }
}

pub fn owner(instance: &str, epoch: i64) -> JobOwner {
    JobOwner { instance: instance.to_owned(), epoch }
}

pub fn file(name: &str) -> FileRef {
    FileRef {
        file_id: format!("F-{name}"),
        unique_id: format!("U-{name}"),
        class: FileClass::Document,
        name: Some(name.to_owned()),
        mime: Some("application/pdf".to_owned()),
        size: Some(1_000),
        duration_s: None,
        title: None,
        performer: None,
    }
}

pub fn plain(change: Change) -> IndexedChange {
    IndexedChange { change, terms: None }
}

pub fn terms(title: &str, tags: &str) -> Terms {
    Terms {
        title: analyse_title(title),
        tags: analyse_title(tags),
        vocabulary: vocabulary_terms(title),
    }
}

pub fn described(title: &str) -> Description {
    Description { title: Some(title.to_owned()), ..Description::default() }
}

pub fn inspection(kind: Kind, texts: &[&str]) -> Inspection {
    Inspection {
        media_type: "application/pdf".to_owned(),
        kind,
        title: Some("Found inside".to_owned()),
        author: Some("Somebody".to_owned()),
        pages: Some(12),
        part_kind: PartKind::Page,
        parts: (1..)
            .zip(texts)
            .map(|(number, text)| TextPart { number, label: None, text: (*text).to_owned() })
            .collect(),
        ..Inspection::default()
    }
}

pub fn ready(hash: &str, found: Inspection, publish: Option<Terms>) -> UploadOutcome {
    UploadOutcome::Ready {
        preview: None,
        hash: hash.to_owned(),
        size: 4_321,
        part_terms: found.parts.iter().map(|part| analyse_document(&part.text)).collect(),
        inspection: Box::new(found),
        publish,
    }
}

impl Store {
    /// An update that waits in a chat.
    pub async fn waiting_update(&self, chat: ChatId) -> UpdateSeq {
        let batch = vec![update(fresh(), chat)];
        assert_eq!(self.db.updates_insert(BOT, batch, at(0)).await.unwrap(), 1);
        self.db.updates_of_chat(chat, 100).await.unwrap().last().unwrap().seq
    }

    /// One step with these changes, for an update of its own.
    pub async fn change(&self, changes: Vec<IndexedChange>) -> StoreResult<()> {
        let seq = self.waiting_update(ChatId(fresh())).await;
        self.db.step_commit(StepCommit { changes, ..step(seq) }).await
    }

    /// An editor sent a file.
    pub async fn open_material(&self, id: i64) {
        let opened = Change::OpenMaterial {
            id: MaterialId(id),
            file: file("book.pdf"),
            title: "book".to_owned(),
            uploader: EDITOR,
            card: Card { chat: CHAT, outbox: OutboxId(id) },
        };
        self.change(vec![plain(opened)]).await.unwrap();
    }

    /// An editor ends the dialog about a file.
    pub async fn settle(
        &self,
        id: i64,
        description: &Description,
        to: MaterialState,
        seen: Processing,
    ) -> StoreResult<()> {
        let title = description.title.clone().unwrap_or_default();
        let terms = terms(&title, &description.tags.join(", "));
        let description = description.clone();
        let change = Change::Settle { id: MaterialId(id), description, to, seen };
        self.change(vec![IndexedChange { change, terms: Some(terms) }]).await
    }

    /// A worker claims the job of a material.
    pub async fn claimed(&self, material: i64) -> (JobId, i64) {
        // A queue of its own: the jobs of other materials stay where they are.
        let queue = format!("of-{material}");
        let job = job(fresh(), material);
        self.db.job_enqueue(job, queue.clone(), at(0)).await.unwrap();
        let claimed =
            self.db.job_claim(queue, owner("worker", 1), at(0), at(30), true).await.unwrap();
        let claimed = claimed.expect("the job that was just enqueued");
        (claimed.id, claimed.token)
    }

    /// A worker has processed the file of a material.
    pub async fn finish(
        &self,
        material: i64,
        seen: MaterialState,
        outcome: UploadOutcome,
    ) -> StoreResult<()> {
        let job = self.claimed(material).await;
        let outbox = Vec::new();
        let material = MaterialId(material);
        let result = UploadResult { job, material, seen, outcome, outbox, now: at(0) };
        self.db.upload_finish(result).await
    }

    /// A material on the shelf, with these texts inside.
    pub async fn publish(&self, id: i64, description: &Description, kind: Kind, texts: &[&str]) {
        self.open_material(id).await;
        let outcome = ready(&format!("hash-{id}"), inspection(kind, texts), None);
        self.finish(id, MaterialState::Open, outcome).await.unwrap();
        self.settle(id, description, MaterialState::Published, Processing::Ready).await.unwrap();
    }
}
