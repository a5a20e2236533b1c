//! smSend (`app.gateway.smsend.it`, REST API v1.0), after its document.
//!
//! | file | services |
//! |---|---|
//! | `brand.rs` | the brands of the platform: their addresses and words |
//! | `login.rs` | authentication of calls |
//! | `auth.rs` | AuthService |
//! | `account.rs` | AccountService |
//! | `contact.rs`, `group.rs` | ContactService, GroupService |
//! | `alias.rs` | AliasService |
//! | `message.rs`, `order.rs` | MessageService, and its sends |
//! | `subaccount.rs`, `subaccount_body.rs` | SubaccountService, and its request bodies |
//! | `history.rs` | the pages of the histories of sent and of received messages |
//! | `inbox.rs`, `watch.rs`, `cursor.rs` | InboxService: its lists, the polls of the stream, and its position |
//! | `campaign.rs` | CampaignService |
//! | `stop_list.rs` | StopListService, beyond the document |
//! | `webhook.rs` | what its family pushed before the present API |
//! | `wire/` | the JSON of all of them |
//!
//! The document prints `http://` addresses; the vendor's newer manuals print `https://`, which is used here: passwords
//! are in the query string. The document names no time zone: `time_zone` of the account sets it (default UTC).
//!
//! `docs/vendors/smsend.md` has the facts, their sources and what is guessed.

mod account;
mod alias;
mod auth;
pub(super) mod brand;
mod campaign;
mod contact;
mod cursor;
#[cfg(feature = "fuzzing")]
pub(super) mod fuzzing;
mod group;
mod history;
mod inbox;
mod login;
mod message;
mod order;
mod stop_list;
mod subaccount;
mod subaccount_body;
mod watch;
mod webhook;
mod wire;

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use self::{
    brand::{Brand, Types},
    login::{Authentication, Credential, Login},
};
use crate::{
    api::{Vendor, offers},
    call::{Call, credential_refused},
    config::{AccountConfig, Problems},
    error::{Error, Reason},
    request::page::{Listed, Page},
    vendors::kit::{Client, Refusals, Reply, Request},
};

/// The statuses by which smSend rejects: those of its document, and others with a text in `result`.
const REFUSALS: Refusals = Refusals {
    documented: &[
        (400, Reason::VendorRefused, "smSend rejected the request; see vendor_message"),
        (401, Reason::AccountCredentialRefused, ""),
        (404, Reason::ResourceNotFound, "smSend does not know the resource"),
    ],
    in_words: wire::has_words,
    otherwise: &[
        (402, Reason::NoCredit, "the smSend account has no credit left"),
        (403, Reason::VendorDenied, "smSend does not permit this to the credential"),
        (409, Reason::StateConflict, "the state of the resource does not permit this"),
    ],
};

/// One account at smSend. A clone shares its connections and its login.
#[derive(Debug, Clone)]
pub struct SmSend {
    /// `accounts/acme`.
    name: String,
    http: Client,
    authentication: Arc<Authentication>,
    time_zone: TimeZone,
    types: &'static Types,
    /// The wait between two polls of a watcher.
    poll_interval: Duration,
}

/// The meaning of a 404, which the document uses for several things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotFound {
    /// The user key is unknown: operations that name no resource.
    Credential,
    /// The resource in the path is unknown.
    Resource,
}

offers!(SmSend {
    AuthService { CreateSession, CreateAccessToken, VerifySession, ResetPassword },
    AccountService { GetDashboardUrl, GetAccountStatus },
    ContactService { CreateContact, GetContact },
    GroupService { CreateGroup, UpdateGroup, DeleteGroup, ListGroups, AddGroupMember, RemoveGroupMember },
    AliasService { CreateAlias, ListAliases, GetAlias, DeleteAlias },
    MessageService { SendMessage, SendTemplatedMessage, SendGroupMessage, GetMessage, CancelMessage, ListVendorMessages },
    InboxService { PullReceivedMessages, ListReceivedMessages, ListReceivedMessagesAfter, WatchReceivedMessages },
    CampaignService {
        CreateMailingList, UpdateMailingList, SubscribeContact, SubscribeGroup, CreateIssue, CreateIssueFromTemplate,
        SendIssue,
    },
    SubaccountService {
        ListSubaccounts, CreateSubaccount, UpdateSubaccount, ChangeSubaccountPassword, GetSubaccount, TransferCredits,
        GetSubaccountCredits, ListPurchases, CreatePurchases, DeletePurchase,
    },
    StopListService { CreateStopListEntry, ListStopListEntries },
}, takes_message_ids: true, schedules: true, pushes: Webhook, shows: http);

