//! `smsmux serve`.

use std::net::SocketAddr;

use smsmux::{
    server::{BindError, End, Server, Setup},
    telemetry::otlp,
};
use smsmux_sandbox::{Sandbox, VENDORS};

use super::{
    Failure, ServeArguments, Signals,
    load::Draft,
    reload::{Hangups, Running, follow},
    start_log,
};

/// The `store.path` of a store that is lost at the end of the process.
pub(super) const IN_MEMORY: &str = ":memory:";

pub(super) async fn run(arguments: ServeArguments) -> Result<(), Failure> {
    let ServeArguments { config, listen, insecure_no_auth, sandbox, log_level, log_format } = arguments;
    let mut draft = Draft::new(&config);
    draft.flag(&["server", "listen"], listen.listen);
    draft.flag(&["server", "insecure_no_auth"], insecure_no_auth.then_some(true));
    draft.flag(&["log", "level"], log_level);
    draft.flag(&["log", "format"], log_format);
    // Held until the end, as a stand-in stops when it is dropped.
    let mut sandboxes = Vec::new();
    if sandbox {
        sandboxes = start_sandboxes().await?;
        sandboxes.iter().for_each(|sandbox| draft.sandbox(sandbox));
        draft.flag(&["store", "path"], Some(IN_MEMORY));
    }
    let setup = draft.read()?;
    start_log(&setup.config.log)?;
    setup.warn();
    if let Some(endpoint) = &setup.config.tracing.otlp_endpoint {
        otlp::start(endpoint).map_err(Failure::new)?;
    }
    for sandbox in &sandboxes {
        tracing::info!(vendor = sandbox.vendor(), address = sandbox.control_url(), "stand-in started");
    }
    // Each connection is an open file, and the default limit is low for programs that use select().
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let (signals, hangups) = (Signals::new()?, Hangups::new()?);
    let (seen, settings, interval) = (setup.fingerprint, setup.config.settings(), setup.config.server.reload_interval);
    let server = bind(setup).await?;
    if let Some(address) = server.metrics_address()? {
        tracing::info!(%address, "metrics at /metrics");
    }
    if let Some(address) = server.health_address()? {
        tracing::info!(%address, "serving health checks");
    }
    if let Some(address) = server.webhooks_address()? {
        tracing::info!(%address, "webhooks for vendors");
    }
    let running = Running { reloader: server.reloader(), draft, seen, settings, interval, hangups };
    tracing::info!(address = %server.address()?, "serving");
    let ended = tokio::select! {
        result = serve(server, signals) => result,
        result = follow(running) => result,
    };
    // `flush` blocks on work that may need this thread.
    let _ = tokio::task::spawn_blocking(otlp::flush).await;
    ended
}

/// Starts every vendor's stand-in on a free port.
pub(super) async fn start_sandboxes() -> Result<Vec<Sandbox>, Failure> {
    let mut sandboxes = Vec::new();
    for vendor in VENDORS {
        sandboxes.push(Sandbox::start(vendor, SocketAddr::from(([127, 0, 0, 1], 0))).await?);
    }
    Ok(sandboxes)
}

/// Binds the port; the error states what to do.
pub(super) async fn bind(setup: Setup) -> Result<Server, Failure> {
    let address = setup.config.server.listen;
    Server::bind(setup).await.map_err(|error| match error {
        BindError::Store(problem) => Failure::Configuration(vec![problem]),
        BindError::Listen(e) => Failure::new(format!(
            "cannot listen on {address}: {e}; choose another address with --listen, or port 0 for a free one"
        )),
    })
}

/// Serves until a signal to stop; at a second one, logs the writes in flight and does not wait for them.
pub(super) async fn serve(server: Server, mut signals: Signals) -> Result<(), Failure> {
    let (asked, shutdown) = tokio::sync::oneshot::channel();
    let hurry = server.hurry();
    let insisted = async move {
        signals.next().await;
        let _ = asked.send(());
        signals.next().await;
        hurry.cancel();
        signals.next().await;
    };
    let run = server.run(async {
        let _ = shutdown.await;
    });
    tokio::select! {
        end = run => match end? {
            End::Clean => Ok(()),
            End::Overran => Err(Failure::new("drain_timeout passed with calls still in flight; the log names the writes")),
            End::Hurried => Err(Failure::new("stopped at once, with calls in flight; the log names the writes")),
        },
        () = insisted => Err(Failure::new("stopped at once, with calls in flight")),
    }
}
