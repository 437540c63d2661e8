//! Fail points: named places where a test lets the program die, fail, hang or dawdle.
//!
//! Only with the feature `failpoints`, which no package has; without it `fail_point!` expands to
//! nothing and its arguments are not evaluated. Every module may use the macro; it needs no import.
//!
//! | write | where |
//! |---|---|
//! | `fail_point!(JobClaimAfter)` | anywhere: may kill, panic, delay, spin ... |
//! | `fail_point!(ChatStep, &text)` | the same, with a text that a rule can look for a marker in |
//! | `fail_point!(StoreCommitBefore => error)` | a function that returns `Result`: also `return Err(error)` |
//! | `fail_point!(ask InspectChild, &text)` | gives the name of the action, for somebody else to do |
//!
//! Points are data (`Point::ALL`), so that a loop can be generated over them; whether they
//! can fail is data, too. The rules come from the hidden argument `--fail-points` as JSON
//! (`Plan`). The first reach of each point, and each action before it happens, is a line of
//! the file that the plan names.
//!
//! Invariants: a process without a plan acts never; the report is written before the action, so that
//! it survives a kill. Must not be used to decide anything in the program itself.
//!
//! Known and accepted: counts are kept by the process and begin anew with each start.

#[cfg(feature = "failpoints")]
mod act;
#[cfg(feature = "failpoints")]
mod plan;
#[cfg(feature = "failpoints")]
mod points;

#[cfg(feature = "failpoints")]
pub use act::{Failure, arm, asked_action, reach};
#[cfg(feature = "failpoints")]
pub use plan::{Action, Plan, Rule, Times};
#[cfg(feature = "failpoints")]
pub use points::Point;

/// A named place; see the module [`fail_points`](crate::fail_points).
#[cfg(feature = "failpoints")]
macro_rules! fail_point {
    (ask $point:ident, $text:expr) => {
        $crate::fail_points::asked_action($crate::fail_points::Point::$point, $text)
            .map($crate::fail_points::Action::name)
    };
    ($point:ident $(, $text:expr)?) => {{
        // Points without an error in hand are refused the action `error` when the plan is armed.
        let _ = $crate::fail_points::reach(
            $crate::fail_points::Point::$point,
            fail_point!(@text $($text)?),
        );
    }};
    ($point:ident $(, $text:expr)? => $error:expr) => {
        if $crate::fail_points::reach(
            $crate::fail_points::Point::$point,
            fail_point!(@text $($text)?),
        ).is_err() {
            return Err($error);
        }
    };
    (@text) => { "" };
    (@text $text:expr) => { $text };
}

/// A named place; see the module [`fail_points`](crate::fail_points). Nothing in this build.
#[cfg(not(feature = "failpoints"))]
macro_rules! fail_point {
    ($($anything:tt)*) => {};
}
