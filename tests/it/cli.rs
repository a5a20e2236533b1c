//! The command line as somebody meets it who has just installed smsmux.

mod json;

use std::{fs, io, net::TcpListener, path::PathBuf, process::Stdio};

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

mod configuration {
    use super::*;

    #[test]
    fn a_missing_file_is_one_line_that_names_it() {
        let ended = run(&mut smsmux(&["serve", "--config", "no/such.toml"])).with(64);
        assert_eq!(problems(&ended).len(), 1, "{ended:#?}");
        assert!(problems(&ended)[0].starts_with("no/such.toml: cannot be read"), "{ended:#?}");
    }

    #[test]
    fn bad_syntax_is_told_with_its_line_and_without_its_text() {
        let file = File::new("[accounts.acme]\nvendor = \"smsend\"\npassword = hunter2\n");
        let ended = run(&mut smsmux(&["serve", "--config", file.path()])).with(64);
        assert!(problems(&ended)[0].contains(".toml: line 3: "), "{ended:#?}");
        assert!(!ended.all().contains("hunter2"), "{ended:#?}");
    }

    #[test]
    fn every_problem_is_listed_with_its_path() {
        let file = File::new(
            r#"
            [server]
            listen = "somewhere"
            lissten = "127.0.0.1:0"
            [nonsense]
            [accounts.acme]
            vendor = "smsend"
            password = { env = "SURELY_NOT_SET" }
            base_url = "http://sms.example.com"
            colour = "red"
            [accounts.Acme_2]
            vendor = "smsend"
            username = "me"
            password = "hunter2"
            [accounts.phones]
            vendor = "carrier-pigeon"
            [accounts.nobody]
            username = "me"
            "#,
        );
        let mut command = smsmux(&["serve", "--config", file.path()]);
        command.env("SMSMUX_SERVER_DRAIN_TIMEOUT", "0s");
        let ended = run(&mut command).with(64);
        for (path, part) in [
            ("server.listen", "IP address"),
            ("server.lissten", "unknown key"),
            ("server.drain_timeout", "longer than 0s"),
            ("nonsense", "unknown section"),
            ("accounts.acme.username", "is required"),
            ("accounts.acme.password", "SURELY_NOT_SET is not set"),
            ("accounts.acme.base_url", "clear text"),
            ("accounts.acme.colour", "unknown key"),
            ("accounts.Acme_2", "invalid account id"),
            ("accounts.phones.vendor", "invalid vendor \"carrier-pigeon\""),
            ("accounts.nobody.vendor", "is required"),
        ] {
            let path = format!("{path}: ");
            let found = problems(&ended).iter().any(|p| p.starts_with(&path) && p.contains(part));
            assert!(found, "{path}{part} in {ended:#?}");
        }
        assert_eq!(problems(&ended).len(), 11, "{ended:#?}");
        assert!(!ended.all().contains("hunter2"), "{ended:#?}");
    }

