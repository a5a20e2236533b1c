//! Ends streams at a signal.

use futures::{Stream, StreamExt, stream::unfold};

/// Ends `stream` at `end`, after the items that are ready: an open stream would delay the drain for ever.
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
