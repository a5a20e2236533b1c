//! The accounts that are configured, and the RPCs of AccountService that need no vendor: which accounts there are and what
//! they support.

use std::{collections::BTreeMap, ops::Deref, sync::Arc};

use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::{
    dispatch::{Gateway, may_use},
    limits::Bulkhead,
};
use crate::{
    check::Check,
    config::{self, Fingerprint},
    error::Place,
    metrics,
    page::Page,
    pb::{self, GetAccountRequest, GetAccountResponse, ListAccountsRequest, ListAccountsResponse},
    vendors::{METHODS, Vendor, Vendors, supported},
};

/// One configured account.
pub struct Account {
    /// `accounts/acme`.
    pub name: String,
    /// The vendor's name in the registry.
    pub vendor_name: String,
    /// Whether callers may bring their own vendor credential.
    pub allow_caller_credential: bool,
    /// The RPCs that it supports.
    pub methods: Vec<&'static str>,
    /// The vendor.
    pub vendor: Arc<dyn Vendor>,
    pub(super) bulkhead: Bulkhead,
    fingerprint: Fingerprint,
    /// Cancelled when it is gone from the configuration, or another than before.
    pub(super) ended: CancellationToken,
}

/// The accounts of a configuration, by id.
#[derive(Default)]
pub(super) struct Accounts(BTreeMap<String, Arc<Account>>);

impl Deref for Accounts {
    type Target = BTreeMap<String, Arc<Account>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Accounts {
    /// Makes them, but keeps those of `before` that come to the same.
    pub(super) async fn new(
        accounts: BTreeMap<String, config::Account>,
        mut vendors: Vendors,
        before: &Accounts,
    ) -> Self {
        let mut now = BTreeMap::new();
        for (id, config::Account { vendor: vendor_name, allow_caller_credential, bulkhead, fingerprint, .. }) in
            accounts
        {
            if let Some(same) = before.get(&id).filter(|old| old.fingerprint == fingerprint) {
                now.insert(id, same.clone());
                continue;
            }
            let Some(vendor) = vendors.remove(&id) else { continue };
            let offered = supported(&*vendor).await;
            let methods = METHODS.iter().filter(|method| method.served_here || offered.contains(method));
            let methods = methods.map(|method| method.path).collect();
            let (name, ended) = (format!("accounts/{id}"), CancellationToken::new());
            // A new breaker is closed, whatever the old one was.
            metrics::breaker(&id).set(0);
            let bulkhead = Bulkhead::new(&id, bulkhead);
            let account =
                Account { name, vendor_name, allow_caller_credential, methods, vendor, bulkhead, fingerprint, ended };
            now.insert(id, Arc::new(account));
        }
        Self(now)
    }

    /// Ends the streams of those that are not in `now` any more, and tells how many accounts that are.
    pub(super) fn end_those_not_in(&self, now: &Accounts) -> usize {
        let kept = |id: &String, account: &Arc<Account>| now.get(id).is_some_and(|now| Arc::ptr_eq(now, account));
        let gone = self.iter().filter(|(id, account)| !kept(id, account));
        gone.inspect(|(_, account)| account.ended.cancel()).count()
    }
}

impl Gateway {
    pub(super) async fn list_accounts(
        &self,
        request: Request<ListAccountsRequest>,
    ) -> Result<Response<ListAccountsResponse>, Status> {
        let (_, extensions, ListAccountsRequest { page_size, page_token }) = request.into_parts();
        let mut check = Check::new();
        let page = Page::new(&mut check, page_size, &page_token, "ListAccounts");
        check.done().map_err(|e| e.at(here("smsmux.v1.AccountService/ListAccounts")))?;
        let accounts = self.accounts.load();
        let granted = accounts.iter().filter(|(id, _)| may_use(&extensions, id)).map(|(_, account)| account);
        let granted: Vec<_> = granted.collect();
        let total_size = i32::try_from(granted.len()).unwrap_or(i32::MAX);
        let (granted, next_page_token) = page.of(granted.into_iter());
        let answer = ListAccountsResponse {
            accounts: granted.into_iter().map(|account| describe(account)).collect(),
            next_page_token,
            total_size,
        };
        Ok(Response::new(answer))
    }

    pub(super) async fn get_account(
        &self,
        request: Request<GetAccountRequest>,
    ) -> Result<Response<GetAccountResponse>, Status> {
        let (_, extensions, GetAccountRequest { name }) = request.into_parts();
        let mut check = Check::new();
        check.account(&name, "name");
        let account = check.done().and_then(|()| self.account(&name, "name", &extensions));
        let account = account.map_err(|e| e.at(here("smsmux.v1.AccountService/GetAccount")))?;
        Ok(Response::new(GetAccountResponse { account: Some(describe(&account)) }))
    }
}

fn here(method: &str) -> Place<'_> {
    Place { account: "", vendor: "", method, resource: None }
}

fn describe(account: &Account) -> pb::Account {
    pb::Account {
        name: account.name.clone(),
        vendor: account.vendor_name.clone(),
        methods: account.methods.iter().map(|&method| method.to_owned()).collect(),
        allow_caller_credential: account.allow_caller_credential,
    }
}
