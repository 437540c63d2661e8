//! An audience as it is written on the command line.

use std::path::PathBuf;
use std::str::FromStr;

use crate::domain::broadcast::Audience;
use crate::domain::ids::CategoryId;
use crate::domain::lang::Lang;
use crate::domain::role::Role;

/// Who gets it; a list's chats are in a file that is read later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// Known by name.
    Named(Audience),
    /// In that file, one id a line.
    InFile(PathBuf),
}

impl FromStr for Whom {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" {
            return Ok(Self::Named(Audience::All));
        }
        let (kind, value) = text.split_once(':').ok_or(
            "expected all, lang:ru, active:7, followers:SECTION_ID, role:editor or list:FILE",
        )?;
        let audience = match kind {
            "lang" => Lang::ALL
                .into_iter()
                .find(|lang| lang.code() == value)
                .map(|lang| Audience::Language { lang })
                .ok_or("that is no language of the interface: en, ru, uz"),
            "active" => match value.parse() {
                Ok(days @ 1..) => Ok(Audience::Active { days }),
                _ => Err("expected a number of days after active:"),
            },
            "followers" => value
                .parse()
                .map(|id| Audience::Followers { category: CategoryId(id) })
                .map_err(|_| "expected the number of a section after followers:"),
            "role" => Role::from_name(value)
                .map(|role| Audience::Role { role })
                .ok_or("that is no role: learner, editor, admin, owner"),
            "list" if value.is_empty() => Err("expected a file after list:"),
            "list" => return Ok(Self::InFile(PathBuf::from(value))),
            _ => Err("expected all, lang:, active:, followers:, role: or list:"),
        };
        audience.map(Self::Named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audiences_are_read() {
        let cases = [
            ("all", Audience::All),
            ("lang:uz", Audience::Language { lang: Lang::Uz }),
            ("active:30", Audience::Active { days: 30 }),
            ("followers:77", Audience::Followers { category: CategoryId(77) }),
            ("role:editor", Audience::Role { role: Role::Editor }),
        ];
        for (text, audience) in cases {
            assert_eq!(text.parse(), Ok(Whom::Named(audience)), "{text}");
        }
        assert_eq!("list:/tmp/a:b.csv".parse(), Ok(Whom::InFile(PathBuf::from("/tmp/a:b.csv"))));
    }

    #[test]
    fn what_is_no_audience_is_refused() {
        let odd = ["", "everybody", "All", "lang:xx", "lang:", "active:0", "active:-1", "active:x"];
        let more = ["followers:x", "role:god", "list:", "failed:7", ":", "lang"];
        for text in odd.into_iter().chain(more) {
            text.parse::<Whom>().expect_err(text);
        }
    }
}
