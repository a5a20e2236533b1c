//! Numbers the serving threads, so that each can have resources of its own, such as connections to vendors.

use std::cell::Cell;

thread_local! {
    static NUMBER: Cell<usize> = const { Cell::new(0) };
}

/// Gives the running thread its number among the serving threads.
pub fn serve(number: usize) {
    NUMBER.set(number);
}

/// Returns the number of the running thread among the serving threads; 0 for any other.
pub fn number() -> usize {
    NUMBER.get()
}
