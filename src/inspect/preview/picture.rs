//! From an encoded picture to a small JPEG.

use std::io::Cursor;

use ::image::codecs::jpeg::JpegEncoder;
use ::image::imageops::thumbnail;
use ::image::metadata::Orientation;
use ::image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageReader, Limits, Rgb, RgbImage,
};
use file_format::FileFormat;

use super::super::image::decodable;
use super::super::limits::InspectLimits;
use crate::domain::inspection::{PREVIEW_MAX_BYTES, PREVIEW_MAX_SIDE, Preview};

/// Longest side of a picture that is decoded, in pixels.
const MAX_SIDE: u32 = 20_000;

/// Quality of JPEG and share of the size, from what is wanted to what is small enough for certain.
const CHOICES: [(u8, u32); 4] = [(82, 1), (60, 1), (60, 2), (30, 4)];

/// Draws a picture in one of the known formats.
pub(super) fn draw(bytes: &[u8], limits: &InspectLimits) -> Option<Preview> {
    let picture = decode(bytes, limits.memory_bytes / 2)?;
    let is_large = picture.width() > PREVIEW_MAX_SIDE || picture.height() > PREVIEW_MAX_SIDE;
    let picture =
        if is_large { picture.thumbnail(PREVIEW_MAX_SIDE, PREVIEW_MAX_SIDE) } else { picture };
    encode(&on_white(picture))
}

fn decode(bytes: &[u8], max_alloc: u64) -> Option<DynamicImage> {
    let format = decodable(FileFormat::from_bytes(bytes))?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(max_alloc);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    // Not all decoders count what the pixels themselves take.
    if decoder.total_bytes() > max_alloc {
        return None;
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    if picture.width() > PREVIEW_MAX_SIDE || picture.height() > PREVIEW_MAX_SIDE {
        // Before it is turned, which takes as much memory again.
        picture = picture.thumbnail(PREVIEW_MAX_SIDE, PREVIEW_MAX_SIDE);
    }
    picture.apply_orientation(orientation);
    Some(picture)
}

/// JPEG knows no transparency, and what was cut out is often black below.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let (width, height) = picture.dimensions();
    let pixels = picture.pixels().map(|pixel| {
        let [red, green, blue, alpha] = pixel.0;
        Rgb([red, green, blue].map(|it| over_white(it, alpha)))
    });
    let mut flat = RgbImage::new(width, height);
    for (to, pixel) in flat.pixels_mut().zip(pixels) {
        *to = pixel;
    }
    flat
}

fn over_white(value: u8, alpha: u8) -> u8 {
    let mixed = (u16::from(value) * u16::from(alpha) + 255 * u16::from(255 - alpha)) / 255;
    u8::try_from(mixed).unwrap_or(u8::MAX)
}

fn encode(picture: &RgbImage) -> Option<Preview> {
    for (quality, share) in CHOICES {
        let (width, height) = (picture.width().div_ceil(share), picture.height().div_ceil(share));
        let mut jpeg = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut jpeg, quality);
        let rgb = ExtendedColorType::Rgb8;
        if share == 1 {
            encoder.write_image(picture, width, height, rgb).ok()?;
        } else {
            let picture = thumbnail(picture, width, height);
            encoder.write_image(&picture, width, height, rgb).ok()?;
        }
        if jpeg.len() <= PREVIEW_MAX_BYTES {
            return Some(Preview { jpeg, width, height });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use ::image::{ImageFormat, Rgba, RgbaImage};

    use super::*;

    fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn drawn(bytes: &[u8]) -> Option<Preview> {
        draw(bytes, &InspectLimits::default())
    }

    /// The size and the colour in the middle, of the JPEG itself.
    fn seen(preview: &Preview) -> ((u32, u32), [u8; 3]) {
        let picture = ::image::load_from_memory(&preview.jpeg).unwrap().into_rgb8();
        let middle = picture.get_pixel(picture.width() / 2, picture.height() / 2).0;
        (picture.dimensions(), middle)
    }

    #[test]
    fn large_pictures_are_scaled_down_and_small_ones_stay() {
        let large = encoded(RgbImage::new(1600, 400), ImageFormat::Png);
        let preview = drawn(&large).unwrap();
        assert_eq!((preview.width, preview.height), (800, 200));
        assert_eq!(seen(&preview).0, (800, 200));
        let small = drawn(&encoded(RgbImage::new(3, 5), ImageFormat::Bmp)).unwrap();
        assert_eq!((small.width, small.height), (3, 5));
        let line = drawn(&encoded(RgbImage::new(4000, 1), ImageFormat::Png)).unwrap();
        assert_eq!((line.width, line.height), (800, 1));
    }

    #[test]
    fn what_is_transparent_is_white() {
        let clear = RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 0]));
        let preview = drawn(&encoded(clear, ImageFormat::Png)).unwrap();
        assert!(seen(&preview).1.iter().all(|&value| value > 250));
        assert_eq!((over_white(7, 255), over_white(7, 0), over_white(0, 128)), (7, 255, 127));
    }

    #[test]
    fn noise_is_encoded_small_enough() {
        let mut random = fastrand::Rng::with_seed(1);
        let noise =
            RgbImage::from_fn(800, 800, |_, _| Rgb([random.u8(..), random.u8(..), random.u8(..)]));
        let preview = drawn(&encoded(noise, ImageFormat::Png)).unwrap();
        assert!(preview.jpeg.len() <= PREVIEW_MAX_BYTES, "{preview:?}");
    }

    #[test]
    fn what_cannot_be_drawn_is_none() {
        let sound = encoded(RgbImage::new(30, 30), ImageFormat::Png);
        let little = InspectLimits { memory_bytes: 2000, ..InspectLimits::default() };
        assert_eq!(draw(&sound, &little), None);
        for bytes in [b"".as_slice(), b"text", &sound[..40], b"<svg/>"] {
            assert_eq!(drawn(bytes), None);
        }
    }
}
