//! Messages of IP1SMS. Pure: the samples are from the vendor's manual and its official clients, as the document of this
//! API does not cover messages.

use std::{
    collections::{HashMap, VecDeque},
    slice,
};

use serde::{Deserialize, Serialize};

use super::time;
use crate::{
    api::pb::{DeliveryState, Message, Money, Recipient},
    request::{check::to_e164, names},
    vendors::kit::{
        batch::failed,
        lenient::{Decimal, Id, Lenient},
        message::identified,
    },
};

/// The body of `POST /api/sms/send`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Send<'a> {
    pub(crate) from: &'a str,
    pub(crate) numbers: &'a [String],
    pub(crate) message: &'a str,
}

/// A message to one recipient: an item of the answer to a send, and the answer to `GET /api/sms/sent/{id}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Item {
    #[serde(rename = "ID")]
    id: Id,
    to: Lenient<String>,
    from: Lenient<String>,
    message: Lenient<String>,
    status: Lenient<String>,
    status_description: Lenient<String>,
    segments: Lenient<i32>,
    /// For all segments; `Price` is for one.
    total_price: Decimal,
    currency: Lenient<String>,
    created: Lenient<String>,
}

impl Item {
    /// Returns whether there is an id.
    pub(crate) fn has_id(&self) -> bool {
        self.id.0.as_deref().is_some_and(|id| id != "0")
    }

    /// Converts to a message. Without an id, or with 0, it has no name.
    pub(crate) fn into_message(self, account: &str) -> Message {
        let id = self.id.0.filter(|id| id != "0");
        let vendor_code = self.status.0.unwrap_or_default();
        let currency_code = self.currency.0.unwrap_or_default().to_ascii_uppercase();
        let to = self.to.0.unwrap_or_default();
        let price = self.total_price.0.map(|amount| Money { amount, currency_code });
        let create_time = self.created.0.as_deref().and_then(time);
        let recipient = Recipient {
            to: to_e164(to),
            state: state(&vendor_code).into(),
            vendor_code,
            vendor_text: self.status_description.0.unwrap_or_default(),
            segment_count: self.segments.0,
            price: price.clone(),
            create_time,
            ..Recipient::default()
        };
        let message = Message {
            recipients: vec![recipient],
            sender: self.from.0.unwrap_or_default(),
            create_time,
            recipient_count: Some(1),
            text: self.message.0.unwrap_or_default(),
            price,
            ..Message::default()
        };
        match id {
            Some(id) => identified(names::child(account, "messages", &id), account, &id, message),
            None => message,
        }
    }
}

/// Returns the parts of a send, with every number in exactly one, in the order of the request. Numbers that are none of
/// the request's are left out of the last parts, which have only their ids. An unreadable item could be of any number.
pub(crate) fn matched(account: &str, asked: &[String], items: Vec<Option<Item>>) -> Vec<Message> {
    let mut by_number = HashMap::<String, VecDeque<Message>>::new();
    let all_are_readable = items.iter().all(Option::is_some);
    for item in items.into_iter().flatten() {
        let message = item.into_message(account);
        let number = message.recipients.first().map(|r| r.to.clone()).unwrap_or_default();
        by_number.entry(number).or_default().push_back(message);
    }
    let found: Vec<_> = asked
        .iter()
        .map(|number| {
            let message = by_number.get_mut(number).and_then(VecDeque::pop_front);
            message.ok_or(number)
        })
        .collect();
    // In the vendor's order as far as possible: ids increase.
    let mut strange: Vec<_> = by_number.into_values().flatten().collect();
    strange.sort_by(|a, b| (a.name.len(), &a.name).cmp(&(b.name.len(), &b.name)));
    // A number in another form could be any of the missing ones.
    let (state, text) = match strange.is_empty() && all_are_readable {
        true => (DeliveryState::Rejected, "IP1SMS skipped this recipient, as it does those on the stop list"),
        false => (
            DeliveryState::Unknown,
            "the answer of IP1SMS has unknown numbers or unreadable entries, one of which may be this recipient",
        ),
    };
    let messages = found.into_iter().map(|m| m.unwrap_or_else(|to| failed(slice::from_ref(to), state, "", text)));
    messages.chain(strange.into_iter().map(unlisted)).collect()
}

/// Returns a message without its recipient, which is none of the request's.
fn unlisted(message: Message) -> Message {
    let ids = message.recipients.into_iter().map(|recipient| recipient.vendor_message_id);
    let vendor_message_ids = ids.filter(|id| !id.is_empty()).collect();
    Message { recipients: Vec::new(), vendor_message_ids, ..message }
}

