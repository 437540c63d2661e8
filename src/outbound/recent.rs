//! A bounded memory of rows: the newest entries, first in, first out.

use std::collections::{HashMap, VecDeque};

use crate::domain::ids::OutboxId;

/// The last `capacity` entries.
#[derive(Debug)]
pub(super) struct Recent<T> {
    capacity: usize,
    entries: HashMap<OutboxId, T>,
    /// In the order of their coming; may name entries that were taken out.
    order: VecDeque<OutboxId>,
}

impl<T> Recent<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, entries: HashMap::new(), order: VecDeque::new() }
    }

    pub(super) fn insert(&mut self, id: OutboxId, value: T) {
        if self.entries.insert(id, value).is_some() {
            return;
        }
        self.order.push_back(id);
        while self.order.len() > self.capacity {
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
    }

    pub(super) fn get(&self, id: OutboxId) -> Option<&T> {
        self.entries.get(&id)
    }

    pub(super) fn take(&mut self, id: OutboxId) -> Option<T> {
        self.entries.remove(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten() {
        let mut recent = Recent::new(2);
        for (id, value) in [(1, 'a'), (2, 'b'), (2, 'c'), (3, 'd')] {
            recent.insert(OutboxId(id), value);
        }
        assert_eq!(recent.get(OutboxId(1)), None);
        assert_eq!(recent.get(OutboxId(2)), Some(&'c'));
        assert_eq!(recent.take(OutboxId(3)), Some('d'));
        assert_eq!(recent.get(OutboxId(3)), None);
        recent.insert(OutboxId(4), 'e');
        assert_eq!(recent.get(OutboxId(2)), None);
        assert_eq!(recent.entries.len(), 1);
    }
}
