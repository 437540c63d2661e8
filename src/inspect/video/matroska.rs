//! Matroska and `WebM`, by the crate `matroska-demuxer`.

use std::io::{BufReader, Read, Seek};

use matroska_demuxer::{MatroskaFile, TrackEntry, TrackType};

use super::Film;
use crate::domain::inspection::Rejection;

/// Reads the header.
pub(super) fn read(file: impl Read + Seek) -> Result<Film, Rejection> {
    let file = MatroskaFile::open(BufReader::new(file)).map_err(|_damaged| Rejection::Broken)?;
    let info = file.info();
    let track = |sort| file.tracks().iter().find(|track| track.track_type() == sort);
    let picture = track(TrackType::Video);
    let nanos = u32::try_from(info.timestamp_scale().get()).ok();
    let told = picture.or_else(|| track(TrackType::Audio));
    Ok(Film {
        duration_s: info.duration().zip(nanos).map(|(ticks, nanos)| ticks * f64::from(nanos) / 1e9),
        title: info.title().map(str::to_owned),
        size: picture.and_then(size),
        codec: told.and_then(|track| codec(track.codec_id())),
    })
}

fn size(track: &TrackEntry) -> Option<(u32, u32)> {
    let video = track.video()?;
    let (width, height) = (video.pixel_width().get(), video.pixel_height().get());
    Some((u32::try_from(width).ok()?, u32::try_from(height).ok()?))
}

/// Our word for a codec by its name in the format's registry.
fn codec(id: &str) -> Option<&'static str> {
    Some(match id {
        "V_MPEG4/ISO/AVC" => "H.264",
        "V_MPEGH/ISO/HEVC" => "H.265",
        "V_AV1" => "AV1",
        "V_VP8" => "VP8",
        "V_VP9" => "VP9",
        "V_MPEG4/ISO/ASP" | "V_MPEG4/ISO/SP" | "V_MPEG4/ISO/AP" => "MPEG-4",
        "V_MPEG2" => "MPEG-2",
        "V_MPEG1" => "MPEG-1",
        "V_THEORA" => "Theora",
        "V_MJPEG" => "Motion JPEG",
        "A_OPUS" => "Opus",
        "A_VORBIS" => "Vorbis",
        "A_FLAC" => "FLAC",
        "A_MPEG/L3" => "MP3",
        id if id.starts_with("A_AAC") => "AAC",
        id if id.starts_with("A_PCM") => "PCM",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn codecs_have_names_of_their_own() {
        assert_eq!(codec("V_VP9"), Some("VP9"));
        assert_eq!(codec("A_AAC/MPEG4/LC"), Some("AAC"));
        assert_eq!(codec("V_<b>"), None);
    }

    #[test]
    fn what_is_none_is_broken() {
        for bytes in [b"".as_slice(), b"\x1a\x45\xdf\xa3", &[0x1a, 0x45, 0xdf, 0xa3, 0xff, 0, 0]] {
            assert_eq!(read(Cursor::new(bytes)), Err(Rejection::Broken));
        }
    }
}
