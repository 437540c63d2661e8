//! `primelingo inspect`: what an upload of these files would bring to light.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::output::Format;
use super::{complain, say};
use crate::app::looking;
use crate::domain::inspection::{Inspection, Preview};
use crate::inspect::{Cost, Examined, Hints, Inspector};
use crate::settings::Settings;

/// Which files, and how to print.
#[derive(Debug, Args)]
pub struct InspectArguments {
    /// Files to look into; nothing is stored.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    format: Format,
}

/// Looks into each file, in the configured limits. Fails if one of them is not taken.
pub fn run(settings: &Settings, arguments: &InspectArguments) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (runtime, inspector) = match (runtime, looking::inspector(settings)) {
        (Ok(runtime), Ok(inspector)) => (runtime, inspector),
        (Err(error), _) | (_, Err(error)) => return complain(&error, 1),
    };
    let mut all_taken = true;
    for file in &arguments.files {
        let report = runtime.block_on(Report::of(&inspector, file));
        say(&if arguments.format.is_json() { report.json() } else { report.text() });
        all_taken &= report.found.is_ok();
    }
    if all_taken { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Report {
    file: String,
    found: Result<Inspection, String>,
    preview: Option<Preview>,
    cost: Cost,
}

impl Report {
    async fn of(inspector: &Inspector, file: &Path) -> Self {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        let Examined { outcome, cost } = inspector.examine(file, &Hints { name, mime: None }).await;
        let preview = match &outcome {
            Ok(found) => inspector.preview(file, found).await,
            Err(_) => None,
        };
        let found = outcome.map_err(|error| error.to_string());
        Self { file: file.display().to_string(), found, preview, cost }
    }

    fn json(&self) -> String {
        let mut report = json!({ "file": self.file, "cost": self.cost });
        let rest = match &self.found {
            Err(error) => json!({ "error": error }),
            Ok(found) => json!({
                "media_type": found.media_type,
                "kind": found.kind,
                "title": found.title,
                "author": found.author,
                "pages": found.pages,
                "duration_s": found.duration_s,
                "measures": found.measures,
                "language": found.language,
                "part_kind": found.part_kind,
                "parts": found.parts.len(),
                "text_bytes": text_bytes(found),
                "truncated": found.truncated,
                "preview": self.preview.as_ref().map(|it| json!({
                    "width": it.width, "height": it.height, "bytes": it.jpeg.len(),
                })),
            }),
        };
        if let (Value::Object(report), Value::Object(rest)) = (&mut report, rest) {
            report.extend(rest);
        }
        report.to_string()
    }

    fn text(&self) -> String {
        let facts = match &self.found {
            Err(error) => error.clone(),
            Ok(found) => facts(found, self.preview.as_ref()).join(", "),
        };
        let Cost { wall_ms, cpu_ms, peak_kib } = self.cost;
        let or_unknown = |it: Option<u64>| it.map_or_else(|| "?".to_owned(), |it| it.to_string());
        let (cpu, peak) = (or_unknown(cpu_ms), or_unknown(peak_kib));
        // Names and titles are hostile to terminals, too.
        let line = format!("{}: {facts} ({wall_ms} ms, cpu {cpu} ms, peak {peak} KiB)", self.file);
        line.chars().filter(|it| !it.is_control()).collect()
    }
}

fn facts(found: &Inspection, preview: Option<&Preview>) -> Vec<String> {
    let measures = &found.measures;
    let mut facts = vec![found.media_type.clone(), found.kind.name().to_owned()];
    facts.extend(found.title.as_ref().map(|it| format!("title {it:?}")));
    facts.extend(found.author.as_ref().map(|it| format!("author {it:?}")));
    facts.extend(found.pages.map(|it| format!("{it} pages")));
    facts.extend(found.duration_s.map(|it| format!("{it} s")));
    facts.extend(measures.width.zip(measures.height).map(|(w, h)| format!("{w}x{h}")));
    facts.extend(measures.codec.clone());
    facts.extend(measures.bit_rate_kbps.map(|it| format!("{it} kbit/s")));
    facts.extend(measures.entries.map(|it| format!("{it} files")));
    let cut = if found.truncated { " (cut)" } else { "" };
    let (parts, bytes) = (found.parts.len(), text_bytes(found));
    facts.push(format!("{parts} parts {}, text {bytes} B{cut}", found.part_kind.name()));
    facts.extend(found.language.as_ref().map(|it| format!("language {it}")));
    facts.push(match preview {
        Some(it) => format!("preview {}x{}, {} B", it.width, it.height, it.jpeg.len()),
        None => "no preview".to_owned(),
    });
    facts
}

fn text_bytes(found: &Inspection) -> usize {
    found.parts.iter().map(|part| part.text.len()).sum()
}
