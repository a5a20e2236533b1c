//! The threads that serve: what each needs for that, such as its connections to vendors, is its own.

use std::cell::Cell;

thread_local! {
    static NUMBER: Cell<usize> = const { Cell::new(0) };
}

/// Makes the running thread the one of this number among those that serve.
pub fn serve(number: usize) {
    NUMBER.set(number);
}

/// Returns the number of the running thread among those that serve; 0 of any other.
pub fn number() -> usize {
    NUMBER.get()
}
