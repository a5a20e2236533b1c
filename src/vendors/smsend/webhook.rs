//! What smSend's family pushed before its present API, after programs that receive it: the document has no push. A report and
//! a received SMS are the pairs of a query. Nothing is signed.

use bytes::Bytes;
use http::Request;
use jiff::{civil::DateTime, tz::TimeZone};
use prost_types::Timestamp;
use serde::Deserialize;

use super::{SmSend, wire};
use crate::{
    api::pb::{DeliveryState, ReceivedMessage, Recipient},
    error::Error,
    request::{check::to_e164, names},
    vendors::kit::{
        lenient::{Id, Kept, Lenient},
        pushed::{Key, Pushed, Received, Report, Webhook, content, objects, unreadable},
    },
};

const INSTRUCTIONS: &str = "smSend documents no push: ask its support whether this URL can be entered for delivery reports and \
                            received SMS";

impl Webhook for SmSend {
    fn parse(&self, push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
        parse(&self.name, &self.time_zone, push)
    }

    fn instructions(&self) -> &'static str {
        INSTRUCTIONS
    }
}

/// The members of a report and of a received SMS.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Push {
    skebby_dispatch_id: Id,
    /// The id that the sender of the message chose.
    user_reference: Id,
    recipient: Lenient<String>,
    status: Lenient<String>,
    error_code: Lenient<String>,
    error_message: Lenient<String>,
    skebby_date_time: Lenient<String>,
    operator_date_time: Lenient<String>,

    sender: Lenient<String>,
    receiver: Lenient<String>,
    text: Kept,
    timestamp: Lenient<String>,
}

/// Reads a push to `account`, whose times are in `zone`.
pub(super) fn parse(account: &str, zone: &TimeZone, push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
    let pushes = objects::<Push>(push)?.into_iter();
    pushes.map(|push| push.and_then(|push| push.read(account, zone)).ok_or_else(unreadable)).collect()
}

impl Push {
    fn read(self, account: &str, zone: &TimeZone) -> Option<Pushed> {
        let Some(status) = self.status.0 else { return self.received(account, zone) };
        let state = state(&status);
        let time = self.operator_date_time.or(self.skebby_date_time).0.and_then(|text| time(&text, zone));
        // 1 is the absence of an error.
        let code = self.error_code.0.filter(|code| !matches!(&**code, "" | "0" | "1"));
        let recipient = Recipient {
            to: to_e164(self.recipient.0.unwrap_or_default()),
            state: state.into(),
            vendor_code: code.map_or_else(|| status.clone(), |code| format!("{status}/{code}")),
            vendor_text: self.error_message.0.unwrap_or_default(),
            delivery_time: time.filter(|_| state == DeliveryState::Delivered),
            ..Recipient::default()
        };
        let vendor_message_id = self.user_reference.0.or(self.skebby_dispatch_id.0)?;
        Some(Pushed::Report(Report { vendor_message_id, recipient, time }))
    }

    fn received(self, account: &str, zone: &TimeZone) -> Option<Pushed> {
        let (from, text) = (to_e164(self.sender.0?), self.text.0?);
        let (to, at) = (to_e164(self.receiver.0.unwrap_or_default()), self.timestamp.0.unwrap_or_default());
        let key = content(&[&from, &to, &at, &text]);
        let message = ReceivedMessage {
            name: names::child(account, "receivedMessages", &key),
            from,
            to,
            text,
            receive_time: time(&at, zone),
            ..ReceivedMessage::default()
        };
        Some(Pushed::Received(Received { message, key: Key::Content(key), ..Received::default() }))
    }
}

/// Parses a time, whose form is not documented: Unix seconds, that of the present API, or a usual one.
fn time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let civil = || DateTime::strptime("%Y-%m-%d %H:%M:%S", text.trim()).ok()?.to_zoned(zone.clone()).ok();
    let usual = || civil().map(|zoned| Timestamp { seconds: zoned.timestamp().as_second(), nanos: 0 });
    // Both are digits alone: seconds have ten for centuries.
    let seconds = || text.trim().parse().ok().filter(|seconds| (1..100_000_000_000).contains(seconds));
    wire::time(text.trim(), zone).or_else(usual).or_else(|| seconds().map(|seconds| Timestamp { seconds, nanos: 0 }))
}

