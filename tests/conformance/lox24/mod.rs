//! LOX24: UpdateContact after its document, the rest after what else is publicly known of it.

mod account;
mod contact;
mod errors;
mod group;
mod inbox;
mod message;
mod sent_messages;

use libtest_mimic::Trial;
use smsmux::api::pb::{
    Contact, Lox24Contact, UpdateContactRequest, contact::VendorOptions, contact_service_client::ContactServiceClient,
};
use smsmux_sandbox::Recorded;
use tonic::{Request, Status};

use crate::{Case, support::Rig};

pub fn cases() -> Vec<Case> {
    [contact::cases(), group::cases(), account::cases(), message::cases(), sent_messages::cases(), inbox::cases()]
        .into_iter()
        .flatten()
        .collect()
}

pub fn tests() -> Vec<Trial> {
    [
        account::tests(),
        contact::tests(),
        errors::tests(),
        group::tests(),
        inbox::tests(),
        message::tests(),
        sent_messages::tests(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

const PUT: &str = "PUT /phones";

/// The entry that the stand-in starts with, which is the one of the document's samples.
const NAME: &str = "accounts/lox24/contacts/12344";

/// That a request carries what every one must.
#[track_caller]
fn signed(request: &Recorded) {
    signed_for("application/json", request);
}

/// The same for a list, which tells its total as JSON-LD alone.
#[track_caller]
fn signed_list(request: &Recorded) {
    signed_for("application/ld+json", request);
}

#[track_caller]
fn signed_for(accept: &str, request: &Recorded) {
    assert_eq!(request.header("x-lox24-auth-token"), Some("1234567:sandbox-key"));
    assert_eq!(request.header("accept"), Some(accept));
    assert_eq!(request.header("content-type"), Some("application/json"));
}

/// The document's own example, with everything else that can be set.
fn example() -> Contact {
    let text = |text: &str| Some(text.to_owned());
    Contact {
        name: NAME.to_owned(),
        phone_number: text("+93701234567"),
        vendor_options: Some(VendorOptions::Lox24(Lox24Contact {
            a: text("Mr. "),
            b: text("Smith "),
            c: text("2020-02-23 18:00"),
            d: text("12.34"),
            e: text("restaurant Blue Oyster"),
            callback_data: text("order-42"),
        })),
        ..Contact::default()
    }
}

async fn update(rig: &Rig, contact: Contact) -> Result<Contact, Status> {
    send(rig, Request::new(UpdateContactRequest { contact: Some(contact) })).await
}

async fn send(rig: &Rig, request: Request<UpdateContactRequest>) -> Result<Contact, Status> {
    let answer = ContactServiceClient::new(rig.channel.clone()).update_contact(request).await?;
    Ok(answer.into_inner().contact.expect("a contact"))
}
