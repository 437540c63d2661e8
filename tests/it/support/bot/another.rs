//! Further processes of one bot, on the same database and the same files.

use rustix::process::Signal;

use super::process::Process;
use super::{Bot, bounded};

/// A process beside the bot's own. It does not outlive this value.
pub struct Another(Process);

impl Bot {
    /// Starts one more process, and waits until it says this. `arguments` begin with the command;
    /// its log counts as the bot's.
    pub async fn another(
        &mut self,
        arguments: &[&str],
        settings: &[(&str, &str)],
        says: &str,
    ) -> Another {
        let mut another = Another(self.spawn(arguments, settings));
        another.says(says).await;
        another
    }

    /// Starts one more process that must end by itself; gives exit code and log.
    pub async fn fails(&mut self, arguments: &[&str], settings: &[(&str, &str)]) -> (i32, String) {
        let mut process = self.spawn(arguments, settings);
        let code = bounded("its end", async || process.ended()).await;
        (code, process.log())
    }

    /// The bot's own process as another one; it is without one then.
    pub fn part(&mut self) -> Another {
        Another(self.process.take().expect("a bot that runs"))
    }

    /// This process becomes the bot's own.
    pub fn adopt(&mut self, another: Another) {
        assert!(self.process.is_none(), "the bot runs already");
        self.process = Some(another.0);
    }
}

impl Another {
    /// Waits until its log holds this text.
    pub async fn says(&mut self, text: &str) {
        bounded(text, async || {
            let log = self.0.log();
            if log.contains(text) {
                return Some(());
            }
            assert_eq!(self.0.ended(), None, "it ended without a word of {text}:\n{log}");
            None
        })
        .await;
    }

    /// All that it has logged.
    pub fn log(&self) -> String {
        self.0.log()
    }

    /// Where its probes listen.
    pub fn address(&self) -> String {
        let log = self.log();
        let line = log.lines().find(|line| line.contains("probes listen")).expect("a listener");
        let (_, address) = line.split_once("address=").expect("its address");
        address.split_whitespace().next().unwrap().to_owned()
    }

    /// SIGKILL to it and its children.
    pub fn kill(self) {
        self.0.kill();
    }

    /// It stands still until it is woken.
    pub fn freeze(&self) {
        self.0.signal(Signal::STOP);
    }

    /// It goes on.
    pub fn wake(&self) {
        self.0.signal(Signal::CONT);
    }

    /// SIGTERM; it must end in order.
    pub async fn stop(mut self) {
        self.0.signal(Signal::TERM);
        let code = bounded("an orderly end", async || self.0.ended()).await;
        assert_eq!(code, 0, "an orderly end, not:\n{}", self.0.log_tail());
    }
}
