//! Pictures: width and height as they are shown. Nothing is decoded here, and of what cameras
//! write only the orientation is read: never the place.

use std::fs::File;
use std::io::{BufReader, Seek};

use ::image::{ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use file_format::FileFormat;

use super::formats::Found;
use super::limits::InspectLimits;
use crate::domain::inspection::{Measures, Rejection};

/// Memory for what stands before the picture itself, in bytes.
const HEADER_MEMORY: u64 = 32 * 1024 * 1024;

/// Reads the measures. Formats that are not known here are taken without them.
pub(super) fn read(
    file: &mut File,
    format: FileFormat,
    limits: &InspectLimits,
) -> Result<Found, Rejection> {
    if file.metadata().is_ok_and(|it| it.len() > limits.max_parse_bytes) {
        return Ok(Found { truncated: true, ..Found::default() });
    }
    let by_decoder = decodable(format).map(|format| by_decoder(file, format));
    let size = match by_decoder {
        Some(Ok(size)) => Some(size),
        // Of this format there are more dialects than any decoder knows.
        Some(Err(_)) if format == FileFormat::TagImageFileFormat => {
            Some(by_header(file).ok_or(Rejection::Broken)?)
        }
        Some(Err(ImageError::Decoding(_) | ImageError::IoError(_))) => {
            return Err(Rejection::Broken);
        }
        Some(Err(_)) | None => by_header(file),
    };
    let (width, height) = size.unzip();
    Ok(Found { measures: Measures { width, height, ..Measures::default() }, ..Found::default() })
}

/// What the decoder calls a format, if it is one that previews are drawn from, too.
pub(super) const fn decodable(format: FileFormat) -> Option<ImageFormat> {
    Some(match format {
        FileFormat::JointPhotographicExpertsGroup => ImageFormat::Jpeg,
        FileFormat::PortableNetworkGraphics | FileFormat::AnimatedPortableNetworkGraphics => {
            ImageFormat::Png
        }
        FileFormat::GraphicsInterchangeFormat => ImageFormat::Gif,
        FileFormat::Webp => ImageFormat::WebP,
        FileFormat::WindowsBitmap => ImageFormat::Bmp,
        FileFormat::TagImageFileFormat => ImageFormat::Tiff,
        _ => return None,
    })
}

fn by_decoder(file: &mut File, format: ImageFormat) -> Result<(u32, u32), ImageError> {
    file.rewind()?;
    let mut reader = ImageReader::with_format(BufReader::new(file), format);
    // No bounds on the sides: a picture too large to be drawn still has a size.
    let mut memory = Limits::no_limits();
    memory.max_alloc = Some(HEADER_MEMORY);
    reader.limits(memory);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    // Damage in what the camera wrote is none of the picture.
    let is_turned = decoder.orientation().is_ok_and(|orientation| {
        use ::image::metadata::Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
        matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
    });
    Ok(if is_turned { (height, width) } else { (width, height) })
}

fn by_header(file: &mut File) -> Option<(u32, u32)> {
    file.rewind().ok()?;
    let size = imagesize::reader_size(BufReader::new(file)).ok()?;
    let (width, height) = (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?);
    (width > 0 && height > 0).then_some((width, height))
}
