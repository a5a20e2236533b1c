//! What LOX24 pushes, after the vendor's pages and the parser of another project: events as JSON, and the older push, the
//! pairs of a query. Nothing is signed.

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use prost_types::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{
    Lox24,
    wire::{incoming::Incoming, message},
};
use crate::{
    api::pb::{ReceivedMessage, Recipient},
    call::Call,
    error::Error,
    request::{check::to_e164, names},
    vendors::kit::{
        Effect, Request as VendorRequest,
        lenient::{self, Id, Kept, Lenient},
        pushed::{Key, Other, Pushed, Received, Registration, Report, Webhook, content, objects, unreadable},
    },
};

const INSTRUCTIONS: &str = "in LOX24's web account, under Notifications, add this URL as an HTTP target of the events \
                            sms.delivery, sms.delivery.dryrun and sms.incoming\n\
                            with webhook_register, smsmux asks for a dry run when it starts, which tests the address";

#[async_trait]
impl Webhook for Lox24 {
    fn parse(&self, push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
        parse(&self.name, push)
    }

    fn instructions(&self) -> &'static str {
        INSTRUCTIONS
    }

    /// Tests the webhook, which only people can enter: a dry run sends nothing, and LOX24 pushes an event of it.
    async fn register(&self, call: &Call, _: &str) -> Result<Vec<Registration>, Error> {
        let sms = message::Sms {
            sender_id: "smsmux",
            phone: FICTITIOUS,
            text: "Test of the webhook",
            service_code: "direct",
            delivery_at: None,
            is_unicode: false,
            callback_data: None,
        };
        let request = VendorRequest::new("POST /sms/dryrun").json(&sms)?.effect_is(Effect::Read);
        self.exchange(call, request).await?;
        let account = &self.name;
        tracing::info!(account, "LOX24 was asked for a dry run, of which it pushes an event to the webhook");
        Ok(Vec::new())
    }
}

/// A number that the German regulator keeps free for fiction.
const FICTITIOUS: &str = "+4915228817386";

/// The members of an event and those of the older push: a report has a `dlr_code`, an SMS a `text`. An event also has the
/// number of its attempt, which has two spellings and no use.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Push {
    id: Id,
    name: Lenient<String>,
    created_at: Lenient<Timestamp>,
    data: Option<Box<RawValue>>,

    uuid: Id,
    dlr_code: Lenient<i64>,
    status_code: Lenient<i64>,
    sender_id: Lenient<String>,
    text: Kept,
    time: Lenient<Timestamp>,
    phone: Lenient<String>,
}

/// The data of a delivery report.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delivery {
    id: Id,
    dlr_code: Lenient<i64>,
    status_code: Lenient<i64>,
}

/// Reads a push to `account`.
pub(super) fn parse(account: &str, push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
    let pushes = objects::<Push>(push)?.into_iter();
    pushes.map(|push| push.and_then(|push| push.read(account)).ok_or_else(unreadable)).collect()
}

impl Push {
    fn read(self, account: &str) -> Option<Pushed> {
        match self.name.0.as_deref() {
            None => self.read_old(account),
            Some("sms.delivery") => {
                let Delivery { id, dlr_code, status_code } = self.data()?;
                report(id, status_code.0, dlr_code.0, self.created_at.0)
            }
            Some("sms.incoming") => {
                let incoming = self.data::<Incoming>()?;
                let id = incoming.id().map(str::to_owned).or(self.id.0)?;
                let message = incoming.into_message(account);
                let name = names::child(account, "receivedMessages", &id);
                let receive_time = message.receive_time.or(self.created_at.0);
                let message = ReceivedMessage { name, receive_time, ..message };
                Some(Pushed::Received(Received { message, key: Key::Id(id), ..Received::default() }))
            }
            // Fired by `POST /sms/dryrun`.
            Some(kind) => Some(Pushed::Other(Other {
                is_test: kind == "sms.delivery.dryrun",
                kind: kind.to_owned(),
                key: Key::Id(self.id.0?),
            })),
        }
    }

    fn data<T: DeserializeOwned>(&self) -> Option<T> {
        let data = self.data.as_ref()?.get();
        if data.starts_with('{') { lenient::read(data).ok() } else { None }
    }

    fn read_old(self, account: &str) -> Option<Pushed> {
        if self.dlr_code.0.is_some() {
            return report(self.uuid, self.status_code.0, self.dlr_code.0, None);
        }
        // The receiver's `id` beside `phone` is that of the number.
        let Self { sender_id: Lenient(from), text: Kept(text), time: Lenient(time), phone, uuid: Id(uuid), .. } = self;
        let (from, text, to) = (from?, text?, to_e164(phone.0.unwrap_or_default()));
        let seconds = time.map(|time| time.seconds.to_string()).unwrap_or_default();
        let key = content(&[&from, &to, &seconds, &text, uuid.as_deref().unwrap_or_default()]);
        let message = ReceivedMessage {
            name: names::child(account, "receivedMessages", &key),
            from: to_e164(from),
            to,
            text,
            receive_time: time,
            keyword: String::new(),
            message: uuid.map(|uuid| names::child(account, "messages", &uuid)).unwrap_or_default(),
        };
        Some(Pushed::Received(Received { message, key: Key::Content(key), ..Received::default() }))
    }
}

