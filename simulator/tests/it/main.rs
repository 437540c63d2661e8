//! The simulator seen from outside: through its sockets and through its library API.

mod client;
mod embedded;
mod files;
mod floods;
mod limits;
mod page;
mod polling;
mod sending;
mod webhook_rules;
mod webhooks;
