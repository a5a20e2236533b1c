//! Limits the calls in flight of an account, see [`crate::gateway::bulkhead::Bulkhead`].

use std::sync::Arc;

use futures::{FutureExt, TryFutureExt};

use super::{Layer, Next};
use crate::{api::VendorRpc, call::Call, error::Error, gateway::Account};

/// Waits for one of the account's permits, and holds it to the end of the call.
pub(in crate::gateway) struct Limit;

impl Layer for Limit {
    type Target = Arc<Account>;
    type Found = Arc<Account>;

    fn around<R: VendorRpc, N: Next<Target = Arc<Account>>>(
        &self,
        call: Call,
        account: Arc<Account>,
        request: R,
        next: &N,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        let deadline = call.deadline();
        let answer = next.run(call, account.clone(), request);
        let entered = async move { account.bulkhead.enter(deadline).await };
        entered.and_then(|permit| answer.inspect(move |_| _ = &permit))
    }
}
