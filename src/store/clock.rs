//! Times as the tables have them: milliseconds since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The longest span of time, a century, so that no sum overflows.
const LONGEST: i64 = 100 * 366 * 24 * 3600 * 1000;

/// Returns the time of this process.
pub(super) fn now() -> i64 {
    in_millis(SystemTime::now())
}

/// Returns a time in milliseconds.
pub(super) fn in_millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Returns a span of time in milliseconds.
pub(super) fn millis_of(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(LONGEST).min(LONGEST)
}

/// Returns the time of these milliseconds.
pub(super) fn time_of(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}
