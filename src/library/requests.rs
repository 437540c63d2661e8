//! Reads what buttons and commands about requests and about one's own data need.

use super::facts::Asker;
use super::search::{ListPlace, Searcher};
use crate::domain::facts::{Facts, SearchFacts};
use crate::domain::material::Filters;
use crate::domain::privacy::{EXPORT_EVERY_S, PrivacyFacts};
use crate::domain::request::{PAGE, Request, RequestAct, RequestFacts, RequestPage, Wanted};
use crate::store::{Db, StoreResult};

/// What a button or a command about requests needs.
pub async fn requests(
    searcher: &Searcher,
    act: RequestAct,
    asker: Asker<'_>,
) -> StoreResult<Facts> {
    let db = &searcher.db;
    let facts = match act {
        RequestAct::Ask(query) => {
            let text = db.query_text(query).await?;
            let (is_asked, open) = match text.as_deref().and_then(Wanted::of) {
                Some(wanted) => db.request_standing(asker.user, wanted.key).await?,
                None => (false, 0),
            };
            RequestFacts::Asking { text, is_asked, open: usize::try_from(open).unwrap_or(0) }
        }
        RequestAct::Own { before } => {
            RequestFacts::Page(page(db.requests_own(asker.user, before, one_more()).await?))
        }
        RequestAct::Withdraw(_) => {
            RequestFacts::Page(page(db.requests_own(asker.user, None, one_more()).await?))
        }
        RequestAct::Wanted { after } => {
            let after = after.map(|(demand, id)| (i64::from(demand), id));
            RequestFacts::Page(page(db.requests_wanted(after, one_more()).await?))
        }
        RequestAct::Open(id) => {
            let found = match db.request_get(id).await? {
                Some(request) => {
                    let (filters, place) = (Filters::default(), ListPlace::default());
                    let found =
                        searcher.search(&request.words, filters, place, asker.taste).await?;
                    Some(Box::new((request, found)))
                }
                None => None,
            };
            RequestFacts::One(found)
        }
        RequestAct::Answer { request, .. } | RequestAct::Decline(request) => {
            let found = db.request_get(request).await?;
            RequestFacts::One(found.map(|request| Box::new((request, SearchFacts::Empty))))
        }
    };
    Ok(Facts::Request(Box::new(facts)))
}

/// What matters before a person's data are copied or erased.
pub async fn privacy(db: &Db, asker: Asker<'_>) -> StoreResult<PrivacyFacts> {
    let since = asker.now - chrono::TimeDelta::seconds(EXPORT_EVERY_S);
    db.privacy_facts(asker.user, since).await
}

fn one_more() -> i64 {
    i64::try_from(PAGE).unwrap_or(i64::MAX).saturating_add(1)
}

fn page(mut requests: Vec<Request>) -> RequestPage {
    let has_more = requests.len() > PAGE;
    requests.truncate(PAGE);
    RequestPage { requests, has_more }
}
