//! `smsmux health`.

use std::time::Duration;

use clap::Args;
use tonic::{Code, transport::Endpoint};
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
    /// How long to wait
    #[arg(long, default_value = "3s", value_parser = humantime::parse_duration)]
    timeout: Duration,
}

pub(super) async fn run(arguments: HealthArguments) -> Result<(), Failure> {
    let HealthArguments { address, service, timeout } = arguments;
    let endpoint = Endpoint::from_shared(format!("http://{address}"))
        .map_err(|_| Failure::new(format!("{address:?} is no address such as 127.0.0.1:50051")))?
        .connect_timeout(timeout)
        .timeout(timeout);
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
