//! The calls about people as those in charge deal with them.

use futures_util::FutureExt as _;

use super::{Backend, Db, StoreResult, calls, lite, pg, writes};
use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::people::{PeopleChange, PersonCard};

calls! {
    /// Those of them who are shut out.
    read bans::bans_among(people: Vec<UserId>) -> Vec<UserId>;
    /// A person as those in charge see them.
    read bans::person_card(user: UserId, owners: Vec<UserId>) -> PersonCard;
    /// People of that `@name`, or with that in their name; who was seen last comes first.
    read bans::people_find(text: String, owners: Vec<UserId>, limit: i64) -> Vec<PersonCard>;
    /// Everybody with a role.
    read bans::people_staff(owners: Vec<UserId>, limit: i64) -> Vec<PersonCard>;
    /// Shuts somebody out, lets them in again, or gives them a role; gives whether that was needed.
    write bans::people_change(change: PeopleChange, by: UserId, now: Timestamp) -> bool;
}
