//! Rows about the queue of jobs.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use crate::store::records::{JobCount, Line, OpenJob};
use crate::store::sql_types::{Time, UtcTime};

#[derive(QueryableByName)]
pub struct JobCountRow {
    #[diesel(sql_type = Text)]
    queue: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    standing: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = UtcTime)]
    due: Time,
}

impl From<JobCountRow> for JobCount {
    fn from(row: JobCountRow) -> Self {
        let JobCountRow { queue, kind, standing, count, due } = row;
        Self { queue, kind, standing, count, due: due.0 }
    }
}

#[derive(QueryableByName)]
pub struct OpenJobRow {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Integer)]
    priority: i32,
    #[diesel(sql_type = UtcTime)]
    run_at: Time,
    #[diesel(sql_type = Nullable<Text>)]
    progress: Option<String>,
}

impl From<OpenJobRow> for OpenJob {
    fn from(row: OpenJobRow) -> Self {
        let OpenJobRow { state, attempts, priority, run_at, progress } = row;
        let is_running = state == "running";
        Self { is_running, attempts, priority, run_at: run_at.0, progress }
    }
}

#[derive(QueryableByName)]
pub struct LineRow {
    #[diesel(sql_type = BigInt)]
    fairness_key: i64,
    #[diesel(sql_type = Integer)]
    priority: i32,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl From<LineRow> for Line {
    fn from(row: LineRow) -> Self {
        let LineRow { fairness_key, priority, count } = row;
        Self { fairness_key, priority, count }
    }
}
