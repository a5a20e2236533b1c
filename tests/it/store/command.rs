//! `smsmux store`, beside a running server.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::Command,
};

use serde_json::Value;
use smsmux::api::pb::{GetMessageRequest, message_service_client::MessageServiceClient};
use tonic::Code;

use crate::{
    crash::rig::{Gateway, Sent, Stand, is_replayed, send},
    support::{
        NUMBER, in_time, pause,
        process::{Ended, smsmux},
    },
};

/// The number that the rig sends to at LOX24.
const OTHER: &str = "+4915123456789";

/// The HMAC-SHA-256 of the digits of the imported number.
const PARTNER_S: &str = "b91fc872a46e9cb96c4f36e3e12ba7e62db6a0a1de2c6d2bac722eda0c9cb84e";

/// `smsmux store` with these arguments.
fn command(config: &Path, arguments: &[&str]) -> Command {
    let mut command = smsmux(&["store", "--config"]);
    command.arg(config).args(arguments).env_remove("SMSMUX_STORE_PATH");
    command
}

/// Runs it with this input.
fn run_with(mut command: Command, input: &str) -> Ended {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(input.as_bytes()).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    let output = command.stdin(file).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let ended = Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
    assert!(!ended.all().contains("panicked"), "{ended:#?}");
    ended
}

/// Runs it in a thread of its own, as the server may need this one.
async fn store(config: &Path, arguments: &[&str]) -> Ended {
    let command = command(config, arguments);
    in_time(tokio::task::spawn_blocking(|| run_with(command, ""))).await.unwrap()
}

fn json(ended: Ended) -> Value {
    serde_json::from_str(&ended.with(0).stdout).unwrap()
}

/// A gateway that has sent four messages, two at each vendor.
async fn sent(stand: &Stand) -> (Gateway, Vec<Sent>) {
    let gateway = Gateway::start(&stand.config).await;
    let sent: Vec<_> = (0..4).map(|_| stand.next()).collect();
    for message in &sent {
        send(&gateway.channel, message).await.expect("sent");
    }
    (gateway, sent)
}

async fn get(gateway: &Gateway, account: &str, (_, id): &Sent) -> Result<(), Code> {
    let name = format!("accounts/{account}/messages/{id}");
    let mut messages = MessageServiceClient::new(gateway.channel.clone());
    messages.get_message(GetMessageRequest { name }).await.map(drop).map_err(|status| status.code())
}

/// What both engines do.
async fn looks_after(stand: &Stand) {
    let (gateway, sent) = sent(stand).await;
    let config = &*stand.config;

    let stats = json(store(config, &["stats", "--output", "json"]).await);
    assert!(stats["newest"].is_string() && stats["bytes"].as_u64() > Some(0), "{stats}");
    let checked = json(store(config, &["check", "--output", "json"]).await);
    assert_eq!((&checked["rows"]["write"], &checked["problems"]), (&4.into(), &Value::Array(vec![])), "{checked}");
    let said = store(config, &["check"]).await.with(0).stdout;
    assert!(said.contains("write: 4 rows") && said.ends_with("no damage was found\n"), "{said}");
    let said = store(config, &["stats"]).await.with(0).stdout;
    assert!(said.contains("  oldest write: 20"), "{said}");

    let exported = async |arguments: &[&str]| {
        let lines = store(config, &[&["export"], arguments].concat()).await.with(0).stdout;
        let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect::<Vec<Value>>()
    };
    let lines = exported(&[]).await;
    let names: Vec<_> = lines.iter().map(|line| line["name"].as_str().unwrap()).collect();
    let expected = ["lox24/messages/m-3", "smsend/messages/m-2", "lox24/messages/m-1", "smsend/messages/m-0"];
    assert_eq!(names, expected.map(|name| format!("accounts/{name}")), "newest first");
    assert_eq!(lines[1]["recipients"][0]["to"], NUMBER);
    assert!(lines.iter().all(|line| line.get("text").is_none()), "{lines:?}");
    assert_eq!(exported(&["--account", "lox24"]).await.len(), 2);
    assert_eq!(exported(&["--from", "2999-01-01"]).await.len(), 0);
    assert_eq!(exported(&["--until", "2999-01-01T00:00:00Z", "--from", "2020-01-01"]).await.len(), 4);

    // Neither the output nor an error quotes a number.
    let said = store(config, &["purge", "--number", OTHER]).await.with(0);
    assert_eq!(said.stdout, "2 messages to 1 numbers were erased\n");
    let wrong = store(config, &["purge", "--number", "0151 23456789"]).await.with(1);
    assert!(wrong.stderr.contains("the number is not in E.164 form") && !wrong.all().contains("0151"), "{wrong:?}");
    store(config, &["purge"]).await.with(1);
    assert_eq!(get(&gateway, "lox24", &sent[1]).await, Err(Code::NotFound));
    get(&gateway, "smsend", &sent[0]).await.expect("not erased");
    // It stays known that it was sent.
    assert_eq!(send(&gateway.channel, &sent[1]).await.expect_err("erased").code(), Code::AlreadyExists);
    let command = command(config, &["purge", "--output", "json"]);
    let purged = tokio::task::spawn_blocking(|| run_with(command, &format!("{OTHER}\n\n{NUMBER}\n"))).await.unwrap();
    assert_eq!(json(purged), serde_json::json!({ "numbers": 2, "messages": 2 }));
    assert_eq!(exported(&[]).await.len(), 0);
    stand.nothing_was_sent_twice();
    gateway.kill().await;
}

