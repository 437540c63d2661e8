//! How large each part of the drill is. Pure.

/// How large each part of the drill is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// How long each measurement lasts that has no end of its own.
    pub seconds: u32,
    /// Titles in the library.
    pub titles: usize,
    /// Updates of the backlog, and chats they are spread over.
    pub updates: usize,
    pub chats: usize,
    /// Searches of each sort.
    pub searches: usize,
    /// Starts that are measured, and how long the last of them rests, in seconds.
    pub starts: usize,
    pub rest: u64,
    /// Replies a second, alone and beside a broadcast.
    pub reply_rate: u32,
    /// Files that are uploaded together.
    pub files: usize,
    /// Workers that are killed in mid-job.
    pub rescues: u32,
    /// Kills while everything happens at once.
    pub kills: usize,
}

/// Seconds between two kills, unless told otherwise.
const CALM_S: u32 = 5;

impl Scale {
    /// The drill as it is meant, with figures that say something.
    pub fn full(seconds: u32, kills: Option<usize>) -> Self {
        let usual = usize::try_from(seconds / CALM_S).unwrap_or(usize::MAX).max(1);
        Self {
            seconds,
            titles: 100_000,
            updates: 20_000,
            chats: 2_000,
            searches: 2_000,
            starts: 10,
            rest: 30,
            reply_rate: 100,
            files: 500,
            rescues: 3,
            kills: kills.unwrap_or(usual),
        }
    }

    /// The same in a few seconds: whether it works.
    pub fn quick(seconds: u32, kills: Option<usize>) -> Self {
        Self {
            seconds: seconds.min(5),
            titles: 1_000,
            updates: 500,
            chats: 100,
            searches: 50,
            starts: 2,
            rest: 1,
            reply_rate: 40,
            files: 10,
            rescues: 1,
            kills: kills.unwrap_or(3),
        }
    }

    /// Recipients of the broadcast under way while everything happens at once: what Telegram's limit
    /// leaves to it beside the replies.
    pub fn recipients(&self) -> i64 {
        i64::from(self.seconds) * 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_go_with_the_time_and_can_be_chosen() {
        assert_eq!(Scale::full(60, None).kills, 12);
        assert_eq!(Scale::full(3, None).kills, 1);
        assert_eq!(Scale::full(60, Some(300)).kills, 300);
        assert_eq!(Scale::quick(60, None), Scale::quick(5, Some(3)));
    }
}
