//! Messages in the dialog about a broadcast: the content, or an answer in words.

use super::{Turn, links, set_buttons, set_content, time};
use crate::domain::broadcast::{BroadcastNotice, Content, Hint};
use crate::domain::effect::{Decision, Effect, JobKind, NewJob, Notice, Place, Priority, View};
use crate::domain::event::{FileClass, FileRef};
use crate::domain::html::{CAPTION_LIMIT, NAME, TEXT_LIMIT, Template};
use crate::domain::ids::{AudienceListId, JobId, OutboxId};
use crate::domain::intent::{Letter, LetterBody};
use crate::domain::session::ComposeStep;
use crate::domain::step::show;

/// A message came.
pub fn answer(turn: Turn<'_>, letter: Letter) -> Decision {
    if letter.album.is_some() && letter.album == turn.compose.album {
        return take_part(turn, &letter);
    }
    if turn.compose.step == ComposeStep::Content {
        return take_content(turn, letter);
    }
    if let (ComposeStep::List, LetterBody::File(file)) = (turn.compose.step, &letter.body) {
        return take_list(turn, file);
    }
    let (LetterBody::Text, Some(text)) = (&letter.body, &letter.text) else {
        return turn.hinted(Hint::NotUnderstood);
    };
    if !letter.is_own {
        return show(Place::New, View::Notice(Notice::NotByOwnHand));
    }
    match turn.compose.step {
        ComposeStep::Buttons => take_buttons(turn, text),
        ComposeStep::When => time::read(turn, text),
        _ => turn.hinted(Hint::NotUnderstood),
    }
}

/// Another part of the album. Whoever was about to confirm sees that it has grown.
fn take_part(mut turn: Turn<'_>, letter: &Letter) -> Decision {
    if let Some(content) = &mut turn.compose.content {
        content.add_part(letter.message);
    }
    if matches!(turn.compose.step, ComposeStep::Confirm { .. }) {
        turn.compose.step = ComposeStep::Review;
    }
    let parts = match &turn.compose.content {
        Some(Content::Copy { messages, .. }) => messages.len(),
        _ => 1,
    };
    let has_name = letter.text.as_deref().is_some_and(|text| text.contains(NAME));
    turn.hinted(if has_name { Hint::AlbumHasNoName } else { Hint::AlbumGrew { parts } })
}

fn take_content(mut turn: Turn<'_>, letter: Letter) -> Decision {
    if letter.body == (LetterBody::Other { can_be_copied: false }) {
        return turn.hinted(Hint::CannotBeCopied);
    }
    let content = match named(&letter) {
        Ok(Some(content)) => content,
        Ok(None) => Content::Copy {
            from: turn.scene.chat,
            messages: vec![letter.message],
            buttons: Vec::new(),
        },
        Err(hint) => return turn.hinted(hint),
    };
    let has_name = letter.text.as_deref().is_some_and(|text| text.contains(NAME));
    if letter.album.is_some() && has_name {
        turn.hint = Some(Hint::AlbumHasNoName);
    }
    set_content(&mut turn, content, letter.album);
    turn.end()
}

/// The content with places for a name; `None` where a copy will do.
fn named(letter: &Letter) -> Result<Option<Content>, Hint> {
    let Some(text) = letter.text.as_deref().filter(|_| letter.album.is_none()) else {
        return Ok(None);
    };
    let template = Template::from_entities(text, &letter.entities);
    if template.names() == 0 {
        return Ok(None);
    }
    let (content, limit) = match &letter.body {
        LetterBody::Text => {
            let template = template.as_str().to_owned();
            (Content::Text { template, buttons: Vec::new() }, TEXT_LIMIT)
        }
        LetterBody::File(file) if file.class != FileClass::VideoNote => {
            let file_id = file.file_id.clone();
            let template = template.as_str().to_owned();
            let content =
                Content::File { class: file.class, file_id, template, buttons: Vec::new() };
            (content, CAPTION_LIMIT)
        }
        LetterBody::File(_) | LetterBody::Other { .. } => return Ok(None),
    };
    let longest = template.longest_units();
    if longest > limit { Err(Hint::TooLong { longest, limit }) } else { Ok(Some(content)) }
}

/// A file of chats: a job reads it, and offers what it has found.
fn take_list(turn: Turn<'_>, file: &FileRef) -> Decision {
    if file.class != FileClass::Document {
        return turn.hinted(Hint::NotUnderstood);
    }
    let scene = turn.scene;
    let list = AudienceListId(scene.ids.next(scene.now));
    let card = OutboxId(scene.ids.next(scene.now));
    let kind = JobKind::ReadAudience {
        list,
        broadcast: turn.compose.broadcast,
        file_id: file.file_id.clone(),
        size: file.size,
        by: scene.user,
        chat: scene.chat,
        thread: scene.thread,
        card,
    };
    let job = NewJob {
        id: JobId(list.0),
        kind,
        fairness_key: scene.user.0,
        priority: Priority::Single,
        not_before: None,
    };
    let view = View::Notice(Notice::Broadcast(BroadcastNotice::ReadingList));
    Decision {
        dialog: None,
        effects: vec![Effect::Post { outbox: card, view }, Effect::Enqueue(job)],
    }
}

fn take_buttons(mut turn: Turn<'_>, text: &str) -> Decision {
    match links::read(text, turn.scene.bot_username, &turn.facts.published) {
        Ok(buttons) => {
            set_buttons(&mut turn, buttons);
            turn.go_to(ComposeStep::Audience);
            turn.end()
        }
        Err(hint) => turn.hinted(hint),
    }
}
