//! What is recorded when a person opts out, or in again: an event, and a record of the ledger.

use std::{sync::Arc, time::SystemTime};

use prost::Message as _;
use prost_types::Timestamp;
use ring::digest::{SHA256, digest};

use super::{Consents, words::Word};
use crate::{
    api::pb::{
        ConsentChanged, ConsentEvidence, ConsentOrigin, ConsentSuspected, DeliveryState, Event, EventSource, EventType,
        Message, ReceivedMessage, Recipient, event::Subject,
    },
    request::check::is_e164,
    store::{ConsentAct, ConsentChange, Digest, NewEvent},
    text::hex,
    vendors::OptOutCode,
};

/// A change of consent.
#[derive(Debug, Clone)]
pub(in crate::gateway) struct Change<'a> {
    /// The account that it was learned through.
    pub(in crate::gateway) account: &'a Arc<str>,
    /// What identifies it in the account.
    pub(in crate::gateway) id: String,
    /// The person's number.
    pub(in crate::gateway) phone_number: String,
    /// What the person did, or somebody else for the person.
    pub(in crate::gateway) act: ConsentAct,
    /// When that was, if that is known.
    pub(in crate::gateway) act_time: Option<Timestamp>,
    /// What shows it.
    pub(in crate::gateway) evidence: ConsentEvidence,
    /// The word for where it comes from.
    pub(in crate::gateway) origin: String,
    /// What the person wrote.
    pub(in crate::gateway) text: String,
    /// How smsmux learned of it.
    pub(in crate::gateway) source: EventSource,
    /// Whether that proves it.
    pub(in crate::gateway) confirmed: bool,
}

impl Consents {
    /// Makes the event of a change, with which the change is recorded. A block is in effect from now on.
    pub(in crate::gateway) fn event(&self, change: Change<'_>) -> NewEvent {
        let Change { account, id, phone_number, act, act_time, evidence, origin, text, source, confirmed } = change;
        let consent = is_e164(&phone_number).then(|| {
            let time = act_time.and_then(|time| SystemTime::try_from(time).ok());
            Box::new(self.change(account, &phone_number, act, time, evidence))
        });
        if let (Some(change), ConsentAct::Block(_)) = (&consent, act) {
            self.list.set(self.brand(account).key(&change.number), true);
        }
        let blocked = matches!(act, ConsentAct::Block(_));
        let number = self.store.number(&phone_number);
        let event = Event {
            r#type: EventType::ConsentChanged.into(),
            occur_time: act_time,
            source: source.into(),
            confirmed,
            subject: Some(Subject::Consent(ConsentChanged { phone_number, blocked, origin, text })),
            ..Event::default()
        };
        NewEvent { consent, ..self.new_event(account, &id, number, event) }
    }

    /// Makes the record of a change.
    pub(super) fn change(
        &self,
        account: &Arc<str>,
        phone_number: &str,
        act: ConsentAct,
        act_time: Option<SystemTime>,
        evidence: ConsentEvidence,
    ) -> ConsentChange {
        let evidence = ConsentEvidence { account: account.as_ref().to_owned(), ..evidence }.encode_to_vec();
        ConsentChange {
            brand: self.brand(account).name.clone(),
            number: self.store.number(phone_number),
            older: self.store.older_numbers(phone_number).collect(),
            act,
            act_time: act_time.unwrap_or_else(SystemTime::now),
            person: if act == ConsentAct::Erase { Vec::new() } else { phone_number.as_bytes().to_vec() },
            digest: self.store.digest("evidence", &[&evidence]),
            evidence,
        }
    }

