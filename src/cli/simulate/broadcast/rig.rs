//! What all drills of broadcasts need: people, a letter, and a look at how far it is.

use serde_json::{Value, json};
use tokio::time::{Duration, Instant};

use crate::cli::simulate::bot::Stage;
use crate::cli::simulate::error::DrillError;
use crate::domain::broadcast::{
    Audience, Broadcast, BroadcastState, Content, DoubtPolicy, NewBroadcast,
};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ids::{BroadcastId, ChatId, IdSource, MessageId, UserId};
use crate::domain::lang::Lang;
use crate::store::Db;

/// The admin who has written the letter.
pub const ADMIN: i64 = 900;

/// What the letter says; the bot takes it for a search, as nobody has told it what it is.
pub const LETTER: &str = "Lessons begin on Monday.";

/// The first recipient; the others have the ids after.
pub const FIRST: i64 = 10_000_000;

/// People who talk to the bot meanwhile begin here.
pub const TALKERS: i64 = 5_000_000;

/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Longest standstill.
const PATIENCE: Duration = Duration::from_mins(5);

/// A broadcast of a drill.
pub struct Rig {
    pub db: Db,
    ids: IdSource,
    letter: MessageId,
    /// The update by which the bot hears of the letter.
    pub letter_update: i64,
}

impl Rig {
    /// So many people who know the bot, and a letter for them.
    pub async fn set(stage: &Stage, recipients: i64) -> Result<Self, DrillError> {
        let db = stage.database().await?;
        db.people_import(FIRST, recipients, SystemClock.now()).await?;
        let ctl = |call: &'static str, body: Value| stage.simulator.ctl(call, body);
        let people = json!({"count": recipients, "first": FIRST});
        ctl("users", people).await.map_err(DrillError::Simulator)?;
        let letter = json!({"user": ADMIN, "text": LETTER});
        let sent = ctl("message", letter).await.map_err(DrillError::Simulator)?;
        let number = |pointer: &str| {
            let number = sent.pointer(pointer).and_then(Value::as_i64);
            number.ok_or_else(|| DrillError::Simulator("a message without a number".to_owned()))
        };
        let (letter, letter_update) = (number("/message_ids/0")?, number("/update_ids/0")?);
        let seed = i64::from(fastrand::u16(..));
        Ok(Self { db, ids: IdSource::new(seed), letter: MessageId(letter), letter_update })
    }

    /// The number of the letter in the admin's chat.
    pub const fn letter(&self) -> i64 {
        self.letter.0
    }

    /// Confirms a broadcast to everybody.
    pub async fn confirm(&self, paid: bool, doubt: DoubtPolicy) -> Result<BroadcastId, DrillError> {
        let now = SystemClock.now();
        let id = BroadcastId(self.ids.next(now));
        let plan = NewBroadcast {
            id,
            by: UserId(ADMIN),
            card: None,
            content: Content::Copy {
                from: ChatId(ADMIN),
                messages: vec![self.letter],
                buttons: Vec::new(),
            },
            // The admin and those who talk are no recipients.
            audience: Audience::Language { lang: Lang::Uz },
            doubt,
            quiet: None,
            paid,
            start_at: now,
            slot: None,
        };
        self.db.broadcast_create(plan, now).await?;
        Ok(id)
    }

    /// How the broadcast stands.
    pub async fn look(&self, id: BroadcastId) -> Result<Broadcast, DrillError> {
        let found = self.db.broadcast_get(id).await?;
        found.ok_or_else(|| DrillError::Broken("the broadcast is gone".to_owned()))
    }

    /// Recipients whose request may have left and who have no outcome.
    pub async fn in_doubt(&self, id: BroadcastId) -> Result<u64, DrillError> {
        let count = self.db.recipients_in_doubt(id).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Waits for its end.
    pub async fn wait(&self, id: BroadcastId) -> Result<Broadcast, DrillError> {
        let mut moved = (Instant::now(), 0);
        loop {
            let broadcast = self.look(id).await?;
            if broadcast.state.is_over() {
                return Ok(broadcast);
            }
            let settled = broadcast.progress.settled();
            if settled != moved.1 {
                moved = (Instant::now(), settled);
            }
            if moved.0.elapsed() > PATIENCE {
                let words = format!("the broadcast stands still: {:?}", broadcast.progress);
                return Err(DrillError::Broken(words));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Checks that nobody was lost, and that the sum is right.
    pub fn check(broadcast: &Broadcast, recipients: i64) -> Result<(), DrillError> {
        let progress = broadcast.progress;
        let is_whole = broadcast.state == BroadcastState::Done
            && i64::try_from(progress.filled) == Ok(recipients)
            && progress.pending() == 0;
        if is_whole {
            return Ok(());
        }
        let state = broadcast.state.name();
        Err(DrillError::Broken(format!(
            "not all of {recipients} have an outcome: {state}, {progress:?}"
        )))
    }
}
