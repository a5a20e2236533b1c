//! `grpc.health.v1`: what is served under which name, and an end to every Watch when the server drains.

use futures::{
    StreamExt,
    future::ready,
    stream::{self, BoxStream},
};
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::strangers;
use crate::{
    api::{
        SERVICES,
        pb::health::{
            HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
            health_check_response::ServingStatus, health_server::Health,
        },
    },
    gateway::until,
};

/// Always SERVING while the process can answer at all: for a liveness probe.
const LIVENESS: &str = "liveness";

/// SERVING while new calls are welcome, as is every service name and the empty one: for a readiness probe.
const READINESS: &str = "readiness";

/// The health service.
#[derive(Clone)]
pub(super) struct Probes {
    /// Whether new calls are welcome.
    ready: watch::Sender<bool>,
    draining: CancellationToken,
}

impl Probes {
    /// All names SERVING; Watches end when `draining` is cancelled.
    pub(super) fn new(draining: CancellationToken) -> Self {
        Self { ready: watch::Sender::new(true), draining }
    }

    /// Tells everyone that new calls are not welcome any more; liveness stays.
    pub(super) fn not_serving(&self) {
        self.ready.send_replace(false);
    }
}

/// The names that have a health.
fn names() -> impl Iterator<Item = &'static str> {
    ["", LIVENESS, READINESS].into_iter().chain(SERVICES.iter().copied())
}

/// The health of a name, when new calls are welcome and when they are not. What is not known now is not known later either.
fn status(name: &str, ready: bool) -> ServingStatus {
    match name {
        LIVENESS => ServingStatus::Serving,
        name if !names().any(|known| known == name) => ServingStatus::ServiceUnknown,
        _ if ready => ServingStatus::Serving,
        _ => ServingStatus::NotServing,
    }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

#[tonic::async_trait]
impl Health for Probes {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        match status(&request.get_ref().service, *self.ready.borrow()) {
            ServingStatus::ServiceUnknown => Err(Status::not_found("there is no such service: Health.List lists them")),
            status => Ok(Response::new(answer(status))),
        }
    }

    async fn list(&self, _: Request<HealthListRequest>) -> Result<Response<HealthListResponse>, Status> {
        let ready = *self.ready.borrow();
        let statuses = names().map(|name| (name.to_owned(), answer(status(name, ready)))).collect();
        Ok(Response::new(HealthListResponse { statuses }))
    }

    type WatchStream = BoxStream<'static, Result<HealthCheckResponse, Status>>;

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let place = strangers::stream(request.extensions(), "grpc.health.v1.Health/Watch")?;
        let name = request.into_inner().service;
        let mut last = None;
        let changes = WatchStream::new(self.ready.subscribe()).filter_map(move |ready_now| {
            // Kept as long as the stream.
            let _ = &place;
            let status = status(&name, ready_now);
            ready((last.replace(status) != Some(status)).then(|| Ok(answer(status))))
        });
        // What does not change stays open all the same.
        let changes = changes.chain(stream::pending());
        Ok(Response::new(until(changes, Box::pin(self.draining.clone().cancelled_owned())).boxed()))
    }
}
