//! Logs one line for each call, and two for a write that outlives its caller's deadline. No field has a phone number, a
//! text or a secret.

use futures::FutureExt;

use super::{Layer, Next};
use crate::{
    api::{Method, VendorRpc},
    call::Call,
    error::Error,
    request::names,
};

/// Logs the outcome of a call.
pub(in crate::gateway) struct AccessLog;

impl Layer for AccessLog {
    type Target = ();
    type Found = ();

    fn around<R: VendorRpc, N: Next<Target = ()>>(
        &self,
        call: Call,
        (): (),
        request: R,
        next: &N,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        next.run(call.clone(), (), request).inspect(move |result| match result {
            Err(error) if !call.was_asked() => log_refusal(&call, R::METHOD, error),
            Err(error) if error.goes_on() => log(&call, R::METHOD, Some(error), ", and the write goes on"),
            result => log(&call, R::METHOD, result.as_ref().err(), ""),
        })
    }
}

/// Logs a call that was rejected before the vendor was asked.
pub(in crate::gateway) fn log_refusal(call: &Call, method: &Method, error: &Error) {
    let account = call.site().map_or("", |site| &site.account);
    tracing::info!(method = method.path, account, reason = error.reason_text(), "refused");
}

/// Logs how the vendor answered a call.
pub(super) fn log(call: &Call, method: &Method, error: Option<&Error>, suffix: &str) {
    let ms = call.started().elapsed().as_millis() as u64;
    let (method, account) = (method.path, call.site().map_or("", |site| &site.account));
    let resource = call.resource().map(names::loggable);
    let resource = resource.as_deref();
    match error {
        None => tracing::info!(method, account, resource, ms, "answered{suffix}"),
        Some(error) => {
            let (code, reason) = (tracing::field::debug(error.code()), error.reason_text());
            tracing::info!(method, account, resource, ms, code, reason, "failed{suffix}");
        }
    }
}
