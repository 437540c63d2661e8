//! The address of the database, in all forms that existing files use.
//!
//! Invariants: neither `Debug` nor `Display` nor an error holds the password. What cannot be read
//! is an error, never a guess.

use std::fmt;
use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Which database, and where.
///
/// Accepted: `sqlite:path`, `sqlite:///path` and `sqlite+aiosqlite:///path` (three slashes: a
/// relative path; four: an absolute one, as `SQLAlchemy` has it), `postgres://`, `postgresql://`
/// and `postgresql+asyncpg://`.
#[derive(Debug, Clone)]
pub enum DatabaseUrl {
    /// A file; its directory may not exist yet.
    Sqlite {
        /// Relative to the working directory, or absolute. Never `:memory:`.
        path: PathBuf,
    },
    /// A server.
    Postgres(PostgresUrl),
}

/// The address of a PostgreSQL database, in the one form that `tokio-postgres` and libpq read:
/// `postgresql://user:password@host:port/name?parameters`.
#[derive(Clone)]
pub struct PostgresUrl {
    url: SecretString,
    shown: String,
}

/// The address of a server in parts, as `POSTGRES_*` give it.
pub(super) struct PostgresParts<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) user: &'a str,
    pub(super) password: Option<&'a str>,
    pub(super) name: &'a str,
}

/// Why a database address was refused. Holds nothing of the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// No form that we know.
    #[error(
        "expected sqlite:path, postgresql://USER@HOST:5432/NAME (USER:PASSWORD with a password), \
         postgresql+asyncpg://... or sqlite+aiosqlite:///path"
    )]
    UnknownForm,
    /// Not an address; `url` says which part (its texts hold nothing of the input).
    #[error(
        "expected postgresql://USER@HOST:5432/NAME, but {0}; \
         `host` and `port` may be placeholders"
    )]
    Unreadable(#[from] url::ParseError),
    /// `postgresql://user@/name`.
    #[error("expected postgresql://USER@HOST:5432/NAME, but the host is missing")]
    NoHost,
    /// `postgresql://user@host`.
    #[error("expected postgresql://USER@HOST:5432/NAME, but the name is missing")]
    NoName,
    /// A parameter that the driver would refuse. Not named: with a stray `?` in a password it
    /// would be a piece of that.
    #[error(
        "a parameter of the address is not supported; known are {}",
        POSTGRES_PARAMETERS.join(", ")
    )]
    UnknownParameter,
    /// A way of encryption that the driver does not know.
    #[error("expected sslmode to be disable, prefer, require, verify-ca or verify-full")]
    UnknownSslMode,
    /// A database in memory would lose what must not be lost.
    #[error("expected sqlite:path with a file, not a database in memory")]
    InMemory,
    /// `sqlite://host/path`, `sqlite:file:...` or parameters.
    #[error("expected sqlite:path or sqlite:///path, without host and parameters")]
    NotAPath,
}

/// Parameters of an address that `tokio-postgres` reads.
const POSTGRES_PARAMETERS: [&str; 14] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "port",
    "sslmode",
    "target_session_attrs",
];

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.split_once(':').ok_or(DatabaseUrlError::UnknownForm)?;
        match scheme {
            "sqlite" => sqlite_path(rest),
            // SQLAlchemy's own form always has the slashes.
            "sqlite+aiosqlite" if rest.starts_with("///") => sqlite_path(rest),
            "postgres" | "postgresql" | "postgresql+asyncpg" if rest.starts_with("//") => {
                PostgresUrl::parse(&format!("postgresql:{rest}")).map(Self::Postgres)
            }
            _ => Err(DatabaseUrlError::UnknownForm),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path } => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

impl PostgresUrl {
    /// With the password: for the driver only, never for a text that a person reads.
    pub fn expose(&self) -> &str {
        self.url.expose_secret()
    }

    /// The password alone, as it stands in the address.
    pub(super) fn password(&self) -> Option<SecretString> {
        let url = Url::parse(self.url.expose_secret()).ok()?;
        url.password().map(SecretString::from)
    }

