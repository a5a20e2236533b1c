//! The keys by which phone numbers are hashed: one is replaced by another while the store is in use.

use std::path::Path;

use serde_json::{Value, json};
use smsmux::api::pb::ListMessagesRequest;

use super::*;
use crate::{
    inbox::stopped,
    support::process::{Ended, run, smsmux},
};

const NEW: &str = "fedcba9876543210fedcba9876543210";
const ERASED: &str = "+4915123456789";

/// Runs a command with these keys of a store.
async fn command(folder: &Path, store: &str, arguments: &'static [&'static str]) -> Ended {
    let config = folder.join("smsmux.toml");
    let account = "[accounts.lox24]\nvendor = 'lox24'\ntoken = '1:a'\n[guard]\nmode = 'off'\n";
    std::fs::write(&config, format!("{store}\n{account}")).expect("written");
    let work = move || {
        let mut command = smsmux(&arguments[..1]);
        run(command.arg("--config").arg(&config).args(&arguments[1..]).env_remove("SMSMUX_STORE_PATH"))
    };
    in_time(tokio::task::spawn_blocking(work)).await.expect("no panic")
}

async fn rekey(folder: &Path, store: &str) -> Value {
    let ended = command(folder, store, &["store", "rekey", "--output", "json"]).await.with(0);
    serde_json::from_str(&ended.stdout).expect("JSON")
}

async fn keyed(rig: &Rig, numbers: &[&str]) -> bool {
    let mut request = tonic::Request::new(to(numbers));
    request.metadata_mut().insert("idempotency-key", "one".parse().expect("a key"));
    let answer = rig.messages().send_message(request).await.expect("sent");
    answer.metadata().contains_key("smsmux-replayed")
}

/// How many messages to a number there are.
async fn found(rig: &Rig, number: &str) -> usize {
    let request = ListMessagesRequest { parent: ALL.to_owned(), recipient: number.to_owned(), ..Default::default() };
    rig.messages().list_messages(request).await.expect("listed").into_inner().messages.len()
}

async fn erase(rig: &Rig, number: &str) -> i64 {
    let request = ErasePersonRequest { parent: ALL.to_owned(), phone_number: number.to_owned() };
    consents(rig).erase_person(request).await.expect("erased").into_inner().message_count
}

/// Whether each record of a number blocks.
async fn records(rig: &Rig, number: &str) -> Vec<bool> {
    let request = ListConsentRecordsRequest {
        parent: ALL.to_owned(),
        phone_number: number.to_owned(),
        page_size: 1000,
        ..Default::default()
    };
    let records = consents(rig).list_consent_records(request).await.expect("listed").into_inner().records;
    records.iter().map(|record| record.consent.as_ref().expect("a consent").blocked).collect()
}

/// A store whose numbers are hashed with its key file, with these keys besides.
fn file(folder: &Path, keys: &str) -> String {
    format!("[store]\npath = '{}'\n{keys}\n", folder.join("smsmux.db").display())
}

/// The new key, before that of the file.
fn rotated(folder: &Path) -> String {
    file(folder, &format!("number_keys = ['{NEW}', {{ file = '{}' }}]", folder.join("smsmux.db.key").display()))
}

