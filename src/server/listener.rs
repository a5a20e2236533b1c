//! A bound port: accepts connections, and rejects those over the limit.

use std::{
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use futures::{Stream, StreamExt, future::ready, stream::unfold};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep},
};

use super::{
    cancellations::Cancellations,
    unauthenticated::{Unauthenticated, Visit},
};
use crate::{config, telemetry::incidents::Incident};

/// The pause after a failed `accept`, for example because too many files are open.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(500);

/// A bound port.
pub(super) struct Listener {
    listener: TcpListener,
    permits: Arc<Semaphore>,
    unauthenticated: Arc<Unauthenticated>,
    max_concurrent_streams: u32,
}

/// An accepted connection before its handshake, not yet registered with a runtime.
pub(super) struct Arrival {
    pub(super) stream: std::net::TcpStream,
    pub(super) since: Instant,
    pub(super) visit: Arc<Visit>,
    pub(super) permit: ConnectionPermit,
}

/// Permit for one connection, held as long as it lasts.
pub(super) struct ConnectionPermit {
    _connection: OwnedSemaphorePermit,
    _count: Option<Arc<()>>,
}

impl Arrival {
    /// Holds a clone of `count` as long as the connection lasts.
    pub(super) fn counted_by(mut self, count: Arc<()>) -> Self {
        self.permit._count = Some(count);
        self
    }
}

impl Listener {
    /// Binds `address`.
    pub(super) async fn bind(address: SocketAddr, settings: &config::ServerConfig) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let permits = Arc::new(Semaphore::new(settings.max_connections.min(Semaphore::MAX_PERMITS)));
        let (unauthenticated, max_concurrent_streams) =
            (Unauthenticated::new(settings.unauthenticated), settings.max_concurrent_streams);
        Ok(Self { listener, permits, unauthenticated, max_concurrent_streams })
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Returns the accepted connections, as a stream that never ends.
    pub(super) fn arrivals(self) -> impl Stream<Item = Arrival> + Send {
        let arrivals = unfold(self, |mut listener| async move { Some((listener.accept().await, listener)) });
        arrivals.filter_map(ready)
    }

    /// Accepts the next connection; returns `None` if it failed or is over the limit.
    pub(super) async fn accept(&mut self) -> Option<Arrival> {
        let accepted = self.listener.accept().await;
        let (stream, peer) = match accepted.and_then(|(stream, peer)| Ok((stream.into_std()?, peer.ip()))) {
            Ok(accepted) => accepted,
            Err(e) if is_of_one_connection(&e) => return None,
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                sleep(ACCEPT_BACKOFF).await;
                return None;
            }
        };
        let permit = ConnectionPermit { _connection: self.permit_for(peer).await?, _count: None };
        let visit = Arc::new(self.unauthenticated.admit(peer, Cancellations::new(self.max_concurrent_streams)));
        Some(Arrival { stream, since: Instant::now(), visit, permit })
    }

    /// Returns a permit for a connection; if there is none left, evicts an unauthenticated one.
    async fn permit_for(&self, peer: IpAddr) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            return Some(permit);
        }
        if !self.unauthenticated.evict_oldest() {
            Incident::TurnedAway.note(peer);
            return None;
        }
        // The evicted connection frees its permit at once.
        self.permits.clone().acquire_owned().await.ok()
    }
}

/// Whether an error of `accept` concerns one connection only, whose client has disconnected.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted)
}
