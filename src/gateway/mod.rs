//! Passes calls, whatever protocol they arrive by, through the layers to the vendor of their account.

mod accounts;
mod analyze;
mod bulkhead;
mod conditions;
mod consent;
mod decisions;
mod events;
mod inbox;
mod info;
mod layers;
mod messages;
mod outgoing;
mod pushes;
mod quiet;
mod register;
mod replicas;
pub mod route;
mod screen;
mod shares;
mod slices;
mod spend;
#[cfg(test)]
mod tests;
mod until;
mod webhook;
mod work;

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::layers::{
    AccessLog, Around, AskVendor, Authorize, FindAccount, Limit, Next as _, Offered, Outlive, Record, Recorder,
    Streams, log_refusal,
};
use self::pushes::{Confirmations, Intake};
pub use self::{
    accounts::{Account, Accounts},
    consent::{Consents, OfflineConsents, OptOuts},
    messages::{Log, is_final, logged_message},
    outgoing::{MayUse, Outgoing},
    quiet::Quiet,
    screen::{Content, Refusals, Rule, Screened},
    spend::{Guard, kept_countries},
};
pub(crate) use self::{bulkhead::overloaded, pushes::PushAnswer, until::until};
use crate::{
    api::{
        Rpc, VendorRpc,
        budget::{Budget, Budgets},
    },
    call::Call,
    config::GuardLimits,
    error::Error,
    store::Store,
    text::senders::Senders,
};

/// The layers of a call, from the outermost to the vendor.
type Stack = Around<
    AccessLog,
    Around<
        Authorize,
        Around<
            FindAccount,
            Around<Offered, Around<Streams, Around<Outlive, Around<Record, Around<Limit, AskVendor>>>>>,
        >,
    >,
>;

/// The accounts, and the calls in flight to them.
pub struct Gateway {
    accounts: Arc<ArcSwap<Accounts>>,
    accounts_changed: Arc<Notify>,
    log: Option<Log>,
    /// The streams of subscriptions.
    event_streams: events::Streams,
    /// Records what vendors report, in the log.
    intake: Option<Intake>,
    /// The delivery of events to webhooks, if there is a store.
    outgoing: Option<Outgoing>,
    /// What countries permit as a sender.
    senders: Arc<Senders>,
    /// What is shared with other replicas, if there may be others.
    shares: Option<shares::Shares>,
    /// The spend guard, if there is a store.
    guard: Option<Arc<Guard>>,
    /// When marketing is permitted, if there is a store.
    quiet: Option<Arc<Quiet>>,
    /// Who knows of opt-outs what analyses tell, if that is not the log.
    opt_outs: Option<Arc<dyn OptOuts>>,
    stack: Stack,
    /// The writes in flight.
    pub(crate) writes: TaskTracker,
    /// Cancelled when the drain begins, which ends streams.
    pub(crate) draining: CancellationToken,
    /// Cancelled when `drain_timeout` has passed: writes still in flight are abandoned and logged.
    pub(crate) abandoned: CancellationToken,
}

