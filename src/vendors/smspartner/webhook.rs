//! What SMSPartner pushes: replies, opt-outs and SMS to virtual numbers, after the vendor's pages; and delivery reports, whose
//! form is not public and taken from another program that reads them. Nothing is signed.

use bytes::Bytes;
use http::Request;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{
    SmsPartner,
    wire::{message, time},
};
use crate::{
    api::pb::{DeliveryState, Money, ReceivedMessage, Recipient},
    error::Error,
    request::{check::to_e164, names},
    vendors::kit::{
        lenient::{Decimal, Id, Kept, Lenient},
        pushed::{Key, OptOut, Part, Pushed, Received, Report, Webhook, content, objects, unreadable},
    },
};

const INSTRUCTIONS: &str = "in SMSPartner's account, enter this URL as the response URL, or set webhook_register to add it to \
                            every send, for delivery reports too";

impl Webhook for SmsPartner {
    fn parse(&self, push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
        parse(&self.name, &self.time_zone, push)
    }

    fn instructions(&self) -> &'static str {
        INSTRUCTIONS
    }
}

/// The members of all kinds, in all their spellings.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Push {
    #[serde(rename = "type")]
    kind: Lenient<String>,
    text: Kept,

    // A reply or a report.
    message_id: Id,
    #[serde(rename = "messageId")]
    message_id_in_camel_case: Id,
    #[serde(rename = "msgId")]
    msg_id: Id,
    phone_number: Lenient<String>,
    #[serde(rename = "phoneNumber")]
    phone_number_in_camel_case: Lenient<String>,
    phone: Lenient<String>,
    e164: Lenient<String>,
    number: Lenient<String>,

    // A report.
    status: Lenient<String>,
    statut: Lenient<String>,
    date: Lenient<String>,
    cost: Decimal,
    currency: Lenient<String>,

    // An SMS to a virtual number.
    msisdn: Lenient<String>,
    to: Lenient<String>,
    keyword: Lenient<String>,
    #[serde(rename = "message-timestamp")]
    timestamp: Lenient<String>,
    #[serde(rename = "concat-ref")]
    concat_ref: Lenient<String>,
    #[serde(rename = "concat-part")]
    concat_part: Lenient<i32>,
    #[serde(rename = "concat-total")]
    concat_total: Lenient<i32>,
}

/// Reads a push to `account`, whose times are in `zone`.
pub(super) fn parse(account: &str, zone: &TimeZone, push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
    let pushes = objects::<Push>(push)?.into_iter();
    pushes.map(|push| push.and_then(|push| push.read(account, zone)).ok_or_else(unreadable)).collect()
}

impl Push {
    fn read(self, account: &str, zone: &TimeZone) -> Option<Pushed> {
        let kind = self.kind.0.as_deref().unwrap_or_default().to_ascii_lowercase();
        match &*kind {
            "stop" => self.opt_out(zone),
            _ if self.msisdn.0.is_some() => self.received(account, zone),
            "response" => self.reply(account, zone),
            _ => self.report(zone),
        }
    }

    /// Returns the vendor's id of the message that the push is about, or that it is.
    fn id(&self) -> Option<&str> {
        let ids = [&self.message_id, &self.message_id_in_camel_case, &self.msg_id];
        ids.into_iter().find_map(|id| id.0.as_deref())
    }

    /// Returns the number in E.164 form.
    fn phone_number(&self) -> Option<String> {
        let spellings =
            [&self.msisdn, &self.phone_number, &self.phone_number_in_camel_case, &self.phone, &self.e164, &self.number];
        spellings.into_iter().find_map(|number| number.0.clone().filter(|text| !text.is_empty())).map(to_e164)
    }

    fn opt_out(self, zone: &TimeZone) -> Option<Pushed> {
        let (phone_number, vendor_message_id) = (self.phone_number()?, self.id().unwrap_or_default().to_owned());
        let key = Key::Content(content(&["stop", &phone_number, &vendor_message_id]));
        let (text, time) = (self.text.0.unwrap_or_default(), self.date.0.and_then(|date| time(&date, zone)));
        let opt_out = OptOut { phone_number, vendor_message_id, text, time, key, is_authentic: false };
        Some(Pushed::OptOut(opt_out))
    }

