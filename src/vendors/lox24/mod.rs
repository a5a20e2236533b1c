//! LOX24 (`api.lox24.eu`), after its document, which has one operation: the update of an entry of a phone list, which
//! is a contact here. Everything else is based on the vendor's other pages and client; facts of medium confidence are
//! marked in the code.
//!
//! | file | content |
//! |---|---|
//! | `mod.rs` | authentication of calls and judging of answers |
//! | `account.rs` | AccountService |
//! | `contact.rs` | ContactService |
//! | `group.rs` | GroupService |
//! | `message.rs` | MessageService |
//! | `inbox.rs`, `cursor.rs` | InboxService, and the position of its stream |
//! | `lock_out.rs` | the pause after too many bad logins |
//! | `webhook.rs` | what LOX24 pushes |
//! | `wire/` | the JSON |
//!
//! LOX24 locks an address out for about ten minutes after three bad logins in a minute. So its 401 is never retried, its
//! 429 only within a send of several requests whose first was not rejected for the login, a lock-out pauses all
//! requests, and a token that cannot be valid is rejected before it is sent.
//!
//! `docs/vendors/lox24.md` has the facts, their sources and what is guessed.

mod account;
mod contact;
mod cursor;
#[cfg(feature = "fuzzing")]
pub(super) mod fuzzing;
mod group;
mod inbox;
mod lock_out;
mod message;
mod webhook;
mod wire;

use std::{sync::Arc, time::Duration};

use http::{HeaderName, HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use self::lock_out::LockOut;
use crate::{
    api::{Vendor, offers},
    call::{Call, Credential},
    config::{AccountConfig, Problems, Secret},
    error::{Error, Outcome, Reason},
    request::page::{Listed, Page},
    vendors::kit::{Client, Refusals, Reply, Request},
};

/// The documented address.
const BASE_URL: &str = "https://api.lox24.eu";

const TOKEN: HeaderName = HeaderName::from_static("x-lox24-auth-token");

/// The header that LOX24's support asks for; on every answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-lox24-request-id");

/// The maximum number of characters of `callback_data`.
const CALLBACK_DATA: usize = 36;

/// The meaning of a list without a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TotalUnknown {
    /// The list may have more pages.
    IsOpen,
    /// The list is complete.
    IsAll,
}

/// The statuses by which LOX24 rejects: those of its documents. 402 is in a sample and in its client.
const REFUSALS: Refusals = Refusals::of(&[
    (400, Reason::VendorRefused, "LOX24 rejected the request; see vendor_message"),
    (401, Reason::AccountCredentialRefused, ""),
    (402, Reason::NoCredit, "the LOX24 account has no funds left"),
    (403, Reason::VendorDenied, "the LOX24 account is not activated: contact its support"),
    (404, Reason::ResourceNotFound, "LOX24 does not know the resource"),
    (422, Reason::VendorRefused, "LOX24 rejected the request; see vendor_message"),
    // May be a lock-out too, which a retry can only prolong.
    (
        429,
        Reason::RateLimited,
        "LOX24 is rate limiting this account, for ten minutes after three bad logins in a minute",
    ),
]);

/// One account at LOX24.
#[derive(Debug, Clone)]
pub struct Lox24 {
    /// `accounts/phones`.
    name: String,
    http: Client,
    token: SecretString,
    lock_out: LockOut,
    /// The wait between two polls of a watcher.
    poll_interval: Duration,
    /// The maximum number of requests of one send in flight.
    parallel_requests: usize,
}

offers!(Lox24 {
    AccountService { GetAccountStatus },
    ContactService { CreateContact, ListContacts, UpdateContact },
    GroupService { CreateGroup, GetGroup, UpdateGroup, DeleteGroup, ListGroups },
    InboxService { ListReceivedMessages, WatchReceivedMessages },
    MessageService { SendMessage, GetMessage, CancelMessage, ListVendorMessages },
}, schedules: true, pushes: Webhook, shows: http);

