//! The routes of both listeners, and for whom they are. A route of the program without a row fails.

use crate::architecture::root;

/// For whom a route is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Anybody who reaches the listener: it tells nothing that is anybody's own.
    Anybody,
    /// This machine, or the bearer of `web.token`.
    Machine,
    /// The bearer of a link's key, once, from our own page.
    Key,
    /// Editors and above with a session; the bearer of `web.token`.
    Viewer,
    /// Owners with a session.
    Owner,
    /// Whoever has a session, from our own page.
    Session,
    /// Whoever has a session of the rank that the action takes, from our own page.
    Doer,
    /// Alertmanager, by its token.
    Alertmanager,
    /// Telegram, by its secret.
    Telegram,
}

impl Who {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anybody => "anybody who reaches the listener",
            Self::Machine => "this machine; `web.token`",
            Self::Key => "the bearer of a link's key, once, from our own page",
            Self::Viewer => "editor and above with a session; `web.token`",
            Self::Owner => "owner with a session",
            Self::Session => "whoever has a session, from our own page",
            Self::Doer => "whoever has a session of the action's rank, from our own page",
            Self::Alertmanager => "the bearer of `alerts.webhook_token`",
            Self::Telegram => "the bearer of `telegram.webhook_secret`",
        }
    }
}

/// Method, path, for whom.
pub const ROUTES: &[(&str, &str, Who)] = &[
    ("get", "/livez", Who::Anybody),
    ("get", "/readyz", Who::Anybody),
    ("get", "/startupz", Who::Anybody),
    ("get", "/health", Who::Anybody),
    ("get", "/metrics", Who::Machine),
    ("get", "/dashboard", Who::Anybody),
    ("get", "/dashboard/enter", Who::Anybody),
    ("post", "/dashboard/enter", Who::Key),
    ("get", "/dashboard/{file}", Who::Anybody),
    ("get", "/api/v1/me", Who::Viewer),
    ("get", "/api/v1/state", Who::Viewer),
    ("get", "/api/v1/stream", Who::Viewer),
    ("get", "/api/v1/history", Who::Viewer),
    ("get", "/api/v1/audit", Who::Owner),
    ("post", "/api/v1/actions", Who::Doer),
    ("post", "/api/v1/leave", Who::Session),
    ("post", "/webhooks/alertmanager", Who::Alertmanager),
    ("post", "/telegram/webhook", Who::Telegram),
];

/// Services that are registered by name: their paths are constants or settings.
const RESOURCES: [(&str, &str); 2] =
    [("alertmanager::PATH", "/webhooks/alertmanager"), ("webhook.path", "/telegram/webhook")];

/// What the sources register, read as text.
fn registered() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for file in ["src/web/mod.rs", "src/web/public.rs", "src/web/dashboard/mod.rs"] {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let mut scope = String::new();
        for line in text.lines().map(str::trim) {
            if let Some((_, rest)) = line.split_once("web::scope(\"") {
                rest.split('"').next().unwrap().clone_into(&mut scope);
            }
            if let Some((_, rest)) = line.split_once(".route(\"") {
                let (path, rest) = rest.split_once('"').unwrap();
                let method = rest.split_once("web::").unwrap().1.split('(').next().unwrap();
                found.push((method.to_owned(), format!("{scope}{path}")));
            }
            if let Some((_, rest)) = line.split_once("web::resource(") {
                let name = rest.split(')').next().unwrap();
                let known = RESOURCES.iter().find(|(known, _)| *known == name);
                let (_, path) = known.unwrap_or_else(|| panic!("{file}: {name} has no row"));
                found.push(("post".to_owned(), (*path).to_owned()));
            }
        }
    }
    found
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let registered = registered();
    assert!(registered.len() >= ROUTES.len(), "{registered:?}");
    for (method, path) in &registered {
        let has_row = ROUTES.iter().any(|(m, p, _)| m == method && p == path);
        assert!(has_row, "{method} {path} has no row in authorisation/routes.rs");
    }
    for (method, path, _) in ROUTES {
        let is_there = registered.iter().any(|(m, p)| m == method && p == path);
        assert!(is_there, "{method} {path} is no route");
    }
}
