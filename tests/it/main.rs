//! The one integration-test binary: what can only be seen from outside a module.
//!
//! `support` starts what the tests need; everything started here dies with this process.
//! Tests wait for signals instead of sleeping, and clean up behind themselves.

// The whole binary is tests, but clippy's in-test allowances look for this attribute.
#[cfg(test)]
mod architecture;
#[cfg(feature = "failpoints")]
#[cfg(test)]
mod authorisation;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod cache;
#[cfg(feature = "failpoints")]
#[cfg(test)]
mod canaries;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod drill;
#[cfg(test)]
mod fail_points;
#[cfg(test)]
mod flows;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod inspect;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod listeners;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod pack;
#[cfg(test)]
mod packaging;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
