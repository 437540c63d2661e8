//! What `primelingo backup` says.

use std::path::Path;

use serde_json::{Value, json};

use super::super::output::Output;
use crate::backup::{BackupError, Depth, Entry, Manifest, Pruned, Restored};

/// A size for people.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut tenths = bytes / 100;
    for unit in UNITS {
        if tenths < 10_000 || unit == "TB" {
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
        tenths /= 1000;
    }
    String::new()
}

/// A backup for programs.
fn value(manifest: &Manifest) -> Value {
    // A manifest is made of what JSON has.
    serde_json::to_value(manifest).unwrap_or_default()
}

fn proof(manifest: &Manifest) -> String {
    manifest.verified_at.map_or_else(
        || "not proven".to_owned(),
        |at| format!("proven {}", at.format("%Y-%m-%d %H:%M UTC")),
    )
}

/// A backup was made.
pub fn made(manifest: &Manifest, dir: &Path, output: Output) -> String {
    if output == Output::Json {
        return value(manifest).to_string();
    }
    let Manifest { id, files, database, .. } = manifest;
    let path = dir.join(id);
    let mut lines = vec![
        format!("backup {id} is made: {}", path.display()),
        format!(
            "  {} rows, {} in place of {}; {}",
            manifest.total_rows(),
            size(manifest.bytes()),
            size(database.content_bytes),
            if manifest.verified_at.is_some() { "proven by restoring it" } else { "not proven" }
        ),
    ];
    if files.count == 0 {
        return lines.join("\n");
    }
    lines.push(match (&files.list, files.missing) {
        (None, _) => format!("  {} files of the library are not in it", files.count),
        (Some(_), 0) => format!("  {} files of the library, {}", files.count, size(files.bytes)),
        (Some(_), missing) => format!(
            "  {} files of the library, {}; {missing} of them are missing or damaged: primelingo files \
             verify --all --mend",
            files.count,
            size(files.bytes)
        ),
    });
    lines.join("\n")
}

/// All backups.
pub fn list(entries: &[Entry], dir: &Path, output: Output) -> String {
    if output == Output::Json {
        let entry = |entry: &Entry| match &entry.manifest {
            Ok(manifest) => value(manifest),
            Err(error) => json!({"id": entry.id, "error": error.to_string()}),
        };
        return entries.iter().map(entry).collect::<Value>().to_string();
    }
    if entries.is_empty() {
        return format!(
            "there is no backup in {}; make one: primelingo backup create",
            dir.display()
        );
    }
    let mut lines =
        vec![format!("{:<28}{:>10}{:>12}{:>9}  proof", "backup", "size", "rows", "files")];
    for Entry { id, manifest } in entries {
        lines.push(match manifest {
            Ok(manifest) => {
                let files = match &manifest.files.list {
                    Some(_) => manifest.files.count.to_string(),
                    None => "-".to_owned(),
                };
                let (bytes, rows) = (size(manifest.bytes()), manifest.total_rows());
                format!("{id:<28}{bytes:>10}{rows:>12}{files:>9}  {}", proof(manifest))
            }
            Err(error) => format!("{id:<28}{error}"),
        });
    }
    lines.join("\n")
}

/// Backups were checked.
pub fn checked(
    checked: &[(String, Result<Manifest, BackupError>)],
    depth: Depth,
    output: Output,
) -> String {
    if output == Output::Json {
        let one = |(id, result): &(String, Result<Manifest, BackupError>)| match result {
            Ok(_) => json!({"id": id, "good": true, "restored": depth == Depth::Full}),
            Err(error) => json!({"id": id, "good": false, "error": error.to_string()}),
        };
        return checked.iter().map(one).collect::<Value>().to_string();
    }
    let line = |(id, result): &(String, Result<Manifest, BackupError>)| match (result, depth) {
        (Ok(manifest), Depth::Full) => format!(
            "{id}: good: restored, {} tables with {} rows as they were",
            manifest.rows.len(),
            manifest.total_rows()
        ),
        (Ok(_), Depth::Quick) => format!("{id}: all checksums are right; it was not restored"),
        (Err(error), _) => format!("{id}: {error}"),
    };
    checked.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Backups were removed.
pub fn pruned(pruned: &Pruned, is_rehearsal: bool, output: Output) -> String {
    let Pruned { ids, bytes, files, file_bytes, kept, unreadable } = pruned;
    if output == Output::Json {
        return json!({
            "removed": ids, "bytes": bytes, "files": files, "file_bytes": file_bytes, "kept": kept,
            "unreadable": unreadable, "dry_run": is_rehearsal,
        })
        .to_string();
    }
    let verb = if is_rehearsal { "would be removed" } else { "removed" };
    let mut lines: Vec<String> = ids.iter().map(|id| format!("{verb}: {id}")).collect();
    lines.push(format!(
        "{} backups {verb} ({}), {files} copied files ({}); {kept} backups are kept",
        ids.len(),
        size(*bytes),
        size(*file_bytes)
    ));
    if !unreadable.is_empty() {
        lines.push(format!(
            "not readable, and left alone with all copied files: {}; look at them: primelingo backup \
             list; then remove their folders",
            unreadable.join(", ")
        ));
    }
    lines.join("\n")
}

/// A backup was put back.
pub fn restored(
    (manifest, restored): (&Manifest, &Restored),
    (target, is_sqlite): (&str, bool),
    output: Output,
) -> String {
    let Restored { kept, files, lost_files, under_way } = restored;
    if output == Output::Json {
        return json!({
            "id": manifest.id, "target": target, "kept": kept, "files": files,
            "lost_files": lost_files, "rows": manifest.total_rows(), "messages": under_way.messages,
            "broadcasts": under_way.broadcasts,
        })
        .to_string();
    }
    let mut lines = vec![format!(
        "{} is restored: {} rows as they were at {}",
        target,
        manifest.total_rows(),
        manifest.created_at.format("%Y-%m-%d %H:%M:%S UTC")
    )];
    if let Some(kept) = kept {
        let gone = if is_sqlite {
            format!("rm {kept}")
        } else {
            format!("DROP DATABASE \"{}\";", kept.replace('"', "\"\""))
        };
        lines.push(format!("what was there is kept as {kept}; once it is not needed: {gone}"));
    }
    match (&manifest.files.list, files) {
        (Some(_), 0) => lines.push(format!(
            "the backup has {} files of the library; those that are missing are put back by the same \
             command with --files-to and files.data_dir",
            manifest.files.count
        )),
        (Some(_), files) => lines.push(format!("{files} files of the library are put back")),
        (None, _) => {}
    }
    if *lost_files > 0 {
        lines.push(format!(
            "{lost_files} files of the library are missing or damaged in the backup, and are not put back: \
             primelingo files verify --all --mend"
        ));
    }
    if under_way.messages > 0 {
        lines.push(format!(
            "{} messages had not left at that time, and are sent at the next start of the bot",
            under_way.messages
        ));
    }
    if under_way.broadcasts > 0 {
        lines.push(format!(
            "{} broadcasts were under way at that time: pause them before the bot starts, as those who \
             got them since would get them again: primelingo broadcast list, then broadcast pause ID",
            under_way.broadcasts
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 KB"),
            (999_949, "999.9 KB"),
            (1_500_000, "1.5 MB"),
            (2_000_000_000, "2.0 GB"),
            (7_000_000_000_000_000, "7000.0 TB"),
        ];
        for (bytes, shown) in cases {
            assert_eq!(size(bytes), shown);
        }
    }
}
