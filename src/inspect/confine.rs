//! The sandbox that the child builds around itself: rlimits everywhere, and on Linux a seccomp
//! filter that leaves only the calls of a process which reads, computes and writes.
//!
//! The filter denies with `EPERM` instead of killing: a harmless call that a new C library makes
//! fails softly, and a parser that tries to open a file only gets an error.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::limits::InspectLimits;

/// Bounds what the process may use. From here on it cannot open a file or a socket, as there is
/// no number left for a descriptor; those it has go on working.
pub(super) fn limit(limits: &InspectLimits) -> io::Result<()> {
    set(Resource::Core, 0)?;
    set(Resource::Fsize, 0)?;
    set(Resource::Nofile, 0)?;
    set(Resource::As, limits.memory_bytes)?;
    // The soft limit is a signal of its own (SIGXCPU), which tells it from a kill by someone else.
    let cpu = Rlimit { current: Some(limits.cpu_s), maximum: Some(limits.cpu_s.saturating_add(1)) };
    setrlimit(Resource::Cpu, cpu)?;
    Ok(())
}

/// Gives up new threads and processes and, where the kernel can do it, all other calls that
/// parsing does not need; tells whether it could.
///
/// # Errors
/// The limit on processes cannot be set.
pub(super) fn seal() -> io::Result<bool> {
    // Root is exempt from this one.
    set(Resource::Nproc, 0)?;
    #[cfg(target_os = "linux")]
    let sealed = seccomp::seal().is_ok();
    #[cfg(not(target_os = "linux"))]
    let sealed = false;
    Ok(sealed)
}

fn set(resource: Resource, limit: u64) -> io::Result<()> {
    setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    Ok(())
}

#[cfg(target_os = "linux")]
mod seccomp {
    use std::collections::BTreeMap;

    use seccompiler::SeccompCmpArgLen::Dword;
    use seccompiler::{
        BackendError, BpfProgram, Error, SeccompAction, SeccompCmpOp, SeccompCondition,
        SeccompFilter, SeccompRule, apply_filter_all_threads,
    };

    /// Calls that are allowed with any arguments.
    const ALLOWED: [libc::c_long; 32] = [
        // The three pipes and the file.
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_pread64,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_lseek,
        libc::SYS_close,
        libc::SYS_fstat,
        libc::SYS_newfstatat,
        libc::SYS_statx,
        libc::SYS_fcntl,
        // Memory.
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        // Threads that wait and end, signals of this process.
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_set_robust_list,
        libc::SYS_rseq,
        libc::SYS_membarrier,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        libc::SYS_exit,
        libc::SYS_exit_group,
        // What a library asks about itself and its time.
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_getrandom,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
    ];

    /// Puts the filter on all threads.
    pub(super) fn seal() -> Result<(), Error> {
        apply_filter_all_threads(&program()?)
    }

    fn program() -> Result<BpfProgram, Error> {
        let mut rules: BTreeMap<_, _> = ALLOWED.iter().map(|&call| (call, Vec::new())).collect();
        // Memory, but never memory that can be executed.
        let exec = u64::from(libc::PROT_EXEC.unsigned_abs());
        let not_executable = condition(2, SeccompCmpOp::MaskedEq(exec), 0)?;
        rules.insert(libc::SYS_mmap, vec![not_executable.clone()]);
        rules.insert(libc::SYS_mprotect, vec![not_executable]);
        // `abort` is a signal to oneself.
        let to_itself = condition(0, SeccompCmpOp::Eq, u64::from(std::process::id()))?;
        rules.insert(libc::SYS_tgkill, vec![to_itself]);

        let denied = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let arch = std::env::consts::ARCH.try_into()?;
        let filter = SeccompFilter::new(rules, denied, SeccompAction::Allow, arch)?;
        Ok(filter.try_into()?)
    }

    /// A rule with one condition on the argument of that number.
    fn condition(argument: u8, op: SeccompCmpOp, value: u64) -> Result<SeccompRule, BackendError> {
        SeccompRule::new(vec![SeccompCondition::new(argument, Dword, op, value)?])
    }
}
