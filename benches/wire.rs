//! What a call costs before it leaves and after it came back: reading the request, checking it, writing the vendor's request,
//! reading the vendor's answer. `cargo bench --features fuzzing`; every figure is for one of what the name says.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{hint::black_box, sync::LazyLock};

use divan::{Bencher, counter::ItemsCount};
use futures::FutureExt as _;
use prost::Message as _;
use smsmux::{
    api::pb::{SendMessageRequest, SendMessageResponse},
    call::Call,
    config::{
        Config, Problems,
        api_key::{self, KeyHash},
    },
    fuzzing,
    request::names,
    text::{
        gsm,
        segments::{Alphabet, Segments},
    },
    vendors::{self, Vendors},
};

const VENDORS: [&str; 5] = ["smsend", "lox24", "ip1sms", "intelepeer", "smspartner"];
const TEXT: &str = "Your parcel leaves our depot today between 14:00 and 16:00. Track it with the number 4711.";
const NOT_GSM: &str = "Ваша посылка прибудет сегодня между 14:00 и 16:00. Номер для отслеживания: 4711, ждите.";

/// A text by the alphabet that it needs.
fn text(alphabet: &str) -> &'static str {
    match alphabet {
        "GSM 7-bit" => TEXT,
        _ => NOT_GSM,
    }
}

/// An account at each vendor. None is ever asked: what is measured has no time to.
static ACCOUNTS: LazyLock<Vendors> = LazyLock::new(|| {
    let accounts = r#"
        [accounts.smsend]
        vendor = "smsend"
        token = "UK;AT"
        [accounts.lox24]
        vendor = "lox24"
        token = "1:key"
        [accounts.ip1sms]
        vendor = "ip1sms"
        token = "key"
        [accounts.intelepeer]
        vendor = "intelepeer"
        token = "key"
        [accounts.smspartner]
        vendor = "smspartner"
        api_key = "key"
    "#;
    let mut problems = Problems::new();
    let mut config = Config::new(accounts.parse().expect("TOML"), &mut problems);
    let vendors = vendors::connect(&mut config, &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    vendors
});

fn main() {
    divan::main();
}

fn request(vendor: &str, recipients: usize) -> SendMessageRequest {
    let recipients = (0..recipients).map(|i| format!("+39347{:07}", 1_234_567 + i)).collect();
    let sender = if vendor == "intelepeer" { "+13035550100" } else { "Acme" };
    SendMessageRequest {
        parent: format!("accounts/{vendor}"),
        recipients,
        text: TEXT.to_owned(),
        sender: sender.to_owned(),
        ..SendMessageRequest::default()
    }
}

/// Checks a whole request, and at vendors that check before they write writes theirs.
#[divan::bench(args = VENDORS)]
fn check_one_recipient(bencher: Bencher<'_, '_>, vendor: &str) {
    let account = &ACCOUNTS[vendor];
    bencher.with_inputs(|| request(vendor, 1)).bench_values(|request| {
        let faults =
            vendors::refusals(&**account, &Call::background(), request).now_or_never().expect("it asks nobody");
        assert!(faults.is_empty(), "{faults:?}");
    });
}

/// The same for many recipients, by the recipient.
#[divan::bench(args = VENDORS)]
fn check_500_recipients(bencher: Bencher<'_, '_>, vendor: &str) {
    let account = &ACCOUNTS[vendor];
    bencher.counter(ItemsCount::new(500_usize)).with_inputs(|| request(vendor, 500)).bench_values(|request| {
        let faults =
            vendors::refusals(&**account, &Call::background(), request).now_or_never().expect("it asks nobody");
        assert!(faults.is_empty(), "{faults:?}");
    });
}

/// Finds what is wrong with each of many recipients, by the recipient.
#[divan::bench]
fn refuse_500_recipients(bencher: Bencher<'_, '_>) {
    let account = &ACCOUNTS["smsend"];
    let bad = || SendMessageRequest { recipients: vec!["0347".to_owned(); 500], ..request("smsend", 0) };
    bencher.counter(ItemsCount::new(500_usize)).with_inputs(bad).bench_values(|request| {
        let faults =
            vendors::refusals(&**account, &Call::background(), request).now_or_never().expect("it asks nobody");
        assert_eq!(faults.len(), 500);
        faults
    });
}

/// Reads an answer in every way that its vendor has, as the fuzz targets do: some thirty readings.
#[divan::bench(args = ["small", "a list of 1,000"])]
fn read_answer_of_smsend_every_way(bencher: Bencher<'_, '_>, size: &str) {
    let entry = r#"{"order_id":"5F1E","create_time":"20260101120000","schedule_time":"","message_type":"N",
        "sender":"Acme","num_recipients":1,"recipients":[{"destination":"+393471234567","status":"DLVRD"}]}"#;
    let answer = match size {
        "small" => r#"{"result":"OK","order_id":"5F1E","total_sent":1}"#.to_owned(),
        _ => format!(r#"{{"result":"OK","smshistory":[{}],"total":1000}}"#, vec![entry; 1000].join(",")),
    };
    bencher.bench(|| fuzzing::answer("smsend", black_box(answer.as_bytes())));
}

#[divan::bench]
fn decode_request(bencher: Bencher<'_, '_>) {
    let bytes = request("smsend", 1).encode_to_vec();
    bencher.bench(|| SendMessageRequest::decode(black_box(bytes.as_slice())).expect("a request"));
}

#[divan::bench]
fn encode_response(bencher: Bencher<'_, '_>) {
    let message = smsmux::api::pb::Message { name: "accounts/smsend/messages/5F1E".to_owned(), ..Default::default() };
    let response = SendMessageResponse { message: Some(message) };
    bencher.bench(|| black_box(&response).encode_to_vec());
}

/// Whether a caller's key is the one that the configuration has the hash of.
#[divan::bench]
fn check_key(bencher: Bencher<'_, '_>) {
    use secrecy::ExposeSecret as _;
    let (key, hash) = api_key::generate("bench").expect("randomness");
    let hash = KeyHash::parse(&hash.to_string()).expect("a hash");
    bencher.bench(|| assert!(hash.is_of(black_box(key.expose_secret()))));
}

#[divan::bench]
fn account_of_a_name() -> usize {
    names::account(black_box("accounts/acme/messages/0198c2f3a7b47c6e9d10"), "name").expect("a name").len()
}

#[divan::bench]
fn name_of_a_message() -> String {
    names::child(black_box("accounts/acme"), "messages", black_box("0198c2f3a7b47c6e9d10"))
}

#[divan::bench(args = ["GSM 7-bit", "UCS-2"])]
fn alphabet_of_a_text(alphabet: &str) -> bool {
    gsm::fits(black_box(text(alphabet)))
}

/// How many parts ten times the text comes to.
#[divan::bench(args = ["GSM 7-bit", "UCS-2"])]
fn parts_of_a_text(bencher: Bencher<'_, '_>, alphabet: &str) {
    let long = text(alphabet).repeat(10);
    bencher.bench(|| match gsm::fits(black_box(&long)) {
        true => Segments::of(Alphabet::Gsm7, &long),
        false => Segments::of(Alphabet::Ucs2, &long),
    });
}
