//! The simulator seen from outside: through its sockets and through its library API.

mod client;
mod embedded;
mod files;
mod floods;
mod limits;
mod page;
mod polling;
mod sending;
mod webhooks;
