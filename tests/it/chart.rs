//! What the chart renders starts the real binary: with the arguments, the environment, the files and the ports of its manifests, in
//! the content of the image, as the user of the image, without a capability, on a root that cannot be written.
//!
//! `deploy/chart.sh --check` holds the manifests against the chart.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    store::server::Database,
    support::{
        pages::{file, read},
        process::{Running, run, serving},
    },
};

/// The user of the image, and its group.
const USER: u32 = 65_532;

/// The Secrets by name, and their files.
type Secrets<'a> = BTreeMap<&'a str, BTreeMap<&'a str, String>>;

/// A pod of a manifest, on this machine.
struct Pod {
    documents: Vec<Value>,
    secrets: Secrets<'static>,
    folder: TempDir,
    /// What is mounted beside the volumes: a source, a path in the pod.
    sockets: Vec<(String, String)>,
}

impl Pod {
    fn new(manifest: &str, secrets: Secrets<'static>) -> Self {
        let documents = serde_saphyr::from_multiple(&read(&format!("deploy/manifests/{manifest}"))).unwrap();
        let pod = Self { documents, secrets, folder: tempfile::tempdir().unwrap(), sockets: Vec::new() };
        // The user of the pod passes through.
        fs::set_permissions(pod.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let assembled = Command::new(file("deploy/image/assemble.sh"))
            .args([env!("CARGO_BIN_EXE_smsmux").into(), pod.folder.path().join("root")])
            .status();
        assert!(assembled.unwrap().success());
        pod
    }

    /// The document of this kind.
    fn document(&self, kinds: &[&str]) -> &Value {
        let found = self.documents.iter().find(|document| kinds.iter().any(|kind| document["kind"] == *kind));
        found.unwrap_or_else(|| panic!("no {kinds:?}"))
    }

    fn spec(&self) -> &Value {
        &self.document(&["Deployment", "StatefulSet"])["spec"]["template"]["spec"]
    }

    fn container(&self) -> &Value {
        &self.spec()["containers"][0]
    }

    /// The value of a key of a Secret that the manifest refers to.
    fn secret(&self, name: &Value, key: &Value) -> &str {
        let (name, key) = (name.as_str().unwrap(), key.as_str().unwrap());
        self.secrets.get(name).and_then(|files| files.get(key)).unwrap_or_else(|| panic!("no {key} in {name}"))
    }

    /// The environment of the container.
    fn environment(&self) -> BTreeMap<String, String> {
        let entries = self.container()["env"].as_array().unwrap().iter();
        let value = |entry: &Value| match entry["value"].as_str() {
            Some(value) => value.to_owned(),
            None => {
                let reference = &entry["valueFrom"]["secretKeyRef"];
                self.secret(&reference["name"], &reference["key"]).to_owned()
            }
        };
        entries.map(|entry| (entry["name"].as_str().unwrap().to_owned(), value(entry))).collect()
    }

    /// Lays out a volume, as the kubelet does, and returns its folder.
    fn volume(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(format!("volume-{name}"));
        if fs::create_dir_all(&folder).is_ok() && fs::read_dir(&folder).unwrap().next().is_some() {
            return folder;
        }
        let volumes = self.spec()["volumes"].as_array().unwrap();
        let files: Vec<(String, String)> = match volumes.iter().find(|volume| volume["name"] == name) {
            Some(volume) if volume["configMap"].is_object() => {
                let map = self.document(&["ConfigMap"]);
                assert_eq!(volume["configMap"]["name"], map["metadata"]["name"]);
                let files = map["data"].as_object().unwrap().iter();
                files.map(|(name, text)| (name.clone(), text.as_str().unwrap().to_owned())).collect()
            }
            Some(volume) => {
                let files = &self.secrets[volume["secret"]["secretName"].as_str().unwrap()];
                files.iter().map(|(&name, text)| (name.to_owned(), text.clone())).collect()
            }
            None => {
                let claims = self.document(&["StatefulSet"])["spec"]["volumeClaimTemplates"].as_array().unwrap();
                assert!(claims.iter().any(|claim| claim["metadata"]["name"] == name), "{name}");
                Vec::new()
            }
        };
        // `fsGroup` lets the group of the pod read and write.
        assert_eq!(self.spec()["securityContext"]["fsGroup"], USER);
        for (name, text) in files {
            fs::write(folder.join(&name), text).unwrap();
            own(&folder.join(&name), 0o440);
        }
        own(&folder, 0o770);
        folder
    }

    /// Starts the container, and waits until it serves.
    fn start(&self) -> Running {
        let root = self.folder.path().join("root");
        let mut mounts: Vec<_> = self.container()["volumeMounts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|mount| {
                let path = mount["mountPath"].as_str().unwrap();
                fs::create_dir_all(root.join(&path[1..])).unwrap();
                let access = if mount["readOnly"] == true { "ro" } else { "rw" };
                format!("{}:{path}:{access}", self.volume(mount["name"].as_str().unwrap()).display())
            })
            .collect();
        for (source, path) in &self.sockets {
            let target = root.join(&path[1..]);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, "").unwrap();
            mounts.push(format!("{source}:{path}:rw"));
        }
        let arguments = self.container()["args"].as_array().unwrap().iter().map(|argument| argument.as_str().unwrap());
        let mut command = Command::new("unshare");
        command.args(["--mount", "--net"]).args(user_namespace(&["--map-root-user"]));
        command.arg(file("tests/support/pod.sh")).arg(&root).args(mounts);
        command.args(["--", "/usr/local/bin/smsmux"]).args(arguments);
        // What pod.sh runs is found by PATH, which the program ignores.
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").envs(self.environment());
        let mut running = Running::start(&mut command);
        running.until(serving);
        running
    }

    /// The names that the probes ask for, all of them at the health port.
    fn probes(&self) -> BTreeSet<&str> {
        ["startupProbe", "readinessProbe", "livenessProbe"]
            .map(|probe| {
                let probe = &self.container()[probe]["grpc"];
                assert_eq!(probe["port"], self.port("health"));
                probe["service"].as_str().unwrap()
            })
            .into()
    }

    /// The number of a port of the container.
    fn port(&self, name: &str) -> u64 {
        let mut ports = self.container()["ports"].as_array().unwrap().iter();
        ports.find(|port| port["name"] == name).unwrap()["containerPort"].as_u64().unwrap()
    }
}