/// Imports who opted out beside a server, which has it soon.
async fn imports(stand: &Stand) {
    let (config, gateway) = (&*stand.config, Gateway::start(&stand.config).await);
    let consent = async |arguments: &[&str], input: &'static str| {
        let mut command = smsmux(&["consent", "--config"]);
        command.arg(config).args(arguments).env_remove("SMSMUX_STORE_PATH");
        in_time(tokio::task::spawn_blocking(|| run_with(command, input))).await.unwrap()
    };
    let lines =
        "phone_number,time,blocked\n+393471234567,2026-05-03,true\n12,,\n+393471234567,,\n+4915123456789,,false\n";
    let said = consent(&["import"], lines).await.with(1);
    let expected =
        ["1 would be imported; nothing was changed", "1 known already", "1 not taken", "1 unreadable\n  line 3: "];
    assert!(expected.iter().all(|text| said.stdout.contains(text)), "{said:?}");
    assert_eq!(consent(&["export"], "").await.with(0).stdout, "");
    let said = consent(&["import", "--apply"], lines).await.with(1);
    assert!(said.stdout.contains("1 were imported\n1 known already"), "{said:?}");
    let again = "{\"phone_number\": \"+393471234567\"}\n";
    let said = consent(&["import", "--apply", "--form", "jsonl", "--output", "json"], again).await.with(0);
    let counts = serde_json::json!({ "applied": true, "new": 0, "known": 1, "notTaken": 0, "unreadable": [] });
    assert_eq!(json(said), counts);
    let exported = consent(&["export"], "").await.with(0).stdout;
    assert!(
        exported.starts_with("phone_number,scope,blocked,time,origin,evidence\n+393471234567,default,true,20"),
        "{exported}"
    );
    let (key, short) = (config.with_file_name("partner.key"), config.with_file_name("short.key"));
    fs::write(&key, "0123456789abcdef0123456789abcdef\n").unwrap();
    fs::write(&short, "0123456789abcdef\n").unwrap();
    let keyed = consent(&["export", "--exchange-key", key.to_str().unwrap()], "").await.with(0).stdout;
    assert!(keyed.starts_with("number_hmac,scope,blocked,time,origin\n") && !keyed.contains("39347"), "{keyed}");
    assert_eq!(keyed.lines().nth(1).unwrap().split(',').next().unwrap(), PARTNER_S);
    consent(&["export", "--exchange-key", short.to_str().unwrap()], "").await.with(1);
    let checked = store(config, &["check"]).await.with(0).stdout;
    assert!(checked.contains("consent_record: 1 rows"), "{checked}");
    in_time(async {
        loop {
            if let Err(status) = send(&gateway.channel, &stand.next()).await {
                return assert_eq!(status.code(), Code::FailedPrecondition);
            }
            pause().await;
        }
    })
    .await;
    gateway.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opted_out_is_imported_beside_the_server_of_a_file() {
    let stand = Stand::new("path = '{folder}/a.db'").await;
    imports(&stand).await;
}

