//! Contacts.

use jiff::civil::Date;
use prost_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    api::pb::{self, SmsPartnerContact, contact::VendorOptions},
    request::{check::to_e164, names},
    vendors::kit::lenient::{Id, Lenient, Object},
};

/// The settable members of a contact.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Details<'a> {
    pub(crate) phone_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) firstname: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lastname: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) custom1: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) custom2: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) custom3: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) custom4: Option<&'a str>,
}

/// The body of `POST /contact/add`, beside the key.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Add<'a> {
    pub(crate) group_id: &'a str,
    pub(crate) contact: Details<'a>,
}

/// The body of `POST /contact/update`, beside the key.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Update<'a> {
    pub(crate) contact_id: &'a str,
    pub(crate) contact: Details<'a>,
}

/// The body of `POST /contact/delete`, beside the key.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Delete<'a> {
    pub(crate) contact_id: &'a str,
}

/// The answer to an addition, an update and a look-up.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Answer {
    contact: Object<Contact>,
}

impl Answer {
    pub(crate) fn into_contact(self) -> Contact {
        self.contact.0.unwrap_or_default()
    }
}

/// A contact in an answer. A look-up has other names for the number and the short address than the rest.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Contact {
    pub(crate) contact_id: Id,
    phone: Lenient<String>,
    phone_number: Lenient<String>,
    firstname: Lenient<String>,
    lastname: Lenient<String>,
    date: Lenient<String>,
    url: Lenient<String>,
    short_url: Lenient<String>,
    short_url_partnr: Lenient<String>,
    custom1: Lenient<String>,
    custom2: Lenient<String>,
    custom3: Lenient<String>,
    custom4: Lenient<String>,
    created_at: Lenient<Timestamp>,
    stop_sms: Lenient<bool>,
    group_id: Id,
}

impl Contact {
    /// Returns whether the contact is empty: every contact has a number.
    pub(crate) fn is_empty(&self) -> bool {
        [&self.phone, &self.phone_number].iter().all(|number| number.0.as_deref().is_none_or(str::is_empty))
    }

    pub(crate) fn into_contact(self, account: &str, name: String) -> pb::Contact {
        // SMSPartner writes absent values as empty strings.
        let some = |text: Lenient<String>| text.0.filter(|text| !text.is_empty());
        let options = SmsPartnerContact {
            date: some(self.date).map(day),
            url: some(self.url),
            custom1: some(self.custom1),
            custom2: some(self.custom2),
            custom3: some(self.custom3),
            custom4: some(self.custom4),
            short_url: some(self.short_url).or_else(|| some(self.short_url_partnr)),
            stop_sms: self.stop_sms.0,
        };
        let groups = self.group_id.0.map(|id| names::child(account, "groups", &id));
        pb::Contact {
            name,
            phone_number: some(self.phone).or_else(|| some(self.phone_number)).map(to_e164),
            given_name: some(self.firstname),
            family_name: some(self.lastname),
            groups: groups.into_iter().collect(),
            create_time: self.created_at.0,
            vendor_options: (options != SmsPartnerContact::default()).then_some(VendorOptions::Smspartner(options)),
            ..pb::Contact::default()
        }
    }
}

/// Converts a day to `YYYY-MM-DD`, the form on the pages; one of their samples has `12-06-2020`. Anything else stays as
/// it is.
fn day(text: String) -> String {
    Date::strptime("%d-%m-%Y", &text).map_or(text, |date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendor_s_contact_comes_through_and_an_empty_text_is_absent() {
        let read = |json: &str| {
            let answer: Answer = serde_json::from_str(json).expect(json);
            answer.into_contact().into_contact("accounts/acme", "accounts/acme/contacts/C".to_owned())
        };
        let sample = read(
            r#"{"success": true, "code": 200, "contact": {"contactId": "C", "phone": "+33600000000", "firstname": "",
                "lastname": "", "url": "", "shortUrl": "", "date": "", "custom1": "", "custom2": "", "custom3": "",
                "custom4": "", "createdAt": "2020-10-02T16:40:05+02:00", "stopSms": false, "groupId": 6363}}"#,
        );
        let expected = pb::Contact {
            name: "accounts/acme/contacts/C".to_owned(),
            phone_number: Some("+33600000000".to_owned()),
            groups: vec!["accounts/acme/groups/6363".to_owned()],
            create_time: Some(Timestamp { seconds: 1_601_649_605, nanos: 0 }),
            vendor_options: Some(VendorOptions::Smspartner(SmsPartnerContact {
                stop_sms: Some(false),
                ..SmsPartnerContact::default()
            })),
            ..pb::Contact::default()
        };
        assert_eq!(sample, expected);
        let name = "accounts/acme/contacts/C".to_owned();
        for json in [r#"{"contact": null}"#, "{}", r#"{"contact": {"phone": "", "url": null}}"#] {
            assert_eq!(read(json), pb::Contact { name: name.clone(), ..pb::Contact::default() }, "{json}");
        }
    }

    #[test]
    fn a_day_has_one_form_whichever_it_came_in() {
        for (text, expected) in
            [("12-06-2020", "2020-06-12"), ("2020-06-12", "2020-06-12"), ("32-06-2020", "32-06-2020"), ("x", "x")]
        {
            assert_eq!(day(text.to_owned()), expected);
        }
    }
}
