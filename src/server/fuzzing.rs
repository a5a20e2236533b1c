//! Reads a call's metadata as the server does, for the fuzz targets.

use std::{convert::Infallible, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use futures::{FutureExt, future};
use http::{HeaderValue, Request, Response, header};
use tower::{Layer, Service};

use super::{auth::AuthenticateLayer, callers::Callers, deadline};
use crate::config::{Config, Problems};

/// Passes a call through deadline and authentication, with `value` in every header that either of them reads.
pub(crate) fn read(value: &HeaderValue) {
    let request = Request::builder().uri("/smsmux.v1.MessageService/SendMessage");
    let request = request.header("grpc-timeout", value).header(header::AUTHORIZATION, value).body(());
    let Ok(request) = request else { return };
    let answer = future::ok::<_, Infallible>(Response::new(String::new()));
    let mut service = AuthenticateLayer(Arc::new(ArcSwap::from_pointee(one_caller())))
        .layer(tower::service_fn(move |_: Request<()>| answer.clone()));
    let mut request = request;
    let _ = deadline::note(&mut request, Duration::from_secs(30));
    let _ = service.call(request).now_or_never();
}

/// Configures a caller, so that keys are checked.
fn one_caller() -> Callers {
    let hash = crate::config::api_key::KeyHash::of_nothing();
    let table = format!("[callers.billing]\nkey = '{hash}'\nscopes = ['MessageService']\naccounts = ['*']\n");
    let mut problems = Problems::new();
    let config = Config::new(table.parse().unwrap_or_default(), &mut problems);
    Callers::new(&config.callers, &config.account_ids, &mut problems)
}
