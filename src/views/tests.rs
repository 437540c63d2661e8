//! What people see, with hostile values in every place.

use chrono::DateTime;

use super::*;
use crate::domain::effect::{Notice, Question, Review};
use crate::domain::event::{FileClass, FileRef};
use crate::domain::ids::{CategoryId, ChatId, MaterialId, QueryId, RequestId, UserId};
use crate::domain::inspection::{Kind, PartKind};
use crate::domain::material::{Category, Description, Filters, Level, MaterialState, Processing};
use crate::domain::outgoing::ButtonAction;
use crate::domain::request::{Request, RequestPage, RequestState, RequestView};
use crate::domain::search_page::{Entry, Hit, Inside, SearchPage, Total};
use crate::domain::session::Step;
use crate::domain::shelf::Given;
use crate::domain::tell::Announcement;

const HOSTILE: &str = "<b>a & \"b\"</b> \u{202e}{ $x } ＜script＞";

fn presenter() -> Presenter {
    Presenter::new(Signer::new([1; 32], 42, 90), "prime_bot".to_owned())
}

fn reader(lang: Lang) -> Reader {
    let holder = Holder { chat: ChatId(7), user: UserId(7) };
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    Reader { lang, role: Role::Editor, holder, now }
}

fn entry(title: &str) -> Entry {
    Entry {
        id: MaterialId(1_234_567_890_123),
        title: title.to_owned(),
        kind: Kind::Book,
        level: None,
        language: None,
        pages: Some(24),
        duration_s: None,
        size: Some(1_300_000),
        has_preview: false,
    }
}

fn results(title: &str) -> View {
    let inside = Inside {
        part: PartKind::Page,
        number: 3,
        label: None,
        snippet: vec![("about ".to_owned(), false), (title.to_owned(), true)],
    };
    let hit = |inside| Hit { entry: entry(title), inside };
    View::Results(SearchPage {
        query: QueryId(9),
        text: title.to_owned(),
        corrected: None,
        filters: Filters::default(),
        list: 7,
        page: 1,
        page_size: 2,
        total: Total::Exactly(5),
        hits: vec![hit(None), hit(Some(inside))],
    })
}

