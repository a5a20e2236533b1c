//! Following the configuration while `serve` runs: SIGHUP, or a change of the files that it is made of.

use std::{collections::BTreeMap, future, sync::Arc, time::Duration};

use smsmux::{config::Fingerprint, server::Reloader};
use tokio::{
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};

use super::{Failure, load::Draft};

/// What the server that runs was started with.
pub(super) struct Running {
    pub(super) reloader: Reloader,
    pub(super) draft: Draft,
    /// What the last configuration came to that was looked at, good or bad.
    pub(super) seen: Fingerprint,
    /// What cannot change without a restart.
    pub(super) settings: BTreeMap<String, String>,
    pub(super) interval: Duration,
    pub(super) hangups: Hangups,
}

/// Takes over what changes, and stays with the old when the new is bad. Ends with the process.
pub(super) async fn follow(running: Running) -> Result<(), Failure> {
    let Running { reloader, draft, mut seen, settings, interval: every, mut hangups } = running;
    let (draft, mut once) = (Arc::new(draft), None);
    // Content is compared, not times: it works with every file system, and with files that are links to links.
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
        let (read, last, before) = (draft.clone(), seen, once);
        // It reads files and makes HTTP clients.
        let result = spawn_blocking(move || {
            let now = read.fingerprint()?;
            // What is seen twice is not being written just now.
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
                    tracing::warn!(key, "has changed, which takes a restart");
                }
                setup.warn();
                reloader.apply(setup);
            }
            Ok((now, Some(Err(failure)))) => {
                seen = now;
                refuse(&failure);
            }
            // It may be half written: said once it is asked for, or when it can be read again and is still bad.
            Err(failure) if asked => refuse(&failure),
            Err(failure) => tracing::debug!(%failure, "the configuration cannot be read now"),
        }
    }
}

fn refuse(failure: &Failure) {
    tracing::error!(%failure, "the new configuration is bad: the old one stays");
}

/// SIGHUP. Once this is made, the signal does not end the process: make it before anyone is told that the process is there.
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
