//! Clients that share no code with smsmux, against the real binary: grpcurl, grpc-go's health check, grpcio.
//!
//! `make test` installs them and says in `SMSMUX_TOOLS` where.

use std::{fs, path::PathBuf, process::Command};

use serde_json::{Value, json};
use smsmux::api::METHODS;

use crate::support::{
    NUMBER,
    process::{Ended, Running, run},
};

/// The address that the README's commands go to.
const DOCUMENTED: &str = "127.0.0.1:50051";

#[test]
fn grpcurl_lists_the_services() {
    let server = Server::start();
    let services = server.grpcurl(&[], &["list"]).with(0).stdout;
    for service in
        ["smsmux.v1.AuthService", "smsmux.v1.AccountService", "smsmux.v1.MessageService", "grpc.health.v1.Health"]
    {
        assert!(services.lines().any(|line| line == service), "{service} in {services}");
    }
    server.stop();
}

#[test]
fn grpcurl_describes_a_service_with_its_comments() {
    let server = Server::start();
    let service = server.grpcurl(&[], &["describe", "smsmux.v1.MessageService"]);
    let service = service.with(0).stdout;
    assert!(service.contains("// Sends one text to one or more recipients."), "{service}");
    let request = server.grpcurl(&[], &["describe", "smsmux.v1.SendMessageRequest"]);
    let request = request.with(0).stdout;
    assert!(request.contains("// The numbers in E.164 form"), "{request}");
    server.stop();
}

#[test]
fn grpcurl_sends_a_message_and_asks_what_became_of_it() {
    let server = Server::start();
    let request = json!({"parent": "accounts/smsend", "recipients": [NUMBER], "text": "Perché no?"});
    let sent = server.call("SendMessage", &request);
    let sent = &sent["message"];
    assert_eq!(
        (&sent["recipients"][0]["to"], &sent["recipients"][0]["state"]),
        (&json!(NUMBER), &json!("DELIVERY_STATE_QUEUED"))
    );
    let found = server.call("GetMessage", &json!({"name": sent["name"]}));
    assert_eq!(found["message"]["name"], sent["name"]);
    server.stop();
}

#[test]
fn grpcurl_prints_the_details_of_an_error_by_their_types() {
    let server = Server::start();
    let request = json!({"parent": "accounts/smsend", "recipients": ["12"], "text": ""});
    let failed =
        server.grpcurl(&["-d", &request.to_string(), "-format-error"], &["smsmux.v1.MessageService/SendMessage"]);
    // grpcurl's exit code is 64 and the gRPC code, 3.
    let error: Value = serde_json::from_str(&failed.with(67).stderr).expect("JSON");
    let detail = |name: &str| {
        let details = error["details"].as_array().expect("details");
        let detail = details.iter().find(|d| d["@type"] == format!("type.googleapis.com/{name}"));
        detail.unwrap_or_else(|| panic!("no {name} in {error:#}")).clone()
    };
    let info = detail("google.rpc.ErrorInfo");
    assert_eq!(
        (&info["reason"], &info["domain"], &info["metadata"]["account"]),
        (&json!("INVALID_REQUEST"), &json!("smsmux"), &json!("accounts/smsend"))
    );
    let violations = detail("google.rpc.BadRequest")["fieldViolations"].clone();
    let fields: Vec<_> = violations.as_array().unwrap().iter().map(|v| &v["field"]).collect();
    assert_eq!(fields, ["recipients[0]", "text"]);
    server.stop();
}

