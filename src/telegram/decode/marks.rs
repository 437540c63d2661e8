//! The marks on a text: bold, links and the like.

use serde_json::value::RawValue;

use super::wire::MessageEntity;
use crate::domain::event::{Entity, EntityKind};
use crate::domain::html::NAME;

/// The marks on a text that has a place for a name; no other text is ever written anew. What cannot
/// be read is left out.
pub(super) fn of(text: Option<&str>, raw: Option<&RawValue>) -> Vec<Entity> {
    let Some(raw) = raw.filter(|_| text.is_some_and(|text| text.contains(NAME))) else {
        return Vec::new();
    };
    let each: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
    each.into_iter().filter_map(mark).collect()
}

fn mark(raw: &RawValue) -> Option<Entity> {
    let mark: MessageEntity<'_> = serde_json::from_str(raw.get()).ok()?;
    let kind = match &*mark.kind.0 {
        "bold" => EntityKind::Bold,
        "italic" => EntityKind::Italic,
        "underline" => EntityKind::Underline,
        "strikethrough" => EntityKind::Strikethrough,
        "spoiler" => EntityKind::Spoiler,
        "code" => EntityKind::Code,
        "pre" => EntityKind::Pre { language: mark.language.map(String::from) },
        "blockquote" => EntityKind::Quote { expandable: false },
        "expandable_blockquote" => EntityKind::Quote { expandable: true },
        "text_link" => EntityKind::Link(mark.url?.into()),
        "text_mention" => EntityKind::Person(crate::domain::ids::UserId(mark.user?.id)),
        "custom_emoji" => EntityKind::CustomEmoji(mark.custom_emoji_id?.into()),
        _ => return None,
    };
    Some(Entity { offset: mark.offset, length: mark.length, kind })
}