/// Returns the state for a status code. The manual calls 44, 55 and 60 deprecated.
fn state(code: &str) -> DeliveryState {
    match code {
        // At the vendor's gateway; 11 is scheduled there.
        "0" | "10" | "11" => DeliveryState::Queued,
        "12" => DeliveryState::Cancelled,
        // With the operator: not delivered.
        "21" => DeliveryState::Sent,
        "22" => DeliveryState::Delivered,
        // Invalid number or content, no credit, wrong credentials, a wrong parameter.
        "2" | "3" | "4" | "30" | "41" | "45" | "100" | "101" | "110" => DeliveryState::Rejected,
        "42" | "43" | "44" | "50" | "51" | "52" => DeliveryState::Undeliverable,
        // Unknown to the vendor too, or empty.
        "55" | "60" | "" => DeliveryState::Unknown,
        // Among them 1, documented both as failed and as retried later.
        _ => DeliveryState::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::kit::message::merge;

    const ACCOUNT: &str = "accounts/se";

    fn items(json: &str) -> Vec<Item> {
        serde_json::from_str(json).expect(json)
    }

    /// The id, number and state of every recipient, and the ids of none.
    type Outcomes = (Vec<(String, String, DeliveryState)>, Vec<String>);

    fn outcomes(asked: &[&str], json: &str) -> Outcomes {
        let asked: Vec<_> = asked.iter().map(|number| (*number).to_owned()).collect();
        let parts = matched(ACCOUNT, &asked, items(json).into_iter().map(Some).collect());
        let Message { recipients, vendor_message_ids, .. } = merge(ACCOUNT, "m", parts);
        let outcome = |r: Recipient| (r.vendor_message_id.clone(), r.to.clone(), r.state());
        (recipients.into_iter().map(outcome).collect(), vendor_message_ids)
    }

    fn recipient_outcome(id: &str, to: &str, state: DeliveryState) -> (String, String, DeliveryState) {
        (id.to_owned(), to.to_owned(), state)
    }

    #[test]
    fn every_code_has_its_state_and_another_one_stays_readable() {
        for (code, expected) in [
            (0, DeliveryState::Queued),
            (1, DeliveryState::Unspecified),
            (2, DeliveryState::Rejected),
            (3, DeliveryState::Rejected),
            (4, DeliveryState::Rejected),
            (10, DeliveryState::Queued),
            (11, DeliveryState::Queued),
            (12, DeliveryState::Cancelled),
            (21, DeliveryState::Sent),
            (22, DeliveryState::Delivered),
            (30, DeliveryState::Rejected),
            (41, DeliveryState::Rejected),
            (42, DeliveryState::Undeliverable),
            (43, DeliveryState::Undeliverable),
            (44, DeliveryState::Undeliverable),
            (45, DeliveryState::Rejected),
            (50, DeliveryState::Undeliverable),
            (51, DeliveryState::Undeliverable),
            (52, DeliveryState::Undeliverable),
            (55, DeliveryState::Unknown),
            (60, DeliveryState::Unknown),
            (100, DeliveryState::Rejected),
            (101, DeliveryState::Rejected),
            (110, DeliveryState::Rejected),
            (77, DeliveryState::Unspecified),
        ] {
            let item = items(&format!(r#"[{{"Status": {code}}}]"#)).remove(0).into_message(ACCOUNT);
            assert_eq!((item.recipients[0].state(), &item.recipients[0].vendor_code), (expected, &code.to_string()));
        }
    }

    #[test]
    fn recipients_are_found_with_a_plus_or_without_and_in_any_order() {
        let answer = r#"[{"ID": 2, "To": "46702000000", "Status": 21}, {"ID": "1", "To": "+46701000000", "Status": "0"},
            {"ID": 3, "To": 46701000000, "Status": 22}]"#;
        let expected = vec![
            recipient_outcome("1", "+46701000000", DeliveryState::Queued),
            recipient_outcome("2", "+46702000000", DeliveryState::Sent),
        ];
        // A second message to a number keeps its id.
        assert_eq!(outcomes(&["+46701000000", "+46702000000"], answer), (expected, vec!["3".to_owned()]));
    }

    #[test]
    fn a_recipient_that_is_left_out_is_rejected_unless_it_may_stand_there_in_another_form() {
        let one = recipient_outcome("1", "+46701000000", DeliveryState::Queued);
        let answer = r#"[{"ID": 1, "To": "46701000000", "Status": 0}]"#;
        let left_out = recipient_outcome("", "+46702000000", DeliveryState::Rejected);
        assert_eq!(outcomes(&["+46702000000", "+46701000000"], answer), (vec![left_out, one.clone()], vec![]));

        let answer = r#"[{"ID": 1, "To": "46701000000", "Status": 0}, {"ID": 2, "To": "0702", "Status": 0}]"#;
        let unknown = recipient_outcome("", "+46702000000", DeliveryState::Unknown);
        assert_eq!(outcomes(&["+46701000000", "+46702000000"], answer), (vec![one, unknown], vec!["2".to_owned()]));
    }

    #[test]
    fn missing_members_are_absent() {
        for json in ["[{}]", r#"[{"ID": 0, "Status": null, "TotalPrice": null, "Segments": null, "Created": ""}]"#] {
            let message = items(json).remove(0).into_message(ACCOUNT);
            let recipient = Recipient { state: DeliveryState::Unknown.into(), ..Recipient::default() };
            let expected = Message { recipients: vec![recipient], recipient_count: Some(1), ..Message::default() };
            assert_eq!(message, expected, "{json}");
        }
    }

    #[test]
    fn a_recipient_may_be_in_an_item_that_cannot_be_read() {
        let mut items: Vec<_> =
            items(r#"[{"ID": 1, "To": "46701000000", "Status": 0}]"#).into_iter().map(Some).collect();
        items.push(None);
        let asked = ["+46701000000".to_owned(), "+46702000000".to_owned()];
        let states: Vec<_> = matched(ACCOUNT, &asked, items).iter().map(|m| m.recipients[0].state()).collect();
        assert_eq!(states, [DeliveryState::Queued, DeliveryState::Unknown]);
    }
}
