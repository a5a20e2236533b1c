//! InboxService over the store: what was received, pushed or polled, at whatever vendor.

use std::collections::VecDeque;

use futures::{StreamExt as _, stream};
use tokio::sync::watch;

use super::{
    Gateway,
    events::{decode, reset},
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
    error::{Error, Outcome, Reason},
    request::{check::Check, page, token},
    store::{ReceivedFilter, Store, StoredEvent},
};

/// The most receiving numbers of a request.
const MAX_NUMBERS: usize = 100;

/// The most messages that are read at once for one stream.
const PAGE: u32 = 64;

impl Gateway {
    /// Returns the store if it has the received messages of `parent`.
    fn inbox(&self, parent: &str) -> Option<&Store> {
        let accounts = self.accounts();
        let id = parent.strip_prefix("accounts/").unwrap_or_default();
        let has_inbox = parent == ALL || accounts.get(id).is_none_or(|account| account.has_inbox);
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
            numbers: numbers.iter().map(|to| store.number(to)).collect(),
            from,
            until,
            oldest_first: false,
            past,
        };
        let events = store.received(filter, limit).await?;
        let is_full = events.len() == limit as usize;
        let next = events.last().filter(|_| is_full).map(|last| token::seal(&last.sequence, &list));
        let messages = events.into_iter().filter_map(|event| message(event).transpose()).collect::<Result<_, _>>()?;
        Ok(ListReceivedMessagesResponse { messages, next_page_token: next.unwrap_or_default(), total_size: None })
    }

    pub(crate) async fn watch_received_messages(
        &self,
        call: &Call,
        request: WatchReceivedMessagesRequest,
    ) -> Result<ResponseStream<WatchReceivedMessagesResponse>, Error> {
        let Some(store) = self.inbox(&request.parent) else { return self.answer(call.clone(), request).await };
        let WatchReceivedMessagesRequest { parent, mut numbers, resume_token, start_time } = request;
        let mut check = Check::new();
        if parent != ALL {
            check.account(&parent, "parent");
        }
        check.numbers(&numbers, MAX_NUMBERS);
        numbers.sort_unstable();
        numbers.dedup();
        let purpose = format!("WatchReceivedMessages {parent} {}", numbers.join(","));
        let held: Option<(i64, i64)> =
            (!resume_token.is_empty()).then(|| token::open(&resume_token, &purpose)).flatten();
        let text = "invalid token; expected one from a stream of this account and these numbers";
        check.that(resume_token.is_empty() || held.is_some(), "resume_token", text);
        let from = check.time(start_time, "start_time").filter(|_| held.is_none());
        check.done()?;
        let accounts = find_all(&self.accounts(), call, &parent, "parent")?;
        let account = if parent == ALL { None } else { Some(find(&self.accounts(), call, &parent, "parent")?) };
        let permit = account.as_ref().map(|account| account.bulkhead.watch()).transpose()?;
        let newest = store.newest_event();
        let past = match held {
            Some((epoch, sequence)) => resumed(store, epoch, sequence).await?,
            None if from.is_some() => 0,
            None => *newest.borrow(),
        };
        let numbers = numbers.iter().map(|to| store.number(to)).collect();
        let filter = ReceivedFilter { accounts, numbers, from, until: None, oldest_first: true, past: Some(past) };
        let (draining, call) = (self.draining.clone(), call.clone());
        let end = async move { ended(&draining, account.as_deref(), &call).await };
        let watch = Box::new(Watch { store: store.clone(), filter, purpose, newest, page: VecDeque::new() });
        let answers =
            stream::try_unfold(watch, async |mut watch| watch.next().await.map(|answer| Some((answer, watch))));
        Ok(bounded(answers.boxed(), end, permit))
    }
}

/// Returns the place of a token.
///
/// # Errors
/// EVENTS_RESET: the token is of another store. EVENTS_EXPIRED: messages after it may be erased by age.
async fn resumed(store: &Store, epoch: i64, sequence: i64) -> Result<i64, Error> {
    let bounds = store.event_bounds().await?;
    if epoch != store.epoch() || sequence > bounds.newest {
        return Err(reset());
    }
    if sequence + 1 < bounds.oldest {
        let text = "messages after the token may not be kept any more: begin at a start_time";
        return Err(Error::new(Reason::EventsExpired, text).outcome(Outcome::NotSent));
    }
    Ok(sequence)
}

/// Returns the message of an event; `None` if it was erased.
fn message(event: StoredEvent) -> Result<Option<ReceivedMessage>, Error> {
    match decode(&event.body)?.subject {
        Some(Subject::ReceivedMessage(message)) => Ok(Some(message)),
        _ => Ok(None),
    }
}

/// The state of a stream.
struct Watch {
    store: Store,
    filter: ReceivedFilter,
    purpose: String,
    newest: watch::Receiver<i64>,
    page: VecDeque<StoredEvent>,
}

impl Watch {
    /// Waits for the next message.
    async fn next(&mut self) -> Result<WatchReceivedMessagesResponse, Error> {
        loop {
            while let Some(event) = self.page.pop_front() {
                let place = (self.store.epoch(), event.sequence);
                if let Some(message) = message(event)? {
                    let resume_token = token::seal(&place, &self.purpose);
                    return Ok(WatchReceivedMessagesResponse { message: Some(message), resume_token });
                }
            }
            // What is recorded from here on wakes up.
            self.newest.mark_unchanged();
            self.page = self.store.received(self.filter.clone(), PAGE).await?.into();
            match self.page.back() {
                Some(last) => self.filter.past = Some(last.sequence),
                None if self.newest.changed().await.is_ok() => {}
                // The store is closed, and so is the server.
                None => std::future::pending().await,
            }
        }
    }
}
