//! `primelingo config`: what holds, where it came from, and what there is to set.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::{EXIT_CONFIG, complain, say};
use crate::app::with_causes;
use crate::settings::{LoadOptions, Loaded, Settings, json_schema};

/// What to do with the configuration.
#[derive(Debug, Args)]
pub struct ConfigArguments {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Prints the settings that hold, as a configuration file; secrets as ***.
    Show {
        /// Only this section, such as `telegram`.
        section: Option<String>,
        /// Also where each value came from.
        #[arg(long)]
        origin: bool,
        /// Only what differs from the built-in defaults.
        #[arg(long)]
        changed: bool,
        /// For people or for programs.
        #[arg(long, value_enum, default_value_t = Output::Toml)]
        output: Output,
    },
    /// Prints one value, a secret as ***.
    Get {
        /// Its name, as `telegram.poll_timeout_s`.
        key: String,
    },
    /// Prints all settings there are, as a JSON Schema or as the commented file of defaults.
    Schema {
        /// JSON Schema, or a file to copy from.
        #[arg(long, value_enum, default_value_t = Output::Json)]
        output: Output,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Toml,
    Json,
}

/// Runs the command; settings are read only where they are asked for.
pub fn run(options: LoadOptions, arguments: &ConfigArguments) -> ExitCode {
    let text = match &arguments.command {
        ConfigCommand::Schema { output: Output::Json } => Ok(format!("{:#}", json_schema())),
        ConfigCommand::Schema { output: Output::Toml } => {
            Ok(crate::settings::DEFAULT_TOML.trim_end().to_owned())
        }
        ConfigCommand::Show { section, origin, changed, output } => {
            loaded(options).and_then(|loaded| {
                let chosen = choose(&loaded, section.as_deref(), *changed)?;
                Ok(match output {
                    Output::Toml => as_toml(&loaded, &chosen, *origin),
                    Output::Json => as_json(&loaded, &chosen, *origin),
                })
            })
        }
        ConfigCommand::Get { key } => loaded(options).and_then(|loaded| get(&loaded, key)),
    };
    match text {
        Ok(text) => {
            say(&text);
            ExitCode::SUCCESS
        }
        Err(error) => complain(error, EXIT_CONFIG),
    }
}

fn loaded(options: LoadOptions) -> Result<Loaded, String> {
    let loaded = Settings::load(options).map_err(|error| with_causes(&error))?;
    for warning in &loaded.warnings {
        super::warn(warning);
    }
    Ok(loaded)
}

/// The keys to show, by section.
type Chosen<'a> = BTreeMap<&'a str, Vec<&'a str>>;

fn choose<'a>(
    loaded: &'a Loaded,
    section: Option<&str>,
    changed: bool,
) -> Result<Chosen<'a>, String> {
    let mut chosen = Chosen::new();
    for key in loaded.shown.keys() {
        let Some((of, name)) = key.split_once('.') else { continue };
        let is_wanted = section.is_none_or(|wanted| wanted == of);
        if is_wanted && (!changed || loaded.is_set(key)) {
            chosen.entry(of).or_default().push(name);
        }
    }
    match section {
        Some(section) if !loaded.shown.keys().any(|key| key.split('.').next() == Some(section)) => {
            Err(format!("there is no section {section}; `primelingo config show` lists them all"))
        }
        _ => Ok(chosen),
    }
}

fn as_toml(loaded: &Loaded, chosen: &Chosen<'_>, with_origin: bool) -> String {
    let mut lines = Vec::new();
    for (section, names) in chosen {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(format!("[{section}]"));
        for name in names {
            let key = format!("{section}.{name}");
            let line = format!("{name} = {}", loaded.shown.get(&key).map_or("", String::as_str));
            let origin = loaded.origins.get(&key).filter(|_| with_origin);
            lines.push(match origin {
                Some(origin) => format!("{line:<44} # {origin}"),
                None => line,
            });
        }
    }
    lines.join("\n")
}

fn as_json(loaded: &Loaded, chosen: &Chosen<'_>, with_origin: bool) -> String {
    let mut sections = serde_json::Map::new();
    for (section, names) in chosen {
        let mut keys = serde_json::Map::new();
        for name in names {
            let key = format!("{section}.{name}");
            let value = loaded.shown_value(&key).map(|value| json!(value)).unwrap_or_default();
            let entry = match loaded.origins.get(&key) {
                Some(origin) if with_origin => {
                    json!({ "value": value, "origin": origin.to_string() })
                }
                _ => value,
            };
            keys.insert((*name).to_owned(), entry);
        }
        sections.insert((*section).to_owned(), keys.into());
    }
    format!("{:#}", serde_json::Value::Object(sections))
}

fn get(loaded: &Loaded, key: &str) -> Result<String, String> {
    match loaded.shown_value(key) {
        Some(toml::Value::String(text)) => Ok(text),
        Some(value) => Ok(value.to_string()),
        None => Err(match loaded.nearest(key) {
            Some(nearest) => format!("there is no setting {key}; the nearest is {nearest}"),
            None => format!("there is no setting {key}; `primelingo config show` lists them all"),
        }),
    }
}
