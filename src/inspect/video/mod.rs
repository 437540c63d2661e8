//! Films: duration, title, size as shown, and the names of codecs. One file per container; others
//! are taken without measures.

mod avi;
mod matroska;
mod mp4;

use std::fs::File;
use std::io::{self, Seek};

use file_format::FileFormat;

use super::formats::Found;
use super::{audio, clean};
use crate::domain::inspection::{Measures, Rejection};

/// What a container tells about its film.
#[derive(Debug, Default, PartialEq)]
struct Film {
    duration_s: Option<f64>,
    title: Option<String>,
    /// As it is shown: turned, and with square pixels.
    size: Option<(u32, u32)>,
    codec: Option<&'static str>,
}

/// Reads what the container tells.
///
/// # Errors
/// Reading failed: no fault of the file.
pub(super) fn read(file: &mut File, format: FileFormat) -> io::Result<Result<Found, Rejection>> {
    file.rewind()?;
    let film = match format {
        format if is_mp4(format) => mp4::read(file)?,
        FileFormat::MatroskaVideo
        | FileFormat::Matroska3dVideo
        | FileFormat::MatroskaAudio
        | FileFormat::MatroskaSubtitles
        | FileFormat::ExtensibleBinaryMetaLanguage
        | FileFormat::Webm => matroska::read(&mut *file),
        FileFormat::AudioVideoInterleave => avi::read(file)?,
        _ => return Ok(Ok(Found::default())),
    };
    let length = file.metadata()?.len();
    let tags = if is_mp4(format) { audio::tags(file, format) } else { None };
    Ok(film.map(|film| describe(&film, tags.unwrap_or_default(), length)))
}

/// Whether a format is a sort of MP4.
const fn is_mp4(format: FileFormat) -> bool {
    matches!(
        format,
        FileFormat::AppleItunesVideo
            | FileFormat::AppleQuicktime
            | FileFormat::Mpeg4Part14
            | FileFormat::Mpeg4Part14Subtitles
            | FileFormat::Mpeg4Part14Video
            | FileFormat::ThirdGenerationPartnershipProject
            | FileFormat::ThirdGenerationPartnershipProject2
    )
}

fn describe(film: &Film, tags: Found, length: u64) -> Found {
    let seconds = film.duration_s.filter(|it| it.is_finite() && *it > 0.0);
    let duration_s = seconds.and_then(whole_seconds).filter(|&it| it > 0).or(tags.duration_s);
    let (width, height) = film.size.filter(|&(w, h)| w > 0 && h > 0).unzip();
    let rate = duration_s.map(|seconds| length / 125 / u64::from(seconds));
    Found {
        title: film.title.as_deref().and_then(clean::title).or(tags.title),
        author: tags.author,
        duration_s,
        measures: Measures {
            width,
            height,
            codec: film.codec.map(str::to_owned).or(tags.measures.codec),
            bit_rate_kbps: rate.and_then(|it| u32::try_from(it).ok()).filter(|&it| it > 0),
            ..Measures::default()
        },
        ..Found::default()
    }
}

fn whole_seconds(seconds: f64) -> Option<u32> {
    let whole = std::time::Duration::try_from_secs_f64(seconds).ok()?.as_secs();
    u32::try_from(whole).ok()
}

/// Our word for a codec by its four letters, which MP4 and AVI share.
fn codec_of_fourcc(fourcc: [u8; 4]) -> Option<&'static str> {
    Some(match fourcc.map(|letter| letter.to_ascii_lowercase()).as_slice() {
        b"avc1" | b"avc3" | b"h264" | b"x264" => "H.264",
        b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" | b"hevc" | b"h265" => "H.265",
        b"av01" => "AV1",
        b"vp08" | b"vp80" => "VP8",
        b"vp09" | b"vp90" => "VP9",
        b"mp4v" | b"xvid" | b"divx" | b"dx50" | b"fmp4" | b"mp4s" => "MPEG-4",
        b"div3" | b"mp43" | b"mp42" | b"mpg4" => "MS MPEG-4",
        b"s263" | b"h263" => "H.263",
        b"mjpg" | b"jpeg" | b"mjpa" | b"mjpb" => "Motion JPEG",
        b"mpg2" | b"mp2v" => "MPEG-2",
        b"mpg1" => "MPEG-1",
        b"wmv1" | b"wmv2" | b"wmv3" | b"wvc1" => "WMV",
        b"apch" | b"apcn" | b"apcs" | b"apco" | b"ap4h" => "ProRes",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_of_a_container_are_bounded() {
        for silly in [f64::NAN, f64::INFINITY, -1.0, 0.0, 0.3, 1e300, 1e10] {
            let film = Film { duration_s: Some(silly), size: Some((0, 5)), ..Film::default() };
            let found = describe(&film, Found::default(), 1000);
            assert_eq!((found.duration_s, found.measures), (None, Measures::default()), "{silly}");
        }
        let film = Film { duration_s: Some(8.9), size: Some((4, 3)), ..Film::default() };
        let found = describe(&film, Found::default(), 1_000_000);
        assert_eq!(found.duration_s, Some(8));
        assert_eq!(found.measures.bit_rate_kbps, Some(1000));
    }
}
