//! The gRPC server: services, health, reflection, and an orderly end.

mod admission;
mod auth;
mod background;
mod bind;
mod body;
mod callers;
mod cancellations;
mod compression;
mod connection;
mod deadline;
mod decoded;
mod doors;
mod explain;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod handshake;
mod health;
mod large;
mod limits;
mod listener;
mod observe;
mod online;
mod preface;
mod protocol;
mod reflection;
mod reload;
mod request_id;
mod scrape;
mod setup;
mod shards;
mod tls;
mod unauthenticated;

use std::{future::pending, io, net::SocketAddr, pin::pin, sync::Arc};

use arc_swap::{ArcSwap, ArcSwapOption};
use futures::future::try_join_all;
use rustls::ServerConfig;
use tokio::time::sleep;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};
use tonic::{Code, Status, codec::CompressionEncoding::Gzip, service::Routes};
use tower::{ServiceBuilder, util::MapResponseLayer};

use self::{
    admission::AdmitLayer,
    auth::AuthenticateLayer,
    body::BodyLayer,
    callers::Callers,
    connection::Transport,
    doors::{
        grpc::{Grpc, routes},
        webhooks::Webhooks,
    },
    limits::ShedLayer,
    listener::Listener,
    observe::ObserveLayer,
    protocol::ProtocolLayer,
    reflection::Reflection,
    scrape::Scrape,
    shards::Shard,
};
pub use self::{
    bind::BindError,
    online::OnlineAccount,
    reload::Reloader,
    setup::{Setup, WebhookGuide},
};
use crate::{
    api::pb::health::health_server::HealthServer, config, error::Error, gateway::Gateway, store::Store,
    telemetry::incidents::Incident,
};

/// A server whose port is bound.
pub struct Server {
    listener: Listener,
    probe_listener: Option<Listener>,
    gateway: Arc<Gateway>,
    callers: Arc<ArcSwap<Callers>>,
    tls: Arc<ArcSwapOption<ServerConfig>>,
    settings: config::ServerConfig,
    probes: health::Probes,
    scrape: Option<Scrape>,
    webhooks: Option<Webhooks>,
    draining: CancellationToken,
    hurry: CancellationToken,
}

/// How a server ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// Every call was answered and every write came to its end.
    Clean,
    /// `drain_timeout` passed first.
    Overran,
    /// The drain was cut short, see [`Server::hurry`].
    Hurried,
}

