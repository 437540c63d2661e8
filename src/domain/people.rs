//! People as those in charge deal with them: found, shut out and let in again, given roles.
//!
//! Invariants: whoever is shut out is known by a keyed hash of their number alone, so that a ban
//! outlives all that is erased of them; nobody decides about themselves, and nobody shuts out
//! somebody of their own rank or above; nothing is done before the button of the question is
//! pressed, by whoever was asked, within a minute.

use super::clock::Timestamp;
use super::ids::UserId;
use super::lang::Lang;
use super::role::Role;

/// How long a question about a person may be answered.
pub const CONFIRM_WITHIN_S: i64 = 60;

/// People that a search shows at once.
pub const FOUND_MAX: usize = 8;

/// What the key of the marks is derived for: from the installation's key, for this and nothing else.
const MARKS: &str = "PrimeLingo 2026-11-29 marks of people who are shut out";

/// Somebody is shut out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ban {
    /// They were told so.
    pub is_told: bool,
}

/// What a person who is shut out is known by. Only who has the installation's key can tell whose
/// it is, and only by trying numbers.
pub fn mark(key: &[u8; 32], user: UserId) -> String {
    let key = blake3::derive_key(MARKS, key);
    blake3::keyed_hash(&key, &user.0.to_le_bytes()).to_hex().to_string()
}

/// What is done to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonDeed {
    /// They are shut out, and lose their role.
    Ban,
    /// They are let in again, as a learner.
    Unban,
    /// They get this role.
    Give(Role),
}

impl PersonDeed {
    /// Who may do such a thing at all.
    pub const fn needed(self) -> Role {
        match self {
            Self::Ban | Self::Unban => Role::Admin,
            Self::Give(_) => Role::Owner,
        }
    }
}

/// What a button, or a command that means the same, does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleAct {
    /// Ask who is looked for.
    Ask,
    /// Show a person.
    Show(UserId),
    /// Show everybody with a role.
    Staff,
    /// Ask whether this shall be done.
    Propose(UserId, PersonDeed),
    /// Do it.
    Confirm {
        /// To whom.
        user: UserId,
        /// What.
        deed: PersonDeed,
        /// When that was asked, in seconds since the Unix epoch.
        asked_s: i64,
    },
}

impl PeopleAct {
    /// Who may.
    pub const fn needed(self) -> Role {
        match self {
            Self::Ask | Self::Show(_) => Role::Admin,
            Self::Staff => Role::Owner,
            Self::Propose(_, deed) | Self::Confirm { deed, .. } => deed.needed(),
        }
    }
}

/// What is wanted about people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeopleWish {
    /// A button, or a command that means the same.
    Act(PeopleAct),
    /// Look for somebody.
    Find(String),
    /// End the question: who was asked may not look for people any more.
    Leave,
}

/// A person as they are shown to those in charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonCard {
    /// Their number.
    pub id: UserId,
    /// What else is known; nothing of whoever never wrote, or is forgotten.
    pub known: Option<KnownPerson>,
    /// They are shut out.
    pub is_banned: bool,
    /// The configuration names them as an owner.
    pub is_configured: bool,
}

/// What is known of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPerson {
    /// First name: hostile text.
    pub name: String,
    /// `@name` without the sign: hostile text.
    pub username: Option<String>,
    /// The role that the database says.
    pub role: Role,
    /// When they last wrote; none if they never did.
    pub seen_at: Option<Timestamp>,
    /// Language of the interface.
    pub lang: Lang,
    /// Whether the bot may write to them.
    pub reachable: bool,
}

impl PersonCard {
    /// What they may do, configuration included.
    pub fn role(&self) -> Role {
        let stored = self.known.as_ref().map_or(Role::Learner, |known| known.role);
        if self.is_configured { Role::Owner } else { stored }
    }

    /// Why that is not done to them by `doer`, who has this rank.
    pub fn refuses(&self, deed: PersonDeed, doer: UserId, rank: Role) -> Option<PeopleRefusal> {
        if rank < deed.needed() {
            return Some(PeopleRefusal::TooHigh);
        }
        if self.id == doer {
            return Some(PeopleRefusal::Yourself);
        }
        match deed {
            PersonDeed::Ban if self.role() == Role::Owner => Some(PeopleRefusal::Owner),
            PersonDeed::Ban if self.role() >= rank => Some(PeopleRefusal::TooHigh),
            PersonDeed::Ban if self.is_banned => Some(PeopleRefusal::SoAlready),
            PersonDeed::Unban if !self.is_banned => Some(PeopleRefusal::SoAlready),
            PersonDeed::Give(_) if self.is_configured => Some(PeopleRefusal::Configured),
            PersonDeed::Give(_) if self.is_banned => Some(PeopleRefusal::Banned),
            PersonDeed::Give(role) if self.role() == role => Some(PeopleRefusal::SoAlready),
            PersonDeed::Ban | PersonDeed::Unban | PersonDeed::Give(_) => None,
        }
    }

    /// The same person after it is done.
    #[must_use]
    pub fn after(mut self, deed: PersonDeed) -> Self {
        let role = match deed {
            PersonDeed::Give(role) => role,
            PersonDeed::Ban | PersonDeed::Unban => Role::Learner,
        };
        self.is_banned = deed == PersonDeed::Ban;
        match &mut self.known {
            Some(known) => known.role = role,
            None if role > Role::Learner => {
                self.known = Some(KnownPerson {
                    name: String::new(),
                    username: None,
                    role,
                    seen_at: None,
                    lang: Lang::default(),
                    reachable: true,
                });
            }
            None => {}
        }
        self
    }
}

