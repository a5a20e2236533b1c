//! Reports of messages that the log does not have yet: a vendor may push faster than its answer to the send is recorded. They wait
//! in memory for a moment, and are recorded once an event shows their message. One that is lost costs a look-up of the message.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use super::Intake;
use crate::{
    api::{
        pb::{EventSource, EventType, event::Subject},
        pushed::{Pushed, Report},
    },
    error::Error,
    gateway::{Account, Accounts, events},
    store::{EventFilter, StoredEvent},
};

/// How long a report waits, and how many do at most. One more has no effect.
const PATIENCE: Duration = Duration::from_secs(60);
const WAITING: usize = 10_000;

/// The most events that are read at a time.
const PAGE: u32 = 256;

/// What the vendor calls a message: the name of the account, and the id there.
type Id = (Arc<str>, String);

/// A report, and the account that it is of.
type OfAccount = (Arc<Account>, Report);

/// The way to the one that waits for messages.
pub(in crate::gateway) struct Early {
    reports: mpsc::Sender<OfAccount>,
    receiver: Mutex<Option<mpsc::Receiver<OfAccount>>>,
}

impl Default for Early {
    fn default() -> Self {
        let (reports, receiver) = mpsc::channel(WAITING);
        Self { reports, receiver: Mutex::new(Some(receiver)) }
    }
}

impl Early {
    /// Has a report wait for its message.
    pub(super) fn wait(&self, account: &Arc<Account>, report: Report) {
        // If too many wait, the look-ups of the message find out.
        let _ = self.reports.try_send((account.clone(), report));
    }

    /// Returns what waits for messages, for ever; `None` if that was taken before.
    pub(super) fn wait_for_messages(
        &self,
        intake: Intake,
        accounts: Arc<ArcSwap<Accounts>>,
    ) -> Option<impl Future<Output = ()> + Send + 'static> {
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(wait_for_messages(intake, accounts, receiver))
    }
}

/// The reports that wait.
struct Waiting {
    intake: Intake,
    accounts: Arc<ArcSwap<Accounts>>,
    /// By what they are about, with the time until which they wait.
    reports: HashMap<Id, (Arc<Account>, Vec<Report>, Instant)>,
    newest: watch::Receiver<i64>,
    /// The last event that was looked at.
    place: i64,
}

async fn wait_for_messages(intake: Intake, accounts: Arc<ArcSwap<Accounts>>, mut reports: mpsc::Receiver<OfAccount>) {
    while let Some(first) = reports.recv().await {
        // Whoever watches the log of a shared store has it polled: not while nothing waits.
        let newest = intake.log.store().newest_event();
        let place = *newest.borrow();
        let (intake, accounts) = (intake.clone(), accounts.clone());
        let mut waiting = Waiting { intake, accounts, reports: HashMap::new(), newest, place };
        waiting.add(first).await;
        while let Some(until) = waiting.until() {
            tokio::select! {
                Some(next) = reports.recv(), if waiting.reports.len() < WAITING => waiting.add(next).await,
                Ok(()) = waiting.newest.changed() => waiting.look().await,
                () = sleep_until(until) => waiting.reports.retain(|_, (.., until)| *until > Instant::now()),
            }
        }
    }
}

impl Waiting {
    /// Returns when the next report has waited long enough; `None` if none waits.
    fn until(&self) -> Option<Instant> {
        self.reports.values().map(|(.., until)| *until).min()
    }

    /// Adds a report. Its message may have been recorded since it was looked for.
    async fn add(&mut self, (account, report): OfAccount) {
        let id = (account.site.account.clone(), report.vendor_message_id.clone());
        let until = Instant::now() + PATIENCE;
        self.reports.entry(id.clone()).or_insert_with(|| (account, Vec::new(), until)).1.push(report);
        self.record(id).await;
    }

    /// Looks at the new events.
    async fn look(&mut self) {
        let newest = *self.newest.borrow_and_update();
        while self.place < newest && !self.reports.is_empty() {
            let shown = match self.read().await {
                Ok(shown) => shown,
                Err(error) => {
                    // The next event is another chance.
                    tracing::debug!(%error, "events were not looked at for the messages of early reports");
                    return;
                }
            };
            for id in shown {
                self.record(id).await;
            }
        }
    }

    /// Reads a page of events, and returns the messages in it that something waits for.
    async fn read(&mut self) -> Result<HashSet<Id>, Error> {
        let mut accounts: HashSet<_> = self.reports.keys().map(|(account, _)| account.clone()).collect();
        // A message that goes through an account may be that of a route.
        let routes = self.accounts.load();
        let routes = routes.values().filter(|account| account.route.is_some());
        accounts.extend(routes.map(|route| route.site.account.clone()));
        let kinds = vec![EventType::MessageStateChanged.into()];
        let filter = EventFilter { accounts: accounts.into_iter().collect(), kinds, shard: None };
        let page = self.intake.log.store().events(Arc::new(filter), self.place, PAGE).await?;
        self.place = page.last.max(self.place);
        let shown = page.events.iter().filter_map(|event| id(event));
        Ok(shown.filter(|id| self.reports.contains_key(id)).collect())
    }

    /// Records the reports of a message, unless the log does not have it.
    async fn record(&mut self, id: Id) {
        let Some((account, reports, _)) = self.reports.get(&id) else { return };
        let pushed = reports.iter().cloned().map(Pushed::Report).collect();
        let recorded = self.intake.record(account, pushed, EventSource::Push, Vec::new(), None).await;
        match recorded {
            Ok(recorded) if recorded.unmatched.is_empty() => drop(self.reports.remove(&id)),
            Ok(_) => {}
            Err(error) => tracing::debug!(account = &*id.0, %error, "an early report was not recorded"),
        }
    }
}

/// Returns the message of an event, as the vendor calls it.
fn id(event: &StoredEvent) -> Option<Id> {
    match events::decode(&event.body).ok()?.subject? {
        Subject::MessageState(changed) => {
            let account = if changed.account.is_empty() { event.account.clone() } else { changed.account.into() };
            Some((account, changed.vendor_message_id))
        }
        _ => None,
    }
}
