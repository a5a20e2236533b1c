//! Serves `GET /metrics` over plain HTTP at an address of its own.

use std::{io, net::SocketAddr};

use axum::{Router, response::IntoResponse, routing::get};
use http::{HeaderMap, StatusCode, header};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::telemetry::metrics::{self, Format};

/// The bound port of the metrics.
pub(super) struct Scrape(TcpListener);

impl Scrape {
    /// Binds the port, if configured.
    pub(super) async fn bind(address: Option<SocketAddr>) -> io::Result<Option<Self>> {
        let Some(address) = address else { return Ok(None) };
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|e| io::Error::new(e.kind(), format!("metrics.listen = {address}: {e}")))?;
        Ok(Some(Self(listener)))
    }

    /// Returns the address that the server listens on.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Serves until the guard is dropped.
    pub(super) fn serve(self) -> DropGuard {
        let stop = CancellationToken::new();
        let routes = Router::new().route("/metrics", get(scrape));
        let serving = axum::serve(self.0, routes).with_graceful_shutdown(stop.clone().cancelled_owned());
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "serving metrics failed");
            }
        });
        stop.drop_guard()
    }
}

async fn scrape(headers: HeaderMap) -> Result<impl IntoResponse, StatusCode> {
    let accept: Vec<_> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let format = Format::accepted(&accept.join(","));
    let text = metrics::render(format).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(header::CONTENT_TYPE, format.media_type()), (header::VARY, "accept")], text))
}
