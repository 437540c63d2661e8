//! Many tests need fail points in the bot. They exist only in a build with the feature
//! `failpoints`, as `tests/run.sh` makes it; any other build says so by a failing test.

/// Otherwise half of what this folder promises would go unproven without a word.
#[test]
fn the_bot_has_its_fail_points() {
    let has_fail_points = std::hint::black_box(cfg!(feature = "failpoints"));
    assert!(
        has_fail_points,
        "built without fail points: use tests/run.sh, or cargo test --features failpoints"
    );
}

#[cfg(feature = "failpoints")]
mod crash_points;
#[cfg(feature = "failpoints")]
mod scenario;
