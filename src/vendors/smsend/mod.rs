//! smSend (`app.gateway.smsend.it`, REST API v1.0), after its document.
//!
//! | file | services |
//! |---|---|
//! | `login.rs` | how calls are authenticated |
//! | `auth.rs` | AuthService |
//! | `account.rs` | AccountService |
//! | `contact.rs`, `group.rs` | ContactService, GroupService |
//! | `alias.rs` | AliasService |
//! | `message.rs`, `order.rs` | MessageService, and the sends of it |
//! | `subaccount.rs`, `subaccount_body.rs` | SubaccountService, and what it sends |
//! | `history.rs` | the pages of the histories of sent and of received messages |
//! | `inbox.rs`, `watch.rs`, `cursor.rs` | InboxService: its lists, what the stream looks at, and what it has seen |
//! | `campaign.rs` | CampaignService |
//! | `stop_list.rs` | StopListService, beyond the document |
//! | `wire/` | the JSON of all of them |
//!
//! The document prints `http://` addresses; the vendor's newer manuals say `https://`, and so do we: passwords go by
//! query string here. It names no time zone for its times: `time_zone` of the account says which (UTC unless set).
//!
//! `docs/vendors/smsend.md` has the facts, their sources and what is guessed.

mod account;
mod alias;
mod auth;
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
mod wire;

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use self::login::{Authentication, Credential, Login};
use crate::{
    api::{Vendor, offers},
    call::{Call, credential_refused},
    config::{AccountConfig, Problems},
    error::{Error, Reason},
    request::page::{Listed, Page},
    vendors::kit::{Client, Refusals, Reply, Request},
};

/// The documented address, by TLS.
const BASE_URL: &str = "https://app.gateway.smsend.it/API/v1.0/REST";

/// How smSend says "no": the statuses of its document, and others with its words in `result`.
const REFUSALS: Refusals = Refusals {
    documented: &[
        (400, Reason::VendorRefused, "smSend refused the request; vendor_message has its words"),
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
    /// How long a watcher waits between two looks.
    poll_interval: Duration,
}

/// What a 404 means: the document uses it for much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotFound {
    /// The user key: operations that name no resource.
    Credential,
    /// The resource that the path names.
    Resource,
}

offers!(SmSend {
    AuthService { CreateSession, CreateAccessToken, VerifySession, ResetPassword },
    AccountService { GetDashboardUrl, GetAccountStatus },
    ContactService { CreateContact, GetContact },
    GroupService { CreateGroup, UpdateGroup, DeleteGroup, ListGroups, AddGroupMember, RemoveGroupMember },
    AliasService { CreateAlias, ListAliases, GetAlias, DeleteAlias },
    MessageService { SendMessage, SendTemplatedMessage, SendGroupMessage, GetMessage, CancelMessage, ListMessages },
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
});

/// Reads an account's keys: `username` and `password`, or `token`; `login`,
/// `time_zone`, `poll_interval` and those of every account.
pub fn connect(account: &mut AccountConfig, problems: &mut Problems) -> Option<Arc<dyn Vendor>> {
    let http = super::client(account, BASE_URL, &REFUSALS, problems);
    let time_zone = account.keys.time_zone("UTC", problems);
    let poll_interval = super::kit::watch::poll_interval(account, problems);
    let credential = Credential::read(&mut account.keys, problems);
    let (http, time_zone, credential) = (http?, time_zone?, credential?);
    let authentication = Arc::new(Authentication::new(credential, http.clone()));
    let name = format!("accounts/{}", account.id);
    Some(Arc::new(SmSend { name, http, authentication, time_zone, poll_interval }))
}

impl SmSend {
    /// Makes a call that needs a login: the caller's own if it brought one, else the account's, renewed when smSend does
    /// not accept it any more. A renewed login may be ended before it is used, by another login of the account: it is
    /// renewed again for as long as a call may take. The answer is smSend's "yes"; everything else is an error.
    async fn exchange(&self, call: &Call, request: Request, not_found: NotFound) -> Result<Reply, Error> {
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

    /// The same, where the answer is JSON, or nothing to a write that is documented so: its `result` must be `OK`.
    async fn ask(&self, call: &Call, request: Request, not_found: NotFound) -> Result<Reply, Error> {
        wire::accepted(self.exchange(call, request, not_found).await?)
    }

    /// Asks for one page of a list. The size of the page is always said: smSend's own default differs by the list.
    async fn list<T: DeserializeOwned>(&self, call: &Call, request: Request, page: &Page) -> Result<Listed<T>, Error> {
        let request = request.query("pageNumber", page.number().to_string()).query("pageSize", page.size().to_string());
        let reply = self.ask(call, request, NotFound::Credential).await?;
        let list: wire::List<T> = reply.object()?;
        let total_size = list.total();
        let entries = list.entries().ok_or_else(|| reply.unreadable("it has no list"))?;
        // Those that cannot be read count, or the pages after this one would begin elsewhere.
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
