//! A vendor that costs next to nothing: it speaks as much of smSend's API as the loads need, checks nothing and remembers
//! nothing, so that what stands before it is what limits. The stand-in of `smsmux sandbox`, which is strict and remembers,
//! would be the slower part.

mod answers;
mod counts;
mod smpp;
mod tls;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use clap::Parser;
use hyper::{
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket},
};

use self::{answers::Vendor, counts::Counts};

#[derive(Parser)]
#[command(about = "A stub of smSend's API for load tests: it accepts every send")]
struct Arguments {
    /// The address to listen on.
    #[arg(long, value_name = "HOST:PORT")]
    listen: SocketAddr,
    /// How long each answer to a send takes, for example 1s.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    delay: Duration,
    /// Speak TLS, with a certificate of its own that is written to this file.
    #[arg(long, value_name = "FILE")]
    tls: Option<PathBuf>,
    /// Offer HTTP/2 too, by ALPN; plain HTTP and TLS without it have HTTP/1.1 only.
    #[arg(long, requires = "tls")]
    http2: bool,
    /// The streams that one HTTP/2 connection may have open; nginx' default.
    #[arg(long, value_name = "N", default_value_t = 128)]
    streams: u32,
    /// Listen for SMPP here too, for gateways that speak nothing else to a vendor.
    #[arg(long, value_name = "HOST:PORT")]
    smpp: Option<SocketAddr>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { listen, delay, tls, http2, streams, smpp } = Arguments::parse();
    let counts = Arc::new(Counts::default());
    if let Some(address) = smpp {
        tokio::spawn(smpp::serve(listener(address)?, delay, counts.clone()));
    }
    let tls = tls.map(|certificate| tls::acceptor(&certificate, http2)).transpose()?;
    let listener = listener(listen)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (tls, vendor) = (tls.clone(), Vendor::new(delay, counts.clone()));
        tokio::spawn(async move {
            let Some(tls) = tls else { return serve_http1(stream, vendor).await };
            match tls.accept(stream).await {
                Ok(stream) if stream.get_ref().1.alpn_protocol() == Some(tls::HTTP2) => {
                    serve_http2(stream, vendor, streams).await;
                }
                Ok(stream) => serve_http1(stream, vendor).await,
                Err(error) => eprintln!("TLS handshake: {error}"),
            }
        });
    }
}

fn listener(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    // Ten thousand calls in flight are ten thousand connections, which may all come at once.
    socket.listen(16_384)
}

/// A connection that breaks is the client's business; what it interrupted is counted where it is answered.
async fn serve_http1(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, vendor: Vendor) {
    let service = service_fn(move |request| answers::answer(request, vendor.clone()));
    let mut server = http1::Builder::new();
    let _ = server.timer(TokioTimer::new()).pipeline_flush(true).serve_connection(TokioIo::new(stream), service).await;
}

async fn serve_http2(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, vendor: Vendor, streams: u32) {
    let service = service_fn(move |request| answers::answer(request, vendor.clone()));
    let mut server = http2::Builder::new(TokioExecutor::new());
    server.timer(TokioTimer::new()).max_concurrent_streams(streams);
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}
