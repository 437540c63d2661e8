//! The entities Telegram finds by itself: commands, mentions, hashtags, links.

use super::{Entity, Kind, sort};
use crate::util::utf16_len;

fn first_unit(c: u8) -> bool {
    c & 0xC0 != 0x80
}

/// Finds commands, mentions, hashtags, e-mails and URLs (outside code and links).
pub fn auto(text: &str, ents: &mut Vec<Entity>) {
    if !text.bytes().any(|b| matches!(b, b'/' | b'@' | b'#' | b'.')) {
        return;
    }
    let taken = |ents: &[Entity], off: usize, len: usize| {
        ents.iter().any(|e| {
            matches!(
                e.kind,
                Kind::Code
                    | Kind::Pre
                    | Kind::TextLink
                    | Kind::TextMention
                    | Kind::Url
                    | Kind::Email
                    | Kind::Mention
                    | Kind::BotCommand
            ) && (e.offset as usize) < off + len
                && off < (e.offset + e.length) as usize
        })
    };
    let bytes = text.as_bytes();
    let mut found = vec![];
    let mut utf16 = 0usize;
    let mut i = 0;
    while i < bytes.len() {
        let c = bytes[i];
        let prev = if i == 0 { b' ' } else { bytes[i - 1] };
        let boundary = i == 0
            || (!prev.is_ascii_alphanumeric()
                && prev < 0x80
                && !matches!(prev, b'_' | b'/' | b'@' | b'#' | b'<' | b'>'));
        let word = |from: usize| {
            bytes[from..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()
        };
        let mut hit: Option<(Kind, usize)> = None;
        if boundary {
            match c {
                b'/' => {
                    let n = word(i + 1);
                    if (1..=64).contains(&n) {
                        let mut len = 1 + n;
                        if bytes.get(i + len) == Some(&b'@') {
                            let m = word(i + len + 1);
                            if m >= 3 {
                                len += 1 + m;
                            }
                        }
                        if !matches!(bytes.get(i + len), Some(b'/' | b'<' | b'>')) {
                            hit = Some((Kind::BotCommand, len));
                        }
                    }
                }
                b'@' => {
                    let n = word(i + 1);
                    if (3..=32).contains(&n) {
                        hit = Some((Kind::Mention, 1 + n));
                    }
                }
                b'#' => {
                    let n = text[i + 1..]
                        .chars()
                        .take_while(|c| c.is_alphanumeric() || *c == '_')
                        .map(char::len_utf8)
                        .sum::<usize>();
                    if n > 0 && text[i + 1..i + 1 + n].chars().any(|c| !c.is_ascii_digit()) {
                        hit = Some((Kind::Hashtag, 1 + n));
                    }
                }
                b'h' if text[i..].starts_with("http://") || text[i..].starts_with("https://") => {
                    let n = text[i..].find(char::is_whitespace).unwrap_or(text.len() - i);
                    let n = text[i..i + n]
                        .trim_end_matches(['.', ',', ')', '!', '?', ';', ':', '"', '\''])
                        .len();
                    if n > 10 && text[i + 7..i + n].contains('.') {
                        hit = Some((Kind::Url, n));
                    }
                }
                _ => {}
            }
        }
        if let Some((kind, n)) = hit {
            let len = utf16_len(&text[i..i + n]);
            if !taken(ents, utf16, len) {
                found.push(Entity::new(kind, utf16, len));
            }
            utf16 += len;
            i += n;
            continue;
        }
        if first_unit(c) {
            utf16 += 1 + usize::from(c >= 0xf0);
        }
        i += 1;
    }
    if !found.is_empty() {
        ents.extend(found);
        sort(ents);
    }
}
