//! Calls that a client cancels before they are answered. Each costs the server work that the limit of streams does not
//! count, so a client that cancels too many is asked to reconnect. h2's own limit would close the connection, with the
//! sends of its other calls.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use tokio::sync::Notify;

use super::unauthenticated::Visit;
use crate::telemetry::incidents::Incident;

/// The burst of cancellations that a connection is allowed, as a multiple of its limit of streams. That limit itself is
/// restored each second.
pub(super) const BURST: u32 = 10;

/// Counts the cancellations of one connection.
#[derive(Debug)]
pub(super) struct Cancellations {
    budget: DefaultDirectRateLimiter,
    are_too_many: AtomicBool,
    exhausted: Notify,
}

impl Cancellations {
    /// Creates the count of a connection with this limit of streams.
    pub(super) fn new(max_concurrent_streams: u32) -> Self {
        let streams = NonZeroU32::new(max_concurrent_streams).unwrap_or(NonZeroU32::MIN);
        let burst = NonZeroU32::new(max_concurrent_streams.saturating_mul(BURST)).unwrap_or(NonZeroU32::MIN);
        let budget = RateLimiter::direct(Quota::per_second(streams).allow_burst(burst));
        Self { budget, are_too_many: AtomicBool::new(false), exhausted: Notify::new() }
    }

    /// Counts a cancellation.
    pub(super) fn add(&self, peer: IpAddr) {
        if self.budget.check().is_err() && !self.are_too_many.swap(true, Relaxed) {
            Incident::Cancellations.note(peer);
            self.exhausted.notify_one();
        }
    }

    /// Whether the limit is exceeded; the connection's further calls are rejected.
    pub(super) fn are_too_many(&self) -> bool {
        self.are_too_many.load(Relaxed)
    }

    /// Waits until the limit is exceeded.
    pub(super) async fn exhausted(&self) {
        self.exhausted.notified().await;
    }
}

pin_project! {
    /// The body of a request. If it breaks off, the call counts as cancelled.
    pub(super) struct RequestBody {
        #[pin]
        pub(super) inner: Incoming,
        pub(super) visit: Arc<Visit>,
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.inner.as_mut().poll_frame(context));
        let is_cut = match &frame {
            Some(frame) => frame.is_err(),
            // The client reset the stream with NO_ERROR.
            None => !this.inner.is_end_stream(),
        };
        if is_cut {
            this.visit.cancellations.add(this.visit.peer);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn a_burst_is_forgiven_and_a_flood_is_not() {
        let cancellations = Cancellations::new(1000);
        let peer = IpAddr::from([127, 0, 0, 1]);
        (0..10_000).for_each(|_| cancellations.add(peer));
        assert!(!cancellations.are_too_many() && cancellations.exhausted().now_or_never().is_none());
        // More than the rate limiter can restore meanwhile on any machine.
        while !cancellations.are_too_many() {
            cancellations.add(peer);
        }
        assert!(cancellations.exhausted().now_or_never().is_some());
    }
}
