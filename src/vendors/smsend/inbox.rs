//! InboxService at smSend.

use async_trait::async_trait;

use super::{
    Listed, NotFound, SmSend,
    cursor::{Cursor, Id},
    history::{self, Window},
    watch::Watcher,
    wire,
};
use crate::{
    api::{
        InboxService, ResponseStream,
        pb::{
            ListReceivedMessagesAfterRequest, ListReceivedMessagesAfterResponse, ListReceivedMessagesRequest,
            ListReceivedMessagesResponse, PullReceivedMessagesRequest, PullReceivedMessagesResponse, ReceivedMessage,
            WatchReceivedMessagesRequest, WatchReceivedMessagesResponse,
        },
    },
    call::Call,
    epoch,
    error::Error,
    request::{
        check::{self, Check},
        token,
    },
    vendors::kit::{
        Effect, Request,
        watch::{self, Watch},
    },
};

/// The maximum number of messages that smSend returns at once where it has no pages.
pub(super) const LIMIT: usize = 100;

/// The maximum number of numbers in one request: they go into the path.
const MAX_NUMBERS: usize = 100;

#[async_trait]
impl InboxService for SmSend {
    async fn pull_received_messages(
        &self,
        call: &Call,
        request: PullReceivedMessagesRequest,
    ) -> Result<PullReceivedMessagesResponse, Error> {
        let PullReceivedMessagesRequest { parent, numbers, max_messages } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        check.numbers(&numbers, MAX_NUMBERS);
        let limit = match usize::try_from(max_messages) {
            Ok(0) => LIMIT,
            Ok(limit) if limit <= LIMIT => limit,
            _ => {
                check.fault("max_messages", "must be 1 to 100; 0 means 100");
                LIMIT
            }
        };
        check.done()?;
        // This GET consumes the messages that it returns, so it must not be repeated.
        let request = of_numbers("GET /newsrsmsmessage", "GET /newsrsmsmessage/{id_sim}", &numbers);
        let request = request.query("limit", limit.to_string()).effect_is(Effect::Write);
        let (entries, _) = self.received(call, request).await?;
        let messages = self.messages(entries);
        Ok(PullReceivedMessagesResponse { messages })
    }

    async fn list_received_messages(
        &self,
        call: &Call,
        request: ListReceivedMessagesRequest,
    ) -> Result<ListReceivedMessagesResponse, Error> {
        let ListReceivedMessagesRequest { parent, page_size, page_token, numbers, start_time, end_time } = request;
        let mut check = Check::new();
        check.numbers(&numbers, MAX_NUMBERS);
        check.account(&parent, "parent");
        let (zone, filter) = (&self.time_zone, ("ListReceivedMessages", &parent, &numbers));
        let window = Window::new(&mut check, zone, page_size, &page_token, filter, start_time, end_time);
        check.done()?;
        let listed = self.list::<wire::inbox::Entry>(call, window.of(history_of(&numbers)), &window.page);
        let Listed { entries, next_page_token, total_size } = listed.await?;
        let messages = self.messages(entries);
        Ok(ListReceivedMessagesResponse { messages, next_page_token, total_size })
    }

    async fn list_received_messages_after(
        &self,
        call: &Call,
        request: ListReceivedMessagesAfterRequest,
    ) -> Result<ListReceivedMessagesAfterResponse, Error> {
        let ListReceivedMessagesAfterRequest { name, page_size, page_token } = request;
        let mut check = Check::new();
        let id = check.id_in(&name, &self.name, "receivedMessages", "name");
        let (number, first) = id.split_once('~').unwrap_or_default();
        let right = check::is_e164(number) && !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
        // An entirely malformed id has its violation already.
        check.that(right || id.is_empty(), "name", "must end in the number that received it, ~ and the message's id");
        check.that(page_size >= 0, "page_size", "must not be negative; 0 means 100");
        let limit = usize::try_from(page_size).ok().filter(|size| *size > 0).map_or(LIMIT, |size| size.min(LIMIT));
        let last = match page_token.as_str() {
            "" => Some(first.to_owned()),
            token => token::open::<String>(token, &("ListReceivedMessagesAfter", &name)),
        };
        check.that(last.is_some(), "page_token", "invalid token; expected the next_page_token of the same request");
        check.done()?;
        let mut entries = self.received_after(call, number, &last.unwrap_or_default(), limit).await?;
        let numeric = |entry: &wire::inbox::Entry| {
            entry.id_message.0.as_ref().is_some_and(|id| id.bytes().all(|b| b.is_ascii_digit()))
        };
        if entries.iter().all(numeric) {
            entries.sort_by_cached_key(|entry| entry.id_message.0.as_deref().map(Id::new));
        }
        let last = entries.last().and_then(|entry| entry.id_message.0.as_ref()).filter(|_| entries.len() >= limit);
        let next_page_token = last.map(|id| token::seal(id, &("ListReceivedMessagesAfter", &name))).unwrap_or_default();
        Ok(ListReceivedMessagesAfterResponse { messages: self.messages(entries), next_page_token })
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
        if let Some(time) = start_time {
            history::time(&mut check, &self.time_zone, time, "start_time");
        }
        let purpose = watch::purpose(&self.name, &mut numbers);
        let start = start_time.map_or_else(epoch::now_in_seconds, |time| time.seconds);
        let cursor = watch::resume(&mut check, &resume_token, &purpose, || Cursor::starting(start));
        check.done()?;
        let looking = Watcher { smsend: self.clone(), numbers, cursor };
        Ok(Watch::new(looking, call, &self.name, purpose, self.poll_interval).into_stream())
    }
}

impl SmSend {
    /// Returns the messages of an answer, and their total, if reported. Messages take precedence over the `result` of
    /// the answer: some of them are returned only once.
    pub(super) async fn received(
        &self,
        call: &Call,
        request: Request,
    ) -> Result<(Vec<wire::inbox::Entry>, Option<i64>), Error> {
        let reply = self.exchange(call, request, NotFound::Credential).await?;
        let received: wire::inbox::Received = reply.object()?;
        let (total, entries) = (received.total(), received.entries());
        match entries {
            Some(entries) if !entries.is_empty() || received.result == wire::Said::Nothing => Ok((entries, total)),
            None if received.result == wire::Said::Nothing => Err(reply.unreadable("it has no list of messages")),
            _ => received.result.expect_accepted(&reply).map(|()| (Vec::new(), total)),
        }
    }

    /// Returns the messages that one number received after a given one.
    pub(super) async fn received_after(
        &self,
        call: &Call,
        number: &str,
        id: &str,
        limit: usize,
    ) -> Result<Vec<wire::inbox::Entry>, Error> {
        let request = Request::new("GET /srsmshistory/{id_sim}/{id_message}").id(number).id(id);
        Ok(self.received(call, request.query("limit", limit.to_string())).await?.0)
    }

    fn messages(&self, entries: Vec<wire::inbox::Entry>) -> Vec<ReceivedMessage> {
        entries.into_iter().map(|entry| entry.into_message(&self.name, &self.time_zone)).collect()
    }
}

/// Builds `GET /srsmshistory`, for some numbers or for all.
pub(super) fn history_of(numbers: &[String]) -> Request {
    of_numbers("GET /srsmshistory", "GET /srsmshistory/{id_sim}", numbers)
}

/// Returns the operation on all numbers, or the one on some, which stand in the path, separated by commas.
fn of_numbers(all: &'static str, some: &'static str, numbers: &[String]) -> Request {
    if numbers.is_empty() { Request::new(all) } else { Request::new(some).id(&numbers.join(",")) }
}
