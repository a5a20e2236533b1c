//! The spend guard before real sockets: what it refuses is not sent.

use std::fs;

use smsmux::{
    api::pb::{AnalyzeMessageRequest, DeliveryState, Message, ReportConversionRequest, SendMessageRequest},
    config::Config,
    store::{Append, Store},
};
use tonic::{Code, Request, Status};

use crate::{
    events::closed,
    support::{
        NUMBER, Rig, failed, message,
        process::{run, smsmux},
        scrape, violations,
    },
};

const ENFORCE: &str = "[guard]\nmode = 'enforce'\nsame_text = '1h'\n";

/// Sends a text to numbers.
async fn send(rig: &Rig, text: &str, numbers: &[&str]) -> Result<Message, Status> {
    let recipients = numbers.iter().map(|number| (*number).to_owned()).collect();
    let request = SendMessageRequest { text: text.to_owned(), recipients, ..message() };
    Ok(rig.messages().send_message(request).await?.into_inner().message.expect("a message"))
}

/// Asserts that a send was refused by a rule, and that nothing of it was sent.
#[track_caller]
fn refused(sent: Result<Message, Status>, rule: &str) {
    let status = sent.expect_err("it is refused");
    let metadata = failed(&status, Code::ResourceExhausted, "SPEND_GUARD");
    assert_eq!((metadata["rule"].as_str(), metadata["outcome"].as_str()), (rule, "NOT_SENT"));
    assert!(!format!("{status:?}").contains(&NUMBER[1..]), "{status:?}");
}

#[tokio::test]
async fn what_a_rule_refuses_never_reaches_the_vendor() {
    let rig = Rig::with(&format!("{ENFORCE}countries = ['DE']\n"), "countries = ['IT', 'FR']").await;
    send(&rig, "Hello", &[NUMBER]).await.expect("a country of the account");
    refused(send(&rig, "Hello", &["+4915123456789"]).await, "country");
    let sent = send(&rig, "Hello", &["+4915123456789", "+33612345678"]).await.expect("one of two");
    let states: Vec<_> = sent.recipients.iter().map(|r| (r.to.as_str(), r.state(), r.vendor_code.as_str())).collect();
    assert_eq!(
        states,
        [("+4915123456789", DeliveryState::Rejected, "SPEND_GUARD"), ("+33612345678", DeliveryState::Queued, ""),]
    );
    refused(send(&rig, "Hello", &["+33899123456"]).await, "line_type");
    refused(send(&rig, "Hello", &[NUMBER]).await, "same_text");
    for i in 0..4 {
        send(&rig, &i.to_string(), &[NUMBER]).await.expect("another text");
    }
    refused(send(&rig, "5", &[NUMBER]).await, "number");
    let sent_to: Vec<_> = rig.requests("POST /sms").iter().filter_map(|request| request.json()).collect();
    assert_eq!(sent_to.len(), 6);
    assert_eq!(sent_to[1]["recipient"], serde_json::json!(["+33612345678"]));
}

#[tokio::test]
async fn observing_sends_everything_and_counts_what_would_be_refused() {
    let rig = Rig::with("[metrics]\nlisten = '127.0.0.1:0'\n", "").await;
    for _ in 0..7 {
        send(&rig, "Hello", &[NUMBER]).await.expect("it only observes");
    }
    assert_eq!(rig.requests("POST /sms").len(), 7);
    let metrics = scrape(&rig.metrics.expect("metrics").to_string()).await;
    let line = r#"smsmux_guard_refused_total{account="smsend",rule="number",mode="observe"} "#;
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test]
async fn a_message_that_the_caller_names_is_another_one_and_a_repeated_call_is_not_judged_again() {
    let rig = Rig::with(ENFORCE, "").await;
    for id in ["a", "b"] {
        let request = SendMessageRequest { message_id: id.to_owned(), ..message() };
        rig.messages().send_message(request).await.expect("another message");
    }
    let keyed = |key: &str| {
        let mut request = Request::new(message());
        request.metadata_mut().insert("idempotency-key", key.parse().expect("ASCII"));
        request
    };
    for _ in 0..20 {
        rig.messages().send_message(keyed("one")).await.expect("the reply of the first one");
    }
    rig.messages().send_message(keyed("two")).await.expect("another call");
    assert_eq!(rig.requests("POST /sms").len(), 4);
}

