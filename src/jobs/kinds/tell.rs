//! `tell_of_material`, `tell_askers`: people hear of what is new and of what they have asked for.
//!
//! A new material first answers the open requests whose words are all in its title and tags; then
//! those who follow its section or one above it, and those who asked, are gone through together, in
//! the order of their ids. So everybody is met once, whatever leads to them.
//!
//! Invariants: a page of messages and how far that is are one transaction, fenced by the token; a
//! message has a key of material and person, so that nobody gets two; what was archived before its
//! turn is told of no further. Quiet hours hold a message back, not the job: what is told late is
//! told all the same.

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::letters::{alone, ring, shown};
use crate::domain::digest::Section;
use crate::domain::effect::View;
use crate::domain::ids::{CategoryId, MaterialId, RequestId, UserId};
use crate::domain::material::{Material, MaterialState};
use crate::domain::request::{RequestState, RequestView, is_answered};
use crate::domain::tell::{Announcement, Listener};
use crate::library::terms;
#[cfg(feature = "failpoints")]
use crate::store::StoreError;
use crate::store::records::{ListenersRequest, News, Offer, OutboxClass};

/// People told in one transaction: short enough for others to write in between.
const PAGE: i64 = 50;

/// Open requests that are looked at together.
const REQUESTS_PAGE: i64 = 500;

/// Nobody's id.
const NO_UPLOADER: UserId = UserId(0);

/// What everybody is told.
enum Word {
    /// There is this material, in this section.
    Of(Box<Material>, Option<String>),
    /// The school will not have that.
    No(RequestId, String),
}

/// Tells of a material that is new.
pub(in crate::jobs) async fn of_material(
    attempt: &Attempt,
    id: MaterialId,
) -> Result<(), JobError> {
    let db = &attempt.shop.parts.db;
    let Some(material) = published(attempt, id).await? else { return attempt.close().await };
    if db.announced(attempt.job).await?.after == UserId(0) {
        answer_requests(attempt, &material).await?;
    }
    let sections: Vec<Section> = match material.category {
        Some(category) => db.sections_above(category).await?,
        None => Vec::new(),
    };
    let place = sections.first().map(|section| section.title.clone());
    let sections = sections.into_iter().map(|section| section.id).collect();
    let word = Word::Of(Box::new(material), place);
    go_round(attempt, News::Material(id), sections, &word).await
}

/// Tells those who asked what an editor has answered.
pub(in crate::jobs) async fn askers(attempt: &Attempt, id: RequestId) -> Result<(), JobError> {
    let Some(request) = attempt.shop.parts.db.request_get(id).await? else {
        return attempt.close().await;
    };
    let word = match (request.state, request.material) {
        (RequestState::Answered, Some(material)) => match published(attempt, material).await? {
            Some(material) => Word::Of(Box::new(material), None),
            None => return attempt.close().await,
        },
        (RequestState::Declined, _) => Word::No(id, request.words),
        _ => return attempt.close().await,
    };
    go_round(attempt, News::Request(id), Vec::new(), &word).await
}

async fn published(attempt: &Attempt, id: MaterialId) -> Result<Option<Material>, JobError> {
    let material = attempt.shop.parts.db.material_get(id).await?;
    Ok(material.filter(|material| material.state == MaterialState::Published))
}

/// The open requests that the material answers are answered by it.
async fn answer_requests(attempt: &Attempt, material: &Material) -> Result<(), JobError> {
    let parts = &attempt.shop.parts;
    let terms = terms::of_material(&material.title, &material.tags);
    let mut after = String::new();
    loop {
        let page = parts.db.requests_open(after, REQUESTS_PAGE).await?;
        let Some((_, _, last)) = page.last() else { return Ok(()) };
        after = last.clone();
        let fits = |(id, words, _): &(RequestId, String, String)| {
            is_answered(words, &terms.title, &terms.tags).then_some(*id)
        };
        let answered: Vec<RequestId> = page.iter().filter_map(fits).collect();
        if !answered.is_empty() {
            parts.db.requests_answer(answered, material.id, parts.clock.now()).await?;
        }
    }
}

/// Goes through all who are to be told, page by page.
async fn go_round(
    attempt: &Attempt,
    news: News,
    sections: Vec<CategoryId>,
    word: &Word,
) -> Result<(), JobError> {
    let parts = &attempt.shop.parts;
    let mut progress = parts.db.announced(attempt.job).await?;
    loop {
        if let Word::Of(material, _) = word
            && published(attempt, material.id).await?.is_none()
        {
            break;
        }
        let sections = sections.clone();
        let request = ListenersRequest { news, sections, after: progress.after, limit: PAGE };
        let page = parts.db.listeners(request).await?;
        let Some(last) = page.last else { break };
        let offers = page
            .people
            .iter()
            .filter_map(|listener| offer(attempt, word, listener).transpose())
            .collect::<Result<Vec<_>, _>>()?;
        fail_point!(FinishBefore => StoreError::Fault { call: "job", what: "a fail point" }.into());
        let (job, now) = ((attempt.job, attempt.token), parts.clock.now());
        progress = parts.db.tell_page(job, progress, news, last, offers, now).await?;
        fail_point!(FinishAfter => StoreError::Fault { call: "job", what: "a fail point" }.into());
        ring(attempt);
    }
    attempt.close().await
}

/// The message to one of them, if they want it.
fn offer(attempt: &Attempt, word: &Word, listener: &Listener) -> Result<Option<Offer>, JobError> {
    let uploader = match word {
        Word::Of(material, _) => material.uploader,
        Word::No(..) => NO_UPLOADER,
    };
    if !listener.is_told(uploader) {
        return Ok(None);
    }
    let user = listener.user;
    let (key, view) = match word {
        Word::Of(material, section) => {
            let news = Announcement::new(material, section.as_deref(), listener);
            (format!("material:{}:{user}", material.id), View::Announcement(Box::new(news)))
        }
        Word::No(id, words) => {
            let declined = RequestView::Declined { words: words.clone() };
            (format!("request:{id}:{user}"), View::Request(Box::new(declined)))
        }
    };
    let reader = alone(attempt, user, listener.lang);
    let not_before = listener.quiet_until(reader.now, attempt.shop.parts.zone);
    let message = shown(attempt, reader, OutboxClass::Bulk, &view)?;
    Ok(Some(Offer { key, not_before, message }))
}
