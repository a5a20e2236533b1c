//! Converts tonic's requests to calls, and errors to statuses. `build.rs` writes one line for each RPC.

use std::{
    future::{pending, ready},
    sync::Arc,
};

use futures::{FutureExt, StreamExt, future::BoxFuture};
use http::{HeaderValue, header};
use secrecy::SecretString;
use tokio::time::Instant;
use tonic::{
    Request, Response, Status,
    body::Body,
    codec::{CompressionEncoding::Gzip, EncodeBody, SingleMessageCompressionOverride},
    codegen::BoxStream,
    metadata::{GRPC_CONTENT_TYPE, MetadataMap, MetadataValue},
};

use crate::{
    api::{
        ResponseStream, Rpc, VendorRpc,
        pb::codec::{AnyEncoder, AnyResponse},
    },
    call::{self, CREDENTIAL_KEY, Call, IDEMPOTENCY_KEY, Origin},
    error::{Error, ErrorSite, Outcome, Reason},
    gateway::Gateway,
    server::{
        callers::Caller,
        compression::{self, Finish},
        deadline::Deadline,
        decoded::Rest,
        large::Large,
    },
    telemetry::trace::Trace,
};

/// The most characters of an idempotency key.
const IDEMPOTENCY_KEY_LIMIT: usize = 255;

/// The metadata key of a reply that an earlier call with the same idempotency key got.
const REPLAYED: &str = "smsmux-replayed";

// `routes`, and the `impl` of every service for `Grpc`.
include!(concat!(env!("OUT_DIR"), "/door.rs"));

/// The services of `smsmux.v1`.
pub(in crate::server) struct Grpc {
    pub(in crate::server) gateway: Arc<Gateway>,
}

impl Grpc {
    /// Builds the call of a request. Removes the caller's own credential from the metadata, where it could be logged.
    fn call<T>(request: &mut Request<T>) -> Result<Call, Error> {
        let credential = match request.metadata_mut().remove(CREDENTIAL_KEY) {
            None => None,
            Some(value) => Some(SecretString::from(value.to_str().map_err(|_| {
                let text = format!("{CREDENTIAL_KEY} must be ASCII text");
                Error::new(Reason::CallerCredentialRefused, text).outcome(Outcome::NotSent)
            })?)),
        };
        let idempotency_key = idempotency_key(request.metadata())?;
        let extensions = request.extensions();
        // `ProtocolLayer` sets the deadline of every call.
        let deadline = extensions.get::<Deadline>().map_or_else(Instant::now, |deadline| deadline.answer);
        let caller = extensions.get::<Arc<Caller>>().map(|caller| caller.clone() as Arc<dyn call::Caller>);
        let trace = extensions.get::<Arc<Trace>>().cloned();
        Ok(Call::new(Origin { deadline, caller, credential, idempotency_key, request_id: call::request_id(), trace }))
    }
}

/// Returns the idempotency key in the metadata, if there is one.
fn idempotency_key(metadata: &MetadataMap) -> Result<Option<HeaderValue>, Error> {
    let headers = metadata.as_ref();
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = keys.next() else { return Ok(None) };
    if keys.next().is_some() {
        return Err(Error::invalid_field(IDEMPOTENCY_KEY, "must be in the metadata once"));
    }
    let (bytes, range) = (key.as_bytes(), 1..=IDEMPOTENCY_KEY_LIMIT);
    if !range.contains(&bytes.len()) || !bytes.iter().all(u8::is_ascii_graphic) {
        let rule = format!("must be 1 to {IDEMPOTENCY_KEY_LIMIT} visible ASCII characters, for example a UUID");
        return Err(Error::invalid_field(IDEMPOTENCY_KEY, rule));
    }
    Ok(Some(key.clone()))
}

/// Answers a unary RPC by asking a vendor. Tonic only decodes the request: the rest of the call does without tonic's future.
fn unary<'a, R: VendorRpc>(door: &Grpc, mut request: Request<R>) -> BoxFuture<'a, Result<Response<R::Reply>, Status>>
where
    R::Reply: prost::Message,
{
    // `BodyLayer` sets it for every call.
    let Some(rest) = request.extensions_mut().remove::<Arc<Rest>>() else {
        return ready(Err(Status::internal("nothing continues the call"))).boxed();
    };
    let (accepts_gzip, finish) = (compression::accepts_gzip(&request), compression::finish(&request));
    let call = match Grpc::call(&mut request) {
        Ok(call) => call,
        Err(error) => return refused::<R, _>(&error),
    };
    let answer = door.gateway.answer(call.clone(), request.into_inner());
    let response = move |answer: Result<_, _>| match answer {
        Ok(reply) => encoded(response(&call, reply, finish), accepts_gzip),
        Err(error) => status::<R>(&call, &error).into_http(),
    };
    rest.set(answer.map(response).boxed());
    pending().boxed()
}

