//! The layers of a call. A layer is one function that is generic over all RPCs of vendors; [`super::Gateway::new`]
//! builds the stack. The types are static, so that a layer costs no allocation.

mod access_log;
mod account;
mod authorize;
mod limit;
mod offered;
mod outlive;
mod record;
mod streams;

use std::sync::Arc;

pub(super) use self::{
    access_log::{AccessLog, log_refusal},
    account::{ALL, FindAccount, find, find_all},
    authorize::{Authorize, may_call},
    limit::Limit,
    offered::{Offered, refusals},
    outlive::Outlive,
    record::{Record, Recorder},
    streams::{Streams, bounded, ended},
};
use super::{Account, screen};
use crate::{api::VendorRpc, call::Call, error::Error};

/// The next layer, with all that follow.
pub(super) trait Next: Send + Sync + 'static {
    /// The target of the call: nothing yet, or the account that was found.
    type Target: Send + 'static;

    /// Runs the rest of the call. The request is moved on before the future is polled, so that it is stored once: there
    /// are as many of these futures as calls in flight.
    fn run<R: VendorRpc>(
        &self,
        call: Call,
        target: Self::Target,
        request: R,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static;
}

/// A layer around the rest of the call.
pub(super) trait Layer: Send + Sync + 'static {
    /// The target that the layer is called with.
    type Target: Send + 'static;
    /// The target that it passes to the next layer.
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

/// A layer and the rest of the call.
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

/// The innermost step: asks the vendor.
pub(super) struct AskVendor;

impl Next for AskVendor {
    type Target = Arc<Account>;

    #[expect(clippy::manual_async_fn, reason = "an async fn would borrow the layer")]
    fn run<R: VendorRpc>(
        &self,
        call: Call,
        account: Arc<Account>,
        mut request: R,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        async move {
            call.mark_asked();
            if let Some(kept) = call.intent().and_then(|intent| intent.kept()) {
                screen::cut(&mut request, &kept);
            }
            request.ask(&*account.vendor, &call).await
        }
    }
}
