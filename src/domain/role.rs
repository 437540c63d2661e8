//! Who may do what.

use serde::{Deserialize, Serialize};

/// A person's role. Each includes all before it; the order of the variants is the order of power.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Anyone who writes to the bot.
    #[default]
    Learner,
    /// May add and change materials.
    Editor,
    /// May also broadcast and see statistics.
    Admin,
    /// May also grant roles. The first owners come from `access.owners`.
    Owner,
}

impl Role {
    /// All of them, weakest first.
    pub const ALL: [Self; 4] = [Self::Learner, Self::Editor, Self::Admin, Self::Owner];

    /// The name, as stored and as given on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Learner => "learner",
            Self::Editor => "editor",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether this role may add and change materials.
    pub fn can_edit(self) -> bool {
        self >= Self::Editor
    }

    /// Whether this role may send to many.
    pub fn can_broadcast(self) -> bool {
        self >= Self::Admin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_includes_all_before_it_and_has_a_name_of_its_own() {
        let names = ["learner", "editor", "admin", "owner"];
        for (role, name) in Role::ALL.into_iter().zip(names) {
            assert_eq!(role.name(), name);
            assert_eq!(Role::from_name(name), Some(role));
        }
        assert_eq!(Role::from_name("root"), None);
        assert!(Role::ALL.is_sorted());
        assert_eq!(Role::ALL.map(Role::can_edit), [false, true, true, true]);
        assert_eq!(Role::ALL.map(Role::can_broadcast), [false, false, true, true]);
    }
}
