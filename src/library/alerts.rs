//! What is wrong with the bot, as admins ask for it.

use crate::domain::alert::AlertFacts;
use crate::domain::facts::Facts;
use crate::store::{Db, StoreResult};

use super::facts::Asker;

/// What is open and what is silenced.
pub async fn facts(db: &Db, asker: Asker<'_>) -> StoreResult<Facts> {
    let zone = db.user_get(asker.user).await?.and_then(|user| user.preferences.time_zone);
    let open = db.alerts_open().await?;
    let silences = db.silences_active(asker.now).await?;
    Ok(Facts::Alerts(Box::new(AlertFacts { open, silences, zone })))
}
