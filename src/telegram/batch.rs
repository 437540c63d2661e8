//! The answer to `getUpdates`, taken apart without being understood.
//!
//! Each update stays the text it came as. A strange update must never stop the others, so nothing
//! here looks inside one; and when the body as a whole is no JSON (cut off, damaged), the updates
//! that are complete before, between and after the damage are still found. (A body that the network cut
//! short never gets here: it is a lost answer, and the same offset brings it again.)

use serde::Deserialize;
use serde_json::value::RawValue;

/// What one `getUpdates` brought.
#[derive(Debug, Default)]
pub struct RawBatch {
    /// The updates as Telegram wrote them, in its order.
    pub updates: Vec<Box<RawValue>>,
    /// Whether something in the answer was unreadable and is missing here.
    pub damaged: bool,
}

/// The envelope of a good answer.
#[derive(Deserialize)]
struct Envelope {
    ok: bool,
    result: Vec<Box<RawValue>>,
}

/// Takes a body apart; `None` if it is no answer with updates at all.
pub(super) fn split(body: &[u8]) -> Option<RawBatch> {
    if let Ok(envelope) = serde_json::from_slice::<Envelope>(body) {
        let whole = RawBatch { updates: envelope.result, damaged: false };
        return envelope.ok.then_some(whole);
    }
    let text = String::from_utf8_lossy(body);
    let elements = elements_after_result(&text)?;
    Some(salvage(elements))
}

/// What follows the opening bracket of `"result":[` in an answer that begins as a good one.
fn elements_after_result(text: &str) -> Option<&str> {
    let (head, rest) = text.split_once("\"result\"")?;
    let head: String = head.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    if head != "{\"ok\":true," {
        return None;
    }
    rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('[')
}

/// Finds the complete JSON objects in a damaged list. An object that is not closed is searched for
/// the beginning of the next update, so that one cut in the middle does not swallow those behind it.
fn salvage(mut rest: &str) -> RawBatch {
    const START: &str = "{\"update_id\"";
    let mut updates = Vec::new();
    while let Some(at) = rest.find('{') {
        let (_, from_brace) = rest.split_at(at);
        let complete = object_len(from_brace).and_then(|len| from_brace.split_at_checked(len));
        if let Some((object, after)) = complete
            && let Ok(update) = RawValue::from_string(object.to_owned())
        {
            updates.push(update);
            rest = after;
            continue;
        }
        let inside = from_brace.get(1..).unwrap_or_default();
        match inside.find(START).and_then(|next| inside.get(next..)) {
            Some(next) => rest = next,
            None => break,
        }
    }
    RawBatch { updates, damaged: true }
}

/// The length in bytes of the object at the start of `text`, if it is closed.
fn object_len(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return at.checked_add(1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(batch: &RawBatch) -> Vec<&str> {
        batch.updates.iter().map(|update| update.get()).collect()
    }

    #[test]
    fn strange_updates_stay_what_they_are() {
        let body = br#"{"ok":true,"result":[{"update_id":1},5,{"update_id":99999999999999999999999,
            "message":{"text":"\ud800"}},null]}"#;
        let batch = split(body).expect("a batch");
        assert!(!batch.damaged);
        assert_eq!(batch.updates.len(), 4);
        assert!(batch.updates[2].get().contains(r"\ud800"));
    }

    #[test]
    fn a_cut_body_yields_what_is_complete() {
        let body =
            br#"{"ok": true, "result" : [{"update_id":1,"a":"}]{\""},{"update_id":2,"b":[1,2"#;
        let batch = split(body).expect("a batch");
        assert!(batch.damaged);
        assert_eq!(texts(&batch), [r#"{"update_id":1,"a":"}]{\""}"#]);
    }

    #[test]
    fn damage_in_the_middle_does_not_hide_what_follows() {
        let body =
            br#"{"ok":true,"result":[{"update_id":1},{"update_id":2,"x":tru},{"update_id":3}]}"#;
        assert_eq!(
            texts(&split(body).expect("a batch")),
            [r#"{"update_id":1}"#, r#"{"update_id":3}"#]
        );
        // An object that is never closed.
        let body =
            br#"{"ok":true,"result":[{"update_id":1,"x":{,{"update_id":2},{"update_id":3}]}"#;
        assert_eq!(
            texts(&split(body).expect("a batch")),
            [r#"{"update_id":2}"#, r#"{"update_id":3}"#]
        );
    }

    #[test]
    fn broken_letters_are_replaced_not_lost() {
        let body = b"{\"ok\":true,\"result\":[{\"update_id\":1,\"t\":\"\xff\"}]}";
        let batch = split(body).expect("a batch");
        assert_eq!(texts(&batch), ["{\"update_id\":1,\"t\":\"\u{fffd}\"}"]);
        assert!(batch.damaged);
    }

    #[test]
    fn what_is_no_batch_is_none() {
        for body in [
            &b"<html>502</html>"[..],
            b"",
            br#"{"ok":false,"error_code":409,"description":"x"}"#,
            br#"{"ok":false,"result":[]}"#,
            br#"{"ok":true,"result":true}"#,
        ] {
            assert!(split(body).is_none());
        }
    }

    proptest! {
        #[test]
        fn any_cut_keeps_all_complete_updates(cut in 0_usize..200) {
            let body = br#"{"ok":true,"result":[{"update_id":1,"m":{"t":"[{"}},{"update_id":2,"m":{"t":"\\\""}},{"update_id":3}]}"#;
            let cut = cut.min(body.len());
            let found = split(&body[..cut]).map_or(0, |batch| batch.updates.len());
            let ends: Vec<usize> = body.windows(2).enumerate()
                .filter(|(_, w)| *w == b"}," || *w == b"}]").map(|(at, _)| at + 1).collect();
            prop_assert_eq!(found, ends.iter().filter(|end| **end <= cut).count());
        }

        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = split(&body);
            let mut framed = b"{\"ok\":true,\"result\":[".to_vec();
            framed.extend(body);
            let _ = split(&framed);
        }
    }
}
