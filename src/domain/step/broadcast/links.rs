//! The buttons of a broadcast, as an admin writes them: a line each, `title - address`.
//!
//! An address is a link, or a material: `material 123`, `f_123`, or the bot's own link to it.

use url::Url;

use crate::domain::broadcast::{Hint, LINKS_MAX, LinkButton, LinkProblem};
use crate::domain::ids::MaterialId;
use crate::domain::material::clean_line;

/// Longest title of a button, in characters.
const TITLE_MAX_CHARS: usize = 60;

/// What stands between title and address.
const SEPARATORS: [&str; 3] = [" - ", " – ", " — "];

/// What stands before the number of a material, in the languages that admins write.
const MATERIAL_WORDS: [&str; 2] = ["material", "материал"];

/// Where a button leads.
enum Target {
    Link(String),
    Material(MaterialId),
}

/// The materials that are named.
pub fn materials(text: &str, bot_username: &str) -> Vec<MaterialId> {
    let lines = text.lines().filter_map(|line| read_line(line, bot_username).ok());
    let material = |(_, target)| match target {
        Target::Material(material) => Some(material),
        Target::Link(_) => None,
    };
    lines.filter_map(material).take(LINKS_MAX).collect()
}

/// The buttons; every material in them must be among the published ones.
pub fn read(
    text: &str,
    bot_username: &str,
    published: &[MaterialId],
) -> Result<Vec<LinkButton>, Hint> {
    let mut buttons = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let bad = |why| Hint::BadLine { line: number + 1, why };
        let (text, target) = read_line(line, bot_username).map_err(bad)?;
        let url = match target {
            Target::Link(url) => url,
            Target::Material(material) if published.contains(&material) => {
                format!("https://t.me/{bot_username}?start=f_{material}")
            }
            Target::Material(_) => return Err(bad(LinkProblem::NoMaterial)),
        };
        buttons.push(LinkButton { text, url });
        if buttons.len() > LINKS_MAX {
            return Err(Hint::TooManyButtons);
        }
    }
    if buttons.is_empty() { Err(Hint::NotUnderstood) } else { Ok(buttons) }
}

fn read_line(line: &str, bot_username: &str) -> Result<(String, Target), LinkProblem> {
    let cut = SEPARATORS.iter().filter_map(|separator| line.rsplit_once(separator));
    // The last of them: a title may have one of its own, an address has none.
    let (title, address) =
        cut.min_by_key(|(_, address)| address.len()).ok_or(LinkProblem::NoPair)?;
    let title = clean_line(title, TITLE_MAX_CHARS).ok_or(LinkProblem::NoPair)?;
    Ok((title, read_target(address.trim(), bot_username).ok_or(LinkProblem::BadLink)?))
}

fn read_target(address: &str, bot_username: &str) -> Option<Target> {
    if let Some(material) = read_material(address) {
        return Some(Target::Material(material));
    }
    if address.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let url = Url::parse(address).ok()?;
    match url.scheme() {
        "tg" => {}
        "http" | "https" => {
            let host = url.host_str()?;
            // Telegram takes no name without a dot.
            if !host.trim_matches('.').contains(['.', ':']) || !url.username().is_empty() {
                return None;
            }
        }
        _ => return None,
    }
    Some(match own_material(&url, bot_username) {
        Some(material) => Target::Material(material),
        None => Target::Link(url.into()),
    })
}

fn read_material(address: &str) -> Option<MaterialId> {
    if let Some(number) = address.strip_prefix("f_") {
        return positive(number);
    }
    let (word, number) = address.split_once(char::is_whitespace)?;
    let word = word.to_lowercase();
    let is_word = MATERIAL_WORDS.contains(&word.as_str());
    is_word.then(|| positive(number.trim())).flatten()
}

/// The material that a link of this bot's opens.
fn own_material(url: &Url, bot_username: &str) -> Option<MaterialId> {
    let is_own = url.host_str() == Some("t.me")
        && url.path().trim_matches('/').eq_ignore_ascii_case(bot_username);
    let (_, payload) = url.query_pairs().find(|(name, _)| is_own && name == "start")?;
    positive(payload.strip_prefix("f_")?)
}

fn positive(number: &str) -> Option<MaterialId> {
    number.parse().ok().filter(|id| *id > 0).map(MaterialId)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOT: &str = "prime_bot";

    fn urls(text: &str) -> Result<Vec<(String, String)>, Hint> {
        let buttons = read(text, BOT, &[MaterialId(5)])?;
        Ok(buttons.into_iter().map(|button| (button.text, button.url)).collect())
    }

    fn url(text: &str) -> String {
        urls(text).unwrap().remove(0).1
    }

    #[test]
    fn links_and_materials_are_buttons() {
        let own = "https://t.me/prime_bot?start=f_5";
        let text = format!(
            "Site - https://e.org/a-b?c=1\n\nBook - part 1 — material 5\nB – f_5\nC - {own}\nD - tg://resolve?domain=x"
        );
        let expected = [
            ("Site", "https://e.org/a-b?c=1"),
            ("Book - part 1", own),
            ("B", own),
            ("C", own),
            ("D", "tg://resolve?domain=x"),
        ];
        let expected = expected.map(|(text, url)| (text.to_owned(), url.to_owned()));
        assert_eq!(urls(&text), Ok(expected.to_vec()));
        assert_eq!(url("Книга - материал 5"), own);
        assert_eq!(url("A - https://t.me/other_bot?start=f_9"), "https://t.me/other_bot?start=f_9");
        assert_eq!(materials(&text, BOT), [MaterialId(5); 3]);
    }

    #[test]
    fn what_is_no_button_is_named_by_its_line() {
        for (line, why) in [
            ("https://e.org", LinkProblem::NoPair),
            (" - https://e.org", LinkProblem::NoPair),
            ("\u{202e} - https://e.org", LinkProblem::NoPair),
            ("A - javascript:alert(1)", LinkProblem::BadLink),
            ("A - e.org", LinkProblem::BadLink),
            ("A - https://localhost/", LinkProblem::BadLink),
            ("A - https://t.me@e.org/", LinkProblem::BadLink),
            ("A - https://e.org/ x", LinkProblem::BadLink),
            ("A - material -5", LinkProblem::BadLink),
            ("A - f_6", LinkProblem::NoMaterial),
            ("A - https://t.me/Prime_Bot?start=f_6", LinkProblem::NoMaterial),
        ] {
            let text = format!("Site - https://e.org\n{line}");
            assert_eq!(urls(&text), Err(Hint::BadLine { line: 2, why }), "{line}");
        }
        assert_eq!(urls(" \n "), Err(Hint::NotUnderstood));
        let many = "A - https://e.org\n".repeat(LINKS_MAX + 1);
        assert_eq!(urls(&many), Err(Hint::TooManyButtons));
    }
}
