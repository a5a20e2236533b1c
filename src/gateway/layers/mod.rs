//! The layers of a call. A layer is one function that is generic over all RPCs which vendors answer; the stack of them is
//! put together in [`super::Gateway::new`]. The types are static, so that a layer costs no allocation.

mod access_log;
mod account;
mod authorize;
mod limit;
mod offered;
mod outlive;
mod streams;

use std::sync::Arc;

pub(super) use self::{
    access_log::{AccessLog, log_refusal},
    account::{FindAccount, find},
    authorize::{Authorize, may_call},
    limit::Limit,
    offered::{Offered, refusals},
    outlive::Outlive,
    streams::Streams,
};
use super::Account;
use crate::{api::VendorRpc, call::Call, error::Error};

/// What a layer calls for the rest of the way: the next layer with all that follows.
pub(super) trait Next: Send + Sync + 'static {
    /// What the call is for: nothing yet, or the account that was found.
    type Target: Send + 'static;

    /// Goes on with the call. The request is handed over at once, before the future is polled, so that it is kept once:
    /// there are as many of these futures as calls in flight.
    fn run<R: VendorRpc>(
        &self,
        call: Call,
        target: Self::Target,
        request: R,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static;
}

/// A layer around the rest of the way.
pub(super) trait Layer: Send + Sync + 'static {
    /// What the layer knows of the account.
    type Target: Send + 'static;
    /// What the layers that follow know of it.
    type Found: Send + 'static;

    /// Does the layer's part before, after or instead of `next`.
    fn around<R: VendorRpc, N: Next<Target = Self::Found>>(
        &self,
        call: Call,
        target: Self::Target,
        request: R,
        next: &N,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static;
}

/// A layer and the rest of the way.
pub(super) struct Around<L, N>(pub(super) L, pub(super) N);

impl<L: Layer, N: Next<Target = L::Found>> Next for Around<L, N> {
    type Target = L::Target;

    fn run<R: VendorRpc>(
        &self,
        call: Call,
        target: L::Target,
        request: R,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        self.0.around(call, target, request, &self.1)
    }
}

/// The end of the way.
pub(super) struct AskVendor;

impl Next for AskVendor {
    type Target = Arc<Account>;

    #[expect(clippy::manual_async_fn, reason = "an async fn would borrow the layer")]
    fn run<R: VendorRpc>(
        &self,
        call: Call,
        account: Arc<Account>,
        request: R,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        async move {
            call.mark_asked();
            request.ask(&*account.vendor, &call).await
        }
    }
}
