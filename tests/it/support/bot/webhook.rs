//! A bot that Telegram posts to.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use super::Bot;

/// What Telegram repeats with each call.
pub const SECRET: &str = "the-secret_of-the-tests";

/// Below the ports that systems give to outgoing connections, so that nobody takes it while the bot
/// is restarted.
const PORTS: std::ops::Range<u16> = 12_000..30_000;

/// An address on loopback that nobody listens on.
pub fn free_address() -> SocketAddr {
    loop {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, fastrand::u16(PORTS)));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// The settings of a bot that Telegram posts to.
pub fn settings(listen: SocketAddr) -> [(String, String); 3] {
    let url = format!("http://{listen}/telegram/webhook");
    [
        ("telegram.webhook_url", url),
        ("telegram.webhook_secret", SECRET.to_owned()),
        ("web.public_listen", listen.to_string()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
}

impl Bot {
    /// Lets Telegram post to the bot from its next start on.
    pub fn use_webhook(&mut self) {
        self.settings.extend(settings(free_address()));
    }

    /// Lets the bot poll from its next start on.
    pub fn use_polling(&mut self) {
        for (key, value) in [("telegram.webhook_url", ""), ("web.public_listen", "off")] {
            self.settings.push((key.to_owned(), value.to_owned()));
        }
    }

    /// Where the bot is posted to, if it is.
    pub fn public_address(&self) -> Option<SocketAddr> {
        let listen = self.settings.iter().rfind(|(key, _)| key == "web.public_listen")?;
        listen.1.parse().ok()
    }
}
