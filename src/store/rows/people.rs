//! Rows of people as those in charge see them.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

use super::corrupt;
use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::lang::Lang;
use crate::domain::people::KnownPerson;
use crate::domain::role::Role;
use crate::store::error::StoreResult;
use crate::store::sql_types::{Time, UtcTime};

#[derive(QueryableByName)]
pub struct PersonCardRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    first_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    username: Option<String>,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = UtcTime)]
    seen_at: Time,
    #[diesel(sql_type = Text)]
    lang: String,
    #[diesel(sql_type = Bool)]
    reachable: bool,
}

impl PersonCardRow {
    pub fn id(&self) -> UserId {
        UserId(self.id)
    }

    pub fn known(self) -> StoreResult<KnownPerson> {
        Ok(KnownPerson {
            name: self.first_name,
            username: self.username,
            role: Role::from_name(&self.role).ok_or(corrupt("users.role"))?,
            seen_at: Some(self.seen_at.0).filter(|at| *at > Timestamp::UNIX_EPOCH),
            lang: Lang::from_tag(&self.lang).ok_or(corrupt("users.lang"))?,
            reachable: self.reachable,
        })
    }
}
