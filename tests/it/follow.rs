//! The task that follows messages to their end.

use std::time::Duration;

use prost::Message as _;
use smsmux::{
    api::pb::{Message, Recipient},
    config::Config,
    store::{Claim, End, MessageUpdate, NewMessage, Outcome, RecipientUpdate, Store},
};
use smsmux_sandbox::{Fault, Sandbox};

use crate::support::{Rig, in_time, loopback};

/// Records a message of the account, which the vendor knows by its id, and which is due to be looked up.
fn record_due(store: &Store, account: &str, id: &str) {
    let (write_id, parent) = (store.new_write_id(), format!("accounts/{account}"));
    let recipient =
        Recipient { to: "+4915123456789".to_owned(), vendor_message_id: id.to_owned(), ..Recipient::default() };
    let message =
        Message { name: format!("{parent}/messages/{id}"), recipients: vec![recipient], ..Message::default() };
    let new = NewMessage {
        message_id: id.to_owned(),
        state: 0,
        recipients: vec![store.digest("number", &[b"+4915123456789"])],
        brand: None,
        older: Vec::new(),
        reference: None,
        tag: None,
        schedule_time: None,
        body: message.encode_to_vec(),
    };
    let method = "smsmux.v1.MessageService/SendMessage";
    let claim = Claim { write_id, key: None, account: parent.into(), caller: "".into(), method, message: Some(new) };
    store.record(claim).expect("queued");
    let update = MessageUpdate {
        write_id,
        state: 0,
        body: message.encode_to_vec(),
        to: vec![],
        recipients: vec![RecipientUpdate {
            index: 0,
            state: 0,
            vendor_message_id: Some(id.to_owned()),
            account: None,
            is_final: false,
        }],
        look_up_after: Some(Duration::ZERO),
        version: None,
        events: vec![],
    };
    store.outcome(Outcome { write_id, end: End::Done { reply: Vec::new() }, message: Some(update) });
}

#[tokio::test]
async fn a_slow_vendor_holds_up_no_look_up_at_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let section = format!("[store]\npath = '{}'", folder.path().join("smsmux.db").display());
    let mut problems = Vec::new();
    let config = Config::new(section.parse().expect("TOML"), &mut problems).store;
    let store = Store::open(&config).await.expect("a store");
    // More than are taken at a time, and all of them before the one of the other account.
    for n in 0..50 {
        record_due(&store, "lox24", &format!("00000000-0000-4000-8000-0000000000{n:02}"));
    }
    record_due(&store, "other", "00000000-0000-4000-8000-000000000099");
    store.flush().await.expect("recorded");
    let closed = store.failed();
    drop(store);
    closed.await;

    let slow = Sandbox::start("lox24", loopback()).await.expect("a sandbox");
    let other = Sandbox::start("lox24", loopback()).await.expect("a sandbox");
    slow.inject(smsmux_sandbox::Rule::new(Fault::Hold).method("GET").times(1000));
    let mut sections = format!("{section}\n[accounts.other]\nvendor = 'lox24'\nbase_url = '{}'\n", other.base_url());
    other.credentials().iter().for_each(|(key, value)| sections += &format!("{key} = '{value}'\n"));
    let _rig = Rig::at(slow, &sections, "").await;
    in_time(other.requested(1, |request| request.method == "GET")).await;
}