/// Reads an account's keys: `token`, `poll_interval`, `parallel_requests` and those of every account.
pub fn connect(account: &mut AccountConfig, problems: &mut Problems) -> Option<Arc<dyn Vendor>> {
    let http = super::client(account, BASE_URL, &REFUSALS, problems);
    let token = account.keys.required::<Secret>("token", problems).map(Secret::into_inner);
    if token.as_ref().is_some_and(|token| !is_token(token)) {
        account.keys.problem("token", "must be of the form CLIENT_ID:KEY", problems);
    }
    let poll_interval = super::kit::watch::poll_interval(account, problems);
    // LOX24 limits no rate: 500 recipients should take seconds, on no more connections than a vendor is used to.
    let parallel_requests = super::kit::batch::parallel_requests(account, 32, problems);
    let (http, token) = (http?, token?);
    let (name, lock_out) = (format!("accounts/{}", account.id), LockOut::default());
    Some(Arc::new(Lox24 { name, http, token, lock_out, poll_interval, parallel_requests }))
}

/// Returns whether a token has the form `CLIENT_ID:KEY` and fits into a header.
fn is_token(token: &SecretString) -> bool {
    let token = token.expose_secret();
    token.bytes().all(|b| b.is_ascii_graphic())
        && token.split_once(':').is_some_and(|(id, key)| !id.is_empty() && !key.is_empty())
}

impl Lox24 {
    /// Makes a call with the caller's own token if it sent one, else the account's. Only LOX24's acceptance is
    /// returned; everything else is an error.
    async fn exchange(&self, call: &Call, request: Request) -> Result<Reply, Error> {
        self.send(call, request.header(header::ACCEPT, HeaderValue::from_static("application/json"))).await
    }

    /// Requests one page of a list. Only in JSON-LD does a list have a total.
    async fn list<T: DeserializeOwned>(
        &self,
        call: &Call,
        request: Request,
        page: &Page,
        untold: TotalUnknown,
    ) -> Result<Listed<T>, Error> {
        let request = request
            .query("page", page.own_number().to_string())
            .header(header::ACCEPT, HeaderValue::from_static("application/ld+json"));
        let wire::list::List { entries, mut total, linked } = wire::list::read(&self.send(call, request).await?)?;
        if untold == TotalUnknown::IsAll && !linked {
            total = total.or(Some(entries.len() as u64));
        }
        // Unreadable entries count, or the next page would begin at the wrong entry.
        let (entries, next_page_token) = page.cut_own(entries, total);
        let entries = entries.into_iter().flatten().collect();
        Ok(Listed { entries, next_page_token, total_size: total.and_then(|total| total.try_into().ok()) })
    }

    async fn send(&self, call: &Call, request: Request) -> Result<Reply, Error> {
        let credential = Credential::of(call, &self.token)?;
        if !is_token(credential.secret) {
            let text = "the credential in smsmux-credential is not of the form CLIENT_ID:KEY";
            return Err(Error::new(Reason::CallerCredentialRefused, text).outcome(Outcome::NotSent));
        }
        self.lock_out.check().map_err(|e| e.operation(request.operation()))?;
        let request = request.secret_header(TOKEN, credential.secret);
        let reply = self.http.send(call, &request).await?;
        let (account, request_id) = (&self.name, reply.header(REQUEST_ID));
        tracing::debug!(account, operation = request.operation(), request_id, "LOX24 answered");
        let lasts = match reply.status() {
            StatusCode::UNAUTHORIZED => {
                self.lock_out.refused();
                None
            }
            StatusCode::TOO_MANY_REQUESTS => self.lock_out.throttled(&self.name, reply.retry_after()),
            _ => None,
        };
        let wait = lasts.or(reply.retry_after());
        let judged = REFUSALS.judge(reply, credential.refused(), wire::failure_text).map_err(|e| e.retry_after(wait));
        self.http.note(call, judged)
    }
}

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
