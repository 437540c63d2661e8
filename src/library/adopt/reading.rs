//! Rows of another bot's database as what they mean to us. Pure.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

use super::mapping::Section;
use crate::domain::clock::Timestamp;
use crate::domain::event::{FileClass, FileRef};
use crate::domain::ids::UserId;
use crate::domain::inspection::Kind;
use crate::domain::lang::Lang;
use crate::domain::material::{
    CATEGORY_MAX_CHARS, Level, StudyLanguage, TITLE_MAX_CHARS, clean_line,
};
use crate::domain::role::Role;
use crate::store::records::AdoptedPerson;

/// The values of a row, by what they hold.
pub struct Fields<'a> {
    by_key: HashMap<&'a str, &'a str>,
}

impl<'a> Fields<'a> {
    /// Of a row that was read with the columns of this section.
    pub fn new(section: &'a Section, row: &'a [Option<String>]) -> Self {
        let keys = section.columns.keys().map(String::as_str);
        let pairs = keys.zip(row).filter_map(|(key, value)| Some((key, value.as_deref()?.trim())));
        Self { by_key: pairs.filter(|(_, value)| !value.is_empty()).collect() }
    }

    /// A value, unless it is missing or empty.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.by_key.get(key).copied()
    }

    fn flag(&self, key: &str) -> Option<bool> {
        match self.get(key)?.to_ascii_lowercase().as_str() {
            "1" | "t" | "true" | "yes" => Some(true),
            "0" | "f" | "false" | "no" => Some(false),
            _ => None,
        }
    }

    /// A moment; a date that cannot be read is none.
    fn time(&self, key: &str) -> Option<Timestamp> {
        time(self.get(key)?)
    }

    /// What stands in the row, for a report.
    pub fn shown(&self, key: &str) -> String {
        let text = self.get(key).unwrap_or("nothing");
        text.chars().filter(|c| !c.is_control()).take(40).collect()
    }
}

/// A moment as Python bots store them: ISO 8601 with or without zone (then it is UTC), a date, or
/// seconds since the Unix epoch.
fn time(text: &str) -> Option<Timestamp> {
    const FORMS: [&str; 2] = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
    if let Ok(seconds) = text.parse::<i64>() {
        return DateTime::from_timestamp(seconds, 0);
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    // PostgreSQL writes `+00`.
    if let Ok(at) = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z") {
        return Some(at.to_utc());
    }
    let naive = FORMS.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let date = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    Some(naive.or_else(|| Some(date()?.and_time(NaiveTime::MIN)))?.and_utc())
}

/// A row that is imported, with what was strange about it.
pub struct Read<T> {
    /// What it means.
    pub value: T,
    /// What was replaced, for the report.
    pub remarks: Vec<&'static str>,
}

/// A person, or why there is none.
pub fn person(fields: &Fields<'_>, now: Timestamp) -> Result<Read<AdoptedPerson>, &'static str> {
    let id = fields.get("id").ok_or("no Telegram id")?;
    let id: i64 = id.parse().map_err(|_| "the Telegram id is no number")?;
    if id <= 0 {
        return Err("the Telegram id is not a person's");
    }
    let mut remarks = Vec::new();
    let created = fields.time("created_at");
    if created.is_none() && fields.get("created_at").is_some() {
        remarks.push("created_at cannot be read: now is taken");
    }
    let lang = fields.get("language").and_then(Lang::from_tag);
    if lang.is_none() && fields.get("language").is_some() {
        remarks.push("a language that the bot does not speak: English is taken");
    }
    let is_admin = fields.flag("is_admin").unwrap_or(false);
    if is_admin {
        remarks.push("becomes an admin");
    }
    let reachable =
        fields.flag("is_active").unwrap_or(true) && fields.flag("is_blocked") != Some(true);
    let created_at = created.unwrap_or(now);
    let person = AdoptedPerson {
        id: UserId(id),
        first_name: fields.get("first_name").unwrap_or_default().to_owned(),
        username: fields.get("username").map(|name| name.trim_start_matches('@').to_owned()),
        lang: lang.unwrap_or_default(),
        role: if is_admin { Role::Admin } else { Role::Learner },
        reachable,
        created_at,
        last_seen_at: fields.time("last_seen_at").unwrap_or(created_at).max(created_at),
    };
    Ok(Read { value: person, remarks })
}

/// A file as another bot knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignFile {
    /// The file as Telegram keeps it.
    pub file: FileRef,
    /// What it is good for, as far as its name and type tell.
    pub kind: Kind,
    /// Title.
    pub title: String,
    /// Name of the section.
    pub category: Option<String>,
    /// CEFR level.
    pub level: Option<Level>,
    /// Language taught.
    pub language: Option<StudyLanguage>,
    /// Who sent it, as the other database names them.
    pub uploader: Option<i64>,
    /// When it came.
    pub created_at: Timestamp,
}

