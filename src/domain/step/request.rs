//! What people ask for: they ask and withdraw, editors answer and decline.
//!
//! Invariants: a request is settled once, by the first editor; whoever asked is told by a job of the
//! same commit.

use super::{Decision, Effect, Place, Scene, View, show};
use crate::domain::effect::{Change, JobKind, NewJob, Notice, Priority};
use crate::domain::facts::SearchFacts;
use crate::domain::ids::{JobId, MaterialId, RequestId};
use crate::domain::job::NOBODY;
use crate::domain::request::{
    OPEN_MAX, Request, RequestAct, RequestChange, RequestFacts, RequestState, RequestView, Wanted,
};

/// Does what a button or a command says.
pub fn act(scene: Scene<'_>, place: Place, act: RequestAct, facts: RequestFacts) -> Decision {
    match (act, facts) {
        (RequestAct::Ask(_), RequestFacts::Asking { text, is_asked, open }) => {
            ask(scene, text.as_deref(), is_asked, open)
        }
        (RequestAct::Own { .. }, RequestFacts::Page(page)) => {
            show(place, view(RequestView::Own(page)))
        }
        (RequestAct::Withdraw(id), RequestFacts::Page(mut page)) => {
            page.requests.retain(|request| request.id != id);
            let change = Effect::Change(Change::Request(RequestChange::Withdraw(id)));
            let shown = Effect::Show { place, view: view(RequestView::Own(page)) };
            Decision { dialog: None, effects: vec![change, shown] }
        }
        (RequestAct::Wanted { .. }, RequestFacts::Page(page)) => {
            show(place, view(RequestView::Wanted(page)))
        }
        (RequestAct::Open(_), RequestFacts::One(Some(found))) if is_open(&found.0) => {
            let (request, found) = *found;
            let found = match found {
                SearchFacts::Page(page) => page.hits.into_iter().map(|hit| hit.entry).collect(),
                _ => Vec::new(),
            };
            show(place, view(RequestView::One { request, found }))
        }
        (RequestAct::Answer { material, .. }, RequestFacts::One(Some(found)))
            if is_open(&found.0) =>
        {
            settle(scene, place, found.0, Some(material))
        }
        (RequestAct::Decline(_), RequestFacts::One(Some(found))) if is_open(&found.0) => {
            settle(scene, place, found.0, None)
        }
        _ => show(place, view(RequestView::Gone)),
    }
}

fn is_open(request: &Request) -> bool {
    request.state == RequestState::Open
}

fn view(view: RequestView) -> View {
    View::Request(Box::new(view))
}

fn ask(scene: Scene<'_>, text: Option<&str>, is_asked: bool, open: usize) -> Decision {
    let Some(wanted) = text.and_then(Wanted::of) else {
        return show(Place::New, View::Notice(Notice::QueryForgotten));
    };
    let words = wanted.words.clone();
    if is_asked {
        return show(Place::New, view(RequestView::Already { words }));
    }
    if open >= OPEN_MAX {
        return show(Place::New, view(RequestView::TooMany));
    }
    let id = RequestId(scene.ids.next(scene.now));
    let change = Effect::Change(Change::Request(RequestChange::Ask { id, wanted }));
    let shown = Effect::Show { place: Place::New, view: view(RequestView::Noted { words }) };
    Decision { dialog: None, effects: vec![change, shown] }
}

fn settle(scene: Scene<'_>, place: Place, request: Request, by: Option<MaterialId>) -> Decision {
    let Request { id, words, demand, .. } = request;
    let job = NewJob {
        id: JobId(scene.ids.next(scene.now)),
        kind: JobKind::TellAskers { request: id },
        fairness_key: NOBODY,
        priority: Priority::Housekeeping,
        not_before: None,
    };
    let settled = RequestView::Settled { words, is_answered: by.is_some(), demand };
    let effects = vec![
        Effect::Change(Change::Request(RequestChange::Settle { id, by })),
        Effect::Enqueue(job),
        Effect::Show { place, view: view(settled) },
    ];
    Decision { dialog: None, effects }
}
