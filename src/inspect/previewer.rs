//! The parent's side of previews: which child draws what, and nothing that goes wrong matters.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::unix::pipe::Sender;
use tokio::process::Command;

use super::child::{PREVIEW_ARG, TOOL_ARG};
use super::limits::InspectLimits;
use super::parent::{InspectError, Inspector};
use super::preview::Source;
use crate::domain::inspection::{Inspection, Kind, PREVIEW_MAX_BYTES, PREVIEW_MAX_SIDE, Preview};

/// Longest time for one preview, in all its steps.
const WALL: Duration = Duration::from_secs(20);

/// Longest picture from a foreign program, in bytes.
const MAX_DRAWN_BYTES: u64 = 8 * 1024 * 1024;

/// Address space that foreign programs need for their libraries alone, in bytes.
const TOOL_MEMORY: u64 = 1024 * 1024 * 1024;

/// A JPEG as text in JSON, with its size.
const MAX_ANSWER_BYTES: u64 = 2 * 256 * 1024;

/// How a preview is made.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    FromFile(Source),
    FirstPage,
    Frame,
    None,
}

impl Way {
    fn of(found: &Inspection) -> Self {
        let is_packed = ["application/epub+zip", "application/vnd."]
            .iter()
            .any(|start| found.media_type.starts_with(start));
        match found.kind {
            Kind::Image => Self::FromFile(Source::Picture),
            Kind::Audio => Self::FromFile(Source::Tags),
            Kind::Video => Self::Frame,
            Kind::Book if found.media_type == "application/pdf" => Self::FirstPage,
            Kind::Book if is_packed => Self::FromFile(Source::Packed),
            Kind::Book | Kind::Archive | Kind::Document => Self::None,
        }
    }
}

impl Inspector {
    /// Draws a small picture of a file that was inspected. `None` when there is nothing to draw,
    /// when what would draw it is not installed, and when it fails: a preview is never needed.
    ///
    /// Dropping the future kills the children.
    pub async fn preview(&self, file: &Path, found: &Inspection) -> Option<Preview> {
        let way = Way::of(found);
        if way == Way::None {
            return None;
        }
        let drawn =
            match tokio::time::timeout(WALL.min(self.limits.wall), self.draw(file, way)).await {
                Ok(drawn) => drawn,
                Err(_elapsed) => {
                    tracing::debug!("a preview took too long");
                    return None;
                }
            };
        match drawn {
            Ok(preview) => preview.filter(is_small),
            Err(error) => {
                tracing::debug!(%error, "a preview could not be drawn");
                None
            }
        }
    }

    async fn draw(&self, file: &Path, way: Way) -> Result<Option<Preview>, InspectError> {
        let tool = match way {
            Way::None => return Ok(None),
            Way::FromFile(source) => return self.draw_from_file(file, source).await,
            Way::FirstPage => self.tools.first_page(),
            Way::Frame => self.tools.frame(),
        };
        match tool {
            Some((program, arguments)) => self.draw_by_tool(file, program, &arguments).await,
            // A film may have a poster in its tags.
            None if way == Way::Frame => self.draw_from_file(file, Source::Tags).await,
            None => Ok(None),
        }
    }

    async fn draw_from_file(
        &self,
        file: &Path,
        source: Source,
    ) -> Result<Option<Preview>, InspectError> {
        let mut command = self.command(PREVIEW_ARG, &self.limits)?;
        command.arg(source.name()).stdin(open(file).await?);
        self.hear(command, MAX_ANSWER_BYTES).await?.answer()
    }

    /// Lets a foreign program draw, and another child decode what it drew.
    async fn draw_by_tool(
        &self,
        file: &Path,
        program: &Path,
        arguments: &[String],
    ) -> Result<Option<Preview>, InspectError> {
        let limits = InspectLimits {
            memory_bytes: self.limits.memory_bytes.max(TOOL_MEMORY),
            ..self.limits.clone()
        };
        let mut command = self.command(TOOL_ARG, &limits)?;
        command.arg(program).args(arguments).stdin(open(file).await?);
        let heard = self.hear(command, MAX_DRAWN_BYTES).await?;
        if !heard.status.success() {
            return Err(InspectError::Failed { status: heard.status });
        }
        let mut command = self.command(PREVIEW_ARG, &self.limits)?;
        command.arg(Source::Picture.name());
        self.draw_from_bytes(command, heard.stdout).await
    }

    async fn draw_from_bytes(
        &self,
        mut command: Command,
        bytes: Vec<u8>,
    ) -> Result<Option<Preview>, InspectError> {
        let (reader, writer) = std::io::pipe().map_err(InspectError::Spawn)?;
        command.stdin(reader);
        let mut sender = Sender::from_owned_fd(writer.into()).map_err(InspectError::Spawn)?;
        let writing = async move {
            // A child that does not want it all has its reasons.
            let _ = sender.write_all(&bytes).await;
            drop(sender);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            heard = self.hear(command, MAX_ANSWER_BYTES) => heard?.answer(),
            () = writing => Ok(None),
        }
    }
}

async fn open(file: &Path) -> Result<Stdio, InspectError> {
    let file = tokio::fs::File::open(file).await.map_err(InspectError::Open)?;
    Ok(Stdio::from(file.into_std().await))
}

/// A child that was taken over may answer anything.
fn is_small(preview: &Preview) -> bool {
    preview.jpeg.len() <= PREVIEW_MAX_BYTES
        && preview.width.max(preview.height) <= PREVIEW_MAX_SIDE
        && preview.jpeg.starts_with(&[0xff, 0xd8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_way() {
        let way = |kind, media_type: &str| {
            Way::of(&Inspection {
                kind,
                media_type: media_type.to_owned(),
                ..Inspection::default()
            })
        };
        assert_eq!(way(Kind::Book, "application/pdf"), Way::FirstPage);
        assert_eq!(way(Kind::Book, "application/epub+zip"), Way::FromFile(Source::Packed));
        assert_eq!(way(Kind::Book, "text/plain"), Way::None);
        assert_eq!(way(Kind::Archive, "application/zip"), Way::None);
        assert_eq!(way(Kind::Video, "video/mp4"), Way::Frame);
    }

    #[test]
    fn only_small_pictures_are_taken_from_a_child() {
        let sound = Preview { jpeg: vec![0xff, 0xd8], width: 800, height: 1 };
        assert!(is_small(&sound));
        assert!(!is_small(&Preview { height: 801, ..sound.clone() }));
        assert!(!is_small(&Preview { jpeg: b"GIF89a".to_vec(), ..sound.clone() }));
        assert!(!is_small(&Preview { jpeg: vec![0xff; PREVIEW_MAX_BYTES + 1], ..sound }));
    }
}
