//! The command line as somebody meets it who has just installed smsmux.

mod configuration;
mod json;
mod surroundings;

use std::{
    fs, io,
    net::TcpListener,
    path::PathBuf,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::support::{
    connect, message,
    process::{Ended, Running, run, smsmux},
    refusing,
};

/// A server that needs nothing.
const SANDBOX: &[&str] = &["--sandbox", "--listen", "127.0.0.1:0"];

mod help {
    use super::*;

    #[test]
    fn no_arguments_print_the_help() {
        let help = run(&mut smsmux(&[])).with(2).stderr;
        for part in ["Usage: smsmux <COMMAND>", "Examples:", "Exit codes:"] {
            assert!(help.contains(part), "{part:?} in {help}");
        }
    }

    #[test]
    fn every_command_that_takes_arguments_shows_examples_that_name_it() {
        for command in [
            "serve", "sandbox", "check", "explain", "health", "store", "webhooks", "send", "messages", "watch",
            "analyze", "accounts", "events", "info",
        ] {
            let help = run(&mut smsmux(&[command, "--help"])).with(0).stdout;
            let (_, examples) = help.split_once("Example").unwrap_or_else(|| panic!("no examples in {help}"));
            assert!(examples.contains(&format!("smsmux {command}")), "{help}");
        }
        for command in ["backup", "check", "stats", "purge", "export"] {
            let help = run(&mut smsmux(&["store", command, "--help"])).with(0).stdout;
            assert!(help.contains(&format!("  smsmux store {command}")), "{help}");
        }
        for command in ["list", "get", "cancel"] {
            let help = run(&mut smsmux(&["messages", command, "--help"])).with(0).stdout;
            assert!(help.contains(&format!("  smsmux messages {command}")), "{help}");
        }
        let help = run(&mut smsmux(&["demo", "--help"])).with(0).stdout;
        assert!(help.contains("--listen"), "{help}");
    }

    #[test]
    fn the_version_is_the_package_s() {
        let version = run(&mut smsmux(&["--version"])).with(0).stdout;
        let (number, build) = version.split_once(" (").unwrap_or_else(|| panic!("{version}"));
        assert_eq!(number, concat!("smsmux ", env!("CARGO_PKG_VERSION")));
        assert!(build.ends_with("; features: otlp)\n"), "{version}");
    }

    #[test]
    fn an_unknown_flag_is_named() {
        let ended = run(&mut smsmux(&["serve", "--lissten", "127.0.0.1:0"])).with(2);
        assert!(ended.stderr.contains("'--lissten'"), "{ended:#?}");
    }
}

mod printing {
    use super::*;

    /// The other end of a pipe whose reader has left.
    fn nobody() -> Stdio {
        io::pipe().expect("a pipe").1.into()
    }

    fn full() -> Stdio {
        fs::File::options().write(true).open("/dev/full").expect("/dev/full").into()
    }

    #[test]
    fn a_reader_who_leaves_ends_every_command_quietly() {
        let (server, address) = Running::serve(SANDBOX);
        let file = File::new("[guard]\nmode = 'off'\n[accounts.phones]\nvendor = 'lox24'\ntoken = '1:a'\n");
        for arguments in [
            &["check", "--config", file.path()][..],
            &["key", "new", "billing"],
            &["sandbox", "--port", "0"],
            &["demo", "--listen", "127.0.0.1:0"],
            &["health", &address],
            &["--help"],
            &["help", "serve"],
            &["--version"],
        ] {
            let ended = Running::printing_to(&mut smsmux(arguments), nobody(), Stdio::piped()).end().with(0);
            assert_eq!(ended.stderr, "", "{arguments:?}");
        }
        server.stop("TERM").with(0);
    }

    #[test]
    fn exit_codes_stay_where_nobody_reads_why() {
        for stderr in [nobody as fn() -> Stdio, full] {
            for (arguments, code) in [
                (&["check", "--config", "no/such.toml"][..], 64),
                (&["health", "127.0.0.1:x"], 1),
                (&["serve", "--lissten"], 2),
                (&[], 2),
            ] {
                Running::printing_to(&mut smsmux(arguments), Stdio::piped(), stderr()).end().with(code);
            }
        }
        let ended = Running::printing_to(&mut smsmux(&["key", "new", "billing"]), Stdio::piped(), nobody()).end();
        assert!(ended.with(0).stdout.starts_with("smsmux_billing_"));
    }

    #[test]
    fn what_cannot_be_printed_on_a_full_disk_is_a_failure() {
        let file = File::new("[guard]\nmode = 'off'\n[accounts.phones]\nvendor = 'lox24'\ntoken = '1:a'\n");
        for arguments in [&["check", "--config", file.path()][..], &["key", "new", "billing"]] {
            let ended = Running::printing_to(&mut smsmux(arguments), full(), Stdio::piped()).end().with(1);
            assert!(ended.stderr.starts_with("smsmux: cannot write to standard output"), "{ended:#?}");
        }
    }
}

mod serving {
    use super::*;

    #[test]
    fn a_taken_port_is_one_line_with_a_way_out() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let ended = run(&mut smsmux(&["serve", "--sandbox", "--listen", &address, "--log-level", "warn"])).with(1);
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:#?}");
        assert!(ended.stderr.contains(&address) && ended.stderr.contains("--listen"), "{ended:#?}");
    }

    #[test]
    fn both_signals_end_it_well() {
        for signal in ["TERM", "INT"] {
            let (server, _) = Running::serve(SANDBOX);
            let ended = server.stop(signal).with(0);
            assert!(ended.stderr.contains("drained"), "{ended:#?}");
        }
    }

    #[test]
    fn a_log_that_is_no_terminal_has_no_colours() {
        let (server, address) = Running::serve(SANDBOX);
        run(&mut smsmux(&["health", &address])).with(0);
        let ended = server.stop("TERM").with(0);
        assert!(!ended.all().contains('\u{1b}'), "{ended:#?}");
    }

    // Of several threads: the connection must go on to be served while this waits for the end of the server.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_sandbox_prints_is_a_configuration_that_works() {
        let mut sandbox = Running::start(&mut smsmux(&["sandbox", "smsend", "--port", "0"]));
        sandbox.until(|line| line.contains("Ctrl-C").then_some(()));
        let file = File::new(sandbox.printed());
        let (server, address) = Running::serve(&["--config", file.path(), "--listen", "127.0.0.1:0"]);
        let channel = connect(address.parse().expect("an address")).await;
        let mut messages = smsmux::api::pb::message_service_client::MessageServiceClient::new(channel);
        let sent = messages.send_message(message()).await.expect("sent").into_inner();
        assert_eq!(sent.message.unwrap().recipients[0].to, crate::support::NUMBER);
        drop(messages);
        server.stop("TERM").with(0);
        sandbox.stop("INT").with(0);
    }

    #[test]
    fn an_unknown_stand_in_is_named_with_those_there_are() {
        let ended = run(&mut smsmux(&["sandbox", "carrier-pigeon"])).with(2);
        assert!(ended.stderr.contains("carrier-pigeon") && ended.stderr.contains("smsend"), "{ended:#?}");
    }

    #[test]
    fn the_demo_shows_a_delivery_and_a_call_to_paste_then_serves_until_interrupted() {
        let mut demo = Running::start(&mut smsmux(&["demo", "--listen", "127.0.0.1:0"]));
        let address = demo.until(|line| {
            let (_, rest) = line.split_once("smsmux listens on ")?;
            Some(rest.split(',').next()?.to_owned())
        });
        let send = demo.until(|line| line.contains(" send --address ").then(|| line.to_owned()));
        demo.until(|line| line.contains("MessageService/SendMessage").then_some(()));
        let sent = run(Command::new("sh").args(["-c", &send])).with(0);
        assert!(sent.stdout.starts_with("accounts/smsend/messages/"), "{sent:#?}");
        run(&mut smsmux(&["health", &address])).with(0);
        let ended = demo.stop("INT").with(0);
        for part in
            ["time", "account", "number", "event", "by", "UNDELIVERABLE (UNKNRCPT)", "grpcurl -plaintext", &address]
        {
            assert!(ended.stdout.contains(part), "{part:?} in {ended:#?}");
        }
        // Of every vendor: the send, how far its message came, and the reply.
        for (account, event) in [
            ("smsend", "DELIVERED (DLVRD)"),
            ("lox24", "DELIVERED (100/1)"),
            ("ip1sms", "DELIVERED (22)"),
            ("intelepeer", "DELIVERED (4000)"),
            ("smspartner", "DELIVERED (Delivered)"),
        ] {
            for event in ["QUEUED", event, "received \"Yes, thank you!\""] {
                let row = |line: &str| line.split_whitespace().nth(2) == Some(account) && line.contains(event);
                assert!(ended.stdout.lines().any(row), "{account} {event} in {ended:#?}");
            }
        }
        assert!(!ended.all().contains('\u{1b}'), "{ended:#?}");
    }
}

