//! The polls of the stream of received messages.

use super::{
    SmSend,
    cursor::{Arrival, Cursor, Id, Page, Source},
    inbox, wire,
};
use crate::{call::Call, epoch, error::Error, vendors::kit::watch::Look};

/// The inbox of one poll: numbers of one account, with the credential of the call.
struct Inbox<'a> {
    smsend: &'a SmSend,
    call: &'a Call,
    numbers: &'a [String],
}

impl Inbox<'_> {
    /// Returns the entries that can be identified; one without a number or an id would come again and again.
    fn arrivals(&self, entries: Vec<wire::inbox::Entry>) -> Vec<Arrival> {
        let arrivals = entries.into_iter().filter_map(|entry| {
            let id = entry.id_message.0.as_deref().map(Id::new);
            let message = entry.into_message(&self.smsend.name, &self.smsend.time_zone);
            let arrival = id.filter(|_| !message.to.is_empty()).map(|id| Arrival { id, message });
            if arrival.is_none() {
                tracing::warn!(account = self.smsend.name, "skipped a received message without an id in the stream");
            }
            arrival
        });
        arrivals.collect()
    }
}

impl Source for Inbox<'_> {
    const HISTORY: usize = 1000;
    const AFTER: usize = inbox::LIMIT;

    async fn history(&self, from: i64, page: usize) -> Result<Page, Error> {
        let from = prost_types::Timestamp { seconds: from, nanos: 0 };
        let from = wire::time_text(&from, &self.smsend.time_zone);
        let from = from.ok_or_else(|| Error::invalid_field("start_time", "is out of range"))?;
        // Until now by the vendor's own clock.
        let request = inbox::history_of(self.numbers)
            .query("from", from)
            .query("pageNumber", page.to_string())
            .query("pageSize", Self::HISTORY.to_string());
        let (entries, total) = self.smsend.received(self.call, request).await?;
        let total = total.and_then(|total| usize::try_from(total).ok());
        Ok(Page { count: entries.len(), arrivals: self.arrivals(entries), total })
    }

    async fn after(&self, number: &str, id: &Id) -> Result<Vec<Arrival>, Error> {
        let entries = self.smsend.received_after(self.call, number, id.as_str(), Self::AFTER).await?;
        Ok(self.arrivals(entries))
    }
}

/// The state of a watcher: its inbox and its position.
pub(super) struct Watcher {
    pub(super) smsend: SmSend,
    /// Empty: all numbers.
    pub(super) numbers: Vec<String>,
    pub(super) cursor: Cursor,
}

impl Look for Watcher {
    type Id = Id;
    type Seen = Cursor;

    async fn look(&mut self, call: &Call) -> Result<Vec<Arrival>, Error> {
        let inbox = Inbox { smsend: &self.smsend, call, numbers: &self.numbers };
        self.cursor.look(&inbox, epoch::now_in_seconds()).await
    }

    fn pass(&mut self, arrival: &Arrival) -> &Cursor {
        self.cursor.pass(arrival);
        &self.cursor
    }
}
