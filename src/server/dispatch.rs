//! Which account serves a request. `build.rs` writes one forwarding line per RPC; this is what they forward through.

use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{self, Poll},
    time::Duration,
};

use arc_swap::ArcSwap;
use futures::{
    FutureExt, StreamExt,
    future::{BoxFuture, ready},
    stream,
};
use tokio::{
    runtime::Handle,
    time::{Instant, timeout_at},
};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};
use tonic::{Extensions, Request, Response, Status, codec::CompressionEncoding::Gzip, codegen::BoxStream};

use super::{
    accounts::{Account, Accounts},
    callers::Caller,
    compression::{self, Finish},
    deadline::Deadline,
    drain::until,
    large::{self, Large, Work},
    limits::Slot,
};
use crate::{
    context,
    credential::{CallerCredential, METADATA_KEY},
    error::{Error, Outcome, Place, Reason},
    names,
    vendors::{METHODS, Method, Vendor},
};

// `routes`, and the `impl` of every service for `Gateway`.
include!(concat!(env!("OUT_DIR"), "/dispatch.rs"));

/// The accounts, and the calls on their way to them.
pub struct Gateway {
    pub(super) accounts: ArcSwap<Accounts>,
    pub(super) writes: TaskTracker,
    pub(super) call_timeout: Duration,
    pub(super) draining: CancellationToken,
    /// Cancelled when the drain limit has passed: writes that are still under way are given up, with a word.
    pub(super) abandoned: CancellationToken,
}

impl Gateway {
    /// Whether who calls may call `method` at all; asked before anything else. Where nobody is known, everyone may.
    fn authorize(&self, method: &'static Method, extensions: &Extensions) -> Result<(), Status> {
        let Some(caller) = extensions.get::<Arc<Caller>>() else { return Ok(()) };
        let nowhere = Place { account: "", vendor: "", method: method.path, resource: None };
        caller.may_call(method).map_err(|e| refuse(&e, nowhere))
    }

    /// The account that a resource name begins with, for who calls.
    pub(super) fn account(&self, name: &str, field: &str, extensions: &Extensions) -> Result<Arc<Account>, Error> {
        let id = names::account(name, field)?;
        // Before it is looked up: which accounts there are is not for everyone to know.
        if !may_use(extensions, id) {
            let text = format!("the caller may not use accounts/{id}; ListAccounts lists those that it may");
            return Err(Error::new(Reason::AccountNotGranted, text).outcome(Outcome::NotSent));
        }
        let account = self.accounts.load().get(id).cloned().ok_or_else(|| {
            let text = format!("accounts/{id} is not configured here; ListAccounts lists the accounts");
            Error::new(Reason::AccountNotFound, text).outcome(Outcome::NotSent)
        })?;
        context::is_for(id);
        Ok(account)
    }

