//! People, as those in charge look for them.

use super::facts::Asker;
use crate::domain::facts::Facts;
use crate::domain::ids::UserId;
use crate::domain::people::{FOUND_MAX, PeopleAct, PeopleFacts, PeopleWish, PersonCard};
use crate::store::{Db, StoreResult};

/// People with a role that are shown at once: more than any school has.
const STAFF_MAX: i64 = 60;

/// What a wish needs.
pub async fn facts(db: &Db, wish: &PeopleWish, asker: Asker<'_>) -> StoreResult<Facts> {
    Ok(Facts::People(match wish {
        PeopleWish::Leave | PeopleWish::Act(PeopleAct::Ask) => PeopleFacts::None,
        PeopleWish::Act(PeopleAct::Staff) => {
            let mut people = db.people_staff(owners(asker), STAFF_MAX).await?;
            people.sort_by_key(|person| std::cmp::Reverse(person.role()));
            PeopleFacts::Some(people, false)
        }
        PeopleWish::Act(
            PeopleAct::Show(user) | PeopleAct::Propose(user, _) | PeopleAct::Confirm { user, .. },
        ) => PeopleFacts::One(Box::new(one(db, *user, asker).await?)),
        PeopleWish::Find(text) => {
            let (people, has_more) = find(db, text, asker).await?;
            PeopleFacts::Some(people, has_more)
        }
    }))
}

fn owners(asker: Asker<'_>) -> Vec<UserId> {
    asker.owners.to_vec()
}

async fn one(db: &Db, user: UserId, asker: Asker<'_>) -> StoreResult<PersonCard> {
    db.person_card(user, owners(asker)).await
}

/// By number, by `@name` or by name. A number is a person also when nothing is known of them.
async fn find(db: &Db, text: &str, asker: Asker<'_>) -> StoreResult<(Vec<PersonCard>, bool)> {
    let text = text.trim();
    if let Some(id) = text.parse::<i64>().ok().filter(|id| *id > 0) {
        return Ok((vec![one(db, UserId(id), asker).await?], false));
    }
    let limit = i64::try_from(FOUND_MAX).unwrap_or(i64::MAX);
    let mut people = db.people_find(text.to_owned(), owners(asker), limit + 1).await?;
    let has_more = people.len() > FOUND_MAX;
    people.truncate(FOUND_MAX);
    Ok((people, has_more))
}
