//! `smsmux config` and `smsmux check --online`: a configuration to start from, its schema, and what vendors say of it.

use std::{collections::BTreeSet, fs};

use http::Request;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;
use smsmux::vendors::{PRESETS, REGISTRY};
use smsmux_sandbox::{Recorded, Sandbox, VENDORS};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::support::{
    loopback,
    pages::{blocks, rows},
    process::{Ended, run, smsmux},
};

/// A file with this content.
fn file(text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("smsmux.toml");
    fs::write(&path, text).unwrap();
    (folder, path.display().to_string())
}

fn vendors() -> impl Iterator<Item = &'static str> {
    REGISTRY.iter().map(|(name, ..)| *name).chain(PRESETS.iter().map(|(name, ..)| *name))
}

fn init(arguments: &[&str]) -> String {
    run(&mut smsmux(&[&["config", "init"], arguments].concat())).with(0).stdout
}

fn schema() -> Value {
    serde_json::from_str(&run(&mut smsmux(&["config", "schema"])).with(0).stdout).unwrap()
}

mod init {
    use super::*;

    fn accepted(text: &str) -> Ended {
        let (_folder, path) = file(text);
        run(&mut smsmux(&["check", "--config", &path])).with(0)
    }

    #[test]
    fn what_is_printed_is_accepted_for_each_vendor_and_for_all() {
        for vendor in vendors() {
            let checked = accepted(&init(&[vendor]));
            assert!(checked.stdout.contains(&format!("[accounts.{vendor}]")), "{checked:#?}");
        }
        let all: Vec<_> = vendors().chain(["--all"]).collect();
        accepted(&init(&all));
        assert_eq!(init(&[]), init(&["smsend"]));
    }

    #[test]
    fn the_defaults_that_are_commented_out_are_those_that_hold_without_them() {
        let text = init(&["smsend", "lox24", "ip1sms", "intelepeer", "smspartner", "--all"]);
        let (before, callers) = text.split_once("#[callers.NAME]").unwrap();
        let (_, accounts) = callers.split_once("\n\n").unwrap();
        let text = format!("{before}\n\n{accounts}");
        let is_default = |line: &&str| {
            line.strip_prefix('#').and_then(|line| line.split_once(" = ")).is_some_and(|(key, _)| !key.contains(' '))
        };
        let set: Vec<_> = text.lines().map(|line| if is_default(&line) { &line[1..] } else { line }).collect();
        assert!(set.iter().filter(|line| line.contains(" = ")).count() > 100, "{set:#?}");
        assert_eq!(accepted(&set.join("\n")).stdout, accepted(&text).stdout);
    }
}

mod schema {
    use super::*;

    /// The keys of an object.
    fn keys(object: &Value) -> BTreeSet<String> {
        object["properties"].as_object().unwrap_or_else(|| panic!("{object}")).keys().cloned().collect()
    }

