//! Archives that claim more than they hold, and names that lead astray. None is ever unpacked.

use super::make::{ZipEntry, rar4, rar4_file, rar4_header, tar_header, zip};
use super::*;

const ARCHIVE: Outcome = Taken(Kind::Archive);
const BROKEN: Outcome = Refused(Rejection::Broken);
const ENCRYPTED: Outcome = Refused(Rejection::Encrypted);

pub fn cases() -> Vec<Case> {
    [zips(), rars(), others()].concat()
}

fn zips() -> Vec<Case> {
    let one = |name: &[u8]| vec![entry(name)];
    let locked = vec![ZipEntry { flags: 1, ..entry(b"a.txt") }];
    let bomb = vec![ZipEntry { packed: 0, unpacked: u32::MAX - 1, ..entry(b"zeros.bin") }];
    let overlapping: Vec<ZipEntry> = (0..300).map(|it| entry(format!("{it}").as_bytes())).collect();
    vec![
        ("zip that claims 65535 files", "a.zip", zip(&one(b"a"), Some(65_535), None), BROKEN),
        ("zip whose list is its end", "a.zip", zip(&one(b"a"), None, Some(31 + 47)), BROKEN),
        ("zip whose list is outside", "a.zip", zip(&one(b"a"), None, Some(u32::MAX - 9)), BROKEN),
        ("zip64 of a million million", "a.zip", zip64(), BROKEN),
        ("zip of files that overlap", "a.zip", zip(&overlapping, None, None), ARCHIVE),
        ("zip with a bomb", "a.zip", zip(&bomb, None, None), ARCHIVE),
        ("zip with a long name", "a.zip", zip(&one(&[b'x'; 300]), None, None), ARCHIVE),
        ("zip that leads out", "a.zip", zip(&one(b"../../etc/passwd"), None, None), ARCHIVE),
        ("zip with a name of nothing", "a.zip", zip(&one(b""), None, None), ARCHIVE),
        (
            "zip with controls in a name",
            "a.zip",
            zip(&one(b"a\0\x1b[2J\n.exe"), None, None),
            ARCHIVE,
        ),
        ("zip with a password", "a.zip", zip(&locked, None, None), ENCRYPTED),
        ("zip cut", "a.zip", zip(&one(b"a"), None, None)[..40].to_vec(), BROKEN),
        ("zip called picture", "a.jpg", zip(&one(b"a"), None, None), MISLABELLED),
    ]
}

const MISLABELLED: Outcome = Refused(Rejection::Mislabelled);

fn rars() -> Vec<Case> {
    let bidi = "photo\u{202e}gpj.exe".as_bytes();
    let still = rar4_header(0x74, 0x8000, Some(0), &[0; 25]);
    let long = rar4_header(0x74, 0x8000, Some(u16::MAX), &[0; 25]);
    let unnamed = rar4_header(0x74, 0x8000, None, &[&[0; 19], &[255, 255][..], &[0; 4]].concat());
    let rar5 = |headers: &[u8]| [b"Rar!\x1a\x07\x01\0", headers].concat();
    vec![
        ("rar with names that lie", "a.rar", rar4(&[rar4_file(bidi, 0x8000, 0)]), ARCHIVE),
        ("rar that leads out", "a.rar", rar4(&[rar4_file(b"..\\..\\x", 0x8000, 0)]), ARCHIVE),
        (
            "rar with a file that is not there",
            "a.rar",
            rar4(&[rar4_file(b"a", 0x8000, 99)]),
            BROKEN,
        ),
        ("rar with a header of no length", "a.rar", rar4(&[still]), BROKEN),
        ("rar with a header too long", "a.rar", rar4(&[long]), BROKEN),
        ("rar with a name too long", "a.rar", rar4(&[unnamed]), BROKEN),
        ("rar of very many", "a.rar", rar4(&vec![rar4_file(b"a", 0x8000, 0); 50_000]), ARCHIVE),
        ("rar with a password", "a.rar", rar4(&[rar4_file(b"a", 0x8004, 0)]), ENCRYPTED),
        (
            "rar with hidden names",
            "a.rar",
            [b"Rar!\x1a\x07\0", &rar4_header(0x73, 0x80, None, &[0; 6])[..]].concat(),
            ENCRYPTED,
        ),
        ("rar of a signature alone", "a.rar", b"Rar!\x1a\x07\0".to_vec(), ARCHIVE),
        ("rar 5 with hidden names", "a.rar", rar5(&[0, 0, 0, 0, 4, 4, 0, 0, 0]), ENCRYPTED),
        ("rar 5 with endless numbers", "a.rar", rar5(&[255; 5000]), BROKEN),
        (
            "rar 5 with a header of 4 GB",
            "a.rar",
            rar5(&[0, 0, 0, 0, 255, 255, 255, 255, 15, 2]),
            BROKEN,
        ),
        ("rar 5 of zeros", "a.rar", rar5(&[0; 5000]), BROKEN),
    ]
}

fn others() -> Vec<Case> {
    let huge = tar_header(b"a", b'0', b"77777777777\0");
    let long_name = tar_header(b"././@LongLink", b'L', b"77777777777\0");
    let negative = tar_header(b"a", b'0', &[255; 12]);
    let out = [tar_header(b"../../x", b'0', b"00000000000\0"), vec![0; 1024]].concat();
    vec![
        ("tar with a file of 8 GB", "a.tar", huge, ARCHIVE),
        ("tar with a name of 8 GB", "a.tar", long_name, BROKEN),
        ("tar of negative size", "a.tar", negative, BROKEN),
        ("tar that leads out", "a.tar", out, ARCHIVE),
        ("gzip of nothing", "a.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec(), ARCHIVE),
        (
            "7z with a list of 2^64 bytes",
            "a.7z",
            [b"7z\xbc\xaf\x27\x1c\0\x04", &[255; 24][..]].concat(),
            ARCHIVE,
        ),
        ("empty", "a.zip", Vec::new(), Refused(Rejection::Empty)),
    ]
}

fn entry(name: &[u8]) -> ZipEntry {
    ZipEntry { name: name.to_vec(), flags: 0, packed: 0, unpacked: 0, at: 0 }
}

fn zip64() -> Vec<u8> {
    let count = 1_000_000_000_000_u64.to_le_bytes();
    let end =
        [b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0", &[0; 8][..], &count, &count, &count, &[0; 8]];
    let locator = [b"PK\x06\x07\0\0\0\0", &[0; 8][..], &[1, 0, 0, 0]].concat();
    let old = [b"PK\x05\x06\0\0\0\0", &[255; 12][..], &[0; 2]].concat();
    let head = zip(&[entry(b"a")], None, None);
    let at = u64::try_from(head.len() - 22).unwrap().to_le_bytes();
    let locator = [&locator[..8], &at, &locator[16..]].concat();
    [&head[..head.len() - 22], &end.concat(), &locator, &old].concat()
}
