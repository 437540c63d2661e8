//! Looks a set-up over before somebody's evening is spoilt by it.
//!
//! A check asks one thing and answers with findings, each with the line that mends it
//! ([`finding`]); all of them are data ([`registry`]), so that the report, `docs/doctor.md` and the
//! tests know the same ones. `case` holds what they look at.
//!
//! Invariants:
//! - Looking changes nothing: no migration is run, no file or folder is made, no update is taken.
//!   Only [`mend`] changes anything, and nothing of it can lose data.
//! - Checks run at the same time, each with a deadline, so that a server that hangs costs no more
//!   than itself; one that fails by itself is a finding, too.
//! - A configuration that cannot be loaded is a finding; what can still be checked is checked.
//! - No report holds a secret: what is in [`Settings::secrets`] is taken out of every text.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio::time::{Instant, timeout};

use crate::settings::{LoadOptions, Settings};

mod backup;
mod case;
mod configuration;
mod database;
mod files;
pub mod finding;
pub mod http;
mod machine;
pub mod mend;
pub mod queue;
pub mod reference;
pub mod registry;
pub mod report;
mod server;
mod shared_cache;
mod sqlite;
mod telegram;
mod web;
mod webhook;
mod work;

pub use web::reachable_at;

use case::Case;
use finding::{Answer, Finding, Skip};
use registry::{Check, Run, checks};
use report::{Outcome, Report};

/// The longest that a check may take, unless told otherwise: the whole stays under three seconds.
pub const PATIENCE: Duration = Duration::from_millis(2_500);

/// Shorter secrets are left in texts: they would be found in every other word.
const SECRET_MIN_CHARS: usize = 4;

/// What to look at, and for how long.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Checks or groups; none: all.
    pub only: Vec<String>,
    /// Checks or groups that are left out.
    pub skip: Vec<String>,
    /// The longest that a check may take.
    pub patience: Duration,
}

impl Choice {
    /// A name that is neither a check nor a group.
    pub fn unknown(&self) -> Option<&str> {
        let is_known = |name: &&String| checks().any(|check| check.is_called(name));
        self.only.iter().chain(&self.skip).find(|name| !is_known(name)).map(String::as_str)
    }

    fn takes(&self, check: &Check) -> bool {
        let is_called = |name: &String| check.is_called(name);
        (self.only.is_empty() || self.only.iter().any(is_called))
            && !self.skip.iter().any(is_called)
    }
}

/// Looks the set-up over.
pub async fn examine(options: LoadOptions, choice: &Choice) -> Report {
    let begun = Instant::now();
    let examined = Settings::examine(options);
    // Without a password in it an address is no secret, and needed in a line to paste.
    let plain = examined.settings.database.url.to_string();
    let mut secrets = examined.settings.secrets();
    secrets.retain(|secret| secret.expose_secret() != plain);
    let case = Arc::new(Case::new(examined, choice.patience));
    let chosen: Vec<&'static Check> = checks().filter(|check| choice.takes(check)).collect();
    let running: Vec<_> = chosen
        .into_iter()
        .map(|check| (check, tokio::spawn(run(check, Arc::clone(&case)))))
        .collect();
    let mut outcomes = Vec::with_capacity(running.len());
    for (check, task) in running {
        let (answer, took) = task.await.unwrap_or_else(|error| {
            let text = format!("the check itself failed: {error}");
            let cure = "report it, with this line".to_owned();
            (Ok(vec![Finding::warning(text, cure)]), Duration::ZERO)
        });
        outcomes.push(Outcome { check, answer, took });
    }
    let mut report = Report { outcomes, took: begun.elapsed() };
    for secret in &secrets {
        let secret = secret.expose_secret();
        if secret.chars().count() >= SECRET_MIN_CHARS {
            report.replace(secret, "***");
        }
    }
    report
}

async fn run(check: &'static Check, case: Arc<Case>) -> (Answer, Duration) {
    let begun = Instant::now();
    let refused = check.reads.iter().find(|key| case.examined.is_refused(key));
    if let Some(key) = refused {
        let why = format!("{key} cannot be used as it is set (see configuration.loads)");
        return (Err(Skip(why)), begun.elapsed());
    }
    let answer = match check.run {
        Run::Here(look) => {
            // Folders may be of another machine that does not answer.
            let (case, limit) = (Arc::clone(&case), case.patience);
            let looking = tokio::task::spawn_blocking(move || look(&case));
            timeout(limit, looking).await.map(|joined| {
                joined
                    .unwrap_or_else(|error| Err(Skip(format!("the check itself failed: {error}"))))
            })
        }
        Run::Asking(ask) => timeout(case.patience, ask(&case)).await,
    };
    let answer = answer.unwrap_or_else(|_elapsed| {
        let (name, longer) = (check.name, case.patience.as_secs().saturating_mul(10).max(30));
        Err(Skip(format!(
            "not done within {} ms; with more time: primelingo doctor --only {name} --patience \
             {longer}",
            case.patience.as_millis()
        )))
    });
    (answer, begun.elapsed())
}
