//! Reads what an intent needs before it is decided.

use super::alerts;
use super::broadcasts;
use super::bulk;
use super::dashboard;
use super::desk;
use super::people;
use super::replacing;
use super::requests;
use super::search::{ListPlace, Searcher};
use super::shelf;
use super::statistics;
use super::uploads::under_way;
use crate::domain::button::UploadAct;
use crate::domain::clock::Timestamp;
use crate::domain::digest::{DIGEST, DigestFacts};
use crate::domain::facts::{CatalogueFacts, Facts, SearchFacts, UploadFacts};
use crate::domain::failures::by_error;
use crate::domain::ids::{CategoryId, MaterialId, UserId};
use crate::domain::intent::{INLINE_PAGE, UploadInput, Wish, Words};
use crate::domain::material::{Category, Filters, Material, PreviewRef, Processing};
use crate::domain::search::Taste;
use crate::domain::session::{Dialog, Upload};
use crate::domain::step::takes_file;
use crate::store::{Db, StoreResult};

/// Dead jobs that are looked at for groups.
const DEAD_MAX: i64 = 10_000;

/// Who asks, and when.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// The person.
    pub user: UserId,
    /// The queue of background work.
    pub queue: &'a str,
    /// What they study.
    pub taste: Taste,
    /// The bot's `@name` without the sign.
    pub bot_username: &'a str,
    /// Owners by configuration.
    pub owners: &'a [UserId],
    /// Where the dashboard is.
    pub dashboard: Option<&'a str>,
    /// The time.
    pub now: Timestamp,
}

/// The facts for a wish in a dialog.
pub async fn gather(
    searcher: &Searcher,
    wish: &Wish,
    dialog: &Dialog,
    asker: Asker<'_>,
) -> StoreResult<Facts> {
    let db = &searcher.db;
    let page_size = searcher.config.page_size;
    Ok(match wish {
        Wish::Search { words, filters, page, list } => {
            let place = ListPlace { list: *list, page: *page };
            Facts::Search(searched(searcher, words, *filters, place, asker.taste).await?)
        }
        Wish::Facet { query, filters, facet } => {
            Facts::Facet(match db.query_text(*query).await? {
                Some(text) => Some(searcher.facet(text, *filters, *facet, asker.taste).await?),
                None => None,
            })
        }
        Wish::Browse(node) => Facts::Catalogue(catalogue(db, *node, asker.user).await?),
        Wish::Follow { category, .. } => {
            Facts::Catalogue(catalogue(db, Some(*category), asker.user).await?)
        }
        Wish::Digest(_) => Facts::Digest(Box::new(digest(db, asker.user).await?)),
        Wish::Shelf(act) => {
            Facts::Shelf(Box::new(shelf::of_act(db, page_size, *act, asker).await?))
        }
        Wish::Deliver(id) => Facts::Shelf(Box::new(shelf::given(db, *id, asker.user).await?)),
        Wish::SetLang(_) => Facts::Shelf(Box::new(shelf::preferring(db, asker.user).await?)),
        Wish::Alerts(_) => alerts::facts(db, asker).await?,
        Wish::Statistics(act) => statistics::facts(db, *act, asker.now).await?,
        Wish::Dashboard => Facts::Dashboard(dashboard::link(asker.dashboard)?),
        Wish::Claim { hash } => Facts::Claim(db.owner_code_stands(hash.clone(), asker.now).await?),
        Wish::Jobs(_) => Facts::Jobs(by_error(db.jobs_dead(DEAD_MAX).await?)),
        Wish::People(wish, _) => people::facts(db, wish, asker).await?,
        Wish::Look(id) => Facts::Look(look(db, *id).await?.map(Box::new)),
        Wish::Start | Wish::Menu { .. } => match dialog {
            Dialog::Upload(upload) => {
                Facts::Material(db.material_get(upload.material).await?.map(Box::new))
            }
            _ => Facts::None,
        },
        Wish::Inline { text, offset, .. } => {
            let (materials, has_more) =
                searcher.inline(text, *offset, INLINE_PAGE, asker.taste).await?;
            Facts::Inline { materials, has_more }
        }
        Wish::Compose(input) => {
            Facts::Compose(Box::new(broadcasts::compose(db, input, dialog, asker).await?))
        }
        Wish::Control { broadcast, act } => {
            Facts::Control(Box::new(broadcasts::control(db, *broadcast, *act, asker).await?))
        }
        Wish::Broadcasts { before } => {
            Facts::Broadcasts(Box::new(broadcasts::list(db, *before, asker).await?))
        }
        Wish::Desk(wish) => Facts::Desk(desk::gather(db, page_size, wish, dialog).await?),
        Wish::Request(act) => requests::requests(searcher, *act, asker).await?,
        Wish::Privacy(_) => Facts::Privacy(requests::privacy(db, asker).await?),
        Wish::Nothing
        | Wish::ShutOut { .. }
        | Wish::Reachable(_)
        | Wish::Say(_)
        | Wish::EndSeries(_)
        | Wish::Help
        | Wish::AskQuery => Facts::None,
        _ => of_files(db, wish, dialog, asker).await?,
    })
}

