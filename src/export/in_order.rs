use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How often whoever waits for a result looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(100);

/// Does `work` on every item by several threads, and hands the results to `take` in the order of the items, in this thread,
/// which works too while the next result is not there: as many threads as processors, and none that sleeps without need.
///
/// At most `ahead` results wait at any time. What was taken goes back to the thread that made it and is dropped there, when
/// it begins with its next item: memory is given back fastest where it came from. So memory holds no more than `ahead` that
/// wait and as many that were taken. Ends at the first error of `take`, or of `stop`, which is asked again and again while it
/// waits; what is at work then is finished and dropped.
pub(super) fn in_order<T: Sync, R: Send, E>(
    items: &[T],
    ahead: usize,
    work: impl Fn(&T) -> R + Sync,
    stop: impl Fn() -> Result<(), E>,
    mut take: impl FnMut(usize, &R) -> Result<(), E>,
) -> Result<(), E> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let workers = threads.min(items.len()).saturating_sub(1);
    let desk = Desk::new(items.len(), ahead.max(1), workers);
    thread::scope(|scope| {
        let (desk, work) = (&desk, &work);
        let worker = move |me: usize| {
            // Who panics does not keep the others waiting for a result that never comes.
            let leaving = Leaving(desk);
            while let Some((index, spent)) = desk.next(me) {
                drop(spent);
                desk.put(index, Some(me), work(&items[index]));
            }
            std::mem::forget(leaving);
        };
        let spawn = |me| {
            thread::Builder::new()
                .spawn_scoped(scope, move || worker(me))
                .ok()
        };
        let started = (0..workers).filter_map(spawn).count();
        let closing = Leaving(desk);
        let result = (0..items.len()).try_for_each(|index| {
            if started == 0 {
                stop()?;
                return take(index, &work(&items[index]));
            }
            let (maker, result) = loop {
                if let Some(found) = desk.ready(index) {
                    break found;
                }
                if let Some(next) = desk.begin() {
                    stop()?;
                    desk.put(next, None, work(&items[next]));
                } else if let Some(found) = desk.get(index, &stop)? {
                    break found;
                } else {
                    // Without a result its worker panics, and the scope passes that on.
                    return Ok(());
                }
            };
            stop()?;
            take(index, &result)?;
            if let Some(maker) = maker {
                desk.spend(maker, result);
            }
            Ok(())
        });
        drop(closing);
        result
    })
}

/// A result, and who made it.
type Made<R> = (Option<usize>, R);

/// Where results wait for their turn.
struct Desk<R> {
    state: Mutex<State<R>>,
    changed: Condvar,
}

struct State<R> {
    /// How many items there are.
    count: usize,
    /// The item that is begun next.
    next: usize,
    /// How many results were taken.
    taken: usize,
    /// How many results may wait.
    ahead: usize,
    /// Results, each with the number of the worker that made it; without one, it was whoever takes them.
    waiting: BTreeMap<usize, Made<R>>,
    /// By worker, its results that were taken.
    spent: Vec<Vec<R>>,
    over: bool,
}

impl<R> State<R> {
    /// Whether no item is left to begin with.
    fn is_done(&self) -> bool {
        self.over || self.next >= self.count
    }

    /// Whether there is no room for another result now.
    fn is_full(&self) -> bool {
        self.next >= self.taken + self.ahead
    }