#[tokio::test]
async fn a_budget_survives_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("{ENFORCE}[store]\npath = '{}'\n", folder.path().join("smsmux.db").display());
    let budget = "segments_per_month = 3";
    let rig = Rig::with(&store, budget).await;
    send(&rig, &"a".repeat(200), &[NUMBER]).await.expect("two segments");
    rig.stop();
    closed(rig.wait().await.0, &folder).await;
    let rig = Rig::with(&store, budget).await;
    refused(send(&rig, &"b".repeat(200), &[NUMBER]).await, "budget");
    send(&rig, "one", &[NUMBER]).await.expect("the third segment");
    refused(send(&rig, "four", &[NUMBER]).await, "budget");
}

#[tokio::test]
async fn a_budget_of_money_goes_by_the_prices_of_the_account() {
    let keys = "money_per_day = '0.25 EUR'\nprices = { IT = '0.10 EUR' }";
    let rig = Rig::with(ENFORCE, keys).await;
    for text in ["one", "two"] {
        send(&rig, text, &[NUMBER]).await.expect("within the budget");
    }
    refused(send(&rig, "three", &[NUMBER]).await, "budget");
    assert_eq!(unpriced(&rig, NUMBER).await, (false, "budget".to_owned()));
    // What is not priced is told and not guessed.
    assert_eq!(unpriced(&rig, "+33612345678").await, (true, String::new()));
    send(&rig, "four", &["+33612345678"]).await.expect("no price is known");
}

