//! A vendor that costs next to nothing: it speaks as much of smSend's API as the loads need, checks nothing and remembers
//! nothing, so that what stands before it is what limits. The stand-in of `smsmux sandbox`, which is strict and remembers,
//! would be the slower part.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use bytes::Bytes;
use clap::Parser;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::TcpSocket;

#[derive(Parser)]
#[command(about = "A stub of smSend's API for load tests: it accepts every send")]
struct Arguments {
    /// The address to listen on.
    #[arg(long, value_name = "HOST:PORT")]
    listen: SocketAddr,
    /// How long each answer to a send takes, for example 1s.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    delay: Duration,
}

/// What a send says that its answer repeats.
#[derive(Deserialize)]
struct Order<'a> {
    order_id: &'a str,
    #[serde(borrow, default)]
    recipient: Vec<&'a str>,
    /// Of `/paramsms`: the recipients with their parameters, by number.
    #[serde(borrow, default)]
    recipients: std::collections::HashMap<&'a str, &'a RawValue>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let Arguments { listen, delay } = Arguments::parse();
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(listen)?;
    // Ten thousand calls in flight are ten thousand connections, which may all come at once.
    let listener = socket.listen(16_384)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = service_fn(move |request| answer(request, delay));
        tokio::spawn(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .pipeline_flush(true)
                .serve_connection(TokioIo::new(stream), service),
        );
    }
}

async fn answer(request: Request<Incoming>, delay: Duration) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let (status, body) = match path.as_str() {
        "/sms" | "/paramsms" => {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            match serde_json::from_slice::<Order<'_>>(&body) {
                Ok(Order { order_id, recipient, recipients }) => {
                    let sent = recipient.len() + recipients.len();
                    let accepted = format!(r#"{{"result":"OK","order_id":"{order_id}","total_sent":{sent}}}"#);
                    (StatusCode::CREATED, accepted)
                }
                Err(_) => (StatusCode::BAD_REQUEST, String::new()),
            }
        }
        "/login" | "/token" => (StatusCode::OK, "UK;SK".to_owned()),
        path if path.starts_with("/srsmshistory") || path.starts_with("/newsrsmsmessage") => {
            (StatusCode::OK, r#"{"result":"OK","srsmshistory":[],"total":0}"#.to_owned())
        }
        _ => (StatusCode::NOT_FOUND, String::new()),
    };
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
    Ok(response)
}