    /// The address of a server given in parts. A host that begins with a slash is the directory
    /// of a Unix socket.
    pub(super) fn from_parts(parts: &PostgresParts<'_>) -> Result<Self, DatabaseUrlError> {
        let mut url = Url::parse("postgresql://localhost")?;
        url.set_host(Some(&escaped_host(parts.host)))?;
        // These setters fail only for addresses without a host.
        let is_user_set = url.set_username(&escaped(parts.user)).is_ok();
        let is_password_set = url.set_password(parts.password.map(escaped).as_deref()).is_ok();
        let is_port_set = url.set_port(Some(parts.port)).is_ok();
        if !(is_user_set && is_password_set && is_port_set) {
            return Err(DatabaseUrlError::NoHost);
        }
        url.set_path(&escaped(parts.name));
        Ok(Self::new(url))
    }

    fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        let mut url = Url::parse(text)?;
        let parameters = known_parameters(&url)?;
        let has_host_parameter = parameters.iter().any(|(name, _)| name == "host");
        if url.host_str().is_none_or(str::is_empty) && !has_host_parameter {
            return Err(DatabaseUrlError::NoHost);
        }
        if url.path().trim_start_matches('/').is_empty() {
            return Err(DatabaseUrlError::NoName);
        }
        url.set_query(None);
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(&parameters);
            // A form's way to write a space, which the driver does not know; a plus is %2B here.
            let query = url.query().unwrap_or_default().replace('+', "%20");
            url.set_query(Some(&query));
        }
        Ok(Self::new(url))
    }

    fn new(url: Url) -> Self {
        let mut shown = url.clone();
        // Parameters are left out as well: `options` may hold anything.
        shown.set_query(None);
        let is_hidden = shown.password().is_none() || shown.set_password(Some("***")).is_ok();
        let shown = if is_hidden { shown.into() } else { "postgresql://***".to_owned() };
        Self { url: SecretString::from(String::from(url)), shown }
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}

impl fmt::Display for PostgresUrl {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// The parameters in the spelling of `tokio-postgres`; asyncpg calls `sslmode` also `ssl`.
fn known_parameters(url: &Url) -> Result<Vec<(String, String)>, DatabaseUrlError> {
    let mut parameters = Vec::new();
    for (name, value) in url.query_pairs() {
        let name = if name == "ssl" { "sslmode" } else { name.as_ref() };
        if !POSTGRES_PARAMETERS.contains(&name) {
            return Err(DatabaseUrlError::UnknownParameter);
        }
        let value = if name == "sslmode" { ssl_mode(&value)? } else { value.as_ref() };
        parameters.push((name.to_owned(), value.to_owned()));
    }
    Ok(parameters)
}

/// The driver knows three modes. `require` stands for the verifying ones, because our TLS
/// connector verifies chain and name whenever there is TLS.
fn ssl_mode(value: &str) -> Result<&'static str, DatabaseUrlError> {
    match value {
        "disable" | "false" => Ok("disable"),
        "prefer" | "allow" => Ok("prefer"),
        "require" | "true" | "verify-ca" | "verify-full" => Ok("require"),
        _ => Err(DatabaseUrlError::UnknownSslMode),
    }
}

/// A host for `Url::set_host`: the directory of a Unix socket is written with escapes, an IPv6
/// address in brackets.
pub(super) fn escaped_host(host: &str) -> String {
    if host.parse::<Ipv6Addr>().is_ok() { format!("[{host}]") } else { host.replace('/', "%2F") }
}

/// The setters of `Url` take `%41` for an escape that is there already.
pub(super) fn escaped(text: &str) -> String {
    text.replace('%', "%25")
}