    /// Reads a reply to a message, which has the id of that message and none of its own.
    fn reply(self, account: &str, zone: &TimeZone) -> Option<Pushed> {
        let (from, answered) = (self.phone_number()?, self.id().map(str::to_owned));
        let (text, date) = (self.text.0?, self.date.0.unwrap_or_default());
        let key = content(&["response", &from, answered.as_deref().unwrap_or_default(), &date, &text]);
        let message = ReceivedMessage {
            name: names::child(account, "receivedMessages", &key),
            from,
            text,
            receive_time: time(&date, zone),
            message: answered.map(|id| names::child(account, "messages", &id)).unwrap_or_default(),
            ..ReceivedMessage::default()
        };
        Some(Pushed::Received(Received { message, key: Key::Content(key), ..Received::default() }))
    }

    /// Reads an SMS to a virtual number.
    fn received(self, account: &str, zone: &TimeZone) -> Option<Pushed> {
        let (id, from) = (self.id()?.to_owned(), self.phone_number()?);
        let count = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
        let (number, total) = (count(self.concat_part.0), count(self.concat_total.0));
        let part = self.concat_ref.0.zip(number).zip(total).map(|((reference, number), total)| Part {
            reference,
            number,
            total,
        });
        let message = ReceivedMessage {
            name: names::child(account, "receivedMessages", &id),
            from,
            to: to_e164(self.to.0.unwrap_or_default()),
            text: self.text.0?,
            receive_time: self.timestamp.0.and_then(|text| time(&text, zone)),
            keyword: self.keyword.0.unwrap_or_default(),
            message: String::new(),
        };
        // A part of 255 is the most that the header of an SMS can have.
        let part = part.filter(|part| (2..=255).contains(&part.total) && (1..=part.total).contains(&part.number));
        Some(Pushed::Received(Received { message, key: Key::Id(id), part, is_authentic: false }))
    }

    fn report(self, zone: &TimeZone) -> Option<Pushed> {
        let (vendor_message_id, to) = (self.id()?.to_owned(), self.phone_number().unwrap_or_default());
        let vendor_code = self.status.or(self.statut).0?;
        let state = message::state(&vendor_code);
        let time = self.date.0.and_then(|date| time(&date, zone));
        let currency_code = self.currency.0.unwrap_or_default();
        let recipient = Recipient {
            to,
            state: state.into(),
            vendor_code,
            delivery_time: time.filter(|_| state == DeliveryState::Delivered),
            price: self.cost.0.map(|amount| Money { amount, currency_code }),
            ..Recipient::default()
        };
        Some(Pushed::Report(Report { vendor_message_id, recipient, time }))
    }
}

#[cfg(test)]
mod tests {
    use prost_types::Timestamp;

    use super::*;
    use crate::vendors::kit::pushed::tests::{get, post};

    const ACCOUNT: &str = "accounts/fr";

    fn parsed(push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
        parse(ACCOUNT, &TimeZone::get("Europe/Paris").expect("a zone"), push)
    }

    fn read(push: &Request<Bytes>) -> Pushed {
        let mut pushed = parsed(push).expect("readable");
        assert_eq!(pushed.len(), 1);
        pushed.remove(0)
    }

    #[test]
    fn a_reply_names_the_message_and_is_told_from_another_by_its_content() {
        let push = r#"{"type": "response", "phone_number": "+33612345678", "text": "D'accord", "message_id": 300}"#;
        let Pushed::Received(received) = read(&post(push)) else { panic!("an SMS") };
        let Key::Content(key) = &received.key else { panic!("no id") };
        let message = ReceivedMessage {
            name: format!("accounts/fr/receivedMessages/{key}"),
            from: "+33612345678".to_owned(),
            text: "D'accord".to_owned(),
            message: "accounts/fr/messages/300".to_owned(),
            ..ReceivedMessage::default()
        };
        assert_eq!(received.message, message);
        let Pushed::Received(other) = read(&post(&push.replace("300", "301"))) else { panic!("an SMS") };
        assert_ne!(other.key, received.key);
        let form = "type=response&phone_number=%2B33612345678&text=D%27accord&message_id=300";
        assert_eq!(
            (read(&get(form)), read(&post(form))),
            (Pushed::Received(received.clone()), Pushed::Received(received))
        );
    }