    /// Hands a request to the vendor of its account, within its deadline, and explains what went wrong.
    ///
    /// When the caller hangs up or its time runs out after a write has left, the write goes on to its end on a task of its
    /// own, and the log has the outcome. Before that, it does not leave any more.
    ///
    /// All that the request is needed for is done at once, so that it is kept once, where the vendor's work is: there are as
    /// many of these as calls in flight.
    fn forward<'a, Req, Res, Answer>(
        &'a self,
        method: &'static Method,
        field: &'static str,
        resource: impl Fn(&Req) -> &str,
        request: Request<Req>,
        ask: impl FnOnce(Arc<dyn Vendor>, Request<Req>) -> Answer,
    ) -> BoxFuture<'a, Result<Response<Res>, Status>>
    where
        Req: prost::Message,
        Res: prost::Message + 'static,
        Answer: Future<Output = Result<Response<Res>, Status>> + Send + 'static,
    {
        let nowhere = Place { account: "", vendor: "", method: method.path, resource: None };
        match self.account(resource(request.get_ref()), field, request.extensions()) {
            Ok(account) => {
                let finish = compression::finish(&request);
                self.forward_to(account, method, field, resource, request, ask, finish)
            }
            Err(e) => ready(Err(refuse(&e, nowhere))).boxed(),
        }
    }

    /// The same, for an account that was found already. `finish` is done to the answer.
    #[expect(clippy::too_many_arguments, reason = "all but `finish` are those of the generated code")]
    fn forward_to<'a, Req, Res, Answer>(
        &'a self,
        account: Arc<Account>,
        method: &'static Method,
        field: &'static str,
        resource: impl FnOnce(&Req) -> &str,
        mut request: Request<Req>,
        ask: impl FnOnce(Arc<dyn Vendor>, Request<Req>) -> Answer,
        finish: Option<Finish<Res>>,
    ) -> BoxFuture<'a, Result<Response<Res>, Status>>
    where
        Req: prost::Message,
        Res: Send + 'static,
        Answer: Future<Output = Result<Response<Res>, Status>> + Send + 'static,
    {
        let started = Instant::now();
        let deadline = request.extensions().get::<Deadline>().map_or(started + self.call_timeout, |d| d.answer);
        let call = context::Call::new(deadline);
        if method.write && field.ends_with("name") {
            call.concerns(|| resource(request.get_ref()).to_owned());
        }
        let forwarded = Forwarded { method, account, call, started };
        large::weigh(&forwarded.call, request.get_ref());
        if let Err(e) = caller_credential(&mut request, &forwarded.account) {
            return ready(Err(refuse(&e, forwarded.place()))).boxed();
        }
        let asked = ask(forwarded.account.vendor.clone(), request);
        let work = AssertUnwindSafe(forwarded.call.clone().run(asked)).catch_unwind();
        let work = work.map(|result| result.unwrap_or_else(|_| Err(Error::internal("the handler panicked").into())));
        let work = Work::new(forwarded.call.clone(), work);
        self.answer(forwarded, work, finish).boxed()
    }

    /// Waits for the vendor's work as long as the call may.
    async fn answer<Res: Send + 'static>(
        &self,
        forwarded: Forwarded,
        work: Work<Result<Response<Res>, Status>>,
        finish: Option<Finish<Res>>,
    ) -> Result<Response<Res>, Status> {
        let Forwarded { method, account, call, .. } = &forwarded;
        let deadline = call.deadline();
        let slot = account.bulkhead.enter(deadline).await.map_err(|e| refuse(&e, forwarded.place()))?;
        let result = if method.write {
            let held = Some(Held { _slot: slot, _tracked: self.writes.token(), abandoned: self.abandoned.clone() });
            let mut write = Write { work: Some(work), held, forwarded: &forwarded };
            let waiting = async {
                tokio::select! {
                    result = &mut write => Some(result),
                    () = self.abandoned.cancelled() => None,
                }
            };
            match timeout_at(deadline, waiting).await {
                Ok(Some(result)) => {
                    forwarded.log(&result, "");
                    result
                }
                Ok(None) => {
                    write.work = None;
                    let result = Err(stopped().into());
                    forwarded.log(&result, "");
                    result
                }
                Err(_) if call.close() => Err(context::too_late().into()),
                Err(_) => {
                    let error = unknown("the deadline passed while the vendor was at work").out_of_time();
                    let result = Err(error.into());
                    forwarded.log(&result, ", and the write goes on");
                    result
                }
            }
        } else {
            let result = timeout_at(deadline, work).await.unwrap_or_else(|_| {
                Err(Error::new(Reason::DeadlineExceeded, "the vendor did not answer before the deadline").into())
            });
            forwarded.log(&result, "");
            result
        };
        let mut result = result.map(finish.unwrap_or(std::convert::identity));
        if let Ok(answer) = &mut result
            && call.is_large()
            && !method.streams
        {
            answer.extensions_mut().insert(Large);
        }
        result.map_err(|status| Error::explain(status, Place { resource: call.resource(), ..forwarded.place() }))
    }

    /// The same for an RPC that answers with a stream, which is ended when the server drains.
    async fn forward_stream<Req, Item, Answer>(
        &self,
        method: &'static Method,
        field: &'static str,
        resource: impl Fn(&Req) -> &str,
        request: Request<Req>,
        ask: impl FnOnce(Arc<dyn Vendor>, Request<Req>) -> Answer,
    ) -> Result<Response<BoxStream<Item>>, Status>
    where
        Req: prost::Message,
        Item: Send + 'static,
        Answer: Future<Output = Result<Response<BoxStream<Item>>, Status>> + Send + 'static,
    {
        let nowhere = Place { account: "", vendor: "", method: method.path, resource: None };
        let account = self.account(resource(request.get_ref()), field, request.extensions());
        let account = account.map_err(|e| refuse(&e, nowhere))?;
        let caller = request.extensions().get::<Arc<Caller>>().cloned();
        let place = Place { account: &account.name, vendor: &account.vendor_name, ..nowhere };
        let slot = account.bulkhead.watch().map_err(|e| refuse(&e, place))?;
        let response = self.forward_to(account.clone(), method, field, resource, request, ask, None).await?;
        let (why, ended) = (Arc::new(OnceLock::new()), self.draining.clone());
        let end = {
            let (why, account) = (why.clone(), account.clone());
            Box::pin(async move {
                let _ = why.set(stream_ends(&ended, &account, caller.as_deref()).await);
            })
        };
        let explain = move |status| {
            let place = Place { account: &account.name, vendor: &account.vendor_name, ..nowhere };
            Error::explain(status, place)
        };
        Ok(response.map(|items| {
            // There is a last word when it was not the vendor that ended.
            let last_word = stream::once(async move { why.get().cloned() });
            let last_word = last_word.filter_map(std::future::ready).map(|error: Error| Err(error.into()));
            let items = until(items, end).chain(last_word).map(move |item| item.map_err(&explain));
            // It has its place as long as it lasts.
            items.inspect(move |_| _ = &slot).boxed()
        }))
    }
}

