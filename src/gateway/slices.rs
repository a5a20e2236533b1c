//! Cuts long work into slices, between which the thread serves its other calls.
//!
//! A serving thread runs one task at a time (see `server::shards`), so a task of a quarter of a second delays all other
//! calls on it as long.

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::yield_now,
};

/// The steps of a slice. A step should take about ten microseconds.
pub(super) const STEPS: usize = 8;

/// Permits one piece of long work in the process at a time. The slices of many would add up between two turns of the
/// other tasks, and so would their memory.
static LONG_WORK: Semaphore = Semaphore::const_new(1);

/// Counts the steps of one piece of work.
#[derive(Debug, Default)]
pub(super) struct Slices {
    steps: usize,
    turn: Option<SemaphorePermit<'static>>,
}

impl Slices {
    /// Starts with no step done.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Counts a finished step. At the end of each slice the thread's other tasks run; after the first, the work waits
    /// until other long work has ended.
    pub(super) async fn step(&mut self) {
        self.steps += 1;
        if self.steps < STEPS {
            return;
        }
        self.steps = 0;
        if self.turn.is_none() {
            // The semaphore is never closed.
            self.turn = LONG_WORK.acquire().await.ok();
        }
        yield_now().await;
    }

    /// Ends a slice early, before a long step, unless all work so far was shorter than a slice.
    pub(super) async fn pause(&mut self) {
        if self.turn.is_some() {
            self.steps = 0;
            yield_now().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc};

    use tokio::task::{LocalSet, spawn_local};

    use super::*;

    #[tokio::test]
    async fn other_tasks_run_after_every_slice() {
        let turns = Rc::new(Cell::new(0));
        let count = turns.clone();
        let others = async move {
            loop {
                count.set(count.get() + 1);
                yield_now().await;
            }
        };
        let work = async {
            spawn_local(others);
            let mut slices = Slices::new();
            for _ in 0..STEPS * 100 {
                slices.step().await;
            }
        };
        LocalSet::new().run_until(work).await;
        assert!(turns.get() >= 100, "{turns:?}");
    }

    #[tokio::test]
    async fn work_of_less_than_a_slice_needs_no_permit() {
        let _long = LONG_WORK.acquire().await.expect("the semaphore is open");
        let mut slices = Slices::new();
        for _ in 1..STEPS {
            slices.step().await;
        }
    }
}
