//! The stream of received messages, for vendors that must be polled. How a vendor detects new messages is up to its
//! module ([`Look`]).

use std::{collections::VecDeque, time::Duration};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use futures::{StreamExt, stream::try_unfold};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::{Instant, sleep};

use crate::{
    api::{
        ResponseStream,
        pb::{ReceivedMessage, WatchReceivedMessagesResponse},
    },
    call::Call,
    config::{AccountConfig, Problems},
    error::{Error, Reason},
    request::{check::Check, token},
};

/// How far back late messages are looked for, in seconds: also covers clocks that disagree.
pub(in crate::vendors) const OVERLAP: i64 = 3 * 3600;

/// The longest wait between polls while the vendor fails, unless it asks for more; and the longest that it may ask for.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);
const LONGEST_REQUEST: Duration = Duration::from_secs(3600);

/// After this many consecutive unreadable answers the stream fails.
const UNREADABLE: usize = 10;

/// Reads `poll_interval` of an account: the wait between two polls.
pub(in crate::vendors) fn poll_interval(account: &mut AccountConfig, problems: &mut Problems) -> Duration {
    account.keys.span("poll_interval", Duration::from_secs(5), problems)
}

/// Returns the purpose that binds a stream's tokens to the account and the numbers. Sorts the numbers, as their order
/// does not matter.
pub(in crate::vendors) fn purpose(account: &str, numbers: &mut Vec<String>) -> String {
    numbers.sort_unstable();
    numbers.dedup();
    format!("WatchReceivedMessages {account} {}", numbers.join(","))
}

/// Returns the position that a token holds; a new one if there is no token.
pub(in crate::vendors) fn resume<C: DeserializeOwned + Default>(
    check: &mut Check,
    resume_token: &str,
    purpose: &String,
    new: impl FnOnce() -> C,
) -> C {
    if resume_token.is_empty() {
        return new();
    }
    let cursor = token::open(resume_token, purpose);
    let text = "invalid token; expected one from a stream of this account and these numbers";
    check.that(cursor.is_some(), "resume_token", text);
    cursor.unwrap_or_default()
}

/// A received message with its id at the vendor.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::vendors) struct Arrival<I> {
    pub(in crate::vendors) id: I,
    pub(in crate::vendors) message: ReceivedMessage,
}

/// How a vendor detects new messages.
pub(in crate::vendors) trait Look: Send + Sync + 'static {
    /// The id of a message.
    type Id: Send + Sync;
    /// The content of a token.
    type Seen: Serialize;

    /// Returns the messages that were not seen yet, in their order. All are passed before the next poll.
    fn look(&mut self, call: &Call) -> impl Future<Output = Result<Vec<Arrival<Self::Id>>, Error>> + Send;

    /// Marks a message as seen, and returns the content of its token.
    fn pass(&mut self, arrival: &Arrival<Self::Id>) -> &Self::Seen;
}

/// A watcher of received messages.
pub(in crate::vendors) struct Watch<L: Look> {
    look: L,
    /// The call that began the stream.
    call: Call,
    /// The vendor's account, for the log.
    account: String,
    /// What its tokens are bound to.
    purpose: String,
    interval: Duration,
    /// Messages that were found and not yet sent to the caller.
    ready: VecDeque<Arrival<L::Id>>,
    /// The time of the last poll; `pause` is the wait until the next.
    looked: Instant,
    pause: Duration,
    backoff: Option<ExponentialBackoff>,
    /// The number of consecutive polls with an unreadable answer.
    unreadable: usize,
}

impl<L: Look> Watch<L> {
    pub(in crate::vendors) fn new(look: L, call: &Call, account: &str, purpose: String, interval: Duration) -> Self {
        Self {
            look,
            call: call.clone(),
            account: account.to_owned(),
            purpose,
            interval,
            ready: VecDeque::new(),
            looked: Instant::now(),
            pause: Duration::ZERO,
            backoff: None,
            unreadable: 0,
        }
    }

    /// Returns the stream. It polls only while it is polled itself: dropping it stops everything.
    pub(in crate::vendors) fn into_stream(self) -> ResponseStream<WatchReceivedMessagesResponse> {
        try_unfold(self, async |mut watch| watch.next().await.map(|answer| Some((answer, watch)))).boxed()
    }

    async fn next(&mut self) -> Result<WatchReceivedMessagesResponse, Error> {
        loop {
            if let Some(arrival) = self.ready.pop_front() {
                let resume_token = token::seal(self.look.pass(&arrival), &self.purpose);
                return Ok(WatchReceivedMessagesResponse { message: Some(arrival.message), resume_token });
            }
            sleep(self.pause.saturating_sub(self.looked.elapsed())).await;
            self.looked = Instant::now();
            match self.look.look(&self.call.next_poll()).await {
                Ok(arrivals) => {
                    (self.ready, self.pause, self.backoff) = (arrivals.into(), self.interval, None);
                    self.unreadable = 0;
                }
                Err(error) if self.may_pass(&error) => {
                    self.pause = self.back_off(&error);
                    let (account, reason, seconds) = (&self.account, error.reason_text(), self.pause.as_secs());
                    tracing::warn!(account, reason, seconds, "cannot read received messages; will retry");
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns how long to wait after an error: exponential, and at least as long as the vendor asks.
    fn back_off(&mut self, error: &Error) -> Duration {
        let longest = LONGEST_BACKOFF.max(self.interval);
        let backoff = self.backoff.get_or_insert_with(|| {
            let builder = ExponentialBuilder::default().with_min_delay(self.interval).with_max_delay(longest);
            builder.without_max_times().with_jitter().build()
        });
        backoff.next().unwrap_or(longest).min(longest).max(error.retry_delay().unwrap_or_default().min(LONGEST_REQUEST))
    }

    /// Returns whether a later poll may succeed.
    fn may_pass(&mut self, error: &Error) -> bool {
        self.unreadable = if error.reason() == Reason::VendorReplyUnreadable { self.unreadable + 1 } else { 0 };
        error.is_transient() && self.unreadable < UNREADABLE
    }
}
