//! The events of what vendors report beside the states of messages.

use std::{sync::Arc, time::SystemTime};

use bytes::Bytes;
use http::{Request, header};
use prost::Message as _;
use prost_types::Timestamp;

use crate::{
    api::{
        pb::{
            AccountChanged, ConsentEvidence, ConsentOrigin, Event, EventSource, EventType, UnreadablePush,
            event::Subject,
        },
        pushed::{Key, OptOut, Other, Received},
    },
    epoch,
    gateway::{Log, consent::Change},
    request::names,
    store::{ConsentAct, NewEvent, NewReceived},
    text,
};

/// The most bytes of an unreadable push that are kept.
const KEPT: usize = 64 << 10;

/// The seconds in which the same content is the same thing, where a vendor has no ids.
const DAY: u64 = 86_400;

/// Makes the events of one account.
#[derive(Clone, Copy)]
pub(in crate::gateway) struct Maker<'a> {
    pub(in crate::gateway) log: &'a Log,
    pub(in crate::gateway) account: &'a Arc<str>,
    /// How smsmux learned of what they report.
    pub(in crate::gateway) source: EventSource,
}

impl Maker<'_> {
    /// Makes the events of a received SMS: the second one if it opts out of messages, or in again.
    pub(super) fn received(self, received: Received) -> impl Iterator<Item = NewEvent> {
        let Received { mut message, key, part: _, is_authentic } = received;
        let id = id(&key);
        message.name = names::child(self.account, "receivedMessages", &id);
        let store = self.log.store();
        let time = message.receive_time.and_then(|time| SystemTime::try_from(time).ok());
        let listed = NewReceived {
            received_id: id.clone(),
            number: store.number(&message.to),
            time: time.unwrap_or_else(SystemTime::now),
        };
        let (person, time) = (store.number(&message.from), message.receive_time);
        let word = self.log.consents().keyword(self.account, &message, self.source, self.is_proven(is_authentic));
        let event = self.event(EventType::MessageReceived, &id, time, is_authentic, Subject::ReceivedMessage(message));
        std::iter::once(NewEvent { number: Some(person), received: Some(listed), ..event }).chain(word)
    }

    /// Makes the event of an opt-out, which is believed at once: a push may add protection.
    pub(super) fn opt_out(self, opt_out: OptOut) -> NewEvent {
        let OptOut { phone_number, vendor_message_id, text, time, key, is_authentic } = opt_out;
        let message = match vendor_message_id.is_empty() {
            true => String::new(),
            false => names::child(self.account, "messages", &vendor_message_id),
        };
        let note = text.clone();
        self.log.consents().event(Change {
            account: self.account,
            id: id(&key),
            phone_number,
            act: ConsentAct::Block(ConsentOrigin::Vendor.into()),
            act_time: time,
            evidence: ConsentEvidence { message, note, ..ConsentEvidence::default() },
            origin: "stop".to_owned(),
            text,
            source: self.source,
            confirmed: self.is_proven(is_authentic),
        })
    }

    fn is_proven(self, is_authentic: bool) -> bool {
        is_authentic || self.source != EventSource::Push
    }

    /// Makes the event of the change of this number of a condition of the account.
    pub(in crate::gateway) fn account_changed(self, changed: AccountChanged, number: u64) -> NewEvent {
        let id = format!("{} {number}", changed.condition().as_str_name());
        self.event(EventType::AccountChanged, &id, None, false, Subject::Account(changed))
    }

    /// Makes the event of a push of a kind that this version does not know.
    pub(super) fn other(self, other: &Other, push: Option<&Request<Bytes>>) -> NewEvent {
        let problem = format!("unknown kind: {}", other.kind);
        let subject = Subject::Unreadable(raw(push, problem));
        self.event(EventType::UnreadablePush, &id(&other.key), None, false, subject)
    }

    /// Makes the event of a push that cannot be read.
    pub(super) fn unreadable(self, push: &Request<Bytes>) -> NewEvent {
        let raw = raw(Some(push), "it has none of the vendor's forms".to_owned());
        let store = self.log.store();
        let content = store.digest("unreadable push", &[raw.http_method.as_bytes(), &raw.body]);
        let id = id(&Key::Content(text::hex(&content.0)));
        self.event(EventType::UnreadablePush, &id, None, false, Subject::Unreadable(raw))
    }

    /// Makes an event, which is the same for the same `id`.
    fn event(
        self,
        kind: EventType,
        id: &str,
        occur_time: Option<Timestamp>,
        is_authentic: bool,
        subject: Subject,
    ) -> NewEvent {
        let account = self.account;
        let event = Event {
            r#type: kind.into(),
            occur_time,
            source: self.source.into(),
            confirmed: self.is_proven(is_authentic),
            subject: Some(subject),
            ..Event::default()
        };
        let parts = [kind.as_str_name().as_bytes(), account.as_bytes(), id.as_bytes()];
        NewEvent {
            id: self.log.store().digest("event", &parts),
            account: account.clone(),
            kind: kind.into(),
            message_id: None,
            number: None,
            received: None,
            consent: None,
            body: event.encode_to_vec(),
        }
    }
}

/// Returns what identifies something in its account.
fn id(key: &Key) -> String {
    match key {
        Key::Id(id) => id.clone(),
        Key::Content(hash) => {
            format!("{hash}-{}", epoch::now().as_secs() / DAY)
        }
    }
}

/// Returns a push as it came.
fn raw(push: Option<&Request<Bytes>>, problem: String) -> UnreadablePush {
    let Some(push) = push else { return UnreadablePush { problem, ..UnreadablePush::default() } };
    let content_type = push.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let body = match push.body().is_empty() {
        true => push.uri().query().unwrap_or_default().as_bytes(),
        false => push.body(),
    };
    UnreadablePush {
        http_method: push.method().to_string(),
        content_type: content_type.unwrap_or_default().to_owned(),
        body: body[..body.len().min(KEPT)].to_vec(),
        problem,
    }
}