/// The facts for a wish that is about files which are uploaded.
async fn of_files(db: &Db, wish: &Wish, dialog: &Dialog, asker: Asker<'_>) -> StoreResult<Facts> {
    Ok(match wish {
        Wish::Cancel => match dialog {
            Dialog::Bulk(bulk) => {
                Facts::Bulk(Box::new(bulk::facts(db, bulk.batch, asker.user, None, None).await?))
            }
            Dialog::Upload(upload) => {
                Facts::Upload(Box::new(upload_facts(db, Some(upload), None, None).await?))
            }
            Dialog::Replace(replace) => replacing::of_dialog(db, replace).await?,
            Dialog::Idle | Dialog::Broadcast(_) | Dialog::Desk(_) => Facts::None,
        },
        Wish::Replace { material, act } => replacing::of_act(db, *material, *act, dialog).await?,
        Wish::TakeFile { .. } if let Some(refused) = refused(db, dialog).await? => {
            Facts::Upload(Box::new(upload_facts(db, Some(refused), None, None).await?))
        }
        Wish::TakeFile { is_album, .. } if takes_file(dialog, *is_album) => {
            Facts::Joining(bulk::joining(db, dialog).await?)
        }
        Wish::TakeFile { .. } => match dialog {
            Dialog::Replace(replace) => replacing::of_dialog(db, replace).await?,
            _ => Facts::Upload(Box::new(upload_facts(db, None, None, None).await?)),
        },
        Wish::Upload { input, inside, .. } => match dialog {
            Dialog::Upload(upload) => {
                let chosen = match input {
                    UploadInput::Act(UploadAct::TakeCategory(id)) => Some(*id),
                    UploadInput::Act(UploadAct::Publish) => upload.description.category,
                    _ => None,
                };
                let facts = upload_facts(db, Some(upload), *inside, chosen).await?;
                Facts::Upload(Box::new(facts))
            }
            Dialog::Bulk(_) => Facts::None,
            _ => Facts::Upload(Box::new(upload_facts(db, None, None, None).await?)),
        },
        Wish::Uploads | Wish::Withdraw(_) => {
            let Asker { queue, now, .. } = asker;
            Facts::Uploads(under_way(db, asker.user, queue, now).await?)
        }
        Wish::Bulk { batch, input, inside } => {
            let facts = bulk::answered(db, (*batch, asker.user), input, *inside, dialog).await?;
            Facts::Bulk(Box::new(facts))
        }
        Wish::Draft(id) => Facts::Upload(Box::new(bulk::draft(db, *id).await?)),
        // All others have been dealt with.
        _ => Facts::None,
    })
}

