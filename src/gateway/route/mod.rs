//! A route: an account whose messages go through others, by rules. It is a vendor as others are, so that all layers are
//! before it; what it asks of an account goes past the layers, with a permit of that account.
//!
//! | file | content |
//! |---|---|
//! | `mod.rs` | the route and its accounts; looks up and cancels at the account that took the message |
//! | `plan.rs` | which rule and which accounts each recipient has |
//! | `choice.rs` | the order of the accounts of a rule |
//! | `health/` | how much of its share each account gets |
//! | `balance.rs` | asks the health, and tells it what is seen |
//! | `keep.rs` | judges the accounts, and keeps their weights in the store |
//! | `share.rs` | what operators set of the weights |
//! | `prices.rs` | what accounts were last paid |
//! | `explain.rs` | what a route would do, for AnalyzeMessage |
//! | `deliver.rs` | sends a message, in groups of recipients |
//! | `group.rs` | asks one account after the other for a group |
//! | `verdict.rs` | what may go to another account, and what never |
//! | `part.rs` | the record of what an account does |
//! | `reply.rs` | one message of what all accounts answered |
//! | `resend.rs` | who is sent to again, as an account did not deliver the message |
//! | `again.rs`, `record.rs` | sends to them once, and records that first |

mod again;
mod balance;
mod choice;
mod deliver;
mod explain;
mod group;
pub mod health;
mod keep;
mod part;
mod plan;
mod prices;
mod record;
mod reply;
mod resend;
mod share;
mod verdict;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use futures::future::BoxFuture;

pub(in crate::gateway) use self::{again::send_again, keep::keep};
use self::{balance::Balance, choice::Chooser, prices::Prices, resend::Hedges};
use super::Account;
use crate::{
    api::{
        MessageService, Method, methods, not_offered, offers,
        pb::{
            CancelMessageRequest, CancelMessageResponse, GetMessageRequest, GetMessageResponse, SendMessageRequest,
            SendMessageResponse,
        },
    },
    call::Call,
    config::RouteConfig,
    error::{Error, Outcome, Reason},
    request::names,
};

/// A route.
pub(in crate::gateway) struct Route {
    /// `accounts/main`.
    name: String,
    config: RouteConfig,
    /// The accounts that the rules name, by id.
    accounts: BTreeMap<String, Arc<Account>>,
    chooser: Chooser,
    prices: Prices,
    hedges: Hedges,
}

offers!(Route {
    MessageService { SendMessage, GetMessage, CancelMessage },
});

impl Route {
    /// Creates the route `id` over these accounts.
    /// `before` is the route that it replaces.
    pub(in crate::gateway) fn new(
        id: &str,
        config: RouteConfig,
        accounts: BTreeMap<String, Arc<Account>>,
        before: Option<&Self>,
    ) -> Self {
        let balance = Balance::new(id, &config, &accounts, before.map(|before| &before.config));
        Self {
            name: format!("accounts/{id}"),
            config,
            accounts,
            chooser: Chooser::new(balance),
            prices: Prices::default(),
            hedges: Hedges::default(),
        }
    }

    /// The balance of the accounts.
    pub(in crate::gateway) fn balance(&self) -> &Balance {
        &self.chooser.balance
    }

    /// Returns the route's id.
    fn id(&self) -> &str {
        names::account_id(&self.name)
    }

    /// Whether the route was made of these very accounts.
    pub(in crate::gateway) fn is_over(&self, accounts: &BTreeMap<String, Arc<Account>>) -> bool {
        self.accounts.iter().all(|(id, account)| accounts.get(id).is_some_and(|now| Arc::ptr_eq(now, account)))
    }

    /// Returns the account that a message is at, by the message's name at its vendor.
    fn account_of(&self, name: &str) -> Result<&Arc<Account>, Error> {
        let id = names::account(name, "name")?;
        self.leaf(id).ok_or_else(|| {
            let text = match names::account_id(&self.name) == id {
                true => "the log has no such message",
                false => "the message went through an account that the route has no more",
            };
            Error::new(Reason::ResourceNotFound, text).outcome(Outcome::NotSent)
        })
    }

    /// Returns an account that messages go through, also by way of another route.
    pub(in crate::gateway) fn leaf(&self, id: &str) -> Option<&Arc<Account>> {
        let own = self.accounts.get(id).filter(|account| account.route.is_none());
        let others = || self.accounts.values().filter_map(|account| account.route.as_ref());
        own.or_else(|| others().find_map(|route| route.leaf(id)))
    }
}

/// Explains why a route does not offer an RPC.
pub(super) fn why_not_offered(method: &Method) -> String {
    let why = if method == methods::MessageService::SendTemplatedMessage {
        "the placeholders are in the form of one vendor"
    } else if method == methods::MessageService::SendGroupMessage {
        "the groups are those of one vendor, who alone knows their members"
    } else {
        "it is about one vendor"
    };
    format!("a route does not support {}, as {why}; call one of its accounts", method.path)
}

/// Returns the vendor of an account, without what is before it.
fn service(account: &Account) -> Result<&dyn MessageService, Error> {
    account.vendor.inner().unwrap_or(&*account.vendor).message_service().ok_or_else(not_offered)
}

#[async_trait]
impl MessageService for Route {
    // Not `async fn`, which would keep the request twice.
    fn send_message<'route, 'call, 'future>(
        &'route self,
        call: &'call Call,
        request: SendMessageRequest,
    ) -> BoxFuture<'future, Result<SendMessageResponse, Error>>
    where
        'route: 'future,
        'call: 'future,
    {
        Box::pin(self.deliver(call, request))
    }

    async fn get_message(&self, call: &Call, request: GetMessageRequest) -> Result<GetMessageResponse, Error> {
        let account = self.account_of(&request.name)?;
        let _permit = account.bulkhead.enter(call.deadline()).await?;
        let reply = service(account)?.get_message(call, request).await?;
        reply.message.iter().for_each(|message| self.prices.note(&account.site.account, message));
        Ok(reply)
    }

    async fn cancel_message(&self, call: &Call, request: CancelMessageRequest) -> Result<CancelMessageResponse, Error> {
        let account = self.account_of(&request.name)?;
        let _permit = account.bulkhead.enter(call.deadline()).await?;
        service(account)?.cancel_message(call, request).await
    }
}
