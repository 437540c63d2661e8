//! What admins read of alerts, with hostile values in every place.

use chrono::DateTime;

use super::*;
use crate::domain::alert::rules::RULES;
use crate::domain::alert::{Acked, AlertDetails, Source};
use crate::domain::button::{Holder, Signer};
use crate::domain::ids::{AlertId, ChatId, SilenceId, UserId};
use crate::domain::lang::Lang;
use crate::domain::role::Role;
use crate::views::{Presenter, Reader};

const HOSTILE: &str = "<b>a & \"b\"</b> \u{202e}{ $x } ＜script＞";

fn at(minute: i64) -> Timestamp {
    DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).unwrap()
}

fn show(lang: Lang, view: &AlertsView) -> Shown {
    let presenter = Presenter::new(Signer::new([1; 32], 42, 90), "prime_bot".to_owned());
    let holder = Holder { chat: ChatId(7), user: UserId(7) };
    let reader = Reader { lang, role: Role::Admin, holder, now: at(9) };
    self::view(Pen { presenter: &presenter, reader }, view)
}

fn alert(name: &str, severity: Severity) -> Alert {
    Alert {
        id: AlertId(3),
        key: name.to_owned(),
        name: name.to_owned(),
        severity,
        source: Source::Own,
        details: AlertDetails::default(),
        openings: 1,
        opened_at: at(0),
        resolved_at: None,
        acked: None,
        card: Some(AlertId(3)),
        reminded_at: None,
        version: 1,
    }
}

fn card(alerts: Vec<Alert>) -> AlertsView {
    AlertsView::Card(AlertCard { id: AlertId(3), alerts, silenced_until: None, zone: Zone::UTC })
}

fn labels(shown: &Shown) -> Vec<Vec<&str>> {
    let rows = shown.keyboard.iter().flat_map(|keyboard| &keyboard.rows);
    rows.map(|row| row.iter().map(|button| button.text.as_str()).collect()).collect()
}

#[test]
fn a_card_says_what_is_wrong_and_what_to_do() {
    let open = show(Lang::En, &card(vec![alert("database_down", Severity::Page)]));
    insta::assert_snapshot!(open.html.as_str(), @r"
    🔴 <b>The database does not answer</b>
    Nothing can be taken in or answered until it is back.
    🕒 since 21.09 14:13
    ");
    assert_eq!(labels(&open), [vec!["✋ I look after it"], vec!["🔇 1 h", "🔇 8 h"]]);
}

#[test]
fn a_card_shows_who_looks_after_it_and_when_it_was_over() {
    let acked = Some(Acked { by: UserId(1), name: Some("Adam".to_owned()), at: at(1) });
    let mut taken = alert("redis_down", Severity::Ticket);
    (taken.acked, taken.openings) = (acked, 2);
    let shown = show(Lang::Ru, &card(vec![taken.clone()]));
    insta::assert_snapshot!(shown.html.as_str(), @r"
    🟠 <b>Redis не отвечает</b>
    Бот работает на своей памяти, ничего не теряется.
    🕒 с 21.09 14:13
    🔁 подряд уже 2-й раз
    ✋ Adam занимается этим
    ");
    assert_eq!(labels(&shown), [["🔇 1 ч", "🔇 8 ч"]]);
    taken.resolved_at = Some(at(66));
    let over = show(Lang::Ru, &card(vec![taken]));
    insta::assert_snapshot!(over.html.as_str(), @r"
    ✅ <b>Redis не отвечает</b>
    🕒 21.09 14:13 – 15:19 · 1 ч 6 мин
    🔁 подряд уже 2-й раз
    ✋ Adam занимается этим
    ");
    assert_eq!(over.keyboard, None);
}

#[test]
fn a_storm_is_one_list() {
    let mut alerts: Vec<Alert> =
        RULES.iter().take(12).map(|rule| alert(rule.name, rule.severity)).collect();
    alerts[0].resolved_at = Some(at(2));
    let shown = show(Lang::En, &card(alerts));
    let text = shown.html.as_str();
    assert!(text.starts_with("🚨 <b>12 alerts, 11 open</b>\n\n✅ <b>The database"), "{text}");
    assert!(text.ends_with("… and 2 more"), "{text}");
}

#[test]
fn the_list_shows_what_is_open_and_what_is_silenced() {
    let nothing = AlertsView::List { facts: AlertFacts::default(), zone: Zone::UTC };
    assert_eq!(show(Lang::En, &nothing).html.as_str(), "✅ <b>Nothing is wrong</b>");
    let silence = Silence {
        id: SilenceId(5),
        name: "redis_down".to_owned(),
        until: at(60),
        by: UserId(1),
        by_name: None,
    };
    let facts = AlertFacts {
        open: vec![alert("panics", Severity::Ticket)],
        silences: vec![silence],
        zone: None,
    };
    let shown = show(Lang::En, &AlertsView::List { facts, zone: Zone::UTC });
    insta::assert_snapshot!(shown.html.as_str(), @r"
    🔔 <b>1 alert</b>

    🟠 <b>The program has panicked</b>
       since 21.09 14:13

    🔇 <b>Silenced</b>
    Redis does not answer: until 21.09 15:13 (somebody)
    ");
    assert_eq!(labels(&shown), [["🔊 Redis does not answer"], ["🔄 Refresh"]]);
}

#[test]
fn a_reminder_says_for_how_long() {
    let view = AlertsView::Reminder(Box::new(alert("queue_stuck", Severity::Page)));
    let shown = show(Lang::En, &view);
    insta::assert_snapshot!(shown.html.as_str(), @r"
    ⏰ <b>Background jobs are stuck</b>
    Still so, for 9 min now, and nobody looks after it.
    ");
}

#[test]
fn every_rule_has_its_texts_in_every_language() {
    for lang in Lang::ALL {
        for rule in RULES {
            let shown = show(lang, &card(vec![alert(rule.name, rule.severity)]));
            let text = shown.html.as_str();
            assert!(!text.contains("alert-rule"), "{lang:?}: {text}");
        }
    }
}

#[test]
fn hostile_words_are_only_words() {
    let mut hostile = alert(HOSTILE, Severity::Page);
    hostile.source = Source::Alertmanager;
    hostile.details =
        AlertDetails { subject: Some(HOSTILE.repeat(9)), text: Some(HOSTILE.repeat(200)) };
    hostile.acked = Some(Acked { by: UserId(1), name: Some(HOSTILE.to_owned()), at: at(1) });
    for lang in Lang::ALL {
        let many = vec![hostile.clone(); 30];
        for view in [card(vec![hostile.clone()]), card(many)] {
            let shown = show(lang, &view);
            let text = shown.html.as_str();
            assert!(text.contains("&lt;b&gt;a &amp; &quot;b&quot;&lt;/b&gt;"), "{text}");
            assert!(!text.contains("<b>a") && !text.contains('\u{202e}'), "{text}");
            assert!(text.encode_utf16().count() < 4_096 * 2);
        }
    }
}