#[test]
fn a_page_of_results_reads_well() {
    let shown = presenter().show(reader(Lang::En), &results("Present perfect"));
    insta::assert_snapshot!(shown.html.as_str(), @r"
    5 results for <b>Present perfect</b>
    <i>Page 2 of 3</i>

    3. 📕 <b>Present perfect</b>
       <i>24 pages · 1.2 MB</i>

    4. 📕 <b>Present perfect</b>
       <i>24 pages · 1.2 MB</i>
       p. 3: about <b>Present perfect</b>
    ");
    let rows = shown.keyboard.unwrap().rows;
    let labels: Vec<Vec<&str>> =
        rows.iter().map(|row| row.iter().map(|button| button.text.as_str()).collect()).collect();
    assert_eq!(
        labels,
        [
            vec!["3", "4"],
            vec!["◀️", "▶️"],
            vec!["Level ▾", "Kind ▾", "Language ▾"],
            vec!["Section ▾", "Length ▾"],
            vec!["🏠 Menu"]
        ]
    );
}

fn requests(words: &str) -> RequestPage {
    let request = |id, state, material| Request {
        id: RequestId(i64::MAX >> 2),
        words: words.to_owned(),
        state,
        demand: id,
        material,
    };
    let requests = vec![
        request(3, RequestState::Open, None),
        request(2, RequestState::Answered, Some(MaterialId(i64::MAX >> 2))),
        request(1, RequestState::Declined, None),
    ];
    RequestPage { requests, has_more: true }
}

fn hostile_views() -> Vec<View> {
    let title = HOSTILE.to_owned();
    let category = Category { id: CategoryId(3), parent: None, title: title.clone(), materials: 1 };
    let question = |step| {
        View::Question(Box::new(Question {
            material: MaterialId(5),
            step,
            suggested_title: title.clone(),
            inside: Some(category.clone()),
            categories: vec![category.clone()],
            hint: true,
            queued: 2,
        }))
    };
    let review = View::Review(Box::new(Review {
        material: MaterialId(5),
        description: Description {
            title: Some(title.clone()),
            category: Some(CategoryId(3)),
            category_title: Some(title.clone()),
            tags: vec![title.clone()],
            ..Description::default()
        },
        file_name: title.clone(),
        size: Some(5),
        processing: Processing::Pending,
        found_title: Some(title.clone()),
        hint: false,
    }));
    let notice = Notice::Queued { name: title.clone(), waiting: 2 };
    let greet = Some(title.clone());
    let nothing =
        View::NothingFound { text: title.clone(), query: QueryId(1), filters: Filters::default() };
    vec![
        results(HOSTILE),
        View::Menu { greet, unfinished: Some((MaterialId(5), title.clone())), stale: true },
        View::Notice(notice),
        nothing,
        View::Catalogue {
            followed: true,
            node: Some(category.clone()),
            children: vec![category.clone()],
            levels: vec![],
        },
        View::Request(Box::new(RequestView::Noted { words: title.clone() })),
        View::Request(Box::new(RequestView::Own(requests(&title)))),
        View::Request(Box::new(RequestView::Wanted(requests(&title)))),
        View::Request(Box::new(RequestView::One {
            request: requests(&title).requests.remove(0),
            found: vec![entry(&title)],
        })),
        View::Announcement(Box::new(Announcement {
            material: MaterialId(5),
            title: title.clone(),
            kind: Kind::Book,
            level: Some(Level::B1),
            section: Some(title.clone()),
            follows: Some(CategoryId(3)),
            is_asked: false,
        })),
        question(Step::Title),
        question(Step::Category { inside: Some(CategoryId(3)) }),
        review,
    ]
}

#[test]
fn hostile_values_leave_no_markup_anywhere() {
    for lang in Lang::ALL {
        for view in hostile_views() {
            let shown = presenter().show(reader(lang), &view);
            let html = shown.html.as_str();
            assert!(!html.contains("<b>a"), "{html}");
            assert!(!html.contains('\u{202e}'), "{html}");
            for button in shown.keyboard.into_iter().flat_map(|keyboard| keyboard.rows).flatten() {
                if let ButtonAction::Callback(data) = &button.action {
                    assert!(!data.is_empty() && data.len() <= 64, "{}", button.text);
                }
                assert!(!button.text.trim().is_empty());
            }
        }
    }
}

#[test]
fn a_delivered_file_links_back_to_itself() {
    let material = Material {
        batch: None,
        id: MaterialId(77),
        state: MaterialState::Published,
        processing: Processing::Ready,
        title: HOSTILE.to_owned(),
        tags: String::new(),
        category: None,
        level: None,
        language: None,
        kind: Kind::Book,
        suggested_title: None,
        pages: Some(1),
        duration_s: None,
        file: FileRef {
            file_id: "F".to_owned(),
            unique_id: "U".to_owned(),
            class: FileClass::Document,
            name: None,
            mime: None,
            size: Some(10),
            duration_s: None,
            title: None,
            performer: None,
        },
        hash: None,
        duplicate_of: None,
        uploader: UserId(1),
        card: None,
        created_at: DateTime::from_timestamp(0, 0).unwrap(),
    };
    let given = Given { material: Box::new(material), is_favourite: false };
    let Outgoing::File { keyboard: Some(keyboard), caption: Some(caption), .. } =
        presenter().delivery(reader(Lang::Ru), &given)
    else {
        panic!("a file with caption and buttons");
    };
    assert!(caption.as_str().contains("&lt;b&gt;a"));
    let ButtonAction::Url(url) = &keyboard.rows[1][0].action else { panic!("a link") };
    assert!(
        url.starts_with(
            "https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fprime_bot%3Fstart%3Df_77&"
        )
    );
}
