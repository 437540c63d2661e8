//! The calls of requests, of who is told of what, and of what is kept of a person.

use futures_util::FutureExt as _;

use super::records::{
    Announced, Belongings, ErasedSlice, ForgottenRecipient, Listeners, ListenersRequest, NewOutbox,
    News, Offer,
};
use super::{Backend, Db, StoreResult, calls, lite, pg, writes};
use crate::domain::clock::Timestamp;
use crate::domain::digest::Section;
use crate::domain::effect::NewJob;
use crate::domain::ids::{
    BroadcastId, CategoryId, ChatId, JobId, MaterialId, OutboxId, RequestId, UserId,
};
use crate::domain::lang::Lang;
use crate::domain::privacy::{Personal, PrivacyFacts};
use crate::domain::request::Request;
use crate::domain::session::SessionKey;

calls! {
    /// A request, if there is such a one.
    read requests::request_get(id: RequestId) -> Option<Request>;
    /// Whether a person asks for the same already, and for how much they ask.
    read requests::request_standing(user: UserId, key: String) -> (bool, i64);
    /// Open requests, most wanted first, after a demand and a request.
    read requests::requests_wanted(after: Option<(i64, RequestId)>, limit: i64) -> Vec<Request>;
    /// What a person asks for or has asked for, the newest first, before a given one.
    read requests::requests_own(user: UserId, before: Option<RequestId>, limit: i64) -> Vec<Request>;
    /// Open requests in the order of their keys: request, words, key.
    read requests::requests_open(after_key: String, limit: i64) -> Vec<(RequestId, String, String)>;
    /// A material answers these requests, as far as they are open; gives how many are.
    write requests::requests_answer(ids: Vec<RequestId>, material: MaterialId, now: Timestamp) -> usize;

    /// A section and those above it, the nearest first.
    read tell::sections_above(category: CategoryId) -> Vec<Section>;
    /// The next people to tell.
    read tell::listeners(request: ListenersRequest) -> Listeners;
    /// Enqueues messages to a page of people and notes how far that is; gives that.
    write tell::tell_page(job: (JobId, i64), before: Announced, news: News, after: UserId, offers: Vec<Offer>, now: Timestamp) -> Announced;

    /// What matters before a person's data are copied or erased; copies since then count.
    read personal::privacy_facts(user: UserId, since: Timestamp) -> PrivacyFacts;
    /// The rows of a person in a table, each as JSON.
    read personal::personal_rows(entry: Personal, user: UserId, limit: i64) -> Vec<String>;

    /// What lies on the disk for a person alone.
    read erase::belongings(user: UserId) -> Belongings;
    /// Forgets contents that no material has any more; gives the files of all that are gone.
    write erase::contents_erase(hashes: Vec<String>) -> Vec<String>;
    /// Rewrites some more of the search index without what was deleted; gives whether there is more.
    write erase::index_drop_deleted() -> bool;
    /// Whether a job runs that may be putting a file in its place.
    read erase::files_come_in() -> bool;
    /// Erases a person's rows but the ledger's, the outbox's and those of recipients; gives the
    /// dialogs that were among them.
    write erase::person_erase(job: (JobId, i64), user: UserId, now: Timestamp) -> Vec<SessionKey>;
    /// The language in which a person whose data are being erased is spoken to.
    read erase::erased_lang(job: JobId, user: UserId) -> Lang;
    /// Forgets a person in the next slice of the ledger.
    write erase::updates_erase(user: UserId, after: i64, limit: i64, now: Timestamp) -> ErasedSlice;
    /// Forgets what was sent to a chat, in the next slice of the outbox before a message.
    write erase::outbox_erase(chat: ChatId, range: (i64, OutboxId), limit: i64) -> ErasedSlice;
    /// Broadcasts that have a person among their recipients.
    read erase::broadcasts_to(user: UserId) -> Vec<BroadcastId>;
    /// Forgets a recipient; one without an outcome counts as blocked.
    write erase::recipient_erase(recipient: ForgottenRecipient) -> ();
    /// Forgets the job itself, together with the last word.
    write erase::erase_finish(job: (JobId, i64), message: NewOutbox, traces: NewJob, queue: String, now: Timestamp) -> ();
    /// Forgets a message that has left; gives what it said.
    write erase::message_forget(id: OutboxId) -> Option<String>;
    /// The chat of a message that is known.
    read erase::message_chat(id: OutboxId) -> Option<ChatId>;
    /// Ends a job together with a message, and the job that forgets it.
    write erase::export_finish(job: (JobId, i64), message: NewOutbox, traces: NewJob, queue: String, now: Timestamp) -> ();
    /// Whether a message is still to leave.
    read erase::message_is_open(id: OutboxId) -> bool;
    /// Whether a message that is still to leave brings that file.
    read erase::file_is_to_leave(hash: String) -> bool;
}
