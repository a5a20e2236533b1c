//! The stream of received messages, for vendors that are to be asked again and again: looks, shows what is new, waits, looks
//! again. How a vendor knows what is new is its own affair ([`Look`]).

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

/// How far behind the clock late messages are looked for, in seconds: also for clocks that disagree.
pub(in crate::vendors) const OVERLAP: i64 = 3 * 3600;

/// While the vendor fails, the longest wait between two looks, unless it asks for more; and the most that it may ask for.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);
const LONGEST_REQUEST: Duration = Duration::from_secs(3600);

/// So many unreadable answers in a row are no accident any more.
const UNREADABLE: usize = 10;

/// Reads `poll_interval` of an account: how long a watcher waits between two looks.
pub(in crate::vendors) fn poll_interval(account: &mut AccountConfig, problems: &mut Problems) -> Duration {
    account.keys.span("poll_interval", Duration::from_secs(5), problems)
}

/// What the tokens of a stream are good for. The numbers are brought into one order, as it does not matter.
pub(in crate::vendors) fn purpose(account: &str, numbers: &mut Vec<String>) -> String {
    numbers.sort_unstable();
    numbers.dedup();
    format!("WatchReceivedMessages {account} {}", numbers.join(","))
}

/// What was seen by who comes with a token; a new cursor for who comes without one.
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
    let text = "is not a token that a stream of this account and these numbers gave";
    check.that(cursor.is_some(), "resume_token", text);
    cursor.unwrap_or_default()
}

/// A received message with the vendor's id of it.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::vendors) struct Arrival<I> {
    pub(in crate::vendors) id: I,
    pub(in crate::vendors) message: ReceivedMessage,
}

/// How a vendor knows what was seen.
pub(in crate::vendors) trait Look: Send + Sync + 'static {
    /// The id of a message.
    type Id: Send + Sync;
    /// What a token holds.
    type Seen: Serialize;

    /// Finds what was not seen, in the order to show it in. All of it is passed before the next look.
    fn look(&mut self, call: &Call) -> impl Future<Output = Result<Vec<Arrival<Self::Id>>, Error>> + Send;

    /// Notes that a message was seen, and tells what its token is to hold.
    fn pass(&mut self, arrival: &Arrival<Self::Id>) -> &Self::Seen;
}

/// A watcher.
pub(in crate::vendors) struct Watch<L: Look> {
    look: L,
    /// The call that began the stream.
    call: Call,
    /// The vendor's account, for the log.
    account: String,
    /// What its tokens are good for.
    purpose: String,
    interval: Duration,
    /// Found, and not yet shown.
    ready: VecDeque<Arrival<L::Id>>,
    /// When the last look was, and how long after it the next is due.
    looked: Instant,
    pause: Duration,
    backoff: Option<ExponentialBackoff>,
    /// How many looks in a row gave nothing readable.
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

    /// The stream. It looks only while it is polled: dropping it ends everything.
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
            match self.look.look(&self.call.next_look()).await {
                Ok(arrivals) => {
                    (self.ready, self.pause, self.backoff) = (arrivals.into(), self.interval, None);
                    self.unreadable = 0;
                }
                Err(error) if self.may_pass(&error) => {
                    self.pause = self.back_off(&error);
                    let (account, reason, seconds) = (&self.account, error.reason_text(), self.pause.as_secs());
                    tracing::warn!(account, reason, seconds, "cannot see what was received: will look again");
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
        backoff.next().unwrap_or(longest).min(longest).max(error.retry_delay().unwrap_or_default().min(LONGEST_REQUEST))
    }

    /// Whether waiting may mend it.
    fn may_pass(&mut self, error: &Error) -> bool {
        self.unreadable = if error.reason() == Reason::VendorReplyUnreadable { self.unreadable + 1 } else { 0 };
        error.is_transient() && self.unreadable < UNREADABLE
    }
}
