//! ContactService at LOX24, where a contact is an entry of a phone list.

use tonic::{Request, Response, Status};

use super::{CALLBACK_DATA, Lox24, wire};
use crate::{
    check::Check,
    http::Call,
    pb::{
        Contact, Gender, Lox24Contact, UpdateContactRequest, UpdateContactResponse, contact::VendorOptions,
        contact_service_server::ContactService,
    },
    vendors::address_book,
};

/// The most characters of a column.
const COLUMN: usize = 1530;

#[tonic::async_trait]
impl ContactService for Lox24 {
    async fn update_contact(
        &self,
        request: Request<UpdateContactRequest>,
    ) -> Result<Response<UpdateContactResponse>, Status> {
        let (_, extensions, UpdateContactRequest { contact }) = request.into_parts();
        let mut check = Check::new();
        let (id, phone) = phone(contact.unwrap_or_default(), &mut check);
        check.done()?;
        let call = Call::new("PUT /phones/{id}").id(&id).json(&phone)?;
        let stored: wire::StoredPhone = self.call(&extensions, call).await?.json()?;
        Ok(Response::new(UpdateContactResponse { contact: Some(stored.into_contact(&self.name, &id)) }))
    }
}

/// The id of a contact, and what LOX24 takes of it; the rest is refused.
fn phone(contact: Contact, check: &mut Check) -> (String, wire::Phone) {
    address_book::check_contact(check, &contact);
    let Contact {
        name,
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
    let id = check.id(&name, "accounts/*/contacts/*", "contact.name");
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
        None => Lox24Contact::default(),
        Some(VendorOptions::Lox24(options)) => options,
        Some(VendorOptions::Smspartner(_)) => {
            check.fault("contact.smspartner", "is not supported by LOX24");
            Lox24Contact::default()
        }
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
    (id, wire::Phone { phone, a, b, c, d, e, callback_data })
}
