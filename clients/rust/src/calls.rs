use std::{
    error::Error as StdError,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use tokio::time::{Instant, sleep, timeout_at};
use tonic::{Status, body::Body, transport::Channel};
use tower_service::Service;

use crate::Error;

/// How often a call is made at most.
const ATTEMPTS: u32 = 5;

const AUTHORIZATION: HeaderName = http::header::AUTHORIZATION;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// Gives each call its key, idempotency key and deadline, and repeats it.
#[derive(Debug, Clone)]
pub struct Calls {
    pub(crate) channel: Channel,
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) timeout: Duration,
}

impl Service<Request<Body>> for Calls {
    type Response = Response<Body>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Status>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        // Each attempt waits for the channel by itself.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let Self { channel, authorization, timeout } = self.clone();
        // The methods that return streams are called so.
        let is_stream = request.uri().path().contains("/Watch");
        let headers = request.headers_mut();
        if let Some(authorization) = authorization {
            headers.entry(AUTHORIZATION).or_insert(authorization);
        }
        if is_stream {
            return Box::pin(async move { attempt(channel, request).await });
        }
        let key = uuid::Uuid::new_v4().to_string();
        headers.entry(IDEMPOTENCY_KEY).or_insert_with(|| key.parse().expect("a UUID is a value"));
        let end = Instant::now() + headers.get(TIMEOUT).and_then(duration).unwrap_or(timeout);
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            for number in 1.. {
                let mut request = Request::from_parts(head.clone(), Body::new(Full::new(body.clone())));
                let left = end.saturating_duration_since(Instant::now()).as_millis();
                let value = HeaderValue::try_from(format!("{left}m")).expect("a number is a value");
                request.headers_mut().insert(TIMEOUT, value);
                let answered = timeout_at(end, whole(channel.clone(), request)).await;
                // tonic's own timer says CANCELLED, and may be the first to notice.
                let failed = match answered {
                    Ok(Ok(response)) => match Status::from_header_map(response.headers()) {
                        Some(status) if status.code() != tonic::Code::Ok => status,
                        _ => return Ok(response),
                    },
                    Ok(Err(status)) if Instant::now() < end => status,
                    _ => Status::deadline_exceeded("the deadline passed before smsmux answered"),
                };
                let error = Error::from(failed);
                let pause = error.pause(number);
                if !error.may_repeat() || number == ATTEMPTS || Instant::now() + pause >= end {
                    return Err(error.status);
                }
                sleep(pause).await;
            }
            unreachable!("the last attempt returns")
        })
    }
}

/// Makes a call once. Without an answer the connection is lost.
async fn attempt(mut channel: Channel, request: Request<Body>) -> Result<Response<Body>, Status> {
    let lost = |error: tonic::transport::Error| {
        let mut text = error.to_string();
        let mut source = StdError::source(&error);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        Status::unavailable(text)
    };
    std::future::poll_fn(|context| channel.poll_ready(context)).await.map_err(lost)?;
    channel.call(request).await.map_err(lost)
}

/// Makes a unary call once and reads the whole answer. Its headers have its status, wherever smsmux has written it.
async fn whole(channel: Channel, request: Request<Body>) -> Result<Response<Body>, Status> {
    let (mut head, body) = attempt(channel, request).await?.into_parts();
    let lost = |error: Status| Status::unavailable(format!("the connection was lost: {}", error.message()));
    let answer = body.collect().await.map_err(lost)?;
    let trailers = answer.trailers().cloned().unwrap_or_else(HeaderMap::new);
    let failed = trailers.get("grpc-status").is_some_and(|status| status != "0");
    if failed {
        head.headers.extend(trailers.clone());
    }
    let body = Full::new(answer.to_bytes()).with_trailers(async move { Some(Ok(trailers)) });
    Ok(Response::from_parts(head, Body::new(body)))
}

/// The time of the header `grpc-timeout`.
fn duration(value: &HeaderValue) -> Option<Duration> {
    let (number, unit) = value.to_str().ok()?.split_at_checked(value.len() - 1)?;
    let number = number.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(number) * 3600,
        "M" => Duration::from_secs(number) * 60,
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}