    /// The keys of accounts at a vendor.
    fn account<'a>(schema: &'a Value, vendor: &str) -> &'a Value {
        let all = schema["properties"]["accounts"]["additionalProperties"]["allOf"].as_array().unwrap();
        let of = |one: &&Value| one["if"]["properties"]["vendor"]["const"] == vendor;
        &all.iter().find(of).unwrap_or_else(|| panic!("{vendor}"))["then"]
    }

    fn code(cell: &str) -> &str {
        cell.trim_start_matches('`').split('`').next().unwrap()
    }

    #[test]
    fn it_has_the_keys_of_the_documentation_and_no_others() {
        let schema = schema();
        let (mut documented, mut common) = (BTreeSet::new(), BTreeSet::new());
        for row in rows("docs/configuration.md", "key") {
            match code(&row[0]).strip_prefix("accounts.*.") {
                Some(key) => drop(common.insert(key.to_owned())),
                None => drop(documented.insert(code(&row[0]).to_owned())),
            }
        }
        let mut described = BTreeSet::new();
        for (section, object) in schema["properties"].as_object().unwrap() {
            let (object, path) = match section.as_str() {
                "accounts" | "senders" => continue,
                "callers" => (&object["additionalProperties"], "callers.*"),
                section => (object, section),
            };
            for key in keys(object) {
                assert!(object["properties"][&key]["description"].is_string(), "{path}.{key}");
                described.insert(format!("{path}.{key}"));
            }
        }
        assert_eq!(described, documented);
        for (vendor, ..) in REGISTRY {
            let rows = rows("docs/configuration.md", "vendor");
            let own = rows.iter().filter(|row| code(&row[0]) == *vendor).map(|row| code(&row[1]).to_owned());
            let expected: BTreeSet<_> = own.chain(common.iter().cloned()).collect();
            assert_eq!(keys(account(&schema, vendor)), expected, "{vendor}");
        }
    }

    /// What of a value a schema does not permit, as far as this reads schemas.
    fn faults(schema: &Value, value: &Value, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut fault = |text: String| found.push(format!("{path}: {text}"));
        if let Some(kind) = schema["type"].as_str() {
            let fits = match kind {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "integer" => value.is_i64(),
                _ => value.is_number(),
            };
            if !fits {
                fault(format!("is no {kind}"));
            }
        }
        if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
            fault("is none of the values".to_owned());
        }
        if schema.get("const").is_some_and(|only| only != value) {
            fault("is another value".to_owned());
        }
        let any = schema["anyOf"].as_array();
        if any.is_some_and(|any| any.iter().all(|one| !faults(one, value, path).is_empty())) {
            fault("fits nothing".to_owned());
        }
        for required in schema["required"].as_array().into_iter().flatten() {
            if value.get(required.as_str().unwrap()).is_none() {
                fault(format!("lacks {required}"));
            }
        }
        for one in schema["allOf"].as_array().into_iter().flatten() {
            if faults(&one["if"], value, path).is_empty() {
                found.extend(faults(&one["then"], value, path));
            }
        }
        for (key, inner) in value.as_object().into_iter().flatten() {
            let known = schema["properties"].get(key).or_else(|| schema.get("additionalProperties"));
            match known {
                Some(Value::Bool(false)) => found.push(format!("{path}.{key}: unknown key")),
                Some(known) => found.extend(faults(known, inner, &format!("{path}.{key}"))),
                None => {}
            }
        }
        for (at, inner) in value.as_array().into_iter().flatten().enumerate() {
            found.extend(faults(&schema["items"], inner, &format!("{path}[{at}]")));
        }
        found
    }

    fn faults_of(schema: &Value, text: &str) -> Vec<String> {
        let table: toml::Table = text.parse().unwrap();
        faults(schema, &serde_json::to_value(table).unwrap(), "")
    }

    #[test]
    fn the_configurations_of_the_pages_and_new_ones_fit_it() {
        let schema = schema();
        let mut seen = 0;
        for page in [
            "README.md",
            "docs/configuration.md",
            "docs/operations.md",
            "docs/webhooks.md",
            "docs/routes.md",
            "docs/consent.md",
        ] {
            for block in blocks(page).into_iter().filter(|block| block.language == "toml") {
                assert_eq!(faults_of(&schema, &block.text), Vec::<String>::new(), "{}", block.place);
                seen += 1;
            }
        }
        assert!(seen >= 5, "{seen}");
        let all: Vec<_> = vendors().chain(["--all"]).collect();
        assert_eq!(faults_of(&schema, &init(&all)), Vec::<String>::new());
    }

    #[test]
    fn what_the_server_rejects_does_not_fit_it() {
        let schema = schema();
        for (text, fault) in [
            ("[server]\nlissten = '127.0.0.1:0'", ".server.lissten: unknown key"),
            ("[nonsense]", ".nonsense: unknown key"),
            ("[accounts.a]\nvendor = 'carrier-pigeon'", ".accounts.a.vendor: is none of the values"),
            ("[accounts.a]\nvendor = 'lox24'\nusername = 'me'", ".accounts.a.username: unknown key"),
            ("[accounts.a]\nusername = 'me'", ".accounts.a: lacks \"vendor\""),
            ("[accounts.a]\nvendor = 'lox24'\ntoken = { environment = 'X' }", ".accounts.a.token: fits nothing"),
            ("[store]\nenabled = 1", ".store.enabled: is no boolean"),
            ("[store]\ndurability = 'paper'", ".store.durability: is none of the values"),
            ("[log]\nformat = 'xml'", ".log.format: is none of the values"),
            ("[guard]\nmode = 'perhaps'", ".guard.mode: is none of the values"),
            ("[senders]\nFR = 'nobody'", ".senders.FR: fits nothing"),
            ("[accounts.a]\nvendor = 'lox24'\nhttp2 = 'http2'", ".accounts.a.http2: is none of the values"),
            ("[accounts.a]\nvendor = 'smsend'\nlogin = 'cookie'", ".accounts.a.login: is none of the values"),
            ("[accounts.a]\nvendor = 'route'\nmode = 'stay'", ".accounts.a.mode: is none of the values"),
            ("[accounts.a]\nvendor = 'route'\non_unknown = 'ask'", ".accounts.a.on_unknown: is none of the values"),
        ] {
            let found = faults_of(&schema, text);
            assert!(found.iter().any(|found| found == fault), "{fault} in {found:?}");
            let (_folder, path) = file(text);
            run(&mut smsmux(&["check", "--config", &path])).with(64);
        }
    }

    #[test]
    fn the_values_that_it_offers_are_those_that_the_server_takes() {
        let schema = schema();
        let mut seen = 0;
        for (section, object) in schema["properties"].as_object().unwrap() {
            let values = |property: &Value| -> Vec<Value> {
                let any = property["anyOf"].as_array().into_iter().flatten();
                any.chain([property]).filter_map(|one| one["enum"].as_array()).flatten().cloned().collect()
            };
            for (key, property) in object["properties"].as_object().into_iter().flatten() {
                for value in values(property) {
                    let (_folder, path) =
                        file(&format!("[{section}]\n{key} = {value}\n[accounts.a]\nvendor = 'lox24'\ntoken = '1:a'\n"));
                    run(&mut smsmux(&["check", "--config", &path])).with(0);
                    seen += 1;
                }
            }
        }
        // The levels, the formats of the log, what a record survives, and the modes of the guard.
        assert!(seen >= 6 + 2 + 2 + 3, "{seen}");
        let scopes = &schema["properties"]["callers"]["additionalProperties"]["properties"]["scopes"]["items"];
        assert!(scopes["anyOf"][0]["enum"].as_array().unwrap().contains(&"MessageService".into()), "{scopes}");
    }
}

