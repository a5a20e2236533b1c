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
        let why = Arc::new(OnceLock::new());
        let permit = self.permit;
        let end = {
            let why = why.clone();
            Box::pin(async move {
                let _ = why.set(ended(&self.draining, &self.account, &self.call).await);
            })
        };
        // A stream that the vendor did not end has a final error.
        let last = stream::once(async move { why.get().cloned() }).filter_map(ready).map(Err);
        until(stream, end).chain(last).inspect(move |_| _ = &permit).boxed()
    }
}

/// Waits until a stream must end although its vendor goes on, and returns why.
async fn ended(draining: &CancellationToken, account: &Account, call: &Call) -> Error {
    let caller_ends = async {
        match call.caller() {
            Some(caller) => caller.ends().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = draining.cancelled() => Error::new(Reason::ServerDraining, "the server is shutting down: retry"),
        () = account.ended.cancelled() => {
            Error::new(Reason::ServerDraining, "the account was reconfigured: retry")
        }
        () = caller_ends => Error::new(Reason::CallerNotAuthenticated, "the caller was changed or revoked, or has expired"),
    }
}
