//! `smsmux health`.

use std::{error::Error as _, io::ErrorKind, path::PathBuf, time::Duration};

use clap::Args;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};
use tokio_util::either::Either;
use tonic::{
    Code, Status,
    transport::{Channel, Endpoint, Uri},
};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tower::service_fn;

use super::{
    Failure,
    arguments::{Output, OutputArguments},
    json, print,
    tls::{Tls, speaks_tls},
};

#[derive(Debug, Args)]
pub(super) struct HealthArguments {
    /// The server's address
    #[arg(default_value = "127.0.0.1:50051")]
    address: String,
    /// The name to check: a service, liveness, readiness, or empty for the server as a whole
    #[arg(long, default_value = "")]
    service: String,
    /// Use TLS, trusting the authorities in this PEM file
    #[arg(long = "ca", alias = "tls-ca", value_name = "FILE")]
    tls_ca: Option<PathBuf>,
    /// The name that the certificate must have, if it differs from the address
    #[arg(long, value_name = "NAME", requires = "tls_ca")]
    tls_name: Option<String>,
    /// The timeout
    #[arg(long, default_value = "3s", value_parser = humantime::parse_duration)]
    timeout: Duration,
    #[command(flatten)]
    output: OutputArguments,
}

pub(super) async fn run(arguments: HealthArguments) -> Result<(), Failure> {
    let HealthArguments { address, service, tls_ca, tls_name, timeout: limit, output } = arguments;
    let uri: Option<Uri> = format!("http://{address}").parse().ok();
    let host_and_port = uri.as_ref().and_then(|uri| Some((uri.host()?, uri.port_u16()?)));
    let Some((host, port)) = host_and_port else {
        return Err(Failure::new(format!("invalid address {address:?}; expected for example 127.0.0.1:50051")));
    };
    // IPv6 addresses have brackets only in text.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let tls = match tls_ca {
        Some(ca) => Some(Tls::new(&ca, tls_name.as_deref().unwrap_or(host)).map_err(Failure::new)?),
        None => None,
    };
    let asked = timeout(limit, ask(&address, (host, port), tls.as_ref(), &service)).await;
    let status = asked.map_err(|_| Failure::new(format!("{address} did not answer within {limit:?}")))??;
    let text = status.as_str_name();
    let printed = match (output.output, status) {
        (Output::Json, _) => json::print(&serde_json::json!({ "status": text })),
        (Output::Table, ServingStatus::Serving) => print::out(format_args!("{text}\n")),
        (Output::Table, _) => Ok(()),
    };
    match (printed, status) {
        // The exit code reports it too.
        (Ok(()) | Err(Failure::ReaderLeft), ServingStatus::Serving) => Ok(()),
        (Err(failure), ServingStatus::Serving) => Err(failure),
        _ => Err(Failure::new(text)),
    }
}

async fn ask(address: &str, to: (&str, u16), tls: Option<&Tls>, service: &str) -> Result<ServingStatus, Failure> {
    let channel = connect(address, to, tls).await?;
    let answer = HealthClient::new(channel).check(HealthCheckRequest { service: service.to_owned() }).await;
    match answer {
        Ok(answer) => Ok(answer.into_inner().status()),
        Err(status) if status.code() == Code::NotFound => Err(Failure::new(format!("unknown service {service:?}"))),
        Err(status) => Err(refused(address, to, tls, &status).await),
    }
}

/// Connects for one call.
async fn connect(address: &str, to: (&str, u16), tls: Option<&Tls>) -> Result<Channel, Failure> {
    let stream = tcp(address, to).await?;
    let stream = match tls {
        Some(tls) => {
            Either::Right(tls.connect(stream).await.map_err(|text| Failure::new(format!("{address}: {text}")))?)
        }
        None => Either::Left(stream),
    };
    let mut stream = Some(TokioIo::new(stream));
    let once = service_fn(move |_: Uri| {
        let stream = stream.take().ok_or_else(|| std::io::Error::other("the server closed the connection"));
        async move { stream }
    });
    // tonic would run TLS itself for an https address, so only the request's origin has that scheme.
    let mut endpoint = Endpoint::from_shared(format!("http://{address}")).map_err(Failure::new)?;
    if tls.is_some() {
        endpoint = endpoint.origin(format!("https://{address}").parse().map_err(Failure::new)?);
    }
    endpoint.connect_with_connector(once).await.map_err(|e| match tls.and_then(Tls::explain_broken) {
        Some(text) => Failure::new(format!("{address}: {text}")),
        None => {
            let why = e.source().map_or_else(|| e.to_string(), ToString::to_string);
            Failure::new(format!("cannot connect to {address}: {why}"))
        }
    })
}

pub(super) async fn tcp(address: &str, to: (&str, u16)) -> Result<TcpStream, Failure> {
    TcpStream::connect(to).await.map_err(|e| match e.kind() {
        ErrorKind::ConnectionRefused => Failure::new(format!("cannot connect to {address}: is the server running?")),
        _ => Failure::new(format!("cannot connect to {address}: {e}")),
    })
}

/// Returns why the call failed, as far as the connection shows it.
async fn refused(address: &str, to: (&str, u16), tls: Option<&Tls>, status: &Status) -> Failure {
    if let Some(text) = tls.and_then(Tls::explain_broken) {
        return Failure::new(format!("{address}: {text}"));
    }
    if tls.is_none() && matches!(status.code(), Code::Unavailable | Code::Unknown | Code::Internal) {
        // A TLS server answers the HTTP/2 preface, an invalid handshake, with an alert in a TLS record.
        if let Ok(stream) = tcp(address, to).await
            && speaks_tls(stream).await
        {
            return Failure::new(format!("{address} requires TLS: set its authority with --ca FILE"));
        }
    }
    Failure::new(format!("{:?}: {}", status.code(), status.message()))
}
