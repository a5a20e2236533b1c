//! ContactService at IP1SMS, after the vendor's official client: the document does not cover contacts.

use async_trait::async_trait;

use super::{Ip1Sms, number, wire::contact as wire};
use crate::{
    api::{
        ContactService,
        pb::{
            Contact, CreateContactRequest, CreateContactResponse, DeleteContactRequest, DeleteContactResponse,
            GetContactRequest, GetContactResponse, ListContactsRequest, ListContactsResponse, UpdateContactRequest,
            UpdateContactResponse,
        },
    },
    call::Call,
    error::Error,
    request::{check::Check, page::Page},
    vendors::kit::{Request, contact},
};

const CONTACT: &str = "accounts/*/contacts/*";

#[async_trait]
impl ContactService for Ip1Sms {
    async fn create_contact(&self, call: &Call, request: CreateContactRequest) -> Result<CreateContactResponse, Error> {
        let CreateContactRequest { parent, contact } = request;
        let contact = contact.unwrap_or_default();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let body = new_contact(&mut check, &contact);
        check.done()?;
        let contact = self.contact(call, Request::new("POST /api/contacts").json(&body)?).await?;
        Ok(CreateContactResponse { contact: Some(contact) })
    }

    async fn get_contact(&self, call: &Call, request: GetContactRequest) -> Result<GetContactResponse, Error> {
        let GetContactRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, CONTACT, "name");
        number(&mut check, &id, "name");
        check.done()?;
        // The client puts and deletes at this address, and has a sample of a contact with more than a list has. That
        // GET works here is inferred: the client's own method for it requests a group by mistake.
        let contact = self.contact(call, Request::new("GET /api/contacts/{id}").id(&id)).await?;
        Ok(GetContactResponse { contact: Some(contact) })
    }

    async fn update_contact(&self, call: &Call, request: UpdateContactRequest) -> Result<UpdateContactResponse, Error> {
        let UpdateContactRequest { contact } = request;
        let contact = contact.unwrap_or_default();
        let mut check = Check::new();
        let id = check.id(&contact.name, CONTACT, "contact.name");
        number(&mut check, &id, "contact.name");
        let body = new_contact(&mut check, &contact);
        check.done()?;
        // A PUT replaces the contact: a repetition could undo another client's change in between.
        let request = Request::new("PUT /api/contacts/{id}").id(&id).json(&body)?;
        let contact = self.contact(call, request).await?;
        Ok(UpdateContactResponse { contact: Some(contact) })
    }

    async fn list_contacts(&self, call: &Call, request: ListContactsRequest) -> Result<ListContactsResponse, Error> {
        let ListContactsRequest { parent, page_size, page_token, group } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListContacts", &parent, &group));
        let request = if group.is_empty() {
            Request::new("GET /api/contacts")
        } else {
            let id = check.id_in(&group, &self.name, "groups", "group");
            number(&mut check, &id, "group");
            Request::new("GET /api/groups/{id}/contacts").id(&id)
        };
        check.done()?;
        // The list has no pages: all entries are in one answer.
        let reply = self.exchange(call, request).await?;
        let contacts = reply.list(|contact: wire::Contact| contact.read(&self.name))?;
        let total_size = i32::try_from(contacts.len()).ok();
        let (contacts, next_page_token) = page.of(contacts.into_iter());
        let contacts = contacts.into_iter().flatten().collect();
        Ok(ListContactsResponse { contacts, next_page_token, total_size })
    }

    async fn delete_contact(&self, call: &Call, request: DeleteContactRequest) -> Result<DeleteContactResponse, Error> {
        let DeleteContactRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, CONTACT, "name");
        number(&mut check, &id, "name");
        check.done()?;
        self.change(call, Request::new("DELETE /api/contacts/{id}").id(&id)).await?;
        Ok(DeleteContactResponse {})
    }
}

impl Ip1Sms {
    /// Makes a call whose answer is a contact.
    async fn contact(&self, call: &Call, request: Request) -> Result<Contact, Error> {
        let reply = self.exchange(call, request).await?;
        reply.object::<wire::Contact>()?.read(&self.name).ok_or_else(|| reply.unreadable("it has no id"))
    }
}

/// Checks a contact, the field `contact` of a request, and returns IP1SMS's form of it. Empty is the same as absent: as
/// the whole contact is replaced, both clear.
fn new_contact<'a>(check: &mut Check, contact: &'a Contact) -> wire::NewContact<'a> {
    contact::check_contact(check, contact);
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
    fn given(text: &Option<String>) -> Option<&str> {
        text.as_deref().filter(|text| !text.is_empty())
    }
    let phone = given(phone_number).unwrap_or_default();
    match phone.is_empty() {
        true => check.fault("contact.phone_number", "is required by IP1SMS"),
        false => check.phone_number(phone, || "contact.phone_number".to_owned()),
    }
    let first_name = given(given_name).unwrap_or_default();
    check.that(!first_name.is_empty(), "contact.given_name", "is required by IP1SMS");
    check.email(given(email).unwrap_or_default(), "contact.email");
    check.that(
        groups.is_empty(),
        "contact.groups",
        "must be empty at IP1SMS: AddGroupMember adds a contact to a group",
    );
    check.absent(
        [
            (*gender != 0, "contact.gender"),
            (fax.is_some(), "contact.fax"),
            (address.is_some(), "contact.address"),
            (city.is_some(), "contact.city"),
            (province.is_some(), "contact.province"),
            (postal_code.is_some(), "contact.postal_code"),
            (birth_date.is_some(), "contact.birth_date"),
        ],
        "is not supported by IP1SMS",
    );
    wire::NewContact {
        first_name,
        last_name: given(family_name),
        title: given(title),
        organization: given(organization),
        // The client's own contacts have no plus, in requests and answers.
        phone: phone.trim_start_matches('+'),
        email: given(email),
        notes: given(notes),
    }
}
