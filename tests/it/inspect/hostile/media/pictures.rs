//! Pictures that claim to be larger than memory, or lie otherwise.

use super::make::{png, png_chunk, riff, zlib};
use super::*;
use crate::inspect::jpeg_with_exif;

const IMAGE: Outcome = Taken(Kind::Image);
const BROKEN: Outcome = Refused(Rejection::Broken);

pub fn cases() -> Vec<Case> {
    let idat = || png_chunk(b"IDAT", &zlib(vec![0; 1000]));
    let text_bomb = || {
        let bomb = zlib(vec![b'a'; 20_000_000]);
        png_chunk(b"zTXt", &[b"Comment\0\0", &bomb[..]].concat())
    };
    let pixel_bomb = || png_chunk(b"IDAT", &zlib(vec![0; 20_000_000]));
    let colour_bomb = || {
        let bomb = zlib(vec![b'a'; 20_000_000]);
        png_chunk(b"iCCP", &[b"profile\0\0", &bomb[..]].concat())
    };
    let jpeg = std::fs::read(crate::inspect::data("image.jpg")).unwrap();
    vec![
        ("png of 50000 x 50000", "a.png", png(50_000, 50_000, &[idat()]), IMAGE),
        ("png of the largest size", "a.png", png(i32::MAX.unsigned_abs(), 1, &[idat()]), IMAGE),
        ("png without size", "a.png", png(0, 0, &[idat()]), BROKEN),
        ("png without pixels", "a.png", png(9, 9, &[]), BROKEN),
        ("png cut in its head", "a.png", png(9, 9, &[])[..20].to_vec(), BROKEN),
        ("png with a bomb of text", "a.png", png(9, 9, &[text_bomb(), idat()]), IMAGE),
        ("png with a bomb of colours", "a.png", png(9, 9, &[colour_bomb(), idat()]), IMAGE),
        ("png with a bomb of pixels", "a.png", png(9, 9, &[pixel_bomb()]), IMAGE),
        ("png with a false checksum", "a.png", false_checksum(), BROKEN),
        ("gif with the largest canvas", "a.gif", gif([0xff; 4], [0xff; 4]), IMAGE),
        ("gif with a frame outside", "a.gif", gif([1, 0, 1, 0], [0xff; 4]), IMAGE),
        ("gif cut in its head", "a.gif", b"GIF89a\x01".to_vec(), BROKEN),
        ("bmp of the least height", "a.bmp", bmp(1, i32::MIN), BROKEN),
        ("bmp of negative width", "a.bmp", bmp(-5, 5), BROKEN),
        ("bmp of huge size", "a.bmp", bmp(i32::MAX, i32::MAX), BROKEN),
        ("bmp of some gigabytes", "a.bmp", bmp(40_000, 40_000), IMAGE),
        ("tiff with cyclic directories", "a.tif", tiff(1, 8), BROKEN),
        ("tiff with a directory of too many", "a.tif", tiff(u16::MAX, 0), BROKEN),
        ("tiff that points out of itself", "a.tif", b"II*\0\xff\xff\xff\xff".to_vec(), BROKEN),
        ("jpeg of two bytes more than none", "a.jpg", b"\xff\xd8\xff\xe0".to_vec(), BROKEN),
        ("jpeg cut in its pixels", "a.jpg", jpeg[..jpeg.len() / 2].to_vec(), IMAGE),
        ("jpeg of the largest size", "a.jpg", jpeg_of(0xffff, 0xffff), IMAGE),
        ("jpeg with cyclic exif", "a.jpg", jpeg_with_cyclic_exif(), IMAGE),
        ("svg with a bomb of entities", "a.svg", svg_bomb(), IMAGE),
        ("webp of 16777216 x 16777216", "a.webp", webp(), BROKEN),
        ("webp that is none", "a.webp", riff(b"RIFF", 4, b"WEBP"), BROKEN),
        ("empty", "a.png", Vec::new(), Refused(Rejection::Empty)),
        ("song called picture", "a.png", b"ID3\x04\0\0\0\0\0\0".to_vec(), MISLABELLED),
    ]
}

const MISLABELLED: Outcome = Refused(Rejection::Mislabelled);

fn false_checksum() -> Vec<u8> {
    let mut bytes = png(9, 9, &[]);
    bytes[30] ^= 1;
    bytes
}

/// Canvas and frame: width and height each, in two bytes.
fn gif(canvas: [u8; 4], frame: [u8; 4]) -> Vec<u8> {
    let head = [b"GIF89a", &canvas[..], &[0x80, 0, 0], &[0; 6]].concat();
    [&head, b",\0\0\0\0".as_slice(), &frame, b"\0\x02\x02\x4c\x01\0;"].concat()
}

fn bmp(width: i32, height: i32) -> Vec<u8> {
    let info = [&40_u32.to_le_bytes()[..], &width.to_le_bytes(), &height.to_le_bytes()].concat();
    let head = b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0";
    [head, &info[..], &[1, 0, 24, 0], &[0; 24], &[0; 16]].concat()
}

/// One directory of `entries`, most of which are not there, and where the next one is.
fn tiff(entries: u16, next: u32) -> Vec<u8> {
    let entry = [0, 1, 4, 0, 1, 0, 0, 0, 8, 0, 0, 0];
    [b"II*\0\x08\0\0\0", &entries.to_le_bytes()[..], &entry, &next.to_le_bytes()].concat()
}

fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
    let size = [height.to_be_bytes(), width.to_be_bytes()].concat();
    let frame = [b"\xff\xc0\0\x0b\x08", &size[..], b"\x01\x01\x11\0"].concat();
    let scan = b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\x00\xff\xd9";
    [b"\xff\xd8\xff\xdb\0\x43\0", &[1; 64][..], &frame, scan].concat()
}

/// The directory's next one is itself, and its one entry points there, too.
fn jpeg_with_cyclic_exif() -> Vec<u8> {
    let entry = [0x69, 0x87, 4, 0, 1, 0, 0, 0, 8, 0, 0, 0];
    jpeg_with_exif(&[b"II*\0\x08\0\0\0\x01\0", &entry[..], &8_u32.to_le_bytes()].concat())
}

fn svg_bomb() -> Vec<u8> {
    let mut bomb = "<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY a \"ha\">".to_owned();
    let entities = ('b'..='z')
        .zip('a'..)
        .map(|(name, before)| format!("<!ENTITY {name} \"{}\">", format!("&{before};").repeat(10)));
    bomb.extend(entities);
    bomb += "]><svg xmlns=\"http://www.w3.org/2000/svg\"><text>&z;</text></svg>";
    bomb.into_bytes()
}

fn webp() -> Vec<u8> {
    let head = riff(b"VP8X", 10, &[0x10, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    riff(b"RIFF", u32::MAX, &[b"WEBP", &head[..], &riff(b"VP8 ", u32::MAX, &[0; 20])].concat())
}
