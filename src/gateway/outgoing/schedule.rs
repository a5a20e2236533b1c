//! When a webhook is repeated.

use std::time::Duration;

/// The waits between attempts in seconds: the schedule that Standard Webhooks recommends, three days in all.
const WAITS: [u64; 9] = [5, 5 * 60, 30 * 60, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
const HOUR: u64 = 3600;

/// How far a wait may be from the schedule, so that the repetitions of many webhooks do not arrive at once.
const JITTER: f64 = 0.2;

/// The longest `Retry-After` that is respected.
const LONGEST_PAUSE: Duration = Duration::from_secs(HOUR);

/// Returns how long to wait after an attempt, which are counted from 1, and at least as long as the receiver asks; `None`
/// after the last one. `random` is between 0 and 1.
pub(super) fn wait(attempt: usize, asked: Option<Duration>, random: f64) -> Option<Duration> {
    let wait = Duration::from_secs(*WAITS.get(attempt.checked_sub(1)?)?);
    let wait = wait.mul_f64(1.0 - JITTER + 2.0 * JITTER * random);
    Some(wait.max(asked.unwrap_or_default().min(LONGEST_PAUSE)))
}

/// How long a receiver that is overloaded is sent nothing, at least.
const PAUSE: Duration = Duration::from_secs(1);

/// Returns how long a receiver that is overloaded is sent nothing.
pub(super) fn pause(asked: Option<Duration>) -> Duration {
    asked.unwrap_or(PAUSE).clamp(PAUSE, LONGEST_PAUSE)
}

#[cfg(test)]
mod plot;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_repeated_for_three_days_and_then_no_more() {
        let waits: Vec<_> = (1..).map_while(|attempt| wait(attempt, None, 0.5)).collect();
        assert_eq!(waits.len(), 9);
        assert_eq!(
            (waits[0], waits[1], waits[8]),
            (Duration::from_secs(5), Duration::from_secs(300), Duration::from_secs(86_400))
        );
        assert_eq!((wait(0, None, 0.5), wait(10, None, 0.5)), (None, None));
    }

    #[test]
    fn the_receiver_can_ask_for_a_longer_wait_but_not_for_ever() {
        let seconds = Duration::from_secs;
        assert_eq!((wait(1, None, 0.0), wait(1, None, 1.0)), (Some(seconds(4)), Some(seconds(6))));
        assert_eq!(wait(1, Some(seconds(60)), 0.5), Some(seconds(60)));
        assert_eq!(wait(2, Some(seconds(60)), 0.5), Some(seconds(300)));
        assert_eq!(wait(1, Some(Duration::MAX), 0.5), Some(seconds(3600)));
    }
}
