//! The one integration-test binary: whole flows, and rules that hold for the tree as a whole.
//!
//! The modules are marked `cfg(test)`, which is always true here, because clippy takes only
//! marked code for test code (`allow-unwrap-in-tests` and its kin in `.clippy.toml`).

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
