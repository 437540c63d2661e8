//! The listeners: whether their ports are ours to have, and what whoever reaches them needs.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use futures_util::FutureExt as _;
use secrecy::ExposeSecret as _;

use super::case::{Case, is_local};
use super::finding::{Answer, Finding, Severity, fine, found, found_if, skip};
use super::http;
use super::registry::Check;
use super::webhook::{is_weak, random};
use crate::settings::Listen;

pub(super) const CHECKS: &[Check] = &[
    Check::asking(
        "web.listen",
        "Is the address of the admins' pages free, or ours already?",
        Severity::Error,
        &["web.listen"],
        |case| port(case, "web.listen", case.settings().web.listen).boxed(),
    ),
    Check::asking(
        "web.public-listen",
        "Is the address of the webhook free, or ours already?",
        Severity::Error,
        &["web.public_listen"],
        |case| port(case, "web.public_listen", case.settings().web.public_listen).boxed(),
    ),
    Check::here(
        "web.exposed",
        "Are the admins' pages kept from the world?",
        Severity::Warning,
        &["web.listen"],
        exposed,
    ),
    Check::here(
        "web.token",
        "Is the pages' token hard to guess?",
        Severity::Warning,
        &["web.token"],
        token,
    ),
    Check::here(
        "web.alertmanager-token",
        "Is Alertmanager's token hard to guess?",
        Severity::Warning,
        &["alerts.webhook_token"],
        alertmanager_token,
    ),
    Check::here(
        "web.heartbeat",
        "Does somebody outside notice when the bot is gone?",
        Severity::Warning,
        &["alerts.heartbeat_url"],
        heartbeat,
    ),
];

/// An address on this machine that leads to a listener.
pub fn reachable_at(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

async fn port(case: &Case, key: &'static str, listen: Listen) -> Answer {
    let Listen::At(address) = listen else { return skip(format!("{key} is off")) };
    let Err(error) = TcpListener::bind(address) else { return fine() };
    if error.kind() != io::ErrorKind::AddrInUse {
        return found(Finding::error(
            format!("cannot listen on {key} = {address}: {error}"),
            format!("--set {key}=127.0.0.1:8080"),
        ));
    }
    let probe = format!("http://{}/livez", reachable_at(address));
    let ours = http::get(&probe, case.limit()).await;
    if ours.is_ok_and(|answer| answer.status == 200 && answer.body.contains("alive")) {
        return fine();
    }
    found(Finding::error(
        format!("{key} = {address} is taken by another program"),
        format!("ss -ltnp 'sport = :{}'; or --set {key}=<another address>", address.port()),
    ))
}

fn exposed(case: &Case) -> Answer {
    let Listen::At(address) = case.settings().web.listen else { return skip("web.listen is off") };
    found_if(!address.ip().is_loopback(), || {
        Finding::warning(
            format!(
                "web.listen = {address} speaks plain http to others: the token can be overheard"
            ),
            "--set web.listen=127.0.0.1:8080, with a proxy in front that ends TLS",
        )
    })
}

fn token(case: &Case) -> Answer {
    let Some(token) = &case.settings().web.token else { return skip("there is no web.token") };
    found_if(is_weak(token.expose_secret()), || {
        Finding::warning("web.token may be guessed", random("PRIMELINGO__WEB__TOKEN"))
    })
}

fn alertmanager_token(case: &Case) -> Answer {
    let Some(token) = &case.settings().alerts.webhook_token else {
        return skip("there is no alerts.webhook_token");
    };
    found_if(is_weak(token.expose_secret()), || {
        let cure = random("PRIMELINGO__ALERTS__WEBHOOK_TOKEN");
        Finding::warning("alerts.webhook_token may be guessed", cure)
    })
}

fn heartbeat(case: &Case) -> Answer {
    let Some(url) = &case.settings().alerts.heartbeat_url else {
        return found(Finding::info(
            "no watcher outside is told that the bot lives",
            "PRIMELINGO__ALERTS__HEARTBEAT_URL=<an address of healthchecks.io or the like>",
        ));
    };
    let url = url.expose_secret();
    found_if(url.starts_with("http:") && !is_local(url), || {
        Finding::warning(
            "the heartbeat's address, which is a secret, travels without encryption",
            "PRIMELINGO__ALERTS__HEARTBEAT_URL=https://<the same>",
        )
    })
}
