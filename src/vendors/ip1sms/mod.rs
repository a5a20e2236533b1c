//! IP1SMS (`api.ip1sms.com`, REST API V1), after its document: the settings of the account's virtual phone; and, after
//! the vendor's manual of the same API and its official clients, messages, contacts, groups and the stop list.
//!
//! | file | content |
//! |---|---|
//! | `mod.rs` | authentication of calls and judging of answers; NumberService |
//! | `message.rs` | MessageService |
//! | `contact.rs` | ContactService |
//! | `group.rs` | GroupService |
//! | `stop_list.rs` | StopListService |
//! | `webhook.rs` | what IP1SMS pushes |
//! | `wire/` | the JSON |
//!
//! The document does not describe authentication. The vendor's manuals of this API use the account's id and an API key
//! by HTTP Basic (`username` and `api_key`); its newer samples call the siblings of this operation with a bearer token
//! (`token`). An account is configured with one of the two. A caller may send either in `smsmux-credential`:
//! `account:key` is for Basic, and a credential without a colon is a token, for no bearer token contains one (RFC
//! 6750).
//!
//! `docs/vendors/ip1sms.md` has the facts, their sources and what is guessed.

mod contact;
#[cfg(feature = "fuzzing")]
pub(super) mod fuzzing;
mod group;
mod message;
mod stop_list;
mod webhook;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    api::{
        NumberService, Vendor, offers,
        pb::{PhoneServiceSettings, UpdatePhoneServiceSettingsRequest, UpdatePhoneServiceSettingsResponse},
    },
    call::{Call, Credential},
    config::{AccountConfig, Keys, Login, Problems},
    error::{Error, Reason},
    request::check::Check,
    vendors::kit::{Client, Refusals, Reply, Request},
};

/// The documented address.
const BASE_URL: &str = "https://api.ip1sms.com";

/// The statuses by which IP1SMS rejects: those of its manual. The document has no errors at all.
const REFUSALS: Refusals = Refusals::of(&[
    (400, Reason::VendorRefused, "IP1SMS rejected the request; vendor_message may have the reason"),
    (401, Reason::AccountCredentialRefused, ""),
    // The vendor uses 403 in this API for one cause: the account cannot pay, and a virtual phone costs money. Should it
    // mean something else somewhere, the error also has the vendor's text.
    (403, Reason::NoCredit, "the IP1SMS account has not enough credit"),
    (404, Reason::ResourceNotFound, "IP1SMS does not know the resource"),
]);

/// One account at IP1SMS.
#[derive(Debug)]
pub struct Ip1Sms {
    /// `accounts/se`.
    name: String,
    http: Client,
    /// `account:key`, or a token.
    credential: SecretString,
    /// The maximum number of requests of one send in flight.
    parallel_requests: usize,
}

offers!(Ip1Sms {
    ContactService { CreateContact, GetContact, UpdateContact, ListContacts, DeleteContact },
    GroupService { CreateGroup, GetGroup, UpdateGroup, DeleteGroup, ListGroups, AddGroupMember, RemoveGroupMember },
    MessageService { SendMessage, GetMessage, ListVendorMessages },
    NumberService { UpdatePhoneServiceSettings },
    StopListService { CreateStopListEntry, ListStopListEntries, DeleteStopListEntry },
}, pushes: Webhook, shows: http);

/// Reads an account's keys: `username` and `api_key`, or `token`; `parallel_requests`; and those of every account.
pub fn connect(account: &mut AccountConfig, problems: &mut Problems) -> Option<Arc<dyn Vendor>> {
    let http = super::client(account, BASE_URL, &REFUSALS, problems);
    let credential = credential(&mut account.keys, problems);
    // A send is at most ten requests, unless its text is long.
    let parallel_requests = super::kit::batch::parallel_requests(account, 4, problems);
    let name = format!("accounts/{}", account.id);
    Some(Arc::new(Ip1Sms { name, http: http?, credential: credential?, parallel_requests }))
}

/// Reads the keys into one text, in the form of a caller's credential; `None` after the problem is recorded.
fn credential(keys: &mut Keys, problems: &mut Problems) -> Option<SecretString> {
    match keys.login("username", "api_key", "token", problems)? {
        Login::Named(username, _) if username.is_empty() || username.contains(':') => {
            keys.problem("username", "must be an account's id such as ip1-12345, without a colon", problems);
            None
        }
        Login::Named(username, api_key) => Some(format!("{username}:{}", api_key.expose_secret()).into()),
        Login::Token(token) if token.expose_secret().contains(':') => {
            keys.problem("token", "must have no colon; account and key are username and api_key", problems);
            None
        }
        Login::Token(token) => Some(token),
    }
}