mod health {
    use super::*;

    #[test]
    fn a_server_that_serves_is_told_by_a_word_and_the_exit_code() {
        let (server, address) = Running::serve(SANDBOX);
        for service in ["", "liveness", "readiness", "smsmux.v1.MessageService"] {
            let ended = run(&mut smsmux(&["health", &address, "--service", service])).with(0);
            assert_eq!(ended.stdout, "SERVING\n", "{service:?}");
        }
        let ended = run(&mut smsmux(&["health", &address, "--service", "no.such.Service"])).with(1);
        assert_eq!(ended.stderr, "smsmux: unknown service \"no.such.Service\"\n");
        server.stop("TERM").with(0);
    }

    #[test]
    fn no_server_is_one_line_that_names_the_address() {
        let (free, _socket) = refusing();
        let ended = run(&mut smsmux(&["health", &free.to_string()])).with(1);
        assert_eq!(ended.stderr, format!("smsmux: cannot connect to {free}: is the server running?\n"));
    }
}

/// The lines below "the configuration has problems", each of which must be counted.
fn problems(ended: &Ended) -> Vec<&str> {
    let mut lines = ended.stderr.lines();
    let problems: Vec<_> = lines.by_ref().skip(1).map(str::trim_start).collect();
    let plural = if problems.len() == 1 { "" } else { "s" };
    let first = format!("smsmux: the configuration has {} problem{plural}:", problems.len());
    assert!(ended.stderr.starts_with(&first), "{ended:#?}");
    problems
}

/// A configuration file of its own.
struct File {
    path: PathBuf,
    _folder: TempDir,
}

impl File {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("smsmux.toml");
        fs::write(&path, text).expect("written");
        Self { path, _folder: folder }
    }

    fn path(&self) -> &str {
        self.path.to_str().expect("text")
    }
}
