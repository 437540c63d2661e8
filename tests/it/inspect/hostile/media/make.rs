//! Builds the blocks that formats are made of, honest or not.

use lopdf::{Dictionary, Stream};

/// A zlib stream of that content.
pub fn zlib(content: Vec<u8>) -> Vec<u8> {
    let mut stream = Stream::new(Dictionary::new(), content);
    stream.compress().unwrap();
    stream.content
}

/// The checksum of PNG and ZIP.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}

/// A chunk of PNG with a right checksum.
pub fn png_chunk(name: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap();
    let named = [name, body].concat();
    [&length.to_be_bytes()[..], &named, &crc32(&named).to_be_bytes()].concat()
}

/// A PNG of that size, eight bits of grey a pixel, from these chunks.
pub fn png(width: u32, height: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let head = png_chunk(b"IHDR", &[&size[..], &[8, 0, 0, 0, 0]].concat());
    [b"\x89PNG\r\n\x1a\n", &head[..], &chunks.concat(), &png_chunk(b"IEND", b"")].concat()
}

/// A chunk of RIFF that claims to be so long.
pub fn riff(name: &[u8], length: u32, body: &[u8]) -> Vec<u8> {
    [name, &length.to_le_bytes(), body].concat()
}

/// A box of MP4 that claims to be so long, its head included.
pub fn mp4_box(name: &[u8], length: u32, body: &[u8]) -> Vec<u8> {
    [&length.to_be_bytes()[..], name, body].concat()
}

/// An honest box.
pub fn sound_box(name: &[u8], body: &[u8]) -> Vec<u8> {
    mp4_box(name, u32::try_from(8 + body.len()).unwrap(), body)
}

/// A number as ID3v2.4 writes it: seven bits a byte.
pub fn syncsafe(number: u32) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| u8::try_from(number >> shift & 0x7f).unwrap())
}

/// A frame of ID3v2.4 that claims to be so long.
pub fn id3_frame(name: &[u8], length: u32, flags: u16, body: &[u8]) -> Vec<u8> {
    [name, &syncsafe(length), &flags.to_be_bytes(), body].concat()
}

/// An entry of a ZIP archive.
pub struct ZipEntry {
    pub name: Vec<u8>,
    pub flags: u16,
    pub packed: u32,
    pub unpacked: u32,
    /// Where its own header is said to be.
    pub at: u32,
}

/// An archive of entries without content, and what its end claims: entries and place of the list.
pub fn zip(entries: &[ZipEntry], claimed: Option<u16>, list_at: Option<u32>) -> Vec<u8> {
    let mut locals = Vec::new();
    let mut list = Vec::new();
    for entry in entries {
        let name_length = u16::try_from(entry.name.len()).unwrap().to_le_bytes();
        let sizes = [entry.packed.to_le_bytes(), entry.unpacked.to_le_bytes()].concat();
        let flags = entry.flags.to_le_bytes();
        let at = entry.at.to_le_bytes();
        let common = [&flags[..], &[8, 0], &[0; 8], &sizes, &name_length, &[0; 2]].concat();
        locals.extend([b"PK\x03\x04\x14\0", &common[..], &entry.name].concat());
        let place = [&[0; 10][..], &at].concat();
        list.extend([b"PK\x01\x02\x14\0\x14\0", &common[..], &place, &entry.name].concat());
    }
    let count = claimed.unwrap_or(u16::try_from(entries.len()).unwrap()).to_le_bytes();
    let at = list_at.unwrap_or(u32::try_from(locals.len()).unwrap()).to_le_bytes();
    let length = u32::try_from(list.len()).unwrap().to_le_bytes();
    let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &length, &at, &[0; 2]].concat();
    [locals, list, end].concat()
}

/// A header of RAR 4.
pub fn rar4_header(kind: u8, flags: u16, length: Option<u16>, rest: &[u8]) -> Vec<u8> {
    let length = length.unwrap_or(u16::try_from(7 + rest.len()).unwrap());
    [&[0, 0, kind], &flags.to_le_bytes()[..], &length.to_le_bytes(), rest].concat()
}

/// The header of a file in RAR 4.
pub fn rar4_file(name: &[u8], flags: u16, packed: u32) -> Vec<u8> {
    let name_length = u16::try_from(name.len()).unwrap().to_le_bytes();
    let rest = [&packed.to_le_bytes()[..], &[0; 15], &name_length, &[0; 4], name].concat();
    rar4_header(0x74, flags, None, &rest)
}

/// A RAR 4 archive of these headers.
pub fn rar4(headers: &[Vec<u8>]) -> Vec<u8> {
    [b"Rar!\x1a\x07\0", &rar4_header(0x73, 0, None, &[0; 6])[..], &headers.concat()].concat()
}

/// The header of a file in TAR that claims to be so long.
pub fn tar_header(name: &[u8], kind: u8, size: &[u8; 12]) -> Vec<u8> {
    let mut header = vec![0_u8; 512];
    header[..name.len()].copy_from_slice(name);
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(size);
    header[148..156].fill(b' ');
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}
