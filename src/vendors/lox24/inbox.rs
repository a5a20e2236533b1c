//! InboxService at LOX24, after the vendor's own pages: the document does not cover it.
//!
//! `GET /incomings` filters by one number, and by a part of it. There is no filter by time.

use async_trait::async_trait;

use super::{
    Lox24, TotalUnknown,
    cursor::{self, Arrival, Cursor, Source},
    wire,
};
use crate::{
    api::{
        InboxService, ResponseStream,
        pb::{
            ListReceivedMessagesRequest, ListReceivedMessagesResponse, ReceivedMessage, WatchReceivedMessagesRequest,
            WatchReceivedMessagesResponse,
        },
    },
    call::Call,
    epoch::now_in_seconds,
    error::Error,
    request::{
        check::Check,
        page::{Listed, Page},
    },
    vendors::kit::{
        Request,
        watch::{self, Look, Watch},
    },
};

/// The maximum number of numbers in one request: a token is bound to all of them.
const MAX_NUMBERS: usize = 100;

const NO_TIMES: &str =
    "is not supported by LOX24, which does not filter by time; WatchReceivedMessages has a start_time";

#[async_trait]
impl InboxService for Lox24 {
    async fn list_received_messages(
        &self,
        call: &Call,
        request: ListReceivedMessagesRequest,
    ) -> Result<ListReceivedMessagesResponse, Error> {
        let ListReceivedMessagesRequest { parent, page_size, page_token, numbers, start_time, end_time } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        check.numbers(&numbers, 1);
        check.absent([(start_time.is_some(), "start_time"), (end_time.is_some(), "end_time")], NO_TIMES);
        let filter = ("ListReceivedMessages", &parent, &numbers);
        let page = Page::new(&mut check, page_size, &page_token, filter);
        check.done()?;
        let listed =
            self.list::<wire::incoming::Incoming>(call, incomings(&numbers), &page, TotalUnknown::IsOpen).await?;
        let Listed { entries, next_page_token, total_size } = listed;
        let messages = entries.into_iter().map(|entry| entry.into_message(&self.name));
        let messages = messages.filter(|message| is_at(&numbers, message)).collect();
        // LOX24's total includes longer numbers that begin with the requested one.
        let total_size = total_size.filter(|_| numbers.is_empty());
        Ok(ListReceivedMessagesResponse { messages, next_page_token, total_size })
    }

    async fn watch_received_messages(
        &self,
        call: &Call,
        request: WatchReceivedMessagesRequest,
    ) -> Result<ResponseStream<WatchReceivedMessagesResponse>, Error> {
        let WatchReceivedMessagesRequest { parent, mut numbers, resume_token, start_time } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        check.numbers(&numbers, MAX_NUMBERS);
        let start = start_time.map_or_else(now_in_seconds, |time| time.seconds);
        check.that((0..=super::message::LAST).contains(&start), "start_time", super::message::RANGE);
        let purpose = watch::purpose(&self.name, &mut numbers);
        let cursor = watch::resume(&mut check, &resume_token, &purpose, || Cursor::starting(start));
        check.done()?;
        let looking = Watcher { lox24: self.clone(), numbers, cursor };
        Ok(Watch::new(looking, call, &self.name, purpose, self.poll_interval).into_stream())
    }
}

/// Builds the request for received messages, newest first: the vendor's pages disagree on the default order. LOX24
/// cannot filter by several numbers; then everything is requested.
fn incomings(numbers: &[String]) -> Request {
    let request = Request::new("GET /incomings").query("_order%5Breceived_at%5D", "desc");
    if let [only] = numbers { request.query("to", only) } else { request }
}

/// Returns whether a message is at one of the numbers; none means all.
fn is_at(numbers: &[String], message: &ReceivedMessage) -> bool {
    numbers.is_empty() || numbers.contains(&message.to)
}

/// The inbox of one poll: numbers of one account, with the credential of the call.
struct Inbox<'a> {
    lox24: &'a Lox24,
    call: &'a Call,
    numbers: &'a [String],
}

impl Source for Inbox<'_> {
    async fn page(&self, number: u64) -> Result<cursor::Page, Error> {
        let request = incomings(self.numbers).query("page", number.to_string());
        let reply = self.lox24.exchange(self.call, request).await?;
        let list = wire::list::read::<wire::incoming::Incoming>(&reply)?;
        let times: Vec<_> =
            list.entries.iter().flatten().filter_map(|entry| entry.received_at.0).map(|time| time.seconds).collect();
        if !times.is_sorted_by(|newer, older| newer >= older) {
            // Reading down to a time would miss messages that are out of order.
            return Err(reply.unreadable("it is not in the requested order"));
        }
        let count = list.entries.len();
        let arrivals = list.entries.into_iter().flatten().filter_map(|entry| self.arrival(entry)).collect();
        Ok(cursor::Page { count, arrivals })
    }

    fn wants(&self, message: &ReceivedMessage) -> bool {
        is_at(self.numbers, message)
    }
}

impl Inbox<'_> {
    /// Returns an entry that can be identified; one without an id or a time would come again and again.
    fn arrival(&self, entry: wire::incoming::Incoming) -> Option<Arrival> {
        let id = entry.id().filter(|_| entry.received_at.0.is_some()).map(str::to_owned);
        if id.is_none() {
            let account = &self.lox24.name;
            tracing::warn!(account, "skipped a received message without an id or a time in the stream");
        }
        id.map(|id| Arrival { id, message: entry.into_message(&self.lox24.name) })
    }
}

/// The state of a watcher: its inbox and its position.
struct Watcher {
    lox24: Lox24,
    /// Empty: all numbers.
    numbers: Vec<String>,
    cursor: Cursor,
}

impl Look for Watcher {
    type Id = String;
    type Seen = Cursor;

    async fn look(&mut self, call: &Call) -> Result<Vec<Arrival>, Error> {
        let inbox = Inbox { lox24: &self.lox24, call, numbers: &self.numbers };
        self.cursor.look(&inbox, now_in_seconds()).await
    }

    fn pass(&mut self, arrival: &Arrival) -> &Cursor {
        self.cursor.pass(arrival);
        &self.cursor
    }
}
