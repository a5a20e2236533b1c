//! Asks the vendor of each account, with a configuration that is not served.

use std::time::Duration;

use futures::future::join_all;
use secrecy::ExposeSecret as _;
use tokio::time::Instant;

use super::Setup;
use crate::{
    api::{
        Method, VendorRpc, methods,
        pb::{AccountStatus, GetAccountStatusRequest, GetMessageRequest, ListAliasesRequest, ListGroupsRequest},
        pushed::Registered,
    },
    call::Call,
    error::{Error, Reason},
    gateway::{Accounts, Gateway},
    request::names,
};

/// The longest that a vendor may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The id of a message that no vendor has.
const NO_MESSAGE: &str = "00000000000000000000000000000000";

/// What an account's vendor answered.
#[derive(Debug)]
pub struct OnlineAccount {
    /// The account's id.
    pub account: String,
    /// The vendor's name.
    pub vendor: String,
    /// The credential was accepted, or why not.
    pub login: Result<(), Error>,
    /// What the account has left, if the vendor reports it.
    pub status: Option<AccountStatus>,
    /// The senders that are registered at the vendor, if it lists them.
    pub senders: Option<Vec<String>>,
    /// Where the vendor pushes, as far as its API shows it, if the credential was accepted.
    pub registered: Option<Result<Vec<Registered>, Error>>,
}

impl Setup {
    /// Asks the vendor of each account by calls that change nothing: the credential, what is left, the senders, and where it pushes.
    /// Routes have no vendor, and are left out.
    pub async fn check_online(self) -> Vec<OnlineAccount> {
        let vendors = self.vendors.clone();
        let accounts = self.config.accounts.iter().filter(|(id, _)| vendors.contains_key(*id));
        let accounts = accounts.map(|(id, account)| (id.clone(), account.vendor.clone(), account.webhook.url.clone()));
        let accounts: Vec<_> = accounts.collect();
        let all = Accounts::new(self.config.accounts, self.vendors, None, &Accounts::default());
        let gateway = Gateway::new(all, None, Duration::ZERO);
        let (gateway, vendors) = (&gateway, &vendors);
        let asked = accounts.into_iter().map(|(account, vendor, url)| async move {
            let of = vendors.get(&account);
            let methods = of.map_or(&[][..], |vendor| vendor.methods());
            let asked = Asked { gateway, methods, name: format!("accounts/{account}") };
            let mut found = asked.ask(account, vendor).await;
            if found.login.is_ok()
                && let Some(webhook) = of.and_then(|vendor| vendor.webhook())
            {
                let url = url.as_ref().map_or("", |url| url.expose_secret());
                found.registered = Some(webhook.registered(&call(), url).await);
            }
            found
        });
        join_all(asked).await
    }
}

/// One account, and the RPCs that its vendor offers.
struct Asked<'a> {
    gateway: &'a Gateway,
    methods: &'static [&'static Method],
    name: String,
}

impl Asked<'_> {
    async fn ask(self, account: String, vendor: String) -> OnlineAccount {
        let mut status = None;
        let login = if self.offers(methods::AccountService::GetAccountStatus) {
            let answer = self.call(GetAccountStatusRequest { name: self.name.clone() }).await;
            answer.map(|answer| status = answer.status)
        } else if self.offers(methods::GroupService::ListGroups) {
            let request = ListGroupsRequest { parent: self.name.clone(), page_size: 1, ..ListGroupsRequest::default() };
            self.call(request).await.map(drop)
        } else {
            let name = names::child(&self.name, "messages", NO_MESSAGE);
            match self.call(GetMessageRequest { name }).await {
                // The vendor has looked for the message, so it has accepted the credential.
                Err(error) if error.reason() == Reason::ResourceNotFound => Ok(()),
                answer => answer.map(drop),
            }
        };
        let mut senders = None;
        if login.is_ok() && self.offers(methods::AliasService::ListAliases) {
            let request = ListAliasesRequest { parent: self.name.clone(), ..ListAliasesRequest::default() };
            let answer = self.call(request).await;
            senders = answer.ok().map(|answer| answer.aliases.into_iter().map(|alias| alias.sender).collect());
        }
        OnlineAccount { account, vendor, login, status, senders, registered: None }
    }

    fn offers(&self, method: &Method) -> bool {
        self.methods.contains(&method)
    }

    async fn call<R: VendorRpc>(&self, request: R) -> Result<R::Reply, Error> {
        self.gateway.answer(call(), request).await
    }
}

/// Begins a call that may not change anything.
fn call() -> Call {
    let call = Call::until(Instant::now() + TIMEOUT);
    call.forbid_writes();
    call
}
