//! The store's part in adopting another bot's people and files.

use futures_util::FutureExt as _;

use super::records::{AdoptedFile, AdoptedPerson, UploadResult};
use super::{Backend, Db, StoreResult, calls, lite, pg, writes};
use crate::domain::clock::Timestamp;

calls! {
    /// Adds people who are not known; gives the ids of those who were not.
    write adopt::adopt_people(batch: Vec<AdoptedPerson>, now: Timestamp) -> Vec<i64>;
    /// Which of these people are known.
    read adopt::people_known(ids: Vec<i64>) -> Vec<i64>;
    /// Telegram's handles of all materials: `file_id`, and the one that is the same for all bots.
    read adopt::handles_known() -> Vec<(String, String)>;
    /// Publishes files of which only Telegram's handle is known.
    publish adopt::adopt_files(batch: Vec<AdoptedFile>, queue: String, now: Timestamp) -> ();
    /// Writes down what was found in one of them.
    publish adopt::adopted_examined(result: UploadResult) -> ();
}
