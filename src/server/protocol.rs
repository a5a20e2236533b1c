//! Rejects requests that are not gRPC over HTTP/2, as its specification requires, before anything else.
//!
//! A web page can make a browser send a GET, or a POST of a few media types, to any server without a preflight request.
//! None of these is gRPC.

use std::{
    future::{Ready, ready},
    task::{Context, Poll},
    time::Duration,
};

use futures::future::Either;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use tonic::body::Body;
use tower::{Layer, Service};

use super::deadline;
use crate::error::{Error, ErrorSite};

/// Builds [`Protocol`] with the timeout of calls without a deadline.
#[derive(Debug, Clone)]
pub(super) struct ProtocolLayer(pub(super) Duration);

impl<S> Layer<S> for ProtocolLayer {
    type Service = Protocol<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Protocol { inner, call_timeout: self.0 }
    }
}

/// Rejects requests that are not gRPC, and notes the deadline of the others.
#[derive(Debug, Clone)]
pub(super) struct Protocol<S> {
    inner: S,
    call_timeout: Duration,
}

impl<S, B> Service<Request<B>> for Protocol<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<S::Response, S::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        match check(&mut request, self.call_timeout) {
            Ok(()) => Either::Left(self.inner.call(request)),
            Err(answer) => Either::Right(ready(Ok(*answer))),
        }
    }
}

/// Checks a request, and notes its deadline.
pub(super) fn check<B>(request: &mut Request<B>, call_timeout: Duration) -> Result<(), Box<Response<Body>>> {
    if request.method() != Method::POST {
        // The response to HEAD has no body.
        let text = if request.method() == Method::HEAD { "" } else { "gRPC calls are POST requests\n" };
        let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED, text);
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return Err(Box::new(answer));
    }
    if !is_grpc(request.headers()) {
        let text = "the content-type must be application/grpc or application/grpc+proto\n";
        return Err(Box::new(plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, text)));
    }
    deadline::note(request, call_timeout).map_err(|error| {
        let method = request.uri().path().trim_start_matches('/');
        let site = ErrorSite { account: "", vendor: "", method, resource: None };
        Box::new(Error::to_status(&error, site).into_http())
    })
}

/// Whether the media type is gRPC with protobuf messages, whatever its parameters.
fn is_grpc(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes) else { return false };
    let media_type = value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    [&b"application/grpc"[..], b"application/grpc+proto"].iter().any(|grpc| media_type.eq_ignore_ascii_case(grpc))
}

/// Builds a response for clients that do not speak gRPC.
fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut answer = Response::new(Body::new(Full::from(text)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(method: Method, content_type: Option<&str>) -> Option<Response<Body>> {
        let mut request = Request::builder().method(method).uri("/smsmux.v1.MessageService/SendMessage");
        if let Some(value) = content_type {
            request = request.header(header::CONTENT_TYPE, value);
        }
        check(&mut request.body(()).expect("a request"), Duration::from_secs(30)).err().map(|answer| *answer)
    }

    #[test]
    fn a_call_is_a_post_and_nothing_else() {
        for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "post", "X"] {
            let answer = answer(method.parse().expect("a method"), Some("application/grpc")).expect("refused");
            assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
            assert_eq!(answer.headers()[header::ALLOW], "POST", "{method}");
        }
    }

    #[test]
    fn a_call_has_protobuf_messages() {
        for good in [
            "application/grpc",
            "application/grpc+proto",
            "Application/gRPC",
            "application/grpc;charset=utf-8",
            "application/grpc+proto ; a=b",
        ] {
            assert!(answer(Method::POST, Some(good)).is_none(), "{good}");
        }
        for bad in [
            None,
            Some(""),
            Some("text/plain"),
            Some("application/json"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=application/grpc"),
            Some("application/grp"),
            Some("application/grpcx"),
            Some("application/grpc-web"),
            Some("application/grpc-web+proto"),
            Some("application/grpc-web-text"),
            Some("application/grpc+json"),
            Some("text/plain; application/grpc"),
        ] {
            let answer = answer(Method::POST, bad).expect("refused");
            assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{bad:?}");
        }
    }
}
