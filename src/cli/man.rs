//! `primelingo man`: pages for `man`, one for each command.
//!
//! Invariants: needs no configuration, as packages are built where there is none; the same program
//! makes the same pages, without a date.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory as _};
use clap_mangen::Man;

/// Arguments of `man`.
#[derive(Debug, Args)]
pub struct ManArguments {
    /// Writes the page of each command into this folder, which is made when it is missing. Without,
    /// the first page is printed: primelingo man | man -l -
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

/// Prints or writes the pages.
pub fn run(arguments: &ManArguments) -> ExitCode {
    match &arguments.to {
        None => match first_page() {
            Ok(page) => {
                super::say(page.trim_end());
                ExitCode::SUCCESS
            }
            Err(error) => super::complain(&error, 1),
        },
        Some(folder) => match write(folder) {
            Ok(count) => {
                super::say(&format!("{count} pages in {}", folder.display()));
                ExitCode::SUCCESS
            }
            Err(error) => {
                let what = format!(
                    "cannot write to {}: {error}; give --to a folder that you may write to",
                    folder.display()
                );
                super::complain(what, 1)
            }
        },
    }
}

fn first_page() -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(super::Arguments::command()).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// Writes all pages; gives how many.
fn write(folder: &Path) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(super::Arguments::command(), folder)?;
    let pages = fs::read_dir(folder)?.filter_map(Result::ok).map(|entry| entry.path());
    Ok(pages.filter(|path| path.extension().is_some_and(|end| end == "1")).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_and_the_same_program_makes_the_same() {
        let (one, another) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let count = write(&one.path().join("pages")).unwrap();
        assert_eq!(write(another.path()).unwrap(), count);
        for name in ["primelingo", "primelingo-run", "primelingo-broadcast-send"] {
            let page =
                |folder: &Path| fs::read_to_string(folder.join(format!("{name}.1"))).unwrap();
            let written = page(&one.path().join("pages"));
            assert!(written.contains(".SH NAME"), "{name}: {written}");
            assert_eq!(written, page(another.path()), "{name}");
        }
    }
}
