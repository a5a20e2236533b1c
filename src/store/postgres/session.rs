//! Connections to the server, each with a runtime of its own on the thread that uses it.

use std::{collections::HashMap, fmt, net::IpAddr, sync::Arc, time::Duration};

use rustls::{ClientConfig, crypto::ring};
use rustls_platform_verifier::Verifier;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{
    Client, Config, Error, Row, Statement,
    config::{Host, SslMode, TargetSessionAttrs},
    error::SqlState,
    types::ToSql,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::store::Broken;

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// After this time without an answer to a packet, a server is taken for dead.
const UNANSWERED: Duration = Duration::from_secs(10);

/// The values of a statement.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A server, and how to reach it.
#[derive(Clone)]
pub(super) struct Server {
    config: Config,
    tls: MakeRustlsConnect,
}

impl Server {
    /// Reads a connection string.
    ///
    /// # Errors
    /// The string is invalid. The error does not quote it.
    pub(super) fn new(url: &str) -> Result<Self, String> {
        // The certificate is always verified, and this is what others call that.
        let url = url.replace("sslmode=verify-full", "sslmode=require");
        let mut config: Config = url.parse().map_err(|e| format!("cannot be named like this: {e}"))?;
        let is_local = |host: &Host| match host {
            Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()),
            #[cfg(unix)]
            Host::Unix(_) => true,
        };
        if config.get_ssl_mode() == SslMode::Prefer && !config.get_hosts().iter().all(is_local) {
            // Otherwise whoever is in between could have the password sent in plain text.
            config.ssl_mode(SslMode::Require);
        }
        config.connect_timeout(CONNECT_TIMEOUT).tcp_user_timeout(UNANSWERED).keepalives_idle(CONNECT_TIMEOUT);
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        if config.get_application_name().is_none() {
            config.application_name("smsmux");
        }
        Ok(Self { config, tls: MakeRustlsConnect::new(tls()?) })
    }

    pub(super) async fn connect(&self) -> Result<Session, Error> {
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to PostgreSQL ended");
            }
        });
        // A commit that the server cancels may have been made all the same.
        client.batch_execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0").await?;
        // Notices, such as that a table is there already, would be log lines.
        client.batch_execute("SET client_min_messages = warning").await?;
        // A plan that was made for a small table reads all of it, and would be kept until the server analyzes the table.
        // PostgreSQL has the setting since version 12. On a busy machine the server took 1.3 to 2.4 ms of CPU for a send that came
        // alone instead of 1.2 to 1.6, and 0.12 ms instead of 0.14 at 64 in flight, which share their commits.
        let setting =
            "SELECT set_config(name, 'force_custom_plan', false) FROM pg_settings WHERE name = 'plan_cache_mode'";
        client.batch_execute(setting).await?;
        Ok(Session { client, statements: HashMap::new() })
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server(***)")
    }
}

/// Trusts what the system trusts.
fn tls() -> Result<ClientConfig, String> {
    let cannot = |e: rustls::Error| format!("cannot be reached by TLS: {e}");
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new(provider.clone()).map_err(cannot)?;
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(cannot)?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

/// A connection, and the statements that it has prepared.
pub(super) struct Session {
    pub(super) client: Client,
    statements: HashMap<String, Statement>,
}

impl Session {
    pub(super) async fn query(&mut self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Error> {
        let statement = self.statement(sql).await?;
        self.client.query(&statement, values).await
    }

    pub(super) async fn execute(&mut self, sql: &str, values: Values<'_>) -> Result<u64, Error> {
        let statement = self.statement(sql).await?;
        self.client.execute(&statement, values).await
    }

    async fn statement(&mut self, sql: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// A thread's way to the server, which connects anew when the connection broke.
pub(super) struct Link {
    pub(super) runtime: Arc<Runtime>,
    server: Server,
    session: Option<Session>,
    /// Whether a connection broke since this was last asked for.
    has_lost: bool,
}

impl Link {
    pub(super) fn new(server: Server) -> std::io::Result<Self> {
        let runtime = Arc::new(Builder::new_current_thread().enable_all().build()?);
        Ok(Self { runtime, server, session: None, has_lost: false })
    }

    /// Returns the connection, which is made if there is none.
    pub(super) async fn session(&mut self) -> Result<&mut Session, Error> {
        if self.session.as_ref().is_some_and(|session| session.client.is_closed()) {
            self.give_up();
        }
        let session = match self.session.take() {
            Some(session) => session,
            None => self.server.connect().await?,
        };
        Ok(self.session.insert(session))
    }

    /// Gives up the connection after an error, so that no transaction stays open.
    pub(super) fn give_up(&mut self) {
        self.has_lost |= self.session.take().is_some();
    }

    /// Returns whether a connection was given up since the last time: the server may have crashed, and have lost what
    /// it had committed without a flush.
    pub(super) fn take_loss(&mut self) -> bool {
        std::mem::take(&mut self.has_lost)
    }
}

/// Whether the server has rolled the transaction back for the sake of another one, and it may be tried again.
pub(super) fn is_conflict(error: &Error) -> bool {
    matches!(error.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED))
}

/// Whether another attempt, on a new connection, may succeed: the transaction was rolled back for the sake of another
/// one, or the connection broke.
pub(super) fn may_succeed_now(error: &Error) -> bool {
    let ended = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        // After a failover the old server may still be there.
        SqlState::READ_ONLY_SQL_TRANSACTION,
    ];
    error.is_closed() || is_conflict(error) || error.code().is_some_and(|code| ended.contains(code))
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        // The library's text names the kind of error only.
        let detail = error.as_db_error().map_or_else(
            || std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default(),
            |error| format!("{} ({})", error.message(), error.code().code()),
        );
        Self::Away(format!("PostgreSQL: {error}: {detail}"))
    }
}
