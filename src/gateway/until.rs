//! Streams that end at a signal.

use futures::{Stream, StreamExt, stream::unfold};

/// `stream` until `end`, after what is ready to be told: an open stream would hold the drain up for ever.
pub(crate) fn until<S: Stream + Unpin>(
    stream: S,
    end: impl Future<Output = ()> + Unpin,
) -> impl Stream<Item = S::Item> {
    unfold((stream, end), |(mut stream, mut end)| async move {
        tokio::select! {
            biased;
            item = stream.next() => item.map(|item| (item, (stream, end))),
            () = &mut end => None,
        }
    })
}
