//! Tags and duration of audio and video files, by lofty.

use std::fs::File;
use std::io::{BufReader, Seek};

use file_format::FileFormat;
use lofty::config::{ParseOptions, ParsingMode};
use lofty::file::{AudioFile, FileType, TaggedFile, TaggedFileExt};
use lofty::probe::Probe;
use lofty::tag::Accessor;

use super::clean;
use super::formats::Found;
use crate::domain::inspection::Rejection;

/// Reads tags and duration. Formats that lofty does not know are taken without them.
pub(super) fn read(file: &mut File, format: FileFormat) -> Result<Found, Rejection> {
    let Some(file_type) = lofty_type(format) else {
        return Ok(Found::default());
    };
    let is_video = format.kind() == file_format::Kind::Video;
    // A damaged tag does not make a song unplayable: then the duration alone will do.
    let tagged = parse(file, file_type, true).or_else(|| parse(file, file_type, false));
    match tagged {
        Some(tagged) => Ok(describe(&tagged)),
        // A film without sound has nothing that lofty could read.
        None if is_video => Ok(Found::default()),
        None => Err(Rejection::Broken),
    }
}

fn parse(file: &mut File, file_type: FileType, tags: bool) -> Option<TaggedFile> {
    let mut options = ParseOptions::new();
    options.read_cover_art(false).read_tags(tags).parsing_mode(ParsingMode::Relaxed);
    file.rewind().ok()?;
    Probe::with_file_type(BufReader::new(file), file_type).options(options).read().ok()
}

fn describe(file: &TaggedFile) -> Found {
    let tag = file.primary_tag().or_else(|| file.first_tag());
    let title = tag.and_then(Accessor::title).and_then(|title| clean::title(&title));
    let author = tag.and_then(Accessor::artist).and_then(|artist| clean::author(&artist));
    let duration_s = u32::try_from(file.properties().duration().as_secs()).ok();
    Found { title, author, duration_s: duration_s.filter(|&it| it > 0), ..Found::default() }
}

/// What lofty calls a format; `None` when it does not know it.
const fn lofty_type(format: FileFormat) -> Option<FileType> {
    Some(match format {
        FileFormat::Mpeg12AudioLayer2 | FileFormat::Mpeg12AudioLayer3 | FileFormat::Id3v2 => {
            FileType::Mpeg
        }
        FileFormat::AdvancedAudioCoding => FileType::Aac,
        FileFormat::AppleItunesAudio
        | FileFormat::AppleItunesAudiobook
        | FileFormat::AppleItunesVideo
        | FileFormat::AppleQuicktime
        | FileFormat::Mpeg4Part14
        | FileFormat::Mpeg4Part14Audio
        | FileFormat::Mpeg4Part14Video => FileType::Mp4,
        FileFormat::FreeLosslessAudioCodec => FileType::Flac,
        FileFormat::OggVorbis => FileType::Vorbis,
        FileFormat::OggOpus => FileType::Opus,
        FileFormat::OggSpeex => FileType::Speex,
        FileFormat::WaveformAudio => FileType::Wav,
        FileFormat::AudioInterchangeFileFormat => FileType::Aiff,
        FileFormat::MonkeysAudio => FileType::Ape,
        FileFormat::Wavpack => FileType::WavPack,
        FileFormat::Musepack => FileType::Mpc,
        _ => return None,
    })
}