#[test]
fn grpcurl_is_told_which_methods_an_account_supports() {
    let server = Server::start();
    let answer = server.grpcurl(&["-d", r#"{"name": "accounts/smsend"}"#], &["smsmux.v1.AccountService/GetAccount"]);
    let answer: Value = serde_json::from_str(&answer.with(0).stdout).expect("JSON");
    let account = &answer["account"];
    assert_eq!(account["vendor"], "smsend");
    let methods = account["methods"].as_array().expect("methods");
    assert!(methods.contains(&json!("smsmux.v1.MessageService/SendMessage")), "{methods:?}");
    server.stop();
}

#[test]
fn every_grpcurl_command_of_the_readme_works_as_pasted() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let commands = grpcurl_commands(&fs::read_to_string(readme).expect("README.md"));
    assert!(commands.len() >= 3, "README.md shows too few: {commands:#?}");
    let server = Server::start();
    for command in &commands {
        let ended = server.paste(command);
        assert_eq!(ended.code, Some(0), "{command}\n{ended:#?}");
    }
    server.stop();
}

#[test]
fn the_cookbook_works_as_pasted_and_calls_every_rpc() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cookbook.md");
    let commands = shell_commands(&fs::read_to_string(page).expect("docs/cookbook.md"));
    let calls = |method: &str| {
        let words = commands.lines().filter(|line| !line.trim().starts_with('#')).flat_map(str::split_whitespace);
        words.map(|word| word.trim_end_matches(')')).any(|word| word == method)
    };
    let missing: Vec<_> = METHODS.iter().map(|m| m.path).filter(|method| !calls(method)).collect();
    assert!(missing.is_empty(), "docs/cookbook.md has no call of {missing:#?}");
    let server = Server::start();
    // One shell for the whole page, for later commands use what earlier ones got. Its trace names the one that failed.
    let ended = server.paste(&format!("set -ex\n{commands}"));
    assert_eq!(ended.code, Some(0), "docs/cookbook.md\n{}\n{}", ended.stdout, ended.stderr);
    server.stop();
}

#[test]
fn commands_are_found_in_shell_fences_alone_and_whole() {
    let page = "
grpcurl in a sentence
```sh
smsmux demo
grpcurl -plaintext 127.0.0.1:50051 list   # a comment
grpcurl -plaintext -d '{
  \"name\": \"a\"
}' \\
  127.0.0.1:50051 x.Y/Z
echo done
```
```json
grpcurl no
```
  ```sh
  grpcurl -plaintext 127.0.0.1:50051 describe
  ```
";
    assert_eq!(
        grpcurl_commands(page),
        [
            "grpcurl -plaintext 127.0.0.1:50051 list   # a comment",
            "grpcurl -plaintext -d '{\n  \"name\": \"a\"\n}' \\\n  127.0.0.1:50051 x.Y/Z",
            "grpcurl -plaintext 127.0.0.1:50051 describe",
        ]
    );
}

#[test]
fn all_of_the_shell_fences_is_one_script() {
    let page = "
```sh
A=$(grpcurl x |
  field name)
```
```console
$ smsmux serve
```
  ```sh
  grpcurl y
  ```
";
    assert_eq!(shell_commands(page), "A=$(grpcurl x |\n  field name)\n  grpcurl y\n");
}

#[test]
fn a_health_probe_finds_every_name_serving() {
    let server = Server::start();
    for service in ["", "liveness", "readiness", "smsmux.v1.MessageService"] {
        let printed = server.probe(service).with(0).stdout;
        assert_eq!(printed, "status: SERVING\n", "{service:?}");
    }
    // Its exit code for a call that failed.
    let printed = server.probe("no.such.Service").with(3).stderr;
    assert!(printed.contains("NotFound"), "{printed}");
    server.stop();
}

#[test]
fn a_client_in_python_does_the_main_job() {
    let server = Server::start();
    let generated = tempfile::tempdir().expect("a folder");
    let output = generated.path().display();
    let root = env!("CARGO_MANIFEST_DIR");
    let protos = fs::read_dir(format!("{root}/proto/smsmux/v1")).expect("the protos");
    run(Command::new(tool("venv/bin/python"))
        .args(["-m", "grpc_tools.protoc", &format!("-I{root}/proto")])
        .args([format!("--python_out={output}"), format!("--grpc_python_out={output}")])
        .args(protos.map(|proto| proto.expect("a proto").path())))
    .with(0);
    let client = run(Command::new(tool("venv/bin/python"))
        .arg(format!("{root}/tests/foreign/client.py"))
        .arg(&server.address)
        .arg(generated.path()))
    .with(0);
    println!("{}", client.stdout);
    assert!(client.stdout.contains("ok get async"), "{client:#?}");
    server.stop();
}