/// A material and how it looks.
async fn look(db: &Db, id: MaterialId) -> StoreResult<Option<(Material, PreviewRef)>> {
    let Some(material) = db.material_get(id).await? else { return Ok(None) };
    let Some(hash) = material.hash.clone() else { return Ok(None) };
    Ok(db.content_preview(hash).await?.map(|preview| (material, preview)))
}

async fn searched(
    searcher: &Searcher,
    words: &Words,
    filters: Filters,
    place: ListPlace,
    taste: Taste,
) -> StoreResult<SearchFacts> {
    match words {
        Words::Typed(text) => searcher.search(text, filters, place, taste).await,
        Words::Remembered(id) => match searcher.db.query_text(*id).await? {
            Some(text) => searcher.search(&text, filters, place, taste).await,
            None => Ok(SearchFacts::Forgotten),
        },
    }
}

async fn catalogue(
    db: &Db,
    node: Option<CategoryId>,
    user: UserId,
) -> StoreResult<Option<CatalogueFacts>> {
    let Some(id) = node else {
        let children = db.category_children(None).await?;
        let levels = Vec::new();
        return Ok(Some(CatalogueFacts { node: None, children, levels, followed: false }));
    };
    let Some(node) = db.category_get(id).await? else { return Ok(None) };
    let id = node.id;
    let children = db.category_children(Some(id)).await?;
    let levels = db.category_levels(id).await?;
    let followed = db.follow_get(user, id).await?;
    Ok(Some(CatalogueFacts { node: Some(node), children, levels, followed }))
}

async fn digest(db: &Db, user: UserId) -> StoreResult<DigestFacts> {
    let series = db.series_list().await?.into_iter().find(|series| series.plan.id == DIGEST);
    let zone = db.user_get(user).await?.and_then(|user| user.preferences.time_zone);
    Ok(DigestFacts { series, zone })
}

/// The dialog about a single file that was refused: whatever comes next takes its place.
async fn refused<'a>(db: &Db, dialog: &'a Dialog) -> StoreResult<Option<&'a Upload>> {
    let Dialog::Upload(upload) = dialog else { return Ok(None) };
    if !upload.queue.is_empty() {
        return Ok(None);
    }
    let material = db.material_get(upload.material).await?;
    let is_refused = material.is_some_and(|it| matches!(it.processing, Processing::Rejected(_)));
    Ok(is_refused.then_some(upload))
}

async fn upload_facts(
    db: &Db,
    upload: Option<&Upload>,
    inside: Option<CategoryId>,
    chosen: Option<CategoryId>,
) -> StoreResult<UploadFacts> {
    let material = match upload {
        Some(upload) => db.material_get(upload.material).await?,
        None => None,
    };
    let double = match &material {
        Some(material) => double_of(db, material).await?,
        None => None,
    };
    let next = match upload.and_then(|upload| upload.queue.first()) {
        Some(next) => db.material_get(*next).await?,
        None => None,
    };
    let top = db.category_children(None).await?;
    let (inside, categories) = match inside {
        Some(id) => {
            let node = category(db, Some(id)).await?;
            let children = db.category_children(node.as_ref().map(|node| node.id)).await?;
            (node, children)
        }
        None => (None, top.clone()),
    };
    let chosen = category(db, chosen).await?;
    Ok(UploadFacts { material, double, inside, categories, chosen, next, top })
}

async fn category(db: &Db, id: Option<CategoryId>) -> StoreResult<Option<Category>> {
    match id {
        Some(id) => db.category_get(id).await,
        None => Ok(None),
    }
}

/// The published material with the same content, other than itself.
async fn double_of(db: &Db, material: &Material) -> StoreResult<Option<Material>> {
    if let Some(id) = material.duplicate_of {
        return db.material_get(id).await;
    }
    let Some(hash) = &material.hash else { return Ok(None) };
    let found = db.material_by_hash(hash.clone()).await?;
    let is_other = |id: MaterialId| id != material.id;
    Ok(found.filter(|found| is_other(found.id)))
}
