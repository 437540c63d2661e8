//! The settings as a JSON Schema, for editors that check and complete configuration files.

use serde_json::{Map, Value as Json, json};
use toml::Value;

use super::described::{DescribedKey, DescribedSection, described};

/// The schema of a configuration file, JSON Schema 2020-12. Made from `config/default.toml`.
pub fn json_schema() -> Json {
    let sections: Map<String, Json> =
        described().iter().map(|section| (section.name.clone(), of_section(section))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "PrimeLingo's configuration",
        "type": "object",
        "additionalProperties": false,
        "properties": sections,
    })
}

fn of_section(section: &DescribedSection) -> Json {
    let keys: Map<String, Json> =
        section.keys.iter().map(|key| (key.key.clone(), of_key(key))).collect();
    json!({
        "description": section.text,
        "type": "object",
        "additionalProperties": false,
        "properties": keys,
    })
}

fn of_key(key: &DescribedKey) -> Json {
    let mut schema = Map::new();
    schema.insert("description".to_owned(), Json::from(key.text.clone()));
    schema.insert("type".to_owned(), Json::from(type_of(&key.default)));
    if let Value::Array(_) = key.default {
        schema.insert("items".to_owned(), json!({ "type": "integer" }));
    }
    schema.insert("default".to_owned(), as_json(&key.default));
    if let Some((low, high)) = key.range() {
        schema.insert("minimum".to_owned(), bound(&key.default, low));
        schema.insert("maximum".to_owned(), bound(&key.default, high));
    }
    if key.is_secret {
        schema.insert("writeOnly".to_owned(), Json::Bool(true));
    }
    Json::Object(schema)
}

const fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Boolean(_) => "boolean",
        Value::Integer(_) => "integer",
        Value::Float(_) => "number",
        Value::Array(_) => "array",
        _ => "string",
    }
}

fn as_json(value: &Value) -> Json {
    serde_json::to_value(value).unwrap_or_default()
}

/// A bound in the type of its key: whole numbers without a point.
fn bound(default: &Value, number: f64) -> Json {
    match (default, format!("{number:.0}").parse::<i64>()) {
        (Value::Integer(_), Ok(whole)) => Json::from(whole),
        _ => Json::from(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_type_default_and_range() {
        let schema = json_schema();
        let key = &schema["properties"]["telegram"]["properties"]["poll_timeout_s"];
        assert_eq!((&key["type"], &key["default"]), (&json!("integer"), &json!(30)));
        assert_eq!((&key["minimum"], &key["maximum"]), (&json!(1), &json!(50)));
        let token = &schema["properties"]["telegram"]["properties"]["token"];
        assert_eq!(token["writeOnly"], json!(true));
        let owners = &schema["properties"]["access"]["properties"]["owners"];
        assert_eq!(owners["items"]["type"], json!("integer"));
        assert_eq!(schema["properties"]["web"]["additionalProperties"], json!(false));
    }
}