impl Gateway {
    /// Creates the gateway of these accounts. Without a log, no call is recorded. A pushed state waits `confirm_timeout` for its
    /// confirmation by a look-up.
    pub fn new(accounts: Accounts, log: Option<Log>, confirm_timeout: Duration) -> Self {
        let shares = log.as_ref().and_then(|log| shares::Shares::new(log.store()));
        accounts.share(shares.as_ref());
        let accounts = Arc::new(ArcSwap::from_pointee(accounts));
        let (writes, draining, abandoned) = (TaskTracker::new(), CancellationToken::new(), CancellationToken::new());
        if let Some(log) = &log {
            log.tell_deliveries(&accounts);
        }
        let find = FindAccount(accounts.clone());
        let streams = Streams { draining: draining.clone() };
        let outlive = Outlive { writes: writes.clone(), abandoned: abandoned.clone() };
        // The order of the layers:
        // - the access log is outermost, so that rejected calls are logged too;
        // - authorization comes before any lookup, so that errors do not reveal what exists;
        // - the account is found next, as all that follows needs it;
        // - what the vendor does not support is rejected before it takes a permit;
        // - a stream takes its own permit, which it holds after the call has been answered;
        // - a write that outlives its caller is recorded to its end and keeps its permit, so both are inside;
        // - a repeated call takes no permit while it waits for the first one, so the limit is inside of the record;
        // - the vendor is asked last.
        let record = Record(log.clone().map(Recorder::new));
        let recorded = Around(outlive, Around(record, Around(Limit, AskVendor)));
        let stack = Around(AccessLog, Around(Authorize, Around(find, Around(Offered, Around(streams, recorded)))));
        let accounts_changed = Arc::default();
        let confirmations = Arc::new(Confirmations::new(confirm_timeout));
        let intake = log.clone().map(|log| Intake { log, confirmations, early: Arc::default() });
        let event_streams = events::Streams::default();
        Self {
            accounts,
            accounts_changed,
            log,
            intake,
            event_streams,
            outgoing: None,
            senders: Arc::default(),
            shares,
            guard: None,
            quiet: None,
            opt_outs: None,
            stack,
            writes,
            draining,
            abandoned,
        }
    }

    /// Passes a request to the vendor of its account, within the deadline of the call.
    ///
    /// When the caller disconnects or its deadline passes after a write was sent, the write finishes in the background
    /// and its outcome is logged. Before that, the write is not sent any more.
    pub(crate) fn answer<R: VendorRpc>(
        &self,
        call: Call,
        request: R,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        self.stack.run(call, (), request)
    }

    /// Checks whether the caller may make a call that needs no vendor.
    ///
    /// # Errors
    /// SCOPE_MISSING.
    pub(crate) fn authorize<R: Rpc>(&self, call: &Call) -> Result<(), Error> {
        layers::may_call(call, R::METHOD).inspect_err(|error| log_refusal(call, R::METHOD, error))
    }

    /// Returns the log of messages, if there is one.
    pub(crate) fn log(&self) -> Option<&Log> {
        self.log.as_ref()
    }

    /// Returns the store, if there is one.
    pub(crate) fn store(&self) -> Option<&Store> {
        self.log.as_ref().map(Log::store)
    }

