//! Everybody who uses the bot while it is ended again and again.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::diary::SharedDiary;
use super::editors::{Editor, FIRST_EDITOR, PATIENCE_S};
use super::load::{Learners, Primer};
use crate::cli::simulate::bot::Stage;
use crate::cli::simulate::error::DrillError;
use crate::cli::simulate::titles;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ids::{IdSource, UserId};
use crate::domain::role::Role;
use crate::store::Db;

/// Published materials that learners fetch.
const PRIMERS: [&str; 6] =
    ["Primer Ash", "Primer Birch", "Primer Cedar", "Primer Elm", "Primer Fir", "Primer Oak"];

/// How many they are, and what they do.
#[derive(Debug, Clone)]
pub struct Load {
    /// How many learners.
    pub learners: usize,
    /// What all of them do together, per second.
    pub rate_per_s: f64,
    /// How many editors; each uploads one file after the other.
    pub editors: u8,
    /// Words of the library that learners search for, besides what is in no library.
    pub words: Vec<String>,
    /// Answers are lost on purpose: no editor waits long for one.
    pub is_impatient: bool,
}

/// All of them at work.
pub struct Crowd {
    tasks: JoinSet<Result<(), DrillError>>,
    diary: Arc<SharedDiary>,
    stop: CancellationToken,
}

impl Crowd {
    /// Gives the editors their role, publishes what learners fetch, and begins.
    pub async fn begin(
        stage: &Stage,
        db: &Db,
        load: &Load,
        random: &mut fastrand::Rng,
    ) -> Result<Self, DrillError> {
        let primers = prepare(stage, db, load.editors).await?;
        let diary = Arc::new(SharedDiary::default());
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let learners = Learners {
            simulator: Arc::clone(&stage.simulator),
            diary: Arc::clone(&diary),
            primers,
            words: load.words.clone(),
            random: random.fork(),
            count: load.learners,
            rate_per_s: load.rate_per_s,
        };
        tasks.spawn(learners.go_on(stop.clone()));
        for editor in 0..load.editors {
            let editor = Editor {
                simulator: Arc::clone(&stage.simulator),
                diary: Arc::clone(&diary),
                id: FIRST_EDITOR + i64::from(editor),
                random: random.fork(),
                folder: stage.folder().to_owned(),
                patience_s: if load.is_impatient { PATIENCE_S / 20 } else { PATIENCE_S },
            };
            tasks.spawn(editor.go_on(stop.clone()));
        }
        Ok(Self { tasks, diary, stop })
    }

    /// What they have offered so far, to add to.
    pub fn diary(&self) -> &SharedDiary {
        &self.diary
    }

    /// Everybody ends what was begun; gives what they have offered.
    pub async fn leave(mut self) -> Result<Arc<SharedDiary>, DrillError> {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap_or_else(|error| Err(DrillError::Simulator(error.to_string())))?;
        }
        Ok(self.diary)
    }
}

/// Gives the editors their role and publishes what learners fetch.
async fn prepare(stage: &Stage, db: &Db, editors: u8) -> Result<Vec<Primer>, DrillError> {
    if !db.audit().await?.updates.is_empty() {
        return Err(DrillError::UsedDatabase);
    }
    let now = SystemClock.now();
    for editor in 0..editors {
        db.user_set_role(UserId(FIRST_EDITOR + i64::from(editor)), Role::Editor, now).await?;
    }
    let ids = IdSource::new(7);
    let mut primers = Vec::with_capacity(PRIMERS.len());
    for title in PRIMERS {
        let file = json!({"type": "document", "size": 20_000, "name": format!("{title}.pdf")});
        let made = stage.ctl("file", file).await?;
        let file_id = made.get("file_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let id = ids.next(now);
        db.materials_import(vec![titles::published(id, file_id, title, "primer")], now).await?;
        primers.push(Primer { id, title: title.to_owned() });
    }
    Ok(primers)
}
