//! Continues a call, once its request is decoded, without the future that has decoded it: tonic's futures keep their room for
//! that, kilobytes of it, until they end, and most of a call's time is spent waiting for the vendor.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use futures::{FutureExt, future::BoxFuture};
use http::Response;
use tonic::body::Body;

/// The rest of a call, from its decoded request to its response. In the extensions of every request.
#[derive(Default)]
pub(super) struct Rest(Mutex<Option<BoxFuture<'static, Response<Body>>>>);

impl Rest {
    /// Continues the call by `rest`. The future that decoded the request is dropped.
    pub(super) fn set(&self, rest: BoxFuture<'static, Response<Body>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(rest);
    }

    fn take(&self) -> Option<BoxFuture<'static, Response<Body>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A call: the future that decodes its request, and then its rest, if it has one.
pub(super) enum Decoded<F> {
    Decoding(F, Arc<Rest>),
    Decoded(BoxFuture<'static, Response<Body>>),
}

impl<F, E> Future for Decoded<F>
where
    F: Future<Output = Result<Response<Body>, E>> + Unpin,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Self::Decoding(call, rest) = &mut *self {
            if let Poll::Ready(answer) = call.poll_unpin(context) {
                return Poll::Ready(answer);
            }
            let Some(rest) = rest.take() else { return Poll::Pending };
            *self = Self::Decoded(rest);
        }
        match &mut *self {
            Self::Decoding(..) => Poll::Pending,
            Self::Decoded(rest) => Poll::Ready(Ok(ready!(rest.as_mut().poll(context)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, future::pending};

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_decoded_a_request_is_dropped_while_the_call_waits() {
        let (rest, room, (answer, answered)) = (Arc::<Rest>::default(), Arc::new(()), oneshot::channel());
        let decoding = {
            let (rest, room) = (rest.clone(), room.clone());
            async move {
                rest.set(answered.map(|answered| answered.expect("an answer")).boxed());
                let _room = room;
                pending::<Result<_, Infallible>>().await
            }
        };
        let mut call = Decoded::Decoding(Box::pin(decoding), rest);
        assert!((&mut call).now_or_never().is_none());
        assert_eq!(Arc::strong_count(&room), 1);
        answer.send(Response::new(Body::empty())).expect("the call waits");
        assert!(call.await.is_ok());
    }
}
