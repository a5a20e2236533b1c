//! `grpc.health.v1`: the status of every service, and an end to every Watch when the server drains.

use futures::{
    StreamExt,
    future::ready,
    stream::{self, BoxStream},
};
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::unauthenticated;
use crate::{
    api::{
        SERVICES,
        pb::health::{
            HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
            health_check_response::ServingStatus, health_server::Health,
        },
    },
    gateway::until,
    store::{State, Store},
};

/// The name for liveness probes: SERVING while the process can answer at all.
const LIVENESS: &str = "liveness";

/// The name for readiness probes: SERVING while new calls are accepted, as is every service name and the empty one.
const READINESS: &str = "readiness";

/// The health service.
#[derive(Clone)]
pub(super) struct Probes {
    /// Whether new calls are accepted: the server does not drain, and the store can record them.
    ready: watch::Sender<bool>,
    /// Cancelled when the server begins to leave: nothing makes it ready again.
    leaving: CancellationToken,
    draining: CancellationToken,
}

impl Probes {
    /// Starts with all names SERVING; ends Watches when `draining` is cancelled.
    pub(super) fn new(draining: CancellationToken) -> Self {
        Self { ready: watch::Sender::new(true), leaving: CancellationToken::new(), draining }
    }

    /// Sets every name but liveness to NOT_SERVING, for good.
    pub(super) fn not_serving(&self) {
        self.leaving.cancel();
        self.ready.send_replace(false);
    }

    /// Sets every name but liveness by whether the store can record calls, until the server leaves.
    pub(super) async fn follow(self, store: Store) {
        let mut states = store.state();
        loop {
            let is_available = matches!(*states.borrow_and_update(), State::Available);
            self.ready.send_if_modified(|ready| {
                let now = is_available && !self.leaving.is_cancelled();
                std::mem::replace(ready, now) != now
            });
            if states.changed().await.is_err() {
                return;
            }
        }
    }
}

/// Returns the names that have a status.
fn names() -> impl Iterator<Item = &'static str> {
    ["", LIVENESS, READINESS].into_iter().chain(SERVICES.iter().copied())
}

/// Returns the status of a name. An unknown name stays unknown.
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
            ServingStatus::ServiceUnknown => Err(Status::not_found("unknown service; Health.List lists the services")),
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
        let permit = unauthenticated::stream(request.extensions(), "grpc.health.v1.Health/Watch")?;
        let name = request.into_inner().service;
        let mut last = None;
        let changes = WatchStream::new(self.ready.subscribe()).filter_map(move |ready_now| {
            // Held as long as the stream.
            let _ = &permit;
            let status = status(&name, ready_now);
            ready((last.replace(status) != Some(status)).then(|| Ok(answer(status))))
        });
        // A status that cannot change must not end the stream.
        let changes = changes.chain(stream::pending());
        Ok(Response::new(until(changes, Box::pin(self.draining.clone().cancelled_owned())).boxed()))
    }
}
