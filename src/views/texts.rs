//! The words of the interface in three languages, through Fluent.

use std::borrow::Cow;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::domain::html::inert;
use crate::domain::lang::Lang;

const EN: &str = include_str!("locales/en.ftl");
const RU: &str = include_str!("locales/ru.ftl");
const UZ: &str = include_str!("locales/uz.ftl");

/// All texts, read once at start.
pub struct Texts {
    bundles: [FluentBundle<FluentResource>; 3],
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Texts")
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self { bundles: Lang::ALL.map(bundle) }
    }
}

fn source(lang: Lang) -> &'static str {
    match lang {
        Lang::En => EN,
        Lang::Ru => RU,
        Lang::Uz => UZ,
    }
}

fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    // A broken line loses that message only; the test below finds it before a user does.
    let resource = match FluentResource::try_new(source(lang).to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    let id = lang.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Isolation marks would count as characters and show up as boxes in some clients.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
}

impl Texts {
    /// The text of `key`, with its variables filled in. A missing key is a bug that a test finds;
    /// until then the key itself says more than nothing.
    pub fn get(&self, lang: Lang, key: &str, args: &[(&str, Value<'_>)]) -> String {
        let index = Lang::ALL.iter().position(|other| *other == lang).unwrap_or(0);
        let Some(bundle) = self.bundles.get(index) else { return key.to_owned() };
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let mut filled = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            filled.set(Cow::Owned((*name).to_owned()), FluentValue::from(value));
        }
        let mut errors = Vec::new();
        bundle.format_pattern(pattern, Some(&filled), &mut errors).into_owned()
    }
}

/// A variable of a text.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// Words: Telegram finds nothing in them; they are escaped when the text becomes markup.
    Text(&'a str),
    /// A number, which also chooses the plural.
    Number(u64),
}

impl<'a> From<&Value<'a>> for FluentValue<'a> {
    fn from(value: &Value<'a>) -> Self {
        match *value {
            Value::Text(text) => FluentValue::String(Cow::Owned(inert(text))),
            Value::Number(number) => FluentValue::from(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Key -> names of its variables, read from the text itself.
    fn keys(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut current = String::new();
        for line in source(lang).lines() {
            let starts_key = line.chars().next().is_some_and(|c| c.is_ascii_lowercase());
            if starts_key {
                let (key, _) = line.split_once('=').unwrap_or((line, ""));
                current = key.trim().to_owned();
                assert!(keys.insert(current.clone(), BTreeSet::new()).is_none(), "{current} twice");
            }
            for piece in line.split('$').skip(1) {
                let name = piece.chars().take_while(char::is_ascii_alphanumeric).collect();
                keys.get_mut(&current).unwrap().insert(name);
            }
        }
        keys
    }

    #[test]
    fn all_languages_have_the_same_keys_and_variables() {
        let english = keys(Lang::En);
        assert!(english.len() > 100);
        for lang in Lang::ALL {
            assert_eq!(keys(lang), english, "{lang:?}");
        }
    }

    #[test]
    fn every_text_parses_and_fills_in() {
        for lang in Lang::ALL {
            assert!(FluentResource::try_new(source(lang).to_owned()).is_ok(), "{lang:?}");
            let texts = Texts::default();
            for (key, variables) in keys(lang) {
                for count in [0, 1, 2, 5, 11, 21, 1_000] {
                    let args: Vec<_> = variables
                        .iter()
                        .map(|name| (name.as_str(), Value::Number(count)))
                        .collect();
                    let text = texts.get(lang, &key, &args);
                    assert!(!text.contains('{') && text != key, "{lang:?} {key}: {text}");
                }
            }
        }
    }

    #[test]
    fn russian_plurals_are_russian() {
        let texts = Texts::default();
        let pages = |n| texts.get(Lang::Ru, "pages", &[("count", Value::Number(n))]);
        assert_eq!(
            [pages(1), pages(3), pages(5), pages(21)],
            ["1 страница", "3 страницы", "5 страниц", "21 страница"]
        );
    }
}