    /// Makes the event of a received SMS that is a word such as STOP, or nearly one. A START that nothing proves lifts nothing.
    pub(in crate::gateway) fn keyword(
        &self,
        account: &Arc<str>,
        message: &ReceivedMessage,
        source: EventSource,
        confirmed: bool,
    ) -> Option<NewEvent> {
        let origin = ConsentOrigin::Keyword.into();
        if !is_e164(&message.from) {
            return None;
        }
        let (act, note) = match self.words.read(&message.from, &message.text)? {
            Word::Stop => (ConsentAct::Block(origin), ""),
            Word::NearlyStop => (ConsentAct::Block(origin), "nearly a word"),
            Word::Start if confirmed => (ConsentAct::Lift(origin), ""),
            Word::Start => return None,
            Word::Suspected => return Some(self.suspected(account, message, source, confirmed)),
        };
        let evidence = ConsentEvidence {
            received_message: message.name.clone(),
            text_sha256: hex(digest(&SHA256, message.text.as_bytes()).as_ref()),
            written_to: message.to.clone(),
            message: message.message.clone(),
            words: self.words.name.to_owned(),
            note: note.to_owned(),
            ..ConsentEvidence::default()
        };
        Some(self.event(Change {
            account,
            id: format!("word {}", message.name),
            phone_number: message.from.clone(),
            act,
            act_time: message.receive_time,
            evidence,
            origin: "keyword".to_owned(),
            text: message.text.clone(),
            source,
            confirmed,
        }))
    }

    /// Makes the event of a received SMS that may be meant to opt out.
    fn suspected(
        &self,
        account: &Arc<str>,
        message: &ReceivedMessage,
        source: EventSource,
        confirmed: bool,
    ) -> NewEvent {
        let suspected = ConsentSuspected {
            phone_number: message.from.clone(),
            text: message.text.clone(),
            received_message: message.name.clone(),
        };
        let event = Event {
            r#type: EventType::ConsentSuspected.into(),
            occur_time: message.receive_time,
            source: source.into(),
            confirmed,
            subject: Some(Subject::ConsentSuspected(suspected)),
            ..Event::default()
        };
        self.new_event(account, &message.name, self.store.number(&message.from), event)
    }

    /// Returns an event of an account, which is the same for the same `id`.
    fn new_event(&self, account: &Arc<str>, id: &str, number: Digest, event: Event) -> NewEvent {
        let parts = [event.r#type().as_str_name().as_bytes(), account.as_bytes(), id.as_bytes()];
        NewEvent {
            id: self.store.digest("event", &parts),
            account: account.clone(),
            kind: event.r#type,
            message_id: None,
            number: Some(number),
            received: None,
            consent: None,
            body: event.encode_to_vec(),
        }
    }

    /// Makes the event of a recipient whom the vendor refuses because the recipient is on its stop list.
    pub(in crate::gateway) fn refused(
        &self,
        account: &Arc<str>,
        message: &Message,
        recipient: &Recipient,
        source: EventSource,
        confirmed: bool,
    ) -> Option<NewEvent> {
        if recipient.state() != DeliveryState::Rejected || !self.is_opt_out(account, message, recipient) {
            return None;
        }
        let code = recipient.vendor_code.clone();
        let evidence =
            ConsentEvidence { message: message.name.clone(), note: code.clone(), ..ConsentEvidence::default() };
        Some(self.event(Change {
            account,
            id: format!("refused {} {}", message.name, recipient.to),
            phone_number: recipient.to.clone(),
            act: ConsentAct::Block(ConsentOrigin::Vendor.into()),
            act_time: None,
            evidence,
            origin: code,
            text: String::new(),
            source,
            confirmed,
        }))
    }

    fn is_opt_out(&self, account: &str, message: &Message, recipient: &Recipient) -> bool {
        // A message of a route has the codes of the account that took it.
        let account = if recipient.account.is_empty() { account } else { recipient.account.as_str() };
        let code = self.code(account, &recipient.vendor_code);
        code.is_some_and(|code| code.names_recipient || message.recipients.len() == 1)
    }

    /// Whether a vendor refused a recipient for its stop list, or may have.
    pub(in crate::gateway) fn is_refusal(&self, recipient: &Recipient) -> bool {
        self.code(&recipient.account, &recipient.vendor_code).is_some()
    }

    fn code(&self, account: &str, code: &str) -> Option<OptOutCode> {
        let codes = self.codes.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        codes.get(account)?.iter().find(|known| known.code == code).copied()
    }
}
