//! `config/docker/compose.yaml` and the configurations beside it: whatever they name exists, and the
//! program understands what it is given.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use primelingo::settings::{DatabaseUrl, Listen, LoadOptions, Settings};
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};

use super::{path_of, text_of};

const FOLDER: &str = "config/docker";
/// Those that run the program.
const BOTS: [&str; 2] = ["primelingo", "worker"];
/// Where the containers find secrets.
const SECRETS: &str = "/run/secrets/";

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&text_of(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn compose() -> Value {
    yaml("config/docker/compose.yaml")
}

fn map<'a>(value: &'a Value, key: &str) -> &'a Map<String, Value> {
    value[key].as_object().unwrap_or_else(|| panic!("{key}: {}", value[key]))
}

fn texts(value: &Value) -> Vec<&str> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|text| text.as_str().unwrap()).collect()
}

fn environment(service: &Value) -> BTreeMap<String, String> {
    let pairs = map(service, "environment").iter();
    pairs.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// Settings of a service, with secrets in a folder of the test's.
fn settings(service: &str) -> Settings {
    let secrets = tempfile::tempdir().unwrap();
    let mut env = environment(&compose()["services"][service]);
    for value in env.values_mut() {
        if let Some(name) = value.strip_prefix(SECRETS) {
            let path = secrets.path().join(name);
            std::fs::write(&path, format!("123:the-secret-called-{name}\n")).unwrap();
            *value = path.display().to_string();
        }
    }
    let loaded = Settings::load(LoadOptions { env, ..LoadOptions::default() }).unwrap();
    assert_eq!(loaded.warnings, Vec::<String>::new(), "{service}");
    loaded.settings
}

#[test]
fn the_program_understands_what_it_is_given() {
    let compose = compose();
    for name in BOTS {
        let settings = settings(name);
        let token = settings.require_token().unwrap().expose_secret().to_owned();
        assert_eq!(token, "123:the-secret-called-bot_token");
        let DatabaseUrl::Postgres(url) = &settings.database.url else { panic!("{name}: SQLite") };
        let postgres = environment(&compose["services"]["postgres"]);
        let (user, database) = (&postgres["POSTGRES_USER"], &postgres["POSTGRES_DB"]);
        assert!(url.expose().starts_with(&format!("postgresql://{user}:")), "{name}");
        assert!(url.expose().ends_with(&format!("@postgres:5432/{database}")), "{name}");
        let redis = settings.redis.url.as_ref().unwrap().expose_secret();
        assert!(redis.contains("@redis:6379"), "{name}");
        assert_eq!(port(&settings), 8080, "{name}");
    }
    // Only the bot has a name: workers may be many.
    assert_eq!(settings("primelingo").instance.name, "primelingo");
    assert_eq!(settings("worker").instance.name, "");
}

fn port(settings: &Settings) -> u16 {
    match settings.web.listen {
        Listen::At(address) => address.port(),
        Listen::Off => panic!("no listener"),
    }
}

#[test]
fn ports_are_the_programs_and_open_to_this_machine_alone() {
    let compose = compose();
    let bot = texts(&compose["services"]["primelingo"]["ports"]);
    let listen = port(&settings("primelingo"));
    assert_eq!(bot, [format!("127.0.0.1:{listen}:{listen}")]);
    let base = settings("primelingo").web.base_url.unwrap();
    assert_eq!(base, format!("http://127.0.0.1:{listen}"));
    for (name, service) in map(&compose, "services") {
        for port in texts(&service["ports"]) {
            assert!(port.starts_with("127.0.0.1:"), "{name}: {port}");
        }
    }
}

#[test]
fn secrets_are_declared_given_and_made() {
    let compose = compose();
    let declared: BTreeSet<&str> = map(&compose, "secrets").keys().map(String::as_str).collect();
    let prepare = text_of("config/docker/prepare.sh");
    for name in &declared {
        assert_eq!(compose["secrets"][name]["file"], format!("secrets/{name}"));
        assert!(prepare.contains(name), "prepare.sh does not make {name}");
    }
    let mut used = BTreeSet::new();
    for (name, service) in map(&compose, "services") {
        let given: BTreeSet<&str> = texts(&service["secrets"]).into_iter().collect();
        // Wherever it is named: in a variable, a command, a probe, a configuration that is mounted.
        let mut text = service.to_string();
        for (from, _) in mounts(service).filter(|(from, _)| is_yaml(from)) {
            text.push_str(&text_of(&format!("{FOLDER}/{from}")));
        }
        for secret in &given {
            assert!(text.contains(&format!("{SECRETS}{secret}")), "{name} does not use {secret}");
        }
        for rest in text.split(SECRETS).skip(1) {
            let end = rest.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
            let secret = &rest[..end.unwrap_or(rest.len())];
            assert!(given.contains(secret), "{name} is not given {secret}");
        }
        used.extend(given.into_iter().map(str::to_owned));
    }
    assert_eq!(used.iter().map(String::as_str).collect::<BTreeSet<_>>(), declared);
    let ignored = text_of(".gitignore");
    assert!(ignored.contains("/config/docker/secrets\n"), "secrets could be committed");
}

#[test]
fn secrets_are_made_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(path_of("config/docker/prepare.sh"), folder.path().join("prepare.sh")).unwrap();
    let prepare = |token: Option<&str>| {
        let mut command = Command::new("bash");
        command.arg(folder.path().join("prepare.sh")).env_remove("BOT_TOKEN");
        command.envs(token.map(|token| ("BOT_TOKEN", token)));
        command.output().unwrap().status.code()
    };
    let made = || -> BTreeMap<String, String> {
        let names = map(&compose(), "secrets").keys().cloned().collect::<Vec<_>>();
        let read =
            |name: &String| std::fs::read_to_string(folder.path().join("secrets").join(name));
        names.iter().filter_map(|name| Some((name.clone(), read(name).ok()?))).collect()
    };
    assert_eq!(prepare(None), Some(1), "the token cannot be made");
    assert_eq!(made().len(), map(&compose(), "secrets").len() - 1);
    let token = |letter: &str| format!("1:{}", letter.repeat(35));
    for none in ["first", "1:first", &format!("{}x", token("a"))] {
        assert_eq!(prepare(Some(none)), Some(1), "{none} is no token");
    }
    assert_eq!(prepare(Some(&token("a"))), Some(0));
    let first = made();
    assert_eq!(first["bot_token"], format!("{}\n", token("a")));
    assert!(first.values().all(|secret| secret.len() > 30));
    assert_eq!(prepare(Some(&token("b"))), Some(0), "it is kept");
    assert_eq!(made(), first);
}

