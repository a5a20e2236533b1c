//! The gRPC server: services, health, reflection, and an orderly end.

mod accounts;
mod analyze;
mod auth;
mod callers;
mod deadline;
mod dispatch;
mod drain;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod health;
mod setup;

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc};

use arc_swap::ArcSwap;
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Code, Status, transport::server::TcpIncoming};
use tonic_health::{pb::health_server::HealthServer, server::HealthReporter};
use tower::util::{MapRequestLayer, MapResponseLayer};

use self::{auth::AuthenticateLayer, callers::Callers};
pub use self::{
    dispatch::{Account, Gateway},
    setup::Setup,
};
use crate::{
    config::{self, Config},
    error::Error,
    pb,
    vendors::{METHODS, supported},
};

/// A server whose port is bound.
pub struct Server {
    listener: TcpListener,
    gateway: Arc<Gateway>,
    callers: Arc<ArcSwap<Callers>>,
    settings: config::Server,
    probes: health::Probes,
    draining: CancellationToken,
}

/// How a server ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// Every call was answered and every write came to its end.
    Clean,
    /// The drain limit passed first.
    Overran,
}

impl Server {
    /// Binds the port. Health knows every name before that.
    ///
    /// # Errors
    /// The port cannot be bound.
    pub async fn bind(setup: Setup) -> io::Result<Self> {
        let Setup { config, mut vendors, callers } = setup;
        let Config { server: settings, accounts, .. } = config;
        let mut served = BTreeMap::new();
        for (id, config::Account { vendor: vendor_name, allow_caller_credential, .. }) in accounts {
            let Some(vendor) = vendors.remove(&id) else { continue };
            let offered = supported(&*vendor).await;
            let methods = METHODS.iter().filter(|method| method.served_here || offered.contains(method));
            let methods = methods.map(|method| method.path).collect();
            let name = format!("accounts/{id}");
            served.insert(id, Account { name, vendor_name, allow_caller_credential, methods, vendor });
        }
        let draining = CancellationToken::new();
        let gateway = Arc::new(Gateway {
            accounts: served,
            writes: TaskTracker::new(),
            call_timeout: settings.call_timeout,
            draining: draining.clone(),
            abandoned: CancellationToken::new(),
        });
        let probes = health::Probes::new(draining.clone()).await;
        let listener = TcpListener::bind(settings.listen).await?;
        let callers = Arc::new(ArcSwap::from_pointee(callers));
        Ok(Self { listener, gateway, callers, settings, probes, draining })
    }

    /// The address that it listens on.
    ///
    /// # Errors
    /// The socket cannot tell.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `shutdown` ends, then drains: readiness goes to NOT_SERVING, after `drain_delay` no new connection is
    /// taken and Watches end, and calls in flight have `drain_timeout` to come to theirs.
    ///
    /// # Errors
    /// Serving failed.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> io::Result<End> {
        let Self { listener, gateway, callers, settings, probes, draining } = self;
        let (writes, abandoned) = (gateway.writes.clone(), gateway.abandoned.clone());
        let reporter = probes.reporter();
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        let routes = dispatch::routes(gateway, settings.max_request_bytes)
            .add_service(HealthServer::new(probes))
            .add_service(reflection().build_v1().map_err(io::Error::other)?)
            .add_service(reflection().build_v1alpha().map_err(io::Error::other)?);
        let serving = tonic::transport::Server::builder()
            .http2_keepalive_interval(Some(settings.keepalive_interval))
            .http2_keepalive_timeout(Some(settings.keepalive_timeout))
            .max_connection_age(settings.max_connection_age)
            .max_concurrent_streams(Some(settings.max_concurrent_streams))
            .layer(MapRequestLayer::new(deadline::note))
            .layer(AuthenticateLayer(callers))
            .layer(MapResponseLayer::new(complete))
            .add_routes(routes)
            .serve_with_incoming_shutdown(incoming, draining.clone().cancelled_owned());
        let mut serving = tokio::spawn(serving);

        tokio::select! {
            ended = &mut serving => {
                ended.map_err(io::Error::other)?.map_err(io::Error::other)?;
                return Err(io::Error::other("the server stopped by itself"));
            }
            () = shutdown => {}
        }
        announce(&reporter, &settings).await;
        draining.cancel();
        writes.close();
        let drained = timeout(settings.drain_timeout, async {
            let ended = (&mut serving).await;
            writes.wait().await;
            ended
        });
        match drained.await {
            Ok(ended) => {
                ended.map_err(io::Error::other)?.map_err(io::Error::other)?;
                tracing::info!("drained");
                Ok(End::Clean)
            }
            Err(_) => {
                tracing::warn!(writes = writes.len(), "the drain limit passed with calls still in flight");
                // Each says in the log what it was about.
                abandoned.cancel();
                writes.wait().await;
                serving.abort();
                Ok(End::Overran)
            }
        }
    }
}

/// Tells balancers, and gives them the time that was asked for to notice.
async fn announce(reporter: &HealthReporter, settings: &config::Server) {
    health::not_serving(reporter).await;
    tracing::info!(delay = ?settings.drain_delay, limit = ?settings.drain_timeout, "draining");
    sleep(settings.drain_delay).await;
}

/// Gives an error that no service of ours made, such as "no such method", the details that every error has.
fn complete<B: Default>(response: http::Response<B>) -> http::Response<B> {
    // An answer's own status comes after its body: in the head there is one for errors alone.
    match Status::from_header_map(response.headers()) {
        Some(status) if status.code() != Code::Ok => Error::complete(status).into_http(),
        _ => response,
    }
}

/// Reflection over our protos, health's, and the error details of `google.rpc`, which clients need to print errors.
fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(pb::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
}
