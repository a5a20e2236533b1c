//! The configuration as a whole.

use std::time::Duration;

use super::*;

fn load(toml: &str, environment: &[(&str, &str)]) -> (Config, Vec<String>) {
    let mut problems = Problems::new();
    let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).into()));
    let mut table = toml.parse().expect("TOML");
    overlay(&mut table, environment, &mut problems);
    let config = Config::new(table, &mut problems);
    (config, problems.iter().map(ToString::to_string).collect())
}

#[test]
fn nothing_set_means_defaults_and_no_accounts() {
    let (config, problems) = load("", &[]);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:50051");
    assert_eq!((config.log.level.as_str(), config.accounts.len()), ("info", 0));
}

#[test]
fn every_problem_is_found_with_its_path() {
    let (_, problems) = load(
        r#"
        nonsense = 1
        [server]
        listen = "here"
        call_timeout = "soon"
        max_request_bytes = 10
        max_buffered_request_bytes = 9
        listne = "x"
        [log]
        format = "xml"
        [accounts.Bad_Name]
        vendor = "smsend"
        [accounts.acme]
        "#,
        &[("SMSMUX_ACCOUNTS_ACME_COLOUR", "red")],
    );
    for path in [
        "nonsense",
        "server.listen",
        "server.call_timeout",
        "server.max_buffered_request_bytes",
        "server.listne",
        "log.format",
    ] {
        assert!(problems.iter().any(|p| p.starts_with(&format!("{path}: "))), "{path} in {problems:#?}");
    }
    for path in ["accounts.Bad_Name", "accounts.acme.vendor", "SMSMUX_ACCOUNTS_ACME_COLOUR"] {
        assert!(problems.iter().any(|p| p.starts_with(&format!("{path}: "))), "{path} in {problems:#?}");
    }
}

#[test]
fn the_environment_beats_the_file() {
    let (mut config, problems) = load(
        "[server]\nmax_concurrent_streams = 5\ncall_timeout = '1s'\n[accounts.my-acme]\nvendor = 'x'",
        &[
            ("SMSMUX_SERVER_MAX_CONCURRENT_STREAMS", "7"),
            ("SMSMUX_ACCOUNTS_MY_ACME_API_KEY", "k3y"),
            ("SMSMUX_ACCOUNTS_OTHER_VENDOR", "y"),
            ("SMSMUX_CONFIG", "ignored"),
            ("OTHER_SERVER_LISTEN", "ignored"),
        ],
    );
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(config.server.max_concurrent_streams, 7);
    assert_eq!(config.server.call_timeout, Duration::from_secs(1));
    assert_eq!(config.accounts["other"].vendor, "y");
    let account = config.accounts.get_mut("my-acme").expect("the account");
    let key: Option<Secret> = account.keys.optional("api_key", &mut Problems::new());
    assert_eq!(key.as_ref().map(Secret::expose), Some("k3y"));
    assert!(!config.effective().contains("k3y"), "{}", config.effective());
}

#[test]
fn the_effective_configuration_is_a_configuration() {
    let rules = "rules = [{ to = 'FR', use = ['a'] }, { use = { a = 60, b = 40 }, then = ['c'] }]";
    let accounts = ["a", "b", "c"].map(|id| format!("[accounts.{id}]\nvendor = 'lox24'\n")).concat();
    let (config, problems) = load(&format!("{accounts}[accounts.main]\nvendor = 'route'\n{rules}\n"), &[]);
    assert_eq!(problems, Vec::<String>::new());
    let shown: toml::Table = config.effective().parse().expect("TOML");
    let given: toml::Table = rules.parse().expect("TOML");
    assert_eq!(shown["accounts"]["main"]["rules"], given["rules"]);
}

#[test]
fn plain_http_is_for_loopback_or_on_request() {
    for (account, right) in [
        ("base_url = 'http://127.0.0.1:8080/api/'", true),
        ("base_url = 'http://vendor.internal'", false),
        ("base_url = 'http://vendor.internal'\nallow_plaintext = true", true),
        ("base_url = 'vendor'", false),
        ("connect_timeout = '20s'", false),
        ("", true),
    ] {
        let (mut config, _) = load(&format!("[accounts.a]\nvendor = 'x'\n{account}"), &[]);
        let mut problems = Problems::new();
        let account_config = config.accounts.get_mut("a").expect("the account");
        let endpoint = account_config.endpoint("https://api.example.com", &mut problems);
        assert_eq!(problems.is_empty(), right, "{account}: {problems:?}");
        assert!(!endpoint.base_url.ends_with('/'));
    }
}
