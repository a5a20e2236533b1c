//! `smsmux health`.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use tonic::{
    Code,
    transport::{Certificate, ClientTlsConfig, Endpoint},
};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use super::Failure;

#[derive(Debug, Args)]
pub(super) struct HealthArguments {
    /// The server's address
    #[arg(default_value = "127.0.0.1:50051")]
    address: String,
    /// The name to ask for: a service, liveness, readiness, or empty for the server as a whole
    #[arg(long, default_value = "")]
    service: String,
    /// Ask over TLS, believing the authorities in this PEM file
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<PathBuf>,
    /// The name that the certificate must have, where it is not that of the address
    #[arg(long, value_name = "NAME", requires = "tls_ca")]
    tls_name: Option<String>,
    /// How long to wait
    #[arg(long, default_value = "3s", value_parser = humantime::parse_duration)]
    timeout: Duration,
}

pub(super) async fn run(arguments: HealthArguments) -> Result<(), Failure> {
    let HealthArguments { address, service, tls_ca, tls_name, timeout } = arguments;
    let scheme = if tls_ca.is_some() { "https" } else { "http" };
    let mut endpoint = Endpoint::from_shared(format!("{scheme}://{address}"))
        .map_err(|_| Failure::new(format!("{address:?} is no address such as 127.0.0.1:50051")))?
        .connect_timeout(timeout)
        .timeout(timeout);
    if let Some(path) = tls_ca {
        let pem = std::fs::read(&path).map_err(|e| Failure::new(format!("cannot read {}: {e}", path.display())))?;
        let mut tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem));
        if let Some(name) = tls_name {
            tls = tls.domain_name(name);
        }
        let unusable = |_| Failure::new(format!("{} holds no PEM certificate", path.display()));
        endpoint = endpoint.tls_config(tls).map_err(unusable)?;
    }
    let channel = endpoint.connect().await;
    let channel = channel.map_err(|_| Failure::new(format!("cannot connect to {address}: is the server running?")))?;
    let answer = HealthClient::new(channel).check(HealthCheckRequest { service: service.clone() }).await;
    match answer {
        Ok(answer) => match answer.into_inner().status() {
            ServingStatus::Serving => {
                println!("SERVING");
                Ok(())
            }
            status => Err(Failure::new(status.as_str_name())),
        },
        Err(status) if status.code() == Code::NotFound => {
            Err(Failure::new(format!("the server knows no service {service:?}")))
        }
        Err(status) => Err(Failure::new(format!("{:?}: {}", status.code(), status.message()))),
    }
}
