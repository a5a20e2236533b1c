//! Asks the vendor of each account, with a configuration that is not served.

use std::time::Duration;

use futures::future::join_all;
use tokio::time::Instant;

use super::Setup;
use crate::{
    api::{
        Method, VendorRpc, methods,
        pb::{AccountStatus, GetAccountStatusRequest, GetMessageRequest, ListAliasesRequest, ListGroupsRequest},
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
}

impl Setup {
    /// Asks the vendor of each account by calls that change nothing: the credential, what is left, and the senders. Routes have no
    /// vendor, and are left out.
    pub async fn check_online(self) -> Vec<OnlineAccount> {
        let vendors = self.vendors.clone();
        let accounts = self.config.accounts.iter().map(|(id, account)| (id.clone(), account.vendor.clone()));
        let accounts: Vec<_> = accounts.filter(|(id, _)| vendors.contains_key(id)).collect();
        let all = Accounts::new(self.config.accounts, self.vendors, None, &Accounts::default());
        let gateway = Gateway::new(all, None, Duration::ZERO);
        let asked = accounts.into_iter().map(|(account, vendor)| {
            let methods = vendors.get(&account).map_or(&[][..], |vendor| vendor.methods());
            Asked { gateway: &gateway, methods, name: format!("accounts/{account}") }.ask(account, vendor)
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
        OnlineAccount { account, vendor, login, status, senders }
    }

    fn offers(&self, method: &Method) -> bool {
        self.methods.contains(&method)
    }

    /// Makes a call that may not change anything.
    async fn call<R: VendorRpc>(&self, request: R) -> Result<R::Reply, Error> {
        let call = Call::until(Instant::now() + TIMEOUT);
        call.forbid_writes();
        self.gateway.answer(call, request).await
    }
}
