//! A PostgreSQL server of Debian's package, on a Unix socket in a temporary folder.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use tempfile::TempDir;

/// Tests that run at the same time share a server.
static RUNNING: Mutex<Weak<Server>> = Mutex::new(Weak::new());

static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The user of the server when the tests run as root, whom it does not serve.
const NOBODY: u32 = 65_534;

pub(super) struct Server {
    folder: TempDir,
    programs: PathBuf,
    is_root: bool,
}

/// One database of a server.
pub(super) struct Database {
    pub(super) server: Arc<Server>,
    name: String,
}

impl Server {
    /// Returns the server that other tests use, or starts one.
    pub(super) fn shared() -> Arc<Self> {
        let mut running = RUNNING.lock().unwrap();
        running.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Self::new());
            *running = Arc::downgrade(&server);
            server
        })
    }

    /// Starts a server.
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let is_root = fs::metadata(&folder).unwrap().uid() == 0;
        if is_root {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let server = Self { folder, programs: programs(), is_root };
        let data = server.data();
        let options = ["--auth=trust", "--username=smsmux", "--encoding=UTF8", "--locale=C", "--no-sync", "-D", &data];
        server.run("initdb", &options);
        server.start();
        server
    }

    fn data(&self) -> String {
        format!("{}/data", self.folder.path().display())
    }

    pub(super) fn start(&self) {
        let (socket, log) = (self.folder.path().display(), format!("{}/log", self.folder.path().display()));
        let options = format!("-k {socket} -c listen_addresses= -c max_connections=50 -c fsync=off");
        self.run("pg_ctl", &["start", "-w", "-D", &self.data(), "-l", &log, "-o", &options]);
    }

    /// Ends the server at once, as a crash would.
    pub(super) fn stop(&self) {
        self.run("pg_ctl", &["stop", "-w", "-m", "immediate", "-D", &self.data()]);
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).current_dir(self.folder.path()).env("TZ", "UTC");
        if self.is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        // Files, as a server that is started keeps the pipes of a command open.
        let (out, err) = (tempfile::NamedTempFile::new().unwrap(), tempfile::NamedTempFile::new().unwrap());
        command.stdout(out.reopen().unwrap()).stderr(err.reopen().unwrap());
        let status = command.status().unwrap_or_else(|e| panic!("{program}: {e}"));
        let (out, err) = (fs::read_to_string(out.path()).unwrap(), fs::read_to_string(err.path()).unwrap());
        assert!(status.success(), "{program} {arguments:?}: {status}\n{out}\n{err}");
        out
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if Path::new(&format!("{}/postmaster.pid", self.data())).exists() {
            self.stop();
        }
    }
}

impl Database {
    pub(super) fn new() -> Self {
        Self::on(Server::shared())
    }

    pub(super) fn on(server: Arc<Server>) -> Self {
        let name = format!("t{}", DATABASES.fetch_add(1, Relaxed));
        let socket = server.folder.path().display().to_string();
        server.run("createdb", &["-h", &socket, "-U", "smsmux", &name]);
        Self { server, name }
    }

    /// Returns the connection string.
    pub(super) fn url(&self) -> String {
        format!("host={} user=smsmux dbname={}", self.server.folder.path().display(), self.name)
    }

    /// Runs a statement.
    pub(super) fn sql(&self, sql: &str) -> String {
        self.server.run("psql", &["-X", "-q", "-t", "-A", "-c", sql, &self.url()]).trim().to_owned()
    }
}

/// Returns the folder of the programs, of the newest version.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().map(|entry| entry.unwrap().path());
    let folders = versions.map(|version| version.join("bin")).filter(|bin| bin.join("initdb").exists());
    let newest = folders.max_by_key(|bin| bin.parent().and_then(|v| v.file_name()?.to_str()?.parse::<u32>().ok()));
    newest.expect("PostgreSQL is missing: sudo apt-get install -y --no-install-recommends postgresql")
}
