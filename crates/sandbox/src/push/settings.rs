//! Where pushes go, and how.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Where a stand-in pushes to, and how. In JSON it is the body of `PUT /_sandbox/push`; an unknown member is an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushSettings {
    /// The address of pushes for which the vendor's API set none; without one they are not made.
    pub url: Option<String>,
    /// Whether to push in the older of the vendor's shapes, where there are two.
    pub older: bool,
    /// How many seconds of the vendor's schedule of repetitions pass in a second: 1 at first; 0 repeats nothing.
    pub speed: f64,
    /// The time in milliseconds after which a message ends by itself: delivered, or failed if its number ends with 404.
    /// Without one messages end by look-ups or by the control API alone.
    pub report_after_ms: Option<u64>,
}

impl Default for PushSettings {
    fn default() -> Self {
        Self { url: None, older: false, speed: 1.0, report_after_ms: None }
    }
}

impl PushSettings {
    /// Pushes to this address.
    #[must_use]
    pub fn to(url: impl Into<String>) -> Self {
        Self { url: Some(url.into()), ..Self::default() }
    }

    /// Pushes in the older shape.
    #[must_use]
    pub fn older(self) -> Self {
        Self { older: true, ..self }
    }

    /// Lets this many seconds of the vendor's schedule pass in a second.
    #[must_use]
    pub fn speed(self, speed: f64) -> Self {
        Self { speed, ..self }
    }

    /// Ends messages by themselves after this time.
    #[must_use]
    pub fn report_after(self, after: Duration) -> Self {
        Self { report_after_ms: Some(u64::try_from(after.as_millis()).unwrap_or(u64::MAX)), ..self }
    }

    /// Returns how long to wait for what the vendor does after some seconds; `None` for ever.
    pub(super) fn wait(&self, seconds: u64) -> Option<Duration> {
        Duration::try_from_secs_f64(seconds as f64 / self.speed).ok()
    }
}