/// Answers an RPC that needs no vendor.
fn local<'a, R: Rpc, Answer>(
    door: &'a Grpc,
    mut request: Request<R>,
    answer: Answer,
) -> BoxFuture<'a, Result<Response<R::Reply>, Status>>
where
    R::Reply: prost::Message,
    Answer: FnOnce(&'a Gateway, Call, R) -> BoxFuture<'a, Result<R::Reply, Error>>,
{
    let finish = compression::finish(&request);
    let call = match Grpc::call(&mut request) {
        Ok(call) => call,
        Err(error) => return refused::<R, _>(&error),
    };
    if let Err(error) = door.gateway.authorize::<R>(&call) {
        return ready(Err(status::<R>(&call, &error))).boxed();
    }
    let answer = answer(&door.gateway, call.clone(), request.into_inner());
    async move {
        let reply = answer.await.map_err(|error| status::<R>(&call, &error))?;
        Ok(response(&call, reply, finish))
    }
    .boxed()
}

/// Answers a streaming RPC that needs no vendor.
fn local_stream<'a, R, T, Answer>(
    door: &'a Grpc,
    mut request: Request<R>,
    answer: Answer,
) -> BoxFuture<'a, Result<Response<BoxStream<T>>, Status>>
where
    R: Rpc<Reply = ResponseStream<T>>,
    T: Send + 'static,
    Answer: FnOnce(&'a Gateway, Call, R) -> BoxFuture<'a, Result<R::Reply, Error>>,
{
    let call = match Grpc::call(&mut request) {
        Ok(call) => call,
        Err(error) => return refused::<R, _>(&error),
    };
    if let Err(error) = door.gateway.authorize::<R>(&call) {
        return ready(Err(status::<R>(&call, &error))).boxed();
    }
    let answer = answer(&door.gateway, call.clone(), request.into_inner());
    async move {
        let items = answer.await.map_err(|error| status::<R>(&call, &error))?;
        Ok(answers::<R, _>(call, items))
    }
    .boxed()
}

/// Builds the response of a streaming RPC.
fn answers<R: Rpc, T: Send + 'static>(call: Call, items: ResponseStream<T>) -> Response<BoxStream<T>> {
    Response::new(items.map(move |item| item.map_err(|error| status::<R>(&call, &error))).boxed())
}

/// Builds the response of a unary RPC, compressed or encoded on another thread if that is worth it.
fn response<T>(call: &Call, reply: T, finish: Option<Finish<T>>) -> Response<T> {
    let mut response = finish.unwrap_or(std::convert::identity)(Response::new(reply));
    if call.is_large() {
        response.extensions_mut().insert(Large);
    }
    if call.was_replayed() {
        response.metadata_mut().insert(REPLAYED, MetadataValue::from_static("true"));
    }
    response
}

/// Builds the HTTP response that tonic builds of a unary response.
fn encoded<T: prost::Message + 'static>(response: Response<T>, accepts_gzip: bool) -> http::Response<Body> {
    written(response.map(|message| Box::new(message) as AnyResponse), accepts_gzip)
}

fn written(response: Response<AnyResponse>, accepts_gzip: bool) -> http::Response<Body> {
    let encoding = accepts_gzip.then_some(Gzip);
    let (metadata, message, extensions) = response.into_parts();
    let compression = extensions.get::<SingleMessageCompressionOverride>().copied().unwrap_or_default();
    let messages = tokio_stream::once(Ok(message));
    let body = EncodeBody::new_server(AnyEncoder, messages, encoding, compression, None);
    let mut response = http::Response::new(Body::new(body));
    *response.extensions_mut() = extensions;
    let headers = response.headers_mut();
    *headers = metadata.into_headers();
    headers.insert(header::CONTENT_TYPE, GRPC_CONTENT_TYPE);
    if accepts_gzip {
        headers.insert("grpc-encoding", HeaderValue::from_static("gzip"));
    }
    response
}

/// Rejects a request that no call could be built of.
fn refused<'a, R: Rpc, T: Send + 'a>(error: &Error) -> BoxFuture<'a, Result<T, Status>> {
    let method = R::METHOD.path;
    tracing::info!(method, reason = error.reason_text(), "refused");
    ready(Err(error.to_status(ErrorSite { account: "", vendor: "", method, resource: None }))).boxed()
}

/// Returns the status of a failed call.
fn status<R: Rpc>(call: &Call, error: &Error) -> Status {
    let (account, vendor) = call.site().map_or(("", ""), |site| (&site.account, &site.vendor));
    error.to_status(ErrorSite { account, vendor, method: R::METHOD.path, resource: call.resource() })
}
