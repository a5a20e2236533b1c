//! Contacts, as `POST /contact` and `POST /list/{campaign_id}/contact` take them.

use jiff::civil::Date;
use serde::Serialize;

use crate::{
    check::Check,
    pb::{Contact, Gender},
};

/// A contact to create.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewContact<'a> {
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    surname: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gender: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fax: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    province: Option<&'a str>,
    /// Of the six forms that the document lists, the one that no other can be taken for.
    #[serde(skip_serializing_if = "Option::is_none")]
    birthdate: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group_ids: Vec<String>,
}

/// Checks a contact for `account` (`accounts/acme`) and turns it into what smSend takes. `field` is where it is in the
/// request, for example `contact`.
pub(crate) fn new_contact<'a>(check: &mut Check, account: &str, contact: &'a Contact, field: &str) -> NewContact<'a> {
    let Contact {
        name: _,
        phone_number,
        email,
        given_name,
        family_name,
        gender,
        fax,
        address,
        city,
        province,
        postal_code,
        birth_date,
        groups,
        subscribe_time,
        unsubscribe_time,
        unsubscribe_reason,
        vendor_unsubscribe_reason,
        vendor_options,
    } = contact;
    let path = |name: &str| format!("{field}.{name}");
    for (set, name) in [
        (subscribe_time.is_some(), "subscribe_time"),
        (unsubscribe_time.is_some(), "unsubscribe_time"),
        (*unsubscribe_reason != 0, "unsubscribe_reason"),
        (vendor_unsubscribe_reason.is_some(), "vendor_unsubscribe_reason"),
        (vendor_options.is_some(), "lox24"),
    ] {
        check.that(!set, path(name), "is not supported by smSend");
    }
    match email.as_deref() {
        None | Some("") => check.fault(path("email"), "is required"),
        Some(email) => check.email(email, &path("email")),
    }
    if let Some(number) = phone_number {
        check.phone_number(number, || path("phone_number"));
    }
    for (value, limit, name) in [
        (given_name, 40, "given_name"),
        (family_name, 40, "family_name"),
        (fax, 32, "fax"),
        (address, 256, "address"),
        (city, 32, "city"),
        (province, 32, "province"),
        (postal_code, 16, "postal_code"),
    ] {
        check.at_most(value.as_deref().unwrap_or_default(), limit, &path(name));
    }
    let gender = match Gender::try_from(*gender) {
        Ok(Gender::Unspecified) => None,
        Ok(Gender::Female) => Some("f"),
        Ok(Gender::Male) => Some("m"),
        Err(_) => {
            check.fault(path("gender"), "is no known value");
            None
        }
    };
    let birthdate = birth_date.as_deref().and_then(|text| {
        let date = Date::strptime("%Y-%m-%d", text).ok().filter(|date| date.to_string() == text);
        check.that(date.is_some(), path("birth_date"), "must be a date of the form YYYY-MM-DD");
        date.map(|date| date.strftime("%Y%m%d").to_string())
    });
    let group_ids = groups.iter().enumerate();
    let group_ids = group_ids.map(|(i, name)| check.id_in(name, account, "groups", &path(&format!("groups[{i}]"))));
    NewContact {
        group_ids: group_ids.collect(),
        email: email.as_deref().unwrap_or_default(),
        phone_number: phone_number.as_deref(),
        name: given_name.as_deref(),
        surname: family_name.as_deref(),
        gender,
        fax: fax.as_deref(),
        zip: postal_code.as_deref(),
        address: address.as_deref(),
        city: city.as_deref(),
        province: province.as_deref(),
        birthdate,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pb::{Lox24Contact, contact::VendorOptions};

    fn full() -> Contact {
        let text = |text: &str| Some(text.to_owned());
        Contact {
            name: "ignored".to_owned(),
            phone_number: text("+39349123456789"),
            email: text("alessandro.magno@macedonia.com"),
            given_name: text("Alessandro"),
            family_name: text("Magno"),
            gender: Gender::Male.into(),
            fax: text("+390000000000"),
            address: text("via viotta"),
            city: text("Pella"),
            province: text("MK"),
            postal_code: text("00100"),
            birth_date: text("2017-05-11"),
            groups: vec!["accounts/acme/groups/GRP1".to_owned(), "accounts/acme/groups/GRP2".to_owned()],
            ..Contact::default()
        }
    }

    #[test]
    fn a_contact_has_the_keys_of_the_document_and_what_is_absent_stays_absent() {
        let (mut check, contact) = (Check::new(), full());
        let body = new_contact(&mut check, "accounts/acme", &contact, "contact");
        check.done().expect("a good contact");
        let expected = json!({
            "email": "alessandro.magno@macedonia.com",
            "phoneNumber": "+39349123456789",
            "name": "Alessandro",
            "surname": "Magno",
            "gender": "m",
            "fax": "+390000000000",
            "zip": "00100",
            "address": "via viotta",
            "city": "Pella",
            "province": "MK",
            "birthdate": "20170511",
            "groupIds": ["GRP1", "GRP2"]
        });
        assert_eq!(serde_json::to_value(&body).expect("JSON"), expected);

        let (mut check, contact) = (Check::new(), Contact { email: full().email, ..Contact::default() });
        let body = new_contact(&mut check, "accounts/acme", &contact, "contact");
        check.done().expect("a good contact");
        assert_eq!(serde_json::to_value(&body).expect("JSON"), json!({"email": "alessandro.magno@macedonia.com"}));
    }

    #[test]
    fn every_limit_of_the_document_is_kept_and_what_smsend_lacks_is_refused() {
        let long = |count| Some("è".repeat(count));
        let contact = Contact {
            phone_number: Some(String::new()),
            email: Some("nobody".to_owned()),
            given_name: long(41),
            family_name: long(41),
            gender: 7,
            fax: long(33),
            address: long(257),
            city: long(33),
            province: long(33),
            postal_code: long(17),
            birth_date: Some("11-05-2017".to_owned()),
            groups: vec!["accounts/other/groups/7".to_owned()],
            subscribe_time: Some(Default::default()),
            unsubscribe_time: Some(Default::default()),
            unsubscribe_reason: 1,
            vendor_unsubscribe_reason: Some(1),
            vendor_options: Some(VendorOptions::Lox24(Lox24Contact::default())),
            ..Contact::default()
        };
        let mut check = Check::new();
        new_contact(&mut check, "accounts/acme", &contact, "contact");
        let details = format!("{:?}", check.done().expect_err("many faults"));
        for field in [
            "phone_number",
            "email",
            "given_name",
            "family_name",
            "gender",
            "fax",
            "address",
            "city",
            "province",
            "postal_code",
            "birth_date",
            "groups[0]",
            "subscribe_time",
            "unsubscribe_time",
            "unsubscribe_reason",
            "vendor_unsubscribe_reason",
            "lox24",
        ] {
            assert!(details.contains(&format!("\"contact.{field}\"")), "{field} in {details}");
        }
        for bad in ["2017-5-11", "2017-02-30", "-017-05-11", "20170511", ""] {
            let mut check = Check::new();
            let contact = Contact { birth_date: Some(bad.to_owned()), ..full() };
            new_contact(&mut check, "accounts/acme", &contact, "contact");
            assert!(check.done().is_err(), "{bad}");
        }
    }
}
