//! Times as the tables have them: milliseconds since 1970.

use std::time::{Duration, SystemTime};

pub(super) use crate::epoch::{in_millis, time_of};

/// The longest span of time, a century, so that no sum overflows.
const LONGEST: i64 = 100 * 366 * 24 * 3600 * 1000;

/// Returns the time of this process.
pub(super) fn now() -> i64 {
    in_millis(SystemTime::now())
}

/// Returns a span of time in milliseconds.
pub(super) fn millis_of(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(LONGEST).min(LONGEST)
}