#[tokio::test]
async fn who_opted_out_and_what_was_sent_before_another_key_is_known_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let rig = Rig::with(&file(folder, ""), "").await;
    assert!(!keyed(&rig, &[NUMBER]).await);
    for number in [OTHER, ERASED] {
        send(&rig, to(&[number])).await.expect("sent");
        block(&rig, number).await;
    }
    assert_eq!(erase(&rig, ERASED).await, 1);
    let mut sandbox = stopped(rig, folder).await;

    // From the first start with both keys on, and from the second.
    for start in 0..2 {
        let rig = Rig::at(sandbox, &rotated(folder), "").await;
        assert!(keyed(&rig, &[NUMBER]).await);
        opted_out(send(&rig, to(&[OTHER])).await);
        opted_out(send(&rig, to(&[ERASED])).await);
        assert_eq!((sent(&rig), found(&rig, NUMBER).await), (3 + 2 * start, 1 + start), "nothing was sent twice");
        block(&rig, THIRD).await;
        opted_out(send(&rig, to(&[THIRD])).await);
        send(&rig, to(&[NUMBER])).await.expect("sent");
        assert_eq!(found(&rig, NUMBER).await, 2 + start);

        // Known by the old key, then by the new one.
        let known = set(&rig, OTHER, false, ConsentOrigin::Manual).await;
        assert_eq!((known.len(), known[0].blocked), (1, false));
        send(&rig, to(&[OTHER])).await.expect("permitted");
        block(&rig, OTHER).await;
        opted_out(send(&rig, to(&[OTHER])).await);
        assert_eq!(records(&rig, OTHER).await, [&[true][..], &[false, true].repeat(1 + start)].concat());
        assert!(is_chain(&ledger(&rig).await));
        let list = ListConsentsRequest { parent: ALL.to_owned(), ..Default::default() };
        let listed = consents(&rig).list_consents(list).await.expect("listed").into_inner().consents;
        let mut listed: Vec<_> = listed.iter().map(|consent| &*consent.phone_number).collect();
        listed.sort_unstable();
        assert_eq!(listed, ["", THIRD, OTHER]);
        sandbox = stopped(rig, folder).await;
    }

    std::fs::write(folder.join("partner.key"), TOKEN).expect("written");
    let settings = rotated(folder);
    let exported = command(folder, &settings, &["consent", "export"]).await.with(0).stdout;
    assert!(exported.lines().count() == 3 && exported.contains(OTHER) && exported.contains(THIRD), "{exported}");
    let mut export = smsmux(&["consent", "--config", "smsmux.toml", "export", "--exchange-key", "partner.key"]);
    let keyed = run(export.current_dir(folder).env_remove("SMSMUX_STORE_PATH")).with(0).stdout;
    assert!(keyed.lines().count() == 3 && keyed.starts_with("number_hmac,"), "{keyed}");

    let rig = Rig::at(sandbox, &rotated(folder), "").await;
    assert_eq!((erase(&rig, NUMBER).await, found(&rig, NUMBER).await), (3, 0));
}

#[tokio::test]
async fn a_key_is_removed_once_nothing_needs_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let rig = Rig::with(&file(folder, ""), "").await;
    send(&rig, to(&[NUMBER])).await.expect("sent");
    for number in [OTHER, THIRD] {
        block(&rig, number).await;
    }
    let sandbox = stopped(rig, folder).await;
    let new = file(folder, &format!("number_keys = ['{NEW}']"));
    let needed =
        "has events, messages, people in the list of consent under a key of phone numbers that store.number_keys";
    for command_line in [&["check"][..], &["store", "stats"], &["consent", "export"]] {
        let refused = command(folder, &new, command_line).await.with(64);
        assert!(refused.stderr.contains(needed) && refused.stderr.contains("has 1 problem:"), "{refused:?}");
    }
    command(folder, &rotated(folder), &["check"]).await.with(0);

    // What is recorded is removed by its age.
    let ages = "idempotency_ttl = '1ms'\nlog_retention = '1ms'\nevents_retention = '1ms'\n";
    let rig = Rig::at(sandbox, &format!("{}{ages}", rotated(folder)), "").await;
    assert_eq!(rekey(folder, &rotated(folder)).await["rekeyed"], 2);
    opted_out(send(&rig, to(&[OTHER])).await);
    let done = json!({ "rekeyed": 0, "erased": 0, "keys": [{ "key": 2, "neededBy": [] }] });
    in_time(async { while rekey(folder, &rotated(folder)).await != done {} }).await;
    let sandbox = stopped(rig, folder).await;

    command(folder, &new, &["check"]).await.with(0);
    let rig = Rig::at(sandbox, &new, "").await;
    opted_out(send(&rig, to(&[OTHER])).await);
    opted_out(send(&rig, to(&[THIRD])).await);
    assert_eq!(records(&rig, OTHER).await, [true]);
    assert!(is_chain(&ledger(&rig).await));
    send(&rig, to(&[NUMBER])).await.expect("sent");
    let sandbox = stopped(rig, folder).await;

    // A key that has a successor, and is not there, beside the one that was there before keys had tags.
    let key_file = folder.join("smsmux.db.key");
    let other = file(folder, &format!("number_keys = ['{TOKEN}', {{ file = '{}' }}]", key_file.display()));
    let refused = command(folder, &other, &["check"]).await.with(64);
    assert!(refused.stderr.contains("events, messages, people in the list of consent"), "{refused:?}");
    let both = file(folder, &format!("number_keys = ['{TOKEN}', '{NEW}']"));
    let rig = Rig::at(sandbox, &both, "").await;
    opted_out(send(&rig, to(&[OTHER])).await);
    assert_eq!(found(&rig, NUMBER).await, 1);
}

