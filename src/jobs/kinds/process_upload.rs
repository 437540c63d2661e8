//! `process_upload`: fetch, hash, compare, inspect, store and index the file of a material.
//!
//! Invariants: index, state, card and the job's end are one transaction; the blob is durable before
//! it; whatever is refused leaves no file. The decision is made on the material as it stands at the
//! end: an editor who pressed "publish" or "cancel" meanwhile is obeyed. A cancelled upload ends the
//! work under way.
//!
//! Race known and accepted: between the look for a double and the commit somebody may publish the
//! same content; the database's unique index refuses then, and the decision is made again.

use std::time::Duration;

use tokio::time::{Instant, interval, sleep};

use super::super::attempt::Attempt;
use super::super::card::{CardWriter, Progress};
use super::super::download::{Fetched, Unwanted};
use super::super::error::{Cause, JobError};
use super::super::meters;
use super::fetching::{Got, Wanted, fetch, no_space};
use super::replacing;
use crate::domain::effect::{CardStage, FileSummary};
use crate::domain::ids::MaterialId;
use crate::domain::inspection::{Inspection, Rejection};
use crate::domain::material::{
    Material, MaterialState, Processing, TITLE_MAX_CHARS, clean_line, name_key,
};
use crate::domain::search::analyse_document;
use crate::inspect::Hints;
use crate::library::blobs::{AttemptId, BlobHash};
use crate::library::{previews, terms};
use crate::store::StoreError;
use crate::store::records::{JobEnd, UploadOutcome, UploadResult};

/// How often a decision is made again because the material has changed meanwhile. Every change is
/// an editor's press, so more than a few say that something is wrong.
const DECISIONS_MAX: u32 = 5;

/// How often the card of a file that is looked at changes.
const CHECK_SHOWN_EVERY: Duration = Duration::from_secs(2);

/// How soon the work on a file that is no longer wanted ends.
const CANCEL_NOTICED_WITHIN: Duration = Duration::from_secs(1);

/// What the file turned out to be.
pub(super) enum Found {
    Sound(Box<Sound>),
    /// The library has that content; nothing was stored.
    Double(BlobHash),
    Refused(Rejection),
}

/// A file that is in its place and was read.
pub(super) struct Sound {
    pub(super) hash: BlobHash,
    pub(super) size: u64,
    pub(super) inspection: Inspection,
    pub(super) preview: Option<BlobHash>,
    /// Index tokens of each part.
    pub(super) part_terms: Vec<String>,
}

/// Processes the file of a material.
pub(in crate::jobs) async fn run(attempt: &Attempt, id: MaterialId) -> Result<(), JobError> {
    let begun = Instant::now();
    let Some(material) = waiting(attempt, id).await? else { return nothing_to_do(attempt).await };
    fail_point!(
        JobWork, material.file.name.as_deref().unwrap_or_default()
            => JobError::retry(StoreError::Fault { call: "job", what: "a fail point" })
    );
    let card = CardWriter::open(attempt, &material).await?;
    let (progress, shown) = Progress::new();
    let unwanted = Unwanted::default();
    let looking = async {
        // Dropped at the end of this block, which ends the other one.
        let progress = progress;
        look(attempt, &material, &progress, &unwanted).await
    };
    let following = card.follow(shown, attempt.shop.config.card_every);
    let working = async { tokio::join!(looking, following).0 };
    let cancelling = async {
        cancelled(attempt, id).await;
        // Before the transfer is dropped, which would keep what there is.
        unwanted.set();
    };
    tokio::select! {
        found = working => conclude(attempt, id, &card, &found?).await?,
        // Ends the transfer and the inspecting process.
        () = cancelling => return nothing_to_do(attempt).await,
    }
    forget(attempt).await;
    meters::upload_stage("total", begun.elapsed());
    Ok(())
}

/// Shows a stage on the card of a material that still waits for its processing.
pub(in crate::jobs) async fn tell(
    attempt: &Attempt,
    id: MaterialId,
    stage: CardStage,
) -> Result<(), JobError> {
    let Some(material) = waiting(attempt, id).await? else { return Ok(()) };
    CardWriter::open(attempt, &material).await?.replace(stage).await
}

