//! Reloads the configuration while `serve` runs: on SIGHUP, or when one of its files changes.

use std::{collections::BTreeMap, future, sync::Arc, time::Duration};

use smsmux::{config::Fingerprint, server::Reloader, telemetry::metrics};
use tokio::{
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};

use super::{Failure, load::Draft, systemd};

/// The state of the running server.
pub(super) struct Running {
    pub(super) reloader: Reloader,
    pub(super) draft: Draft,
    /// The fingerprint of the last configuration read, valid or not.
    pub(super) seen: Fingerprint,
    /// The settings that cannot change without a restart.
    pub(super) settings: BTreeMap<String, String>,
    pub(super) interval: Duration,
    pub(super) hangups: Hangups,
}

/// Applies changes, and keeps the old configuration if the new one is invalid. Runs until the process ends.
pub(super) async fn follow(running: Running) -> Result<(), Failure> {
    let Running { reloader, draft, mut seen, settings, interval: every, mut hangups } = running;
    let (draft, mut once) = (Arc::new(draft), None);
    // Compares content, not modification times: that works with every file system, and with symbolic links.
    let mut looks = (!every.is_zero()).then(|| interval(every));
    if let Some(looks) = &mut looks {
        looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        looks.tick().await;
    }
    loop {
        let asked = tokio::select! {
            () = hangups.next() => true,
            () = async { match &mut looks { Some(looks) => drop(looks.tick().await), None => future::pending().await } } => false,
        };
        if asked {
            systemd::reloading();
        }
        let (read, last, before) = (draft.clone(), seen, once);
        // Reading files and building HTTP clients blocks.
        let result = spawn_blocking(move || {
            let now = read.fingerprint()?;
            // A file read twice with the same content is not being written just now.
            let read = (asked || now != last && Some(now) == before).then(|| read.read());
            Ok((now, read))
        });
        match result.await.map_err(Failure::new)? {
            Ok((now, None)) => once = Some(now),
            Ok((now, Some(Ok(setup)))) => {
                seen = now;
                let changed = setup.config.settings();
                let changed =
                    changed.iter().filter(|(key, value)| settings.get(*key) != Some(value)).map(|(key, _)| key);
                for key in changed {
                    tracing::warn!(key, "was changed, which takes a restart");
                }
                setup.warn();
                reloader.apply(setup);
            }
            Ok((now, Some(Err(failure)))) => {
                seen = now;
                refuse(&failure);
            }
            // The file may be half written, so the error is logged only on SIGHUP, or if the file stays invalid.
            Err(failure) if asked => refuse(&failure),
            Err(failure) => tracing::debug!(%failure, "the configuration cannot be read now"),
        }
        if asked {
            systemd::ready();
        }
    }
}

fn refuse(failure: &Failure) {
    metrics::config_rejected();
    tracing::error!(%failure, "the new configuration is invalid: the old one stays");
}

/// Receives SIGHUP. Once created, the signal does not end the process, so create it before the process reports that it
/// runs.
pub(super) struct Hangups(#[cfg(unix)] tokio::signal::unix::Signal);

impl Hangups {
    #[cfg(unix)]
    pub(super) fn new() -> Result<Self, Failure> {
        Ok(Self(tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?))
    }

    #[cfg(not(unix))]
    pub(super) fn new() -> Result<Self, Failure> {
        Ok(Self())
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        self.0.recv().await;
        #[cfg(not(unix))]
        future::pending::<()>().await;
    }
}
