//! Children that misbehave on purpose, which exist in debug builds only: whatever they do, this
//! process gets a verdict and the next child works.

use std::time::Duration;

use primelingo::inspect::Fault;

use super::*;

async fn commit(fault: Fault, limits: InspectLimits) -> Result<Inspection, InspectError> {
    let faulty = inspector(limits).with_fault(fault);
    let outcome = faulty.inspect(&data("toy.pdf"), &named("toy.pdf")).await;
    // Whatever happened to that child, the next one works.
    assert!(inspect("toy.pdf").await.is_ok());
    outcome
}

#[tokio::test]
async fn every_excess_is_hostile() {
    let limits = InspectLimits {
        cpu_s: 1,
        memory_bytes: 256 * 1024 * 1024,
        max_answer_bytes: 100_000,
        ..InspectLimits::default()
    };
    for fault in [Fault::Memory, Fault::Spin, Fault::Overflow, Fault::Flood] {
        let outcome = commit(fault, limits.clone()).await;
        assert_eq!(rejection(outcome), Rejection::Hostile, "{fault:?}");
    }
}

#[tokio::test]
async fn a_child_that_sleeps_is_killed_when_its_time_is_up() {
    let limits = InspectLimits { wall: Duration::from_millis(50), ..InspectLimits::default() };
    let outcome = inspector(limits.clone())
        .with_fault(Fault::Sleep)
        .inspect(&data("toy.pdf"), &Hints::default())
        .await;
    assert_eq!(rejection(outcome), Rejection::Hostile);
    assert_eq!(children_with(&limits), 0);
}

#[tokio::test]
async fn a_panic_is_the_files_damage() {
    let outcome = commit(Fault::Panic, InspectLimits::default()).await;
    assert_eq!(rejection(outcome), Rejection::Broken);
}

#[tokio::test]
async fn a_child_can_open_no_file_and_no_socket_and_start_no_process() {
    let outcome = commit(Fault::Escape, InspectLimits::default()).await;
    assert_eq!(outcome.unwrap().pages, Some(1));
}

/// The number of running children that were given these limits.
fn children_with(limits: &InspectLimits) -> usize {
    let limits = serde_json::to_string(limits).unwrap();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
        .filter(|command| String::from_utf8_lossy(command).contains(&limits))
        .count()
}

#[tokio::test]
async fn a_child_dies_with_the_future_that_waits_for_it() {
    let wall = Duration::new(600, std::process::id());
    let limits = InspectLimits { wall, ..InspectLimits::default() };
    let faulty = inspector(limits.clone()).with_fault(Fault::Sleep);
    let waiting =
        tokio::spawn(async move { faulty.inspect(&data("toy.pdf"), &Hints::default()).await });
    while children_with(&limits) == 0 {
        tokio::task::yield_now().await;
    }
    waiting.abort();
    while children_with(&limits) > 0 {
        tokio::task::yield_now().await;
    }
}