fn report(id: Id, status: Option<i64>, dlr: Option<i64>, time: Option<Timestamp>) -> Option<Pushed> {
    let recipient = Recipient {
        state: message::state(status, dlr, false).into(),
        vendor_code: message::code(status, dlr),
        ..Recipient::default()
    };
    Some(Pushed::Report(Report { vendor_message_id: id.0?, recipient, time }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::pb::DeliveryState,
        vendors::kit::pushed::tests::{get, post},
    };

    const ACCOUNT: &str = "accounts/de";

    fn read(push: &Request<Bytes>) -> Pushed {
        let mut pushed = parse(ACCOUNT, push).expect("readable");
        assert_eq!(pushed.len(), 1);
        pushed.remove(0)
    }

    fn delivered(code: &str, time: Option<i64>) -> Pushed {
        let (state, vendor_code) = (DeliveryState::Delivered.into(), code.to_owned());
        Pushed::Report(Report {
            vendor_message_id: "5a0c1e22-11ec-4f0d-9a8e-6f4f5ad7f001".to_owned(),
            recipient: Recipient { state, vendor_code, ..Recipient::default() },
            time: time.map(|seconds| Timestamp { seconds, nanos: 0 }),
        })
    }

    #[test]
    fn a_report_is_read_in_both_spellings_of_the_attempts_and_by_the_older_push() {
        for attempts in ["attempt_total", "attempts_total"] {
            let event = format!(
                r#"{{"id": "e1b7c9c4-0001-4c55-8a49-90a0b1f2c3d4", "name": "sms.delivery", "api_version": "2022-05-25",
                    "created_at": 1732790000, "attempt_number": 1, "{attempts}": 4,
                    "notification_task_id": "7d1f1f5e-0002-4a7b-b2a4-5f2f6f0c9e11", "data": {{
                    "id": "5a0c1e22-11ec-4f0d-9a8e-6f4f5ad7f001", "key_id": 4711, "dlr_code": 1, "status_code": 100,
                    "callback_data": "order-7"}}}}"#
            );
            assert_eq!(read(&post(&event)), delivered("100/1", Some(1_732_790_000)));
        }
        let query = "uuid=5a0c1e22-11ec-4f0d-9a8e-6f4f5ad7f001&dlr_code=1&key_id=4711&callback_data=order-7";
        assert_eq!(read(&get(query)), delivered("/1", None));
    }

    #[test]
    fn a_received_sms_is_the_one_of_the_list() {
        let event = r#"{"id": "e1", "name": "sms.incoming", "created_at": 1732790000, "data": {"id": "in-1",
            "to": "4915700000001", "from": "+4915123456789", "text": "Ja bitte 👍", "received_at": 1732789999,
            "msg_uuid": "5a0c1e22"}}"#;
        let message = ReceivedMessage {
            name: "accounts/de/receivedMessages/in-1".to_owned(),
            from: "+4915123456789".to_owned(),
            to: "+4915700000001".to_owned(),
            text: "Ja bitte 👍".to_owned(),
            receive_time: Some(Timestamp { seconds: 1_732_789_999, nanos: 0 }),
            keyword: String::new(),
            message: "accounts/de/messages/5a0c1e22".to_owned(),
        };
        let key = Key::Id("in-1".to_owned());
        assert_eq!(
            read(&post(event)),
            Pushed::Received(Received { message: message.clone(), key, ..Received::default() })
        );

        let old =
            "sender_id=4915123456789&text=Ja+bitte+%F0%9F%91%8D&time=1732789999&uuid=5a0c1e22&phone=4915700000001&id=3";
        let Pushed::Received(received) = read(&get(old)) else { panic!("an SMS") };
        let Key::Content(key) = &received.key else { panic!("no id") };
        let name = format!("accounts/de/receivedMessages/{key}");
        assert_eq!(received.message, ReceivedMessage { name, ..message });
        assert_eq!(read(&get(old)), Pushed::Received(received), "a repeated push has the same key");
    }

    #[test]
    fn a_dry_run_is_a_test_and_an_unknown_kind_keeps_its_name() {
        for (kind, is_test) in [("sms.delivery.dryrun", true), ("verify.code", false)] {
            let event = format!(r#"{{"id": "e9", "name": "{kind}", "data": {{"id": "x", "dlr_code": 1}}}}"#);
            let other = Other { kind: kind.to_owned(), key: Key::Id("e9".to_owned()), is_test };
            assert_eq!(read(&post(&event)), Pushed::Other(other));
        }
    }

    #[test]
    fn anything_else_is_unreadable() {
        for push in [
            post("{}"),
            post("null"),
            post("<xml/>"),
            post(r#"{"id": "e1", "name": "sms.delivery"}"#),
            post(r#"{"id": "e1", "name": "sms.delivery", "data": []}"#),
            post(r#"{"id": "e1", "name": "sms.delivery", "data": {"dlr_code": 1}}"#),
            get("dlr_code=1"),
            get("sender_id=49151&time=1"),
        ] {
            assert!(parse(ACCOUNT, &push).is_err(), "{push:?}");
        }
    }
}
