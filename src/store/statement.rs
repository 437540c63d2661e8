//! SQL in our own words that is prepared once for each connection.
//!
//! diesel prepares `sql_query`, `sql` and every `UPDATE` anew at each call, and SQLite prepares a
//! statement anew whose partial index was chosen by a bound value. On the hot path that costs more
//! than the work itself. A [`Statement`] is cached by its text, which is why the text is `'static`
//! and holds no values: each `{}` in it stands for one bind.
//!
//! A bound `LIMIT {}` is such a value, too: SQLite's planner looks at it, and prepares the statement
//! anew each time it is bound. `LIMIT {} + 0` says the same and is not looked at.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Untyped};
use diesel::sqlite::Sqlite;

use super::records::Fence;
use super::sql_types::{Time, UtcTime};

/// A statement with its values.
#[derive(Debug, Clone)]
pub struct Statement<'a> {
    sql: &'static str,
    binds: Vec<Bind<'a>>,
}

/// A value.
#[derive(Debug, Clone)]
enum Bind<'a> {
    Text(&'a str),
    OptionalText(Option<&'a str>),
    Long(i64),
    OptionalLong(Option<i64>),
    Int(i32),
    Time(Time),
}

impl<'a> Statement<'a> {
    /// `{}` in `sql` stands for the next value.
    pub const fn new(sql: &'static str) -> Self {
        Self { sql, binds: Vec::new() }
    }

    fn bind(mut self, bind: Bind<'a>) -> Self {
        self.binds.push(bind);
        self
    }

    /// The next value.
    pub fn text(self, value: &'a str) -> Self {
        self.bind(Bind::Text(value))
    }

    /// The next value.
    pub fn optional_text(self, value: Option<&'a str>) -> Self {
        self.bind(Bind::OptionalText(value))
    }

    /// The next value.
    pub fn long(self, value: i64) -> Self {
        self.bind(Bind::Long(value))
    }

    /// The next value.
    pub fn optional_long(self, value: Option<i64>) -> Self {
        self.bind(Bind::OptionalLong(value))
    }

    /// The next two values: see [`fenced!`].
    pub fn fence(self, fence: Fence) -> Self {
        self.optional_long(fence.token()).optional_long(fence.token())
    }

    /// The next value.
    pub fn int(self, value: i32) -> Self {
        self.bind(Bind::Int(value))
    }

    /// The next value.
    pub fn time(self, value: Time) -> Self {
        self.bind(Bind::Time(value))
    }
}

/// The text of a statement that writes only under the leader's lease, or where none is asked for:
/// its condition, then the fence, then what follows. Bound by [`Statement::fence`].
macro_rules! fenced {
    ($condition:literal $(, $rest:literal)?) => {
        concat!(
            $condition,
            " AND ({} IS NULL OR EXISTS (SELECT 1 FROM leases WHERE name = 'leader' AND token = {}))",
            $(" ", $rest)?
        )
    };
}
pub(crate) use fenced;

/// Cached by its text.
impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = Untyped;
}

macro_rules! query_fragment {
    ($($backend:ty),*) => {
        $(impl QueryFragment<$backend> for Statement<'_> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, $backend>) -> QueryResult<()> {
                let mut binds = self.binds.iter();
                for (index, piece) in self.sql.split("{}").enumerate() {
                    if index > 0 {
                        match binds.next() {
                            Some(Bind::Text(value)) => out.push_bind_param::<Text, _>(value)?,
                            Some(Bind::OptionalText(value)) => {
                                out.push_bind_param::<Nullable<Text>, _>(value)?;
                            }
                            Some(Bind::Long(value)) => out.push_bind_param::<BigInt, _>(value)?,
                            Some(Bind::OptionalLong(value)) => {
                                out.push_bind_param::<Nullable<BigInt>, _>(value)?;
                            }
                            Some(Bind::Int(value)) => out.push_bind_param::<Integer, _>(value)?,
                            Some(Bind::Time(value)) => out.push_bind_param::<UtcTime, _>(value)?,
                            // The database then complains of the missing value.
                            None => out.push_sql("{}"),
                        }
                    }
                    out.push_sql(piece);
                }
                Ok(())
            }
        })*
    };
}

query_fragment!(Pg, Sqlite);
