//! AnalyzeMessage: what a send would come to, told without asking any vendor.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use smsmux::pb::{
    AnalyzeMessageRequest, AnalyzeMessageResponse, Encoding, LineType, SmSendOptions,
    analyze_message_request::VendorOptions, message_service_client::MessageServiceClient,
};
use support::{Rig, failed, violations};
use tonic::{Code, Status};

/// Asks about a send through `vendor`'s account.
async fn analyze(rig: &Rig, request: AnalyzeMessageRequest) -> Result<AnalyzeMessageResponse, Status> {
    let mut client = MessageServiceClient::new(rig.channel.clone());
    client.analyze_message(request).await.map(tonic::Response::into_inner)
}

fn send(vendor: &str) -> AnalyzeMessageRequest {
    AnalyzeMessageRequest {
        parent: format!("accounts/{vendor}"),
        recipients: vec!["+39 347 123 4567".to_owned()],
        text: "Ciao".to_owned(),
        sender: "smsmux".to_owned(),
        ..AnalyzeMessageRequest::default()
    }
}

fn fields(answer: &AnalyzeMessageResponse) -> Vec<&str> {
    answer.refusals.iter().map(|refusal| refusal.field.as_str()).collect()
}

#[tokio::test]
async fn numbers_alphabet_and_segments_are_told_and_no_vendor_is_asked() {
    let rig = Rig::smsend().await;
    let request = AnalyzeMessageRequest {
        recipients: ["347 123 4567", "0039 02 1234 5678", "112", "+1 212 555 0123"].map(str::to_owned).to_vec(),
        text: "Perché no? “Ça va” 😀 Ça".to_owned(),
        region_code: "IT".to_owned(),
        ..send("smsend")
    };
    let answer = analyze(&rig, request).await.unwrap();
    let numbers: Vec<_> = answer
        .numbers
        .iter()
        .map(|n| (n.input.as_str(), n.phone_number.as_str(), n.valid, n.region_code.as_str(), n.line_type()))
        .collect();
    assert_eq!(
        numbers,
        [
            ("347 123 4567", "+393471234567", true, "IT", LineType::Mobile),
            ("0039 02 1234 5678", "+390212345678", true, "IT", LineType::FixedLine),
            ("112", "+39112", false, "", LineType::Unspecified),
            ("+1 212 555 0123", "+12125550123", true, "US", LineType::FixedLineOrMobile),
        ]
    );
    assert_eq!(answer.numbers[2].problem, "is too short for its country");
    assert_eq!((answer.encoding(), answer.ucs_2_characters.concat().as_str()), (Encoding::Ucs2, "“”😀"));
    assert_eq!((answer.unit_count, answer.segment_count, answer.units_left), (24, 1, 46));
    assert_eq!(answer.refusals, []);

    let answer = analyze(&rig, AnalyzeMessageRequest { text: "€".repeat(80) + "a", ..send("smsend") }).await.unwrap();
    assert_eq!((answer.encoding(), answer.ucs_2_characters.len()), (Encoding::Gsm7, 0));
    assert_eq!((answer.unit_count, answer.segment_count, answer.units_left), (161, 2, 144));
    assert_eq!(rig.sandbox.requests().len(), 0);
}

#[tokio::test]
async fn a_vendor_s_own_rules_are_told_as_send_message_would_tell_them() {
    let expected: &[(&str, &[&str])] = &[
        ("smsend", &[]),
        ("lox24", &["message_id", "smsend"]),
        ("ip1sms", &["quality", "encoding", "message_id", "smsend"]),
        ("intelepeer", &["sender", "quality", "encoding", "message_id", "smsend"]),
        ("smspartner", &["message_id", "smsend", "encoding"]),
    ];
    for (vendor, expected) in expected {
        let rig = Rig::vendor(vendor).await;
        let request = AnalyzeMessageRequest {
            text: "[x]".to_owned(),
            quality: 1,
            encoding: Encoding::Gsm7.into(),
            message_id: "mine".to_owned(),
            vendor_options: Some(VendorOptions::Smsend(SmSendOptions::default())),
            ..send(vendor)
        };
        let answer = analyze(&rig, request).await.unwrap();
        let (mut told, mut expected) = (fields(&answer), expected.to_vec());
        told.sort_unstable();
        expected.sort_unstable();
        assert_eq!(told, expected, "{vendor}: {:?}", answer.refusals);
        // SMSPartner would replace the brackets.
        let replaced = if *vendor == "smspartner" { "[]" } else { "" };
        assert_eq!(answer.ucs_2_characters.concat(), replaced, "{vendor}");
        assert!(answer.refusals.iter().all(|refusal| !refusal.description.is_empty()));
        assert_eq!(rig.sandbox.requests().len(), 0, "{vendor}");
    }
}

#[tokio::test]
async fn a_number_that_cannot_be_read_is_refused_where_it_stands() {
    let rig = Rig::smsend().await;
    let recipients = ["+39 347 123 4567", "347 123 4567", "nobody"].map(str::to_owned).to_vec();
    let answer = analyze(&rig, AnalyzeMessageRequest { recipients, ..send("smsend") }).await.unwrap();
    assert_eq!(fields(&answer), ["recipients[1]", "recipients[2]"]);
    let problems: Vec<_> = answer.numbers.iter().map(|n| n.problem.as_str()).collect();
    assert_eq!(
        problems,
        ["", "has no country: begin with + and its code, or give a region_code", "is not a phone number"]
    );
}

#[tokio::test]
async fn without_an_account_no_vendor_s_rules_apply() {
    let rig = Rig::smsend().await;
    let request =
        AnalyzeMessageRequest { parent: String::new(), sender: "far too long a sender".to_owned(), ..send("") };
    let answer = analyze(&rig, request).await.unwrap();
    assert_eq!((answer.refusals.len(), answer.segment_count, answer.numbers[0].valid), (0, 1, true));
}

#[tokio::test]
async fn what_cannot_be_analyzed_is_refused() {
    let rig = Rig::smsend().await;
    let request = AnalyzeMessageRequest {
        parent: "acme".to_owned(),
        region_code: "Italy".to_owned(),
        recipients: vec![String::new(); 10_001],
        ..send("smsend")
    };
    let status = analyze(&rig, request).await.unwrap_err();
    failed(&status, Code::InvalidArgument, "INVALID_REQUEST");
    violations(&status, &["parent", "recipients", "region_code"]);
    let status = analyze(&rig, send("other")).await.unwrap_err();
    failed(&status, Code::NotFound, "ACCOUNT_NOT_FOUND");
}