/// The real binary, serving the stand-ins.
struct Server {
    running: Running,
    address: String,
    _config: tempfile::NamedTempFile,
}

impl Server {
    fn start() -> Self {
        // The cookbook has a route.
        let config = tempfile::NamedTempFile::new().expect("a file");
        let route = "[accounts.main]\nvendor = 'route'\nrules = [{ use = { smsend = 60, lox24 = 40 } }]\n";
        fs::write(&config, route).expect("written");
        let path = config.path().to_str().expect("a path");
        let arguments = ["--sandbox", "--config", path, "--listen", "127.0.0.1:0", "--log-format", "json"];
        let (running, address) = Running::serve(&arguments);
        Self { running, address, _config: config }
    }

    /// Stops it as an orchestrator does, and sees that it ends well.
    fn stop(self) {
        self.running.stop("TERM").with(0);
    }

    fn grpcurl(&self, flags: &[&str], what: &[&str]) -> Ended {
        run(Command::new(tool("bin/grpcurl")).arg("-plaintext").args(flags).arg(&self.address).args(what))
    }

    /// What a shell makes of documented commands, for this server.
    fn paste(&self, commands: &str) -> Ended {
        assert!(commands.contains(DOCUMENTED), "not for {DOCUMENTED}: {commands}");
        let grpcurl = tool("bin/grpcurl");
        let path = format!("{}:{}", grpcurl.parent().unwrap().display(), std::env::var("PATH").unwrap());
        let pasted = commands.replace(DOCUMENTED, &self.address);
        run(Command::new("sh").args(["-c", &pasted]).env("PATH", path))
    }

    fn call(&self, method: &str, request: &Value) -> Value {
        let method = format!("smsmux.v1.MessageService/{method}");
        let answer = self.grpcurl(&["-d", &request.to_string()], &[&method]).with(0);
        serde_json::from_str(&answer.stdout).expect("JSON")
    }

    fn probe(&self, service: &str) -> Ended {
        let patience = ["-connect-timeout", "300s", "-rpc-timeout", "300s"];
        run(Command::new(tool("bin/health-probe")).args(patience).args(["-addr", &self.address, "-service", service]))
    }
}

/// A tool that `make test` has installed.
fn tool(path: &str) -> PathBuf {
    let tools = std::env::var_os("SMSMUX_TOOLS").expect("SMSMUX_TOOLS is not set: run make test");
    let tool = PathBuf::from(tools).join(path);
    assert!(tool.exists(), "{} is missing: run make test", tool.display());
    tool
}

/// The commands that begin with `grpcurl`, in the fences of a Markdown page that are marked `sh`. A command goes on while
/// its line ends in a backslash or a single quote is open.
fn grpcurl_commands(page: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut open: Option<String> = None;
    for line in shell_commands(page).lines() {
        open = match open {
            Some(command) => Some(format!("{command}\n{line}")),
            None if line.trim().starts_with("grpcurl ") => Some(line.trim().to_owned()),
            None => None,
        };
        if let Some(command) = open.take_if(|c| !c.ends_with('\\') && c.matches('\'').count() % 2 == 0) {
            commands.push(command);
        }
    }
    commands
}

/// All lines in the fences of a Markdown page that are marked `sh`.
fn shell_commands(page: &str) -> String {
    let mut commands = String::new();
    let mut shell = false;
    for line in page.lines() {
        if let Some(language) = line.trim().strip_prefix("```") {
            shell = language == "sh";
        } else if shell {
            commands += line;
            commands.push('\n');
        }
    }
    commands
}
