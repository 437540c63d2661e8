//! The cards of broadcasts as admins see them.

use chrono::{DateTime, Duration};

use super::*;
use crate::domain::broadcast::{
    Asked, Broadcast, BroadcastList, BroadcastState, Cause, LinkButton, NewBroadcast, Progress,
    Question, QuietHours, Standing,
};
use crate::domain::button::{Holder, Signer};
use crate::domain::clock::Timestamp;
use crate::domain::effect::View;
use crate::domain::ids::{BroadcastId, CategoryId, ChatId, MessageId, OutboxId, SeriesId, UserId};
use crate::domain::outgoing::Outgoing;
use crate::domain::series::{Every, NewSeries, Repeat, Series};
use crate::domain::session::Compose;
use crate::views::{Presenter, Reader};

fn now() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn tashkent() -> Zone {
    Zone::named("Asia/Tashkent").unwrap()
}

/// Text and buttons, as in the flow tests.
fn shown(lang: Lang, view: BroadcastView) -> String {
    let presenter = Presenter::new(Signer::new([1; 32], 42, 90), "prime_bot".to_owned());
    let holder = Holder { chat: ChatId(7), user: UserId(7) };
    let reader = Reader { lang, role: Role::Admin, holder, now: now() };
    let shown = presenter.show(reader, &View::Broadcast(view));
    let mut lines = vec![shown.html.as_str().to_owned()];
    for row in shown.keyboard.unwrap_or_default().rows {
        let row: Vec<String> = row.iter().map(|button| format!("[{}]", button.text)).collect();
        lines.push(row.join(" "));
    }
    lines.join("\n")
}

fn compose(compose: Compose, hint: Option<Hint>) -> BroadcastView {
    BroadcastView::Compose(Box::new(ComposeCard {
        zone: tashkent(),
        quiet: QuietHours::new(22 * 60, 8 * 60, tashkent()).filter(|_| compose.quiet),
        compose,
        inside: None,
        categories: Vec::new(),
        hint,
    }))
}

fn begun(step: ComposeStep) -> Compose {
    Compose { step, ..Compose::new(BroadcastId(90), OutboxId(91)) }
}

fn ready(step: ComposeStep) -> Compose {
    let link = LinkButton { text: "<Site>".to_owned(), url: "https://e.org".to_owned() };
    Compose {
        reviewed: true,
        content: Some(Content::Text { template: "{name}".to_owned(), buttons: vec![link] }),
        audience: Some(Audience::Followers { category: CategoryId(5) }),
        section: Some("<Grammar>".to_owned()),
        count: 1_234,
        start_at: Some(now()),
        paid: true,
        ..begun(step)
    }
}

