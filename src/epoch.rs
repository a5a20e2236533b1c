//! Times of day as numbers: since the Unix epoch, the beginning of 1970 by UTC.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns the time of this process.
pub fn now() -> Duration {
    since(SystemTime::now())
}

/// Returns the time of this process in seconds, as timestamps have them.
pub fn now_in_seconds() -> i64 {
    now().as_secs().cast_signed()
}

/// Returns how long after the epoch a time is; zero if it is before the epoch.
pub fn since(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Returns a time in milliseconds.
pub fn in_millis(time: SystemTime) -> i64 {
    i64::try_from(since(time).as_millis()).unwrap_or(i64::MAX)
}

/// Returns the time of these milliseconds.
pub fn time_of(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}
