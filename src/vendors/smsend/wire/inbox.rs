//! Received messages: `GET /newsrsmsmessage` and `GET /srsmshistory`.

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::time;
use crate::{
    check::to_e164,
    {lenient, names, pb::ReceivedMessage},
};

/// The answer to all three operations; pages and their total are in one of them.
#[derive(Debug, Deserialize)]
pub(crate) struct Received {
    #[serde(default, deserialize_with = "entries")]
    pub(crate) srsmshistory: Vec<Entry>,
    #[serde(default, alias = "Total", deserialize_with = "lenient::optional_int")]
    pub(crate) total: Option<i64>,
}

/// Reads each entry by itself. What is no message at all is kept as the text of one.
fn entries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Entry>, D::Error> {
    let raw = Option::<Vec<Box<RawValue>>>::deserialize(deserializer)?.unwrap_or_default();
    let read = |raw: Box<RawValue>| {
        // serde would read a list as an object without names.
        let object = Some(raw.get()).filter(|text| text.starts_with('{'));
        let entry = object.and_then(|text| serde_json::from_str(text).ok());
        entry.unwrap_or_else(|| Entry { message: Some(raw.get().to_owned()), ..Entry::default() })
    };
    Ok(raw.into_iter().map(read).collect())
}

/// One received message. Nothing is required of it: an answer that hands messages out once must not be lost over one of
/// them.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Entry {
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub(crate) id_message: Option<String>,
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub(crate) id_sim: Option<String>,
    #[serde(default, deserialize_with = "lenient::optional_text")]
    sender: Option<String>,
    #[serde(default, deserialize_with = "lenient::optional_text")]
    message: Option<String>,
    #[serde(default, deserialize_with = "lenient::optional_text")]
    sms_date: Option<String>,
    #[serde(default, deserialize_with = "lenient::optional_text")]
    keyword: Option<String>,
}

impl Entry {
    /// The message. Its name is empty when smSend does not say its id, and lacks the number where that is not said.
    pub(crate) fn into_message(self, account: &str, zone: &TimeZone) -> ReceivedMessage {
        let Self { id_message, id_sim, sender, message, sms_date, keyword } = self;
        let to = to_e164(id_sim.unwrap_or_default());
        let sender = sender.unwrap_or_default();
        ReceivedMessage {
            name: id_message
                .map(|id| names::child(account, "receivedMessages", &format!("{to}~{id}")))
                .unwrap_or_default(),
            // A sender may be a word, and a word may begin with 00.
            from: if sender.bytes().all(|b| b.is_ascii_digit()) { to_e164(sender) } else { sender },
            to,
            text: message.unwrap_or_default(),
            receive_time: sms_date.and_then(|date| time(&date, zone)),
            keyword: keyword.unwrap_or_default(),
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
        received.srsmshistory.into_iter().map(|e| e.into_message("accounts/acme", &TimeZone::UTC)).collect()
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
    fn one_odd_entry_loses_nothing_of_the_others_nor_of_itself() {
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
        assert_eq!(messages[3].text, r#"{"message": {"nested": true}}"#);
        assert_eq!(read(r#"{"srsmshistory": null}"#), []);
    }
}