    #[test]
    fn an_opt_out_names_the_number_and_the_message() {
        let push = r#"{"type": "stop", "phone_number": "+33612345678", "text": "Stop", "message_id": 300}"#;
        let Pushed::OptOut(OptOut { phone_number, vendor_message_id, text, .. }) = read(&post(push)) else {
            panic!("an opt-out")
        };
        assert_eq!((&*phone_number, &*vendor_message_id, &*text), ("+33612345678", "300", "Stop"));
        assert!(matches!(read(&post(r#"{"type": "STOP", "phone_number": "0033612345678"}"#)), Pushed::OptOut(_)));
    }

    #[test]
    fn an_sms_to_a_virtual_number_may_be_a_part_of_one() {
        let whole = r#"{"msisdn": "33612345678", "to": "33644630000", "messageId":
            "0c8d3d0e-3f0a-4b1c-9f6e-1d2c3b4a5f60", "text": "Bonjour", "type": "text", "keyword": "BONJOUR",
            "message-timestamp": "2016-03-10 09:51:46""#;
        let Pushed::Received(received) = read(&post(&format!("{whole}}}"))) else { panic!("an SMS") };
        let message = ReceivedMessage {
            name: "accounts/fr/receivedMessages/0c8d3d0e-3f0a-4b1c-9f6e-1d2c3b4a5f60".to_owned(),
            from: "+33612345678".to_owned(),
            to: "+33644630000".to_owned(),
            text: "Bonjour".to_owned(),
            receive_time: Some(Timestamp { seconds: 1_457_599_906, nanos: 0 }),
            keyword: "BONJOUR".to_owned(),
            message: String::new(),
        };
        let key = Key::Id("0c8d3d0e-3f0a-4b1c-9f6e-1d2c3b4a5f60".to_owned());
        assert_eq!(received, Received { message, key, part: None, is_authentic: false });

        for (number, total, part) in [
            ("2", "3", Some(Part { reference: "93".to_owned(), number: 2, total: 3 })),
            ("4", "3", None),
            ("0", "3", None),
            ("1", "1", None),
            ("1", "256", None),
            ("x", "3", None),
        ] {
            let concat = format!(
                r#"{whole}, "concat": "true", "concat-ref": "93", "concat-total": "{total}", "concat-part": "{number}"}}"#
            );
            let expected = Pushed::Received(Received { part, ..received.clone() });
            assert_eq!(read(&post(&concat)), expected, "{number} of {total}");
        }
    }

    #[test]
    fn a_report_is_read_in_every_spelling_as_json_and_as_a_query() {
        let report = |time: Option<i64>, price: Option<Money>| {
            let time = time.map(|seconds| Timestamp { seconds, nanos: 0 });
            let recipient = Recipient {
                to: "+33612345678".to_owned(),
                state: DeliveryState::Delivered.into(),
                vendor_code: "delivered".to_owned(),
                delivery_time: time,
                price,
                ..Recipient::default()
            };
            Pushed::Report(Report { vendor_message_id: "300".to_owned(), recipient, time })
        };
        let price = Some(Money { amount: "0.05".to_owned(), currency_code: "EUR".to_owned() });
        let push = r#"{"msgId": 300, "phone": "+33612345678", "status": "delivered", "date": 1730000000, "cost": 0.05,
            "currency": "EUR"}"#;
        assert_eq!(read(&post(push)), report(Some(1_730_000_000), price));
        for id in ["message_id", "messageId", "msgId"] {
            for number in ["phone", "phoneNumber", "phone_number", "e164", "number"] {
                for status in ["status", "statut"] {
                    let query = format!("{id}=300&{number}=33612345678&{status}=delivered");
                    assert_eq!(read(&get(&query)), report(None, None), "{query}");
                }
            }
        }
        let both = format!("[{push}, {}]", push.replace("300,", "301,"));
        assert_eq!(parsed(&post(&both)).expect("a list").len(), 2);
    }

    #[test]
    fn anything_else_is_unreadable() {
        for push in [
            post("{}"),
            post(r#"{"type": "response", "text": "?"}"#),
            post(r#"{"type": "stop"}"#),
            post(r#"{"msgId": 300}"#),
            post(r#"{"status": "delivered"}"#),
            post(r#"{"msisdn": "33612345678", "text": "x"}"#),
            get("phone=33612345678&status=delivered"),
        ] {
            assert!(parsed(&push).is_err(), "{push:?}");
        }
    }
}
