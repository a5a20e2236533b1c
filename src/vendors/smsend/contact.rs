//! ContactService at smSend. It has no way to change a contact.

use async_trait::async_trait;

use super::{NotFound, SmSend, wire};
use crate::{
    api::{
        ContactService,
        pb::{Contact, CreateContactRequest, CreateContactResponse, Gender, GetContactRequest, GetContactResponse},
    },
    call::Call,
    error::Error,
    request::{check::Check, names},
    vendors::kit::{Request, contact},
};

const CONTACT: &str = "accounts/*/contacts/*";

#[async_trait]
impl ContactService for SmSend {
    async fn create_contact(&self, call: &Call, request: CreateContactRequest) -> Result<CreateContactResponse, Error> {
        let CreateContactRequest { parent, contact } = request;
        let contact = contact.unwrap_or_default();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let body = self.new_contact(&mut check, &contact);
        check.done()?;
        let request = Request::new("POST /contact").json(&body)?;
        let reply = self.ask(call, request, NotFound::Credential).await?;
        let name = names::child(&self.name, "contacts", &reply.location_id()?);
        Ok(CreateContactResponse { contact: Some(Contact { name, ..contact }) })
    }

    async fn get_contact(&self, call: &Call, request: GetContactRequest) -> Result<GetContactResponse, Error> {
        let GetContactRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, CONTACT, "name");
        check.done()?;
        let request = Request::new("GET /contact/{contactid}").id(&id);
        let reply = self.ask(call, request, NotFound::Resource).await?;
        let contact = reply.object::<wire::contact::Contact>()?.into_contact(&self.name, name);
        Ok(GetContactResponse { contact: Some(contact) })
    }
}

impl SmSend {
    /// Checks a contact to be created, the field `contact` of a request, and returns smSend's form of it.
    pub(super) fn new_contact<'a>(&self, check: &mut Check, contact: &'a Contact) -> wire::contact::NewContact<'a> {
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
            vendor_options: _,
        } = contact;
        contact::check_contact(check, contact);
        let email = email.as_deref().unwrap_or_default();
        check.required(email, "contact.email");
        check.email(email, "contact.email");
        if let Some(number) = phone_number {
            check.phone_number(number, || "contact.phone_number".to_owned());
        }
        for (value, limit, field) in [
            (given_name, 40, "contact.given_name"),
            (family_name, 40, "contact.family_name"),
            (fax, 32, "contact.fax"),
            (address, 256, "contact.address"),
            (city, 32, "contact.city"),
            (province, 32, "contact.province"),
            (postal_code, 16, "contact.postal_code"),
        ] {
            check.at_most(value.as_deref().unwrap_or_default(), limit, field);
        }
        let gender = Gender::try_from(*gender).unwrap_or_else(|_| {
            check.fault("contact.gender", "unknown value");
            Gender::Unspecified
        });
        let birth_date = birth_date.as_deref().and_then(|date| check.date(date, "contact.birth_date"));
        let groups = groups.iter().enumerate();
        let group_ids =
            groups.map(|(i, group)| check.id_in(group, &self.name, "groups", &format!("contact.groups[{i}]")));
        let group_ids = group_ids.collect();
        check.absent(
            [
                (organization.is_some(), "contact.organization"),
                (title.is_some(), "contact.title"),
                (notes.is_some(), "contact.notes"),
            ],
            "is not supported by smSend",
        );
        wire::contact::NewContact {
            email,
            phone_number: phone_number.as_deref(),
            name: given_name.as_deref(),
            surname: family_name.as_deref(),
            gender: wire::contact::gender_word(gender),
            fax: fax.as_deref(),
            zip: postal_code.as_deref(),
            address: address.as_deref(),
            city: city.as_deref(),
            province: province.as_deref(),
            birthdate: birth_date.map(wire::contact::birth_date),
            group_ids,
        }
    }
}
