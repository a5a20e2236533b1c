//! A PostgreSQL server of Debian's package, on a Unix socket in a temporary folder.

use std::{
    fs,
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::PathBuf,
    process::Command,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use tempfile::TempDir;

use crate::support::LIMIT;

/// Tests that run at the same time share a server.
static RUNNING: Mutex<Weak<Server>> = Mutex::new(Weak::new());

static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The user of the server when the tests run as root, whom it does not serve.
const NOBODY: u32 = 65_534;

pub(crate) struct Server {
    folder: TempDir,
    programs: PathBuf,
    is_root: bool,
    /// Further options, beside those of the socket.
    options: String,
}

/// One database of a server.
pub(crate) struct Database {
    pub(crate) server: Arc<Server>,
    name: String,
}

impl Server {
    /// Returns the server that other tests use, or starts one.
    pub(crate) fn shared() -> Arc<Self> {
        let mut running = RUNNING.lock().unwrap();
        running.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Self::new());
            *running = Arc::downgrade(&server);
            server
        })
    }

    /// Starts a server on a socket.
    pub(crate) fn new() -> Self {
        let server = Self::prepared("-c listen_addresses=".to_owned());
        assert!(server.try_start(), "{}", server.log());
        server
    }

    /// Starts a server that flushes: it can be killed, and have a standby.
    pub(crate) fn durable() -> Self {
        let server = Self::prepared("-c listen_addresses= -c fsync=on".to_owned());
        assert!(server.try_start(), "{}", server.log());
        server
    }

    /// Starts a synchronous standby of this server: from now on, each commit that flushes waits for it.
    pub(crate) fn standby(&self) -> Self {
        let standby = Self::folder("-c listen_addresses= -c fsync=on".to_owned());
        let (socket, data) = (self.socket(), standby.data());
        let options = ["-h", &socket, "-U", "smsmux", "-R", "-X", "stream", "--no-sync", "-c", "fast", "-D", &data];
        standby.run("pg_basebackup", &options);
        // Whatever its name is.
        self.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'");
        standby.start();
        self.sql("postgres", "SELECT pg_reload_conf()");
        while self.sql("postgres", "SELECT sync_state FROM pg_stat_replication") != "sync" {}
        standby
    }

    /// Makes a standby a server of its own.
    pub(crate) fn promote(&self) {
        self.run("pg_ctl", &["promote", "-w", "-D", &self.data()]);
    }

    /// SIGKILL to all of its processes: what it has not written is lost.
    pub(crate) fn kill(&self) {
        let pid = fs::read_to_string(format!("{}/postmaster.pid", self.data())).unwrap();
        let pid = pid.lines().next().unwrap().to_owned();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        // The first one stopped starts no others meanwhile.
        for (signal, pids) in [("STOP", &*pid), ("KILL", &*children), ("KILL", &*pid)] {
            let status = Command::new("kill").args(["-s", signal]).args(pids.split_whitespace()).status();
            // A child may have ended by itself.
            assert!(status.unwrap().success() || pids == children);
        }
        while children.split_whitespace().chain([&*pid]).any(is_alive) {}
        // Its id is taken as long as its parent has not noticed.
        for file in ["data/postmaster.pid", ".s.PGSQL.5432.lock"] {
            fs::remove_file(self.folder.path().join(file)).unwrap();
        }
    }

    /// Starts a server that also accepts TLS on a port, and nothing else there. Returns the port.
    pub(crate) fn over_tls(certificate: &str, key: &str) -> (Self, u16) {
        let mut server = Self::prepared(String::new());
        server.write("data/server.crt", certificate);
        server.write("data/server.key", key);
        server.write("data/pg_hba.conf", "local all all trust\nhostssl all all 127.0.0.1/32 trust\n");
        // Another program may take the port in the meantime.
        for _ in 0..9 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            server.options = format!("-c listen_addresses=127.0.0.1 -p {port} -c ssl=on");
            if server.try_start() {
                return (server, port);
            }
        }
        panic!("{}", server.log())
    }

    fn folder(options: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let is_root = fs::metadata(&folder).unwrap().uid() == 0;
        if is_root {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        Self { folder, programs: programs(), is_root, options }
    }

    fn prepared(options: String) -> Self {
        let server = Self::folder(options);
        let data = server.data();
        let options = ["--auth=trust", "--username=smsmux", "--encoding=UTF8", "--locale=C", "--no-sync", "-D", &data];
        server.run("initdb", &options);
        server
    }

    /// Writes a file that only the server may read.
    fn write(&self, name: &str, content: &str) {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        if self.is_root {
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn socket(&self) -> String {
        self.folder.path().display().to_string()
    }

    fn sql(&self, database: &str, sql: &str) -> String {
        let url = format!("host={} user=smsmux dbname={database}", self.socket());
        self.run("psql", &["-X", "-q", "-t", "-A", "-c", sql, &url]).trim().to_owned()
    }

    fn data(&self) -> String {
        format!("{}/data", self.folder.path().display())
    }

    /// Starts the server again.
    pub(crate) fn start(&self) {
        assert!(self.try_start(), "{}", self.log());
    }

    fn try_start(&self) -> bool {
        let (socket, log) = (self.socket(), format!("{}/log", self.folder.path().display()));
        let options = format!("-k {socket} -c max_connections=300 -c fsync=off {}", self.options);
        self.try_run("pg_ctl", &["start", "-w", "-D", &self.data(), "-l", &log, "-o", &options]).is_ok()
    }

    /// Ends the server at once, as a crash would.
    pub(crate) fn stop(&self) {
        self.run("pg_ctl", &["stop", "-w", "-m", "immediate", "-D", &self.data()]);
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        self.try_run(program, arguments).unwrap_or_else(|text| panic!("{program} {arguments:?}: {text}"))
    }

    fn try_run(&self, program: &str, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).current_dir(self.folder.path()).env("TZ", "UTC");
        // pg_ctl waits for a minute by default, which a server on a busy machine may need.
        command.env("PGCTLTIMEOUT", LIMIT.as_secs().to_string());
        if self.is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        // Files, as a server that is started keeps the pipes of a command open.
        let (out, err) = (tempfile::NamedTempFile::new().unwrap(), tempfile::NamedTempFile::new().unwrap());
        command.stdout(out.reopen().unwrap()).stderr(err.reopen().unwrap());
        let status = command.status().unwrap_or_else(|e| panic!("{program}: {e}"));
        let (out, err) = (fs::read_to_string(out.path()).unwrap(), fs::read_to_string(err.path()).unwrap());
        if status.success() { Ok(out) } else { Err(format!("{status}\n{out}\n{err}")) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = fs::read_to_string(format!("{}/postmaster.pid", self.data())).unwrap_or_default();
        if pid.lines().next().is_some_and(is_alive) {
            self.stop();
        }
    }
}

impl Database {
    pub(crate) fn new() -> Self {
        Self::on(Server::shared())
    }

    pub(crate) fn on(server: Arc<Server>) -> Self {
        let name = format!("t{}", DATABASES.fetch_add(1, Relaxed));
        server.run("createdb", &["-h", &server.socket(), "-U", "smsmux", &name]);
        Self { server, name }
    }

    /// Returns the connection string.
    pub(crate) fn url(&self) -> String {
        format!("host={} user=smsmux dbname={}", self.server.socket(), self.name)
    }

    /// Returns the connection string of the server or its standby, whichever can be written to.
    pub(crate) fn url_with(&self, standby: &Server) -> String {
        format!("host={},{} user=smsmux dbname={}", self.server.socket(), standby.socket(), self.name)
    }

    /// Runs a statement.
    pub(crate) fn sql(&self, sql: &str) -> String {
        self.server.sql(&self.name, sql)
    }
}

/// Whether a process runs; one that has ended may still be listed until its parent has noticed.
fn is_alive(pid: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// Returns the folder of the programs, of the newest version.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().map(|entry| entry.unwrap().path());
    let folders = versions.map(|version| version.join("bin")).filter(|bin| bin.join("initdb").exists());
    let newest = folders.max_by_key(|bin| bin.parent().and_then(|v| v.file_name()?.to_str()?.parse::<u32>().ok()));
    newest.expect("PostgreSQL is missing: sudo apt-get install -y --no-install-recommends postgresql")
}
