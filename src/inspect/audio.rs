//! Tags, duration, codec and bit rate of audio files, by lofty; the tags of films, too.

use std::fs::File;
use std::io::{BufReader, Read, Seek};

use file_format::FileFormat;
use lofty::config::{ParseOptions, ParsingMode};
use lofty::file::{AudioFile, FileType, TaggedFile, TaggedFileExt};
use lofty::iff::wav::{WavFile, WavFormat};
use lofty::mp4::{Mp4Codec, Mp4File};
use lofty::mpeg::{Layer, MpegFile};
use lofty::probe::Probe;
use lofty::tag::Accessor;

use super::clean;
use super::formats::Found;
use crate::domain::inspection::{Measures, Rejection};

/// Reads tags and figures. Formats that lofty does not know are taken without them.
pub(super) fn read(file: &mut File, format: FileFormat) -> Result<Found, Rejection> {
    if lofty_type(format).is_none() {
        return Ok(Found::default());
    }
    match tags(file, format) {
        Some(found) => Ok(found),
        // Recorded into a pipe, it has no lengths that could be right, and plays all the same.
        None if format == FileFormat::WaveformAudio => Ok(Found::default()),
        None => Err(Rejection::Broken),
    }
}

/// The same, for files that may have no sound; `None` when there is nothing that lofty can read.
pub(super) fn tags(file: &mut File, format: FileFormat) -> Option<Found> {
    let file_type = lofty_type(format)?;
    // A damaged tag does not make a song unplayable: then the figures alone will do.
    parse(file, file_type, true).or_else(|| parse(file, file_type, false))
}

fn parse(file: &mut File, file_type: FileType, tags: bool) -> Option<Found> {
    let mut options = ParseOptions::new();
    options.read_cover_art(false).read_tags(tags).parsing_mode(ParsingMode::Relaxed);
    file.rewind().ok()?;
    let mut reader = BufReader::new(file);
    let (file, codec) = by_type(&mut reader, file_type, options)?;
    Some(describe(&file, codec))
}

/// Reads the file, and names its codec.
fn by_type(
    reader: &mut (impl Read + Seek),
    file_type: FileType,
    options: ParseOptions,
) -> Option<(TaggedFile, Option<&'static str>)> {
    let codec = match file_type {
        // Containers of more than one codec.
        FileType::Mp4 => {
            let file = Mp4File::read_from(reader, options).ok()?;
            let codec = file.properties().codec().and_then(codec_of_mp4);
            return Some((file.into(), codec));
        }
        FileType::Wav => {
            let file = WavFile::read_from(reader, options).ok()?;
            let is_plain = !matches!(file.properties().format(), WavFormat::Other(_));
            return Some((file.into(), is_plain.then_some("PCM")));
        }
        FileType::Mpeg => {
            let file = MpegFile::read_from(reader, options).ok()?;
            let is_mp3 = *file.properties().layer() == Layer::Layer3;
            return Some((file.into(), is_mp3.then_some("MP3")));
        }
        FileType::Aac => Some("AAC"),
        FileType::Flac => Some("FLAC"),
        FileType::Vorbis => Some("Vorbis"),
        FileType::Opus => Some("Opus"),
        FileType::Speex => Some("Speex"),
        FileType::Ape => Some("Monkey's Audio"),
        FileType::WavPack => Some("WavPack"),
        FileType::Mpc => Some("Musepack"),
        _ => None,
    };
    let file = Probe::with_file_type(reader, file_type).options(options).read().ok()?;
    Some((file, codec))
}

const fn codec_of_mp4(codec: Mp4Codec) -> Option<&'static str> {
    match codec {
        Mp4Codec::AAC => Some("AAC"),
        Mp4Codec::ALAC => Some("ALAC"),
        Mp4Codec::MP3 => Some("MP3"),
        Mp4Codec::FLAC => Some("FLAC"),
        _ => None,
    }
}

fn describe(file: &TaggedFile, codec: Option<&str>) -> Found {
    let tag = file.primary_tag().or_else(|| file.first_tag());
    let figures = file.properties();
    let rate = figures.audio_bitrate().or_else(|| figures.overall_bitrate());
    let duration_s = u32::try_from(figures.duration().as_secs()).ok();
    Found {
        title: tag.and_then(Accessor::title).and_then(|title| clean::title(&title)),
        author: tag.and_then(Accessor::artist).and_then(|artist| clean::author(&artist)),
        duration_s: duration_s.filter(|&it| it > 0),
        measures: Measures {
            codec: codec.map(str::to_owned),
            bit_rate_kbps: rate.filter(|&it| it > 0),
            ..Measures::default()
        },
        ..Found::default()
    }
}

/// What lofty calls a format; `None` when it does not know it.
pub(super) const fn lofty_type(format: FileFormat) -> Option<FileType> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_codecs_have_one_name_each() {
        assert_eq!(codec_of_mp4(Mp4Codec::ALAC), Some("ALAC"));
        assert_eq!(lofty_type(FileFormat::Mpeg12AudioLayer2), Some(FileType::Mpeg));
        assert_eq!(lofty_type(FileFormat::Zip), None);
    }
}
