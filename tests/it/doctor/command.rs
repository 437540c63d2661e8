//! The commands beside `doctor` itself: `doctor queue`, `healthcheck`, `run --check`.

use serde_json::{Value, json};

use super::setup::{Setup, TOKEN, of};
use crate::support::bot::{Bot, BotOptions, Process};
use crate::support::place::Place;

/// An address on loopback that nobody listens on.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_none_are_refused_with_the_nearest() {
    let setup = Setup::on(Place::sqlite()).await;
    let refused = setup.run(&["doctor", "--only", "telegram.clok"]).await;
    assert_eq!(refused.code, Some(2));
    assert_eq!(refused.output, "");
    assert!(refused.errors.contains("the nearest is telegram.clock"), "{}", refused.errors);
}

async fn a_job_is_followed(place: Place) {
    let bot = Bot::start(BotOptions::at(place)).await;
    let settings = bot.settings().to_vec();
    let folder = bot.folder().to_owned();
    let followed = tokio::task::spawn_blocking(move || {
        Process::outcome(&folder, &settings, &["doctor", "queue", "--json"])
    });
    let (code, output, errors) = followed.await.unwrap();
    assert_eq!(code, Some(0), "{output}{errors}");
    let steps: Value = serde_json::from_str(output.trim()).unwrap();
    let steps = steps.as_array().unwrap();
    assert_eq!(steps.first().unwrap()["step"], "waiting", "{output}");
    let last = steps.last().unwrap();
    assert_eq!(last["step"], "done", "{output}");
    assert!(last["by"].as_str().unwrap().starts_with("run-0@"), "{output}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_followed_to_its_end_on_sqlite() {
    a_job_is_followed(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_followed_to_its_end_on_postgres() {
    a_job_is_followed(Place::postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_nobody_takes_is_taken_back_with_a_cure() {
    let setup = Setup::sound(Place::sqlite()).await;
    let followed = setup.run(&["doctor", "queue", "--patience", "1"]).await;
    assert_eq!(followed.code, Some(1), "{}", followed.errors);
    assert!(followed.output.contains("primelingo worker --queue default"), "{}", followed.output);
    let open = "SELECT count(*) FROM jobs WHERE state IN ('ready', 'running')";
    assert_eq!(setup.place.number(open).await, 0);

    setup.run(&["jobs", "pause", "default"]).await;
    let followed = setup.run(&["doctor", "queue", "--patience", "1"]).await;
    assert!(followed.output.contains("primelingo jobs resume default"), "{}", followed.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_bot_is_well_and_its_ports_are_its_own() {
    let address = free_address();
    let bot = Bot::start(BotOptions::at(Place::sqlite()).set("web.listen", &address)).await;
    let (settings, folder) = (bot.settings().to_vec(), bot.folder().to_owned());
    let asked = tokio::task::spawn_blocking(move || {
        let run = |arguments: &[&str]| Process::outcome(&folder, &settings, arguments);
        (
            run(&["healthcheck"]),
            run(&["healthcheck", "--ready"]),
            run(&["doctor", "--json", "--only", "web.listen,work.leader"]),
            run(&["run", "--check"]),
        )
    });
    let (alive, ready, doctor, check) = asked.await.unwrap();
    assert_eq!((alive.0, alive.1), (Some(0), format!("http://{address}/livez: 200 alive\n")));
    // The token that the test sets is seen by others.
    assert!(alive.2.lines().all(|line| line.contains("--set telegram.token")), "{}", alive.2);
    assert_eq!(ready.0, Some(0), "{}{}", ready.1, ready.2);
    let report: Value = serde_json::from_str(&doctor.1).unwrap();
    assert_eq!(of(&report, "web.listen")["outcome"], "ok", "{report}");
    let leads = of(&report, "work.leader")["findings"][0]["finding"].as_str().unwrap();
    assert!(leads.starts_with("run-0@"), "{leads}");
    // A second one could not listen there.
    assert_eq!(check.0, Some(69));
    assert!(check.2.contains("web.listen"), "{}", check.2);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_does_not_run_is_not_healthy() {
    let mut setup = Setup::on(Place::sqlite()).await;
    let off = setup.run(&["healthcheck"]).await;
    assert_eq!(off.code, Some(1));
    assert!(off.errors.contains("web.listen=127.0.0.1:8080"), "{}", off.errors);
    setup.set("web.listen", &free_address());
    let away = setup.run(&["healthcheck"]).await;
    assert_eq!((away.code, away.output.as_str()), (Some(1), ""));
    let elsewhere = setup.run(&["healthcheck", "--url", "https://127.0.0.1/livez"]).await;
    assert_eq!(elsewhere.code, Some(1));
    assert!(elsewhere.errors.contains("http://127.0.0.1:8080/livez"), "{}", elsewhere.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn run_check_says_whether_a_start_would_succeed() {
    let mut setup = Setup::on(Place::sqlite()).await;
    let fresh = setup.run(&["run", "--check"]).await;
    assert_eq!(fresh.code, Some(0), "{}", fresh.errors);
    assert!(!setup.place.file().exists(), "a check makes nothing");
    for line in ["the token is @", "redis: not configured", "sandbox: "] {
        assert!(fresh.output.contains(line), "{}", fresh.output);
    }

    setup.set("telegram.token", TOKEN);
    let refused = setup.run(&["run", "--check"]).await;
    assert_eq!(refused.code, Some(69), "{}", refused.errors);
    setup.unset("telegram.token");
    assert_eq!(setup.run(&["run", "--check"]).await.code, Some(78));
    setup.set("jobs.workers", "0");
    assert_eq!(setup.run(&["run", "--check"]).await.code, Some(78));
}

#[tokio::test(flavor = "multi_thread")]
async fn run_check_refuses_what_a_start_could_not_use() {
    let setup = Setup::sound(Place::postgres()).await;
    assert_eq!(setup.run(&["run", "--check"]).await.code, Some(0));
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')";
    setup.place.execute(newer).await;
    let refused = setup.run(&["run", "--check"]).await;
    assert_eq!(refused.code, Some(69));
    assert!(refused.errors.contains("20990101000000"), "{}", refused.errors);
    let (_, report) = setup.doctor(&["--only", "database.newer"]).await;
    assert_eq!(of(&report, "database.newer")["findings"].as_array().unwrap().len(), 1);
    assert_eq!(report["mended"], json!([]));
}
