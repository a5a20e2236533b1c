//! The configured accounts, and the RPCs of AccountService that need no vendor: the list of accounts and what they
//! support.

use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::{Arc, Weak},
};

use arc_swap::ArcSwap;
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    Gateway, Log, bulkhead::Bulkhead, info::LastBalance, layers::find, messages::Logged, route::Route, shares::Shares,
    webhook::WebhookAccess,
};
use crate::{
    api::{
        METHODS, Method, Vendor,
        budget::Budget,
        methods,
        pb::{self, GetAccountRequest, GetAccountResponse, ListAccountsRequest, ListAccountsResponse},
        shared::{Shared, SharedBreaker},
    },
    call::{Call, Site},
    config::{self, Fingerprint},
    error::Error,
    request::{check::Check, page::Page},
    telemetry::metrics::{self, SentMetrics},
    vendors::Vendors,
};

/// One configured account.
pub struct Account {
    /// The name, and the vendor's name in the registry.
    pub site: Site,
    /// Whether callers may bring their own vendor credential.
    pub allow_caller_credential: bool,
    /// Whether the account supports an RPC, by the RPC's index.
    offered: Vec<bool>,
    /// The vendor.
    pub vendor: Arc<dyn Vendor>,
    /// Where the vendor pushes to.
    pub(crate) webhook: WebhookAccess,
    /// Whether the vendor's lists are polled in the background, into the store.
    pub(super) is_polled: bool,
    /// The balance below which the credit is low.
    pub(super) low_balance: Option<f64>,
    pub(super) balance: LastBalance,
    /// Counts what the vendor accepted.
    pub(super) sent: SentMetrics,
    /// The most requests a second, if configured.
    pub(super) requests_per_second: Option<u32>,
    /// Whether the store has what the account receives.
    pub(super) has_inbox: bool,
    pub(super) bulkhead: Bulkhead,
    /// The route that the vendor is, if it is one.
    pub(super) route: Option<Arc<Route>>,
    fingerprint: Fingerprint,
    /// Cancelled when a reload removes or changes the account.
    pub(super) ended: CancellationToken,
}

impl Account {
    /// Creates the account `id` of this configuration, connected to `vendor`, with a log of its messages.
    pub(super) fn new(id: &str, config: config::AccountConfig, vendor: Arc<dyn Vendor>, log: Option<&Log>) -> Self {
        let config::AccountConfig {
            vendor: vendor_name,
            allow_caller_credential,
            bulkhead,
            webhook,
            poll,
            low_balance,
            requests_per_second,
            fingerprint,
            ..
        } = config;
        let (webhook, is_polled) = (WebhookAccess::new(&webhook), poll && log.is_some());
        let is_watched = vendor.methods().contains(&methods::InboxService::WatchReceivedMessages);
        let has_inbox = log.is_some() && (webhook.is_open() || is_polled && is_watched);
        let mut offered: Vec<_> = METHODS.iter().map(|method| method.served_here).collect();
        vendor.methods().iter().for_each(|method| offered[method.index] = true);
        let sends = vendor.message_service().is_some();
        if has_inbox {
            offered[methods::InboxService::ListReceivedMessages.index] = true;
            offered[methods::InboxService::WatchReceivedMessages.index] = true;
        }
        let vendor = match log {
            Some(log) if sends => {
                // The log has what the vendor cannot be asked for.
                offered[methods::MessageService::GetMessage.index] = true;
                Arc::new(Logged { vendor, log: log.clone() }) as Arc<dyn Vendor>
            }
            _ => vendor,
        };
        let account: Arc<str> = format!("accounts/{id}").into();
        if let Some(log) = log {
            log.consents().learn(&account, &vendor_name);
        }
        // A new breaker starts closed, whatever the state of the old one.
        metrics::breaker(id).set(0);
        Self {
            site: Site { account, vendor: vendor_name.into() },
            allow_caller_credential,
            offered,
            vendor,
            webhook,
            is_polled,
            low_balance,
            balance: LastBalance::default(),
            sent: SentMetrics::new(id),
            requests_per_second,
            has_inbox,
            bulkhead: Bulkhead::new(id, bulkhead),
            route: None,
            fingerprint,
            ended: CancellationToken::new(),
        }
    }

    /// Creates the route `id` of this configuration, over these accounts.
    fn route(
        id: &str,
        config: config::AccountConfig,
        rules: config::RouteConfig,
        accounts: BTreeMap<String, Arc<Self>>,
        log: Option<&Log>,
        before: Option<&Route>,
    ) -> Self {
        let route = Arc::new(Route::new(id, rules, accounts, before));
        Self { route: Some(route.clone()), ..Self::new(id, config, route, log) }
    }

    /// Whether messages can be looked up at the vendor itself.
    pub(super) fn looks_up(&self) -> bool {
        self.vendor.methods().contains(&methods::MessageService::GetMessage)
    }

    /// Whether the account supports an RPC.
    pub(super) fn offers(&self, method: &Method) -> bool {
        self.offered.get(method.index).is_some_and(|offered| *offered)
    }
}

/// The accounts of a configuration, by id.
#[derive(Default)]
pub struct Accounts(BTreeMap<String, Arc<Account>>);