fn state(status: &str) -> DeliveryState {
    match status.to_ascii_uppercase().as_str() {
        "DELIVERED" => DeliveryState::Delivered,
        "EXPIRED" => DeliveryState::Expired,
        // A fault of the network, not a cancellation.
        "DELETED" | "UNDELIVERABLE" => DeliveryState::Undeliverable,
        // The vendor's spelling.
        "REJECTD" | "REJECTED" => DeliveryState::Rejected,
        "UNKNOWN" => DeliveryState::Unknown,
        _ => DeliveryState::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::kit::pushed::tests::{get, post};

    const ACCOUNT: &str = "accounts/it";

    fn read(push: &Request<Bytes>) -> Pushed {
        let mut pushed = parse(ACCOUNT, &TimeZone::UTC, push).expect("readable");
        assert_eq!(pushed.len(), 1);
        pushed.remove(0)
    }

    #[test]
    fn a_report_is_known_by_our_reference_else_by_the_dispatch() {
        let query = "skebby_dispatch_id=123&skebby_message_id=9&recipient=393471234567&status=DELIVERED&error_code=1\
                     &error_message=&user_reference=@&skebby_date_time=2024-11-28+10:33:18&operator_date_time=2024-11-28+10:33:20";
        let time = Some(Timestamp { seconds: 1_732_790_000, nanos: 0 });
        for (reference, id) in [("order-7", "order-7"), ("", "123")] {
            let recipient = Recipient {
                to: "+393471234567".to_owned(),
                state: DeliveryState::Delivered.into(),
                vendor_code: "DELIVERED".to_owned(),
                delivery_time: time,
                ..Recipient::default()
            };
            let expected = Pushed::Report(Report { vendor_message_id: id.to_owned(), recipient, time });
            let query = query.replace('@', reference);
            assert_eq!((read(&get(&query)), read(&post(&query))), (expected.clone(), expected));
        }
    }

    #[test]
    fn every_status_has_its_state_and_its_error() {
        for (status, error, state, code) in [
            ("EXPIRED", "401", DeliveryState::Expired, "EXPIRED/401"),
            ("DELETED", "201", DeliveryState::Undeliverable, "DELETED/201"),
            ("UNDELIVERABLE", "301", DeliveryState::Undeliverable, "UNDELIVERABLE/301"),
            ("UNKNOWN", "0", DeliveryState::Unknown, "UNKNOWN"),
            ("REJECTD", "304", DeliveryState::Rejected, "REJECTD/304"),
            ("SENT", "", DeliveryState::Unspecified, "SENT"),
        ] {
            let query = format!("skebby_dispatch_id=1&status={status}&error_code={error}");
            let Pushed::Report(Report { recipient, .. }) = read(&get(&query)) else { panic!("a report") };
            assert_eq!((recipient.state(), &*recipient.vendor_code), (state, code));
        }
    }

    #[test]
    fn a_received_sms_has_a_hash_for_an_id() {
        for at in ["1732790000", "20241128103320", "2024-11-28+10:33:20"] {
            let query = format!("sender=393471234567&receiver=393399999999&text=Ciao+%E2%82%AC&timestamp={at}");
            let Pushed::Received(Received { message, key, .. }) = read(&get(&query)) else { panic!("an SMS") };
            let Key::Content(key) = key else { panic!("no id") };
            let expected = ReceivedMessage {
                name: format!("accounts/it/receivedMessages/{key}"),
                from: "+393471234567".to_owned(),
                to: "+393399999999".to_owned(),
                text: "Ciao €".to_owned(),
                receive_time: Some(Timestamp { seconds: 1_732_790_000, nanos: 0 }),
                ..ReceivedMessage::default()
            };
            assert_eq!(message, expected);
        }
    }

    #[test]
    fn anything_else_is_unreadable() {
        for push in [post("{}"), get(""), get("status=DELIVERED"), get("sender=39347"), get("text=x")] {
            assert!(parse(ACCOUNT, &TimeZone::UTC, &push).is_err(), "{push:?}");
        }
    }
}
