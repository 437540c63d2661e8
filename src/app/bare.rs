//! Parts of the bot without the rest, for drills.

use std::sync::Arc;

use crate::domain::button::Signer;
use crate::ingest::intake::{Intake, Source};
use crate::runtime::Port;
use crate::store::Db;
use crate::views::Presenter;

/// The bot's intake, with nobody behind it: what it stores stays in the ledger.
pub fn bare_intake(db: &Db, bot_id: i64) -> Intake {
    let presenter = Presenter::new(Signer::new([0; 32], bot_id, 1), "drill".to_owned());
    Intake {
        db: db.clone(),
        bot_id,
        presenter: Arc::new(presenter),
        answer: Port::new(),
        spinners: Arc::default(),
        source: Source::Polling,
    }
}
