//! Makes calls: with the key of the caller, a time limit, and repeats of what cannot be done twice.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use smsmux::{
    api::pb::{
        account_service_client::AccountServiceClient, event_service_client::EventServiceClient,
        message_service_client::MessageServiceClient, server_service_client::ServerServiceClient,
    },
    call::IDEMPOTENCY_KEY,
};
use tokio::time::{Instant, sleep, timeout_at};
use tonic::{Request, Response, Status, transport::Channel};

use super::{Failure, connect::Target, error::CallError};

/// How often a call is made at most.
const ATTEMPTS: u32 = 5;

/// Whether a call changes anything, and the key that makes it safe to repeat.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind<'a> {
    Read,
    /// Sets something of smsmux itself, which is the same however often it is set: no vendor is asked.
    Set,
    Write(Option<&'a str>),
}

/// A server.
pub(super) struct Client {
    target: Target,
    channel: Channel,
    timeout: Duration,
    /// Whether the server has answered. One that never did is probably not running.
    has_answered: AtomicBool,
}

impl Client {
    pub(super) fn new(target: Target, timeout: Duration) -> Result<Self, Failure> {
        let channel = target.channel()?;
        Ok(Self { target, channel, timeout, has_answered: AtomicBool::new(false) })
    }

    // Answers may be lists of large messages.
    pub(super) fn messages(&self) -> MessageServiceClient<Channel> {
        MessageServiceClient::new(self.channel.clone()).max_decoding_message_size(usize::MAX)
    }

    pub(super) fn events(&self) -> EventServiceClient<Channel> {
        EventServiceClient::new(self.channel.clone()).max_decoding_message_size(usize::MAX)
    }

    pub(super) fn accounts(&self) -> AccountServiceClient<Channel> {
        AccountServiceClient::new(self.channel.clone()).max_decoding_message_size(usize::MAX)
    }

    pub(super) fn server(&self) -> ServerServiceClient<Channel> {
        ServerServiceClient::new(self.channel.clone()).max_decoding_message_size(usize::MAX)
    }

    /// Makes a call, and repeats it while that cannot do anything twice.
    pub(super) async fn call<Q: Clone, R>(
        &self,
        kind: Kind<'_>,
        message: &Q,
        ask: impl AsyncFn(Request<Q>) -> Result<Response<R>, Status>,
    ) -> Result<R, CallError> {
        let (is_write, key) = match kind {
            Kind::Read | Kind::Set => (false, None),
            Kind::Write(key) => (true, key),
        };
        let end = Instant::now() + self.timeout;
        let mut attempt = 1;
        loop {
            let mut request = self.request(message.clone());
            request.set_timeout(end.saturating_duration_since(Instant::now()));
            if let Some(key) = key.and_then(|key| key.parse().ok()) {
                request.metadata_mut().insert(IDEMPOTENCY_KEY, key);
            }
            let status = match timeout_at(end, ask(request)).await {
                Ok(Ok(response)) => {
                    self.has_answered.store(true, Relaxed);
                    return Ok(response.into_inner());
                }
                Ok(Err(status)) if Instant::now() < end || !status.details().is_empty() => status,
                // tonic's own timer may be the first to notice, and says CANCELLED.
                _ => Status::deadline_exceeded("the time limit passed before smsmux answered; --timeout sets another"),
            };
            let error = CallError::new(&status, is_write, key);
            let pause = error.pause(attempt);
            let is_down = error.is_unreachable() && !self.has_answered.load(Relaxed);
            if !error.may_repeat() || is_down || attempt == ATTEMPTS || Instant::now() + pause >= end {
                return Err(self.explained(error).await);
            }
            sleep(pause).await;
            attempt += 1;
        }
    }

    /// Opens a stream.
    pub(super) async fn stream<Q, R>(
        &self,
        message: Q,
        ask: impl AsyncFn(Request<Q>) -> Result<Response<R>, Status>,
    ) -> Result<R, CallError> {
        match ask(self.request(message)).await {
            Ok(response) => Ok(response.into_inner()),
            Err(status) => Err(self.explained(CallError::new(&status, false, None)).await),
        }
    }

    fn request<Q>(&self, message: Q) -> Request<Q> {
        let mut request = Request::new(message);
        if let Some(authorization) = &self.target.authorization {
            request.metadata_mut().insert("authorization", authorization.clone());
        }
        request
    }

    /// Adds what the connection shows.
    async fn explained(&self, mut error: CallError) -> CallError {
        if error.is_lost()
            && let Some(text) = self.target.explain().await
        {
            error.message = text;
        }
        error
    }
}
