//! Single calls to the webhook, good and hostile: what each is answered, and when.

use serde_json::json;

use crate::support::bot::{
    ANN, Answer, Backend, Bot, BotOptions, JSON, WITH_SECRET, free_address, update,
};

flows! {
    both {
        an_update_is_stored_before_it_is_acknowledged,
    }
    sqlite {
        strangers_are_refused_before_their_body_is_read,
        what_telegram_does_not_send_is_refused,
        a_body_has_a_limit_of_size_and_time,
        garbage_with_the_secret_is_kept_or_counted,
        more_calls_than_allowed_are_told_to_come_again,
        a_full_ledger_takes_no_more,
        nothing_else_is_served_to_the_world,
    }
}

async fn start(backend: Backend) -> Bot {
    Bot::start(BotOptions::on(backend).webhook()).await
}

async fn an_update_is_stored_before_it_is_acknowledged(backend: Backend) {
    let mut bot = start(backend).await;
    bot.say(ANN, "/start").await;
    // The same three times, on one connection: Telegram has not heard the answers.
    let body = update(77, ANN, "/help").to_string();
    let length = body.len().to_string();
    let mut caller = bot.caller().await;
    for _ in 0..3 {
        caller.say_head("POST", &[("content-length", &length), JSON, WITH_SECRET]).await;
        caller.say(body.as_bytes()).await;
        let answer = caller.hear().await;
        assert_eq!(answer.status, 200);
        assert!(answer.head.contains("content-length: 0"), "{}", answer.head);
        assert_eq!(bot.number("SELECT count(*) FROM updates WHERE update_id = 77").await, 1);
    }
    bot.settle().await;
    assert_eq!(bot.shown_by_bot(ANN).await.len(), 2, "one answer to three times the same");
    bot.finish().await;
}

/// The answer to a head that promises a body, which never comes.
async fn answer_to_head(bot: &Bot, method: &str, headers: &[(&str, &str)]) -> Answer {
    let mut caller = bot.caller().await;
    caller.say_head(method, headers).await;
    caller.hear().await
}

async fn strangers_are_refused_before_their_body_is_read(backend: Backend) {
    let bot = start(backend).await;
    let length = ("content-length", "900");
    let name = WITH_SECRET.0;
    for wrong in ["", "x", "the-secret_of-the-testS", "the-secret_of-the-tests2"] {
        let answer = answer_to_head(&bot, "POST", &[length, JSON, (name, wrong)]).await;
        assert_eq!((answer.status, answer.retry_after), (401, None), "{wrong}");
    }
    assert_eq!(answer_to_head(&bot, "POST", &[length, JSON]).await.status, 401);
    let endless = [("transfer-encoding", "chunked"), JSON];
    assert_eq!(answer_to_head(&bot, "POST", &endless).await.status, 401);
    assert_eq!(bot.number("SELECT count(*) FROM updates").await, 0);
    bot.finish().await;
}

async fn what_telegram_does_not_send_is_refused(backend: Backend) {
    let bot = start(backend).await;
    for method in ["GET", "PUT", "DELETE", "HEAD"] {
        let answer = answer_to_head(&bot, method, &[JSON, WITH_SECRET]).await;
        assert_eq!(answer.status, 405, "{method}");
    }
    let length = ("content-length", "900");
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
        let headers = [length, ("content-type", kind), WITH_SECRET];
        assert_eq!(answer_to_head(&bot, "POST", &headers).await.status, 415, "{kind}");
    }
    let huge = ("content-length", "1048577");
    assert_eq!(answer_to_head(&bot, "POST", &[huge, JSON, WITH_SECRET]).await.status, 413);
    bot.finish().await;
}

async fn a_body_has_a_limit_of_size_and_time(backend: Backend) {
    let options = BotOptions::on(backend)
        .webhook()
        .set("web.body_limit_kb", "64")
        .set("web.body_timeout_s", "1");
    let bot = Bot::start(options).await;
    let mut endless = bot.caller().await;
    endless.say_head("POST", &[("transfer-encoding", "chunked"), JSON, WITH_SECRET]).await;
    for _ in 0..17 {
        endless.say(format!("1000\r\n{}\r\n", " ".repeat(0x1000)).as_bytes()).await;
    }
    assert_eq!(endless.hear().await.status, 413);

    let mut slow = bot.caller().await;
    slow.say_head("POST", &[("content-length", "900"), JSON, WITH_SECRET]).await;
    slow.say(b"{\"update_id\":").await;
    assert_eq!(slow.hear().await.status, 408);
    assert_eq!(bot.number("SELECT count(*) FROM updates").await, 0);
    bot.finish().await;
}

