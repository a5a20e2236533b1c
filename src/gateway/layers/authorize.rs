//! Checks the caller's scopes. Its accounts are checked where they are looked up.

use std::future::ready;

use futures::future::Either;

use super::{Layer, Next};
use crate::{
    api::{Method, VendorRpc},
    call::Call,
    error::{Error, Outcome, Reason},
};

/// Rejects calls that the caller's scopes do not cover.
pub(in crate::gateway) struct Authorize;

impl Layer for Authorize {
    type Target = ();
    type Found = ();

    fn around<R: VendorRpc, N: Next<Target = ()>>(
        &self,
        call: Call,
        (): (),
        request: R,
        next: &N,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        match may_call(&call, R::METHOD) {
            Ok(()) => Either::Left(next.run(call, (), request)),
            Err(error) => Either::Right(ready(Err(error))),
        }
    }
}

/// Checks whether the caller may call `method`. Without authentication every call is permitted.
///
/// # Errors
/// SCOPE_MISSING.
pub(in crate::gateway) fn may_call(call: &Call, method: &Method) -> Result<(), Error> {
    if call.caller().is_none_or(|caller| caller.may_call(method.index)) {
        return Ok(());
    }
    let text = "the caller's scopes do not cover this method";
    Err(Error::new(Reason::ScopeMissing, text).outcome(Outcome::NotSent))
}