/// Files and folders of the repository that a container sees, and where.
fn mounts(service: &Value) -> impl Iterator<Item = (&str, &str)> {
    texts(&service["volumes"])
        .into_iter()
        .filter(|mount| mount.starts_with('.'))
        .map(|mount| mount.split_once(':').unwrap())
}

fn is_yaml(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|end| end == "yml")
}

#[test]
fn what_is_mounted_named_or_waited_for_exists() {
    let compose = compose();
    let services = map(&compose, "services");
    for (name, service) in services {
        for (from, to) in mounts(service) {
            let path = path_of(FOLDER).join(from);
            assert!(path.exists(), "{name}: {} is not there", path.display());
            assert!(to.ends_with(":ro"), "{name}: {to}");
        }
        let volumes = texts(&service["volumes"]);
        for volume in volumes.iter().filter(|volume| !volume.starts_with('.')) {
            let volume = volume.split(':').next().unwrap();
            assert!(map(&compose, "volumes").contains_key(volume), "{name}: {volume}");
        }
        for network in texts(&service["networks"]) {
            assert!(map(&compose, "networks").contains_key(network), "{name}: {network}");
        }
        if let Some(others) = service["depends_on"].as_object() {
            for (other, how) in others {
                assert!(services.contains_key(other), "{name}: {other}");
                assert_eq!(how["condition"], "service_healthy", "{name}: {other}");
            }
        }
    }
    assert_eq!(compose["networks"]["internal"]["internal"], true);
    let bot = &compose["services"]["primelingo"];
    assert!(
        path_of(FOLDER).join(bot["build"]["context"].as_str().unwrap()).join("Cargo.lock").exists()
    );
    assert!(path_of(bot["build"]["dockerfile"].as_str().unwrap()).exists());
}

