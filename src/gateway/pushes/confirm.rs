//! Confirms pushed states by look-ups: who knows the address of a webhook can claim anything there, but what the vendor
//! answers is true.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    api::pushed::Report,
    call::Call,
    error::Error,
    gateway::{
        Account, Log,
        messages::{apply, look_up_ids},
    },
    store::WriteId,
};

/// How long reports are gathered, so that a burst of them is one look-up.
const GATHER: Duration = Duration::from_millis(50);

/// The most reports that wait. One more is believed at once.
const WAITING: usize = 10_000;

/// The most messages that are looked up at a time.
const AT_ONCE: usize = 8;

/// The wait before a look-up is repeated, which doubles up to the second.
const AGAIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(20));

/// The timeout of one look-up.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A pushed state that waits for its confirmation.
pub(super) struct Hint {
    pub(super) account: Arc<Account>,
    pub(super) write_id: WriteId,
    pub(super) report: Report,
    /// When the state holds without a confirmation.
    pub(super) until: Instant,
}

/// The way to whoever confirms.
pub(in crate::gateway) struct Confirmations {
    hints: mpsc::Sender<Hint>,
    receiver: Mutex<Option<mpsc::Receiver<Hint>>>,
    /// How long a state waits.
    pub(super) timeout: Duration,
}

impl Confirmations {
    /// Creates the queue; `timeout` is how long a state waits for its confirmation.
    pub(in crate::gateway) fn new(timeout: Duration) -> Self {
        let (hints, receiver) = mpsc::channel(WAITING);
        Self { hints, receiver: Mutex::new(Some(receiver)), timeout }
    }

    /// Queues a state. Returns it if too many wait.
    pub(super) fn queue(&self, hint: Hint) -> Result<(), Box<Hint>> {
        self.hints.try_send(hint).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(hint) | mpsc::error::TrySendError::Closed(hint) => Box::new(hint),
        })
    }

    /// Returns what confirms, for ever; `None` if that was taken before.
    pub(in crate::gateway) fn confirm(&self, log: &Log) -> Option<impl Future<Output = ()> + Send + 'static> {
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(confirm(log.clone(), receiver))
    }
}

async fn confirm(log: Log, mut hints: mpsc::Receiver<Hint>) {
    let (permits, mut looking) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    loop {
        let first = tokio::select! {
            hint = hints.recv() => match hint {
                Some(hint) => hint,
                None => return,
            },
            Some(_) = looking.join_next() => continue,
        };
        sleep(GATHER).await;
        let mut messages = BTreeMap::from([(first.write_id, vec![first])]);
        while let Ok(hint) = hints.try_recv() {
            messages.entry(hint.write_id).or_default().push(hint);
        }
        for burst in messages.into_values() {
            looking.spawn(confirm_burst(log.clone(), permits.clone(), burst));
        }
    }
}

/// Confirms the reports of one message, or notes them as they are once they have waited long enough.
async fn confirm_burst(log: Log, permits: Arc<Semaphore>, burst: Vec<Hint>) {
    let Some(Hint { account, write_id, until, .. }) = burst.first() else { return };
    let ids: BTreeSet<_> = burst.iter().map(|hint| hint.report.vendor_message_id.clone()).collect();
    let mut wait = AGAIN.0;
    loop {
        match look_up(&log, account, *write_id, &ids, &permits).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => {
                tracing::debug!(account = &*account.site.account, %error, "a pushed state was not confirmed");
            }
        }
        if Instant::now() >= *until {
            break;
        }
        sleep_until((Instant::now() + wait).min(*until)).await;
        wait = (wait * 2).min(AGAIN.1);
    }
    let reports: Vec<_> = burst.iter().map(|hint| hint.report.clone()).collect();
    if let Err(error) = apply(&log, &account.site.account, *write_id, &reports).await {
        tracing::error!(account = &*account.site.account, %error, "a pushed state was not recorded");
    }
}

/// Looks up the parts of a message that were reported, and returns whether all of them are final now.
async fn look_up(
    log: &Log,
    account: &Account,
    write_id: WriteId,
    ids: &BTreeSet<String>,
    permits: &Semaphore,
) -> Result<bool, Error> {
    // Never closed.
    let _permit = permits.acquire().await;
    look_up_ids(log, account, &Call::until(Instant::now() + TIMEOUT), write_id, ids).await
}
