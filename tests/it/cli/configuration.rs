//! The problems of a configuration, and what holds.

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
