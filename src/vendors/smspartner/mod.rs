//! SMSPartner (`api.smspartner.fr/v1`), after its document, which has one operation: the removal of a number from the
//! stop list. The others are based on what is publicly known of this API beyond the document.
//!
//! | file | content |
//! |---|---|
//! | `mod.rs` | authentication of calls and judging of answers |
//! | `account.rs` | AccountService |
//! | `message.rs`, `send.rs` | MessageService, and the send of it |
//! | `contact.rs` | ContactService |
//! | `group.rs` | GroupService |
//! | `stop_list.rs` | StopListService |
//! | `webhook.rs` | what SMSPartner pushes |
//! | `wire/` | the JSON of all of them, and the verdict, which is in the body |
//!
//! The head of the document's page has `POST .../add` for the deletion; all of its samples and the vendor's newer pages
//! have `GET .../delete`, which is used here. One sample prints an `http://` address; the others print `https://`,
//! which is used here: the key is in the query. Its times have no zone; the default is the zone of France, and
//! `time_zone` of the account overrides it.
//!
//! `docs/vendors/smspartner.md` has the facts, their sources and what is guessed.

mod account;
mod contact;
#[cfg(feature = "fuzzing")]
pub(super) mod fuzzing;
mod group;
mod message;
mod send;
mod stop_list;
mod webhook;
mod wire;

use std::sync::Arc;

use http::{HeaderValue, header};
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

pub use self::send::sends_unchanged;
use self::wire::Verdict;
use crate::{
    api::{Vendor, offers},
    call::{Call, Credential},
    config::{AccountConfig, Problems, Secret},
    error::{Error, Reason},
    vendors::kit::{Client, Effect, Refusals, Reply, Request},
};

/// The documented address.
const BASE_URL: &str = "https://api.smspartner.fr/v1";

/// SMSPartner rejects in the body, with any status; a bare 400 is its answer to malformed JSON.
const REFUSALS: Refusals = Refusals {
    documented: &[(400, Reason::VendorRefused, "SMSPartner rejected the request; see vendor_message")],
    in_words: |reply| Verdict::read(reply).is_some_and(|verdict| verdict.is_present()),
    otherwise: &[],
};

/// One account at SMSPartner.
#[derive(Debug)]
pub struct SmsPartner {
    /// `accounts/acme`.
    name: String,
    http: Client,
    api_key: SecretString,
    time_zone: TimeZone,
    /// The maximum number of requests of one send in flight.
    parallel_requests: usize,
    /// The webhook's URL, if it is sent with each message.
    webhook_url: Option<SecretString>,
}

/// The meaning of the codes of one operation, which precede those of the account as a whole: the same number has
/// another meaning elsewhere.
type Codes = fn(i64) -> Option<(Reason, &'static str)>;

offers!(SmsPartner {
    AccountService { GetAccountStatus },
    ContactService { CreateContact, GetContact, UpdateContact, DeleteContact },
    GroupService { CreateGroup, DeleteGroup, ListGroups },
    MessageService { SendMessage, GetMessage, CancelMessage },
    StopListService { CreateStopListEntry, ListStopListEntries, DeleteStopListEntry },
}, schedules: true, pushes: Webhook, shows: http);

/// Reads an account's keys: `api_key`, `time_zone`, `parallel_requests`, and those of every account.
pub fn connect(account: &mut AccountConfig, problems: &mut Problems) -> Option<Arc<dyn Vendor>> {
    let http = super::client(account, BASE_URL, &REFUSALS, problems);
    let api_key = account.keys.required::<Secret>("api_key", problems).map(Secret::into_inner);
    let time_zone = account.keys.time_zone("Europe/Paris", problems);
    // The limits that its manual names elsewhere are in the thousands of requests a minute.
    let parallel_requests = super::kit::batch::parallel_requests(account, 4, problems);
    let name = format!("accounts/{}", account.id);
    let webhook_url = account.webhook.url.clone().filter(|_| account.webhook.register);
    let (http, api_key, time_zone) = (http?, api_key?, time_zone?);
    Some(Arc::new(SmsPartner { name, http, api_key, time_zone, parallel_requests, webhook_url }))
}

impl SmsPartner {
    /// Makes a call. Only SMSPartner's acceptance is returned; everything else is an error.
    async fn ask(
        &self,
        call: &Call,
        request: &Request,
        credential: Credential<'_>,
        codes: Codes,
    ) -> Result<Reply, Error> {
        self.ask_and_read(call, request, credential, codes, Verdict::read).await
    }

    /// As `ask`, for an operation whose verdict has its own form.
    async fn ask_and_read(
        &self,
        call: &Call,
        request: &Request,
        credential: Credential<'_>,
        codes: Codes,
        verdict: fn(&Reply) -> Option<Verdict>,
    ) -> Result<Reply, Error> {
        let reply = self.http.send(call, request).await?;
        self.http.note(call, judge(&reply, verdict(&reply), credential, codes))?;
        Ok(reply)
    }
}

/// Builds a GET, which has the key in its query.
fn get(operation: &'static str, credential: Credential<'_>) -> Request {
    Request::new(operation).secret_query("apiKey", credential.secret)
}

/// Builds a POST, which has the key in its body.
fn post(operation: &'static str, credential: Credential<'_>, body: impl Serialize) -> Result<Request, Error> {
    let request = Request::new(operation).secret_in_body(credential.secret.expose_secret());
    request.json(&wire::Signed::new(credential.secret, body))
}

/// Marks a GET as a write: it is not repeated, and no cache may answer or store it.
fn as_write(request: Request) -> Request {
    request.effect_is(Effect::Write).header(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"))
}

/// Judges by the verdict in the body, whatever the HTTP status. The verdict counts only if all parts of it agree.
fn judge(reply: &Reply, verdict: Option<Verdict>, credential: Credential<'_>, codes: Codes) -> Result<(), Error> {
    let verdict = verdict.unwrap_or_default();
    let (success, code) = (verdict.success.0, verdict.code.0);
    let yes = success == Some(true) || code == Some(wire::OK);
    let no = success == Some(false) || code.is_some_and(|code| code != wire::OK) || !reply.status().is_success();
    match (yes, no) {
        (true, false) => Ok(()),
        (false, true) => {
            let (reason, text) = meaning(code, credential, codes);
            let error = reply.refused(reason, text, &verdict.words().unwrap_or_else(|| reply.excerpt()));
            Err(match code {
                Some(code) => error.vendor_code(code.to_string()),
                None => error,
            })
        }
        (true, true) => Err(reply.unreadable("its verdict contradicts itself")),
        (false, false) => Err(reply.unreadable("it has no verdict")),
    }
}

fn meaning(code: Option<i64>, credential: Credential<'_>, codes: Codes) -> (Reason, &'static str) {
    code.and_then(codes).unwrap_or_else(|| match code {
        Some(1 | 10) => credential.refused(),
        // The codes of the account as a whole are in the vendor's newer pages.
        Some(11) => (Reason::NoCredit, "the SMSPartner account has no credit left"),
        Some(20 | 30) => (Reason::VendorDenied, "the SMSPartner account is disabled or blocked"),
        Some(40) => (Reason::VendorDenied, "the SMSPartner account may not use the API"),
        Some(96) => (Reason::VendorDenied, "SMSPartner does not permit the address that smsmux calls from"),
        _ => (Reason::VendorRefused, "SMSPartner rejected the request; see vendor_message"),
    })
}
