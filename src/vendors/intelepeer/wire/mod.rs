//! Parses and builds the JSON of IntelePeer. Pure: the unit tests' samples are the document's.

pub(super) mod message;

use serde::{Deserialize, Serialize};

use crate::{
    api::pb::{Number, ProvisioningState},
    request::check::is_e164,
    vendors::kit::lenient::Lenient,
};

/// The members that may hold the text of a rejection. The document says only that the answer has one; the vendor's
/// other pages show the first two, its own programs `text`.
pub(super) const WORDS: &[&str] = &["error", "detail", "message", "reason", "text", "errors"];

/// The body of `POST /sms/v1/{tn}/webhook`.
#[derive(Debug, Serialize)]
pub(super) struct Webhook<'a> {
    pub(super) webhook: &'a str,
}

/// A number's settings: `GET /sms/v1/{tn}/provision` answers only the state.
#[derive(Debug, Deserialize)]
pub(super) struct NumberInfo {
    #[serde(default)]
    webhook: Lenient<String>,
    #[serde(default)]
    tn_e164: Lenient<String>,
    #[serde(default)]
    provisioning: Option<Provisioning>,
}

#[derive(Debug, Deserialize)]
struct Provisioning {
    #[serde(default)]
    state: Lenient<String>,
}

impl NumberInfo {
    /// Converts to the number of this name; `asked` is the requested number, in case the answer does not repeat it.
    pub(super) fn into_number(self, name: String, asked: String) -> Number {
        let vendor_state = self.provisioning.and_then(|provisioning| provisioning.state.0).unwrap_or_default();
        Number {
            name,
            phone_number: self.tn_e164.0.filter(|number| is_e164(number)).unwrap_or(asked),
            state: state(&vendor_state).into(),
            vendor_state,
            webhook_url: self.webhook.0.unwrap_or_default(),
        }
    }
}

fn state(word: &str) -> ProvisioningState {
    match word.to_ascii_lowercase().as_str() {
        "requested" => ProvisioningState::Requested,
        "provisioning" => ProvisioningState::Provisioning,
        "provisioned" => ProvisioningState::Provisioned,
        "derequested" => ProvisioningState::Derequested,
        "deprovisioning" => ProvisioningState::Deprovisioning,
        "error" => ProvisioningState::Error,
        _ => ProvisioningState::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Number {
        let info: NumberInfo = serde_json::from_str(json).expect(json);
        info.into_number("accounts/us/numbers/+17208675309".to_owned(), "+17208675309".to_owned())
    }

    #[test]
    fn the_document_s_answers_come_through_whole() {
        let number = read(r#"{"provisioning": {"state": "requested"}}"#);
        assert_eq!((number.state(), number.vendor_state.as_str()), (ProvisioningState::Requested, "requested"));
        assert_eq!((number.phone_number.as_str(), number.webhook_url.as_str()), ("+17208675309", ""));

        // With the commas that the document's own text lacks.
        let number = read(
            r#"{"webhook": "https://www.intelepeer.com/", "tn_e164": "+17208675309",
                "provisioning": {"state": "provisioned"}}"#,
        );
        assert_eq!((number.state(), number.vendor_state.as_str()), (ProvisioningState::Provisioned, "provisioned"));
        assert_eq!(number.webhook_url, "https://www.intelepeer.com/");
    }

    #[test]
    fn every_documented_state_is_known_and_another_word_stays_readable() {
        for (word, state) in [
            ("requested", ProvisioningState::Requested),
            ("provisioning", ProvisioningState::Provisioning),
            ("provisioned", ProvisioningState::Provisioned),
            ("derequested", ProvisioningState::Derequested),
            ("deprovisioning", ProvisioningState::Deprovisioning),
            ("error", ProvisioningState::Error),
            ("Provisioned", ProvisioningState::Provisioned),
            ("ported", ProvisioningState::Unspecified),
        ] {
            let number = read(&format!(r#"{{"provisioning": {{"state": "{word}"}}}}"#));
            assert_eq!((number.state(), number.vendor_state.as_str()), (state, word));
        }
    }

    #[test]
    fn missing_members_stay_missing() {
        for json in [
            "{}",
            r#"{"provisioning": null, "webhook": null, "tn_e164": null}"#,
            r#"{"provisioning": {"state": null}}"#,
            r#"{"provisioning": {}, "tn_e164": "7208675309"}"#,
        ] {
            let number = read(json);
            assert_eq!((number.state(), number.vendor_state.as_str()), (ProvisioningState::Unspecified, ""), "{json}");
            assert_eq!((number.phone_number.as_str(), number.webhook_url.as_str()), ("+17208675309", ""), "{json}");
        }
    }
}