/// Why something is not done to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleRefusal {
    /// Nobody decides about themselves.
    Yourself,
    /// An owner cannot be shut out.
    Owner,
    /// Their rank is as high as the asker's, or higher.
    TooHigh,
    /// The configuration makes them an owner.
    Configured,
    /// Whoever is shut out has no role.
    Banned,
    /// It is so already.
    SoAlready,
    /// The answer came too late.
    TooLate,
}

/// What was read about people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeopleFacts {
    /// None were needed.
    None,
    /// About one person.
    One(Box<PersonCard>),
    /// About some, and whether there are more.
    Some(Vec<PersonCard>, bool),
}

/// A row to write about people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleChange {
    /// Somebody is shut out.
    Ban {
        /// Who.
        user: UserId,
        /// Only while their role is below this one.
        below: Role,
    },
    /// Somebody is let in again.
    Unban(UserId),
    /// Somebody gets a role.
    Give(UserId, Role),
    /// The sender was told that they are shut out.
    NoteTold,
}

impl PeopleChange {
    /// The role without which it is refused at the commit.
    pub const fn needed(self) -> Option<Role> {
        match self {
            Self::Ban { below, .. } => Some(below),
            Self::Unban(_) => Some(Role::Admin),
            Self::Give(..) => Some(Role::Owner),
            Self::NoteTold => None,
        }
    }
}

/// What is shown of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeopleView {
    /// Who is looked for?
    Ask {
        /// Nobody was found for what was said before.
        was_vain: bool,
    },
    /// A person.
    Card {
        /// Who.
        person: PersonCard,
        /// What was just done, or why not.
        said: Option<PeopleSaid>,
    },
    /// Some of whom one is to be chosen.
    List {
        /// Who.
        people: Vec<PersonCard>,
        /// There are more.
        has_more: bool,
        /// They are those with a role.
        is_staff: bool,
    },
    /// Shall this be done?
    Question {
        /// To whom.
        person: PersonCard,
        /// What.
        deed: PersonDeed,
        /// When that is asked.
        asked_s: i64,
    },
}

/// What is said above a person's card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleSaid {
    /// This was done.
    Done(PersonDeed),
    /// It was not.
    Refused(PeopleRefusal),
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn card(id: i64, role: Role) -> PersonCard {
        let known = KnownPerson {
            name: "X".to_owned(),
            username: None,
            role,
            seen_at: None,
            lang: Lang::En,
            reachable: true,
        };
        PersonCard { id: UserId(id), known: Some(known), is_banned: false, is_configured: false }
    }

    #[test]
    fn a_mark_is_of_one_person_and_one_installation_and_tells_no_number() {
        let ann = mark(&KEY, UserId(5_000_001));
        assert_eq!(ann, mark(&KEY, UserId(5_000_001)), "the same tomorrow");
        assert_ne!(ann, mark(&KEY, UserId(5_000_002)));
        assert_ne!(ann, mark(&[8; 32], UserId(5_000_001)));
        assert!(!ann.contains("5000001") && ann.len() == 64);
        let plain = blake3::keyed_hash(&KEY, &5_000_001_i64.to_le_bytes());
        assert_ne!(ann, plain.to_hex().to_string(), "the key of the buttons makes no marks");
    }

    /// Everybody against everybody: who may be shut out by whom.
    #[test]
    fn only_a_higher_rank_shuts_out_and_owners_never_are() {
        let mut allowed = Vec::new();
        for rank in Role::ALL {
            for role in Role::ALL {
                if card(2, role).refuses(PersonDeed::Ban, UserId(1), rank).is_none() {
                    allowed.push((rank.name(), role.name()));
                }
            }
            let myself = card(1, Role::Learner).refuses(PersonDeed::Ban, UserId(1), rank);
            assert!(myself.is_some(), "{rank:?} shuts themselves out");
        }
        assert_eq!(
            allowed,
            [
                ("admin", "learner"),
                ("admin", "editor"),
                ("owner", "learner"),
                ("owner", "editor"),
                ("owner", "admin"),
            ]
        );
        let configured = PersonCard { is_configured: true, ..card(2, Role::Learner) };
        let refusal = configured.refuses(PersonDeed::Ban, UserId(1), Role::Owner);
        assert_eq!(refusal, Some(PeopleRefusal::Owner));
    }

    #[test]
    fn owners_alone_give_roles_and_never_to_themselves_or_whoever_is_shut_out() {
        let give = PersonDeed::Give(Role::Editor);
        for rank in Role::ALL {
            let refusal = card(2, Role::Learner).refuses(give, UserId(1), rank);
            assert_eq!(refusal.is_none(), rank == Role::Owner, "{rank:?}");
        }
        let refusal = |card: PersonCard, deed| card.refuses(deed, UserId(1), Role::Owner);
        let banned = PersonCard { is_banned: true, ..card(2, Role::Learner) };
        assert_eq!(refusal(banned, give), Some(PeopleRefusal::Banned));
        assert_eq!(refusal(card(1, Role::Owner), give), Some(PeopleRefusal::Yourself));
        let configured = PersonCard { is_configured: true, ..card(2, Role::Learner) };
        assert_eq!(refusal(configured, give), Some(PeopleRefusal::Configured));
        assert_eq!(refusal(card(2, Role::Editor), give), Some(PeopleRefusal::SoAlready));
    }

    #[test]
    fn a_ban_takes_the_role() {
        let person = card(2, Role::Editor).after(PersonDeed::Ban);
        assert!(person.is_banned && person.role() == Role::Learner);
        let person = person.after(PersonDeed::Unban);
        assert!(!person.is_banned && person.role() == Role::Learner, "and does not give it back");
    }
}
