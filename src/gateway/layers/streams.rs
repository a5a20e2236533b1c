//! Streams: each holds a permit of its account as long as it lasts, and ends when the server drains, its account is
//! reconfigured, or its caller is revoked.

use std::{
    future::ready,
    sync::{Arc, OnceLock},
};

use futures::{StreamExt, future::Either, stream};
use tokio_util::sync::CancellationToken;

use super::{Layer, Next};
use crate::{
    api::{ResponseStream, VendorRpc, WrapStream},
    call::Call,
    error::{Error, Reason},
    gateway::{Account, bulkhead::Permit, until},
};

/// Limits the streams of an account, and ends them.
pub(in crate::gateway) struct Streams {
    pub(in crate::gateway) draining: CancellationToken,
}

impl Layer for Streams {
    type Target = Arc<Account>;
    type Found = Arc<Account>;

    fn around<R: VendorRpc, N: Next<Target = Arc<Account>>>(
        &self,
        call: Call,
        account: Arc<Account>,
        request: R,
        next: &N,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        if !R::METHOD.streams {
            return Either::Left(next.run(call, account, request));
        }
        let permit = match account.bulkhead.watch() {
            Ok(permit) => permit,
            Err(error) => return Either::Right(Either::Left(ready(Err(error)))),
        };
        let answer = next.run(call.clone(), account.clone(), request);
        let bounded = Bounded { call, account, permit, draining: self.draining.clone() };
        Either::Right(Either::Right(async move { answer.await.map(|reply| R::wrap_stream(reply, bounded)) }))
    }
}

/// What ends a stream, and its permit.
struct Bounded {
    call: Call,
    account: Arc<Account>,
    permit: Permit,
    draining: CancellationToken,
}

impl WrapStream for Bounded {
    fn wrap<T: Send + 'static>(self, stream: ResponseStream<T>) -> ResponseStream<T> {
        let Self { call, account, permit, draining } = self;
        bounded(stream, async move { ended(&draining, Some(&account), &call).await }, permit)
    }
}

/// Ends a stream with an error at `end`, after the items that are ready, and holds something as long as it lasts.
pub(in crate::gateway) fn bounded<T: Send + 'static>(
    stream: ResponseStream<T>,
    end: impl Future<Output = Error> + Send + 'static,
    held: impl Send + 'static,
) -> ResponseStream<T> {
    let why = Arc::new(OnceLock::new());
    let end = {
        let why = why.clone();
        Box::pin(async move {
            let _ = why.set(end.await);
        })
    };
    // A stream that did not end by itself has a final error.
    let last = stream::once(async move { why.get().cloned() }).filter_map(ready).map(Err);
    until(stream, end).chain(last).inspect(move |_| _ = &held).boxed()
}

/// Waits until a stream must end although it has more to send, and returns why.
pub(in crate::gateway) async fn ended(draining: &CancellationToken, account: Option<&Account>, call: &Call) -> Error {
    let caller_ends = async {
        match call.caller() {
            Some(caller) => caller.ends().await,
            None => std::future::pending().await,
        }
    };
    let account_ends = async {
        match account {
            Some(account) => account.ended.cancelled().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = draining.cancelled() => Error::new(Reason::ServerDraining, "the server is shutting down: retry"),
        () = account_ends => {
            Error::new(Reason::ServerDraining, "the account was reconfigured: retry")
        }
        () = caller_ends => Error::new(Reason::CallerNotAuthenticated, "the caller was changed or revoked, or has expired"),
    }
}