    #[test]
    fn a_bad_configuration_is_told_before_a_taken_port() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let ended = run(&mut smsmux(&["serve", "--listen", &address])).with(64);
        assert!(!ended.stderr.contains("cannot listen"), "{ended:#?}");
    }

    #[test]
    fn no_accounts_come_with_advice() {
        let ended = run(&mut smsmux(&["serve"])).with(64);
        assert_eq!(problems(&ended).len(), 1, "{ended:#?}");
        for advice in ["--config", "SMSMUX_ACCOUNTS_", "smsmux serve --sandbox"] {
            assert!(problems(&ended)[0].contains(advice), "{ended:#?}");
        }
    }

    #[test]
    fn a_key_that_is_not_known_comes_with_all_that_are() {
        let file = File::new("[accounts.acme]\nvendor = 'smsend'\nusername = 'me'\npasswort = 'hunter2'\n");
        let ended = run(&mut smsmux(&["check", "--config", file.path()])).with(64);
        let problem = problems(&ended).into_iter().find(|p| p.starts_with("accounts.acme.passwort: "));
        let problem = problem.unwrap_or_else(|| panic!("{ended:#?}"));
        for key in ["base_url", "password", "token", "username", "vendor"] {
            assert!(problem.contains(key), "{key} in {problem}");
        }
        assert!(!ended.all().contains("hunter2"), "{ended:#?}");
    }

    #[test]
    fn an_address_with_a_password_in_it_is_refused_and_not_repeated() {
        for url in ["https://me:hunter2@sms.example.com", "https://sms.example.com/?key=hunter2"] {
            let file = File::new(&format!(
                "[accounts.acme]\nvendor = 'smsend'\nusername = 'me'\npassword = 'x'\nbase_url = '{url}'\n"
            ));
            let ended = run(&mut smsmux(&["check", "--config", file.path()])).with(64);
            assert!(problems(&ended)[0].starts_with("accounts.acme.base_url: "), "{ended:#?}");
            assert!(!ended.all().contains("hunter2"), "{ended:#?}");
        }
    }

    #[test]
    fn check_prints_what_holds_with_defaults_and_no_secret() {
        let secret = File::new("from-a-file\n");
        let file = File::new(&format!(
            r#"
            [server]
            listen = "127.0.0.1:7"
            [accounts.plain]
            vendor = "smsend"
            username = "me"
            password = "from-plain-text"
            [accounts.environment]
            vendor = "smsend"
            username = "me"
            password = {{ env = "ACME_PASSWORD" }}
            [accounts.file]
            vendor = "smsend"
            token = {{ file = "{}" }}
            "#,
            secret.path()
        ));
        fs::write(secret.path(), "from-a-file;KEY-from-a-file\n").unwrap();
        let mut check = smsmux(&["check", "--config", file.path()]);
        let ended = run(check.env("ACME_PASSWORD", "from-environment")).with(0);
        let shown: toml::Table = ended.stdout.parse().expect("TOML");
        assert_eq!(shown["server"]["listen"].as_str(), Some("127.0.0.1:7"));
        assert_eq!(shown["server"]["drain_timeout"].as_str(), Some("25s"));
        assert_eq!(shown["log"]["level"].as_str(), Some("info"));
        for account in ["plain", "environment"] {
            let account = &shown["accounts"][account];
            assert_eq!(account["password"].as_str(), Some("***"));
            assert_eq!(account["username"].as_str(), Some("me"));
            let url = account["base_url"].as_str().expect("the vendor's address");
            assert!(url.starts_with("https://"), "{url}");
        }
        assert_eq!(shown["accounts"]["file"]["token"].as_str(), Some("***"));
        for secret in ["from-plain-text", "from-environment", "from-a-file"] {
            assert!(!ended.all().contains(secret), "{ended:#?}");
        }
    }

    #[test]
    fn the_environment_beats_the_file() {
        let file = File::new("[accounts.acme]\nvendor = 'smsend'\nusername = 'of-the-file'\npassword = 'x'\n");
        let mut check = smsmux(&["check", "--config", file.path()]);
        check.env("SMSMUX_ACCOUNTS_ACME_USERNAME", "of-the-environment");
        let shown: toml::Table = run(&mut check).with(0).stdout.parse().expect("TOML");
        assert_eq!(shown["accounts"]["acme"]["username"].as_str(), Some("of-the-environment"));
    }

    #[test]
    fn a_flag_beats_the_environment() {
        let mut command = smsmux(&["serve", "--sandbox", "--listen", "127.0.0.1:0", "--log-format", "json"]);
        command.env("SMSMUX_SERVER_LISTEN", "127.0.0.2:0").env("SMSMUX_LOG_FORMAT", "text");
        let mut server = Running::start(&mut command);
        let address = server.until(|line| {
            let line: serde_json::Value = serde_json::from_str(line).expect("--log-format json");
            let address = line["address"].as_str().map(str::to_owned);
            address.filter(|_| line["message"] == "serving")
        });
        assert!(address.starts_with("127.0.0.1:"), "{address}");
    }

    #[test]
    fn the_environment_alone_will_do() {
        let mut command = smsmux(&["serve"]);
        for (name, value) in [
            ("SMSMUX_SERVER_LISTEN", "127.0.0.1:0"),
            ("SMSMUX_ACCOUNTS_ACME_VENDOR", "smsend"),
            ("SMSMUX_ACCOUNTS_ACME_USERNAME", "me"),
            ("SMSMUX_ACCOUNTS_ACME_PASSWORD", "hunter2"),
        ] {
            command.env(name, value);
        }
        let mut server = Running::start(&mut command);
        server.until(crate::support::process::serving);
        let ended = server.stop("TERM").with(0);
        assert!(!ended.all().contains("hunter2"), "{ended:#?}");
    }
}

mod surroundings {
    use super::*;

    const ACCOUNT: &str = "[accounts.virtual]\nvendor = 'ip1sms'\nusername = 'ip1-1'\napi_key = 'k'\n";

