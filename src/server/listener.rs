//! A bound port: connections are taken, and those that are too many are turned away.

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
    strangers::{Strangers, Visit},
};
use crate::{config, telemetry::incidents::Incident};

/// How long to wait when the system has no connection to give, such as when too many files are open.
const PAUSE: Duration = Duration::from_millis(500);

/// A bound port.
pub(super) struct Listener {
    listener: TcpListener,
    room: Arc<Semaphore>,
    strangers: Arc<Strangers>,
    max_concurrent_streams: u32,
}

/// A connection that was accepted and has not begun to speak. It is of no runtime yet.
pub(super) struct Arrival {
    pub(super) stream: std::net::TcpStream,
    pub(super) since: Instant,
    pub(super) visit: Arc<Visit>,
    pub(super) place: ConnectionPermit,
}

/// The room that a connection takes as long as it lasts.
pub(super) struct ConnectionPermit {
    _room: OwnedSemaphorePermit,
    _count: Option<Arc<()>>,
}

impl Arrival {
    /// Keeps an owner of `count` as long as the connection lasts.
    pub(super) fn counted_by(mut self, count: Arc<()>) -> Self {
        self.place._count = Some(count);
        self
    }
}

impl Listener {
    /// Binds `address`.
    pub(super) async fn bind(address: SocketAddr, settings: &config::ServerConfig) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let room = Arc::new(Semaphore::new(settings.max_connections.min(Semaphore::MAX_PERMITS)));
        let (strangers, max_concurrent_streams) = (Strangers::new(settings.strangers), settings.max_concurrent_streams);
        Ok(Self { listener, room, strangers, max_concurrent_streams })
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The connections that there is room for. It never ends.
    pub(super) fn arrivals(self) -> impl Stream<Item = Arrival> + Send {
        let arrivals = unfold(self, |mut listener| async move { Some((listener.accept().await, listener)) });
        arrivals.filter_map(ready)
    }

    /// The next connection, if there is room for it.
    pub(super) async fn accept(&mut self) -> Option<Arrival> {
        let accepted = self.listener.accept().await;
        let (stream, peer) = match accepted.and_then(|(stream, peer)| Ok((stream.into_std()?, peer.ip()))) {
            Ok(accepted) => accepted,
            Err(e) if is_of_one_connection(&e) => return None,
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                sleep(PAUSE).await;
                return None;
            }
        };
        let place = ConnectionPermit { _room: self.room_for(peer).await?, _count: None };
        let visit = Arc::new(self.strangers.let_in(peer, Cancellations::new(self.max_concurrent_streams)));
        Some(Arrival { stream, since: Instant::now(), visit, place })
    }

    /// Room for a connection: that of a stranger, where there is no other.
    async fn room_for(&self, peer: IpAddr) -> Option<OwnedSemaphorePermit> {
        if let Ok(room) = self.room.clone().try_acquire_owned() {
            return Some(room);
        }
        if !self.strangers.push_out_oldest() {
            Incident::TurnedAway.note(peer);
            return None;
        }
        // The one that was pushed out leaves at once.
        self.room.clone().acquire_owned().await.ok()
    }
}

/// Whether an error of accepting is about a client that has gone again.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted)
}
