//! A link to the dashboard, made of chance.

use crate::domain::dashboard::{Link, hash_of};
use crate::store::{StoreError, StoreResult};

/// A link that nobody can guess: 128 bits. None where the page is served nowhere.
pub fn link(base_url: Option<&str>) -> StoreResult<Option<Link>> {
    let Some(base_url) = base_url else { return Ok(None) };
    let mut key = [0_u8; 16];
    getrandom::fill(&mut key)
        .map_err(|_| StoreError::Fault { call: "dashboard", what: "no randomness" })?;
    let key = data_encoding::HEXLOWER.encode(&key);
    let hash = hash_of(&key);
    Ok(Some(Link { url: format!("{base_url}/dashboard/enter?key={key}"), hash }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_holds_the_key_of_its_hash() {
        let link = link(Some("https://bot.example.org")).unwrap().unwrap();
        let key = link.url.strip_prefix("https://bot.example.org/dashboard/enter?key=").unwrap();
        assert_eq!(key.len(), 32);
        assert_eq!(link.hash, hash_of(key));
        assert_eq!(super::link(None).unwrap(), None);
    }
}
