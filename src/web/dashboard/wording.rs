//! Words of the page that are made of what the store holds.

use crate::domain::audit::AuditAction;
use crate::domain::broadcast::Content;

/// Characters of a title, a name.
pub const TITLE_CHARS: usize = 80;

/// What it says, or what sort it is.
pub fn title(content: &Content) -> String {
    let words = match content {
        Content::Text { template, .. } | Content::File { template, .. } => words_of(template),
        _ => String::new(),
    };
    if !words.is_empty() {
        return words;
    }
    match content {
        Content::Copy { .. } => "copy",
        Content::Text { .. } => "text",
        Content::File { .. } => "file",
        Content::Digest { .. } => "digest",
        Content::Undo { .. } => "undo",
    }
    .to_owned()
}

/// The first line of checked HTML, without its tags.
fn words_of(template: &str) -> String {
    let mut plain = String::with_capacity(template.len());
    let mut is_tag = false;
    for c in template.chars() {
        match c {
            '<' => is_tag = true,
            '>' if is_tag => is_tag = false,
            _ if is_tag => {}
            _ => plain.push(c),
        }
    }
    let line = plain.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    // Last what the others are made of.
    let line = line.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    shorten(&line.replace("&amp;", "&"), TITLE_CHARS)
}

/// What was done, by the name that the page knows it by.
pub fn wire_name(action: AuditAction, after: Option<&str>) -> String {
    match (action, after) {
        (AuditAction::ControlBroadcast, Some("paused")) => "broadcast_pause".to_owned(),
        (AuditAction::ControlBroadcast, Some("running")) => "broadcast_resume".to_owned(),
        (AuditAction::ControlBroadcast, Some("cancelled")) => "broadcast_cancel".to_owned(),
        (AuditAction::ControlQueue, Some(verb)) if !verb.starts_with("queue_") => {
            format!("queue_{verb}")
        }
        (
            AuditAction::ControlJob | AuditAction::ControlQueue | AuditAction::ControlProgram,
            Some(verb),
        ) => verb.to_owned(),
        (action, _) => action.name().to_owned(),
    }
}

/// Cut to so many characters.
pub fn shorten(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_first_line_as_people_read_it() {
        assert_eq!(
            words_of("\n<b>New &lt;script&gt;</b> &amp;lt; {name}\nmore"),
            "New <script> &lt; {name}"
        );
        assert_eq!(words_of("<b></b>"), "");
        assert_eq!(words_of(&"x".repeat(200)).chars().count(), TITLE_CHARS + 1);
    }

    #[test]
    fn actions_have_the_names_that_the_page_knows() {
        assert_eq!(wire_name(AuditAction::ControlBroadcast, Some("paused")), "broadcast_pause");
        assert_eq!(wire_name(AuditAction::ControlQueue, Some("pause")), "queue_pause");
        assert_eq!(wire_name(AuditAction::ControlJob, Some("group_retry")), "group_retry");
        assert_eq!(wire_name(AuditAction::Publish, None), "publish");
    }
}