/// Answers a request that no vendor is needed for.
fn answer_here<'a, Req, Res: prost::Message + 'static, Answer>(
    request: Request<Req>,
    answer: impl FnOnce(Request<Req>) -> Answer,
) -> BoxFuture<'a, Result<Response<Res>, Status>>
where
    Answer: Future<Output = Result<Response<Res>, Status>> + Send + 'a,
{
    let finish = compression::finish(&request).unwrap_or(std::convert::identity);
    answer(request).map(move |answer| answer.map(finish)).boxed()
}

/// Waits until a stream must end that its vendor would go on with, and says why.
async fn stream_ends(draining: &CancellationToken, account: &Account, caller: Option<&Caller>) -> Error {
    let caller_ends = async {
        match caller {
            Some(caller) => caller.ends().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = draining.cancelled() => Error::new(Reason::ServerDraining, "the server is shutting down: come back"),
        () = account.ended.cancelled() => {
            Error::new(Reason::ServerDraining, "the account was configured anew: come back")
        }
        () = caller_ends => Error::new(Reason::CallerNotAuthenticated, "the caller was changed, revoked, or has expired"),
    }
}

/// Whether who calls may use the account of this id. Where nobody is known, everyone may.
pub(super) fn may_use(extensions: &Extensions, id: &str) -> bool {
    extensions.get::<Arc<Caller>>().is_none_or(|caller| caller.may_use(id))
}

/// A call on its way to the vendor of its account.
#[derive(Clone)]
struct Forwarded {
    method: &'static Method,
    account: Arc<Account>,
    call: Arc<context::Call>,
    started: Instant,
}

impl Forwarded {
    fn place(&self) -> Place<'_> {
        let Self { method, account, .. } = self;
        Place { account: &account.name, vendor: &account.vendor_name, method: method.path, resource: None }
    }

    /// One line per call to a vendor, and two when it outlives its caller's deadline: no phone number, no text, no secret is
    /// in any of these fields.
    fn log<T>(&self, result: &Result<Response<T>, Status>, suffix: &str) {
        let ms = self.started.elapsed().as_millis() as u64;
        let (method, account) = (self.method.path, &self.account.name);
        let resource = self.call.resource().map(names::loggable);
        let resource = resource.as_deref();
        match result {
            Ok(_) => tracing::info!(method, account, resource, ms, "answered{suffix}"),
            Err(status) => {
                let reason = Error::inside(status).map_or("UNSUPPORTED", Error::reason_text);
                let code = tracing::field::debug(status.code());
                tracing::info!(method, account, resource, ms, code, reason, "failed{suffix}");
            }
        }
    }
}

