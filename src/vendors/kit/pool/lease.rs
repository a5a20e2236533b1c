//! What a request has to itself: a connection of HTTP/1.1, a stream of HTTP/2, or a way through a proxy.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures::future::{BoxFuture, poll_fn};
use http::{HeaderMap, Response, StatusCode};
use http_body::Body as _;
use tokio::time::Instant;

use super::{
    Broken, Outgoing,
    connections::Connections,
    http1::Http1,
    http2::{Exchange, Http2},
    proxy,
};

/// The head of an answer.
#[derive(Debug)]
pub(in crate::vendors::kit) struct Head {
    pub(in crate::vendors::kit) status: StatusCode,
    pub(in crate::vendors::kit) headers: HeaderMap,
    /// The bytes of the body, if the head says so.
    pub(in crate::vendors::kit) length: Option<u64>,
}

/// A connection, or a stream of one, that no other request uses. It is given back when dropped: the connection can be
/// used again if the whole answer was read.
pub(in crate::vendors::kit) struct Lease(Way);

enum Way {
    Http1 { connection: Box<Http1>, connections: Arc<Connections>, begun: bool },
    Http2 { connection: Arc<Http2>, connections: Arc<Connections>, exchange: Option<Box<Exchange>> },
    Proxied(Box<Proxied>),
    Returned,
}

struct Proxied {
    client: reqwest::Client,
    sending: Option<BoxFuture<'static, Result<Response<reqwest::Body>, Broken>>>,
    body: Option<reqwest::Body>,
}

impl Lease {
    pub(super) fn http1(connection: Box<Http1>, connections: Arc<Connections>) -> Self {
        Self(Way::Http1 { connection, connections, begun: false })
    }

    pub(super) fn http2(connection: Arc<Http2>, connections: Arc<Connections>) -> Self {
        Self(Way::Http2 { connection, connections, exchange: None })
    }

    pub(super) fn proxied(client: &reqwest::Client) -> Self {
        Self(Way::Proxied(Box::new(Proxied { client: client.clone(), sending: None, body: None })))
    }

    /// Lets writing fail.
    #[cfg(test)]
    pub(super) fn break_socket(&self) {
        if let Way::Http1 { connection, .. } = &self.0 {
            connection.about.socket.shut_down();
        }
    }

    /// Whether something has arrived on a connection that was not read.
    #[cfg(test)]
    pub(super) fn has_unread(&self) -> bool {
        matches!(&self.0, Way::Http1 { connection, .. } if !connection.is_open())
    }

    /// Takes an unused connection out of its lease.
    pub(super) fn into_http1(mut self) -> Option<Box<Http1>> {
        match std::mem::replace(&mut self.0, Way::Returned) {
            Way::Http1 { connection, .. } => Some(connection),
            _ => None,
        }
    }

    /// Gives an unused stream back, without a look at those that wait.
    pub(super) fn give_stream_back(mut self) {
        if let Way::Http2 { connection, .. } = std::mem::replace(&mut self.0, Way::Returned) {
            connection.give_back();
        }
    }

    /// Begins to send a request. Returns false if the vendor has closed the connection: nothing was sent, and another
    /// lease is needed.
    pub(in crate::vendors::kit) fn send(&mut self, request: &Outgoing<'_>) -> bool {
        match &mut self.0 {
            Way::Http1 { connection, connections, begun } => {
                *begun = true;
                let open = connection.begin(request.http1(), request.body());
                if !open {
                    connections.found_closed(connection);
                }
                open
            }
            Way::Http2 { connection, exchange, .. } => {
                *exchange = request.http().and_then(|request| connection.send(request)).map(Box::new);
                exchange.is_some()
            }
            Way::Proxied(proxied) => {
                proxied.sending = request.http().map(|request| proxy::send(&proxied.client, request));
                proxied.sending.is_some()
            }
            Way::Returned => false,
        }
    }

    /// Whether any part of the request may have left, or may yet leave when the lease is dropped.
    pub(in crate::vendors::kit) fn may_have_left(&self) -> bool {
        match &self.0 {
            Way::Http1 { connection, .. } => connection.has_left(),
            _ => true,
        }
    }

    /// Waits for the head of the answer.
    ///
    /// # Errors
    /// There is no answer.
    pub(in crate::vendors::kit) async fn head(&mut self) -> Result<Head, Broken> {
        poll_fn(|context| self.poll_head(context)).await
    }

    fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<Result<Head, Broken>> {
        match &mut self.0 {
            Way::Http1 { connection, .. } => connection.poll_head(context),
            Way::Http2 { exchange: Some(exchange), .. } => exchange.poll_head(context),
            Way::Proxied(proxied) => {
                let Some(sending) = &mut proxied.sending else { return Poll::Ready(Err(Broken::Lost)) };
                let answer = ready!(sending.as_mut().poll(context));
                proxied.sending = None;
                let (parts, body) = answer?.into_parts();
                let length = body.size_hint().exact();
                proxied.body = Some(body);
                Poll::Ready(Ok(Head { status: parts.status, headers: parts.headers, length }))
            }
            Way::Http2 { .. } | Way::Returned => Poll::Ready(Err(Broken::Lost)),
        }
    }

    /// Returns the body, if all of it came with the head.
    pub(in crate::vendors::kit) fn arrived_body(&mut self) -> Option<Bytes> {
        match &mut self.0 {
            Way::Http1 { connection, .. } => connection.arrived_body(),
            _ => None,
        }
    }

    /// Waits for the next part of the body; `None` after the last one.
    ///
    /// # Errors
    /// The answer is incomplete.
    pub(in crate::vendors::kit) async fn chunk(&mut self) -> Result<Option<Bytes>, Broken> {
        poll_fn(|context| self.poll_chunk(context)).await
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Broken>> {
        match &mut self.0 {
            Way::Http1 { connection, .. } => connection.poll_chunk(context),
            Way::Http2 { exchange: Some(exchange), .. } => exchange.poll_chunk(context),
            Way::Proxied(proxied) => proxied.poll_chunk(context),
            Way::Http2 { .. } | Way::Returned => Poll::Ready(Ok(None)),
        }
    }
}

impl Proxied {
    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Broken>> {
        while let Some(body) = &mut self.body {
            match ready!(Pin::new(body).poll_frame(context)) {
                Some(Ok(frame)) => {
                    // Trailers are ignored.
                    if let Ok(chunk) = frame.into_data() {
                        return Poll::Ready(Ok(Some(chunk)));
                    }
                }
                Some(Err(_)) => return Poll::Ready(Err(Broken::Lost)),
                None => self.body = None,
            }
        }
        Poll::Ready(Ok(None))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.0, Way::Returned) {
            Way::Http1 { mut connection, connections, begun } => {
                if !begun || connection.end(Instant::now()) {
                    connections.give_back(connection);
                }
            }
            Way::Http2 { connection, connections, exchange } => {
                match exchange {
                    Some(exchange) => drop(exchange),
                    None => connection.give_back(),
                }
                connections.stream_is_free();
            }
            Way::Proxied(_) | Way::Returned => {}
        }
    }
}
