//! stub

pub mod messages;
