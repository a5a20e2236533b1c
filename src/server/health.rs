//! `grpc.health.v1`: what is served under which name, and an end to every Watch when the server drains.

use futures::{StreamExt, stream::BoxStream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use tonic_health::{
    ServingStatus,
    pb::{HealthCheckRequest, HealthCheckResponse, health_server::Health},
    server::{HealthReporter, HealthService},
};

use super::drain::until;
use crate::vendors::SERVICES;

/// Always SERVING while the process can answer at all: for a liveness probe.
const LIVENESS: &str = "liveness";

/// SERVING while new calls are welcome, as is every service name and the empty one: for a readiness probe.
const READINESS: &str = "readiness";

/// The health service.
pub(super) struct Probes {
    reporter: HealthReporter,
    inner: HealthService,
    draining: CancellationToken,
}

impl Probes {
    /// All names SERVING; Watches end when `draining` is cancelled.
    pub(super) async fn new(draining: CancellationToken) -> Self {
        let reporter = HealthReporter::new();
        reporter.set_service_status(LIVENESS, ServingStatus::Serving).await;
        set(&reporter, ServingStatus::Serving).await;
        Self { inner: HealthService::from_health_reporter(reporter.clone()), reporter, draining }
    }

    /// Sets what is told when the server drains.
    pub(super) fn reporter(&self) -> HealthReporter {
        self.reporter.clone()
    }
}

/// Tells everyone that new calls are not welcome any more; liveness stays.
pub(super) async fn not_serving(reporter: &HealthReporter) {
    set(reporter, ServingStatus::NotServing).await;
}

async fn set(reporter: &HealthReporter, status: ServingStatus) {
    for name in ["", READINESS].iter().chain(SERVICES) {
        reporter.set_service_status(name, status).await;
    }
}

#[tonic::async_trait]
impl Health for Probes {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        self.inner.check(request).await
    }

    type WatchStream = BoxStream<'static, Result<HealthCheckResponse, Status>>;

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let stream = self.inner.watch(request).await?.into_inner();
        Ok(Response::new(until(stream, Box::pin(self.draining.clone().cancelled_owned())).boxed()))
    }
}
