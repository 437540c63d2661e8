//! `primelingo files verify`.

use std::process::ExitCode;

use clap::Args;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::super::database::with_database_code;
use super::super::output::Format;
use super::super::progress::Progress;
use crate::app::{self, ServeError};
use crate::library::verify::{CopyState, Finding, HandleState, Verifier, VerifyError};
use crate::settings::Settings;
use crate::store::Db;
use crate::telegram::{BotToken, Lane};

/// How many files, and what to do with those that are not as they should be.
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// Files to check.
    #[arg(long, default_value_t = 100, conflicts_with = "all")]
    sample: usize,
    /// Checks all of them.
    #[arg(long)]
    all: bool,
    /// Mends what can be mended: a dead handle is forgotten, so that the next delivery sends our
    /// copy; a lost or damaged copy is fetched from Telegram.
    #[arg(long)]
    mend: bool,
    #[command(flatten)]
    format: Format,
}

/// Files of one read of the database.
const PAGE: i64 = 100;

/// What was found.
#[derive(Default)]
struct Sum {
    checked: usize,
    bad: usize,
    mended: usize,
    lost: usize,
    unknown: usize,
    /// Materials with faults, where they are not told one by one.
    faults: Vec<Value>,
}

/// Checks files.
pub fn run(settings: &Settings, arguments: &VerifyArguments) -> ExitCode {
    with_database_code(settings, async |db| {
        let token = BotToken::parse(settings.require_token()?.expose_secret())?;
        let verifier = Verifier {
            db: db.clone(),
            blobs: app::blobs(settings, "verify"),
            telegram: app::connect(settings, &token, Lane::File)?,
            mend: arguments.mend,
            run: i64::from(std::process::id()),
        };
        let limit = if arguments.all { usize::MAX } else { arguments.sample };
        let sum = verify_all(&verifier, &db, limit, arguments.format.is_json()).await?;
        let said = if arguments.format.is_json() { sum.value().to_string() } else { sum.line() };
        Ok((said, if sum.bad > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }))
    })
}

async fn verify_all(
    verifier: &Verifier,
    db: &Db,
    limit: usize,
    json: bool,
) -> Result<Sum, ServeError> {
    let begun = db.database_now().await?;
    let there = usize::try_from(db.contents_count().await?).unwrap_or(usize::MAX);
    let mut progress = Progress::begin("verify", limit.min(there));
    let mut sum = Sum::default();
    while sum.checked < limit {
        let room = i64::try_from(limit - sum.checked).unwrap_or(i64::MAX);
        // What was checked by this run goes to the end of the line, behind its begin.
        let page = db.materials_to_verify(begun, room.min(PAGE)).await?;
        if page.is_empty() {
            break;
        }
        for material in page {
            let finding = verifier.verify(&material).await.map_err(report)?;
            match sum.note(finding) {
                Some(fault) if json => sum.faults.push(json!({
                    "material": material.id.0,
                    "title": material.title,
                    "fault": fault,
                })),
                Some(fault) => {
                    progress.say(&format!("{fault}: {} ({})", material.id, material.title));
                }
                None => {}
            }
            progress.step();
        }
    }
    progress.end();
    Ok(sum)
}

fn report(error: VerifyError) -> ServeError {
    match error {
        VerifyError::Store(error) => error.into(),
        error => ServeError::System {
            what: "cannot check a file",
            source: std::io::Error::other(error.to_string()),
        },
    }
}

impl Sum {
    fn line(&self) -> String {
        let Self { checked, bad, mended, lost, unknown, .. } = self;
        format!(
            "{checked} checked: {bad} with faults, of these {lost} lost; {mended} mended; \
             Telegram gave no answer about {unknown}"
        )
    }

    fn value(&self) -> Value {
        let Self { checked, bad, mended, lost, unknown, faults } = self;
        json!({
            "checked": checked,
            "bad": bad,
            "lost": lost,
            "mended": mended,
            "unknown": unknown,
            "faults": faults,
        })
    }

    /// Counts a finding; gives what is to be said of it.
    fn note(&mut self, finding: Finding) -> Option<String> {
        self.checked += 1;
        self.bad += usize::from(finding.is_bad());
        self.lost += usize::from(finding.is_lost());
        self.mended += usize::from(finding.mended);
        self.unknown += usize::from(finding.handle == HandleState::Unknown);
        let copy = match finding.copy {
            CopyState::Sound => None,
            CopyState::Missing => Some("copy missing"),
            CopyState::Damaged => Some("copy damaged"),
        };
        let handle = (finding.handle == HandleState::Dead).then_some("handle dead");
        let faults: Vec<&str> = copy.into_iter().chain(handle).collect();
        let ending = if finding.mended { ", mended" } else { "" };
        (!faults.is_empty()).then(|| format!("{}{ending}", faults.join(", ")))
    }
}
