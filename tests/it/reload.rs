//! A new configuration for a gateway that runs: what changes, changes for the calls to come, and nothing in flight is dropped.

use std::fs;

use futures::StreamExt;
use secrecy::ExposeSecret;
use smsmux::{
    api::pb::{
        ListAccountsRequest, WatchReceivedMessagesRequest, account_service_client::AccountServiceClient,
        inbox_service_client::InboxServiceClient,
    },
    config::api_key,
};
use smsmux_sandbox::Fault;
use tonic::{Code, Request, metadata::MetadataValue};

use crate::support::{
    Rig, connect, failed, message,
    process::{Running, smsmux},
};

/// A key, and the section that lets it in.
fn caller(name: &str) -> (String, String) {
    let (key, hash) = api_key::generate(name).unwrap();
    let section = format!("[callers.{name}]\nkey = '{hash}'\nscopes = ['*']\naccounts = ['*']\n");
    (key.expose_secret().to_owned(), section)
}

fn from<T>(key: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", MetadataValue::try_from(format!("Bearer {key}")).unwrap());
    request
}

#[tokio::test]
async fn a_revoked_key_is_refused_and_its_streams_end_while_others_go_on() {
    let ((gone, first), (stays, second)) = (caller("gone"), caller("stays"));
    let rig = Rig::with(&format!("{first}{second}"), "").await;
    let watch = |key: &str| {
        let request = WatchReceivedMessagesRequest { parent: "accounts/smsend".to_owned(), ..Default::default() };
        let mut client = InboxServiceClient::new(rig.channel.clone());
        let request = from(key, request);
        async move { client.watch_received_messages(request).await.unwrap().into_inner() }
    };
    let (mut ends, mut goes_on) = (watch(&gone).await, watch(&stays).await);

    rig.reload(&second, "").await;
    let status = rig.messages().send_message(from(&gone, message())).await.unwrap_err();
    failed(&status, Code::Unauthenticated, "CALLER_NOT_AUTHENTICATED");
    rig.messages().send_message(from(&stays, message())).await.expect("a key that stays");
    failed(&ends.next().await.unwrap().unwrap_err(), Code::Unauthenticated, "CALLER_NOT_AUTHENTICATED");
    assert!(ends.next().await.is_none());

    // The other stream is still there when the account itself changes.
    rig.reload(&second, "time_zone = 'Europe/Rome'").await;
    failed(&goes_on.next().await.unwrap().unwrap_err(), Code::Unavailable, "SERVER_DRAINING");
}

#[tokio::test]
async fn a_call_in_flight_ends_as_it_began() {
    let rig = Rig::smsend().await;
    rig.fault("POST /sms", Fault::Hold);
    let sent = rig.send();
    let reloaded = async {
        rig.requested(1, "POST /sms").await;
        // Its account is gone before it is answered.
        rig.reload("[accounts.other]\nvendor = 'lox24'\ntoken = 'a:b'", "username = 'nobody'\npassword = 'x'").await;
        rig.sandbox.clear_faults();
    };
    let (sent, ()) = tokio::join!(sent, reloaded);
    sent.expect("begun with the credential of then");
    let status = rig.send().await.unwrap_err();
    failed(&status, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");
    let mut accounts = AccountServiceClient::new(rig.channel.clone());
    let listed = accounts.list_accounts(ListAccountsRequest::default()).await.unwrap().into_inner();
    assert_eq!(listed.total_size, 2);
}

#[tokio::test]
async fn an_account_that_comes_to_the_same_keeps_its_login() {
    let rig = Rig::with("", "").await;
    rig.send().await.unwrap();
    rig.reload("[accounts.other]\nvendor = 'lox24'\ntoken = 'a:b'", "").await;
    rig.send().await.unwrap();
    assert_eq!(rig.requests("GET /login").len(), 1);
}

/// The server follows its file, and keeps to the last good one.
#[tokio::test(flavor = "multi_thread")]
async fn the_file_is_followed_by_itself_and_on_sighup_and_a_bad_one_is_refused() {
    let (key, section) = caller("billing");
    let (other, other_section) = caller("other");
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("smsmux.toml");
    let secret = directory.path().join("token");
    fs::write(&secret, "1:a").unwrap();
    let write = |text: &str, interval: &str| {
        let account = format!("[accounts.phones]\nvendor = 'lox24'\ntoken = {{ file = '{}' }}\n", secret.display());
        let server = format!("[server]\nlisten = '127.0.0.1:0'\nreload_interval = '{interval}'\n");
        // As careful people replace a file.
        let new = directory.path().join("new");
        fs::write(&new, format!("{server}{account}{text}")).unwrap();
        fs::rename(&new, &file).unwrap();
    };
    write(&section, "20ms");
    let mut running = Running::start(&mut smsmux(&["serve", "--config", file.to_str().unwrap()]));
    let address = running.until(crate::support::process::serving).parse().unwrap();
    let mut accounts = AccountServiceClient::new(connect(address).await);
    let mut list = async |key: &str| accounts.list_accounts(from(key, ListAccountsRequest::default())).await;
    list(&key).await.expect("the first key");

    write(&other_section, "20ms");
    running.until(|line| line.contains("the configuration was reloaded").then_some(()));
    list(&other).await.expect("the second key");
    failed(&list(&key).await.unwrap_err(), Code::Unauthenticated, "CALLER_NOT_AUTHENTICATED");

    write("[callers.billing]\nkey = 'hunter2'", "20ms");
    running.until(|line| (line.contains("the old one stays") && line.contains("callers.billing.key")).then_some(()));
    list(&other).await.expect("what was good stays");

    // Which needs a restart, and is said.
    write(&other_section, "1h");
    running.until(|line| line.contains("server.reload_interval").then_some(()));
    running.until(|line| line.contains("the configuration was reloaded").then_some(()));

    // What a secret points to counts too.
    let new = directory.path().join("new");
    fs::write(&new, "1:b").unwrap();
    fs::rename(&new, &secret).unwrap();
    running.until(|line| (line.contains("reloaded") && line.contains("ended=1")).then_some(()));
    running.signal("HUP");
    running.until(|line| (line.contains("reloaded") && line.contains("ended=0")).then_some(()));
    list(&other).await.expect("nothing has changed");
    let ended = running.stop("TERM").with(0);
    assert!(!ended.all().contains("hunter2"), "{ended:#?}");
}