/// A write whose caller waits for it. Dropped before its end it goes on by itself if it has left, and never leaves else.
struct Write<'a, Res: Send + 'static> {
    work: Option<Work<Result<Response<Res>, Status>>>,
    held: Option<Held>,
    forwarded: &'a Forwarded,
}

/// What a write keeps to its end, also when it outlives its caller.
struct Held {
    /// The vendor is still at it.
    _slot: Slot,
    /// Until the log has the outcome.
    _tracked: TaskTrackerToken,
    abandoned: CancellationToken,
}

impl<Res: Send + 'static> Future for Write<'_, Res> {
    type Output = Result<Response<Res>, Status>;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Self::Output> {
        let result = match &mut self.work {
            Some(work) => task::ready!(Pin::new(work).poll(context)),
            None => return Poll::Pending,
        };
        self.work = None;
        Poll::Ready(result)
    }
}

impl<Res: Send + 'static> Drop for Write<'_, Res> {
    fn drop(&mut self) {
        let Some(work) = self.work.take().filter(|_| !self.forwarded.call.close()) else { return };
        let (forwarded, held) = (self.forwarded.clone(), self.held.take());
        let rest = forwarded.call.clone().run(async move {
            let Some(held) = held else { return };
            let result = tokio::select! {
                result = work => result,
                () = held.abandoned.cancelled() => Err(stopped().into()),
            };
            forwarded.log(&result, " after the caller left");
        });
        // Without a runtime the process is at its end.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(rest);
        }
    }
}

/// Moves a caller's own credential from the metadata, where it could be logged, to the extensions.
fn caller_credential<T>(request: &mut Request<T>, account: &Account) -> Result<(), Error> {
    let Some(value) = request.metadata_mut().remove(METADATA_KEY) else {
        return Ok(());
    };
    if !account.allow_caller_credential {
        let text =
            format!("this account takes no {METADATA_KEY}: its configuration has no allow_caller_credential = true");
        return Err(Error::new(Reason::CallerCredentialNotAllowed, text).outcome(Outcome::NotSent));
    }
    let value = value.to_str().map_err(|_| {
        Error::new(Reason::CallerCredentialRefused, format!("{METADATA_KEY} must be ASCII text"))
            .outcome(Outcome::NotSent)
    })?;
    request.extensions_mut().insert(CallerCredential::new(value));
    Ok(())
}

/// The error for a write whose end nobody waits for.
fn unknown(what: &str) -> Error {
    Error::new(Reason::OutcomeUnknown, format!("{what}: whether it acted is not known")).outcome(Outcome::Unknown)
}

/// The error for a write that the server did not wait for.
fn stopped() -> Error {
    unknown("the server stopped while the vendor was at work")
}

/// Tells, and logs, that a call does not go to a vendor at all.
fn refuse(error: &Error, place: Place<'_>) -> Status {
    let (method, account, reason) = (place.method, place.account, error.reason_text());
    tracing::info!(method, account, reason, "refused");
    error.at(place)
}