#[test]
fn every_container_is_limited_watched_and_pinned() {
    for (name, service) in map(&compose(), "services") {
        let limits = &service["deploy"]["resources"]["limits"];
        for limit in ["cpus", "memory", "pids"] {
            assert!(!limits[limit].is_null(), "{name}: no limit of {limit}");
        }
        assert_eq!(service["restart"], "unless-stopped", "{name}");
        assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{name}");
        assert_eq!(texts(&service["security_opt"]), ["no-new-privileges:true"], "{name}");
        assert!(!service["logging"]["options"]["max-size"].is_null(), "{name}: an endless log");
        let image = service["image"].as_str().unwrap();
        // The program's own image brings its probe.
        if BOTS.contains(&name.as_str()) {
            assert_eq!(service["read_only"], true, "{name}");
            continue;
        }
        assert!(!service["healthcheck"]["test"].is_null(), "{name}: no probe");
        let (_, tag) = image.split_once(':').unwrap();
        let numbers = tag.trim_start_matches('v').split(['.', '-']);
        let numbers = numbers.take_while(|part| part.parse::<u32>().is_ok()).count();
        assert!(numbers >= 2, "{name}: {image} may become another one");
    }
}

/// What Prometheus, Alertmanager and Grafana are given differs from what stands in `config` by addresses and
/// secrets alone.
#[test]
fn configurations_differ_from_those_of_a_host_by_addresses_alone() {
    let mut ours = yaml("config/docker/prometheus.yml");
    let scrape = ours["scrape_configs"][0].as_object_mut().unwrap();
    let secret = scrape.remove("authorization").unwrap()["credentials_file"].clone();
    assert_eq!(secret, format!("{SECRETS}web_token"));
    let workers = scrape.remove("dns_sd_configs").unwrap();
    assert_eq!(texts(&workers[0]["names"]), ["worker"]);
    assert_eq!(workers[0]["port"], port(&settings("worker")));
    let targets = &mut scrape["static_configs"][0]["targets"];
    assert_eq!(texts(targets), [format!("primelingo:{}", port(&settings("primelingo")))]);
    *targets = serde_json::json!(["127.0.0.1:8080"]);
    let alertmanagers = &mut ours["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"];
    assert_eq!(texts(alertmanagers), ["alertmanager:9093"]);
    *alertmanagers = serde_json::json!(["127.0.0.1:9093"]);
    assert_eq!(ours, yaml("config/prometheus/prometheus.yml"));

    let on_host = |text: &str| {
        text.replace("http://primelingo:8080/", "http://127.0.0.1:8080/")
            .replace(
                &format!("{SECRETS}alerts_webhook_token"),
                "/etc/alertmanager/primelingo.token",
            )
            .replace("http://prometheus:9090", "http://127.0.0.1:9090")
    };
    let same = |ours: &str, theirs: &str| {
        let ours: Value = serde_saphyr::from_str(&on_host(&text_of(ours))).unwrap();
        assert_eq!(ours, yaml(theirs));
    };
    same("config/docker/alertmanager.yml", "config/alertmanager/alertmanager.yml");
    let datasource = "config/grafana/provisioning/datasources/primelingo.yml";
    same("config/docker/grafana-datasource.yml", datasource);
}

#[test]
fn rules_and_boards_are_where_they_are_looked_for() {
    let compose = compose();
    let mounted = |service: &str| -> BTreeMap<String, String> {
        let pairs = mounts(&compose["services"][service]);
        pairs.map(|(from, to)| (to.replace(":ro", ""), from.to_owned())).collect()
    };
    let prometheus = mounted("prometheus");
    for rules in texts(&yaml("config/docker/prometheus.yml")["rule_files"]) {
        let from = &prometheus[&format!("/etc/prometheus/{rules}")];
        assert!(Path::new(from).ends_with(format!("prometheus/{rules}")), "{from}");
    }
    let grafana = mounted("grafana");
    let provider = yaml("config/grafana/provisioning/dashboards/primelingo.yml");
    let boards = provider["providers"][0]["options"]["path"].as_str().unwrap();
    assert_eq!(grafana[boards], "../grafana/dashboards");
    let home =
        &environment(&compose["services"]["grafana"])["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"];
    let home = home.strip_prefix(boards).unwrap().trim_start_matches('/');
    assert!(path_of("config/grafana/dashboards").join(home).exists(), "{home}");
}

#[test]
fn promtool_and_amtool_take_the_configurations() {
    let pass = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        let output = command.args(arguments).current_dir(path_of(FOLDER)).output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program}: {said}");
    };
    pass("promtool", &["check", "config", "--syntax-only", "prometheus.yml"]);
    pass("amtool", &["check-config", "alertmanager.yml"]);
}
