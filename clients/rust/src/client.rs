use std::{env, fs, future::Future, io, net::IpAddr, path::PathBuf, pin::pin, time::Duration};

use async_stream::try_stream;
use backon::{BackoffBuilder as _, ExponentialBuilder, Retryable as _};
use futures_util::{Stream, TryFutureExt as _, TryStreamExt as _};
use tokio::time::{Instant, sleep, timeout_at};
use tonic::{
    Extensions, IntoRequest, Request, Response, Status, Streaming,
    metadata::{AsciiMetadataValue, MetadataMap},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Uri},
};

use crate::Error;

/// How long to wait between the attempts of a call.
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new().with_jitter().with_max_delay(Duration::from_secs(4));

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
/// not repeated. What a call fails with is an [`Error`].
#[derive(Debug, Clone)]
pub struct Client {
    channel: Channel,
    metadata: MetadataMap,
    timeout: Duration,
}

impl Client {
    /// Returns a client. It connects when the first call is made, and must be made within a runtime of Tokio.
    pub fn new(config: Config) -> io::Result<Self> {
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let address = config.address.or_else(|| variable("SMSMUX_ADDRESS")).unwrap_or_else(|| "127.0.0.1:50051".into());
        let ca = config.ca.or_else(|| variable("SMSMUX_CA").map(PathBuf::from));
        let uri: Uri = address.parse().map_err(invalid)?;
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let scheme = if local && ca.is_none() { "http" } else { "https" };
        let (scheme, target) = address.split_once("://").unwrap_or((scheme, &address));
        if !["http", "https"].contains(&scheme) {
            return Err(invalid(format!("invalid address {address}: expected [http[s]://]HOST:PORT")));
        }
        let mut endpoint = Endpoint::new(format!("{scheme}://{target}"))
            .map_err(invalid)?
            // So that a watch notices a connection that died without a word.
            .http2_keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(10));
        if let Some(ca) = ca {
            let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(fs::read(ca)?));
            endpoint = endpoint.tls_config(tls).map_err(invalid)?;
        }
        let mut metadata = MetadataMap::new();
        if let Some(key) = config.key.or_else(|| variable("SMSMUX_KEY")) {
            if scheme == "http" && !local {
                return Err(invalid(format!("the key is not sent to {target} in plain text: use TLS")));
            }
            let mut bearer: AsciiMetadataValue = format!("Bearer {key}").parse().map_err(invalid)?;
            bearer.set_sensitive(true);
            metadata.insert("authorization", bearer);
        }
        let timeout = config.timeout.unwrap_or(Duration::from_secs(30));
        Ok(Self { channel: endpoint.connect_lazy(), metadata, timeout })
    }

    /// Makes a call of any service, with its repeats.
    pub(crate) async fn call<Q: Call>(&self, request: impl IntoRequest<Q>) -> Result<Response<Q::Answer>, Error> {
        let (own, extensions, message) = request.into_request().into_parts();
        let end = Instant::now() + timeout(&own).unwrap_or(self.timeout);
        let mut headers = self.metadata.clone().into_headers();
        let key = uuid::Uuid::new_v4().to_string();
        headers.insert("idempotency-key", key.parse().expect("a UUID is a value"));
        headers.extend(own.into_headers());
        let attempt = || async {
            let metadata = MetadataMap::from_headers(headers.clone());
            let mut request = Request::from_parts(metadata, extensions.clone(), message.clone());
            request.set_timeout(end.saturating_duration_since(Instant::now()));
            match timeout_at(end, Q::call(request, self.channel.clone())).await {
                // tonic's own timer may be the first to notice.
                Ok(answer) if answer.is_ok() || Instant::now() < end => answer.map_err(Error::from),
                _ => Err(Status::deadline_exceeded("the deadline passed before smsmux answered").into()),
            }
        };
        let pause = |error: &Error, pause: Option<Duration>| {
            let pause = error.retry_after.unwrap_or(pause?);
            (Instant::now() + pause < end).then_some(pause)
        };
        attempt.retry(BACKOFF.with_max_times(4)).when(Error::may_repeat).adjust(pause).await
    }

    /// Returns the pages of a list, one call for each.
    pub fn pages<Q: List>(&self, mut request: Q) -> impl Stream<Item = Result<Q::Answer, Error>> + use<Q> {
        let client = self.clone();
        try_stream! {
            let mut more = true;
            while more {
                let page = client.call::<Q>(Request::new(request.clone())).await?.into_inner();
                more = request.go_on(&page);
                yield page;
            }
        }
    }

    /// Returns the answers of a stream, which comes back by its last `resume_token` when the server restarts or the connection is
    /// lost. Store the token of the last answer that you have processed.
    pub fn watch<Q: Watch>(&self, mut request: Q) -> impl Stream<Item = Result<Q::Item, Error>> + use<Q> {
        let Self { channel, metadata, .. } = self.clone();
        let backoff = BACKOFF.without_max_times();
        try_stream! {
            let mut pauses = backoff.build();
            loop {
                let open = Request::from_parts(metadata.clone(), Extensions::default(), request.clone());
                let mut answers = pin!(Q::call(open, channel.clone()).map_ok(Response::into_inner).try_flatten_stream());
                let lost = loop {
                    match answers.try_next().await.map_err(Error::from) {
                        Ok(Some(answer)) => {
                            pauses = backoff.build();
                            request.go_on(&answer);
                            yield answer;
                        }
                        Ok(None) => return,
                        Err(error) if error.may_repeat() => break error,
                        Err(error) => Err(error)?,
                    }
                };
                sleep(lost.retry_after.or_else(|| pauses.next()).unwrap_or_default()).await;
            }
        }
    }
}

/// The request of a method.
pub trait Call: Clone + Send + Sync + 'static {
    /// What the method returns: the response, or a stream of responses.
    type Answer: Send;
    /// Makes the call once.
    fn call(call: Request<Self>, to: Channel) -> impl Future<Output = Result<Response<Self::Answer>, Status>> + Send;
}

/// A request of which there are pages.
pub trait List: Call {
    /// Makes this the request of the next page. Returns whether there is one.
    fn go_on(&mut self, page: &Self::Answer) -> bool;
}

/// A request of which there is a stream that can be resumed.
pub trait Watch: Call<Answer = Streaming<Self::Item>> {
    /// An answer.
    type Item: Send + 'static;
    /// Makes this the request of what comes after an answer.
    fn go_on(&mut self, answer: &Self::Item);
}

fn invalid(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, reason)
}

/// The time that a request has of its own.
fn timeout(metadata: &MetadataMap) -> Option<Duration> {
    const UNITS: [(&str, f64); 6] = [("H", 3600.0), ("M", 60.0), ("S", 1.0), ("m", 1e-3), ("u", 1e-6), ("n", 1e-9)];
    let value = metadata.get("grpc-timeout")?.to_str().ok()?;
    let seconds = |(unit, seconds)| Some(f64::from(value.strip_suffix(unit)?.parse::<u32>().ok()?) * seconds);
    UNITS.into_iter().find_map(seconds).map(Duration::from_secs_f64)
}
