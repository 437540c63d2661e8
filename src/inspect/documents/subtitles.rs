//! Subtitles, SubRip and WebVTT: what is said, by the half-minute.

use std::io::Read;

use super::charset::decode_text;
use super::gather::Gather;
use super::{Trouble, read_head};
use crate::domain::inspection::PartKind;
use crate::inspect::formats::Found;
use crate::inspect::limits::InspectLimits;
use crate::inspect::plain;

/// How long a part is, in seconds.
const PART_S: u64 = 30;
/// Latest moment that is believed, in milliseconds: the timestamps have two digits for hours.
const MAX_MS: u64 = 100 * 3600 * 1000;

/// Reads subtitles of either format.
pub(super) fn read(file: &mut impl Read, limits: &InspectLimits) -> Result<Found, Trouble> {
    let (bytes, is_cut) = read_head(file, limits.max_unpacked_bytes)?;
    let text = decode_text(&bytes).unwrap_or_else(|| String::from_utf8_lossy(&bytes));
    let mut cues = cues(&text);
    let Some(end) = cues.iter().map(|cue| cue.end_ms).max() else {
        // It only began like subtitles.
        return Ok(plain::read_bytes(&bytes, limits));
    };
    // Translators' tools append what they add. Stable, so that simultaneous cues keep their order.
    cues.sort_by_key(|cue| cue.start_ms);

    let mut gather = Gather::new(limits);
    let mut part_start = 0;
    for cue in cues {
        let start = cue.start_ms / 1000;
        if gather.is_full() {
            break;
        }
        if start >= part_start + PART_S && !gather.is_blank() {
            gather.end_numbered_part(number(part_start), None);
        }
        if gather.is_blank() {
            part_start = start;
        }
        for line in cue.lines {
            gather.push(&without_tags(line));
            gather.end_line();
        }
    }
    gather.end_numbered_part(number(part_start), None);
    let (parts, truncated) = gather.finish();
    let duration_s = number(end.div_ceil(1000));
    Ok(Found {
        duration_s: Some(duration_s).filter(|&it| it > 0),
        part_kind: PartKind::Time,
        parts,
        truncated: truncated || is_cut,
        ..Found::default()
    })
}

/// Whether a text begins like SubRip: a number, then a time.
pub(super) fn begins_like_subrip(text: &str) -> bool {
    let mut lines = text.lines().map(|line| line.trim_matches(['\u{feff}', ' ']));
    let first = lines.find(|line| !line.is_empty()).unwrap_or_default();
    let is_number = first.len() < 10 && first.bytes().all(|byte| byte.is_ascii_digit());
    is_number && lines.next().is_some_and(|line| timing(line).is_some())
}

fn number(seconds: u64) -> u32 {
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// What is shown at a time.
struct Cue<'a> {
    start_ms: u64,
    end_ms: u64,
    lines: Vec<&'a str>,
}

/// The cues with a believable time, in the order of the file.
fn cues(text: &str) -> Vec<Cue<'_>> {
    let mut cues: Vec<Cue<'_>> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        if line.contains("-->") {
            is_open = false;
            if let Some((start_ms, end_ms)) = timing(line) {
                cues.push(Cue { start_ms, end_ms, lines: Vec::new() });
                is_open = true;
            }
            continue;
        }
        if line.trim().is_empty() {
            is_open = false;
        }
        if let Some(cue) = cues.last_mut().filter(|_| is_open) {
            cue.lines.push(line);
        }
    }
    cues
}

/// `00:01:02,500 --> 00:01:04,000`, in WebVTT with a point, with or without hours, and with
/// settings behind it.
fn timing(line: &str) -> Option<(u64, u64)> {
    let (start, rest) = line.split_once("-->")?;
    let start = moment(start.trim())?;
    let end = moment(rest.split_whitespace().next()?)?;
    (start <= end && end < MAX_MS).then_some((start, end))
}

fn moment(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let milliseconds: u64 = digits(fraction)?.checked_mul(match fraction.len() {
        1 => 100,
        2 => 10,
        3 => 1,
        _ => return None,
    })?;
    let mut seconds = 0_u64;
    let mut fields = 0;
    for field in whole.split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(digits(field)?)?;
        fields += 1;
    }
    (fields == 2 || fields == 3).then_some(())?;
    seconds.checked_mul(1000)?.checked_add(milliseconds)
}

