//! What an inspection cost the child, as far as the child can tell.

use std::fs::File;
use std::io::{Read, Seek};

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// What one inspection took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// From the start of the child to its end, in milliseconds, as the parent saw it.
    pub wall_ms: u64,
    /// Processor time, in milliseconds; `None` when the child did not live to tell.
    pub cpu_ms: Option<u64>,
    /// Most memory held at a time, in KiB; `None` where the system does not tell.
    pub peak_kib: Option<u64>,
}

/// Opened before the child can open nothing any more.
pub(super) struct Meter(Option<File>);

impl Meter {
    /// Call it before the limits are set.
    pub(super) fn open() -> Self {
        Self(File::open("/proc/self/status").ok())
    }

    /// What was used so far.
    pub(super) fn read(mut self) -> Cost {
        let used = clock_gettime(ClockId::ProcessCPUTime);
        let (seconds, nanos) = (u64::try_from(used.tv_sec), u64::try_from(used.tv_nsec));
        let cpu_ms = seconds.unwrap_or_default() * 1000 + nanos.unwrap_or_default() / 1_000_000;
        Cost { wall_ms: 0, cpu_ms: Some(cpu_ms), peak_kib: self.peak_kib() }
    }

    fn peak_kib(&mut self) -> Option<u64> {
        let file = self.0.as_mut()?;
        let mut status = String::new();
        file.rewind().ok()?;
        file.read_to_string(&mut status).ok()?;
        peak_of(&status)
    }
}

/// `VmHWM` of `/proc/<pid>/status`, see proc(5).
fn peak_of(status: &str) -> Option<u64> {
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_a_line_of_the_status() {
        assert_eq!(peak_of("Name:\tx\nVmHWM:\t    5396 kB\nVmRSS:\t 1 kB\n"), Some(5396));
        assert_eq!(peak_of("VmPeak:\t 1 kB\n"), None);
    }
}
