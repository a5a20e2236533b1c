//! InboxService over the store: what was received, pushed or polled, at whatever vendor.

use std::{collections::VecDeque, sync::Arc, time::SystemTime};

use futures::{StreamExt as _, stream};
use tokio::sync::watch;

use super::{
    Gateway,
    events::{Filter, Reader, Start, decode},
    layers::{ALL, bounded, ended, find, find_all},
};
use crate::{
    api::{
        ResponseStream,
        pb::{
            ListReceivedMessagesRequest, ListReceivedMessagesResponse, ReceivedMessage, WatchReceivedMessagesRequest,
            WatchReceivedMessagesResponse, event::Subject,
        },
    },
    call::Call,
    error::Error,
    request::{check::Check, names, page, token},
    store::{Digest, ReceivedFilter, Store, StoredEvent},
};

/// The most receiving numbers of a request.
const MAX_NUMBERS: usize = 100;

/// The bytes from which a page takes no further message.
const PAGE_BYTES: usize = 1 << 20;

/// The most messages that are read at once for one stream.
const PAGE: u32 = 64;

impl Gateway {
    /// Returns the store if it has the received messages of `parent`.
    fn inbox(&self, parent: &str) -> Option<&Store> {
        let accounts = self.accounts();
        let has_inbox =
            parent == ALL || accounts.get(names::account_id(parent)).is_none_or(|account| account.has_inbox);
        self.store().filter(|_| has_inbox)
    }

    pub(crate) async fn list_received_messages(
        &self,
        call: &Call,
        request: ListReceivedMessagesRequest,
    ) -> Result<ListReceivedMessagesResponse, Error> {
        let Some(store) = self.inbox(&request.parent) else { return self.answer(call.clone(), request).await };
        let ListReceivedMessagesRequest { parent, page_size, page_token, mut numbers, start_time, end_time } = request;
        let mut check = Check::new();
        if parent != ALL {
            check.account(&parent, "parent");
        }
        check.numbers(&numbers, MAX_NUMBERS);
        numbers.sort_unstable();
        let limit = page::size(&mut check, page_size);
        let times = [start_time, end_time].map(|time| time.map(|time| (time.seconds, time.nanos)));
        let list = ("ListReceivedMessages", &parent, &numbers, times);
        let past: Option<i64> = (!page_token.is_empty()).then(|| token::open(&page_token, &list)).flatten();
        check.that(page_token.is_empty() || past.is_some(), "page_token", "was not made for this list");
        let (from, until) = (check.time(start_time, "start_time"), check.time(end_time, "end_time"));
        check.done()?;
        let filter = ReceivedFilter {
            accounts: find_all(&self.accounts(), call, &parent, "parent")?,
            numbers: numbers.iter().flat_map(|to| store.numbers(to)).collect(),
            from,
            until,
            past,
        };
        let mut events = store.received(filter, limit).await?;
        let fits = page::fits(events.iter().map(|event| event.body.len()), PAGE_BYTES);
        let has_more = events.len() == limit as usize || fits < events.len();
        events.truncate(fits);
        let next = events.last().filter(|_| has_more).map(|last| token::seal(&last.sequence, &list));
        let messages = events.into_iter().filter_map(|event| message(&event).transpose()).collect::<Result<_, _>>()?;
        Ok(ListReceivedMessagesResponse { messages, next_page_token: next.unwrap_or_default(), total_size: None })
    }

    pub(crate) async fn watch_received_messages(
        &self,
        call: &Call,
        request: WatchReceivedMessagesRequest,
    ) -> Result<ResponseStream<WatchReceivedMessagesResponse>, Error> {
        let Some(store) = self.inbox(&request.parent) else { return self.answer(call.clone(), request).await };
        let WatchReceivedMessagesRequest { parent, numbers, resume_token, start_time } = request;
        let mut check = Check::new();
        check.numbers(&numbers, MAX_NUMBERS);
        let from = check.time(start_time, "start_time").filter(|_| resume_token.is_empty());
        // A message that arrived at `start_time` was recorded then or later: how much later is not known.
        let otherwise = if from.is_some() { Start::Oldest } else { Start::Now };
        let numbers_to = numbers.iter().map(|to| store.number(to)).collect();
        let filter = Filter::inbox(&mut check, &parent, numbers);
        let begin = filter.start(&mut check, &resume_token, None, otherwise);
        check.done()?;
        let account = if parent == ALL { None } else { Some(find(&self.accounts(), call, &parent, "parent")?) };
        let permit = account.as_ref().map(|account| account.bulkhead.watch()).transpose()?;
        let reader = Reader::new(self, call, filter, begin).await?;
        let (draining, call) = (self.draining.clone(), call.clone());
        let end = async move { ended(&draining, account.as_deref(), &call).await };
        let newest = reader.store.newest_event();
        let watch = Box::new(Watch { reader, newest, numbers: numbers_to, from, page: VecDeque::new() });
        let answers =
            stream::try_unfold(watch, async |mut watch| watch.next().await.map(|answer| Some((answer, watch))));
        Ok(bounded(answers.boxed(), end, permit))
    }
}

/// Returns the message of an event; `None` if it was erased.
fn message(event: &StoredEvent) -> Result<Option<ReceivedMessage>, Error> {
    match decode(&event.body)?.subject {
        Some(Subject::ReceivedMessage(message)) => Ok(Some(message)),
        _ => Ok(None),
    }
}

/// The state of a stream.
struct Watch {
    reader: Reader,
    newest: watch::Receiver<i64>,
    /// The hashes of the receiving numbers; empty: any.
    numbers: Vec<Digest>,
    /// The earliest time of arrival.
    from: Option<SystemTime>,
    page: VecDeque<Arc<StoredEvent>>,
}

impl Watch {
    /// Waits for the next message.
    async fn next(&mut self) -> Result<WatchReceivedMessagesResponse, Error> {
        loop {
            while let Some(event) = self.page.pop_front() {
                if let Some(message) = message(&event)?.filter(|message| self.asks_for(message, event.time)) {
                    let resume_token = self.reader.token(event.sequence);
                    return Ok(WatchReceivedMessagesResponse { message: Some(message), resume_token });
                }
            }
            if *self.newest.borrow_and_update() > self.reader.place {
                self.page = self.reader.read(PAGE).await?.into();
            } else if self.newest.changed().await.is_err() {
                // The store is closed, and so is the server.
                std::future::pending().await
            }
        }
    }

    fn asks_for(&self, message: &ReceivedMessage, recorded: SystemTime) -> bool {
        let arrived = message.receive_time.and_then(|time| SystemTime::try_from(time).ok()).unwrap_or(recorded);
        let is_to = self.numbers.is_empty() || self.numbers.contains(&self.reader.store.number(&message.to));
        is_to && self.from.is_none_or(|from| arrived >= from)
    }
}
