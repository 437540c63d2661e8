//! What a process has used, read from `/proc`: see proc(5).

use std::time::Duration;

/// Ticks of a second in `/proc/<pid>/stat`: `sysconf(_SC_CLK_TCK)` is 100 on every Linux of today.
const TICKS_PER_S: u64 = 100;

/// What a process has used so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Processor time, all threads.
    pub cpu: Duration,
    /// Resident memory in bytes.
    pub resident: u64,
    /// Of it what belongs to the process alone and to no file, in bytes.
    pub anonymous: u64,
    /// Highest resident memory in bytes.
    pub peak: u64,
}

/// The usage of a process; nothing for one that is gone.
pub fn of_process(pid: u32) -> Usage {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    Usage {
        cpu: cpu(&stat),
        resident: kilobytes(&status, "VmRSS:"),
        anonymous: kilobytes(&status, "RssAnon:"),
        peak: kilobytes(&status, "VmHWM:"),
    }
}

/// Fields 14 and 15, counted from behind the name, which may hold anything but a closing bracket.
fn cpu(stat: &str) -> Duration {
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 1_000 / TICKS_PER_S)
}

fn kilobytes(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let kilobytes = line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_writes() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 124 0 0 0 250 50 0 0 20 0 1 0 422250 31";
        assert_eq!(cpu(stat), Duration::from_secs(3));
        assert_eq!(kilobytes("Name:\tx\nVmRSS:\t    2048 kB\n", "VmRSS:"), 2_097_152);
        assert!(of_process(std::process::id()).resident > 0);
    }
}
