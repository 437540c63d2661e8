//! PrimeLingo: a language school's study library inside Telegram.

#[macro_use]
pub mod fail_points;

pub mod alerts;
pub mod app;
pub mod backup;
pub mod broadcast;
pub mod cache;
pub mod chat;
pub mod cli;
pub mod doctor;
pub mod domain;
pub mod health;
pub mod ingest;
pub mod inspect;
pub mod jobs;
pub mod library;
pub mod meters;
pub mod views;
pub mod outbound;
pub mod runtime;
pub mod settings;
pub mod store;
pub mod telegram;
pub mod web;
