//! `primelingo files import DIR`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use futures_util::StreamExt as _;
use futures_util::stream;

use super::super::database::with_database_code;
use super::super::progress::Progress;
use crate::app::{self, ServeError, with_causes};
use crate::domain::ids::{CategoryId, UserId};
use crate::domain::material::{Level, StudyLanguage, TAG_MAX_CHARS, TAGS_MAX, clean_line};
use crate::library::import::{ImportError, Imported, Importer, Wanted};
use crate::settings::Settings;

/// Which files, and what is said about all of them.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The folder. Hidden files are passed over, symbolic links are not followed.
    folder: PathBuf,
    /// CEFR level of all: A1 to C2.
    #[arg(long, value_parser = level)]
    level: Option<Level>,
    /// Language taught by all: en, ru, uz, de, fr, es, ar, tr, ko, zh, other.
    #[arg(long, value_parser = language)]
    language: Option<StudyLanguage>,
    /// Tags of all, separated by commas.
    #[arg(long, value_delimiter = ',')]
    tags: Vec<String>,
    /// Section in which the folder's sections are put.
    #[arg(long)]
    section: Option<String>,
    /// Numeric Telegram id of the editor who answers for them.
    #[arg(long, value_name = "USER_ID")]
    uploader: Option<i64>,
    /// Files at the same time.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    parallel: u16,
    /// Only says what would be imported.
    #[arg(long)]
    dry_run: bool,
    /// How the list of refused files is written.
    #[arg(long, value_enum, default_value_t = Report::Text)]
    report: Report,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Report {
    /// Lines for people.
    Text,
    /// One JSON object per file.
    Json,
}

/// What came of all files.
#[derive(Default)]
struct Sum {
    published: usize,
    known: usize,
    refused: usize,
    failed: usize,
}

/// A file and the names of the folders above it, from the given one downwards.
struct Source {
    path: PathBuf,
    folders: Vec<String>,
}

/// Imports the folder.
pub fn run(settings: &Settings, arguments: &ImportArguments) -> ExitCode {
    with_database_code(settings, async |db| {
        let folder = arguments.folder.clone();
        let unreadable = |source| ServeError::System { what: "cannot read the folder", source };
        let sources = tokio::task::spawn_blocking(move || walk(&folder))
            .await
            .map_err(std::io::Error::other)
            .and_then(|sources| sources)
            .map_err(unreadable)?;
        if arguments.dry_run {
            let lines: Vec<String> = sources.iter().map(dry_line).collect();
            return Ok((format!("{}\n{} files", lines.join("\n"), lines.len()), ExitCode::SUCCESS));
        }
        let importer = app::importer(settings, db)?;
        let sum = import_all(&importer, arguments, sources).await?;
        let Sum { published, known, refused, failed } = sum;
        let line = format!(
            "{published} published, {known} known already, {refused} refused, {failed} failed"
        );
        let code = if failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        Ok((line, code))
    })
}

async fn import_all(
    importer: &Importer,
    arguments: &ImportArguments,
    sources: Vec<Source>,
) -> Result<Sum, ServeError> {
    let categories = categories(importer, arguments, &sources).await?;
    let mut progress = Progress::begin("import", sources.len());
    let mut sum = Sum::default();
    let importing = sources.into_iter().map(|source| {
        let category = categories.get(&source.folders).copied().flatten();
        let wanted = Wanted { category, ..wanted(arguments) };
        async move {
            let imported = importer.import(&source.path, wanted).await;
            (source.path, imported)
        }
    });
    let mut imported = stream::iter(importing).buffer_unordered(usize::from(arguments.parallel));
    while let Some((path, outcome)) = imported.next().await {
        if let Some(line) = sum.note(arguments.report, &path, &outcome) {
            progress.say(&line);
        }
        progress.step();
    }
    progress.end();
    Ok(sum)
}

impl Sum {
    /// Counts a file; gives the line about it, if there is something to say.
    fn note(
        &mut self,
        report: Report,
        path: &Path,
        outcome: &Result<Imported, ImportError>,
    ) -> Option<String> {
        let (name, detail) = match outcome {
            Ok(Imported::Published(id)) => {
                self.published += 1;
                ("published", id.to_string())
            }
            Ok(Imported::Known(id)) => {
                self.known += 1;
                ("known", id.to_string())
            }
            Ok(Imported::Refused(reason)) => {
                self.refused += 1;
                ("refused", reason.name().to_owned())
            }
            Err(error) => {
                self.failed += 1;
                ("failed", with_causes(error))
            }
        };
        let path = path.display().to_string();
        match report {
            Report::Json => {
                let line = serde_json::json!({"file": path, "outcome": name, "detail": detail});
                Some(line.to_string())
            }
            Report::Text if matches!(name, "refused" | "failed") => {
                Some(format!("{name} ({detail}): {path}"))
            }
            Report::Text => None,
        }
    }
}

/// The sections of all folders, made where they are missing. One after the other, as two could make
/// the same.
async fn categories(
    importer: &Importer,
    arguments: &ImportArguments,
    sources: &[Source],
) -> Result<HashMap<Vec<String>, Option<CategoryId>>, ServeError> {
    let mut categories = HashMap::new();
    for source in sources {
        if !categories.contains_key(&source.folders) {
            let mut path: Vec<String> = arguments.section.clone().into_iter().collect();
            path.extend(source.folders.iter().cloned());
            categories.insert(source.folders.clone(), importer.category(&path).await?);
        }
    }
    Ok(categories)
}

fn wanted(arguments: &ImportArguments) -> Wanted {
    let tags = arguments.tags.iter().filter_map(|tag| clean_line(tag, TAG_MAX_CHARS));
    Wanted {
        title: None,
        category: None,
        level: arguments.level,
        language: arguments.language,
        tags: tags.take(TAGS_MAX).collect(),
        uploader: arguments.uploader.map(UserId),
        class: None,
    }
}

/// All files below a folder, in the order of their names.
fn walk(folder: &Path) -> std::io::Result<Vec<Source>> {
    let mut sources = Vec::new();
    walk_into(folder, &mut Vec::new(), &mut sources)?;
    Ok(sources)
}

fn walk_into(
    folder: &Path,
    folders: &mut Vec<String>,
    sources: &mut Vec<Source>,
) -> std::io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        if name.starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            folders.push(name);
            walk_into(&entry.path(), folders, sources)?;
            folders.pop();
        } else if kind.is_file() {
            sources.push(Source { path: entry.path(), folders: folders.clone() });
        }
    }
    Ok(())
}

fn dry_line(source: &Source) -> String {
    format!("{}  {}", source.folders.join(" / "), source.path.display())
}

fn level(text: &str) -> Result<Level, String> {
    Level::from_name(&text.to_uppercase()).ok_or_else(|| "A1, A2, B1, B2, C1 or C2".to_owned())
}

fn language(text: &str) -> Result<StudyLanguage, String> {
    StudyLanguage::from_code(&text.to_lowercase())
        .ok_or_else(|| "en, ru, uz, de, fr, es, ar, tr, ko, zh or other".to_owned())
}