fn digits(text: &str) -> Option<u64> {
    // `parse` alone would take a sign.
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// A line without `<i>`, `<c.yellow>`, `<00:01.000>` and `{\an8}`, and with its entities read.
fn without_tags(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    // Where a bracket is never closed, none behind it is: looking again takes quadratic time.
    let mut has_closing = true;
    while let Some(at) = rest.find(['<', '{']) {
        let (before, tag) = rest.split_at(at);
        plain.push_str(before);
        let end = match tag.strip_prefix('{') {
            None => tag.find('>'),
            Some(override_code) if has_closing && override_code.starts_with('\\') => {
                tag.find('}').or_else(|| {
                    has_closing = false;
                    None
                })
            }
            Some(_) => None,
        };
        rest = match (end, tag.strip_prefix('{')) {
            (Some(end), _) => tag.get(end + 1..).unwrap_or_default(),
            (None, Some(behind)) => {
                plain.push('{');
                behind
            }
            (None, None) => {
                rest = tag;
                break;
            }
        };
    }
    plain.push_str(rest);
    for (entity, character) in [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&lrm;", ""),
        ("&rlm;", ""),
        ("&amp;", "&"),
    ] {
        if plain.contains(entity) {
            plain = plain.replace(entity, character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn found(text: &str) -> Found {
        read(&mut text.as_bytes(), &InspectLimits::default()).unwrap()
    }

    fn times(found: &Found) -> Vec<(u32, &str)> {
        found.parts.iter().map(|it| (it.number, it.text.as_str())).collect()
    }

    #[test]
    fn subrip_is_read_by_the_half_minute() {
        let found = found(
            "\u{feff}1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hello</i>,\r\n{\\an8}world!\r\n\r\n\
             2\r\n00:00:30,999 --> 00:00:31,000\r\nStill here & <b>there\r\n\r\n\
             4\r\n00:02:00,000 --> 00:02:03,001\r\nThird\r\n\r\n\
             3\r\n00:00:31,000 --> 00:00:32,000\r\n{\\b1 {\\i <u>1</u> < 2 {set\r\n",
        );
        assert_eq!((found.part_kind, found.duration_s), (PartKind::Time, Some(124)));
        let expected = [
            (1, "Hello,\nworld!\nStill here & there"),
            (31, "{\\b1 {\\i 1 < 2 {set"),
            (120, "Third"),
        ];
        assert_eq!(times(&found), expected);
    }

    #[test]
    fn webvtt_has_settings_notes_and_short_times() {
        let found = found(
            "WEBVTT - title\n\nSTYLE\n::cue { color: red }\n\nNOTE not\nthis\n\n\
             intro\n00:05.000 --> 00:06.000 align:start\n<v Ann>Fish &amp; chips\n\n\
             01:00:00.000 --> 01:00:01.5\n<00:01.000><c.yellow>Late</c>\n",
        );
        assert_eq!(times(&found), [(5, "Fish & chips"), (3600, "Late")]);
        assert_eq!(found.duration_s, Some(3602));
    }

    #[test]
    fn times_that_cannot_be_are_ignored() {
        for silly in [
            "-00:00:01,000 --> 00:00:02,000",
            "00:00:05,000 --> 00:00:02,000",
            "99999999999999999999:00:00,000 --> 99999999999999999999:00:01,000",
            "18446744073709551615:59:59,999 --> 18446744073709551615:59:59,999",
            "100:00:00,000 --> 100:00:01,000",
            "00:00:01,0000 --> 00:00:02,000",
            "00:00:+1,000 --> 00:00:02,000",
            "1 --> 2",
            "-->",
        ] {
            assert_eq!(timing(silly), None, "{silly}");
        }
        let found = found("1\n00:00:05,000 --> 00:00:02,000\nnever\n");
        assert_eq!((found.part_kind, found.duration_s), (PartKind::Whole, None));
        assert_eq!(found.parts.len(), 1);
    }

    #[test]
    fn a_beginning_is_told_from_a_list_of_numbers() {
        assert!(begins_like_subrip("\n\u{feff}0\n00:00:01.000 --> 00:00:02.000\nx"));
        for other in ["", "1\n2\n3", "1. one\n00:00:01,000 --> 00:00:02,000", "1"] {
            assert!(!begins_like_subrip(other), "{other}");
        }
    }

    #[test]
    fn numbers_are_unique_and_rise_and_parts_end() {
        let mut cues = String::new();
        for at in 0..10_000 {
            let (minute, second) = (at * 7 % 60, at * 31 % 60);
            writeln!(cues, "{at}\n00:{minute:02}:{second:02},000 --> 01:00:00,000\nx\n").unwrap();
        }
        let found = found(&cues);
        assert!(found.parts.is_sorted_by(|a, b| a.number < b.number));
        assert!(found.parts.len() <= 120);
    }
}
