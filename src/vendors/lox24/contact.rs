//! ContactService at LOX24, where a contact is an entry of exactly one phone list. Its id is unique in the account.

use async_trait::async_trait;

use super::{CALLBACK_DATA, Lox24, TotalUnknown, wire};
use crate::{
    api::{
        ContactService,
        pb::{
            Contact, CreateContactRequest, CreateContactResponse, Gender, ListContactsRequest, ListContactsResponse,
            Lox24Contact, UpdateContactRequest, UpdateContactResponse, contact::VendorOptions,
        },
    },
    call::Call,
    error::Error,
    request::{
        check::Check,
        page::{Listed, Page},
    },
    vendors::kit::{Request, contact},
};

/// The maximum number of characters of a column.
const COLUMN: usize = 1530;

#[async_trait]
impl ContactService for Lox24 {
    async fn create_contact(&self, call: &Call, request: CreateContactRequest) -> Result<CreateContactResponse, Error> {
        let CreateContactRequest { parent, contact } = request;
        let mut contact = contact.unwrap_or_default();
        let groups = std::mem::take(&mut contact.groups);
        let mut check = Check::new();
        check.account(&parent, "parent");
        let group = match &groups[..] {
            [group] => check.id_in(group, &self.name, "groups", "contact.groups[0]"),
            _ => {
                check.fault("contact.groups", "must name exactly one group: LOX24 keeps a contact in one");
                String::new()
            }
        };
        let phone = phone(contact, &mut check);
        check.done()?;
        let request = Request::new("POST /groups/{id}/phones").id(&group).json(&phone)?;
        let reply = self.exchange(call, request).await?;
        let stored: wire::StoredPhone = reply.object()?;
        if stored.id.0.is_none() {
            return Err(reply.unreadable("it has no id"));
        }
        let contact = Contact { groups, ..stored.into_contact(&self.name, None) };
        Ok(CreateContactResponse { contact: Some(contact) })
    }

    async fn list_contacts(&self, call: &Call, request: ListContactsRequest) -> Result<ListContactsResponse, Error> {
        let ListContactsRequest { parent, page_size, page_token, group } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListContacts", &parent, &group));
        let id = check.id_in(&group, &self.name, "groups", "group");
        check.done()?;
        // The vendor's page documents neither `page` nor a total here. So a list without a total is complete: a second
        // request would return it again. A list with a total is paged as usual.
        let request = Request::new("GET /groups/{id}/phones").id(&id);
        let listed = self.list::<wire::StoredPhone>(call, request, &page, TotalUnknown::IsAll).await?;
        let Listed { entries, next_page_token, total_size } = listed;
        let in_group =
            |entry: wire::StoredPhone| Contact { groups: vec![group.clone()], ..entry.into_contact(&self.name, None) };
        let contacts = entries.into_iter().map(in_group).collect();
        Ok(ListContactsResponse { contacts, next_page_token, total_size })
    }

    async fn update_contact(&self, call: &Call, request: UpdateContactRequest) -> Result<UpdateContactResponse, Error> {
        let UpdateContactRequest { contact } = request;
        let mut check = Check::new();
        let contact = contact.unwrap_or_default();
        let id = check.id(&contact.name, "accounts/*/contacts/*", "contact.name");
        let phone = phone(contact, &mut check);
        check.done()?;
        let request = Request::new("PUT /phones/{id}").id(&id).json(&phone)?;
        let reply = self.exchange(call, request).await?;
        let stored: wire::StoredPhone = reply.object()?;
        if stored.is_empty() {
            return Err(reply.unreadable("it has no contact"));
        }
        Ok(UpdateContactResponse { contact: Some(stored.into_contact(&self.name, Some(&id))) })
    }
}

/// Returns LOX24's form of a contact; rejects other fields, groups too.
fn phone(contact: Contact, check: &mut Check) -> wire::Phone {
    contact::check_contact(check, &contact);
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
            (given_name.is_some(), "contact.given_name"),
            (family_name.is_some(), "contact.family_name"),
            (gender != Gender::Unspecified as i32, "contact.gender"),
            (fax.is_some(), "contact.fax"),
            (address.is_some(), "contact.address"),
            (city.is_some(), "contact.city"),
            (province.is_some(), "contact.province"),
            (postal_code.is_some(), "contact.postal_code"),
            (birth_date.is_some(), "contact.birth_date"),
            (!groups.is_empty(), "contact.groups"),
            (organization.is_some(), "contact.organization"),
            (title.is_some(), "contact.title"),
            (notes.is_some(), "contact.notes"),
        ],
        "is not supported by LOX24; its columns are in contact.lox24",
    );
    let phone = phone_number.unwrap_or_default();
    match phone.is_empty() {
        true => check.required(&phone, "contact.phone_number"),
        false => check.phone_number(&phone, || "contact.phone_number".to_owned()),
    }
    let options = match vendor_options {
        Some(VendorOptions::Lox24(options)) => options,
        _ => Lox24Contact::default(),
    };
    let Lox24Contact { a, b, c, d, e, callback_data } = options;
    for (value, limit, field) in [
        (&a, COLUMN, "contact.lox24.a"),
        (&b, COLUMN, "contact.lox24.b"),
        (&c, COLUMN, "contact.lox24.c"),
        (&d, COLUMN, "contact.lox24.d"),
        (&e, COLUMN, "contact.lox24.e"),
        (&callback_data, CALLBACK_DATA, "contact.lox24.callback_data"),
    ] {
        check.at_most(value.as_deref().unwrap_or_default(), limit, field);
    }
    wire::Phone { phone, a, b, c, d, e, callback_data }
}
