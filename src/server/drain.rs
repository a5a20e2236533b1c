//! Streams that end when the server drains.

use futures::{Stream, StreamExt, stream::unfold};
use tokio_util::sync::CancellationToken;

/// `stream` until `end`, after what is ready to be told: an open stream would hold the drain up for ever.
pub(super) fn until<S: Stream + Unpin>(stream: S, end: CancellationToken) -> impl Stream<Item = S::Item> {
    unfold((stream, end), |(mut stream, end)| async move {
        tokio::select! {
            biased;
            item = stream.next() => item.map(|item| (item, (stream, end))),
            () = end.cancelled() => None,
        }
    })
}