mod online {
    use super::*;

    /// Stand-ins of all vendors, and a configuration with an account at each.
    async fn stand_ins() -> (Vec<Sandbox>, String) {
        let (mut running, mut text) = (Vec::new(), String::new());
        for vendor in VENDORS {
            let sandbox = Sandbox::start(vendor, loopback()).await.unwrap();
            text += &format!("[accounts.{vendor}]\nvendor = '{vendor}'\nbase_url = '{}'\n", sandbox.base_url());
            text.extend(sandbox.credentials().iter().map(|(key, value)| format!("{key} = '{value}'\n")));
            running.push(sandbox);
        }
        (running, text)
    }

    async fn check(text: &str, more: &'static [&'static str]) -> Ended {
        let (folder, path) = file(text);
        let checked = spawn_blocking(move || run(smsmux(&["check", "--online", "--config", &path]).args(more)));
        let checked = checked.await.unwrap();
        drop(folder);
        checked
    }

    #[tokio::test]
    async fn each_vendor_is_asked_and_nothing_is_changed() {
        let (sandboxes, text) = stand_ins().await;
        let route = "[accounts.main]\nvendor = 'route'\nrules = [{ use = ['lox24'] }]\n";
        let ended = check(&format!("{text}{route}"), &[]).await.with(0);
        assert_eq!(ended.stdout.matches("login: good").count(), VENDORS.len(), "{ended:#?}");
        assert!(ended.stdout.contains("  left: 120.1 EUR"), "{ended:#?}");
        for sandbox in &sandboxes {
            let requests = sandbox.requests();
            assert!(!requests.is_empty(), "{}", sandbox.vendor());
            // IntelePeer is asked for the records of messages by a POST.
            let is_read = |request: &&Recorded| request.method == "GET" || request.path.ends_with("/mdr");
            let others: Vec<_> = requests.iter().filter(|request| !is_read(request)).collect();
            assert!(others.is_empty(), "{others:#?}");
        }
        let ended = check(&text, &["--output", "json"]).await.with(0);
        let document: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(document["accounts"].as_array().unwrap().len(), VENDORS.len());
        assert!(document["accounts"].as_array().unwrap().iter().all(|account| account["ok"] == true), "{document}");
    }

    #[tokio::test]
    async fn where_a_vendor_pushes_is_told_without_the_token() {
        const TOKEN: &str = "0123456789abcdef0123456789abcdef";
        let intelepeer = Sandbox::start("intelepeer", loopback()).await.unwrap();
        let credentials: String =
            intelepeer.credentials().iter().map(|(key, value)| format!("{key} = '{value}'\n")).collect();
        let text = format!(
            "[webhooks]\nlisten = '127.0.0.1:0'\npublic_url = 'https://sms.example.com/hooks'\n\
             [accounts.us]\nvendor = 'intelepeer'\nbase_url = '{}'\nwebhook_tokens = ['{TOKEN}']\n\
             webhook_numbers = ['+17208675309', '+17208675310']\n{credentials}",
            intelepeer.base_url()
        );
        let registered = async |more| {
            let ended = check(&text, more).await.with(0);
            assert!(!ended.all().contains(TOKEN), "{ended:#?}");
            ended.stdout
        };
        let page = registered(&[]).await;
        assert!(page.contains("+17208675309: nothing"), "{page}");
        assert!(page.contains("+17208675310: another address, at https://www.intelepeer.com"), "{page}");
        let own = format!("https://sms.example.com/hooks/us/{TOKEN}");
        let url = format!("{}/sms/v1/+17208675310/webhook", intelepeer.base_url());
        let (_, token) = intelepeer.credentials().iter().find(|(key, _)| *key == "token").unwrap();
        let body = serde_json::json!({ "webhook": own }).to_string();
        let set = Request::post(url).header("authorization", format!("Bearer {token}"));
        let set = set.header("content-type", "application/json").body(body).unwrap();
        let answer = Client::builder(TokioExecutor::new()).build_http().request(set).await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        let document: Value = serde_json::from_str(&registered(&["--output", "json"]).await).unwrap();
        let places = &document["accounts"][0]["registered"];
        assert_eq!(places[0]["isCurrent"], false, "{document}");
        assert_eq!(
            (&places[1]["isCurrent"], &places[1]["origin"]),
            (&true.into(), &"https://sms.example.com".into()),
            "{document}"
        );
    }

    #[tokio::test]
    async fn a_credential_that_is_rejected_has_an_exit_code_and_is_not_shown() {
        let (sandboxes, text) = stand_ins().await;
        for (key, value) in sandboxes.iter().find(|sandbox| sandbox.vendor() == "lox24").unwrap().credentials() {
            let text = text.replace(&format!("{key} = '{value}'"), &format!("{key} = '1:hunter2'"));
            let ended = check(&text, &[]).await.with(1);
            assert!(ended.stdout.contains("login: ACCOUNT_CREDENTIAL_REFUSED"), "{ended:#?}");
            assert!(ended.stderr.contains("1 of 5 accounts"), "{ended:#?}");
            assert!(!ended.all().contains("hunter2"), "{ended:#?}");
        }
    }
}