impl Server {
    /// Returns the address that the server listens on.
    ///
    /// # Errors
    /// The socket has no local address.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.address()
    }

    /// Returns the plain-text address of health checks, if configured.
    ///
    /// # Errors
    /// The socket has no local address.
    pub fn health_address(&self) -> io::Result<Option<SocketAddr>> {
        self.probe_listener.as_ref().map(Listener::address).transpose()
    }

    /// Returns a handle that replaces the configuration while the server runs.
    pub fn reloader(&self) -> Reloader {
        Reloader { gateway: self.gateway.clone(), callers: self.callers.clone(), tls: self.tls.clone() }
    }

    /// Returns a token that cuts the drain short when cancelled: writes in flight are logged and not waited for.
    pub fn hurry(&self) -> CancellationToken {
        self.hurry.clone()
    }

    /// Returns the address of the metrics, if configured.
    ///
    /// # Errors
    /// The socket has no local address.
    pub fn metrics_address(&self) -> io::Result<Option<SocketAddr>> {
        self.scrape.as_ref().map(Scrape::address).transpose()
    }

    /// Returns the address that vendors push to, if configured.
    ///
    /// # Errors
    /// The socket has no local address.
    pub fn webhooks_address(&self) -> io::Result<Option<SocketAddr>> {
        self.webhooks.as_ref().map(Webhooks::address).transpose()
    }

    /// Serves until `shutdown` completes, then drains: readiness becomes NOT_SERVING, after `drain_delay` no new
    /// connection is accepted and Watches end, and calls in flight have `drain_timeout` to finish.
    ///
    /// # Errors
    /// Serving failed.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> io::Result<End> {
        let Self {
            listener,
            probe_listener,
            gateway,
            callers,
            tls,
            settings,
            probes,
            scrape,
            webhooks,
            draining,
            hurry,
        } = self;
        // Metrics are served to the end of the drain.
        let _scrape = scrape.map(Scrape::serve);
        let (writes, abandoned) = (gateway.writes.clone(), gateway.abandoned.clone());
        let store = gateway.store().cloned();
        let mut background = background::tasks(&gateway, callers.clone());
        let save_guard = gateway.save_guard();
        let leave_shares = {
            let (gateway, callers) = (gateway.clone(), callers.clone());
            async move { gateway.leave_shares(callers.load().budgets()).await }
        };
        // Dropped with this future.
        let _readiness = store.clone().map(|store| AbortOnDropHandle::new(tokio::spawn(probes.clone().follow(store))));
        let failed = store.as_ref().map(Store::failed);
        let bodies = BodyLayer::new(settings.max_buffered_request_bytes);
        let health = HealthServer::new(probes.clone()).max_decoding_message_size(LONGEST_NAME).accept_compressed(Gzip);
        // Health checks are answered until the drain has ended.
        let drained = CancellationToken::new();
        let _drained = drained.clone().drop_guard();
        if let Some(listener) = probe_listener {
            let service = ServiceBuilder::new()
                .layer(ProtocolLayer(settings.call_timeout))
                .layer(AdmitLayer(settings.max_header_bytes))
                .layer(bodies.clone())
                .layer(MapResponseLayer::new(complete))
                .service(Routes::new(health.clone()).prepare());
            let transport = Transport::new(&settings, Arc::default());
            tokio::spawn(transport.serve(listener.arrivals(), service, drained));
        }
        let (reflection, reflection_alpha) = Reflection.servers();
        let routes = routes(Arc::new(Grpc { gateway }), settings.max_request_bytes)
            .add_service(health)
            .add_service(reflection)
            .add_service(reflection_alpha)
            .prepare();
        let transport = Transport::new(&settings, tls);
        // Dropping this future ends its threads too.
        let (stopped, threads) = (CancellationToken::new(), TaskTracker::new());
        let _stopped = stopped.clone().drop_guard();
        let shed = ShedLayer::new(settings.max_in_flight);
        let (mut shards, mut ends) = (Vec::new(), Vec::new());
        for number in 0..shards::count(settings.threads) {
            let service = ServiceBuilder::new()
                .layer(ObserveLayer)
                .layer(ProtocolLayer(settings.call_timeout))
                .layer(AdmitLayer(settings.max_header_bytes))
                .layer(AuthenticateLayer(callers.clone()))
                .layer(shed.clone())
                .layer(bodies.clone())
                .layer(MapResponseLayer::new(complete))
                .service(routes.clone());
            let (transport, closed) = (transport.clone(), draining.clone());
            let background = std::mem::take(&mut background).into_iter();
            let (shard, end) = Shard::start(number, stopped.clone(), threads.token(), |arrivals| async move {
                let _background: Vec<_> = background.map(|task| AbortOnDropHandle::new(tokio::spawn(task))).collect();
                transport.serve(UnboundedReceiverStream::new(arrivals), service, closed).await
            })?;
            shards.push(shard);
            ends.push(end);
        }
        let mut serving = pin!(try_join_all(ends.into_iter().map(async |end| {
            // A thread that sends no result has panicked.
            end.await.map_err(io::Error::other)
        })));
        let pushing = webhooks.map(|webhooks| AbortOnDropHandle::new(tokio::spawn(webhooks.serve(draining.clone()))));
        let dealing = AbortOnDropHandle::new(tokio::spawn(shards::deal(listener, shards, draining.clone())));

        tokio::select! {
            ended = &mut serving => {
                ended?;
                return Err(io::Error::other("the server stopped by itself"));
            }
            why = async { match failed { Some(failed) => failed.await, None => pending().await } } => {
                return Err(io::Error::other(format!("the store failed, and what it recorded is in doubt: {why}")));
            }
            () = shutdown => {}
        }
        tokio::select! {
            () = announce(&probes, &settings) => {}
            () = hurry.cancelled() => {}
        }
        draining.cancel();
        // The port is free once the listener is dropped.
        let _ = dealing.await;
        writes.close();
        let end = tokio::select! {
            biased;
            ended = async {
                let ended = (&mut serving).await;
                if let Some(pushing) = pushing {
                    let _ = pushing.await;
                }
                writes.wait().await;
                ended
            } => {
                ended?;
                tracing::info!("drained");
                End::Clean
            }
            () = sleep(settings.drain_timeout) => {
                tracing::warn!(writes = writes.len(), "drain_timeout passed with calls still in flight");
                End::Overran
            }
            () = hurry.cancelled() => {
                tracing::warn!(writes = writes.len(), "second request to stop: not waiting for calls in flight");
                End::Hurried
            }
        };
        if end != End::Clean {
            // Each abandoned write logs itself.
            abandoned.cancel();
            writes.wait().await;
        }
        stopped.cancel();
        threads.close();
        threads.wait().await;
        leave_shares.await;
        save_guard.await;
        if let Some(store) = store
            && let Err(error) = store.flush().await
        {
            tracing::error!(%error, "the last outcomes may not be on disk");
        }
        Ok(end)
    }
}

/// The most bytes of a health check, which holds no permit and only names a service.
const LONGEST_NAME: usize = 1 << 10;

/// Reports NOT_SERVING to load balancers, and waits `drain_delay` for them to notice.
async fn announce(probes: &health::Probes, settings: &config::ServerConfig) {
    probes.not_serving();
    tracing::info!(delay = ?settings.drain_delay, limit = ?settings.drain_timeout, "draining");
    sleep(settings.drain_delay).await;
}

/// Adds the details that every error has to errors of tonic's own, such as "no such method".
fn complete<B: Default>(response: http::Response<B>) -> http::Response<B> {
    // The headers have a status only if the whole response is an error.
    match Status::from_header_map(response.headers()) {
        Some(status) if status.code() != Code::Ok && status.details().is_empty() => {
            match status.code() {
                Code::OutOfRange | Code::ResourceExhausted => Incident::TooLarge.note(status.message()),
                Code::InvalidArgument | Code::Internal => Incident::Undecodable.note(status.message()),
                _ => {}
            }
            Error::complete(&status).into_http()
        }
        _ => response,
    }
}