    /// What is wrong with an account beside these keys.
    fn problems_of(keys: &str) -> Vec<String> {
        let file = File::new(&format!("[accounts.us]\nvendor = 'intelepeer'\n{keys}\n"));
        let ended = run(&mut smsmux(&["check", "--config", file.path()])).with(64);
        problems(&ended).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_service_beside_the_pod_is_no_configuration() {
        let file = File::new(ACCOUNT);
        let mut check = smsmux(&["check", "--config", file.path()]);
        for service in ["METRICS", "SERVER", "ACCOUNTS"] {
            for (suffix, value) in [
                ("SERVICE_HOST", "10.0.0.1"),
                ("SERVICE_PORT", "9464"),
                ("SERVICE_PORT_METRICS", "9464"),
                ("PORT", "tcp://10.0.0.1:9464"),
                ("PORT_9464_TCP", "tcp://10.0.0.1:9464"),
                ("PORT_9464_TCP_PROTO", "tcp"),
                ("PORT_9464_TCP_PORT", "9464"),
                ("PORT_9464_TCP_ADDR", "10.0.0.1"),
            ] {
                check.env(format!("SMSMUX_{service}_{suffix}"), value);
            }
        }
        run(&mut check).with(0);
    }

    #[test]
    fn an_empty_variable_is_as_one_that_is_not_set() {
        let file = File::new(ACCOUNT);
        let mut check = smsmux(&["check", "--config", file.path()]);
        for name in ["SMSMUX_SERVER_LISTEN", "SMSMUX_CONFIG", "SMSMUX_ACCOUNTS_VIRTUAL_API_KEY", "SMSMUX_LOG_LEVEL"] {
            check.env(name, "");
        }
        run(&mut check).with(0);
        let ended = run(smsmux(&["check"]).env("SMSMUX_CONFIG", "")).with(64);
        assert!(problems(&ended)[0].starts_with("accounts: none are configured"), "{ended:#?}");
        let shown = run(smsmux(&["check"]).env("SMSMUX_CONFIG", file.path())).with(0);
        assert!(shown.stdout.contains("[accounts.virtual]"), "{shown:#?}");
    }

    #[test]
    fn a_secret_with_a_line_feed_at_its_end_is_cleaned_and_one_in_its_midst_is_refused() {
        let file = File::new("[accounts.us]\nvendor = 'intelepeer'\ntoken = { env = 'IP_TOKEN' }\n");
        for (token, code) in [("tok\n", 0), ("\u{feff}tok\r\n", 0), ("to\nk", 64), ("tok\t", 64), ("\n", 64)] {
            let ended = run(smsmux(&["check", "--config", file.path()]).env("IP_TOKEN", token)).with(code);
            assert!(code == 0 || problems(&ended)[0].starts_with("accounts.us.token: "), "{token:?}: {ended:#?}");
            let mut by_environment = smsmux(&["check"]);
            by_environment.env("SMSMUX_ACCOUNTS_US_VENDOR", "intelepeer").env("SMSMUX_ACCOUNTS_US_TOKEN", token);
            run(&mut by_environment).with(code);
        }
    }

    #[test]
    fn a_word_that_is_no_level_is_refused_wherever_it_is_from() {
        let file = File::new(&format!("{ACCOUNT}[log]\nlevel = 'warning'\n"));
        for command in [
            smsmux(&["check", "--config", file.path()]).env("OTHER", ""),
            smsmux(&["serve", "--sandbox", "--log-level", "warning"]).env("OTHER", ""),
            smsmux(&["serve", "--sandbox"]).env("SMSMUX_LOG_LEVEL", "Warning"),
        ] {
            let ended = run(command).with(64);
            let problem = problems(&ended)[0];
            assert!(problem.starts_with("log.level: ") && problem.contains("\"warn\""), "{ended:#?}");
        }
    }

    #[test]
    fn an_address_to_listen_on_is_refused_with_the_right_one() {
        for (listen, right) in [("localhost:50051", "127.0.0.1:50051"), (":50051", "0.0.0.0:50051")] {
            let file = File::new(&format!("{ACCOUNT}[server]\nlisten = '{listen}'\n"));
            let ended = run(&mut smsmux(&["check", "--config", file.path()])).with(64);
            assert!(problems(&ended)[0].contains(right), "{ended:#?}");
            let ended = run(&mut smsmux(&["serve", "--sandbox", "--listen", listen])).with(2);
            assert!(ended.stderr.contains(right), "{ended:#?}");
        }
    }

    #[test]
    fn one_mistake_is_one_problem() {
        for (keys, path) in [
            ("token = 't'\nbase_url = 'api.example.com'", "accounts.us.base_url"),
            ("token = 't'\nattempt_timeout = '0s'", "accounts.us.attempt_timeout"),
            ("token = 't'\ncall_timeout = '0s'", "accounts.us.call_timeout"),
            ("token = 't'\nattempt_timeout = 'sixty'\nconnect_timeout = '20s'", "accounts.us.attempt_timeout"),
            ("token = 't'\nca_file = '/no/such'", "accounts.us.ca_file"),
            ("token = \"t\\u0000\"", "accounts.us.token"),
            ("token = 't'\n[server]\ntls_certificate = 5\ntls_key = '/no/such'", "server.tls_certificate"),
            ("token = 't'\n[server]\nlisten = '0.0.0.0:0'\n[callers]\nbilling = 5", "callers.billing"),
            (
                "token = 't'\n[accounts.other]\n[callers.b]\ncertificate = 'b'\nscopes = ['*']\naccounts = ['other']",
                "accounts.other.vendor callers.b.certificate",
            ),
        ] {
            let found = problems_of(keys);
            let mut found: Vec<_> = found.iter().filter_map(|problem| problem.split(": ").next()).collect();
            found.sort_unstable();
            assert_eq!(found.join(" "), path, "{keys}");
        }
        // And what is wrong beside it is told too.
        let found = problems_of("token = 't'\nbase_url = 'api.example.com'\nca_file = '/no/such'");
        assert_eq!(found.len(), 2, "{found:#?}");
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
            Some(rest.split(';').next()?.to_owned())
        });
        demo.until(|line| line.contains("MessageService/SendMessage").then_some(()));
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
