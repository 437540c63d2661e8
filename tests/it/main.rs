//! integration tests

mod inspect;
