//! EventService: the log of events of the store, read from a place that the caller keeps, or that a subscription keeps.

mod filter;
mod list;
mod reader;
mod streams;
mod subscriptions;
mod watch;
mod webhooks;

use prost::Message as _;

pub(in crate::gateway) use self::{
    filter::{Filter, Start},
    reader::Reader,
    streams::Streams,
    subscriptions::filter_of,
};
use super::Gateway;
use crate::{
    api::pb::{Event, EventType},
    error::{Error, Outcome, Reason},
    request::names,
    store::{Store, StoredEvent},
    text::hex,
};

impl Gateway {
    /// Returns the store with the log.
    ///
    /// # Errors
    /// UNSUPPORTED: there is none.
    fn event_store(&self) -> Result<&Store, Error> {
        self.store().ok_or_else(|| {
            let text = "there are no events, as this server has no store";
            Error::new(Reason::Unsupported, text).outcome(Outcome::NotSent)
        })
    }
}

/// Reads the stored part of an event.
pub(in crate::gateway) fn decode(body: &[u8]) -> Result<Event, Error> {
    Event::decode(body).map_err(|e| Error::internal(format!("the log has a damaged event: {e}")))
}

/// Returns an event as readers get it.
pub(in crate::gateway) fn describe(stored: &StoredEvent) -> Result<Event, Error> {
    let StoredEvent { sequence, id, account, kind, message_id: _, time, body } = stored;
    let event = decode(body)?;
    Ok(Event {
        name: names::child(account, "events", &hex(&id.0)),
        sequence: *sequence,
        r#type: EventType::try_from(*kind).unwrap_or_default().into(),
        receive_time: Some((*time).into()),
        ..event
    })
}