/// Gives a file to the group of the pod.
fn own(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    if is_root() {
        chown(path, Some(0), Some(USER)).unwrap();
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The options of a namespace of users, which nobody but root needs.
fn user_namespace(more: &[&'static str]) -> Vec<&'static str> {
    if is_root() { Vec::new() } else { [&["--user"], more].concat() }
}

/// Runs `smsmux health` on the network of the pod.
fn health(running: &Running, arguments: &[&str]) -> String {
    let id = running.id();
    let holder = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
    let mut command = Command::new("nsenter");
    command.args(["--target", holder.trim(), "--net"]).args(user_namespace(&["--preserve-credentials"]));
    run(command.args([env!("CARGO_BIN_EXE_smsmux"), "health"]).args(arguments)).with(0).stdout
}

/// The ports that something listens on, on the network of a process.
fn listening(running: &Running) -> BTreeSet<u64> {
    let table = fs::read_to_string(format!("/proc/{}/net/tcp", running.id())).unwrap();
    let rows = table.lines().skip(1).map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
    let listening = rows.filter(|row| row[3] == "0A");
    listening.map(|row| u64::from_str_radix(row[1].split_once(':').unwrap().1, 16).unwrap()).collect()
}

/// Asserts what every pod has to show while it runs and when it ends.
fn prove(pod: &Pod, running: Running) {
    let ports = pod.container()["ports"].as_array().unwrap().iter();
    let ports: BTreeSet<_> = ports.map(|port| port["containerPort"].as_u64().unwrap()).collect();
    assert_eq!(listening(&running), ports);
    assert_eq!(pod.probes(), BTreeSet::from(["liveness", "readiness"]));
    for service in pod.probes() {
        let address = format!("127.0.0.1:{}", pod.port("health"));
        assert_eq!(health(&running, &[&address, "--service", service]), "SERVING\n", "{service}");
    }
    let status = fs::read_to_string(format!("/proc/{}/status", running.id())).unwrap();
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim();
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
        assert_eq!(field(set), "0000000000000000", "{set}");
    }
    assert_eq!(field("NoNewPrivs:"), "1");
    if is_root() {
        assert_eq!(field("Uid:").split_once('\t').unwrap().0, USER.to_string());
    }
    let ended = running.stop("TERM").with(0);
    assert!(ended.stderr.contains("drained"), "{ended:#?}");
}

fn accounts(files: &[(&'static str, &str)]) -> (&'static str, BTreeMap<&'static str, String>) {
    ("smsmux-accounts", files.iter().map(|&(name, text)| (name, text.to_owned())).collect())
}

#[test]
fn one_replica_keeps_its_store_on_its_volume() {
    let pod = Pod::new("one-replica.yaml", [accounts(&[("acme-password", "secret")])].into());
    prove(&pod, pod.start());
    assert!(pod.volume("store").join("smsmux.db").exists());
    // It starts on what it left.
    prove(&pod, pod.start());
}

#[test]
fn a_replica_of_three_serves_over_tls_with_its_store_in_postgresql() {
    let database = Database::new();
    let url = database.url();
    let (host, rest) = url.strip_prefix("host=").unwrap().split_once(' ').unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let keys = ["hash", "seal"].map(|name| format!("{name}-key-of-32-characters-at-least"));
    let postgres = [
        ("connection", format!("host=/run/postgresql {rest}")),
        ("hash_key", keys[0].clone()),
        ("seal_key", keys[1].clone()),
    ];
    let tls = [("tls.crt", certificate.pem()), ("tls.key", key.serialize_pem())];
    let mut pod = Pod::new(
        "three-replicas.yaml",
        [
            accounts(&[("acme-token", "1:a"), ("acme-webhook", "a-token-of-32-characters-at-least")]),
            ("smsmux-postgres", postgres.into()),
            ("smsmux-tls", tls.into()),
        ]
        .into(),
    );
    let socket = ".s.PGSQL.5432";
    pod.sockets.push((format!("{host}/{socket}"), format!("/run/postgresql/{socket}")));
    let running = pod.start();
    let authority = pod.volume("tls").join("tls.crt").display().to_string();
    let address = format!("127.0.0.1:{}", pod.port("grpc"));
    assert_eq!(health(&running, &[&address, "--tls-ca", &authority, "--tls-name", "localhost"]), "SERVING\n");
    prove(&pod, running);
    assert_ne!(database.sql("SELECT count(*) FROM instance"), "0");
}
