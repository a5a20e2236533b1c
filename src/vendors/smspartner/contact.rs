//! ContactService at SMSPartner, which cannot list contacts. A contact is in exactly one group, to which it was added.

use async_trait::async_trait;

use super::{SmsPartner, get, post, wire::contact};
use crate::{
    api::{
        ContactService,
        pb::{
            Contact, CreateContactRequest, CreateContactResponse, DeleteContactRequest, DeleteContactResponse,
            GetContactRequest, GetContactResponse, SmsPartnerContact, UpdateContactRequest, UpdateContactResponse,
            contact::VendorOptions,
        },
    },
    call::{Call, Credential},
    error::{Error, Reason},
    request::{
        check::{Check, SET_BY_VENDOR},
        names,
    },
    vendors::kit,
};

const CONTACT: &str = "accounts/*/contacts/*";

/// The maximum number of characters of a first and of a last name.
const NAME: usize = 32;

#[async_trait]
impl ContactService for SmsPartner {
    async fn create_contact(&self, call: &Call, request: CreateContactRequest) -> Result<CreateContactResponse, Error> {
        let CreateContactRequest { parent, contact } = request;
        let given = contact.unwrap_or_default();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let contact = details(&mut check, &given);
        let group_id = match &given.groups[..] {
            [group] => check.id_in(group, &self.name, "groups", "contact.groups[0]"),
            _ => {
                check.fault("contact.groups", "must be exactly one: SMSPartner keeps a contact in one group");
                String::new()
            }
        };
        check.done()?;
        let credential = Credential::of(call, &self.api_key)?;
        let request = post("POST /contact/add", credential, contact::Add { group_id: &group_id, contact })?;
        let reply = self.ask(call, &request, credential, adding).await?;
        let added = reply.object::<contact::Answer>()?.into_contact();
        let Some(id) = &added.contact_id.0 else {
            return Err(reply.unreadable("it has no contactId"));
        };
        let name = names::child(&self.name, "contacts", id);
        // The answer does not repeat the group.
        let groups = vec![names::child(&self.name, "groups", &group_id)];
        let contact = Contact { groups, ..added.into_contact(&self.name, name) };
        Ok(CreateContactResponse { contact: Some(contact) })
    }

    async fn get_contact(&self, call: &Call, request: GetContactRequest) -> Result<GetContactResponse, Error> {
        let GetContactRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, CONTACT, "name");
        check.done()?;
        let credential = Credential::of(call, &self.api_key)?;
        let request = get("GET /contact/detail", credential).query("contactId", id);
        let reply = self.ask(call, &request, credential, by_id).await?;
        let contact = reply.object::<contact::Answer>()?.into_contact();
        if contact.is_empty() {
            return Err(reply.unreadable("it has no contact"));
        }
        Ok(GetContactResponse { contact: Some(contact.into_contact(&self.name, name)) })
    }

    async fn update_contact(&self, call: &Call, request: UpdateContactRequest) -> Result<UpdateContactResponse, Error> {
        let UpdateContactRequest { contact } = request;
        let given = contact.unwrap_or_default();
        let mut check = Check::new();
        let id = check.id(&given.name, CONTACT, "contact.name");
        let contact = details(&mut check, &given);
        check.absent([(!given.groups.is_empty(), "contact.groups")], "cannot be changed at SMSPartner");
        check.done()?;
        let credential = Credential::of(call, &self.api_key)?;
        let request = post("POST /contact/update", credential, contact::Update { contact_id: &id, contact })?;
        let contact = self.ask(call, &request, credential, by_id).await?.object::<contact::Answer>()?.into_contact();
        // The answer may lack the contact, which then is the one sent.
        let contact = if contact.is_empty() { given } else { contact.into_contact(&self.name, given.name) };
        Ok(UpdateContactResponse { contact: Some(contact) })
    }

    async fn delete_contact(&self, call: &Call, request: DeleteContactRequest) -> Result<DeleteContactResponse, Error> {
        let DeleteContactRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, CONTACT, "name");
        check.done()?;
        let credential = Credential::of(call, &self.api_key)?;
        let request = post("POST /contact/delete", credential, contact::Delete { contact_id: &id })?;
        self.ask(call, &request, credential, by_id).await?;
        Ok(DeleteContactResponse {})
    }
}

