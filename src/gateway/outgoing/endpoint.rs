//! Delivers the events of one subscription to its webhook, until delivery ends.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};
use url::Url;

use super::{
    counts::Oldest,
    record::{self, Attempt, Attempts, Halt, Progress, Settings, StoredAttempt},
    schedule,
    sender::{Delivery, Sender, Webhook},
    window::Window,
};
use crate::{
    epoch,
    error::Error,
    store::{EventFilter, Store, StoredEvent, Subscribe},
    telemetry::metrics,
};

/// The most attempts in flight.
const IN_FLIGHT: usize = 32;

/// The most events that are read at a time.
const PAGE: u32 = 256;

/// The most attempts that are kept, and how often they are written.
const ATTEMPTS: usize = 50;
const WRITE_ATTEMPTS: Duration = Duration::from_secs(1);

/// The wait when the store cannot be read or written.
const STORE_AWAY: Duration = Duration::from_secs(1);

/// How an event becomes a webhook; `None`: it cannot be delivered, because it is damaged.
pub(super) type Render = Arc<dyn Fn(&StoredEvent) -> Option<Webhook> + Send + Sync>;

/// A webhook that events are delivered to.
pub(super) struct Endpoint {
    pub(super) store: Store,
    pub(super) sender: Sender,
    /// The name of the subscription.
    pub(super) subscription: String,
    pub(super) filter: Arc<EventFilter>,
    pub(super) settings: Settings,
    pub(super) url: Url,
    pub(super) render: Render,
    /// What the metrics show.
    pub(super) oldest: Arc<Oldest>,
}

/// The deliveries in progress.
struct Running {
    window: Window<Webhook>,
    sending: JoinSet<(i64, Delivery, Attempt)>,
    /// The most attempts in flight now: fewer while the receiver is overloaded.
    limit: usize,
    /// When the receiver wants the next attempt at the earliest.
    not_before: Instant,
    attempts: VecDeque<StoredAttempt>,
}

/// What happens next.
enum Next {
    Ended(i64, Delivery, Attempt),
    Look,
}

impl Endpoint {
    /// Delivers from this sequence on. Returns when delivery has ended until a caller sets the webhook again.
    pub(super) async fn run(self, after: i64, attempts: Attempts) {
        let mut running = Running::new(after, attempts);
        let mut newest = self.store.newest_event();
        let (mut delivered_to, mut attempts_due, mut unwritten) = (after, Instant::now(), false);
        loop {
            if let Err(halt) = self.fill(&mut running, &mut newest).await {
                return self.halt(&running, delivered_to, halt).await;
            }
            self.oldest.set(running.window.oldest().map(|webhook| webhook.time));
            self.begin(&mut running);
            let progress = running.window.delivered_to();
            if progress > delivered_to && self.write(progress, Halt::None).await.is_ok() {
                delivered_to = progress;
            }
            if unwritten && attempts_due <= Instant::now() {
                self.write_attempts(&running).await;
                (attempts_due, unwritten) = (Instant::now() + WRITE_ATTEMPTS, false);
            }
            let wake = unwritten.then_some(attempts_due);
            let Next::Ended(sequence, delivery, attempt) = next(&mut running, &mut newest, wake).await else {
                continue;
            };
            metrics::event_webhook_attempt(delivery.name());
            let number = attempt.number;
            running.attempts.push_front(attempt.into());
            running.attempts.truncate(ATTEMPTS);
            unwritten = true;
            if let Err(halt) = running.note(sequence, delivery, number) {
                return self.halt(&running, running.window.delivered_to(), halt).await;
            }
        }
    }

    /// Reads events while there are any and there is room.
    async fn fill(&self, running: &mut Running, newest: &mut watch::Receiver<i64>) -> Result<(), Halt> {
        while running.window.room() > 0 && *newest.borrow_and_update() > running.window.read() {
            let (after, limit) = (running.window.read(), PAGE.min(running.window.room() as u32));
            let page = match self.store.events(self.filter.clone(), after, limit).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::debug!(subscription = self.subscription, %error, "events were not read");
                    sleep(STORE_AWAY).await;
                    return Ok(());
                }
            };
            if page.bounds.oldest > after + 1 {
                return Err(Halt::Expired);
            }
            if page.last <= after {
                return Ok(());
            }
            for event in page.events {
                let sequence = event.sequence;
                let message = event.message_id.as_ref().map(|id| format!("{}/{id}", event.account));
                match (self.render)(&event) {
                    Some(webhook) => running.window.add(sequence, message, webhook),
                    None => tracing::error!(sequence, "the log has a damaged event, which is not delivered"),
                }
            }
            running.window.read_to(page.last);
        }
        Ok(())
    }

    /// Begins all attempts that can be made now.
    fn begin(&self, running: &mut Running) {
        let now = Instant::now();
        let secrets = self.settings.valid_secrets(SystemTime::now());
        while running.sending.len() < running.limit
            && running.not_before <= now
            && let Some((sequence, webhook, number)) = running.window.begin(now)
        {
            let (sender, url, secrets) = (self.sender.clone(), self.url.clone(), secrets.clone());
            running.sending.spawn(async move {
                let (delivery, attempt) = sender.send(&url, &secrets, &webhook, number).await;
                (sequence, delivery, attempt)
            });
        }
    }

    async fn write(&self, delivered_to: i64, halt: Halt) -> Result<(), Error> {
        let halted_at = if halt == Halt::None { 0 } else { epoch::in_millis(SystemTime::now()) };
        let generation = self.settings.generation;
        let progress = Progress { generation, delivered_to, halt: halt.into(), halted_at };
        record::write(&self.store, &self.subscription, &progress).await
    }

    /// Writes what callers look at: the attempts, and the place of the subscription.
    async fn write_attempts(&self, running: &Running) {
        let ack = Subscribe::Ack { name: self.subscription.clone(), sequence: running.window.delivered_to() };
        if let Err(error) = self.store.subscribe(ack).await {
            tracing::debug!(subscription = self.subscription, %error, "the place of a subscription was not recorded");
        }
        let attempts = Attempts { attempts: running.attempts.iter().cloned().collect() };
        if let Err(error) = record::write(&self.store, &self.subscription, &attempts).await {
            tracing::debug!(subscription = self.subscription, %error, "attempts were not recorded");
        }
    }

    /// Records that delivery has ended.
    async fn halt(&self, running: &Running, delivered_to: i64, halt: Halt) {
        tracing::warn!(subscription = self.subscription, reason = ?halt, "the delivery of events to a webhook has ended");
        self.write_attempts(running).await;
        while let Err(error) = self.write(delivered_to, halt).await {
            tracing::debug!(subscription = self.subscription, %error, "the end of a delivery was not recorded");
            sleep(STORE_AWAY).await;
        }
    }
}