fn sqlite_path(rest: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
    let path = rest.strip_prefix("///").unwrap_or(rest);
    if path.is_empty() || path.contains(":memory:") {
        return Err(DatabaseUrlError::InMemory);
    }
    // `//host/...` would be taken for an absolute path; SQLite itself reads `file:` as an address.
    let is_network = rest.starts_with("//") && !rest.starts_with("///");
    if is_network || path.starts_with("file:") || path.contains('?') {
        return Err(DatabaseUrlError::NotAPath);
    }
    Ok(DatabaseUrl::Sqlite { path: PathBuf::from(path) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        text.parse::<DatabaseUrl>().map_or_else(|error| format!("{error:?}"), |url| url.to_string())
    }

    fn exposed(text: &str) -> String {
        match text.parse() {
            Ok(DatabaseUrl::Postgres(url)) => url.expose().to_owned(),
            other => panic!("not PostgreSQL: {other:?}"),
        }
    }

    #[test]
    fn sqlite_paths() {
        assert_eq!(shown("sqlite:data/a.db"), "sqlite:data/a.db");
        assert_eq!(shown("sqlite:/var/a.db"), "sqlite:/var/a.db");
        assert_eq!(shown("sqlite:///data/a.db"), "sqlite:data/a.db");
        assert_eq!(shown("sqlite+aiosqlite:///data/a.db"), "sqlite:data/a.db");
        assert_eq!(shown("sqlite+aiosqlite:////var/a.db"), "sqlite:/var/a.db");
        for memory in
            ["sqlite:", "sqlite://", "sqlite:///", "sqlite::memory:", "sqlite:///:memory:"]
        {
            let refused = shown(memory);
            assert!(["InMemory", "NotAPath"].contains(&refused.as_str()), "{memory}: {refused}");
        }
        for strange in ["sqlite://host/a.db", "sqlite:file:a.db", "sqlite:a.db?mode=ro"] {
            assert_eq!(shown(strange), "NotAPath", "{strange}");
        }
    }

    #[test]
    fn postgres_forms_become_one() {
        let normal = "postgresql://u:p@h:6000/n";
        assert_eq!(exposed("postgres://u:p@h:6000/n"), normal);
        assert_eq!(exposed("postgresql://u:p@h:6000/n"), normal);
        assert_eq!(exposed("postgresql+asyncpg://u:p@h:6000/n"), normal);
        assert_eq!(exposed("postgres://h/n?ssl=verify-full"), "postgresql://h/n?sslmode=require");
        let options = "postgresql://h/n?options=-c%20a%3Db%2B";
        assert_eq!(exposed(options), options);
        assert_eq!(exposed("postgres:///n?host=%2Frun%2Fpg"), "postgresql:///n?host=%2Frun%2Fpg");
    }

    #[test]
    fn no_example_looks_like_a_secret() {
        let invalid = DatabaseUrlError::Unreadable(url::ParseError::InvalidPort);
        for error in [DatabaseUrlError::UnknownForm, invalid, DatabaseUrlError::NoHost] {
            let text = error.to_string();
            assert!(text.contains("postgresql://USER@HOST:5432/NAME"), "{text}");
            assert_eq!(crate::runtime::redact(&text), text);
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let port = shown("postgresql+asyncpg://user:password@host:port/dbname");
        assert_eq!(port, "Unreadable(InvalidPort)");
        assert_eq!(shown("postgres://u@h"), "NoName");
        assert_eq!(shown("postgres:///n"), "NoHost");
        assert_eq!(shown("postgres://h/n?canary=1"), "UnknownParameter");
        assert_eq!(shown("postgres://h/n?sslmode=maybe"), "UnknownSslMode");
        for unknown in ["", "h/n", "mysql://h/n", "postgresql:n", "sqlite+aiosqlite:a.db"] {
            assert_eq!(shown(unknown), "UnknownForm", "{unknown}");
        }
    }

    #[test]
    fn parts_are_escaped() {
        let parts = PostgresParts {
            host: "h",
            port: 5432,
            user: "u@x",
            password: Some("p%41:/@?#"),
            name: "n %",
        };
        let url = PostgresUrl::from_parts(&parts).unwrap();
        assert_eq!(url.expose(), "postgresql://u%40x:p%2541%3A%2F%40%3F%23@h:5432/n%20%25");
        assert_eq!(url.to_string(), "postgresql://u%40x:***@h:5432/n%20%25");
        let hosts = [("/run/pg", "%2Frun%2Fpg"), ("::1", "[::1]"), ("10.0.0.1", "10.0.0.1")];
        for (host, written) in hosts {
            let parts = PostgresParts { host, port: 1, user: "u", password: None, name: "n" };
            let url = PostgresUrl::from_parts(&parts).unwrap();
            assert_eq!(url.expose(), format!("postgresql://u@{written}:1/n"));
        }
        let parts = PostgresParts { host: "a b", port: 1, user: "u", password: None, name: "n" };
        assert!(PostgresUrl::from_parts(&parts).is_err());
    }

    #[test]
    fn no_text_holds_the_password() {
        let url: DatabaseUrl = "postgres://u:canary@h/n?options=canary".parse().unwrap();
        let text = format!("{url} {url:?}");
        assert!(!text.contains("canary"), "{text}");
    }
}