    /// Follows the messages of the log to their end, for ever.
    pub(crate) fn follow(&self) -> Option<impl Future<Output = ()> + Send + 'static> {
        self.log.clone().map(|log| messages::follow(log, self.accounts.clone(), self.writes.clone()))
    }

    /// Finishes what vendors pushed, for ever: confirms states, joins parts. Polls what they do not push.
    pub(crate) fn finish_pushes(&self) -> Option<impl Future<Output = ()> + Send + 'static> {
        self.intake.as_ref()?.finish(self.accounts.clone(), self.accounts_changed.clone())
    }

    /// Records what calls show about accounts as a whole, and keeps the weights of routes, for ever.
    pub(crate) fn look_after_accounts(&self) -> Option<impl Future<Output = ()> + Send + 'static> {
        let log = self.log.clone()?;
        let recorded = conditions::record(log.clone(), self.accounts.clone(), self.accounts_changed.clone());
        let kept = route::keep(log, self.accounts.clone(), self.accounts_changed.clone());
        Some(async {
            tokio::join!(recorded, kept);
        })
    }

    /// Shares these budgets with the other replicas, if there may be others.
    pub(crate) fn share(&self, budgets: &Budgets) {
        if let Some(shares) = &self.shares {
            shares.share(budgets);
        }
    }

    /// Keeps the shares of the budgets of all accounts and of `others`, and shares circuit breakers, for ever.
    pub(crate) fn keep_shares(
        &self,
        others: impl Fn() -> Vec<Arc<Budget>> + Send + 'static,
    ) -> Option<impl Future<Output = ()> + Send + 'static> {
        let (shares, accounts) = (self.shares.clone()?, self.accounts.clone());
        let breakers = {
            let accounts = accounts.clone();
            move || accounts.load().breakers()
        };
        Some(shares.keep(move || [accounts.load().budgets(), others()].concat(), breakers))
    }

    /// Lets other replicas have the shares of this one, as it ends.
    pub(crate) async fn leave_shares(&self, others: Vec<Arc<Budget>>) {
        if let Some(shares) = &self.shares
            && let Err(error) = shares.leave([self.accounts().budgets(), others].concat()).await
        {
            tracing::debug!(%error, "shares of budgets were not given back: their leases end by themselves");
        }
    }

    /// Follows the ledger of consent, and copies blocks to vendors' stop lists, for ever.
    pub(crate) fn keep_consents(&self) -> Option<impl Future<Output = ()> + Send + 'static> {
        let consents = self.log.as_ref()?.consents().clone();
        let copy = consents.clone().copy(self.accounts.clone(), self.accounts_changed.clone());
        Some(async move {
            tokio::join!(consents.follow(), copy);
        })
    }

    /// Registers the webhooks of accounts at their vendors, for ever.
    pub(crate) fn register_webhooks(&self) -> impl Future<Output = ()> + Send + 'static {
        register::register(self.accounts.clone(), self.accounts_changed.clone())
    }

    /// Delivers events to webhooks.
    #[must_use]
    pub fn with_outgoing(self, outgoing: Option<Outgoing>) -> Self {
        Self { outgoing, ..self }
    }

    /// Counts conversions with this guard, which is a rule of the log, and keeps its counts.
    #[must_use]
    pub fn with_guard(self, guard: Option<Arc<Guard>>) -> Self {
        Self { guard, ..self }
    }

    /// Analyzes messages by these quiet hours, which are a rule of the log.
    #[must_use]
    pub fn with_quiet_hours(self, quiet: Option<Arc<Quiet>>) -> Self {
        Self { quiet, ..self }
    }

    /// Analyzes messages by what somebody else than the log knows of opt-outs.
    #[must_use]
    pub fn with_opt_outs(self, opt_outs: Option<Arc<dyn OptOuts>>) -> Self {
        Self { opt_outs, ..self }
    }

    /// Replaces what is set for the spend guard.
    pub(crate) fn set_guard_limits(&self, limits: GuardLimits) {
        if let Some(guard) = &self.guard {
            guard.set_limits(limits);
        }
    }

    /// Keeps the counts of the spend guard in the store, for ever.
    pub(crate) fn keep_guard(&self) -> Option<impl Future<Output = ()> + Send + 'static> {
        Some(self.guard.clone()?.keep(self.store()?.clone()))
    }

    /// Writes the counts of the spend guard a last time.
    pub(crate) fn save_guard(&self) -> impl Future<Output = ()> + Send + 'static {
        let kept = self.guard.clone().zip(self.store().cloned());
        async move {
            if let Some((guard, store)) = kept
                && let Err(error) = guard.save(&store).await
            {
                tracing::warn!(%error, "the last counts of the spend guard were not kept");
            }
        }
    }

    /// Analyzes senders by this table.
    #[must_use]
    pub fn with_senders(self, senders: Senders) -> Self {
        Self { senders: Arc::new(senders), ..self }
    }

    /// Delivers events to webhooks, for ever.
    pub(crate) fn deliver(&self) -> Option<impl Future<Output = ()> + Send + 'static> {
        self.outgoing.clone().map(|outgoing| outgoing.deliver(self.accounts.clone()))
    }

    /// Returns the accounts of the current configuration.
    pub(crate) fn accounts(&self) -> Arc<Accounts> {
        self.accounts.load_full()
    }

    /// Replaces the accounts for new calls.
    pub(crate) fn set_accounts(&self, accounts: Arc<Accounts>) {
        accounts.share(self.shares.as_ref());
        self.accounts.store(accounts);
        self.accounts_changed.notify_waiters();
    }
}
