//! The same samples, sent by curl and by small programs, one for each HTTP library that the documents' programs use. A
//! program reads a request a line, and writes an answer a line: its parts are encoded as forms are, and a space is between
//! them.
//!
//! `make test` says in `SMSMUX_CLIENTS` which languages are installed. Without that, those are used that are found.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use url::form_urlencoded::byte_serialize;

use super::{Answer, Request, send_all, wire};

#[test]
fn curl_sends_the_samples() {
    send_all(Some("curl"), &mut |request| {
        let mut curl = command("curl");
        curl.args(["-sS", "-i", "-g", "-X", &request.method]);
        curl.args(request.headers.iter().flat_map(|header| ["-H", header]));
        curl.args(request.body.iter().flat_map(|body| ["-d", body]));
        let output = curl.arg(&request.url).stderr(Stdio::inherit()).output().expect("curl");
        wire::read(&String::from_utf8(output.stdout).unwrap())
    });
}

#[test]
fn requests_of_python_sends_the_samples() {
    let tools = env::var_os("SMSMUX_TOOLS").expect("SMSMUX_TOOLS is not set: run make test");
    run("python", command(PathBuf::from(tools).join("venv/bin/python")).arg(program("client.py")));
}

#[test]
fn net_http_of_go_sends_the_samples() {
    run("go", command("go").arg("run").arg(program("client.go")).env("GOWORK", "off"));
}

#[test]
fn node_sends_the_samples() {
    if is_here("typescript", "node") {
        run("node", command("node").arg(program("client.js")));
    }
}

#[test]
fn php_curl_sends_the_samples() {
    if is_here("php", "php") {
        run("php", command("php").arg(program("client.php")));
    }
}

#[test]
fn net_http_of_ruby_sends_the_samples() {
    if is_here("ruby", "ruby") {
        run("ruby", command("ruby").arg(program("client.rb")));
    }
}

#[test]
fn both_clients_of_java_send_the_samples() {
    if is_here("java", "javac") {
        for library in ["HttpURLConnection", "HttpClient"] {
            run("java", command("java").arg(program("Client.java")).arg(library));
        }
    }
}

#[test]
fn dot_net_sends_the_samples() {
    if is_here("csharp", "mono") {
        let folder = tempfile::tempdir().unwrap();
        let client = folder.path().join("Client.exe");
        let compiled = command("mcs").arg(format!("-out:{}", client.display())).arg(program("Client.cs")).status();
        assert!(compiled.expect("mcs").success());
        run("csharp", command("mono").arg(client));
    }
}

/// A command whose requests go past any proxy.
fn command(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.env("no_proxy", "127.0.0.1").env("NO_PROXY", "127.0.0.1");
    command
}

fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/programs").join(name)
}

/// Whether a language is to be used: its folder in `clients/` is among those that `make test` has installed.
fn is_here(folder: &str, command: &str) -> bool {
    let here = match env::var("SMSMUX_CLIENTS") {
        Ok(clients) => clients.split_whitespace().any(|client| client == folder),
        Err(_) => env::split_paths(&env::var_os("PATH").unwrap_or_default()).any(|path| path.join(command).exists()),
    };
    if !here {
        eprintln!("{command} is not here");
    }
    here
}

/// Has a program send all samples.
fn run(name: &str, program: &mut Command) {
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect(name);
    let (mut to, mut from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    send_all(Some(name), &mut |request| {
        writeln!(to, "{}", line(request)).unwrap();
        let mut answer = String::new();
        assert!(from.read_line(&mut answer).unwrap() > 0, "{name} ended at {request:?}");
        let parts: Vec<_> = answer.split_whitespace().map(decoded).collect();
        let [status, location, body] = &parts[..] else { panic!("{name} answers {answer:?}") };
        Answer { status: status.parse().unwrap(), location: location[1..].to_owned(), body: body[1..].to_owned() }
    });
    drop(to);
    assert!(child.wait().unwrap().success(), "{name}");
}

/// The method, the address, the body behind an equals sign or a hyphen for none, and the headers.
fn line(request: &Request) -> String {
    let body = request.body.as_ref().map_or_else(|| "-".to_owned(), |body| format!("={body}"));
    let parts = [&request.method, &request.url, &body].into_iter().chain(&request.headers);
    parts.map(|part| byte_serialize(part.as_bytes()).collect()).collect::<Vec<String>>().join(" ")
}

fn decoded(part: &str) -> String {
    let spaced = part.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().unwrap().into_owned()
}
