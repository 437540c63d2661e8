//! The bots of one simulator, by token. Which bot a call means is decided here and nowhere else.

use crate::bot::{Bot, Config};
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// How the bots of a simulator are made.
#[derive(Debug, Clone)]
pub struct BotsSetup {
    /// The bots that exist from the start; the first is the default of control calls.
    pub tokens: Vec<String>,
    /// Accept any well-formed token (each makes a bot), or only the given ones.
    pub open: bool,
    /// The bots' username; by default made from the id.
    pub username: Option<String>,
    /// The settings a bot starts with, and returns to at a reset.
    pub config: Config,
    /// Where large uploads are kept.
    pub spool: PathBuf,
}

/// All bots of one simulator; each is a world of its own.
pub struct Bots {
    bots: RwLock<BTreeMap<String, Arc<Bot>>>,
    setup: BotsSetup,
}

impl Bots {
    pub fn new(setup: BotsSetup) -> Arc<Bots> {
        let bots = Bots { bots: RwLock::new(BTreeMap::new()), setup };
        for t in &bots.setup.tokens {
            bots.add(t);
        }
        Arc::new(bots)
    }

    fn add(&self, token: &str) -> Arc<Bot> {
        self.bots
            .write()
            .entry(token.to_string())
            .or_insert_with(|| Bot::new(token, &self.setup))
            .clone()
    }

    /// The bot a Bot API call means; an open simulator makes it.
    pub fn by_token(&self, token: &str) -> Option<Arc<Bot>> {
        if let Some(b) = self.bots.read().get(token) {
            return Some(b.clone());
        }
        let (id, rest) = token.split_once(':')?;
        let digits = !id.is_empty() && id.len() < 16 && id.bytes().all(|b| b.is_ascii_digit());
        (self.setup.open && digits && rest.len() >= 3).then(|| self.add(token))
    }

    /// The bot a control call means: by id or token, or the first.
    pub fn pick(&self, which: Option<&str>) -> Option<Arc<Bot>> {
        let bots = self.bots.read();
        if let Some(w) = which {
            return bots.values().find(|b| b.token == w || b.id.to_string() == w).cloned();
        }
        let first = self.setup.tokens.first().and_then(|t| bots.get(t));
        first.or_else(|| bots.values().next()).cloned()
    }

    pub fn all(&self) -> Vec<Arc<Bot>> {
        self.bots.read().values().cloned().collect()
    }
}
