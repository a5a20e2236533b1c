//! Rejects what the account's vendor does not support: an RPC, or options of another vendor.

use std::{future::ready, sync::Arc};

use futures::future::Either;

use super::{Layer, Next};
use crate::{
    api::{VendorOptions, VendorRpc},
    call::Call,
    error::{Error, Outcome, Reason, Violation},
    gateway::{Account, route},
    vendors,
};

/// Rejects what the vendor does not support, so that vendors need not know each other.
pub(in crate::gateway) struct Offered;

impl Layer for Offered {
    type Target = Arc<Account>;
    type Found = Arc<Account>;

    fn around<R: VendorRpc, N: Next<Target = Arc<Account>>>(
        &self,
        call: Call,
        account: Arc<Account>,
        request: R,
        next: &N,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        let vendor = &*account.site.vendor;
        if !account.offers(R::METHOD) {
            let text = match account.route {
                Some(_) => route::why_not_offered(R::METHOD),
                None => format!("{vendor} does not support {}", R::METHOD.path),
            };
            let error = Error::new(Reason::Unsupported, text).outcome(Outcome::NotSent);
            return Either::Right(Either::Left(ready(Err(error))));
        }
        if foreign_options(&account, &request).is_none() {
            return Either::Left(next.run(call, account, request));
        }
        // Boxed, as it is rare and would enlarge every call's future.
        let refused = async move { Err(Error::invalid(refusals(&call, &account, request).await)) };
        Either::Right(Either::Right(Box::pin(refused)))
    }
}

/// Returns the options in a request that belong to another vendor than the account's.
fn foreign_options(account: &Account, request: &impl VendorRpc) -> Option<VendorOptions> {
    request.vendor_options().filter(|options| options.vendor != vendors::platform(&account.site.vendor))
}

/// Returns all violations of a request for an account: those that its vendor finds in a dry run, and options of other
/// vendors.
pub(in crate::gateway) async fn refusals(call: &Call, account: &Account, request: impl VendorRpc) -> Vec<Violation> {
    let foreign = foreign_options(account, &request);
    let mut violations = vendors::refusals(&*account.vendor, call, request).await;
    violations.extend(foreign.map(|VendorOptions { vendor, field }| Violation {
        field: field.to_owned(),
        description: format!("is not supported by {}: these are options of {vendor}", account.site.vendor),
    }));
    violations
}