/// Reads an account's keys: `username` and `password`, or `token`; `login`,
/// `time_zone`, `poll_interval` and those of every account.
pub fn connect(account: &mut AccountConfig, problems: &mut Problems) -> Option<Arc<dyn Vendor>> {
    connect_to(&brand::SMSEND, account, problems)
}

/// As `connect`, for an account at a brand of the platform.
pub(super) fn connect_to(
    brand: &'static Brand,
    account: &mut AccountConfig,
    problems: &mut Problems,
) -> Option<Arc<dyn Vendor>> {
    let http = super::client(account, brand.base_url, &REFUSALS, problems);
    let time_zone = account.keys.time_zone("UTC", problems);
    let poll_interval = super::kit::watch::poll_interval(account, problems);
    let credential = Credential::read(&mut account.keys, problems);
    let (http, time_zone, credential) = (http?, time_zone?, credential?);
    let authentication = Arc::new(Authentication::new(credential, http.clone()));
    let name = format!("accounts/{}", account.id);
    let types = &brand.types;
    Some(Arc::new(SmSend { name, http, authentication, time_zone, types, poll_interval }))
}

impl SmSend {
    /// Makes a call with the caller's own login if it sent one, else the account's, renewed when smSend no longer
    /// accepts it. Another login of the account may end a renewed one before it is used: the renewal is repeated until
    /// the call times out. Only smSend's acceptance is returned; everything else is an error.
    async fn exchange(&self, call: &Call, request: Request, not_found: NotFound) -> Result<Reply, Error> {
        self.http.note(call, self.attempt(call, request, not_found).await)
    }

    async fn attempt(&self, call: &Call, request: Request, not_found: NotFound) -> Result<Reply, Error> {
        let reply = match call.credential() {
            Some(credential) => {
                let login = Login::parse(credential.expose_secret())?;
                self.http.send(call, &login.sign(request)).await?
            }
            None => {
                let mut login = self.authentication.login(call).await?;
                let mut request = login.sign(request);
                let mut end = None;
                loop {
                    let reply = self.http.send(call, &request).await?;
                    if reply.status() != StatusCode::UNAUTHORIZED {
                        break reply;
                    }
                    let end = *end.get_or_insert_with(|| Instant::now() + self.http.limits().call_timeout);
                    match self.authentication.renew(call, &login, (&request, &reply), end).await? {
                        Some(renewed) => login = renewed,
                        None => break reply,
                    }
                    request = login.sign(request);
                }
            }
        };
        self.judge(reply, not_found, call.credential().is_some())
    }

    /// As `exchange`, where the answer is JSON, or documented to be empty for a write: its `result` must be `OK`.
    async fn ask(&self, call: &Call, request: Request, not_found: NotFound) -> Result<Reply, Error> {
        wire::accepted(self.exchange(call, request, not_found).await?)
    }

    /// Requests one page of a list. The page size is always sent: smSend's default differs by the list.
    async fn list<T: DeserializeOwned>(&self, call: &Call, request: Request, page: &Page) -> Result<Listed<T>, Error> {
        let request = request.query("pageNumber", page.number().to_string()).query("pageSize", page.size().to_string());
        let reply = self.ask(call, request, NotFound::Credential).await?;
        let list: wire::List<T> = reply.object()?;
        let total_size = list.total();
        let entries = list.entries().ok_or_else(|| reply.unreadable("it has no list"))?;
        // Unreadable entries count, or the next page would begin at the wrong entry.
        let entries = reply.entries(entries)?;
        let (entries, next_page_token) = page.cut(entries, total_size.and_then(|total| total.try_into().ok()));
        Ok(Listed { entries: entries.into_iter().flatten().collect(), next_page_token, total_size })
    }

    fn judge(&self, reply: Reply, not_found: NotFound, callers_own: bool) -> Result<Reply, Error> {
        let credential = credential_refused(callers_own);
        if reply.status() == StatusCode::NOT_FOUND && not_found == NotFound::Credential {
            return Err(reply.refused(credential.0, credential.1, &wire::failure_text(&reply)));
        }
        REFUSALS.judge(reply, credential, wire::failure_text)
    }
}
