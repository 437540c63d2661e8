//! Measures of media, lists of archives, previews, and the sandbox itself, through real children.

use primelingo::domain::inspection::{Measures, PREVIEW_MAX_SIDE, PartKind, Preview};
use primelingo::inspect::Tools;

use super::*;

/// The measures that a file must have, and its duration.
type Expected = (&'static str, Option<(u32, u32)>, Option<&'static str>, Option<u32>);

const MEASURES: &[Expected] = &[
    ("image.jpg", Some((300, 200)), None, None),
    ("test.png", Some((802, 670)), None, None),
    ("tone.flac", None, Some("FLAC"), Some(2)),
    ("tone.m4a", None, Some("AAC"), Some(2)),
    ("tone.mp3", None, Some("MP3"), Some(2)),
    ("tone.ogg", None, Some("Vorbis"), Some(2)),
    ("tone.opus", None, Some("Opus"), Some(2)),
    ("speech.wav", None, Some("PCM"), Some(7)),
    ("film.mp4", Some((32, 32)), Some("H.264"), Some(2)),
    ("silent.mp4", Some((32, 32)), Some("H.264"), Some(2)),
    ("media/film.avi", Some((48, 32)), Some("MPEG-4"), Some(2)),
    ("media/film.mkv", Some((48, 32)), Some("H.264"), Some(2)),
    ("media/film.webm", Some((48, 32)), Some("VP9"), Some(2)),
    // Stored lying, shown upright.
    ("media/turned.mp4", Some((32, 48)), Some("H.264"), Some(2)),
    ("media/cover.mp3", None, Some("MP3"), Some(2)),
];

#[tokio::test]
async fn media_have_measures() {
    for &(file, size, codec, duration_s) in MEASURES {
        let found = inspect(file).await.unwrap_or_else(|error| panic!("{file}: {error}"));
        let Measures { width, height, codec: found_codec, bit_rate_kbps, entries } = found.measures;
        assert_eq!(width.zip(height), size, "{file}");
        assert_eq!(found_codec.as_deref(), codec, "{file}");
        assert_eq!(found.duration_s, duration_s, "{file}");
        assert_eq!(bit_rate_kbps.is_some(), duration_s.is_some(), "{file}");
        assert_eq!(entries, None, "{file}");
    }
    for film in ["media/film.mkv", "media/film.webm"] {
        assert_eq!(inspect(film).await.unwrap().title.as_deref(), Some("Film two"), "{film}");
    }
}

/// A JPEG as a phone writes it: lying on its side, with the place where it was taken.
fn jpeg_of_a_phone() -> Vec<u8> {
    // Orientation 6 (to be turned clockwise), and a directory of the place with one latitude.
    let orientation = [0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0];
    let place = [0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0];
    let latitude = [1, 0, 2, 0, 2, 0, 0, 0, b'N', 0, 0, 0];
    let tiff = [
        b"II*\0\x08\0\0\0\x02\0",
        orientation.as_slice(),
        &place,
        &[0; 4],
        &[1, 0],
        &latitude,
        &[0; 4],
        b"Samarkand",
    ]
    .concat();
    jpeg_with_exif(&tiff)
}

async fn preview_of(path: &Path, tools: Tools) -> Option<Preview> {
    let inspector = inspector(InspectLimits::default()).with_tools(tools);
    let found = inspector.inspect(path, &Hints::default()).await.unwrap();
    inspector.preview(path, &found).await
}

#[tokio::test]
async fn a_picture_is_shown_upright_and_without_its_place() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("photo");
    std::fs::write(&path, jpeg_of_a_phone()).unwrap();
    let found = inspector(InspectLimits::default()).inspect(&path, &named("a.jpg")).await.unwrap();
    assert_eq!((found.measures.width, found.measures.height), (Some(200), Some(300)));
    assert!(!format!("{found:?}").contains("Samarkand"));

    let preview = preview_of(&path, Tools::default()).await.unwrap();
    assert_eq!((preview.width, preview.height), (200, 300));
    let has = |text: &[u8]| preview.jpeg.windows(text.len()).any(|it| it == text);
    assert!(!has(b"Exif") && !has(b"Samarkand"));
}

#[tokio::test]
async fn previews_come_from_pictures_covers_and_thumbnails() {
    for (file, size) in [
        ("test.png", Some((800, 668))),
        ("image.jpg", Some((300, 200))),
        ("media/cover.mp3", Some((300, 200))),
        ("minimal.pptx", Some((256, 192))),
        ("source.odt", Some((181, 256))),
        // Nothing to draw, or nothing to draw it with.
        ("tone.mp3", None),
        ("shp-embedded-xlsx.xlsx", None),
        ("test.svg", None),
        ("rar3-solid.rar", None),
        ("toy.pdf", None),
        ("film.mp4", None),
    ] {
        let preview = preview_of(&data(file), Tools::default()).await;
        let found = preview.map(|preview| (preview.width, preview.height));
        assert_eq!(found, size, "{file}");
    }
}

