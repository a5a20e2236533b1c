//! WatchEvents: a stream that reads the log as it is polled, so that a slow reader costs nothing.

use std::{collections::VecDeque, sync::Arc, time::SystemTime};

use futures::{StreamExt as _, stream};
use tokio::{
    sync::watch,
    time::{Duration, Instant, sleep_until},
};

use super::{
    Gateway, describe,
    filter::{Filter, Start},
    reader::Reader,
    streams::{Stream, deleted, taken},
};
use crate::{
    api::{
        ResponseStream,
        pb::{Progress, WatchEventsRequest, WatchEventsResponse, watch_events_response::Item},
    },
    call::Call,
    error::Error,
    gateway::layers::{ALL, bounded, ended, find},
    request::check::Check,
    store::StoredEvent,
    telemetry::metrics,
};

/// The most events that are read at once for one stream.
const PAGE: u32 = 64;

/// The default, the least and the greatest time between two answers.
const PROGRESS: Duration = Duration::from_secs(30);
const PROGRESS_RANGE: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(300)];

impl Gateway {
    pub(crate) async fn watch_events(
        &self,
        call: &Call,
        request: WatchEventsRequest,
    ) -> Result<ResponseStream<WatchEventsResponse>, Error> {
        let WatchEventsRequest { parent, types, resume_token, start_time, subscription, progress_interval, shard } =
            request;
        let mut check = Check::new();
        let interval = progress(&mut check, progress_interval);
        let (filter, begin, mut stream) = if subscription.is_empty() {
            let filter = Filter::new(&mut check, &parent, &types, shard);
            let begin = filter.start(&mut check, &resume_token, start_time, Start::Now);
            check.done()?;
            (filter, begin, None)
        } else {
            let given = [
                (!parent.is_empty(), "parent"),
                (!types.is_empty(), "types"),
                (!resume_token.is_empty(), "resume_token"),
                (start_time.is_some(), "start_time"),
                (shard.is_some(), "shard"),
            ];
            check.absent(given, "must be empty with a subscription, which has its own");
            let (filter, begin, stream) = self.begin_stream(call, check, &subscription).await?;
            (filter, begin, Some(stream))
        };
        let account = match &*filter.parent {
            ALL => None,
            parent => Some(find(&self.accounts(), call, parent, "parent")?),
        };
        let permit = account.as_ref().map(|account| account.bulkhead.watch()).transpose()?;
        let reader = Reader::new(self, call, filter, begin).await?;
        let (draining, call) = (self.draining.clone(), call.clone());
        let stream_ends = stream.as_mut().map(Stream::end);
        let end = async move {
            let stream_ends = async {
                match stream_ends {
                    Some(ends) => ends.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                error = ended(&draining, account.as_deref(), &call) => error,
                error = stream_ends => error,
            }
        };
        let newest = reader.store.newest_event();
        let (previous, page, due) = (reader.place, VecDeque::new(), Instant::now());
        let watch = Box::new(Watch { reader, newest, previous, page, interval, due, stream });
        let answers =
            stream::try_unfold(
                watch,
                |mut watch| async move { watch.next().await.map(|answer| Some((answer, watch))) },
            );
        Ok(bounded(answers.boxed(), end, (permit, metrics::event_watcher())))
    }
}

fn progress(check: &mut Check, interval: Option<prost_types::Duration>) -> Duration {
    let Some(interval) = interval else { return PROGRESS };
    let [least, most] = PROGRESS_RANGE;
    let interval = Duration::try_from(interval).ok().filter(|interval| (least..=most).contains(interval));
    check.that(interval.is_some(), "progress_interval", "must be 5 seconds to 5 minutes");
    interval.unwrap_or(PROGRESS)
}

/// The state of a stream. Between two events it is all that a reader costs.
struct Watch {
    reader: Reader,
    newest: watch::Receiver<i64>,
    /// The place of the last answer.
    previous: i64,
    /// The rest of the page that was read last; empty while the reader waits.
    page: VecDeque<Arc<StoredEvent>>,
    interval: Duration,
    /// When the reader gets an answer at the latest: the first one at once, as it has the token to begin with.
    due: Instant,
    stream: Option<Stream>,
}

impl Watch {
    /// Waits for the next answer.
    async fn next(&mut self) -> Result<WatchEventsResponse, Error> {
        loop {
            if let Some(event) = self.page.pop_front() {
                metrics::event_delivered(event.time.elapsed().unwrap_or_default());
                let sequence = event.sequence;
                return Ok(self.answer(Item::Event(describe(&event)?), sequence));
            }
            if Instant::now() >= self.due {
                let (sequence, behind) = (self.reader.place, self.reader.behind());
                let time = Some(SystemTime::now().into());
                return Ok(self.answer(Item::Progress(Progress { sequence, time, behind }), sequence));
            }
            if *self.newest.borrow_and_update() > self.reader.place {
                self.page = self.reader.read(PAGE).await?.into();
                if !self.page.is_empty() {
                    self.is_newest().await?;
                }
                continue;
            }
            tokio::select! {
                // An error: the store is closed, and so is the server.
                changed = self.newest.changed() => if changed.is_err() { std::future::pending().await },
                () = sleep_until(self.due) => {}
            }
        }
    }

    fn answer(&mut self, item: Item, sequence: i64) -> WatchEventsResponse {
        self.due = Instant::now() + self.interval;
        let previous_sequence = std::mem::replace(&mut self.previous, sequence);
        let resume_token = self.reader.token(sequence);
        WatchEventsResponse { item: Some(item), resume_token, previous_sequence }
    }

    /// Checks before events are handed out that no other replica has a newer stream of the subscription: one here has ended
    /// this stream already.
    ///
    /// # Errors
    /// SUBSCRIPTION_TAKEN, or RESOURCE_NOT_FOUND if the subscription was deleted.
    async fn is_newest(&self) -> Result<(), Error> {
        let Some((key, number)) = self.stream.as_ref().map(Stream::id) else { return Ok(()) };
        if !self.reader.store.is_shared() {
            return Ok(());
        }
        let newest = self.reader.store.newest_streams(vec![key.to_owned()]).await?;
        match newest.get(key) {
            None => Err(deleted()),
            Some(newest) if *newest == number => Ok(()),
            Some(_) => Err(taken()),
        }
    }
}
