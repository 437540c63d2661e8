//! PrimeLingo: a language school's study library inside Telegram.

pub mod domain;
pub mod runtime;
pub mod settings;
pub mod telegram;
pub mod inspect;
pub mod store;
pub mod library;
pub mod ingest;
pub mod chat;
pub mod jobs;
pub mod outbound;
pub mod web;
pub mod app;
pub mod cli;
