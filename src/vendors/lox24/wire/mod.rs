//! Parses and builds the JSON of LOX24. Pure: the unit tests' samples are the document's.
//!
//! The document's text has lost the names of the fields; those of the request are in its samples. `callback_data` is
//! the name on the vendor's other pages. The names of the times and of the reason for unsubscribing are nowhere: those
//! below are guesses, of medium confidence, after names that the vendor uses elsewhere (`created_at`, `received_at`).

pub(super) mod account;
pub(super) mod group;
pub(super) mod incoming;
pub(super) mod list;
pub(super) mod message;

use prost_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    api::pb::{Contact, Lox24Contact, UnsubscribeReason, contact::VendorOptions},
    request::{check::to_e164, names},
    vendors::kit::{
        Reply,
        lenient::{Id, Lenient},
    },
};

/// An entry of a phone list in a request: `PUT /phones/{id}` and `POST /groups/{id}/phones`. Absent members are
/// omitted.
#[derive(Debug, Serialize)]
pub(super) struct Phone {
    pub(super) phone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) a: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) b: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) c: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) d: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) e: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) callback_data: Option<String>,
}

/// The same in an answer. In JSON-LD it also has `@id` and `@type`, which add nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredPhone {
    pub(super) id: Id,
    phone: Lenient<String>,
    a: Lenient<String>,
    b: Lenient<String>,
    c: Lenient<String>,
    d: Lenient<String>,
    e: Lenient<String>,
    callback_data: Lenient<String>,
    subscribed_at: Lenient<Timestamp>,
    #[serde(rename = "subscribedAt")]
    subscribed_at_in_camel_case: Lenient<Timestamp>,
    unsubscribed_at: Lenient<Timestamp>,
    #[serde(rename = "unsubscribedAt")]
    unsubscribed_at_in_camel_case: Lenient<Timestamp>,
    unsubscribe_reason: Lenient<i64>,
    #[serde(rename = "unsubscribeReason")]
    unsubscribe_reason_in_camel_case: Lenient<i64>,
    unsubscribed_reason: Lenient<i64>,
    unsubscription_reason: Lenient<i64>,
}

impl StoredPhone {
    /// Returns whether the entry is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.id.0.is_none() && self.phone.0.is_none()
    }

    /// Converts to a contact of `account`, by its own id, else by the requested one. Without either it has no name.
    pub(super) fn into_contact(self, account: &str, id: Option<&str>) -> Contact {
        let camel_case = self.unsubscribe_reason_in_camel_case;
        let other_words = self.unsubscribed_reason.or(self.unsubscription_reason);
        let unsubscribe_reason = self.unsubscribe_reason.or(camel_case).or(other_words).0;
        let options = Lox24Contact {
            a: self.a.0,
            b: self.b.0,
            c: self.c.0,
            d: self.d.0,
            e: self.e.0,
            callback_data: self.callback_data.0,
        };
        Contact {
            name: self.id.0.as_deref().or(id).map(|id| names::child(account, "contacts", id)).unwrap_or_default(),
            phone_number: self.phone.0.map(to_e164),
            subscribe_time: self.subscribed_at.or(self.subscribed_at_in_camel_case).0,
            unsubscribe_time: self.unsubscribed_at.or(self.unsubscribed_at_in_camel_case).0,
            unsubscribe_reason: reason(unsubscribe_reason).into(),
            vendor_unsubscribe_reason: unsubscribe_reason.and_then(|reason| reason.try_into().ok()),
            vendor_options: Some(VendorOptions::Lox24(options)),
            ..Contact::default()
        }
    }
}

/// Returns the reason for a number of LOX24's.
fn reason(number: Option<i64>) -> UnsubscribeReason {
    match number {
        Some(1) => UnsubscribeReason::NeverSubscribed,
        Some(2) => UnsubscribeReason::TooManyMessages,
        Some(3) => UnsubscribeReason::NotInterested,
        Some(4) => UnsubscribeReason::Incomprehensible,
        Some(5) => UnsubscribeReason::DislikesCompany,
        Some(6) => UnsubscribeReason::Other,
        _ => UnsubscribeReason::Unspecified,
    }
}

/// Returns the reason of LOX24's rejection: `detail` of an error in the form of RFC 9457, else the text as it is.
pub(super) fn failure_text(reply: &Reply) -> String {
    reply.words(&["detail"])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_has_the_form_of_the_document_s_example_and_keeps_its_spaces() {
        let text = |text: &str| Some(text.to_owned());
        let mut phone = Phone {
            phone: "+93701234567".to_owned(),
            a: text("Mr. "),
            b: text("Smith "),
            c: text("2020-02-23 18:00"),
            d: text("12.34"),
            e: text("restaurant Blue Oyster"),
            callback_data: None,
        };
        let mut expected = json!({
            "phone": "+93701234567",
            "a": "Mr. ",
            "b": "Smith ",
            "c": "2020-02-23 18:00",
            "d": "12.34",
            "e": "restaurant Blue Oyster"
        });
        assert_eq!(serde_json::to_value(&phone).expect("JSON"), expected);
        // Empty differs from absent: it clears the column.
        (phone.a, phone.callback_data) = (text(""), text("id-7"));
        (expected["a"], expected["callback_data"]) = (json!(""), json!("id-7"));
        assert_eq!(serde_json::to_value(&phone).expect("JSON"), expected);
    }

    #[test]
    fn every_number_of_a_reason_has_its_name_and_an_unknown_one_stays_readable() {
        for (number, expected) in [
            (1, UnsubscribeReason::NeverSubscribed),
            (2, UnsubscribeReason::TooManyMessages),
            (3, UnsubscribeReason::NotInterested),
            (4, UnsubscribeReason::Incomprehensible),
            (5, UnsubscribeReason::DislikesCompany),
            (6, UnsubscribeReason::Other),
            (7, UnsubscribeReason::Unspecified),
        ] {
            let stored: StoredPhone =
                serde_json::from_value(json!({"id": 12344, "unsubscribe_reason": number})).expect("an entry");
            let contact = stored.into_contact("accounts/phones", Some("12344"));
            assert_eq!((contact.unsubscribe_reason(), contact.vendor_unsubscribe_reason), (expected, Some(number)));
        }
    }

    #[test]
    fn missing_members_are_absent() {
        let stored: StoredPhone = serde_json::from_value(
            json!({"phone": "+93701234567", "a": null, "subscribed_at": null, "unsubscribed_at": 0}),
        )
        .expect("an entry");
        let expected = Contact {
            name: "accounts/phones/contacts/12344".to_owned(),
            phone_number: Some("+93701234567".to_owned()),
            vendor_options: Some(VendorOptions::Lox24(Lox24Contact::default())),
            ..Contact::default()
        };
        assert_eq!(stored.into_contact("accounts/phones", Some("12344")), expected);
    }
}