/// Ends the job and the upload, and says so on the card.
pub(in crate::jobs) async fn give_up(
    attempt: &Attempt,
    id: MaterialId,
    end: JobEnd,
) -> Result<(), JobError> {
    let JobEnd::Dead { error, cause } = end else { return Ok(attempt.end(end).await?) };
    forget(attempt).await;
    for _ in 0..DECISIONS_MAX {
        let Some(material) = waiting(attempt, id).await? else { break };
        let card = CardWriter::open(attempt, &material).await?;
        let result = UploadResult {
            job: (attempt.job, attempt.token),
            material: id,
            seen: material.state,
            outcome: UploadOutcome::Failed { error: error.clone(), cause },
            outbox: card.edit(CardStage::Failed)?.into_iter().collect(),
            now: attempt.shop.parts.clock.now(),
        };
        match attempt.shop.parts.db.upload_finish(result).await {
            Ok(()) => {
                card.ring();
                meters::upload_ended("failed");
                return Ok(());
            }
            Err(StoreError::Conflict { what: "material" }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(attempt.end(JobEnd::Dead { error, cause }).await?)
}

/// The material, if its processing is still wanted.
async fn waiting(attempt: &Attempt, id: MaterialId) -> Result<Option<Material>, JobError> {
    let material = attempt.shop.parts.db.material_get(id).await?;
    Ok(material.filter(|material| {
        material.state != MaterialState::Discarded && material.processing == Processing::Pending
    }))
}

/// Shows that there is life for as long as a file is looked at.
async fn while_checking<T>(progress: &Progress, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let begun = Instant::now();
    let mut looks = interval(CHECK_SHOWN_EVERY);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = looks.tick() => {
                progress.show(CardStage::Checking { seconds: begun.elapsed().as_secs() });
            }
        }
    }
}

/// Waits until the editor has thrown the upload away.
async fn cancelled(attempt: &Attempt, id: MaterialId) {
    loop {
        sleep(CANCEL_NOTICED_WITHIN).await;
        // A database that is away is noticed by those who need it.
        if matches!(waiting(attempt, id).await, Ok(None)) {
            return;
        }
    }
}

/// Nobody will go on with what an attempt has left unfinished.
pub(super) async fn forget(attempt: &Attempt) {
    if let Err(error) = attempt.shop.parts.blobs.forget(attempt.job.0).await {
        tracing::warn!(job.id = attempt.job.0, %error, "unfinished file is left behind");
    }
}

async fn nothing_to_do(attempt: &Attempt) -> Result<(), JobError> {
    forget(attempt).await;
    attempt.close().await?;
    meters::upload_ended("cancelled");
    Ok(())
}

/// Fetches and reads the file. Only a sound file of new content is kept.
pub(super) async fn look(
    attempt: &Attempt,
    material: &Material,
    progress: &Progress,
    unwanted: &Unwanted,
) -> Result<Found, JobError> {
    let parts = &attempt.shop.parts;
    let limits = attempt.shop.config.download;
    if material.file.size.is_some_and(|size| size > limits.max_bytes) {
        return Ok(Found::Refused(Rejection::TooLarge));
    }
    // The room is held until the file has left it.
    let wanted = Wanted {
        file_id: &material.file.file_id,
        size: material.file.size,
        uploader: material.uploader,
        limits,
    };
    let (fetched, _place) = match fetch(attempt, &wanted, progress, unwanted).await? {
        Got::File(fetched, place) => (fetched, place),
        Got::Refused(reason) => return Ok(Found::Refused(reason)),
    };
    let Fetched { temp, hash, size } = fetched;
    if double_of(attempt, material.id, &hash).await?.is_some() {
        return Ok(Found::Double(hash));
    }
    let hints = Hints { name: material.file.name.clone(), mime: material.file.mime.clone() };
    let inspecting = parts.inspector.inspect(temp.path(), &hints);
    let inspection = match while_checking(progress, inspecting).await {
        Ok(inspection) => inspection,
        Err(error) => match error.rejection() {
            Some(rejection) => return Ok(Found::Refused(rejection)),
            None => return Err(error.into()),
        },
    };
    let begun = Instant::now();
    let (inspection, part_terms) = analyse(inspection).await;
    meters::upload_stage("index", begun.elapsed());
    match parts.blobs.commit(temp, &hash).await {
        Ok(()) => {}
        Err(error) if error.is_full() => return Ok(Found::Refused(no_space(&error))),
        Err(error) => return Err(error.into()),
    }
    let begun = Instant::now();
    // The name is free again: the file itself stands under its hash.
    let id = AttemptId { job: attempt.job.0, token: attempt.token };
    let drawing = previews::draw(&parts.inspector, &parts.blobs, id, &hash, &inspection);
    let preview = while_checking(progress, drawing).await;
    meters::upload_stage("preview", begun.elapsed());
    Ok(Found::Sound(Box::new(Sound { hash, size, inspection, preview, part_terms })))
}

/// The tokens of every part. A long book takes a good part of a second: not on the threads that
/// others wait for.
async fn analyse(inspection: Inspection) -> (Inspection, Vec<String>) {
    let work = move || {
        let parts = inspection.parts.iter();
        let terms = parts.map(|part| analyse_document(&part.text)).collect();
        (inspection, terms)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(analysed) => analysed,
        // Cancelled only with the whole runtime, and then nobody is here.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// The published material with that content, other than itself.
async fn double_of(
    attempt: &Attempt,
    id: MaterialId,
    hash: &BlobHash,
) -> Result<Option<Material>, JobError> {
    let found = attempt.shop.parts.db.material_by_hash(hash.as_str().to_owned()).await?;
    Ok(found.filter(|found| found.id != id))
}

/// Decides on the material as it stands now, and commits; again if it has changed in between.
async fn conclude(
    attempt: &Attempt,
    id: MaterialId,
    card: &CardWriter<'_>,
    found: &Found,
) -> Result<(), JobError> {
    let parts = &attempt.shop.parts;
    for _ in 0..DECISIONS_MAX {
        let Some(material) = waiting(attempt, id).await? else {
            return nothing_to_do(attempt).await;
        };
        let (outcome, stage) = decide(attempt, &material, found).await?;
        let label = outcome_label(&outcome);
        let result = UploadResult {
            job: (attempt.job, attempt.token),
            material: id,
            seen: material.state,
            outcome,
            outbox: card.edit(stage)?.into_iter().collect(),
            now: parts.clock.now(),
        };
        fail_point!(FinishBefore => StoreError::Fault { call: "job", what: "a fail point" }.into());
        match parts.db.upload_finish(result).await {
            Ok(()) => {
                fail_point!(FinishAfter => StoreError::Fault { call: "job", what: "a fail point" }.into());
                card.ring();
                meters::upload_ended(label);
                return Ok(());
            }
            Err(StoreError::Conflict { what: "material" }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(JobError::retry(Cause::Restless(DECISIONS_MAX)))
}

async fn decide(
    attempt: &Attempt,
    material: &Material,
    found: &Found,
) -> Result<(UploadOutcome, CardStage), JobError> {
    let hash = match found {
        Found::Refused(reason) => {
            return Ok((UploadOutcome::Rejected(*reason), CardStage::Refused(*reason)));
        }
        Found::Double(hash) => hash,
        Found::Sound(sound) => &sound.hash,
    };
    if let Some(double) = double_of(attempt, material.id, hash).await? {
        let outcome = UploadOutcome::Duplicate { hash: hash.to_string(), of: double.id };
        let stage = replacing::double_stage(attempt, material, double).await?;
        return Ok((outcome, stage));
    }
    match found {
        Found::Sound(sound) => {
            let (outcome, stage) = accept(material, sound);
            let stage =
                replacing::ready_stage(attempt, material, sound.hash.as_str(), stage).await?;
            Ok((outcome, stage))
        }
        // It was taken out of the library since: the file was not read then, so begin anew.
        _ => {
            Err(JobError::Retry { cause: Cause::Restless(1), counts: false, after: Duration::ZERO })
        }
    }
}

/// The outcome for a sound file: published at once if its editor is waiting for that.
fn accept(material: &Material, sound: &Sound) -> (UploadOutcome, CardStage) {
    let mut inspection = sound.inspection.clone();
    inspection.title = found_title(inspection.title.as_deref(), &material.title);
    let summary = FileSummary {
        kind: inspection.kind,
        size: sound.size,
        pages: inspection.pages,
        duration_s: inspection.duration_s.or(material.duration_s),
        measures: inspection.measures.clone(),
        part_kind: inspection.part_kind,
        indexed_parts: inspection.parts.len(),
        found_title: inspection.title.clone(),
        twin: None,
    };
    let is_waited_for = material.state == MaterialState::Waiting;
    let title = title_for_shelf(material, inspection.title.as_deref());
    let publish = is_waited_for.then(|| terms::of_material(title, &material.tags));
    let stage = if is_waited_for {
        let (id, title) = (material.id, title.to_owned());
        CardStage::Published { material: id, title, summary }
    } else {
        CardStage::Ready(summary)
    };
    let outcome = UploadOutcome::Ready {
        hash: sound.hash.to_string(),
        size: sound.size,
        inspection: Box::new(inspection),
        preview: sound.preview.as_ref().map(BlobHash::to_string),
        part_terms: sound.part_terms.clone(),
        publish,
    };
    (outcome, stage)
}

/// What a material is published under: one of many takes the document's own title, as nobody was
/// asked for one. If its editor gave it one, `suggested_title` is that.
fn title_for_shelf<'a>(material: &'a Material, found: Option<&'a str>) -> &'a str {
    let takes_own = material.batch.is_some() && material.suggested_title.is_none();
    found.filter(|_| takes_own).unwrap_or(&material.title)
}

/// The title found in the file, if it is one and says something new.
fn found_title(found: Option<&str>, present: &str) -> Option<String> {
    let title = clean_line(found?, TITLE_MAX_CHARS)?;
    (name_key(&title) != name_key(present)).then_some(title)
}

const fn outcome_label(outcome: &UploadOutcome) -> &'static str {
    match outcome {
        UploadOutcome::Ready { .. } => "ok",
        UploadOutcome::Duplicate { .. } => "duplicate",
        UploadOutcome::Rejected(_) => "rejected",
        UploadOutcome::Failed { .. } => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_found_title_is_clean_and_new() {
        let found = |title| found_title(Some(title), "Essential Grammar");
        assert_eq!(found("  New\u{202E}\n Title ").as_deref(), Some("New Title"));
        assert_eq!(found("essential  GRAMMAR"), None);
        assert_eq!(found("\u{0} \n"), None);
        assert_eq!(found_title(None, "x"), None);
    }
}