/// Checks a contact, the field `contact` of a request, and returns SMSPartner's form of it. The operations themselves
/// check name and groups. An update requires the number as well: no page or sample omits it.
fn details<'a>(check: &mut Check, contact: &'a Contact) -> contact::Details<'a> {
    kit::contact::check_contact(check, contact);
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
        groups: _,
        subscribe_time: _,
        unsubscribe_time: _,
        unsubscribe_reason: _,
        vendor_unsubscribe_reason: _,
        vendor_gender: _,
        organization,
        title,
        notes,
        create_time: _,
        update_time: _,
        vendor_options,
    } = contact;
    check.absent(
        [
            (email.is_some(), "contact.email"),
            (*gender != 0, "contact.gender"),
            (fax.is_some(), "contact.fax"),
            (address.is_some(), "contact.address"),
            (city.is_some(), "contact.city"),
            (province.is_some(), "contact.province"),
            (postal_code.is_some(), "contact.postal_code"),
            (birth_date.is_some(), "contact.birth_date"),
            (organization.is_some(), "contact.organization"),
            (title.is_some(), "contact.title"),
            (notes.is_some(), "contact.notes"),
        ],
        "is not supported by SMSPartner",
    );
    let number = phone_number.as_deref().unwrap_or_default();
    check.phone_number(number, || "contact.phone_number".to_owned());
    check.at_most(given_name.as_deref().unwrap_or_default(), NAME, "contact.given_name");
    check.at_most(family_name.as_deref().unwrap_or_default(), NAME, "contact.family_name");
    let common = contact::Details {
        phone_number: number,
        firstname: given_name.as_deref(),
        lastname: family_name.as_deref(),
        ..contact::Details::default()
    };
    match vendor_options {
        Some(VendorOptions::Smspartner(options)) => with_options(check, options, common),
        _ => common,
    }
}

/// Checks the fields of a contact that only SMSPartner has, and adds them. An empty date or address clears it.
fn with_options<'a>(
    check: &mut Check,
    options: &'a SmsPartnerContact,
    common: contact::Details<'a>,
) -> contact::Details<'a> {
    let SmsPartnerContact { date, url, custom1, custom2, custom3, custom4, short_url, stop_sms } = options;
    if let Some(date) = date.as_deref().filter(|date| !date.is_empty()) {
        check.date(date, "contact.smspartner.date");
    }
    if let Some(url) = url.as_deref().filter(|url| !url.is_empty()) {
        check.http_url(url, "contact.smspartner.url");
    }
    check.absent(
        [(short_url.is_some(), "contact.smspartner.short_url"), (stop_sms.is_some(), "contact.smspartner.stop_sms")],
        SET_BY_VENDOR,
    );
    contact::Details {
        date: date.as_deref(),
        url: url.as_deref(),
        custom1: custom1.as_deref(),
        custom2: custom2.as_deref(),
        custom3: custom3.as_deref(),
        custom4: custom4.as_deref(),
        ..common
    }
}

/// Returns the meaning of the codes of an addition. That 404 is the group is a guess: the page does not have it, those
/// of the other operations do.
fn adding(code: i64) -> Option<(Reason, &'static str)> {
    match code {
        404 => Some((Reason::ResourceNotFound, "SMSPartner does not know the group")),
        code => of_contacts(code),
    }
}

fn by_id(code: i64) -> Option<(Reason, &'static str)> {
    match code {
        404 => Some((Reason::ResourceNotFound, "SMSPartner does not know the contact")),
        code => of_contacts(code),
    }
}

fn of_contacts(code: i64) -> Option<(Reason, &'static str)> {
    match code {
        1 | 2 => Some((Reason::VendorRefused, "SMSPartner misses something in the request")),
        15 => Some((Reason::ResourceExists, "the number is in the group already")),
        _ => None,
    }
}
