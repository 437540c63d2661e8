//! Failed jobs in groups: those that failed of the same are seen, tried again and dropped as one.

use super::clock::Timestamp;
use super::ids::JobId;

/// Characters of an error that tell groups apart.
const TELLING_CHARS: usize = 200;
/// Digits of a group's name.
const NAME_DIGITS: usize = 8;

/// A job that is dead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadJob {
    /// Which.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// What went wrong.
    pub error: String,
    /// When it was given up.
    pub at: Timestamp,
}

/// Jobs that failed of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorGroup {
    /// A short name, the same for as long as the error is.
    pub name: String,
    /// What they failed of: the newest one's own words.
    pub error: String,
    /// Their kind.
    pub kind: String,
    /// Which, newest first.
    pub jobs: Vec<DeadJob>,
}

impl ErrorGroup {
    /// The ids of its jobs.
    pub fn ids(&self) -> impl Iterator<Item = JobId> + '_ {
        self.jobs.iter().map(|job| job.id)
    }
}

/// Groups jobs by kind and error, the largest group first.
pub fn by_error(jobs: Vec<DeadJob>) -> Vec<ErrorGroup> {
    let mut groups: Vec<ErrorGroup> = Vec::new();
    for job in jobs {
        let name = name_of(&job.kind, &job.error);
        if let Some(group) = groups.iter_mut().find(|group| group.name == name) {
            group.jobs.push(job);
        } else {
            let (error, kind) = (job.error.clone(), job.kind.clone());
            groups.push(ErrorGroup { name, error, kind, jobs: vec![job] });
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.jobs.len()));
    groups
}

/// Numbers differ from job to job where the error is the same: ids, sizes, times.
fn name_of(kind: &str, error: &str) -> String {
    let mut telling = String::with_capacity(TELLING_CHARS);
    let mut was_digit = false;
    for c in error.chars().take(TELLING_CHARS) {
        if c.is_ascii_digit() {
            if !was_digit {
                telling.push('#');
            }
        } else {
            telling.push(c);
        }
        was_digit = c.is_ascii_digit();
    }
    let hash = blake3::hash(format!("{kind}\n{telling}").as_bytes()).to_hex();
    hash.chars().take(NAME_DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::{Clock as _, SystemClock};

    fn dead(id: i64, kind: &str, error: &str) -> DeadJob {
        let (kind, error) = (kind.to_owned(), error.to_owned());
        DeadJob { id: JobId(id), kind, error, at: SystemClock.now() }
    }

    #[test]
    fn what_failed_of_the_same_is_one_group() {
        let groups = by_error(vec![
            dead(1, "a", "no end within 900 s"),
            dead(2, "a", "the transfer ended after 17 of 200 bytes"),
            dead(3, "a", "the transfer ended after 4096 of 9000 bytes"),
            dead(4, "b", "no end within 900 s"),
        ]);
        let ids: Vec<Vec<i64>> =
            groups.iter().map(|group| group.ids().map(|id| id.0).collect()).collect();
        assert_eq!(ids, [vec![2, 3], vec![1], vec![4]]);
        assert_eq!(groups[0].error, "the transfer ended after 17 of 200 bytes");
        assert_eq!(groups[0].name.len(), NAME_DIGITS);
    }
}
