use std::{env, fs, future::Future, io, net::IpAddr, path::PathBuf, time::Duration};

use futures_util::{Stream, stream};
use http::HeaderValue;
use tokio::time::sleep;
use tonic::{
    Response, Status, Streaming,
    transport::{Certificate, ClientTlsConfig, Endpoint},
};

use crate::{Error, calls::Calls};

/// Where a client connects to, and how. What is absent is taken from the environment.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `HOST:PORT`: `$SMSMUX_ADDRESS`, or `127.0.0.1:50051`. The connection is TLS unless the address is of this machine and there is
    /// no `ca`; `http://` or `https://` before the address decides otherwise.
    pub address: Option<String>,
    /// The API key: `$SMSMUX_KEY`. It is never sent to another machine in plain text.
    pub key: Option<String>,
    /// A PEM file with the authorities to trust: `$SMSMUX_CA`, or those of the system.
    pub ca: Option<PathBuf>,
    /// For a call with all its repeats, unless its request has a timeout: 30 seconds.
    pub timeout: Option<Duration>,
}

/// A connection to smsmux, with all its services: make one and share its clones.
///
/// A call ends after the timeout with all its repeats, unless its request has one, and carries an `idempotency-key`: that of its
/// metadata, or a random one. It is repeated, at most five times, when the reason of the error says that nothing was accepted, after the
/// time in RetryInfo where there is one, and when the connection was lost: with the key nothing is sent twice. OUTCOME_UNKNOWN is
/// not repeated. What a call fails with becomes an [`Error`].
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) calls: Calls,
}

impl Client {
    /// Returns a client. It connects when the first call is made, and must be made within a runtime of Tokio.
    pub fn new(config: Config) -> io::Result<Self> {
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let address = config.address.or_else(|| variable("SMSMUX_ADDRESS")).unwrap_or_else(|| "127.0.0.1:50051".into());
        let key = config.key.or_else(|| variable("SMSMUX_KEY"));
        let ca = config.ca.or_else(|| variable("SMSMUX_CA").map(PathBuf::from));
        let url = url(&address, key.is_some(), ca.is_some()).map_err(invalid)?;
        let mut endpoint = Endpoint::from_shared(url.clone())
            .map_err(invalid)?
            // So that a watch notices a connection that died without a word.
            .http2_keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(10));
        if url.starts_with("https") {
            let tls = match ca {
                Some(ca) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(fs::read(ca)?)),
                None => ClientTlsConfig::new().with_native_roots(),
            };
            endpoint = endpoint.tls_config(tls).map_err(invalid)?;
        }
        let bearer = key.map(|key| HeaderValue::try_from(format!("Bearer {key}")));
        let mut authorization = bearer.transpose().map_err(invalid)?;
        authorization.iter_mut().for_each(|value| value.set_sensitive(true));
        let timeout = config.timeout.unwrap_or(Duration::from_secs(30));
        Ok(Self { calls: Calls { channel: endpoint.connect_lazy(), authorization, timeout } })
    }

    /// Returns the pages of a list, one call for each.
    pub fn pages<Q: List>(&self, request: Q) -> impl Stream<Item = Result<Q::Answer, Error>> + use<Q> {
        let client = self.clone();
        stream::try_unfold(Some(request), move |request| {
            let client = client.clone();
            async move {
                let Some(mut request) = request else { return Ok(None) };
                let page = request.clone().call(&client).await?.into_inner();
                let token = Q::next_token(&page);
                let more = !token.is_empty();
                request.set_token(token);
                Ok(Some((page, more.then_some(request))))
            }
        })
    }

    /// Returns the answers of a stream, which comes back by its last `resume_token` when the server restarts or the connection is
    /// lost. Store the token of the last answer that you have processed.
    pub fn watch<Q: Watch>(&self, request: Q) -> impl Stream<Item = Result<Q::Answer, Error>> + use<Q> {
        let client = self.clone();
        stream::try_unfold((request, None), move |(mut request, mut open): (Q, Option<Streaming<Q::Answer>>)| {
            let client = client.clone();
            async move {
                for attempt in 1.. {
                    let answer = match &mut open {
                        Some(stream) => stream.message().await.map_err(lost),
                        None => match request.clone().call(&client).await {
                            Ok(stream) => {
                                open = Some(stream.into_inner());
                                continue;
                            }
                            Err(status) => Err(status),
                        },
                    };
                    match answer.map_err(Error::from) {
                        Ok(None) => break,
                        Ok(Some(answer)) => {
                            request.set_token(Q::next_token(&answer));
                            return Ok(Some((answer, (request, open))));
                        }
                        Err(error) if error.may_repeat() => {
                            open = None;
                            sleep(error.pause(attempt)).await;
                        }
                        Err(error) => return Err(error),
                    }
                }
                Ok(None)
            }
        })
    }
}

/// tonic has several codes for a connection that breaks within a stream; smsmux gives its errors details.
fn lost(status: Status) -> Status {
    match status.details().is_empty() {
        true => Status::unavailable(format!("the connection was lost: {}", status.message())),
        false => status,
    }
}

/// A request of which there are pages.
pub trait List: Clone + Send + 'static {
    /// A page.
    type Answer: Send;
    /// Makes the call.
    fn call(self, client: &Client) -> impl Future<Output = Result<Response<Self::Answer>, Status>> + Send + 'static;
    /// Sets the place to go on at.
    fn set_token(&mut self, token: String);
    /// Returns the place after a page.
    fn next_token(answer: &Self::Answer) -> String;
}

/// A request of which there is a stream that can be resumed.
pub trait Watch: Clone + Send + 'static {
    /// An answer.
    type Answer: Send;
    /// Makes the call.
    fn call(
        self,
        client: &Client,
    ) -> impl Future<Output = Result<Response<Streaming<Self::Answer>>, Status>> + Send + 'static;
    /// Sets the place to go on at.
    fn set_token(&mut self, token: String);
    /// Returns the place after an answer.
    fn next_token(answer: &Self::Answer) -> String;
}

fn invalid(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, reason)
}

/// Where to connect to.
fn url(address: &str, has_key: bool, has_ca: bool) -> Result<String, String> {
    let (scheme, target) = address.split_once("://").unwrap_or(("", address));
    let host = target.rsplit_once(':').map_or(target, |(host, _)| host).trim_matches(['[', ']']);
    let local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match scheme {
        "http" if has_key && !local => Err(format!("the key is not sent to {target} in plain text: use TLS")),
        "" if local && !has_ca => Ok(format!("http://{target}")),
        "http" => Ok(format!("http://{target}")),
        "" | "https" => Ok(format!("https://{target}")),
        _ => Err(format!("invalid address {address}: expected HOST:PORT, after http:// or https:// if at all")),
    }
}
