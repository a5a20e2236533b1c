//! `smsmux serve`.

use std::{net::SocketAddr, time::Duration};

use smsmux::{
    server::{BindError, End, Server, Setup},
    telemetry::otlp,
};
use smsmux_sandbox::{PushSettings, Sandbox, VENDORS};
use uuid::Uuid;

use super::{
    Failure, ServeArguments, Signals,
    load::Draft,
    reload::{Hangups, Running, follow},
    start_log, systemd,
};

/// The `store.path` of a store that is lost at the end of the process.
const IN_MEMORY: &str = ":memory:";

pub(super) async fn run(arguments: ServeArguments) -> Result<(), Failure> {
    let ServeArguments { config, listen, insecure_no_auth, sandbox, log_level, log_format } = arguments;
    let mut draft = Draft::new(&config);
    draft.flag(&["server", "listen"], listen.listen);
    draft.flag(&["server", "insecure_no_auth"], insecure_no_auth.then_some(true));
    draft.flag(&["log", "level"], log_level);
    draft.flag(&["log", "format"], log_format);
    // Held until the end, as a stand-in stops when it is dropped.
    let stand_ins = if sandbox { Some(StandIns::start().await?) } else { None };
    if let Some(stand_ins) = &stand_ins {
        stand_ins.configure(&mut draft);
    }
    let setup = draft.read()?;
    start_log(&setup.config.log)?;
    setup.warn();
    otlp::start(setup.config.tracing.otlp_endpoint.as_deref()).map_err(Failure::Configuration)?;
    for sandbox in stand_ins.iter().flat_map(|stand_ins| &stand_ins.sandboxes) {
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
    if let Some(stand_ins) = &stand_ins {
        // smSend's present API pushes nothing, and what it has received is polled.
        stand_ins.push(&server, |vendor| vendor != "smsend", None)?;
    }
    let running = Running { reloader: server.reloader(), draft, seen, settings, interval, hangups };
    tracing::info!(address = %server.address()?, "serving");
    systemd::ready();
    let ended = tokio::select! {
        result = serve(server, signals) => result,
        result = follow(running) => result,
        never = systemd::watchdog() => match never {},
    };
    // `flush` blocks on work that may need this thread.
    let _ = tokio::task::spawn_blocking(otlp::flush).await;
    ended
}

/// Every vendor's stand-in, each on a free port, which pushes to a server of this process.
pub(super) struct StandIns {
    pub(super) sandboxes: Vec<Sandbox>,
    /// The token of the address that they push to.
    token: String,
}

impl StandIns {
    pub(super) async fn start() -> Result<Self, Failure> {
        let mut sandboxes = Vec::new();
        for vendor in VENDORS {
            sandboxes.push(Sandbox::start(vendor, SocketAddr::from(([127, 0, 0, 1], 0))).await?);
        }
        Ok(Self { sandboxes, token: Uuid::now_v7().simple().to_string() })
    }

    /// Adds an account at each of them, and a store that is lost at the end of the process.
    pub(super) fn configure(&self, draft: &mut Draft) {
        self.sandboxes.iter().for_each(|sandbox| draft.sandbox(sandbox, &self.token));
        draft.flag(&["store", "path"], Some(IN_MEMORY));
        draft.fallback(["webhooks", "listen"], "127.0.0.1:0");
    }

    /// Lets those that fit push to the server, and messages end by themselves after a time, if there is one.
    pub(super) fn push(
        &self,
        server: &Server,
        fits: impl Fn(&str) -> bool,
        report_after: Option<Duration>,
    ) -> Result<(), Failure> {
        let Some(webhooks) = server.webhooks_address()? else { return Ok(()) };
        for sandbox in self.sandboxes.iter().filter(|sandbox| fits(sandbox.vendor())) {
            let settings = PushSettings::to(format!("http://{webhooks}/{}/{}", sandbox.vendor(), self.token));
            sandbox.push(report_after.map_or(settings.clone(), |after| settings.report_after(after)));
        }
        Ok(())
    }
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
        systemd::stopping();
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