/// The tools of this machine, and whether the one that is asked for is there.
#[expect(clippy::print_stderr, reason = "who runs the tests should know what was not tried")]
fn tools(has: impl Fn(&Tools) -> bool, name: &str) -> Option<Tools> {
    let tools = Tools::find(&primelingo::settings::search_path());
    if has(&tools) {
        return Some(tools);
    }
    eprintln!("{name} is missing: its previews are not tried, see tests/run.sh");
    None
}

#[tokio::test]
async fn a_page_is_drawn_where_pdftoppm_is() {
    let Some(tools) = tools(Tools::draws_pages, "pdftoppm") else { return };
    for file in ["pdflatex-4-pages.pdf", "r6-empty-password.pdf"] {
        let preview = preview_of(&data(file), tools.clone()).await.unwrap();
        assert_eq!(preview.width.max(preview.height), PREVIEW_MAX_SIDE, "{file}");
    }
}

#[tokio::test]
async fn a_frame_is_drawn_where_ffmpeg_is() {
    let Some(tools) = tools(Tools::draws_films, "ffmpeg") else { return };
    for (file, size) in [
        ("film.mp4", (32, 32)),
        ("media/turned.mp4", (32, 48)),
        ("media/film.mkv", (48, 32)),
        ("media/film.webm", (48, 32)),
        ("media/film.avi", (48, 32)),
    ] {
        let preview = preview_of(&data(file), tools.clone()).await.unwrap();
        assert_eq!((preview.width, preview.height), size, "{file}");
    }
}

/// A program in the place of `pdftoppm`.
fn false_tool(folder: &Path, script: &str) -> Tools {
    use std::os::unix::fs::PermissionsExt as _;

    let program = folder.join("pdftoppm");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    Tools::find(&[folder.to_owned()])
}

#[tokio::test]
async fn a_tool_that_fails_or_floods_costs_the_preview_alone() {
    // Below the build's folder, and so outside of what a tool may run: it cannot even start.
    let folder = TempDir::new().unwrap();
    for script in ["exit 1", "cat /etc/passwd", "cat /dev/zero"] {
        let tools = false_tool(folder.path(), script);
        assert!(tools.draws_pages());
        assert_eq!(preview_of(&data("toy.pdf"), tools).await, None, "{script}");
    }
}

#[tokio::test]
async fn archives_are_listed_and_their_names_are_harmless() {
    let names = async |name: &str| {
        let found = inspect(name).await.unwrap();
        assert_eq!(found.part_kind, PartKind::Entries, "{name}");
        (found.measures.entries, found.parts[0].text.clone())
    };
    let (entries, text) = names("media/rar3-subdirs.rar").await;
    assert_eq!((entries, text.lines().count()), (Some(4), 4), "{text}");
    assert!(text.lines().any(|line| line.ends_with("file1.txt")), "{text}");
    assert_eq!(names("rar3-solid.rar").await.0, Some(2));
}

#[tokio::test]
async fn an_inspection_tells_what_it_cost() {
    let examined =
        inspector(InspectLimits::default()).examine(&data("toy.pdf"), &Hints::default()).await;
    assert!(examined.outcome.is_ok());
    assert!(examined.cost.cpu_ms.is_some());
    if cfg!(target_os = "linux") {
        let peak = examined.cost.peak_kib.unwrap();
        assert!(peak > 1024 && peak < InspectLimits::default().memory_bytes / 1024, "{peak}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn every_layer_of_the_sandbox_holds() {
    let sandbox = inspector(InspectLimits::default()).self_test().await;
    assert_eq!(sandbox.to_string(), "sealed");
    assert!(sandbox.is_sealed() && !sandbox.is_open());

    let nowhere = Inspector::new(PathBuf::from("/nonexistent"), InspectLimits::default());
    assert!(nowhere.self_test().await.is_open());
}

#[test]
fn the_command_prints_what_is_found() {
    let run = |arguments: &[&str]| {
        let program = env!("CARGO_BIN_EXE_primelingo");
        let folder = TempDir::new().unwrap();
        let mut command = std::process::Command::new(program);
        command.arg("inspect").args(arguments).current_dir(folder.path()).env_clear();
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let path = |name: &str| data(name).into_os_string().into_string().unwrap();
    let (is_taken, text) = run(&[&path("test.png"), &path("media/rar3-subdirs.rar")]);
    assert!(is_taken, "{text}");
    assert!(text.contains("image/png, image, 802x670") && text.contains("4 files"), "{text}");

    let (is_taken, text) = run(&["--json", &path("toy.pdf"), &path("encrypted-file.pdf")]);
    assert!(!is_taken);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["pages"], &lines[0]["kind"]), (&1.into(), &"book".into()));
    assert!(lines[0]["cost"]["cpu_ms"].is_u64());
    assert!(lines[1]["error"].as_str().unwrap().contains("encrypted"));
}