    /// Begins with the next item.
    fn begin(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    /// The result of an item, if it is there.
    fn take(&mut self, index: usize) -> Option<Made<R>> {
        let found = self.waiting.remove(&index)?;
        self.taken = index + 1;
        Some(found)
    }
}

impl<R> Desk<R> {
    fn new(count: usize, ahead: usize, workers: usize) -> Self {
        Self {
            state: Mutex::new(State {
                count,
                next: 0,
                taken: 0,
                ahead,
                waiting: BTreeMap::new(),
                spent: std::iter::repeat_with(Vec::new).take(workers).collect(),
                over: false,
            }),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The item to begin with, once there is room for its result, and what is to be dropped before; `None` when there is
    /// no item left.
    fn next(&self, me: usize) -> Option<(usize, Vec<R>)> {
        let wait = |state: &mut State<R>| !state.is_done() && state.is_full();
        let state = self.changed.wait_while(self.lock(), wait);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        if state.is_done() {
            return None;
        }
        let spent = std::mem::take(&mut state.spent[me]);
        Some((state.begin(), spent))
    }

    /// An item to begin with, if there is room for its result now.
    fn begin(&self) -> Option<usize> {
        let mut state = self.lock();
        (!state.is_done() && !state.is_full()).then(|| state.begin())
    }

    fn put(&self, index: usize, maker: Option<usize>, result: R) {
        self.lock().waiting.insert(index, (maker, result));
        self.changed.notify_all();
    }

    /// Gives a result back to the worker that made it.
    fn spend(&self, maker: usize, result: R) {
        self.lock().spent[maker].push(result);
    }

    /// The result of an item, if it is there now.
    fn ready(&self, index: usize) -> Option<Made<R>> {
        let found = self.lock().take(index)?;
        self.changed.notify_all();
        Some(found)
    }

    /// The result of an item, when it is there; `None` when it never will be.
    fn get<E>(&self, index: usize, stop: impl Fn() -> Result<(), E>) -> Result<Option<Made<R>>, E> {
        loop {
            let absent = |state: &mut State<R>| !state.over && !state.waiting.contains_key(&index);
            let waited = self.changed.wait_timeout_while(self.lock(), LOOK, absent);
            let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = state.take(index) {
                self.changed.notify_all();
                return Ok(Some(found));
            }
            if !waited.timed_out() {
                return Ok(None);
            }
            drop(state);
            stop()?;
        }
    }
}

/// Ends the work when it is dropped.
struct Leaving<'a, R>(&'a Desk<R>);

impl<R> Drop for Leaving<'_, R> {
    fn drop(&mut self) {
        self.0.lock().over = true;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn never() -> Result<(), usize> {
        Ok(())
    }

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1_000).collect();
        let mut taken = Vec::new();
        let result = in_order(
            &items,
            4,
            |item| item * 2,
            never,
            |index, result| {
                taken.push((index, *result));
                Ok(())
            },
        );
        assert_eq!(result, Ok(()));
        assert_eq!(
            taken,
            items.iter().map(|item| (*item, item * 2)).collect::<Vec<_>>()
        );
        assert_eq!(in_order(&[0; 0], 4, |item| *item, never, |_, _| Ok(())), Ok(()));
    }

    #[test]
    fn no_more_results_wait_than_are_to() {
        let items: Vec<usize> = (0..200).collect();
        let (begun, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let most = AtomicUsize::new(0);
        let work = |_: &usize| {
            let begun = begun.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(begun - ended.load(Ordering::SeqCst), Ordering::SeqCst);
        };
        let result = in_order(&items, 3, work, never, |_, ()| {
            ended.fetch_add(1, Ordering::SeqCst);
            Ok(())
        });
        assert_eq!(result, Ok(()));
        // The one that is being taken has made room for one more.
        assert!(most.load(Ordering::SeqCst) <= 4, "{most:?}");
    }

    #[test]
    fn an_error_ends_it() {
        let items: Vec<usize> = (0..100).collect();
        let take = |index, _: &usize| if index == 7 { Err(index) } else { Ok(()) };
        assert_eq!(in_order(&items, 4, |item| *item, never, take), Err(7));
        assert_eq!(
            in_order(&items, 4, |item| *item, || Err(1), |_, _| Ok(())),
            Err(1)
        );
    }

    #[test]
    fn a_panic_is_passed_on() {
        let items: Vec<usize> = (0..100).collect();
        let work = |item: &usize| assert!(*item != 9, "at nine");
        // Whichever thread it was in.
        let ended = std::panic::catch_unwind(|| in_order(&items, 4, work, never, |_, ()| Ok(())));
        assert!(ended.is_err());
    }
}
