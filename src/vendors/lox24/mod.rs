//! LOX24 (`api.lox24.eu`), after its document `002_de933054f1a7e7ee.txt`, which has one operation: an entry of a phone
//! list, which is a contact here, is updated. Everything else stands on what the vendor's other pages and client are known
//! to say; where that is of medium confidence only, the code says so.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | how calls are authenticated and judged; ContactService |
//! | `account.rs` | AccountService |
//! | `message.rs` | MessageService |
//! | `wire/` | the JSON |
//!
//! LOX24 locks an address out for about ten minutes after three bad logins in a minute. So neither its 401 nor its 429 is
//! ever repeated, and a token that cannot be right is refused before it is sent.

mod account;
mod message;
mod wire;

use std::sync::Arc;

use http::{HeaderName, HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use tonic::{Extensions, Request, Response, Status};

use super::{Vendor, address_book};
use crate::{
    check::Check,
    config::{Account, Problems, Secret},
    credential::Credential,
    error::{Error, Outcome, Reason},
    http::{Call, Http, Reply},
    pb::{
        Contact, Gender, Lox24Contact, UpdateContactRequest, UpdateContactResponse, alias_service_server::AliasService,
        auth_service_server::AuthService, campaign_service_server::CampaignService, contact::VendorOptions,
        contact_service_server::ContactService, group_service_server::GroupService, inbox_service_server::InboxService,
        number_service_server::NumberService, stop_list_service_server::StopListService,
        subaccount_service_server::SubaccountService,
    },
};

/// The documented address.
const BASE_URL: &str = "https://api.lox24.eu";

const TOKEN: HeaderName = HeaderName::from_static("x-lox24-auth-token");

/// What LOX24's support asks for; on every answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-lox24-request-id");

/// The most characters of a column, and of `callback_data`.
const COLUMN: usize = 1530;
const CALLBACK_DATA: usize = 36;

/// One account at LOX24.
#[derive(Debug)]
pub struct Lox24 {
    /// `accounts/phones`.
    name: String,
    http: Http,
    token: SecretString,
}

/// Reads an account's keys: `token`, and those of every account.
pub fn connect(account: &mut Account, problems: &mut Problems) -> Option<Arc<dyn Vendor>> {
    let http = super::http(account, BASE_URL, problems);
    let token = account.keys.required::<Secret>("token", problems).map(Secret::into_inner);
    if token.as_ref().is_some_and(|token| !is_token(token)) {
        account.keys.problem("token", "must be of the form CLIENT_ID:KEY", problems);
    }
    let (http, token) = (http?.judges_429(), token?);
    Some(Arc::new(Lox24 { name: format!("accounts/{}", account.id), http, token }))
}

/// Whether a token has the form `CLIENT_ID:KEY` and fits into a header.
fn is_token(token: &SecretString) -> bool {
    let token = token.expose_secret();
    token.bytes().all(|b| b.is_ascii_graphic())
        && token.split_once(':').is_some_and(|(id, key)| !id.is_empty() && !key.is_empty())
}

impl Lox24 {
    /// Makes a call with the caller's own token if it brought one, else the account's. The answer is LOX24's "yes";
    /// everything else is an error.
    async fn call(&self, extensions: &Extensions, call: Call) -> Result<Reply, Error> {
        let credential = Credential::of(extensions, &self.token)?;
        if !is_token(credential.secret) {
            let text = "the credential in smsmux-credential is not of the form CLIENT_ID:KEY";
            return Err(Error::new(Reason::CallerCredentialRefused, text).outcome(Outcome::NotSent));
        }
        let call = call
            .header(header::ACCEPT, HeaderValue::from_static("application/json"))
            .secret_header(TOKEN, credential.secret);
        let reply = self.http.send(&call).await?;
        let (account, request_id) = (&self.name, reply.header(REQUEST_ID));
        tracing::debug!(account, operation = call.operation(), request_id, "LOX24 names the request");
        judge(reply, credential)
    }
}

fn judge(reply: Reply, credential: Credential<'_>) -> Result<Reply, Error> {
    let (reason, message) = match reply.status() {
        status if status.is_success() => return Ok(reply),
        StatusCode::UNAUTHORIZED => credential.refused(),
        StatusCode::PAYMENT_REQUIRED => (Reason::NoCredit, "the LOX24 account has no funds left"),
        StatusCode::FORBIDDEN => (Reason::VendorDenied, "the LOX24 account is not activated: its support can tell why"),
        StatusCode::NOT_FOUND => (Reason::ResourceNotFound, "LOX24 does not know the resource"),
        StatusCode::TOO_MANY_REQUESTS => (
            Reason::RateLimited,
            "LOX24 has locked this address out, for about ten minutes, because too many logins failed",
        ),
        _ => (Reason::VendorRefused, "LOX24 refused the request; vendor_message has its words"),
    };
    Err(reply.refused(reason, message, &wire::failure_text(&reply)).retry_after(reply.retry_after()))
}

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

impl AuthService for Lox24 {}
impl GroupService for Lox24 {}
impl AliasService for Lox24 {}
impl InboxService for Lox24 {}
impl CampaignService for Lox24 {}
impl SubaccountService for Lox24 {}
impl NumberService for Lox24 {}
impl StopListService for Lox24 {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_client_id_and_a_key() {
        assert!(is_token(&"1234567:e3f3a759b6677959".into()));
        for bad in ["", "1234567", ":key", "1234567:", "1234567:ke y", "1234567:ke\ny", "1234567:clé"] {
            assert!(!is_token(&bad.into()), "{bad:?}");
        }
    }

    #[test]
    fn a_token_of_another_form_is_a_problem_of_the_configuration() {
        let mut problems = Problems::new();
        let table = "[accounts.phones]\nvendor = 'lox24'\ntoken = 'e3f3a759'".parse().expect("TOML");
        crate::vendors::connect(&mut crate::config::Config::new(table, &mut problems), &mut problems);
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems, ["accounts.phones.token: must be of the form CLIENT_ID:KEY"]);
    }
}
