//! What becomes of a call, whatever door it came by: the layers that it passes on its way to the vendor of its account.

mod accounts;
mod analyze;
mod bulkhead;
mod layers;
mod slices;
#[cfg(test)]
mod tests;
mod until;
mod work;

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::accounts::{Account, Accounts};
use self::layers::{
    AccessLog, Around, AskVendor, Authorize, FindAccount, Limit, Next as _, Offered, Outlive, Streams, log_refusal,
};
pub(crate) use self::{bulkhead::overloaded, until::until};
use crate::{
    api::{Rpc, VendorRpc},
    call::Call,
    error::Error,
};

/// The layers of a call, from the outermost to the vendor.
type Stack = Around<
    AccessLog,
    Around<Authorize, Around<FindAccount, Around<Offered, Around<Streams, Around<Outlive, Around<Limit, AskVendor>>>>>>,
>;

/// The accounts, and the calls on their way to them.
pub struct Gateway {
    accounts: Arc<ArcSwap<Accounts>>,
    stack: Stack,
    /// The writes that are under way.
    pub(crate) writes: TaskTracker,
    /// Cancelled when the drain begins: streams end.
    pub(crate) draining: CancellationToken,
    /// Cancelled when the drain limit has passed: writes that are still under way are given up and logged.
    pub(crate) abandoned: CancellationToken,
}

impl Gateway {
    /// Creates the gateway of these accounts.
    pub fn new(accounts: Accounts) -> Self {
        let accounts = Arc::new(ArcSwap::from_pointee(accounts));
        let (writes, draining, abandoned) = (TaskTracker::new(), CancellationToken::new(), CancellationToken::new());
        let find = FindAccount(accounts.clone());
        let streams = Streams { draining: draining.clone() };
        let outlive = Outlive { writes: writes.clone(), abandoned: abandoned.clone() };
        // Each layer stands where it does for a reason:
        // - the access log is outermost, as refusals are logged too;
        // - authorisation comes before anything is looked up: what exists is not for everyone to know;
        // - the account is found next, as all that follows is about it;
        // - what the vendor does not offer is refused before it takes a permit;
        // - a stream takes its own permit, which it keeps after the call has been answered;
        // - a write outlives its caller together with the permit that it holds, so the limit is inside of that;
        // - the vendor is asked last.
        let limited = Around(outlive, Around(Limit, AskVendor));
        let stack = Around(AccessLog, Around(Authorize, Around(find, Around(Offered, Around(streams, limited)))));
        Self { accounts, stack, writes, draining, abandoned }
    }

    /// Passes a request to the vendor of its account, within the deadline of the call.
    ///
    /// When the caller leaves or its time runs out after a write has left, the write goes on to its end in the background,
    /// and the log has the outcome. Before that, the write does not leave any more.
    pub(crate) fn answer<R: VendorRpc>(
        &self,
        call: Call,
        request: R,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        self.stack.run(call, (), request)
    }

    /// Checks whether the caller may make a call that no vendor is needed for.
    ///
    /// # Errors
    /// SCOPE_MISSING.
    pub(crate) fn authorize<R: Rpc>(&self, call: &Call) -> Result<(), Error> {
        layers::may_call(call, R::METHOD).inspect_err(|error| log_refusal(call, R::METHOD, error))
    }

    /// The accounts as they are configured now.
    pub(crate) fn accounts(&self) -> Arc<Accounts> {
        self.accounts.load_full()
    }

    /// Replaces the accounts for the calls to come.
    pub(crate) fn set_accounts(&self, accounts: Arc<Accounts>) {
        self.accounts.store(accounts);
    }
}
