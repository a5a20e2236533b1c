//! SMSPartner (`api.smspartner.fr/v1`), after its document, which has one operation: a number
//! is taken off the stop list. The others stand on what is publicly known of this API beyond the document.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | how calls are authenticated and judged |
//! | `account.rs` | AccountService |
//! | `message.rs`, `send.rs` | MessageService, and the send of it |
//! | `contact.rs` | ContactService |
//! | `group.rs` | GroupService |
//! | `stop_list.rs` | StopListService |
//! | `wire/` | the JSON of all of them, and the verdict, which is in the body |
//!
//! The head of the document's page says `POST .../add` for the deletion; all of its samples say `GET .../delete`, and so do
//! the vendor's newer pages and we. One sample prints an `http://` address; the others say `https://`, and so do we: the key is in the
//! query. Its times name no zone; the vendor is French, and `time_zone` of the account says otherwise.
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
mod wire;

use std::sync::Arc;

use http::{HeaderValue, header};
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

pub use self::send::arrives;
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

/// How SMSPartner says "no": in the body, with any status; 400 by itself is what it answers to malformed JSON.
const REFUSALS: Refusals = Refusals {
    documented: &[(400, Reason::VendorRefused, "SMSPartner rejected the request; see vendor_message")],
    in_words: |reply| Verdict::read(reply).is_some_and(|verdict| verdict.says_something()),
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
}

/// What the codes of one operation mean, before those of the account as a whole: the same number is another thing
/// elsewhere.
type Codes = fn(i64) -> Option<(Reason, &'static str)>;

offers!(SmsPartner {
    AccountService { GetAccountStatus },
    ContactService { CreateContact, GetContact, UpdateContact, DeleteContact },
    GroupService { CreateGroup, DeleteGroup, ListGroups },
    MessageService { SendMessage, GetMessage, CancelMessage },
    StopListService { CreateStopListEntry, ListStopListEntries, DeleteStopListEntry },
});

/// Reads an account's keys: `api_key`, `time_zone`, and those of every account.
pub fn connect(account: &mut AccountConfig, problems: &mut Problems) -> Option<Arc<dyn Vendor>> {
    let http = super::client(account, BASE_URL, &REFUSALS, problems);
    let api_key = account.keys.required::<Secret>("api_key", problems).map(Secret::into_inner);
    let time_zone = account.keys.time_zone("Europe/Paris", problems);
    let name = format!("accounts/{}", account.id);
    Some(Arc::new(SmsPartner { name, http: http?, api_key: api_key?, time_zone: time_zone? }))
}

impl SmsPartner {
    /// Makes a call. The answer is SMSPartner's "yes"; everything else is an error.
    async fn ask(
        &self,
        call: &Call,
        request: &Request,
        credential: Credential<'_>,
        codes: Codes,
    ) -> Result<Reply, Error> {
        self.ask_and_read(call, request, credential, codes, Verdict::read).await
    }

    /// The same for an operation that has its verdict in a form of its own.
    async fn ask_and_read(
        &self,
        call: &Call,
        request: &Request,
        credential: Credential<'_>,
        codes: Codes,
        verdict: fn(&Reply) -> Option<Verdict>,
    ) -> Result<Reply, Error> {
        let reply = self.http.send(call, request).await?;
        judge(&reply, verdict(&reply), credential, codes)?;
        Ok(reply)
    }
}

/// A GET, which has the key in its query.
fn get(operation: &'static str, credential: Credential<'_>) -> Request {
    Request::new(operation).secret_query("apiKey", credential.secret)
}

/// A POST, which has the key in its body.
fn post(operation: &'static str, credential: Credential<'_>, body: impl Serialize) -> Result<Request, Error> {
    let request = Request::new(operation).secret_in_body(credential.secret.expose_secret());
    request.json(&wire::Signed::new(credential.secret, body))
}

/// A GET that changes something: it is not repeated, and no cache may answer it or keep it.
fn changing(request: Request) -> Request {
    request.effect_is(Effect::Write).header(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"))
}

/// Judges by the verdict: the body has it, whatever the HTTP status. SMSPartner is believed when all that it says agrees.
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
        // Those that concern the account as a whole are in the vendor's newer pages.
        Some(11) => (Reason::NoCredit, "the SMSPartner account has no credit left"),
        Some(20 | 30) => (Reason::VendorDenied, "the SMSPartner account is disabled or blocked"),
        Some(40) => (Reason::VendorDenied, "the SMSPartner account may not use the API"),
        Some(96) => (Reason::VendorDenied, "SMSPartner does not permit the address that smsmux calls from"),
        _ => (Reason::VendorRefused, "SMSPartner rejected the request; see vendor_message"),
    })
}