#[test]
fn the_questions_read_well() {
    insta::assert_snapshot!(shown(Lang::En, compose(begun(ComposeStep::Content), None)), @r"
    <b>📣 New broadcast</b>

    What shall be sent? Send a text, a photo, a video, a file, an album or a poll, or forward a message. {name} in a text becomes each recipient’s first name.
    [✖️ Cancel]
    ");
    let content =
        Some(Content::Copy { from: ChatId(7), messages: vec![MessageId(5)], buttons: Vec::new() });
    let asked = Compose { content, ..begun(ComposeStep::Audience) };
    let nobody = compose(asked.clone(), Some(Hint::NobodyThere));
    insta::assert_snapshot!(shown(Lang::En, nobody), @r"
    <b>📣 New broadcast</b>
    Message: <b>as you sent it</b>

    ⚠️ There is nobody to send it to. Choose others.

    Who shall get it?
    [Everybody] [By language]
    [Active within 7 days] [Active within 30 days]
    [Followers of a section] [By role]
    [A list from a file]
    [⬅️ Back] [✖️ Cancel]
    ");
    let when =
        Compose { audience: Some(Audience::All), count: 1, step: ComposeStep::When, ..asked };
    insta::assert_snapshot!(shown(Lang::En, compose(when.clone(), None)), @r"
    <b>📣 New broadcast</b>
    Message: <b>as you sent it</b>
    To: <b>Everybody, 1 person</b>
    When: <b>At once</b>
    Quiet hours: <b>22:00–08:00</b>

    When? Choose, or write a time: 18:30, tomorrow 9:00, 25.12 9:00. Your time zone is Asia/Tashkent; to change it, write another, for example Europe/Moscow.
    [At once] [In an hour] [Tomorrow 9:00]
    [✓ Once] [Every day] [Every week]
    [☀️ Quiet hours off]
    [⬅️ Back] [✖️ Cancel]
    ");
    insta::assert_snapshot!(shown(Lang::Ru, compose(when, Some(Hint::ZoneSet))), @r"
    <b>📣 Новая рассылка</b>
    Сообщение: <b>как вы прислали</b>
    Кому: <b>Все, 1 человек</b>
    Когда: <b>Сразу</b>
    Тихие часы: <b>22:00–08:00</b>

    ✔️ Теперь ваш часовой пояс — Asia/Tashkent.

    Когда? Выберите или напишите время: 18:30, завтра 9:00, 25.12 9:00. Ваш часовой пояс — Asia/Tashkent; чтобы сменить его, напишите другой, например Europe/Moscow.
    [Сразу] [Через час] [Завтра в 9:00]
    [✓ Один раз] [Каждый день] [Каждую неделю]
    [☀️ Выключить тихие часы]
    [⬅️ Назад] [✖️ Отмена]
    ");
}

#[test]
fn the_review_and_the_last_question_say_all() {
    insta::assert_snapshot!(shown(Lang::En, compose(ready(ComposeStep::Review), None)), @r"
    <b>📣 New broadcast</b>
    Message: <b>text with {name}</b>
    Buttons: <b>&lt;Site&gt;</b>
    To: <b>Followers of “&lt;Grammar&gt;”, 1234 people</b>
    When: <b>15.01.2027 13:00 (Asia/Tashkent)</b>
    Quiet hours: <b>22:00–08:00</b>
    When in doubt: <b>skip and report</b>
    Paid: <b>up to 123.4 Stars</b>

    Is everything right? Users will see it exactly as in the sample below.
    [✏️ Message] [🔗 Buttons]
    [👥 Audience] [🕘 Time]
    [When in doubt: send again] [Free of charge]
    [📨 Send to me first]
    [🚀 Send] [✖️ Cancel]
    ");
    let confirm = ready(ComposeStep::Confirm { asked_s: 5 });
    insta::assert_snapshot!(shown(Lang::Uz, compose(confirm, None)), @r"
    <b>📣 Yangi xabar tarqatish</b>
    Xabar: <b>{name} bilan matn</b>
    Tugmalar: <b>&lt;Site&gt;</b>
    Kimga: <b>“&lt;Grammar&gt;” bo‘limi obunachilari, 1234 kishi</b>
    Qachon: <b>15.01.2027 13:00 (Asia/Tashkent)</b>
    Tinch soatlar: <b>22:00–08:00</b>
    Shubha bo‘lsa: <b>o‘tkazib yuborish va xabar berish</b>
    Pulli: <b>123.4 yulduzgacha</b>

    1234 kishiga yuborilsinmi? Javob bir daqiqa amal qiladi.
    [🚀 Ha, yuborilsin]
    [⬅️ Orqaga] [✖️ Bekor qilish]
    ");
    insta::assert_snapshot!(shown(Lang::En, compose(ready(ComposeStep::Price), None)), @r"
    <b>📣 New broadcast</b>
    Message: <b>text with {name}</b>
    Buttons: <b>&lt;Site&gt;</b>
    To: <b>Followers of “&lt;Grammar&gt;”, 1234 people</b>
    When: <b>15.01.2027 13:00 (Asia/Tashkent)</b>
    Quiet hours: <b>22:00–08:00</b>
    When in doubt: <b>skip and report</b>
    Paid: <b>up to 123.4 Stars</b>

    Paid sending is faster than 30 messages a second. Each message beyond that costs 0.1 Telegram Stars of the bot’s: up to 123.4 Stars for 1234 messages. Switch it on?
    [⭐️ Yes, pay] [Free of charge]
    [⬅️ Back] [✖️ Cancel]
    ");
}

fn broadcast(state: BroadcastState, progress: Progress) -> Broadcast {
    let content =
        Content::Copy { from: ChatId(7), messages: vec![MessageId(5)], buttons: Vec::new() };
    Broadcast {
        plan: NewBroadcast {
            id: BroadcastId(90),
            by: UserId(7),
            card: None,
            content,
            audience: Audience::Active { days: 7 },
            doubt: DoubtPolicy::Skip,
            quiet: None,
            paid: false,
            start_at: now(),
            slot: None,
        },
        state,
        stop_reason: None,
        created_at: now(),
        started_at: (state != BroadcastState::Scheduled).then(now),
        done_at: state.is_over().then(|| now() + Duration::seconds(100)),
        progress,
    }
}

const PROGRESS: Progress = Progress {
    filled: 1_000,
    is_filled: true,
    watermark: 530,
    delivered: 500,
    blocked: 10,
    failed: 2,
    in_doubt: 1,
};

#[test]
fn progress_is_a_card() {
    let standing =
        |state, progress| Standing::still(tashkent(), broadcast(state, progress), Vec::new());
    let running = Standing {
        rate_per_s: Some(29.84),
        left_s: Some(16),
        ..standing(BroadcastState::Running, PROGRESS)
    };
    let card = |standing| BroadcastView::Progress(Box::new(standing));
    insta::assert_snapshot!(shown(Lang::En, card(running)), @r"
    <b>📣 Broadcast is being sent</b>
    as you sent it · Active within 7 days

    ▓▓▓▓▓▓░░░░░░ 51 %
    ✅ delivered: 500
    🚫 out of reach: 10
    ❌ failed: 2
    ❔ in doubt: 1
    ⏳ left: 487
    29.8 a second
    About 0:16 left
    [⏸ Pause] [✖️ Cancel]
    [🔄 Refresh]
    ");
    let filling = Progress { is_filled: false, ..PROGRESS };
    let held = Standing {
        quiet_until: Some(now() + Duration::hours(19)),
        ..standing(BroadcastState::Running, filling)
    };
    insta::assert_snapshot!(shown(Lang::Ru, card(held)), @r"
    <b>📣 Рассылка идёт</b>
    как вы прислали · Активные за 7 дней

    Получателей пока: 1000
    ✅ доставлено: 500
    🚫 недоступны: 10
    ❌ не удалось: 2
    ❔ неизвестно: 1
    ⏳ осталось: 487
    🌙 Тихие часы: продолжение 16.01.2027 08:00
    [⏸ Пауза] [✖️ Отменить]
    [🔄 Обновить]
    ");
    let planned = standing(BroadcastState::Scheduled, Progress::default());
    insta::assert_snapshot!(shown(Lang::En, card(planned)), @r"
    <b>🕘 Broadcast is planned</b>
    as you sent it · Active within 7 days

    Begins 15.01.2027 13:00 (Asia/Tashkent)
    [🔄 Refresh] [✖️ Cancel]
    ");
    let paused = standing(BroadcastState::Paused, PROGRESS);
    let paused = shown(Lang::Uz, card(paused));
    assert!(paused.contains("[▶️ Davom ettirish]"), "{paused}");
}

#[test]
fn the_report_says_why() {
    let cause = |state: &str, reason: &str, count| Cause {
        state: state.to_owned(),
        reason: reason.to_owned(),
        count,
    };
    let causes = vec![
        cause("delivered", "", 500),
        cause("blocked", "blocked", 8),
        cause("blocked", "deactivated", 2),
        cause("failed", "Bad Request: <odd>", 2),
    ];
    let done = broadcast(BroadcastState::Done, Progress { filled: 513, ..PROGRESS });
    let done = Standing::still(tashkent(), done, causes);
    insta::assert_snapshot!(shown(Lang::En, BroadcastView::Progress(Box::new(done))), @r"
    <b>✅ Broadcast is done</b>
    as you sent it · Active within 7 days

    ▓▓▓▓▓▓▓▓▓▓▓▓ 100 %
    ✅ delivered: 500
    🚫 out of reach: 10
    ❌ failed: 2
    ❔ in doubt: 1
    Began 15.01.2027 13:00 (Asia/Tashkent)
    Took 1:40
    5.1 a second on average

    Why it did not reach everybody:
    • blocked the bot: 8
    • deleted the account: 2
    • Bad Request: &lt;odd&gt;: 2
    [🔁 Retry failed] [↩️ Undo]
    [📄 Table of all]
    ");
    let mut stopped = broadcast(
        BroadcastState::Stopped,
        Progress { filled: 3, failed: 3, ..Progress::default() },
    );
    stopped.stop_reason = Some("Bad Request: <wrong> file".to_owned());
    stopped.started_at = Some(now() - Duration::hours(72));
    let stopped = Standing::still(Zone::UTC, stopped, Vec::new());
    insta::assert_snapshot!(shown(Lang::Ru, BroadcastView::Progress(Box::new(stopped))), @r"
    <b>⛔ Рассылка остановлена</b>
    как вы прислали · Активные за 7 дней

    Получателей пока: 3
    ✅ доставлено: 0
    ❌ не удалось: 3
    Причина: Bad Request: &lt;wrong&gt; file
    Начало: 12.01.2027 08:00 (UTC)
    Заняло 72:01:40
    В среднем 0.0 в секунду
    [🔁 Повторить неудачные]
    [📄 Таблица всех]
    ");
}

#[test]
fn questions_and_news() {
    let ask = |about| {
        let question = Question { broadcast: BroadcastId(90), about, count: 1, asked_s: 5 };
        shown(Lang::En, BroadcastView::Ask(Box::new(question)))
    };
    let fresh = BroadcastId(95);
    let asked =
        [Asked::Cancel, Asked::Retry { fresh }, Asked::Undo { fresh }].map(ask).join("\n\n");
    insta::assert_snapshot!(asked, @r"
    Cancel this broadcast? 1 recipient listed so far will not get it.
    The answer counts for 60 seconds.
    [✖️ Yes, cancel it] [⬅️ Back]

    Send it again to 1 person whom it failed to reach?
    The answer counts for 60 seconds.
    [🔁 Yes, send again] [⬅️ Back]

    Remove it for 1 person who got it? This cannot be taken back.
    The answer counts for 60 seconds.
    [↩️ Yes, remove it] [⬅️ Back]
    ");
    let (planned, zone) = (now(), tashkent());
    let news = [
        BroadcastView::Late { planned, zone },
        BroadcastView::Missed { planned, zone },
        BroadcastView::Stopped { reason: "bad_content".to_owned() },
    ];
    insta::assert_snapshot!(news.map(|view| shown(Lang::En, view)).join("\n"), @r"
    ⏰ A broadcast planned for 15.01.2027 13:00 (Asia/Tashkent) could not begin in time. It begins now.
    ⏰ A broadcast planned for 15.01.2027 13:00 (Asia/Tashkent) was not sent: its time had passed by more than an hour.
    ⛔ A broadcast was stopped: Telegram refused the message
    ");
}

fn series() -> Series {
    Series {
        plan: NewSeries {
            id: SeriesId(7),
            by: UserId(7),
            chat: ChatId(7),
            content: None,
            audience: Audience::All,
            doubt: DoubtPolicy::Skip,
            quiet: None,
            paid: false,
            repeat: Repeat {
                every: Every::Daily,
                at_min: 13 * 60,
                zone: "Asia/Tashkent".to_owned(),
            },
            next_at: now(),
        },
        ended_at: None,
        created_at: now(),
    }
}

#[test]
fn a_series_has_a_card() {
    let card = shown(Lang::En, BroadcastView::Series(Box::new(series().plan)));
    insta::assert_snapshot!(card, @r"
    <b>🔁 The series is planned</b>
    Every day · next 15.01.2027 13:00 (Asia/Tashkent) · digest of new materials · Everybody
    [✖️ End the series]
    ");
}

#[test]
fn the_list_has_what_is_open_first() {
    let zone = Some(tashkent());
    let list = BroadcastList {
        open: vec![broadcast(BroadcastState::Scheduled, Progress::default())],
        series: vec![series()],
        past: vec![broadcast(BroadcastState::Done, PROGRESS)],
        next: Some(BroadcastId(1)),
        is_first: true,
        zone,
    };
    insta::assert_snapshot!(shown(Lang::En, BroadcastView::List(Box::new(list))), @r"
    <b>📣 Broadcasts</b>

    <b>Series</b>
    🔁 1. Every day · next 15.01.2027 13:00 (Asia/Tashkent) · digest of new materials · Everybody

    <b>Running and planned</b>
    1. 15.01.2027 13:00 · as you sent it · Active within 7 days
       <i>🕘 Broadcast is planned</i>

    <b>Past</b>
    2. 15.01.2027 13:00 · as you sent it · Active within 7 days
       <i>✅ Broadcast is done · 500/1000</i>
    [1] [2]
    [✖️ End 🔁 1]
    [▶️]
    [📰 Weekly digest]
    ");
    let none = BroadcastList { is_first: true, zone, ..BroadcastList::default() };
    insta::assert_snapshot!(shown(Lang::En, BroadcastView::List(Box::new(none))), @r"
    <b>📣 Broadcasts</b>

    There have been none yet. /broadcast begins one.
    [📰 Weekly digest]
    ");
}

#[test]
fn whoever_sends_it_edits_the_card() {
    let presenter = Presenter::new(Signer::new([1; 32], 42, 90), "prime_bot".to_owned());
    let holder = Holder { chat: ChatId(7), user: UserId(7) };
    let running = broadcast(BroadcastState::Running, PROGRESS);
    let standing = Standing::still(tashkent(), running, Vec::new());
    let edit = presenter.broadcast_card(Lang::En, holder, now(), standing);
    let Outgoing::EditText { keyboard: Some(keyboard), .. } = edit else { panic!("no edit") };
    let crate::domain::outgoing::ButtonAction::Callback(data) = &keyboard.rows[0][0].action else {
        panic!("no button")
    };
    let pause = crate::domain::button::ControlAct::Pause;
    let expected = Action::Control { broadcast: BroadcastId(90), act: pause };
    assert_eq!(presenter.verify(data, holder, now()), Ok(expected));
}
