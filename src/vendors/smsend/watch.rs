//! The stream of received messages: looks, shows what is new, waits, looks again.

use std::{collections::VecDeque, time::Duration};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use futures::{Stream, stream::try_unfold};
use tokio::time::{Instant, sleep};
use tonic::Extensions;

use super::{
    SmSend,
    cursor::{Arrival, Cursor, Id, Page, Source},
    history, inbox, wire,
};
use crate::{
    error::{Error, Reason},
    pb::WatchReceivedMessagesResponse,
    token,
};

/// While the vendor fails, the longest wait between two looks, unless it asks for more; and the most that it may ask for.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);
const LONGEST_REQUEST: Duration = Duration::from_secs(3600);

/// So many unreadable answers in a row are no accident any more.
const UNREADABLE: usize = 10;

/// What a watcher looks at: numbers of one account, with the credential that its call came with.
pub(super) struct Inbox {
    pub(super) smsend: SmSend,
    pub(super) extensions: Extensions,
    /// Empty: all.
    pub(super) numbers: Vec<String>,
}

impl Inbox {
    /// What can be told apart; an entry without a number or an id cannot, and would come again and again.
    fn arrivals(&self, entries: Vec<wire::inbox::Entry>) -> Vec<Arrival> {
        let arrivals = entries.into_iter().filter_map(|entry| {
            let id = entry.id_message.as_deref().map(Id::new);
            let message = entry.into_message(&self.smsend.name, &self.smsend.time_zone);
            let arrival = id.filter(|_| !message.to.is_empty()).map(|id| Arrival { id, message });
            if arrival.is_none() {
                tracing::warn!(account = self.smsend.name, "a received message has no id: watchers do not see it");
            }
            arrival
        });
        arrivals.collect()
    }
}

impl Source for Inbox {
    const HISTORY: usize = 1000;
    const AFTER: usize = inbox::LIMIT;

    async fn history(&self, from: i64, page: usize) -> Result<Page, Error> {
        let from = prost_types::Timestamp { seconds: from, nanos: 0 };
        let from = wire::time_text(&from, &self.smsend.time_zone);
        let from = from.ok_or_else(|| Error::invalid_field("start_time", "is out of range"))?;
        // Until now by the vendor's own clock.
        let call = inbox::history_of(&self.numbers)
            .query("from", from)
            .query("pageNumber", page.to_string())
            .query("pageSize", Self::HISTORY.to_string());
        let received = self.smsend.received(&self.extensions, call).await?;
        let total = received.total.and_then(|total| usize::try_from(total).ok());
        Ok(Page { count: received.srsmshistory.len(), arrivals: self.arrivals(received.srsmshistory), total })
    }

    async fn after(&self, number: &str, id: &Id) -> Result<Vec<Arrival>, Error> {
        let entries = self.smsend.received_after(&self.extensions, number, id.as_str(), Self::AFTER).await?;
        Ok(self.arrivals(entries))
    }
}

/// A watcher.
pub(super) struct Watch<S> {
    source: S,
    cursor: Cursor,
    /// What its tokens are good for.
    purpose: String,
    interval: Duration,
    /// Found, and not yet shown.
    ready: VecDeque<Arrival>,
    /// When the last look was, and how long after it the next is due.
    looked: Instant,
    pause: Duration,
    backoff: Option<ExponentialBackoff>,
    /// How many looks in a row gave nothing readable.
    unreadable: usize,
}

impl<S: Source + Send + Sync + 'static> Watch<S> {
    pub(super) fn new(source: S, cursor: Cursor, purpose: String, interval: Duration) -> Self {
        let (looked, pause) = (Instant::now(), Duration::ZERO);
        Self { source, cursor, purpose, interval, ready: VecDeque::new(), looked, pause, backoff: None, unreadable: 0 }
    }

    /// The stream. It looks only while it is polled: dropping it ends everything.
    pub(super) fn into_stream(self) -> impl Stream<Item = Result<WatchReceivedMessagesResponse, Error>> + Send {
        try_unfold(self, async |mut watch| watch.next().await.map(|answer| Some((answer, watch))))
    }

    async fn next(&mut self) -> Result<WatchReceivedMessagesResponse, Error> {
        loop {
            if let Some(arrival) = self.ready.pop_front() {
                self.cursor.pass(&arrival);
                let resume_token = token::seal(&self.cursor, &self.purpose);
                return Ok(WatchReceivedMessagesResponse { message: Some(arrival.message), resume_token });
            }
            sleep(self.pause.saturating_sub(self.looked.elapsed())).await;
            self.looked = Instant::now();
            match self.cursor.look(&self.source, history::now()).await {
                Ok(arrivals) => {
                    (self.ready, self.pause, self.backoff) = (arrivals.into(), self.interval, None);
                    self.unreadable = 0;
                }
                Err(error) if self.may_pass(&error) => {
                    self.pause = self.back_off(&error);
                    let (reason, seconds) = (error.reason_text(), self.pause.as_secs());
                    tracing::warn!(reason, seconds, "cannot see what was received: will look again");
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// How long to wait after an error: ever longer, and as long as the vendor asks.
    fn back_off(&mut self, error: &Error) -> Duration {
        let longest = LONGEST_BACKOFF.max(self.interval);
        let backoff = self.backoff.get_or_insert_with(|| {
            let builder = ExponentialBuilder::default().with_min_delay(self.interval).with_max_delay(longest);
            builder.without_max_times().with_jitter().build()
        });
        backoff
            .next()
            .unwrap_or(longest)
            .min(longest)
            .max(error.asked_to_wait().unwrap_or_default().min(LONGEST_REQUEST))
    }

    /// Whether waiting may mend it.
    fn may_pass(&mut self, error: &Error) -> bool {
        self.unreadable = if error.reason() == Reason::VendorReplyUnreadable { self.unreadable + 1 } else { 0 };
        error.passes_by_itself() && self.unreadable < UNREADABLE
    }
}
