//! Panic payloads as text that is safe to store and show.

use std::any::Any;

use super::redact::{redact, unquoted};

/// Longer texts are cut: a panic message may quote whole inputs.
const PANIC_TEXT_MAX_CHARS: usize = 200;

/// The panic's message on one line, without control characters, cut to a limit.
///
/// What it quotes is left out: a slice cut wrongly quotes the whole text, which is somebody's.
pub fn panic_text(payload: &(dyn Any + Send)) -> String {
    let message = if let Some(text) = payload.downcast_ref::<&'static str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.as_str()
    } else {
        "a panic without a message"
    };
    unquoted(&redact(message))
        .chars()
        .take(PANIC_TEXT_MAX_CHARS)
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_of_limited_length() {
        assert_eq!(panic_text(&"a\nb\u{1b}[31m"), "a b [31m");
        assert_eq!(panic_text(&"byte index 1 of `яна`"), "byte index 1 of ``");
        let long: Box<dyn Any + Send> = Box::new("я".repeat(1000));
        assert_eq!(panic_text(&*long).chars().count(), PANIC_TEXT_MAX_CHARS);
        assert_eq!(panic_text(&7_u8), "a panic without a message");
    }
}