async fn garbage_with_the_secret_is_kept_or_counted(backend: Backend) {
    let admin = free_address();
    let options = BotOptions::on(backend).webhook().set("web.listen", &admin.to_string());
    let mut bot = Bot::start(options).await;
    // No update, but JSON: kept, so that a later version may make something of it.
    let strange = ["{\"update_id\":5}", "{\"update_id\":6,\"new_kind\":{}}", "[1]", "null"];
    for body in strange {
        assert_eq!(bot.post(body).await.status, 200, "{body}");
    }
    assert_eq!(bot.number("SELECT count(*) FROM updates WHERE state = 'ignored'").await, 4);
    // Not even JSON: Telegram would repeat it for ever, so it is let go, and counted.
    for body in ["", "{\"update_id\":7", "update_id=8", "\u{0}\u{1}"] {
        assert_eq!(bot.post(body).await.status, 200, "{body}");
    }
    assert_eq!(bot.number("SELECT count(*) FROM updates").await, 4);
    let metrics = reqwest::get(format!("http://{admin}/metrics")).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    for line in [
        "primelingo_webhook_rejected_total{reason=\"body\"} 4",
        "primelingo_updates_received_total{kind=\"other\",source=\"webhook\"} 4",
    ] {
        assert!(metrics.contains(line), "no {line} in\n{metrics}");
    }
    bot.expect_error("what was posted is no json");
    bot.finish().await;
}

async fn more_calls_than_allowed_are_told_to_come_again(backend: Backend) {
    let options = BotOptions::on(backend)
        .webhook()
        .set("telegram.webhook_connections", "1")
        .set("web.max_requests", "1");
    let mut bot = Bot::start(options).await;
    bot.say(ANN, "/start").await;
    let mut held = bot.caller().await;
    let body = update(8, ANN, "/help").to_string();
    let length = body.len().to_string();
    held.say_head("POST", &[("content-length", &length), JSON, WITH_SECRET]).await;
    bot.until("the place to be taken", async |bot| {
        let answer = bot.post(&update(9, ANN, "/help").to_string()).await;
        assert!(matches!((answer.status, answer.retry_after), (200, None) | (503, Some(1))));
        answer.status == 503
    })
    .await;
    held.say(body.as_bytes()).await;
    assert_eq!(held.hear().await.status, 200);
    bot.until("the place to be free", async |bot| {
        bot.post(&update(9, ANN, "/help").to_string()).await.status == 200
    })
    .await;
    bot.finish().await;
}

/// Nobody can close an update: what has come stays open.
const HOLD: &str = "CREATE TRIGGER hold BEFORE UPDATE ON updates \
     BEGIN SELECT RAISE(ABORT, 'the test holds'); END";

async fn a_full_ledger_takes_no_more(backend: Backend) {
    let options = BotOptions::on(backend).webhook().set("ingest.queued_limit", "100");
    let mut bot = Bot::start(options).await;
    bot.say(ANN, "/start").await;
    bot.execute(HOLD).await;
    let mut next = 1_000;
    let mut refused = None;
    bot.until("the ledger to be full", async |bot| {
        let answer = bot.post(&update(next, ANN, "/help").to_string()).await;
        next += 1;
        if answer.status == 503 {
            refused = Some(answer);
        }
        refused.is_some()
    })
    .await;
    assert_eq!(refused.unwrap().retry_after, Some(5));
    assert!(bot.number("SELECT count(*) FROM updates").await >= 100);

    bot.execute("DROP TRIGGER hold").await;
    bot.until("the ledger to have room", async |bot| {
        bot.post(&update(next, ANN, "/help").to_string()).await.status == 200
    })
    .await;
    bot.expect_error("update faulted");
    // Not even the fault could be written down.
    bot.excuse_error("chat waits for the database");
    bot.finish().await;
}

async fn nothing_else_is_served_to_the_world(backend: Backend) {
    let bot = start(backend).await;
    let address = bot.public_address().unwrap();
    for (path, status) in [
        ("/livez", 200),
        ("/readyz", 200),
        ("/metrics", 404),
        ("/telegram", 404),
        ("/telegram/webhook/", 404),
        ("/", 404),
    ] {
        let answer = reqwest::get(format!("http://{address}{path}")).await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
    let ready = reqwest::get(format!("http://{address}/readyz")).await.unwrap();
    let expected = "role: leader\ndatabase: pass\nlease: pass\nwebhook: pass\n";
    assert_eq!(ready.text().await.unwrap(), expected);
    let body = json!({"update_id": 1}).to_string();
    assert_eq!(bot.post(&body).await.status, 200);
    bot.finish().await;
}
