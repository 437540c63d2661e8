//! What is no view: files with captions, previews, results of inline mode, digests, templates of
//! broadcasts.

use primelingo::domain::digest::{DigestLetter, DigestSection, Fresh};
use primelingo::domain::effect::View;
use primelingo::domain::event::FileClass;
use primelingo::domain::html::{TEXT_LIMIT, Template};
use primelingo::domain::inspection::Kind;
use primelingo::domain::lang::Lang;
use primelingo::domain::material::PreviewRef;
use primelingo::domain::outgoing::Outgoing;
use primelingo::domain::outgoing::{CopyOwner, StoredCopy};
use primelingo::domain::shelf::Given;
use primelingo::domain::statistics::ReportSort;
use primelingo::views::Presenter;

use super::views::{ID, NODE, material, report};
use super::{HARMLESS, check, hostile, presenter, reader};
use crate::fuzz::{cases, chance};

/// All that is sent and no view, with the word in it.
fn sent(presenter: &Presenter, lang: Lang, word: &str) -> super::Frames {
    let reader = reader(lang);
    let given = Given { material: Box::new(material(word)), is_favourite: true };
    let preview =
        PreviewRef { content: "ab".to_owned(), hash: "cd".to_owned(), file_id: "F".to_owned() };
    let copy = || StoredCopy {
        hash: "ab".to_owned(),
        name: "table.csv".to_owned(),
        owner: CopyOwner::Nobody,
    };
    let fresh = || Fresh { id: ID, title: word.to_owned(), kind: Kind::Book, category: NODE };
    let section = || DigestSection {
        id: NODE,
        title: word.to_owned(),
        fresh: vec![fresh(), fresh()],
        more: 3,
    };
    let letter = DigestLetter { sections: vec![section(), section()] };
    let mut never_there = material(word);
    never_there.file.file_id.clear();
    let mut round = material(word);
    round.file.class = FileClass::VideoNote;
    vec![
        check::message(&presenter.delivery(reader, &given)),
        check::message(&presenter.preview(reader, &material(word), &preview)),
        check::message(&presenter.table(reader, copy(), 5)),
        check::message(&presenter.personal_copy(reader, copy())),
        check::message(&presenter.statistics(reader, ReportSort::Table, copy(), &report(word))),
        check::shown(&presenter.no_statistics(reader)),
        check::shown(&presenter.digest(lang, &letter)),
        check::inline(&presenter.inline_result(lang, &material(word))),
        check::inline(&presenter.inline_result(lang, &never_there)),
        check::inline(&presenter.inline_result(lang, &round)),
    ]
}

#[test]
fn files_digests_and_inline_results_are_what_they_are_with_a_harmless_word() {
    let (mut rng, presenter) = (chance(), presenter());
    let harmless = Lang::ALL.map(|lang| sent(&presenter, lang, HARMLESS));
    let wanted = cases(3_000);
    for case in 0..wanted {
        let text = hostile::text(&mut rng, case);
        let lang = rng.usize(..3);
        let frames = sent(&presenter, Lang::ALL[lang], &text);
        assert!(frames.iter().all(Result::is_ok), "{text:?}: {frames:?}");
        assert_eq!(frames, harmless[lang], "{text:?}");
    }
    println!("{wanted} texts, each in {} messages", harmless[0].len());
}

#[test]
fn captions_are_cut_too() {
    let (mut rng, presenter) = (chance(), presenter());
    for case in 0..cases(60) {
        let text = hostile::long_text(&mut rng, case);
        let frames = sent(&presenter, Lang::ALL[rng.usize(..3)], &text);
        // A title of inline mode has no limit of Telegram's that is written down.
        let faults: Vec<_> = frames
            .iter()
            .filter(|it| it.as_ref().is_err_and(|why| !why.contains("label of")))
            .collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
}

#[test]
fn a_name_in_a_broadcast_is_a_name() {
    const TEMPLATES: [&str; 5] = [
        "Hello {name}!",
        "<b>{name}</b>, <i>new</i> books: <a href=\"https://example.org/\">{name}</a>",
        "<blockquote>{name}</blockquote> {name} <code>{name}</code>",
        "<u>{name}</u><s>{name}</s><tg-spoiler>{name}</tg-spoiler>",
        "{name}",
    ];
    let mut rng = chance();
    let wanted = cases(10_000);
    let frame = |template: &Template, name: &str| {
        let html = template.fill(name);
        check::message(&Outgoing::Text { html, keyboard: None, reply_to: None, silent: false })
    };
    for case in 0..wanted {
        let template = Template::parse(TEMPLATES[case % TEMPLATES.len()], TEXT_LIMIT).unwrap();
        let name = hostile::text(&mut rng, case);
        let (filled, harmless) = (frame(&template, &name), frame(&template, HARMLESS));
        assert!(filled.is_ok(), "{name:?}: {filled:?}");
        assert_eq!(filled, harmless, "{name:?}");
    }
    println!("{wanted} names in {} templates", TEMPLATES.len());
}

#[test]
fn our_own_commands_can_still_be_tapped() {
    let presenter = presenter();
    for lang in Lang::ALL {
        let frame = check::shown(&presenter.show(reader(lang), &View::Help)).unwrap();
        let count = |kind: &str| frame.found().iter().filter(|found| **found == kind).count();
        assert!(count("bot_command") >= 20, "{lang:?}: {frame:?}");
        assert_eq!(count("mention"), 1, "{lang:?}: {frame:?}");
        let url = "https://school.example.org/login".to_owned();
        let link =
            check::shown(&presenter.show(reader(lang), &View::Dashboard(Some(url)))).unwrap();
        assert_eq!(link.found(), ["url"]);
    }
}
