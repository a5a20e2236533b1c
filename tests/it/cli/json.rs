//! The results and errors of commands as JSON.

use serde_json::Value;

use super::*;

/// What is saved as it is printed, or goes on until it is stopped.
const OTHERS: [&str; 7] = ["serve", "demo", "config init", "config schema", "consent export", "completions", "man"];

fn document(arguments: &[&str]) -> Value {
    let ended = run(&mut smsmux(&[arguments, &["--output", "json"]].concat())).with(0);
    serde_json::from_str(&ended.stdout).unwrap_or_else(|e| panic!("{e}: {ended:#?}"))
}

/// The commands below this one that have none below them, each with its help.
fn commands(path: &[&str]) -> Vec<(String, String)> {
    let help = run(&mut smsmux(&[path, &["--help"]].concat())).with(0).stdout;
    let Some((_, list)) = help.split_once("\nCommands:\n") else { return vec![(path.join(" "), help)] };
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.split_whitespace().next().filter(|_| !line.starts_with("    ")));
    names.filter(|name| *name != "help").flat_map(|name| commands(&[path, &[name]].concat())).collect()
}

#[test]
fn every_command_that_prints_results_prints_them_as_json() {
    let commands = commands(&[]);
    assert!(commands.len() > 20, "{commands:?}");
    for (command, help) in &commands {
        assert_eq!(help.contains("--output <FORMAT>"), !OTHERS.contains(&&**command), "{command}: {help}");
    }
    for other in OTHERS {
        assert!(commands.iter().any(|(command, _)| command == other), "{other}");
    }
}

#[test]
fn what_a_configuration_comes_to_is_a_document() {
    const TOKEN: &str = "0123456789abcdef0123456789abcdef";
    let file = File::new(&format!(
        "[webhooks]\nlisten = '127.0.0.1:0'\npublic_url = 'https://sms.example.com/hooks'\n\
         [accounts.phones]\nvendor = 'lox24'\ntoken = '1:a'\nwebhook_tokens = ['{TOKEN}']\n\
         [accounts.main]\nvendor = 'route'\nrules = [{{ use = ['phones'] }}]\n"
    ));
    let webhooks = document(&["webhooks", "--config", file.path()]);
    let [webhook] = &webhooks["webhooks"].as_array().unwrap()[..] else { panic!("{webhooks}") };
    assert_eq!(webhook["account"], "accounts/phones");
    assert_eq!(webhook["url"], format!("https://sms.example.com/hooks/phones/{TOKEN}"));
    assert!(!webhook["instructions"].as_array().unwrap().is_empty(), "{webhooks}");
    let explained = document(&["explain", "--config", file.path(), "--to", "+4915123456789", "--text", "Hi"]);
    assert_eq!(explained["decisions"][0]["accounts"][0], "accounts/phones", "{explained}");
    assert_eq!(explained["segmentCount"], 1, "{explained}");
}

#[test]
fn a_key_is_in_one_document_with_what_the_configuration_needs() {
    let made = document(&["key", "new", "billing", "--scope", "MessageService"]);
    assert!(made["key"].as_str().unwrap().starts_with("smsmux_billing_"), "{made}");
    let caller = &made["callers"]["billing"];
    assert!(caller["key"].as_str().unwrap().starts_with("hmac-sha256:"), "{made}");
    assert_eq!(caller["scopes"], serde_json::json!(["MessageService"]));
}

#[test]
fn the_health_of_a_server_is_a_document_also_if_it_is_not_good() {
    let (server, address) = Running::serve(SANDBOX);
    assert_eq!(document(&["health", &address]), serde_json::json!({ "status": "SERVING" }));
    server.stop("TERM").with(0);
    let ended = run(&mut smsmux(&["health", &address, "--output", "json"])).with(1);
    let error: Value = serde_json::from_str(&ended.stderr).unwrap();
    assert!(error["error"]["message"].as_str().unwrap().contains("is the server running?"), "{error}");
}

#[test]
fn a_stand_in_is_a_document() {
    let mut sandbox = Running::start(&mut smsmux(&["sandbox", "lox24", "--port", "0", "--output", "json"]));
    let told: Value = sandbox.until(|line| serde_json::from_str(line).ok());
    let stand_in = &told["standIns"][0];
    assert_eq!(stand_in["vendor"], "lox24");
    assert!(stand_in["baseUrl"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{told}");
    assert!(stand_in["credentials"]["token"].is_string(), "{told}");
    sandbox.stop("INT").with(0);
}

#[test]
fn the_problems_of_a_configuration_are_listed_with_their_places() {
    let file = File::new("[accounts.phones]\nvendor = 'lox24'\n[server]\nlissten = '127.0.0.1:0'\n");
    let ended = run(&mut smsmux(&["check", "--config", file.path(), "--output", "json"])).with(64);
    let error: Value = serde_json::from_str(&ended.stderr).unwrap_or_else(|e| panic!("{e}: {ended:#?}"));
    let problems = error["error"]["problems"].as_array().unwrap();
    let places: Vec<_> = problems.iter().map(|problem| problem["path"].as_str().unwrap()).collect();
    assert_eq!(places, ["server.lissten", "accounts.phones.token"], "{error}");
}