/// A file, or why there is none.
pub fn file(fields: &Fields<'_>, now: Timestamp) -> Result<Read<ForeignFile>, &'static str> {
    let file_id = fields.get("file_id").ok_or("no file_id")?;
    if file_id.chars().any(|c| !c.is_ascii_graphic()) || file_id.len() < 10 {
        return Err("the file_id is none of Telegram's");
    }
    let mut remarks = Vec::new();
    let created = fields.time("created_at");
    if created.is_none() && fields.get("created_at").is_some() {
        remarks.push("created_at cannot be read: now is taken");
    }
    let size = fields.get("file_size").map(str::parse::<u64>);
    if size.as_ref().is_some_and(Result::is_err) {
        remarks.push("file_size is no number: left out");
    }
    let name = fields.get("file_name").and_then(|name| clean_line(name, 255));
    let mime = fields.get("mime_type").map(str::to_ascii_lowercase);
    let class = class_of_handle(file_id)
        .or_else(|| FileClass::from_field(&fields.get("file_type")?.to_ascii_lowercase()))
        .unwrap_or(FileClass::Document);
    let title = fields
        .get("title")
        .or(name.as_deref().map(stem))
        .and_then(|title| clean_line(&title.replace('_', " "), TITLE_MAX_CHARS));
    if title.is_none() {
        remarks.push("neither title nor name: titled Untitled");
    }
    let level = fields.get("level").and_then(|it| Level::from_name(&it.to_ascii_uppercase()));
    let language = fields.get("language").map(str::to_ascii_lowercase);
    let kind = kind_of(class, mime.as_deref(), name.as_deref());
    let file = FileRef {
        file_id: file_id.to_owned(),
        unique_id: fields.get("unique_id").unwrap_or_default().to_owned(),
        class,
        name,
        mime,
        size: size.and_then(Result::ok),
        duration_s: None,
        title: None,
        performer: None,
    };
    let value = ForeignFile {
        file,
        kind,
        title: title.unwrap_or_else(|| "Untitled".to_owned()),
        category: fields.get("category").and_then(|it| clean_line(it, CATEGORY_MAX_CHARS)),
        level,
        language: language.and_then(|code| StudyLanguage::from_code(&code)),
        uploader: fields.get("uploader").and_then(|it| it.parse().ok()),
        created_at: created.unwrap_or(now),
    };
    Ok(Read { value, remarks })
}

/// Telegram's handles begin with what they are handles of.
fn class_of_handle(file_id: &str) -> Option<FileClass> {
    Some(match file_id.get(..4)? {
        "BQAC" => FileClass::Document,
        "CQAC" => FileClass::Audio,
        "BAAC" => FileClass::Video,
        "AgAC" => FileClass::Photo,
        "AwAC" => FileClass::Voice,
        "CgAC" => FileClass::Animation,
        "DQAC" => FileClass::VideoNote,
        _ => return None,
    })
}

fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

fn kind_of(class: FileClass, mime: Option<&str>, name: Option<&str>) -> Kind {
    const BOOKS: [&str; 12] =
        ["pdf", "epub", "fb2", "djvu", "doc", "docx", "odt", "rtf", "txt", "ppt", "pptx", "mobi"];
    const ARCHIVES: [&str; 5] = ["zip", "rar", "7z", "tar", "gz"];
    match class {
        FileClass::Audio | FileClass::Voice => return Kind::Audio,
        FileClass::Video | FileClass::VideoNote | FileClass::Animation => return Kind::Video,
        FileClass::Photo => return Kind::Image,
        FileClass::Document => {}
    }
    let extension = name.and_then(|name| name.rsplit_once('.')).map(|(_, it)| it.to_lowercase());
    let extension = extension.as_deref().unwrap_or_default();
    match mime.and_then(|mime| mime.split_once('/')) {
        Some(("audio", _)) => Kind::Audio,
        Some(("video", _)) => Kind::Video,
        Some(("image", _)) => Kind::Image,
        Some(("text", _) | (_, "pdf" | "epub+zip" | "msword")) => Kind::Book,
        Some((_, "zip" | "x-rar-compressed" | "vnd.rar" | "x-7z-compressed")) => Kind::Archive,
        _ if BOOKS.contains(&extension) => Kind::Book,
        _ if ARCHIVES.contains(&extension) => Kind::Archive,
        _ => Kind::Document,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(keys: &[&str]) -> Section {
        let columns = keys.iter().map(|key| ((*key).to_owned(), (*key).to_owned())).collect();
        Section { table: "t".to_owned(), columns }
    }

    /// Keys in the order of the alphabet, as the columns of a section are.
    fn fields_of<T>(pairs: &[(&str, &str)], read: impl FnOnce(&Fields<'_>) -> T) -> T {
        let mut pairs = pairs.to_vec();
        pairs.sort_unstable();
        let section = section(&pairs.iter().map(|(key, _)| *key).collect::<Vec<_>>());
        let row: Vec<Option<String>> =
            pairs.iter().map(|(_, value)| Some((*value).to_owned())).collect();
        read(&Fields::new(&section, &row))
    }

    fn now() -> Timestamp {
        DateTime::from_timestamp(2_000_000_000, 0).unwrap()
    }

    #[test]
    fn moments_come_in_many_forms() {
        let expected = DateTime::from_timestamp(1_704_164_645, 0).unwrap();
        for text in [
            "2024-01-02 03:04:05",
            "2024-01-02T03:04:05",
            "2024-01-02 03:04:05+00",
            "2024-01-02T08:04:05+05:00",
            "2024-01-02T03:04:05Z",
            "1704164645",
        ] {
            assert_eq!(time(text), Some(expected), "{text}");
        }
        assert_eq!(time("2024-01-02 03:04:05.25").unwrap().timestamp_subsec_millis(), 250);
        assert_eq!(time("2024-01-02").unwrap().timestamp() % 86_400, 0);
        assert_eq!(time("yesterday"), None);
    }

    #[test]
    fn a_person_is_read_with_what_is_strange() {
        let pairs = [
            ("id", "42"),
            ("username", "@ann"),
            ("language", "uz-UZ"),
            ("is_admin", "true"),
            ("is_active", "f"),
            ("created_at", "long ago"),
        ];
        let read = fields_of(&pairs, |fields| person(fields, now())).unwrap();
        let AdoptedPerson { id, username, lang, role, reachable, created_at, .. } = read.value;
        assert_eq!((id, username.as_deref(), lang), (UserId(42), Some("ann"), Lang::Uz));
        assert_eq!((role, reachable, created_at), (Role::Admin, false, now()));
        assert_eq!(read.remarks, ["created_at cannot be read: now is taken", "becomes an admin"]);
        for (id, why) in [("", "no Telegram id"), ("x", "no number"), ("-100", "not a person")] {
            let error = fields_of(&[("id", id)], |fields| person(fields, now())).err().unwrap();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_file_is_classed_by_its_handle_first() {
        let pairs = [
            ("file_id", "CQACAgIAAxkBAAIB"),
            ("file_type", "document"),
            ("file_name", "Unit_1.mp3"),
            ("file_size", "many"),
            ("level", "b1"),
        ];
        let read = fields_of(&pairs, |fields| file(fields, now())).unwrap();
        assert_eq!(read.value.file.class, FileClass::Audio);
        assert_eq!((read.value.kind, read.value.title.as_str()), (Kind::Audio, "Unit 1"));
        assert_eq!(read.value.level, Some(Level::B1));
        assert_eq!(read.remarks, ["file_size is no number: left out"]);
        let pairs = [("file_id", "XXXXAgIAAxkBAAIB"), ("file_name", "a.zip")];
        let read = fields_of(&pairs, |fields| file(fields, now())).unwrap();
        assert_eq!((read.value.file.class, read.value.kind), (FileClass::Document, Kind::Archive));
        assert!(fields_of(&[("file_id", "short")], |fields| file(fields, now())).is_err());
    }
}
