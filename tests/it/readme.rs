//! Every block of README.md, of the pages in docs and of the sandbox's README, with the commands of docs/cookbook.md that `tests/it/foreign.rs` does not run, as pasted.
//!
//! `make test` installs grpcurl and says in `SMSMUX_TOOLS` where.

use std::{fs, os::unix::fs::PermissionsExt, process::Command, time::Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use toml::Table;

use crate::support::{
    LIMIT,
    pages::{Block, blocks},
    process::{Ended, Running, run, serving, smsmux},
};

/// The address of the gateway, the port of the stand-in that is started by itself, and that of smSend's stand-in of the
/// gateway, as the pages have them.
const GATEWAY: &str = "127.0.0.1:50051";
const SANDBOX: &str = "9001";
const STAND_IN: &str = "PORT";

/// The pages whose blocks are run here, each by a reader of its own. `tests/it/foreign.rs` runs the rest of the cookbook.
const PAGES: &[&str] = &[
    "README.md",
    "docs/quick-start.md",
    "docs/guides.md",
    "docs/errors.md",
    "docs/configuration.md",
    "docs/operations.md",
    "docs/shell.md",
    "docs/vendors.md",
    "docs/webhooks.md",
    "crates/sandbox/README.md",
];

/// A reader with a terminal, and with `cargo`, `smsmux` and `grpcurl` on the path.
struct Reader {
    path: String,
    folder: TempDir,
    /// What stands in the page, and what it is here.
    replaced: Vec<(&'static str, String)>,
    /// What goes on in other terminals.
    running: Vec<Running>,
    /// A stream in a terminal of its own.
    watching: Option<Running>,
}

impl Reader {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let smsmux = env!("CARGO_BIN_EXE_smsmux");
        // `cargo run -- ARGUMENTS` runs the binary that is there; what listens takes any free port.
        let listens = "case $1 in serve | demo) set -- \"$@\" --listen 127.0.0.1:0 ;; esac";
        for (name, script) in [
            ("smsmux", format!("#!/bin/sh\n{listens}\nexec {smsmux} \"$@\"\n")),
            ("cargo", format!("#!/bin/sh\nshift 2\n{listens}\nexec {smsmux} \"$@\"\n")),
        ] {
            let file = folder.path().join(name);
            fs::write(&file, script).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let tools = std::env::var("SMSMUX_TOOLS").expect("SMSMUX_TOOLS is not set: run make test");
        let path = format!("{}:{tools}/bin:{}", folder.path().display(), std::env::var("PATH").unwrap());
        Self { path, folder, replaced: Vec::new(), running: Vec::new(), watching: None }
    }

    /// The value here of what stands in the page.
    fn here(&self, written: &str) -> &str {
        let found = self.replaced.iter().rev().find(|(name, _)| *name == written);
        &found.unwrap_or_else(|| panic!("{written} comes before anything listens there")).1
    }

    fn command(&self, text: &str) -> Command {
        let mut text = text.to_owned();
        for written in [GATEWAY, SANDBOX, STAND_IN] {
            if text.contains(written) {
                text = text.replace(written, self.here(written));
            }
        }
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail", "-c", &text]).env("PATH", &self.path).env("KEY", "");
        // What the commands write is not for the repository.
        command.current_dir(self.folder.path());
        if let Some((_, address)) = self.replaced.iter().rev().find(|(name, _)| *name == GATEWAY) {
            command.env("SMSMUX_ADDRESS", address);
        }
        command
    }

    fn paste(&self, text: &str, place: &str) -> Ended {
        let ended = run(&mut self.command(text));
        println!("{place}: {text}");
        ended
    }

    /// Starts what goes on until it is stopped, and learns where it listens.
    fn start(&mut self, text: &str) {
        // Its port is what it says, not what is in the page.
        self.replaced.push((SANDBOX, "0".to_owned()));
        let mut running = Running::start(&mut self.command(text));
        let port = |line: &str| {
            let (_, rest) = line.split_once("http://127.0.0.1:")?;
            Some(rest.split_once("/_sandbox")?.0.to_owned())
        };
        if text.contains(" sandbox ") {
            self.replaced.push((SANDBOX, running.until(port)));
        } else if text.contains(" demo") {
            running.until(|line| line.contains("smsmux listens on ").then_some(()));
        } else {
            let stand_in = running.until(|line| port(line).filter(|_| line.contains("smsend")));
            self.replaced.extend([(STAND_IN, stand_in), (GATEWAY, running.until(serving))]);
        }
        self.running.push(running);
    }

    /// Runs the commands of a block; one that listens is left running.
    fn shell(&mut self, block: &Block) {
        let is_server = |line: &str| {
            ["cargo run -- ", "smsmux serve", "smsmux sandbox"].iter().any(|command| line.starts_with(command))
        };
        if !block.text.lines().any(is_server) {
            let ended = self.paste(&block.text, &block.place);
            assert_eq!(ended.code, Some(0), "{}: {ended:#?}", block.place);
            return;
        }
        for line in block.text.lines() {
            match is_server(line) {
                true => self.start(line),
                // Which is what runs this.
                false => assert!(line.starts_with("make test "), "{}: nothing may follow {line}", block.place),
            }
        }
    }

    /// Runs the commands with a prompt, and compares what each prints with what the page shows.
    fn console(&mut self, block: &Block) {
        let text = format!("\n{}", block.text);
        let (before, commands) = text.split_once("\n$ ").unwrap_or_else(|| panic!("{}: no prompt", block.place));
        assert_eq!(before, "", "{}", block.place);
        for command in commands.split("\n$ ") {
            let (command, shown) = command.split_once('\n').unwrap_or((command, ""));
            self.prompt(command, shown, &block.place);
        }
    }

    fn prompt(&mut self, command: &str, shown: &str, place: &str) {
        if command.starts_with("smsmux serve") {
            return self.start(command);
        }
        if command.contains("/Watch") {
            self.watching = Some(Running::start(&mut self.command(command)));
            // It watches when it has looked.
            let began = Instant::now();
            while !self.arrived().contains("/srsmshistory") {
                assert!(began.elapsed() < LIMIT, "{place}: the stream does not look");
            }
            return;
        }
        let ended = self.paste(command, place);
        if !shown.is_empty() {
            let lines = |text: &str| text.lines().map(|line| timeless(line.trim())).collect::<Vec<_>>();
            assert_eq!(lines(&ended.all()), lines(shown), "{place}");
        } else {
            assert_eq!(ended.code, Some(0), "{place}: {ended:#?}");
        }
    }

    /// Waits until the stream that is watched, if there is one, shows what was received.
    fn leave(mut self) {
        if let Some(mut watching) = self.watching.take() {
            watching.until(|line| line.contains("Ciao!").then_some(()));
        }
    }

    /// What arrived at smSend's stand-in of the gateway.
    fn arrived(&self) -> String {
        let address = format!("http://127.0.0.1:{}/_sandbox/requests", self.here(STAND_IN));
        run(Command::new("curl").args(["--silent", "--noproxy", "*", &address])).with(0).stdout
    }
}

#[test]
fn every_block_of_the_pages_works_as_pasted() {
    for page in PAGES {
        let mut reader = Reader::new();
        for block in blocks(page) {
            match block.language.as_str() {
                "sh" => reader.shell(&block),
                "console" => reader.console(&block),
                "yaml" => probes(&reader, &block),
                // Configurations have a test of their own, and pictures are no commands.
                "toml" | "text" => {}
                // A documentation test of the crate.
                "rust" => {}
                // `tests/it/docs.rs` holds these against the READMEs of the clients, whose programs `clients/paste.sh` runs.
                program if program.contains(' ') => {}
                other => panic!("{}: nobody runs {other}", block.place),
            }
        }
        reader.leave();
    }
}

#[test]
fn the_commands_with_a_prompt_in_the_cookbook_work_as_pasted() {
    let mut reader = Reader::new();
    for block in blocks("docs/cookbook.md").iter().filter(|block| block.language != "sh") {
        assert_eq!(block.language, "console", "{}: nobody runs it", block.place);
        reader.console(block);
    }
}

#[test]
fn the_configurations_of_the_pages_are_good() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().display().to_string();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let long = |digits: &str| digits.repeat(4);
    for (name, secret) in [
        ("acme", "hunter2"),
        ("lox24", "1234567:key"),
        ("lox24-webhook", &long("0123456789abcdef")),
        ("smsmux-hash-key", &long("fedcba9876543210")),
        ("smsmux-numbers-2027", &long("0f1e2d3c4b5a6978")),
    ] {
        file(name, secret);
    }
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    file("clients.crt", &authority.pem());
    file("tls.crt", &certificate.pem());
    file("tls.key", &key.serialize_pem());
    let (_, hash) = smsmux::config::api_key::generate("billing").unwrap();

    let mut configuration = Table::new();
    let blocks = PAGES.iter().flat_map(|page| blocks(page));
    let configurations: Vec<_> = blocks.filter(|block| block.language == "toml").collect();
    assert!(configurations.len() >= 3, "{} configurations", configurations.len());
    for block in configurations {
        let mut text = block.text.replace("hmac-sha256:...", &hash.to_string());
        for documented in ["/run/secrets", "/etc/smsmux"] {
            text = text.replace(documented, &here);
        }
        // A later one is about other keys of the same configuration.
        let given: Table = text.parse().unwrap_or_else(|e| panic!("{}: {e}", block.place));
        configuration.extend(given);
        file("smsmux.toml", &configuration.to_string());
        let mut check = smsmux(&["check", "--config", &format!("{here}/smsmux.toml")]);
        for variable in configuration.to_string().split("env = \"").skip(1) {
            check.env(variable.split('"').next().unwrap(), "hunter2");
        }
        let ended = run(&mut check);
        assert_eq!(ended.code, Some(0), "{}: {ended:#?}", block.place);
    }
}

/// A line with zeros for the digits of its times, such as 2026-11-28T16:54:18Z or 2026-11-28T16:54:18.250Z.
fn timeless(line: &str) -> String {
    let is_time = |word: &str| word.parse::<jiff::Timestamp>().is_ok();
    let no_digits = |word: &str| word.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
    let words = line.split(' ').map(|word| if is_time(word) { no_digits(word) } else { word.to_owned() });
    words.collect::<Vec<_>>().join(" ")
}

/// Asks what a probe of Kubernetes would.
fn probes(reader: &Reader, block: &Block) {
    let services: Vec<_> =
        block.text.split("service: ").skip(1).map(|rest| rest.split([' ', '}']).next().unwrap()).collect();
    assert!(!services.is_empty(), "{}: no probe", block.place);
    for service in services {
        run(&mut smsmux(&["health", reader.here(GATEWAY), "--service", service])).with(0);
    }
}