#[cfg(feature = "foreign-clients")]
#[tokio::test(flavor = "multi_thread")]
async fn who_opted_out_is_imported_beside_a_server_with_a_database() {
    let database = super::server::Database::new();
    let key = "0123456789abcdef0123456789abcdef";
    let stand = Stand::new(&format!("postgres = '{}'\nhash_key = '{key}'", database.url())).await;
    imports(&stand).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_looked_after_beside_its_server() {
    let stand = Stand::new("path = '{folder}/a.db'\nseal_key = '0123456789abcdef0123456789abcdef'").await;
    looks_after(&stand).await;
}

#[cfg(feature = "foreign-clients")]
#[tokio::test(flavor = "multi_thread")]
async fn a_store_on_a_server_is_looked_after() {
    let database = super::server::Database::new();
    let settings = format!("postgres = '{}'\nhash_key = '0123456789abcdef0123456789abcdef'", database.url());
    let stand = Stand::new(&settings).await;
    let refused = store(&stand.config, &["stats"]).await.with(64);
    assert!(refused.stderr.contains("store.postgres: the server has no store"), "{refused:?}");
    looks_after(&stand).await;
    let refused = store(&stand.config, &["backup", "a.db"]).await.with(1);
    assert!(refused.stderr.contains("pg_dump"), "{refused:?}");
    let said = store(&stand.config, &["check"]).await.with(0).stdout;
    assert!(said.contains("warning: fsync"), "{said}");
    database.sql("DELETE FROM write");
    let damaged = store(&stand.config, &["check"]).await.with(1);
    assert!(damaged.stdout.contains("damaged: 4 idempotency keys without a write"), "{damaged:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_a_store_of_its_moment() {
    let stand = Stand::new("path = '{folder}/a.db'").await;
    let (gateway, sent) = sent(&stand).await;
    let copy = stand.folder.path().join("copy.db");
    let name = copy.to_str().unwrap();
    let said = store(&stand.config, &["backup", name]).await.with(0).stdout;
    assert!(said.contains("was copied to") && said.contains(name), "{said}");
    let again = store(&stand.config, &["backup", name]).await.with(1);
    assert!(again.stderr.contains("exists: choose another name"), "{again:?}");
    let later = stand.next();
    send(&gateway.channel, &later).await.expect("sent");

    let checked = json(store(&stand.config, &["check", "--path", name, "--output", "json"]).await);
    assert_eq!(checked["rows"]["write"], 4);
    gateway.kill().await;
    let config = stand.folder.path().join("restored.toml");
    fs::write(&config, fs::read_to_string(&stand.config).unwrap().replace("/a.db'", "/copy.db'")).unwrap();
    let gateway = Gateway::start(&config).await;
    assert!(is_replayed(&send(&gateway.channel, &sent[0]).await.expect("replayed")));
    gateway.kill().await;

    // A page in the middle of it is overwritten.
    let mut file = File::options().write(true).open(&copy).unwrap();
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(3 * 4096)).unwrap();
    file.write_all(&[0xFF; 8192]).unwrap();
    let damaged = store(&stand.config, &["check", "--path", name]).await;
    assert!(damaged.code == Some(1) && !damaged.all().contains("no damage"), "{damaged:?}");
}

#[tokio::test]
async fn one_line_says_why_there_is_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("smsmux.toml");
    for (section, line) in [
        ("path = ':memory:'", "store.path: memory is lost with its process, and nobody else can read it"),
        ("enabled = false", "store.enabled: is false: there is no store"),
        ("path = 'none.db'", "store.path: none.db is not there: smsmux serve makes it"),
        ("nonsense = 1", "store.nonsense: "),
    ] {
        fs::write(&config, format!("[store]\n{section}\n[accounts.a]\nvendor = 'none'\n")).unwrap();
        let refused = store(&config, &["stats"]).await.with(64);
        assert!(refused.stderr.contains(line) && !refused.stderr.contains("accounts"), "{refused:?}");
    }
    let empty = folder.path().join("empty.db");
    fs::write(&empty, "").unwrap();
    fs::write(&config, format!("[store]\npath = '{}'\n", empty.display())).unwrap();
    let refused = store(&config, &["stats"]).await.with(64);
    assert!(refused.stderr.contains("has the schema 0, and this version needs "), "{refused:?}");
}
