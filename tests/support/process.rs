//! The real binary, run as its users run it.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Instant,
};

use super::LIMIT;

/// A command that has come to its end.
#[derive(Debug, Default)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// Asserts the exit code.
    #[track_caller]
    pub fn with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert!(!self.all().contains("panicked"), "{self:#?}");
        self
    }

    /// Both streams.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// `smsmux` with these arguments, in a folder and an environment that configure nothing.
pub fn smsmux(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smsmux"));
    command.args(arguments).current_dir(env!("CARGO_TARGET_TMPDIR"));
    for (name, _) in std::env::vars_os() {
        if ["SMSMUX_", "OTEL_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    // Many run at a time, and a store on disk has one owner.
    command.env("SMSMUX_STORE_PATH", ":memory:");
    command
}

/// Runs a command that ends by itself.
pub fn run(command: &mut Command) -> Ended {
    Running::start(command).end()
}

/// The address of the "serving" line, in either form of the log.
pub fn serving(line: &str) -> Option<String> {
    if let Ok(line) = serde_json::from_str::<serde_json::Value>(line) {
        let address = line["address"].as_str().map(str::to_owned);
        return address.filter(|_| line["message"] == "serving");
    }
    Some(line.split_once("serving address=")?.1.trim().to_owned())
}

/// A command that is running; it is killed when this is dropped.
pub struct Running {
    child: Child,
    output: Receiver<(Stream, String)>,
    ended: Ended,
}

#[derive(Clone, Copy)]
enum Stream {
    Stdout,
    Stderr,
}

impl Running {
    /// Starts a command.
    pub fn start(command: &mut Command) -> Self {
        Self::printing_to(command, Stdio::piped(), Stdio::piped())
    }

    /// Starts a command that prints there: what does not go to a pipe of ours is not seen.
    pub fn printing_to(command: &mut Command, stdout: impl Into<Stdio>, stderr: impl Into<Stdio>) -> Self {
        let child = command.stdin(Stdio::null()).stdout(stdout).stderr(stderr).spawn();
        let mut child = child.unwrap_or_else(|e| panic!("{:?} does not start: {e}", command.get_program()));
        // Else the other ends of pipes would stay open here.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let (sender, output) = channel();
        if let Some(stdout) = child.stdout.take() {
            forward(stdout, Stream::Stdout, sender.clone());
        }
        if let Some(stderr) = child.stderr.take() {
            forward(stderr, Stream::Stderr, sender);
        }
        Self { child, output, ended: Ended::default() }
    }

    /// `smsmux serve` with these arguments besides, and its address.
    pub fn serve(arguments: &[&str]) -> (Self, String) {
        let mut running = Self::start(&mut smsmux(&[&["serve"], arguments].concat()));
        let address = running.until(serving);
        (running, address)
    }

    /// Waits for the line, on either stream, that `found` makes something of.
    pub fn until<T>(&mut self, found: impl Fn(&str) -> Option<T>) -> T {
        let limit = Instant::now() + LIMIT;
        loop {
            match self.line(limit) {
                Some(line) => {
                    if let Some(found) = found(&line) {
                        return found;
                    }
                }
                None => panic!("ended before the line that was waited for: {:#?}", self.ended),
            }
        }
    }

    /// The bytes of memory that it has resident, where the system tells.
    pub fn memory(&self) -> Option<usize> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix(" kB")?.parse::<usize>().ok().map(|kib| kib << 10)
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has come to its end.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_some()
    }

    /// What was printed so far to standard output.
    pub fn printed(&self) -> &str {
        &self.ended.stdout
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(killed.expect("kill").success());
    }

    /// Sends a signal, such as `TERM`, and waits for the end.
    pub fn stop(self, signal: &str) -> Ended {
        self.signal(signal);
        self.end()
    }

    /// Waits for the end.
    pub fn end(mut self) -> Ended {
        let limit = Instant::now() + LIMIT;
        while self.line(limit).is_some() {}
        self.ended.code = self.child.wait().expect("its end").code();
        std::mem::take(&mut self.ended)
    }

    /// The next line; `None` when both streams have ended.
    fn line(&mut self, limit: Instant) -> Option<String> {
        use std::sync::mpsc::RecvTimeoutError;
        match self.output.recv_timeout(limit.saturating_duration_since(Instant::now())) {
            Ok((stream, line)) => {
                match stream {
                    Stream::Stdout => self.ended.stdout += &line,
                    Stream::Stderr => self.ended.stderr += &line,
                }
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("still waiting after {LIMIT:?}: {:#?}", self.ended),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn forward(stream: impl Read + Send + 'static, name: Stream, to: Sender<(Stream, String)>) {
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            let _ = to.send((name, String::from_utf8_lossy(&line).into_owned()));
            line.clear();
        }
    });
}
