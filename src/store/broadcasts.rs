//! The calls of broadcasts: plans, audiences, recipients and their outcomes.

use futures_util::FutureExt as _;

use super::records::{
    AudienceSlice, BroadcastSettlement, ExportedRecipient, FillCursor, Recipient,
};
use super::{Backend, Db, StoreResult, calls, lite, pg, writes};
use crate::domain::broadcast::{
    Audience, Broadcast, BroadcastState, Cause, Control, NewBroadcast, Progress,
};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{AudienceListId, BroadcastId, ChatId, UserId};

calls! {
    /// Plans a broadcast; false if its slot is filled already.
    write(fence) broadcasts::broadcast_create(new: NewBroadcast, now: Timestamp) -> bool;
    /// A broadcast as it stands.
    read broadcasts::broadcast_get(id: BroadcastId) -> Option<Broadcast>;
    /// What is planned, being sent or held, in the order of its beginning.
    read broadcasts::broadcasts_open() -> Vec<Broadcast>;
    /// All of them before a given one, the newest first.
    read broadcasts::broadcasts_list(before: Option<BroadcastId>, limit: i64) -> Vec<Broadcast>;
    /// Begins a planned one: `now` is its cut-off. False if it stands elsewhere by now.
    publish(fence) broadcasts::broadcast_begin(id: BroadcastId, now: Timestamp) -> bool;
    /// Does what somebody wants of a broadcast; false if it stands elsewhere by now.
    write broadcasts::broadcast_control(id: BroadcastId, control: Control, now: Timestamp) -> bool;
    /// Ends one that is planned or being sent.
    write(fence) broadcasts::broadcast_end(id: BroadcastId, to: BroadcastState, reason: Option<String>, now: Timestamp) -> bool;
    /// Resolves what a death has left in doubt; gives how many are sent again and how many are not.
    write(fence) broadcasts::broadcast_recover(id: BroadcastId, now: Timestamp) -> (u64, u64);

    /// How many would get a broadcast that begins now.
    read broadcasts::audience_count(audience: Audience, now: Timestamp) -> i64;
    /// The next piece of an audience as of `cut_off`; may be empty before the end. Whoever moves
    /// while it is read is found by the sweep at its end; the begin renews what browsers see.
    browse broadcasts::audience_slice(audience: Audience, cut_off: Timestamp, cursor: FillCursor, limit: i64) -> AudienceSlice;
    /// Where its next piece begins; none when all of it is written down.
    read broadcasts::broadcast_cursor(id: BroadcastId) -> Option<FillCursor>;
    /// Writes a piece of the audience down; false if the filling has gone on elsewhere.
    write(fence) broadcasts::recipients_fill(id: BroadcastId, slice: AudienceSlice) -> bool;
    /// Recipients that wait for their first request, after a given one.
    read broadcasts::recipients_page(id: BroadcastId, after_seq: i64, limit: i64) -> Vec<Recipient>;
    /// Recipients that are to be tried again, whose turn is first.
    read broadcasts::recipients_deferred(id: BroadcastId, limit: i64) -> Vec<Recipient>;
    /// Writes down how sends ended and what may leave next; gives how far it is.
    write(fence) broadcasts::broadcast_settle(settlement: BroadcastSettlement, now: Timestamp) -> Progress;
    /// How many recipients stand how, and why.
    read broadcasts::broadcast_causes(id: BroadcastId) -> Vec<Cause>;
    /// Recipients with their outcomes, after a given one.
    read broadcasts::recipients_export(id: BroadcastId, after_seq: i64, limit: i64) -> Vec<ExportedRecipient>;

    /// Adds chats to a list from a file.
    write broadcasts::audience_list_add(list: AudienceListId, chats: Vec<ChatId>) -> ();
    /// How many chats a list holds.
    read broadcasts::audience_list_count(list: AudienceListId) -> i64;
    /// Sets a person's time zone.
    write people::user_set_time_zone(user: UserId, zone: String) -> ();
}