/// One server writes with the old key, the other one with the new one.
#[cfg(all(unix, feature = "foreign-clients"))]
#[tokio::test]
async fn amid_a_rotation_a_stop_at_one_server_is_in_effect_at_another_from_the_commit_on() {
    let database = crate::store::server::Database::new();
    let old = "a".repeat(32);
    let settings =
        |keys: &str| format!("[store]\npostgres = '{}'\nhash_key = '{old}'\nnumber_keys = {keys}\n", database.url());
    let settings = [format!("['{old}', '{NEW}']"), format!("['{NEW}', '{old}']")].map(|keys| settings(&keys));
    let [writes_old, writes_new] = settings.each_ref().map(|store| format!("{store}[consent]\ncopy = false"));
    let rigs = [Rig::with(&writes_old, "").await, Rig::with(&writes_new, "").await];
    assert!(!keyed(&rigs[0], &[NUMBER]).await && keyed(&rigs[1], &[NUMBER]).await);
    assert_eq!((sent(&rigs[0]), sent(&rigs[1])), (1, 0));

    let people: Vec<_> = (0..6).map(|person| format!("+39347123000{person}")).collect();
    for (person, number) in people.iter().enumerate() {
        let (here, there) = (&rigs[person % 2], &rigs[1 - person % 2]);
        send(there, to(&[number])).await.expect("sent");
        block(here, number).await;
        opted_out(send(there, to(&[number])).await);
        let partly = send(there, to(&[NUMBER, number])).await.expect("sent");
        assert_eq!(states(&partly)[1], (&**number, DeliveryState::Rejected, "RECIPIENT_OPTED_OUT"));
        // One was sent, one was refused, and one left the person out.
        assert_eq!((found(here, number).await, found(there, number).await), (3, 3));
        // The other one has the person by its own key from now on.
        let known = set(there, number, false, ConsentOrigin::Manual).await;
        assert_eq!((known.len(), known[0].blocked), (1, false));
        in_time(async { while send(here, to(&[number])).await.is_err() {} }).await;
        block(there, number).await;
        opted_out(send(here, to(&[number])).await);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let rekeyed = rekey(folder.path(), &settings[1]).await;
    assert_eq!((&rekeyed["rekeyed"], &rekeyed["erased"]), (&json!(3), &json!(0)), "{rekeyed}");
    for number in &people {
        assert_eq!(records(&rigs[0], number).await, [true, false, true]);
        for rig in &rigs {
            opted_out(send(rig, to(&[number])).await);
        }
    }
    assert!(is_chain(&ledger(&rigs[0]).await));
    assert_eq!(rekey(folder.path(), &settings[1]).await["rekeyed"], 0);
}
