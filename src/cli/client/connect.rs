//! Where a server is, and the connection to it.

use std::{
    env, fs, io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use http::HeaderValue;
use hyper_util::rt::TokioIo;
use smsmux::config::Problem;
use tokio_util::either::Either;
use tonic::{
    metadata::{Ascii, MetadataValue},
    transport::{Channel, Endpoint, Uri},
};
use tower::service_fn;

use super::{
    ConnectionArguments, Failure,
    profile::{self, Profile},
};
use crate::cli::{
    health::tcp,
    tls::{Tls, speaks_tls},
};

/// The address of a server on this machine.
const LOCAL: &str = "127.0.0.1:50051";

/// Where a server is, whom to trust, and what to authenticate with.
pub(super) struct Target {
    /// As people write it.
    address: String,
    host: String,
    port: u16,
    tls: Option<Arc<Tls>>,
    pub(super) authorization: Option<MetadataValue<Ascii>>,
}

/// Finds the server: flags beat a named profile, which beats the environment, which beats the profile `default`. A profile is
/// taken as a whole, so that a key is sent only to the server that it is for.
pub(super) fn target(arguments: &ConnectionArguments) -> Result<Target, Failure> {
    let variable = |name| env::var(name).ok().filter(|value: &String| !value.is_empty());
    let named = arguments.profile.clone().or_else(|| variable("SMSMUX_PROFILE"));
    let environment = || {
        let [address, key, ca] = ["SMSMUX_ADDRESS", "SMSMUX_KEY", "SMSMUX_CA"].map(variable);
        let is_set = address.is_some() || key.is_some() || ca.is_some();
        (is_set || arguments.address.is_some())
            .then(|| (Profile { address, key_file: None, ca: ca.map(PathBuf::from) }, key))
    };
    let (profile, key) = match named {
        Some(name) => (profile::named(&name)?, None),
        None => match environment() {
            Some(found) => found,
            None => (profile::default()?.unwrap_or_default(), None),
        },
    };
    let key = match arguments.key_file.as_deref().or(profile.key_file.as_deref()) {
        Some(file) => Some(read_key(file)?),
        None => key,
    };
    let address = arguments.address.clone().or(profile.address).unwrap_or_else(|| LOCAL.to_owned());
    let ca = arguments.ca.clone().or(profile.ca);
    let (scheme, address) = address.split_once("://").unwrap_or(("", &address));
    let invalid = || Failure::new(format!("invalid address {address:?}; expected for example sms.example.com:443"));
    let uri: Uri = format!("http://{address}").parse().map_err(|_| invalid())?;
    let host = uri.host().filter(|_| uri.path() == "/").ok_or_else(invalid)?.trim_matches(['[', ']']);
    let is_local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let is_plain = match scheme {
        "http" => true,
        "https" => false,
        "" => is_local && ca.is_none() && arguments.tls_name.is_none(),
        _ => return Err(invalid()),
    };
    if is_plain && key.is_some() && !is_local {
        return Err(Failure::new(format!("the key is not sent to {address} in plain text: use TLS; nothing was sent")));
    }
    let name = arguments.tls_name.as_deref().unwrap_or(host);
    let tls = match (is_plain, &ca) {
        (true, _) => None,
        (false, Some(ca)) => Some(Tls::new(ca, name)),
        (false, None) => Some(Tls::of_system(name)),
    };
    Ok(Target {
        address: address.to_owned(),
        host: host.to_owned(),
        port: uri.port_u16().unwrap_or(if is_plain { 80 } else { 443 }),
        tls: tls.transpose().map_err(Failure::new)?.map(Arc::new),
        authorization: key.as_deref().map(authorization).transpose()?,
    })
}

fn read_key(file: &Path) -> Result<String, Failure> {
    let problem = |text| Failure::Configuration(vec![Problem { path: file.display().to_string(), text }]);
    let text = fs::read_to_string(file).map_err(|e| problem(format!("cannot be read: {e}")))?;
    match text.trim() {
        "" => Err(problem("is empty; expected an API key".to_owned())),
        key => Ok(key.to_owned()),
    }
}

fn authorization(key: &str) -> Result<MetadataValue<Ascii>, Failure> {
    let value = HeaderValue::try_from(format!("Bearer {key}"));
    let mut value = value.map_err(|_| Failure::new("invalid API key: it has characters that no key has"))?;
    value.set_sensitive(true);
    MetadataValue::try_from(value.as_bytes()).map_err(Failure::new).map(|mut value| {
        value.set_sensitive(true);
        value
    })
}

impl Target {
    /// Returns a channel, which connects when it is used, and again when the connection was lost.
    pub(super) fn channel(&self) -> Result<Channel, Failure> {
        let Self { address, host, port, tls, .. } = self;
        let mut endpoint = Endpoint::from_shared(format!("http://{address}"))
            .map_err(Failure::new)?
            // So that a watch notices a connection that died without a word.
            .http2_keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(10));
        if tls.is_some() {
            // tonic would run TLS itself for an https address, so only the request's origin has that scheme.
            endpoint = endpoint.origin(format!("https://{address}").parse().map_err(Failure::new)?);
        }
        let (address, host, port, tls) = (address.clone(), host.clone(), *port, tls.clone());
        Ok(endpoint.connect_with_connector_lazy(service_fn(move |_: Uri| {
            let (address, host, tls) = (address.clone(), host.clone(), tls.clone());
            async move {
                let stream =
                    tcp(&address, (&host, port)).await.map_err(|failure| io::Error::other(failure.to_string()))?;
                let stream = match &tls {
                    Some(tls) => Either::Right(
                        tls.connect(stream).await.map_err(|text| io::Error::other(format!("{address}: {text}")))?,
                    ),
                    None => Either::Left(stream),
                };
                Ok::<_, io::Error>(TokioIo::new(stream))
            }
        })))
    }

    /// Returns why the connection does not work, as far as it shows.
    pub(super) async fn explain(&self) -> Option<String> {
        let Self { address, host, port, tls, .. } = self;
        if let Some(tls) = tls {
            return tls.explain_broken().map(|text| format!("{address}: {text}"));
        }
        let stream = tcp(address, (host, *port)).await.ok()?;
        let text = "requires TLS: set its authority with --ca FILE, or begin the address with https://";
        speaks_tls(stream).await.then(|| format!("{address} {text}"))
    }
}
