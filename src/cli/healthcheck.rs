//! `primelingo healthcheck`: asks the running bot on this machine whether it lives. For containers,
//! which have no other program to ask with.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::{complain, say};
use crate::doctor::http;
use crate::settings::{Listen, Settings};

/// The longest wait for the answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Arguments of `healthcheck`.
#[derive(Debug, Args)]
pub struct HealthcheckArguments {
    /// Asks this address in place of the one of web.listen; plain http.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Asks whether it does its work (/readyz), not only whether it lives (/livez).
    #[arg(long)]
    ready: bool,
}

/// Asks, and prints a line.
pub fn run(settings: &Settings, arguments: &HealthcheckArguments) -> ExitCode {
    let address = match address(settings, arguments) {
        Ok(address) => address,
        Err(why) => return complain(why, 1),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error, 1),
    };
    match runtime.block_on(http::get(&address, PATIENCE)) {
        Ok(answer) => {
            let body: Vec<&str> = answer.body.split_whitespace().collect();
            let line = format!("{address}: {} {}", answer.status, body.join(" "));
            if answer.status == 200 {
                say(&line);
                return ExitCode::SUCCESS;
            }
            complain(line, 1)
        }
        Err(error) => complain(format!("{address}: {error}; is the bot running here?"), 1),
    }
}

/// Where to ask: as given, or of the listeners that are configured the first.
fn address(settings: &Settings, arguments: &HealthcheckArguments) -> Result<String, &'static str> {
    if let Some(url) = &arguments.url {
        return Ok(url.clone());
    }
    let path = if arguments.ready { "readyz" } else { "livez" };
    let listeners = [settings.web.listen, settings.web.public_listen];
    let listen = listeners.into_iter().find_map(|listen| match listen {
        Listen::At(address) => Some(address),
        Listen::Off => None,
    });
    let listen = listen.ok_or(
        "web.listen and web.public_listen are off, so that nobody can be asked; set \
         web.listen=127.0.0.1:8080, or give --url",
    )?;
    Ok(format!("http://{}/{path}", crate::doctor::reachable_at(listen)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(listen: &str, public: &str, ready: bool) -> Result<String, &'static str> {
        let mut settings = Settings::defaults();
        settings.web.listen = listen.parse().unwrap();
        settings.web.public_listen = public.parse().unwrap();
        address(&settings, &HealthcheckArguments { url: None, ready })
    }

    #[test]
    fn the_bot_is_asked_where_it_listens_on_this_machine() {
        assert_eq!(asked("127.0.0.1:8080", "off", false).unwrap(), "http://127.0.0.1:8080/livez");
        assert_eq!(asked("0.0.0.0:80", "off", true).unwrap(), "http://127.0.0.1:80/readyz");
        assert_eq!(asked("off", "[::]:8443", false).unwrap(), "http://[::1]:8443/livez");
        assert!(asked("off", "off", false).unwrap_err().contains("--url"));
    }
}