/// Authenticates a call with account and key by HTTP Basic, else with a bearer token.
fn sign(request: Request, credential: &SecretString) -> Request {
    match credential.expose_secret().split_once(':') {
        Some((username, api_key)) => request.basic(username, &api_key.into()),
        None => request.bearer(credential),
    }
}

#[async_trait]
impl NumberService for Ip1Sms {
    async fn update_phone_service_settings(
        &self,
        call: &Call,
        request: UpdatePhoneServiceSettingsRequest,
    ) -> Result<UpdatePhoneServiceSettingsResponse, Error> {
        let UpdatePhoneServiceSettingsRequest { name, settings } = request;
        let mut check = Check::new();
        check.account(&name, "name");
        check.that(settings.is_some(), "settings", "is required");
        let PhoneServiceSettings { email, plain_email, callback_url } = settings.unwrap_or_default();
        if let Some(email) = &email {
            // Omitting it would clear it.
            check.required(email, "settings.email");
            check.email(email, "settings.email");
        }
        if let Some(url) = &callback_url {
            check.http_url(url, "settings.callback_url");
        }
        check.done()?;
        let settings = wire::Settings { email: email.as_deref(), plain_email, callback_url: callback_url.as_deref() };
        // HTTP permits repeating a PUT. As this one replaces everything, a repetition could undo another client's
        // change in between: it is a write like others.
        let request = Request::new("PUT /api/me/services/phone").json(&settings)?;
        let reply = self.exchange(call, request).await?;
        let phone = reply.object::<wire::Phone>()?;
        if phone.is_empty() {
            return Err(reply.unreadable("it has no settings"));
        }
        Ok(UpdatePhoneServiceSettingsResponse { phone_service: Some(phone.into()) })
    }
}

impl Ip1Sms {
    /// Makes a call. Only the vendor's acceptance is returned; everything else is an error.
    async fn exchange(&self, call: &Call, request: Request) -> Result<Reply, Error> {
        let credential = Credential::of(call, &self.credential)?;
        let reply = self.http.send(call, &sign(request, credential.secret)).await?;
        self.http.note(call, REFUSALS.judge(reply, credential.refused(), |reply| reply.words(wire::WORDS)))
    }

    /// Makes a call whose answer is empty, or the changed resource with its id.
    async fn change(&self, call: &Call, request: Request) -> Result<(), Error> {
        let reply = self.exchange(call, request).await?;
        match reply.text() {
            "" => Ok(()),
            _ if reply.object::<wire::Changed>()?.id.0.is_some() => Ok(()),
            _ => Err(reply.unreadable("it has no id")),
        }
    }
}

/// Parses the id of a resource of IP1SMS, which is a number. Any other text in its place could be the address of
/// another operation; for an empty one the violation is recorded already.
fn number(check: &mut Check, id: &str, field: &str) -> u64 {
    let number = if id.bytes().all(|b| b.is_ascii_digit()) { id.parse().ok() } else { None };
    check.that(number.is_some() || id.is_empty(), field, "must end in a number, as all names at IP1SMS do");
    number.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> (Option<SecretString>, Vec<String>) {
        let mut problems = Problems::new();
        let mut keys = Keys::new("accounts.virtual", toml.parse().expect("TOML"));
        let credential = credential(&mut keys, &mut problems);
        (credential, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn an_account_signs_in_one_way_and_no_other() {
        for (good, text) in [("username = 'ip1-12345'\napi_key = 'k3:y'", "ip1-12345:k3:y"), ("token = 'k3y'", "k3y")] {
            let (credential, problems) = read(good);
            assert!(problems.is_empty(), "{problems:?}");
            let credential = credential.expect("a credential");
            assert_eq!(credential.expose_secret(), text);
            assert!(!format!("{credential:?}").contains("k3"));
        }
        for (bad, path) in [
            ("", "username"),
            ("api_key = 'k3y'", "username"),
            ("username = 'ip1-12345'", "api_key"),
            ("username = 'ip1-12345'\napi_key = 'k3y'\ntoken = 't'", "token"),
            ("username = 'ip1-12345'\ntoken = 't'", "token"),
            ("token = 'ip1-12345:k3y'", "token"),
            ("username = 'a:b'\napi_key = 'k3y'", "username"),
            ("username = ''\napi_key = 'k3y'", "username"),
            ("username = 'ip1-12345'\napi_key = ''", "api_key"),
        ] {
            let (credential, problems) = read(bad);
            assert!(credential.is_none(), "{bad}");
            assert!(
                matches!(&problems[..], [one] if one.starts_with(&format!("accounts.virtual.{path}: "))),
                "{bad}: {problems:?}"
            );
        }
    }
}