impl Deref for Accounts {
    type Target = BTreeMap<String, Arc<Account>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Accounts {
    /// Creates the accounts, and keeps those of `before` whose configuration has not changed.
    pub fn new(
        accounts: BTreeMap<String, config::AccountConfig>,
        mut vendors: Vendors,
        log: Option<&Log>,
        before: &Accounts,
    ) -> Self {
        let (mut now, mut routes) = (BTreeMap::new(), Vec::new());
        for (id, mut config) in accounts {
            if let Some(route) = config.route.take() {
                routes.push((id, config, route));
            } else if let Some(same) = before.get(&id).filter(|old| old.fingerprint == config.fingerprint) {
                now.insert(id, same.clone());
            } else if let Some(vendor) = vendors.remove(&id) {
                let account = Account::new(&id, config, vendor, log);
                now.insert(id, Arc::new(account));
            }
        }
        // A route comes after the accounts and the routes that it uses.
        while !routes.is_empty() {
            let waiting: Vec<_> = routes.iter().map(|(id, ..)| id.clone()).collect();
            let (ready, later): (Vec<_>, Vec<_>) = routes.into_iter().partition(|(.., route)| {
                route.accounts().iter().all(|account| !waiting.iter().any(|waiting| waiting == account))
            });
            if ready.is_empty() {
                break;
            }
            for (id, config, route) in ready {
                let of = |account: &str| Some((account.to_owned(), now.get(account)?.clone()));
                let over: BTreeMap<_, _> = route.accounts().into_iter().filter_map(of).collect();
                let is_same = |old: &&Arc<Account>| {
                    let is_over = old.route.as_ref().is_some_and(|route| route.is_over(&over));
                    old.fingerprint == config.fingerprint && is_over
                };
                let account = match before.get(&id).filter(is_same) {
                    Some(same) => same.clone(),
                    None => Arc::new(Account::route(
                        &id,
                        config,
                        route,
                        over,
                        log,
                        before.get(&id).and_then(|old| old.route.as_deref()),
                    )),
                };
                now.insert(id, account);
            }
            routes = later;
        }
        Self(now)
    }

    /// Returns how often calls may be made to the vendors.
    pub(super) fn budgets(&self) -> Vec<Arc<Budget>> {
        self.shared().flat_map(|shared| shared.budgets().list()).collect()
    }

    /// Returns the circuit breakers.
    pub(super) fn breakers(&self) -> Vec<Arc<dyn SharedBreaker>> {
        self.shared().map(|shared| shared.breaker().clone()).collect()
    }

    /// Shares all that with other replicas.
    pub(super) fn share(&self, shares: Option<&Shares>) {
        for shared in self.shared() {
            shares.iter().for_each(|shares| shares.share_account(shared));
        }
    }

    fn shared(&self) -> impl Iterator<Item = &Shared> {
        self.values().filter_map(|account| account.vendor.shared())
    }

    /// Ends the streams of accounts that are not in `now` any more, and returns the number of these accounts.
    pub(crate) fn end_missing_from(&self, now: &Accounts) -> usize {
        let kept = |id: &String, account: &Arc<Account>| now.get(id).is_some_and(|now| Arc::ptr_eq(now, account));
        let gone = self.iter().filter(|(id, account)| !kept(id, account));
        gone.inspect(|(_, account)| account.ended.cancel()).count()
    }
}

/// Runs `work` for each account of the current configuration, until a reload removes or changes the account; for ever.
/// `changed` is notified of a reload.
pub(super) async fn for_each_account<W>(
    accounts: Arc<ArcSwap<Accounts>>,
    changed: Arc<Notify>,
    work: impl Fn(Arc<Account>) -> W,
) where
    W: Future<Output = ()> + Send + 'static,
{
    let (mut begun, mut running) = (Vec::<Weak<Account>>::new(), JoinSet::new());
    loop {
        let change = changed.notified();
        begun.retain(|account| account.strong_count() > 0);
        for account in accounts.load_full().values() {
            if !begun.iter().any(|begun| begun.as_ptr() == Arc::as_ptr(account)) {
                begun.push(Arc::downgrade(account));
                let (ended, work) = (account.ended.clone(), work(account.clone()));
                running.spawn(async move { ended.run_until_cancelled(work).await });
            }
        }
        while running.try_join_next().is_some() {}
        change.await;
    }
}

impl Gateway {
    pub(crate) async fn list_accounts(
        &self,
        call: &Call,
        request: ListAccountsRequest,
    ) -> Result<ListAccountsResponse, Error> {
        let ListAccountsRequest { page_size, page_token } = request;
        let mut check = Check::new();
        let page = Page::new(&mut check, page_size, &page_token, "ListAccounts");
        check.done()?;
        let accounts = self.accounts();
        let granted = accounts.iter().filter(|(id, _)| call.may_use(id)).map(|(_, account)| account);
        let granted: Vec<_> = granted.collect();
        let total_size = i32::try_from(granted.len()).unwrap_or(i32::MAX);
        let (granted, next_page_token) = page.of(granted.into_iter());
        let accounts = granted.into_iter().map(|account| describe(account)).collect();
        Ok(ListAccountsResponse { accounts, next_page_token, total_size })
    }

    pub(crate) async fn get_account(
        &self,
        call: &Call,
        request: GetAccountRequest,
    ) -> Result<GetAccountResponse, Error> {
        let GetAccountRequest { name } = request;
        let mut check = Check::new();
        check.account(&name, "name");
        check.done()?;
        let account = find(&self.accounts(), call, &name, "name")?;
        Ok(GetAccountResponse { account: Some(describe(&account)) })
    }
}

fn describe(account: &Account) -> pb::Account {
    pb::Account {
        name: account.site.account.as_ref().to_owned(),
        vendor: account.site.vendor.as_ref().to_owned(),
        methods: METHODS.iter().filter(|method| account.offers(method)).map(|method| method.path.to_owned()).collect(),
        allow_caller_credential: account.allow_caller_credential,
        route_shares: account.route.iter().flat_map(|route| route.balance().shares()).collect(),
    }
}