#[tokio::test]
async fn a_price_that_the_vendor_reports_is_known_from_then_on() {
    const GERMAN: &str = "+4915123456789";
    let sections = format!("{ENFORCE}[metrics]\nlisten = '127.0.0.1:0'\n");
    let rig = Rig::of("lox24", &sections, "money_per_month = '0.10'").await;
    assert_eq!(unpriced(&rig, GERMAN).await, (true, String::new()));
    let sent = send_from(&rig, "one", GERMAN).await.expect("no price is known");
    let price: f64 = sent.recipients[0].price.as_ref().expect("a price").amount.parse().expect("a number");
    let metrics = scrape(&rig.metrics.expect("metrics").to_string()).await;
    assert!(metrics.contains(r#"smsmux_guard_unpriced_total{account="lox24"} "#), "{metrics}");
    assert_eq!(unpriced(&rig, GERMAN).await, (false, String::new()));
    let most = (0.10 / price).floor() as usize;
    assert!((1..4).contains(&most), "{price}");
    for number in 0..most {
        send_from(&rig, &number.to_string(), GERMAN).await.expect("within the budget");
    }
    refused(send_from(&rig, "last", GERMAN).await, "budget");
}

/// Sends a text through the account at LOX24.
async fn send_from(rig: &Rig, text: &str, number: &str) -> Result<Message, Status> {
    let request = SendMessageRequest {
        parent: "accounts/lox24".to_owned(),
        text: text.to_owned(),
        recipients: vec![number.to_owned()],
        sender: "smsmux".to_owned(),
        ..SendMessageRequest::default()
    };
    Ok(rig.messages().send_message(request).await?.into_inner().message.expect("a message"))
}

/// Whether an analysis finds no price for a number, and the rule that it finds.
async fn unpriced(rig: &Rig, number: &str) -> (bool, String) {
    let parent = format!("accounts/{}", rig.sandbox.vendor());
    let message = SendMessageRequest { parent, recipients: vec![number.to_owned()], ..message() };
    let request = AnalyzeMessageRequest { message: Some(message), ..AnalyzeMessageRequest::default() };
    let mut analyzed = rig.messages().analyze_message(request).await.expect("analyzed").into_inner();
    let decision = analyzed.decisions.remove(0);
    (decision.unpriced, decision.guard_rule)
}

#[tokio::test]
async fn the_countries_of_a_week_are_printed_by_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("[store]\npath = '{}'\n", folder.path().join("smsmux.db").display());
    let rig = Rig::with(&store, "").await;
    send(&rig, "Hello", &[NUMBER]).await.expect("sent");
    rig.stop();
    closed(rig.wait().await.0, &folder).await;
    let config = folder.path().join("smsmux.toml");
    let account = "[accounts.smsend]\nvendor = 'smsend'\ntoken = 'a;b'\n";
    fs::write(&config, format!("{store}{account}")).expect("written");
    let check = async || {
        let mut command = smsmux(&["check", "--config", config.to_str().expect("a path")]);
        command.env_remove("SMSMUX_STORE_PATH");
        let checked = tokio::task::spawn_blocking(move || run(&mut command)).await.expect("no panic");
        checked.with(0).stderr
    };
    // A list of less than a week would refuse what only comes on some days.
    assert!(!check().await.contains("to be pasted:"));
    let mut problems = Vec::new();
    let opened = Config::new(store.parse().expect("TOML"), &mut problems).store;
    let opened = Store::open(&opened).await.expect("a store");
    let (name, kept) = opened.cursors("guard/").await.expect("read").pop().expect("counts");
    let mut kept: serde_json::Value = serde_json::from_slice(&kept).expect("JSON");
    let since = &mut kept["accounts"]["accounts/smsend"]["account"]["since"];
    *since = (since.as_u64().expect("a time") - 8 * 24 * 3600).into();
    let cursors = vec![(name, kept.to_string().into_bytes())];
    opened.append(Append { cursors, ..Append::default() }).await.expect("kept");
    let told = check().await;
    assert!(told.contains("to be pasted:\n[accounts.smsend]\ncountries = [\"IT\"]\n"), "{told}");
}

/// Both run at the same time, and neither is told by anybody but the store.
#[cfg(all(unix, feature = "foreign-clients"))]
#[tokio::test]
async fn a_budget_is_one_for_all_replicas_that_share_a_store() {
    use crate::{
        store::server::Database,
        support::{in_time, pause},
    };

    let database = Database::new();
    let store = format!("{ENFORCE}[store]\npostgres = '{}'\nhash_key = '{}'\n", database.url(), "a".repeat(32));
    let budget = "segments_per_month = 3";
    let rigs = [Rig::with(&store, budget).await, Rig::with(&store, budget).await];
    send(&rigs[0], &"a".repeat(200), &[NUMBER]).await.expect("two segments");
    send(&rigs[1], "one", &[NUMBER]).await.expect("the third segment");
    for rig in &rigs {
        let message = || SendMessageRequest { text: "four".to_owned(), ..message() };
        let rule = async || {
            let request = AnalyzeMessageRequest { message: Some(message()), ..AnalyzeMessageRequest::default() };
            let mut analyzed = rig.messages().analyze_message(request).await.expect("analyzed").into_inner();
            analyzed.decisions.remove(0).guard_rule
        };
        in_time(async {
            while rule().await != "budget" {
                pause().await;
            }
        })
        .await;
        refused(send(rig, "four", &[NUMBER]).await, "budget");
    }
}

#[tokio::test]
async fn conversions_are_reported_by_the_name_of_the_message() {
    let rig = Rig::with(ENFORCE, "").await;
    let name = send(&rig, "Your code is 1234", &[NUMBER]).await.expect("sent").name;
    let report = async |name: &str, recipients: &[&str]| {
        let recipients = recipients.iter().map(|number| (*number).to_owned()).collect();
        rig.messages().report_conversion(ReportConversionRequest { name: name.to_owned(), recipients }).await
    };
    report(&name, &[]).await.expect("counted");
    report(&name, &[NUMBER]).await.expect("counted");
    failed(
        &report("accounts/smsend/messages/none", &[]).await.expect_err("unknown"),
        Code::NotFound,
        "RESOURCE_NOT_FOUND",
    );
    violations(&report("none", &["12"]).await.expect_err("invalid"), &["name", "recipients[0]"]);
}
