//! Questions at a terminal; where there is none, each answer is a line of the standard input.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use secrecy::SecretString;

/// Who is asked.
pub struct Asker {
    /// Nobody is asked: what has a default takes it.
    pub takes_defaults: bool,
}

impl Asker {
    /// One line; nothing typed means `default`.
    pub fn line(&self, question: &str, default: &str) -> io::Result<String> {
        if self.takes_defaults {
            return Ok(default.to_owned());
        }
        let shown = if default.is_empty() { String::new() } else { format!(" [{default}]") };
        prompt(&format!("{question}{shown}: "))?;
        let typed = read_line()?;
        Ok(if typed.is_empty() { default.to_owned() } else { typed })
    }

    /// One line that the terminal does not show.
    pub fn secret(question: &str) -> io::Result<SecretString> {
        let question = format!("{question}: ");
        if io::stdin().is_terminal() {
            return rpassword::prompt_password(question).map(SecretString::from);
        }
        prompt(&question)?;
        read_line().map(SecretString::from)
    }

    /// Whether asking again makes sense: somebody is there who can do better.
    pub fn is_patient(&self) -> bool {
        !self.takes_defaults && io::stdin().is_terminal()
    }
}

/// To the error stream, so that what the command prints can be kept.
fn prompt(question: &str) -> io::Result<()> {
    let mut stream = io::stderr();
    stream.write_all(question.as_bytes())?;
    stream.flush()
}

fn read_line() -> io::Result<String> {
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line)? == 0 {
        return Err(io::Error::other("the answers end here"));
    }
    Ok(line.trim().to_owned())
}