impl Running {
    fn new(after: i64, Attempts { attempts }: Attempts) -> Self {
        Self {
            window: Window::new(after),
            sending: JoinSet::new(),
            limit: IN_FLIGHT,
            not_before: Instant::now(),
            attempts: attempts.into(),
        }
    }

    /// Notes how an attempt ended.
    fn note(&mut self, sequence: i64, delivery: Delivery, number: usize) -> Result<(), Halt> {
        match delivery {
            Delivery::Delivered => {
                self.limit = (self.limit + 1).min(IN_FLIGHT);
                self.window.delivered(sequence);
                Ok(())
            }
            Delivery::Gone => Err(Halt::Gone),
            Delivery::Failed { overloaded, retry_after } => {
                let wait = schedule::wait(number, retry_after, fastrand::f64()).ok_or(Halt::Exhausted)?;
                let now = Instant::now();
                if overloaded {
                    self.limit = (self.limit / 2).max(1);
                    let pause = schedule::pause(retry_after);
                    self.not_before = self.not_before.max(now + pause);
                }
                self.window.failed(sequence, now + wait);
                Ok(())
            }
        }
    }
}

/// Waits until an attempt has ended, another one can begin, there are new events, or `wake`.
async fn next(running: &mut Running, newest: &mut watch::Receiver<i64>, wake: Option<Instant>) -> Next {
    let due = running.window.next_due().map(|due| due.max(running.not_before));
    let paused = (running.not_before > Instant::now()).then_some(running.not_before);
    let has_room = running.sending.len() < running.limit;
    let times = [due.filter(|_| has_room), paused, wake];
    let until = times.into_iter().flatten().min();
    let timer = async {
        match until {
            Some(time) => sleep_until(time).await,
            None => std::future::pending().await,
        }
    };
    let can_read = running.window.room() > 0;
    tokio::select! {
        Some(ended) = running.sending.join_next() => match ended {
            Ok((sequence, delivery, attempt)) => Next::Ended(sequence, delivery, attempt),
            // An attempt does not panic, and nobody aborts one.
            Err(_) => Next::Look,
        },
        Ok(()) = newest.changed(), if can_read => Next::Look,
        () = timer => Next::Look,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(events: i64) -> Running {
        let mut running = Running::new(0, Attempts::default());
        for sequence in 1..=events {
            let webhook = Webhook { id: sequence.to_string(), body: bytes::Bytes::new(), time: SystemTime::UNIX_EPOCH };
            running.window.add(sequence, None, webhook);
        }
        running
    }

    #[tokio::test]
    async fn a_receiver_that_is_overloaded_gets_fewer_at_a_time_and_nothing_for_as_long_as_it_asks() {
        let (mut running, begun) = (running(40), Instant::now());
        let overloaded =
            |seconds| Delivery::Failed { overloaded: true, retry_after: Some(Duration::from_secs(seconds)) };
        for sequence in 1..=8 {
            assert!(running.window.begin(begun).is_some_and(|(first, ..)| first == sequence));
        }
        assert_eq!(running.note(1, overloaded(60), 1), Ok(()));
        let until = running.not_before;
        assert!(running.limit == 16 && until >= begun + Duration::from_secs(60));
        for sequence in 2..=7 {
            assert_eq!(running.note(sequence, overloaded(1), 1), Ok(()));
        }
        assert_eq!((running.limit, running.not_before), (1, until), "a shorter wait ends no longer one");
        assert_eq!(running.note(8, Delivery::Delivered, 1), Ok(()));
        assert_eq!(running.limit, 2);
    }

    #[tokio::test]
    async fn delivery_ends_after_the_last_attempt_and_when_the_receiver_is_gone() {
        let failed = Delivery::Failed { overloaded: false, retry_after: None };
        let mut running = running(1);
        for number in 1..10 {
            assert_eq!(running.note(1, failed, number), Ok(()));
        }
        assert_eq!((running.note(1, failed, 10), running.limit), (Err(Halt::Exhausted), IN_FLIGHT));
        assert_eq!(running.note(1, Delivery::Gone, 1), Err(Halt::Gone));
        assert_eq!(running.window.delivered_to(), 0, "the place stays");
    }
}
