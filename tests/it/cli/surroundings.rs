//! Where values come from: variables, files of secrets, and the mistakes in them.

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
