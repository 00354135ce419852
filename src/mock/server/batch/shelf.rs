use std::collections::BTreeMap;
use std::ops::Bound;

/// Records by their ids, which sort in the order in which they were made; no more than so many.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    items: BTreeMap<String, T>,
    most: usize,
}

/// Where a page of a list begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cursor {
    /// At the beginning.
    Start,
    /// With what follows this id.
    After(String),
    /// With as many as fit before this id.
    Before(String),
}

/// A page of a list.
#[derive(Debug)]
pub(super) struct Page<'a, T> {
    /// In the order of the list.
    pub(super) items: Vec<&'a T>,
    /// Whether there are more, away from the cursor.
    pub(super) more: bool,
}

impl<T> Shelf<T> {
    /// An empty shelf for at most so many.
    pub(super) fn new(most: usize) -> Self {
        Self {
            items: BTreeMap::new(),
            most,
        }
    }

    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.items.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.items.get_mut(id)
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<T> {
        self.items.remove(id)
    }

    /// Takes all records away.
    pub(super) fn clear(&mut self) -> impl Iterator<Item = T> {
        std::mem::take(&mut self.items).into_values()
    }

    /// Adds a record, and returns one that has to go for it: the oldest of which `ended` is true, or else the oldest.
    pub(super) fn add(&mut self, id: String, item: T, ended: impl Fn(&T) -> bool) -> Option<T> {
        let mut gone = None;
        if self.items.len() >= self.most {
            let oldest = self.items.iter().find(|(_, item)| ended(item));
            let oldest = oldest.or_else(|| self.items.first_key_value());
            let oldest = oldest.map(|(id, _)| id.clone());
            gone = oldest.and_then(|id| self.items.remove(&id));
        }
        self.items.insert(id, item);
        gone
    }

    /// The page of at most `limit` records that `keep` is true of, the newest first, or `None` where there is no record
    /// of the cursor's id.
    pub(super) fn page(
        &self,
        cursor: &Cursor,
        limit: usize,
        newest_first: bool,
        keep: impl Fn(&T) -> bool,
    ) -> Option<Page<'_, T>> {
        let (id, before) = match cursor {
            Cursor::Start => (None, false),
            Cursor::After(id) => (Some(id), false),
            Cursor::Before(id) => (Some(id), true),
        };
        if id.is_some_and(|id| !self.items.contains_key(id)) {
            return None;
        }
        // Away from the cursor: towards the older ones in a list that begins with the newest, or the other way round.
        let to_older = newest_first != before;
        let bound = id.map_or(Bound::Unbounded, |id| Bound::Excluded(id.as_str()));
        let range = if to_older {
            (Bound::Unbounded, bound)
        } else {
            (bound, Bound::Unbounded)
        };
        let range = self.items.range::<str, _>(range).map(|(_, item)| item);
        let range = range.filter(|item| keep(item));
        let mut items: Vec<&T> = if to_older {
            range.rev().take(limit + 1).collect()
        } else {
            range.take(limit + 1).collect()
        };
        let more = items.len() > limit;
        items.truncate(limit);
        if before {
            items.reverse();
        }
        Some(Page { items, more })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf() -> Shelf<u32> {
        let mut shelf = Shelf::new(6);
        for number in 1..=6 {
            assert_eq!(shelf.add(format!("id{number}"), number, |_| false), None);
        }
        shelf
    }

    fn page(cursor: &Cursor, limit: usize, newest_first: bool) -> (Vec<u32>, bool) {
        let shelf = shelf();
        let page = shelf
            .page(cursor, limit, newest_first, |number| *number != 4)
            .unwrap();
        (page.items.into_iter().copied().collect(), page.more)
    }

    #[test]
    fn a_list_is_read_in_pages_from_either_side() {
        let after = |id: &str| Cursor::After(id.to_owned());
        let before = |id: &str| Cursor::Before(id.to_owned());
        assert_eq!(page(&Cursor::Start, 2, true), (vec![6, 5], true));
        assert_eq!(page(&after("id5"), 2, true), (vec![3, 2], true));
        assert_eq!(page(&after("id2"), 2, true), (vec![1], false));
        assert_eq!(page(&after("id1"), 2, true), (vec![], false));
        assert_eq!(page(&before("id1"), 2, true), (vec![3, 2], true));
        assert_eq!(page(&before("id3"), 2, true), (vec![6, 5], false));
        assert_eq!(page(&Cursor::Start, 2, false), (vec![1, 2], true));
        assert_eq!(page(&after("id2"), 9, false), (vec![3, 5, 6], false));
        assert!(shelf().page(&after("id9"), 2, true, |_| true).is_none());
    }

    #[test]
    fn the_oldest_that_ended_goes_first() {
        let mut shelf = shelf();
        let ended = |number: &u32| *number == 3;
        let mut gone = |number: u32| shelf.add(format!("id{number}"), number, ended);
        assert_eq!([gone(7), gone(8)], [Some(3), Some(1)]);
        assert_eq!(shelf.clear().collect::<Vec<_>>(), [2, 4, 5, 6, 7, 8]);
    }
}
