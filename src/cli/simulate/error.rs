//! Why a drill could not be run.

use crate::app;
use crate::settings::SettingsError;
use crate::store::StoreError;
use crate::telegram::{NotAToken, TelegramError};

/// Why a drill could not be run.
#[derive(Debug, thiserror::Error)]
pub enum DrillError {
    #[error("{what}: {source}")]
    System {
        what: &'static str,
        #[source]
        source: std::io::Error,
    },
    #[error("simulator: {0}")]
    Simulator(String),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    App(#[from] app::ServeError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Telegram(#[from] TelegramError),
    #[error(transparent)]
    Token(#[from] NotAToken),
    #[error("{0}")]
    Server(String),
    #[error(transparent)]
    Picture(#[from] super::drill::PictureError),
    #[error("the bot ended before the drill did; its last words:\n{0}")]
    BotEnded(String),
    #[error("the database holds updates already: give the drill one that is empty")]
    UsedDatabase,
    #[error("the bot has not kept what it promises:\n{0}")]
    Broken(String),
}

impl DrillError {
    /// For `map_err`.
    pub fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::System { what, source }
    }
}
