//! Received messages: `GET /newsrsmsmessage` and `GET /srsmshistory`.

use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Said, time};
use crate::{
    api::pb::ReceivedMessage,
    request::{check::to_e164, names},
    vendors::kit::lenient::{self, Entries, Id, Kept, Lenient},
};

/// The answer to all three operations; only one of them has pages and a total.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Received {
    pub(crate) result: Said,
    srsmshistory: Option<Entries>,
    total: Lenient<i64>,
    #[serde(rename = "Total")]
    capital_total: Lenient<i64>,
}

impl Received {
    /// Returns the number of entries on all pages.
    pub(crate) fn total(&self) -> Option<i64> {
        self.total.0.or(self.capital_total.0)
    }

    /// Returns the messages, if there is a list. An entry that is not an object becomes the text of a message.
    pub(crate) fn entries(&self) -> Option<Vec<Entry>> {
        let read = |raw: &RawValue| {
            // serde would read a list as the members of an object.
            let object = Some(raw.get()).filter(|text| text.starts_with('{'));
            let entry = object.and_then(|text| lenient::read(text).ok());
            entry.unwrap_or_else(|| Entry { message: Kept(Some(raw.get().to_owned())), ..Entry::default() })
        };
        Some(self.srsmshistory.as_ref()?.0.iter().map(|raw| read(raw)).collect())
    }
}

/// One received message. All members are optional: one bad message must not lose an answer that returns messages only
/// once.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Entry {
    pub(crate) id_message: Id,
    id_sim: Lenient<String>,
    sender: Kept,
    message: Kept,
    sms_date: Lenient<String>,
    keyword: Kept,
}

impl Entry {
    /// Converts the message. Its name is empty without an id, and lacks the number where smSend omits it.
    pub(crate) fn into_message(self, account: &str, zone: &TimeZone) -> ReceivedMessage {
        let Self { id_message, id_sim, sender, message, sms_date, keyword } = self;
        let to = to_e164(id_sim.0.unwrap_or_default());
        let sender = sender.0.unwrap_or_default();
        ReceivedMessage {
            name: id_message
                .0
                .map(|id| names::child(account, "receivedMessages", &format!("{to}~{id}")))
                .unwrap_or_default(),
            // A sender may be alphanumeric, and may begin with 00.
            from: if sender.bytes().all(|b| b.is_ascii_digit()) { to_e164(sender) } else { sender },
            to,
            text: message.0.unwrap_or_default(),
            receive_time: sms_date.0.and_then(|date| time(&date, zone)),
            keyword: keyword.0.unwrap_or_default(),
            message: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use prost_types::Timestamp;

    use super::*;

    fn read(json: &str) -> Vec<ReceivedMessage> {
        let received: Received = serde_json::from_str(json).expect("readable");
        received
            .entries()
            .unwrap_or_default()
            .into_iter()
            .map(|e| e.into_message("accounts/acme", &TimeZone::UTC))
            .collect()
    }

    #[test]
    fn the_document_s_sample_is_read_in_full() {
        let messages = read(
            r#"{"result": "OK", "srsmshistory": [{"id_message": "31", "id_sim": "+393400000001",
                "sender": "+393356242290", "message": "sadasd", "sms_date": "20160503102231", "keyword": "qwe"}]}"#,
        );
        let expected = ReceivedMessage {
            name: "accounts/acme/receivedMessages/+393400000001~31".to_owned(),
            from: "+393356242290".to_owned(),
            to: "+393400000001".to_owned(),
            text: "sadasd".to_owned(),
            receive_time: Some(Timestamp { seconds: 1_462_270_951, nanos: 0 }),
            keyword: "qwe".to_owned(),
            message: String::new(),
        };
        assert_eq!(messages, [expected]);
    }

    #[test]
    fn one_invalid_member_keeps_the_other_entries_and_members() {
        let messages = read(
            r#"{"srsmshistory": [{"id_message": 7, "id_sim": "00393400000001", "sender": "00393356242290"},
                {"message": "who am I?", "sms_date": "soon", "sender": "00Bond", "keyword": null},
                ["what", "is this"], {"message": {"nested": true}}]}"#,
        );
        assert_eq!(messages[0].name, "accounts/acme/receivedMessages/+393400000001~7");
        assert_eq!(messages[0].from, "+393356242290");
        assert_eq!((messages[1].name.as_str(), messages[1].text.as_str()), ("", "who am I?"));
        assert_eq!((messages[1].from.as_str(), messages[1].receive_time), ("00Bond", None));
        assert_eq!(messages[2].text, r#"["what", "is this"]"#);
        assert_eq!(messages[3].text, r#"{"nested": true}"#);
        assert_eq!(read(r#"{"result": "OK", "srsmshistory": null}"#), []);
        let gaps =
            r#"{"srsmshistory": {"0": {"message": "a", "keyword": ["b"]}, "2": {"message": "c", "sms_date": {}}}}"#;
        assert_eq!(read(gaps).iter().map(|m| m.text.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        assert!(serde_json::from_str::<Received>(r#"{"error": "no"}"#).expect("an object").entries().is_none());
    }
}
