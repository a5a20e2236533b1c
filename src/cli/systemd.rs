//! Tells systemd about the process, if systemd started it and asks for that: ready, reloading, stopping, alive.

use std::convert::Infallible;

/// Reports that the store is open and the ports are bound, or that a reload has ended.
pub(super) fn ready() {
    #[cfg(unix)]
    on_unix::notify(&[sd_notify::NotifyState::Ready, sd_notify::NotifyState::Status("serving")]);
}

/// Reports that a new configuration is being read; [`ready`] follows, whether it is valid or not.
pub(super) fn reloading() {
    #[cfg(unix)]
    match sd_notify::NotifyState::monotonic_usec_now() {
        Ok(now) => on_unix::notify(&[sd_notify::NotifyState::Reloading, now]),
        Err(error) => tracing::debug!(%error, "systemd was not notified of a reload"),
    }
}

/// Reports that the drain begins.
pub(super) fn stopping() {
    #[cfg(unix)]
    on_unix::notify(&[sd_notify::NotifyState::Stopping, sd_notify::NotifyState::Status("draining")]);
}

/// Reports that the process is alive, twice in the time that systemd permits.
pub(super) async fn watchdog() -> Infallible {
    #[cfg(unix)]
    if let Some(limit) = sd_notify::watchdog_enabled() {
        return on_unix::watchdog(limit).await;
    }
    std::future::pending().await
}

#[cfg(unix)]
mod on_unix {
    use std::{convert::Infallible, time::Duration};

    use sd_notify::NotifyState;
    use tokio::time::{MissedTickBehavior, interval};

    pub(super) async fn watchdog(limit: Duration) -> Infallible {
        let mut ticks = interval((limit / 2).max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            notify(&[NotifyState::Watchdog]);
        }
    }

    pub(super) fn notify(state: &[NotifyState<'_>]) {
        if let Err(error) = sd_notify::notify(state) {
            tracing::debug!(%error, ?state, "systemd was not notified");
        }
    }
}
