//! The contents of broadcasts as messages.

use super::{Content, LinkButton, NO_CHAT};
use crate::domain::html::{CAPTION_LIMIT, TEXT_LIMIT, Template, TemplateError};
use crate::domain::ids::MessageId;
use crate::domain::outgoing::{Button, Keyboard, Outgoing};

/// Most buttons below a broadcast.
pub const LINKS_MAX: usize = 8;

impl Content {
    /// The buttons below it.
    pub fn buttons(&self) -> &[LinkButton] {
        match self {
            Self::Copy { buttons, .. }
            | Self::Text { buttons, .. }
            | Self::File { buttons, .. } => buttons,
            Self::Digest { .. } | Self::Undo { .. } => &[],
        }
    }

    /// Whether there is nothing left to copy: whoever wrote it is erased.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Copy { from, .. } if *from == NO_CHAT)
    }

    /// The same with these buttons, where it can have some.
    #[must_use]
    pub fn with_buttons(mut self, links: Vec<LinkButton>) -> Self {
        match &mut self {
            Self::Copy { buttons, messages, .. } if messages.len() < 2 => *buttons = links,
            Self::Text { buttons, .. } | Self::File { buttons, .. } => *buttons = links,
            Self::Copy { .. } | Self::Digest { .. } | Self::Undo { .. } => {}
        }
        self
    }

    /// Takes one more part into an album, in rising order.
    pub fn add_part(&mut self, part: MessageId) {
        if let Self::Copy { messages, buttons, .. } = self {
            if let Err(place) = messages.binary_search(&part) {
                messages.insert(place, part);
            }
            if messages.len() > 1 {
                buttons.clear();
            }
        }
    }
}

/// A content made ready: read once, filled in for each recipient.
#[derive(Debug, Clone)]
pub enum Rendition {
    /// The same for all.
    Same(Outgoing),
    /// With the recipient's name in it.
    Named {
        /// The message, whose words are still missing.
        frame: Outgoing,
        /// The words.
        template: Template,
    },
    /// Made for each recipient by somebody else.
    Other,
}

impl Rendition {
    /// Makes a content ready.
    ///
    /// # Errors
    /// When its text is broken, or too long once the longest name is in it.
    pub fn of(content: &Content) -> Result<Self, TemplateError> {
        let keyboard = keyboard(content.buttons());
        Ok(match content {
            Content::Copy { from, messages, .. } => Self::Same(Outgoing::Copy {
                from: *from,
                messages: messages.clone(),
                keyboard,
                silent: false,
            }),
            Content::Text { template, .. } => {
                let template = Template::parse(template, TEXT_LIMIT)?;
                let html = template.fill("");
                let frame = Outgoing::Text { html, keyboard, reply_to: None, silent: false };
                Self::named(frame, template)
            }
            Content::File { class, file_id, template, .. } => {
                let template = Template::parse(template, CAPTION_LIMIT)?;
                let frame = Outgoing::File {
                    class: *class,
                    file_id: file_id.clone(),
                    copy: None,
                    apology: None,
                    caption: Some(template.fill("")),
                    keyboard,
                    silent: false,
                };
                Self::named(frame, template)
            }
            Content::Digest { .. } | Content::Undo { .. } => Self::Other,
        })
    }

    fn named(frame: Outgoing, template: Template) -> Self {
        if template.names() == 0 { Self::Same(frame) } else { Self::Named { frame, template } }
    }

    /// The message for whoever has this first name.
    pub fn fill(&self, first_name: &str) -> Option<Outgoing> {
        let (frame, template) = match self {
            Self::Same(message) => return Some(message.clone()),
            Self::Other => return None,
            Self::Named { frame, template } => (frame, template),
        };
        let mut message = frame.clone();
        match &mut message {
            Outgoing::Text { html, .. } => *html = template.fill(first_name),
            Outgoing::File { caption, .. } => *caption = Some(template.fill(first_name)),
            _ => {}
        }
        Some(message)
    }
}

fn keyboard(links: &[LinkButton]) -> Option<Keyboard> {
    let row = |keyboard: Keyboard, link: &LinkButton| {
        keyboard.row([Button::url(link.text.clone(), link.url.clone())])
    };
    (!links.is_empty()).then(|| links.iter().fold(Keyboard::new(), row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::FileClass;
    use crate::domain::ids::ChatId;

    fn link() -> LinkButton {
        LinkButton { text: "Open".to_owned(), url: "https://e.org".to_owned() }
    }

    #[test]
    fn an_album_is_in_order_and_has_no_buttons() {
        let mut content =
            Content::Copy { from: ChatId(7), messages: vec![MessageId(5)], buttons: Vec::new() };
        content = content.with_buttons(vec![link()]);
        assert_eq!(content.buttons(), [link()]);
        for part in [6, 4, 5] {
            content.add_part(MessageId(part));
        }
        content = content.with_buttons(vec![link()]);
        let messages = [4, 5, 6].map(MessageId).to_vec();
        assert_eq!(content, Content::Copy { from: ChatId(7), messages, buttons: Vec::new() });
    }

    #[test]
    fn a_name_is_filled_into_words_and_captions() {
        let template = "Dear <b>{name}</b>".to_owned();
        let text = Content::Text { template: template.clone(), buttons: vec![link()] };
        let file = Content::File {
            class: FileClass::Photo,
            file_id: "F".to_owned(),
            template,
            buttons: Vec::new(),
        };
        let filled = |content| Rendition::of(&content).unwrap().fill("<Ann>").unwrap();
        let Outgoing::Text { html, keyboard, .. } = filled(text) else { panic!("no text") };
        assert_eq!(html.as_str(), "Dear <b>&lt;Ann&gt;</b>");
        assert_eq!(keyboard.unwrap().rows.len(), 1);
        let Outgoing::File { caption, .. } = filled(file) else { panic!("no file") };
        assert_eq!(caption.unwrap().as_str(), "Dear <b>&lt;Ann&gt;</b>");
    }

    #[test]
    fn a_broken_or_long_text_is_refused() {
        for template in ["<b>".to_owned(), format!("{}{{name}}", "x".repeat(4_090))] {
            let content = Content::Text { template, buttons: Vec::new() };
            assert!(Rendition::of(&content).is_err());
        }
    }
}
