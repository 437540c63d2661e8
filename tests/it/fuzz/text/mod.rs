//! Other people's words in everything the bot says: a hundred thousand hostile texts, every view, every
//! language. Telegram's reader (the simulator's) must take each message; its marks and links must be
//! those that the same view has with a harmless word; its limits must hold.
//!
//! A text goes through a part of one group of views in one language; over a run each view meets every
//! sort of text in every language. `PRIMELINGO_CASES=10000000` meets them a hundred times as often.

#![expect(clippy::too_many_lines, reason = "an entry for each view")]

mod check;
mod hostile;
mod kinds;
mod more;
mod others;
mod small;
mod staff;
mod views;

use std::collections::{BTreeMap, BTreeSet};

use primelingo::domain::button::{Holder, Signer};
use primelingo::domain::effect::View;
use primelingo::domain::ids::{ChatId, UserId};
use primelingo::domain::lang::Lang;
use primelingo::domain::role::Role;
use primelingo::views::{Presenter, Reader};

use super::{cases, chance};
use check::Frame;
pub use hostile::text as hostile_text;
pub use views::now;

const HARMLESS: &str = "word";

fn presenter() -> Presenter {
    Presenter::new(Signer::new([1; 32], 42, 90), "prime_bot".to_owned())
}

/// Whoever sees all buttons there are.
fn reader(lang: Lang) -> Reader {
    let holder = Holder { chat: ChatId(5_000_000_001), user: UserId(5_000_000_001) };
    Reader { lang, role: Role::Owner, holder, now: views::now() }
}

/// What a group of messages is made of: their frames, or why one is refused.
type Frames = Vec<Result<Frame, String>>;

fn frames(presenter: &Presenter, lang: Lang, views: &[View]) -> Frames {
    views.iter().map(|view| check::shown(&presenter.show(reader(lang), view))).collect()
}

#[test]
fn every_view_has_its_place_here() {
    let made: BTreeSet<String> = views::all(HARMLESS).iter().flat_map(kinds::names).collect();
    let all: BTreeSet<String> = kinds::all().into_iter().collect();
    let missing: Vec<_> = all.difference(&made).collect();
    assert!(missing.is_empty(), "views that are not tested: {missing:?}");
    assert_eq!(made, all);
    println!("{} sorts of views, {} cases of them", all.len(), views::all(HARMLESS).len());
}

#[test]
fn nothing_a_text_says_becomes_markup_a_link_or_a_mention() {
    const PART: usize = 8;
    let (mut rng, presenter) = (chance(), presenter());
    let groups = views::GROUPS;
    let harmless: Vec<[Frames; 3]> = groups
        .iter()
        .map(|group| Lang::ALL.map(|lang| frames(&presenter, lang, &group(HARMLESS))))
        .collect();
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    let mut faults: BTreeMap<String, String> = BTreeMap::new();
    let sorts: Vec<&str> = hostile::sorts().collect();
    let (wanted, mut messages) = (cases(100_000), 0);
    for case in 0..wanted {
        let text = hostile::text(&mut rng, case);
        let (group, lang, part) = (rng.usize(..groups.len()), rng.usize(..3), rng.usize(..PART));
        let views = groups[group](&text);
        for (view, plain) in views.iter().zip(&harmless[group][lang]).skip(part).step_by(PART) {
            let frame = check::shown(&presenter.show(reader(Lang::ALL[lang]), view));
            messages += 1;
            if frame != *plain || frame.is_err() {
                let name = kinds::names(view).join(", ");
                let told = format!("{text:?}\n  as {frame:?}\n  not {plain:?}");
                faults.entry(name).or_insert(told);
            }
        }
        *met.entry(sorts[case % sorts.len()]).or_default() += 1;
    }
    assert!(faults.is_empty(), "{}", told(&faults));
    println!(
        "{wanted} texts in {messages} messages, none refused, none with another mark: {met:?}"
    );
}

fn told(faults: &BTreeMap<String, String>) -> String {
    let lines = faults.iter().map(|(name, told)| format!("{name}: {told}"));
    format!("{} views\n{}", faults.len(), lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn what_is_too_long_is_cut_between_characters_and_closed() {
    let (mut rng, presenter) = (chance(), presenter());
    let groups = views::GROUPS;
    let mut faults: BTreeMap<String, String> = BTreeMap::new();
    let (wanted, mut messages) = (cases(120), 0);
    for case in 0..wanted {
        let text = hostile::long_text(&mut rng, case);
        let (group, lang) = (case % groups.len(), Lang::ALL[rng.usize(..3)]);
        let harmless = frames(&presenter, lang, &groups[group](HARMLESS));
        for (view, plain) in groups[group](&text).iter().zip(harmless) {
            messages += 1;
            let frame = check::shown(&presenter.show(reader(lang), view));
            let is_fine = match (&frame, &plain) {
                (Ok(frame), Ok(plain)) => {
                    frame.is_cut_from(plain) && frame.found().len() <= plain.found().len()
                }
                _ => false,
            };
            if !is_fine {
                let told =
                    format!("{} characters, {frame:?}\n  not {plain:?}", text.chars().count());
                faults.entry(kinds::names(view).join(", ")).or_insert(told);
            }
        }
    }
    assert!(faults.is_empty(), "{}", told(&faults));
    println!("{wanted} long texts in {messages} messages");
}

#[test]
fn our_own_words_are_never_broken() {
    let presenter = presenter();
    let mut broken = BTreeSet::new();
    for lang in Lang::ALL {
        for role in Role::ALL {
            for view in views::all(HARMLESS) {
                let shown = presenter.show(Reader { role, ..reader(lang) }, &view);
                let name = kinds::names(&view).join(", ");
                // What is wrong with a link names the beginnings of links.
                let names_links = name.ends_with("hint: broken");
                if let Some((before, after)) = shown.html.as_str().split_once('\u{2060}')
                    && !names_links
                {
                    broken.insert(format!("{lang:?} {name}: {before}|{after}"));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
