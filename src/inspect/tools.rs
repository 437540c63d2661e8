//! Foreign programs that draw what no safe parser here can: pages of PDF files, frames of films.
//!
//! They are looked for once, at the start, and are started from their full path with arguments that
//! are ours; of the file they only get its content, on stdin. `confine::for_tool` says what they
//! may do. What they answer is as hostile as the file: it is decoded and encoded anew by a child.

use std::fmt;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::domain::inspection::PREVIEW_MAX_SIDE;

/// Containers that `FFmpeg` may take a film for: none that name other files, as playlists do.
const FILM_FORMATS: &str = "mov,matroska,webm,avi,mpeg,mpegts,asf,flv,ogg";

/// Frames among which the most telling one is chosen.
const FRAMES: u32 = 24;

/// Which programs this machine has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tools {
    pdftoppm: Option<PathBuf>,
    ffmpeg: Option<PathBuf>,
}

impl Tools {
    /// Looks for them in these folders, in their order. Only absolute ones count.
    pub fn find(folders: &[PathBuf]) -> Self {
        let find = |name: &str| {
            let absolute = folders.iter().filter(|folder| folder.is_absolute());
            absolute.map(|folder| folder.join(name)).find(|file| is_program(file))
        };
        Self { pdftoppm: find("pdftoppm"), ffmpeg: find("ffmpeg") }
    }

    /// Whether first pages of PDF files can be drawn.
    pub const fn draws_pages(&self) -> bool {
        self.pdftoppm.is_some()
    }

    /// Whether frames of films can be drawn.
    pub const fn draws_films(&self) -> bool {
        self.ffmpeg.is_some()
    }

    /// The program and its arguments that write the first page of a PDF file as JPEG.
    pub(super) fn first_page(&self) -> Option<(&Path, Vec<String>)> {
        let side = PREVIEW_MAX_SIDE.to_string();
        let arguments =
            ["-q", "-jpeg", "-f", "1", "-l", "1", "-singlefile", "-scale-to", &side, "-"];
        Some((self.pdftoppm.as_deref()?, arguments.map(str::to_owned).into()))
    }

    /// The program and its arguments that write a frame of a film as JPEG.
    pub(super) fn frame(&self) -> Option<(&Path, Vec<String>)> {
        let side = PREVIEW_MAX_SIDE;
        let filter = format!(
            "thumbnail=n={FRAMES},scale=w='min({side},iw)':h='min({side},ih)'\
             :force_original_aspect_ratio=decrease"
        );
        let arguments = [
            ["-nostdin", "-hide_banner"].as_slice(),
            &["-v", "quiet", "-threads", "1", "-filter_threads", "1"],
            &["-protocol_whitelist", "file", "-format_whitelist", FILM_FORMATS],
            // Opened anew by its path, so that it can seek: older ones cannot on a descriptor.
            &["-i", "file:/proc/self/fd/0", "-map", "0:v:0", "-frames:v", "1"],
            &["-vf", &filter, "-threads", "1", "-f", "image2pipe", "-c:v", "mjpeg", "-q:v", "4"],
            &["pipe:1"],
        ];
        Some((self.ffmpeg.as_deref()?, arguments.concat().into_iter().map(str::to_owned).collect()))
    }
}

impl fmt::Display for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = |it: &Option<PathBuf>| if it.is_some() { "found" } else { "missing" };
        write!(f, "pdftoppm {}, ffmpeg {}", state(&self.pdftoppm), state(&self.ffmpeg))
    }
}

/// Becomes the program; comes back only with the reason why not.
pub(super) fn replace_this_process(
    program: &str,
    arguments: impl IntoIterator<Item = String>,
) -> io::Error {
    Command::new(program).args(arguments).env_clear().exec()
}

fn is_program(file: &Path) -> bool {
    let metadata = file.metadata();
    metadata.is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn tools_are_executables_in_absolute_folders() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [PathBuf::from("relative"), folder.path().to_owned()];
        let find = || Tools::find(&folders);
        assert_eq!(find(), Tools::default());
        assert_eq!(find().first_page(), None);

        let program = folder.path().join("pdftoppm");
        std::fs::write(&program, b"").unwrap();
        assert_eq!(find(), Tools::default(), "not executable");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(find().draws_pages() && !find().draws_films());
        assert_eq!(find().first_page().unwrap().0, program);
        assert_eq!(find().to_string(), "pdftoppm found, ffmpeg missing");
        assert_eq!(Tools::find(&[]), Tools::default());
    }
}
