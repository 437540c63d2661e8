//! Views of editions and of what people ask for.

use primelingo::domain::edition::EditionView;
use primelingo::domain::ids::RequestId;
use primelingo::domain::request::{Request, RequestPage, RequestState, RequestView};

use super::views::{FAR, ID, comparison, entry};

pub fn editions(word: &str) -> Vec<EditionView> {
    let title = || word.to_owned();
    vec![
        EditionView::Ask { material: ID, title: title() },
        EditionView::Comparison(comparison(word)),
        EditionView::Replaced { candidate: ID, edition: 2, title: title(), takers: 3 },
        EditionView::NewEdition { material: ID, title: title() },
        EditionView::Announced { title: title(), told: 3 },
    ]
}

pub fn requests(word: &str) -> Vec<RequestView> {
    let words = || word.to_owned();
    let request = |state| Request {
        id: RequestId(FAR),
        words: words(),
        state,
        demand: 3,
        material: Some(ID),
    };
    let page = || RequestPage {
        requests: [RequestState::Open, RequestState::Answered, RequestState::Declined]
            .map(request)
            .to_vec(),
        has_more: true,
    };
    vec![
        RequestView::Noted { words: words() },
        RequestView::Already { words: words() },
        RequestView::TooMany,
        RequestView::Own(page()),
        RequestView::Wanted(page()),
        RequestView::One { request: request(RequestState::Open), found: vec![entry(word); 2] },
        RequestView::Settled { words: words(), is_answered: true, demand: 3 },
        RequestView::Gone,
        RequestView::Declined { words: words() },
    ]
}
