//! AnalyzeMessage: what a send would come to, told without asking any vendor.

use smsmux::api::pb::{
    AnalyzeMessageRequest, AnalyzeMessageResponse, Encoding, LineType, SendMessageRequest, SmSendOptions,
    message_service_client::MessageServiceClient, send_message_request::VendorOptions,
};
use tonic::{Code, Status};

use crate::support::{Rig, failed, violations};

/// Asks about a send through `vendor`'s account.
async fn analyze(rig: &Rig, message: SendMessageRequest) -> Result<AnalyzeMessageResponse, Status> {
    analyze_in(rig, message, "").await
}

/// The same, where numbers in national form are of `region_code`.
async fn analyze_in(
    rig: &Rig,
    message: SendMessageRequest,
    region_code: &str,
) -> Result<AnalyzeMessageResponse, Status> {
    ask(rig, AnalyzeMessageRequest { message: Some(message), region_code: region_code.to_owned() }).await
}

async fn ask(rig: &Rig, request: AnalyzeMessageRequest) -> Result<AnalyzeMessageResponse, Status> {
    let mut client = MessageServiceClient::new(rig.channel.clone());
    client.analyze_message(request).await.map(tonic::Response::into_inner)
}

fn send(vendor: &str) -> SendMessageRequest {
    SendMessageRequest {
        parent: format!("accounts/{vendor}"),
        recipients: vec!["+39 347 123 4567".to_owned()],
        text: "Ciao".to_owned(),
        sender: "smsmux".to_owned(),
        ..SendMessageRequest::default()
    }
}

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn fields(answer: &AnalyzeMessageResponse) -> Vec<&str> {
    answer.refusals.iter().map(|refusal| refusal.field.as_str()).collect()
}

#[tokio::test]
async fn numbers_alphabet_and_segments_are_told_and_no_vendor_is_asked() {
    let rig = Rig::smsend().await;
    let request = SendMessageRequest {
        recipients: ["347 123 4567", "0039 02 1234 5678", "112", "+1 212 555 0123"].map(str::to_owned).to_vec(),
        text: "Perché no? “Ça va” 😀 Ça".to_owned(),
        ..send("smsend")
    };
    let answer = analyze_in(&rig, request, "IT").await.unwrap();
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

    let answer = analyze(&rig, SendMessageRequest { text: "€".repeat(80) + "a", ..send("smsend") }).await.unwrap();
    assert_eq!((answer.encoding(), answer.ucs_2_characters.len()), (Encoding::Gsm7, 0));
    assert_eq!((answer.unit_count, answer.segment_count, answer.units_left), (161, 2, 144));
    assert_eq!(rig.sandbox.requests().len(), 0);
}

#[tokio::test]
async fn a_vendor_s_own_rules_are_told_as_send_message_would_tell_them() {
    let expected: &[(&str, &[&str])] = &[
        ("smsend", &["message_id"]),
        ("lox24", &["message_id", "smsend"]),
        ("ip1sms", &["quality", "encoding", "message_id", "smsend"]),
        ("intelepeer", &["sender", "quality", "encoding", "message_id", "smsend"]),
        ("smspartner", &["message_id", "smsend", "encoding"]),
    ];
    for (vendor, expected) in expected {
        let rig = Rig::vendor(vendor).await;
        let request = SendMessageRequest {
            text: "[x]".to_owned(),
            quality: 1,
            encoding: Encoding::Gsm7.into(),
            message_id: "not/mine".to_owned(),
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
async fn a_sender_that_a_country_does_not_permit_is_a_warning_before_anything_leaves() {
    let rig = Rig::with("[senders]\nDE = 'number'\nSG = ['ACME']\n", "").await;
    let told = async |sender: &str, recipients: &[&str]| {
        let (recipients, sender) = (texts(recipients), sender.to_owned());
        let answer = analyze(&rig, SendMessageRequest { recipients, sender, ..send("smsend") }).await.unwrap();
        assert_eq!(answer.refusals, []);
        let fields: Vec<_> = answer.warnings.iter().map(|warning| warning.field.as_str()).collect();
        assert_eq!(fields, vec!["sender"; fields.len()]);
        answer.warnings.into_iter().map(|warning| warning.description).collect::<Vec<_>>()
    };
    let everywhere = ["+12125550123", "+12125550124", "+4915123456789", "+393471234567", "+6581234567"];
    assert_eq!(
        told("ACME", &everywhere).await,
        [
            "a name is not possible as a sender in DE: use a number",
            "a name is not possible as a sender in US: use a number",
        ]
    );
    assert_eq!(
        told("Other", &everywhere[3..]).await,
        ["the name is not possible as a sender in SG: it is not listed as senders.SG"]
    );
    for sender in ["", "+12125550199"] {
        assert_eq!(told(sender, &everywhere).await, [""; 0], "{sender}");
    }
    assert_eq!(rig.sandbox.requests().len(), 0);
}

#[tokio::test]
async fn a_number_that_cannot_be_read_is_refused_where_it_stands() {
    let rig = Rig::smsend().await;
    let recipients = ["+39 347 123 4567", "347 123 4567", "nobody"].map(str::to_owned).to_vec();
    let answer = analyze(&rig, SendMessageRequest { recipients, ..send("smsend") }).await.unwrap();
    assert_eq!(fields(&answer), ["recipients[1]", "recipients[2]"]);
    let problems: Vec<_> = answer.numbers.iter().map(|n| n.problem.as_str()).collect();
    assert_eq!(
        problems,
        ["", "has no country: begin with + and its code, or set region_code", "is not a phone number"]
    );
}

#[tokio::test]
async fn without_an_account_no_vendor_s_rules_apply() {
    let rig = Rig::smsend().await;
    let request = SendMessageRequest { parent: String::new(), sender: "far too long a sender".to_owned(), ..send("") };
    let answer = analyze(&rig, request).await.unwrap();
    assert_eq!((answer.refusals.len(), answer.segment_count, answer.numbers[0].valid), (0, 1, true));
}

/// Every vendor, with a sender that it takes and the longest text of euro signs, of which each takes two septets.
const LONGEST: &[(&str, &str, usize)] = &[
    // 1000 characters, and ten segments of 76.
    ("smsend", "MySender", 760),
    ("lox24", "MySender", 760),
    ("ip1sms", "MySender", 2000),
    ("intelepeer", "+17205550100", 760),
    ("smspartner", "MySender", 760),
];

#[tokio::test]
async fn every_vendor_has_a_longest_text() {
    for &(vendor, sender, longest) in LONGEST {
        let rig = Rig::vendor(vendor).await;
        for (text, right) in [
            ("€".repeat(longest), true),
            ("€".repeat(longest + 1), false),
            ("Ж".repeat(longest.max(671) + 1), false),
            ("😀".repeat(longest.max(336) + 1), false),
            ("a".repeat(100_000), false),
            ("é".repeat(1 << 20), false),
        ] {
            let request = SendMessageRequest { text, sender: sender.to_owned(), ..send(vendor) };
            let answer = analyze(&rig, request).await.unwrap();
            let expected: &[&str] = if right { &[] } else { &["text"] };
            assert_eq!(fields(&answer), expected, "{vendor}: {:?}", answer.refusals);
            assert!(right || answer.segment_count > 10, "{vendor}");
        }
    }
}

#[tokio::test]
async fn a_sender_that_does_not_fit_or_does_not_show_is_refused_by_every_vendor() {
    for &(vendor, ..) in LONGEST {
        let rig = Rig::vendor(vendor).await;
        for sender in ["[[[[[[[[[[[", "€€€€€€", "   ", " Shop", "Shop ", "My\nShop", "My\rShop", "Sh\u{c}op", "Sh\0op"]
        {
            let answer = analyze(&rig, SendMessageRequest { sender: sender.to_owned(), ..send(vendor) }).await.unwrap();
            assert_eq!(fields(&answer), ["sender"], "{vendor}: {sender:?}");
        }
    }
}

#[tokio::test]
async fn a_number_that_comes_twice_is_refused_in_whatever_form() {
    for vendor in LONGEST.iter().map(|(vendor, ..)| *vendor).chain([""]) {
        let rig = Rig::vendor(if vendor.is_empty() { "smsend" } else { vendor }).await;
        let request = SendMessageRequest {
            parent: if vendor.is_empty() { String::new() } else { format!("accounts/{vendor}") },
            recipients: texts(&[
                "+393471234567",
                "+393471234568",
                "0039 347 123 4567",
                "\u{202a}+39347\u{202f}1234567",
            ]),
            sender: LONGEST.iter().find(|(name, ..)| *name == vendor).map_or_else(String::new, |row| row.1.to_owned()),
            ..send(vendor)
        };
        let answer = analyze(&rig, request).await.unwrap();
        let refusals: Vec<_> = answer.refusals.iter().map(|r| (r.field.as_str(), r.description.as_str())).collect();
        let description = "is the same number as recipients[0]";
        assert_eq!(refusals, [("recipients[2]", description), ("recipients[3]", description)], "{vendor}");
    }
}

#[tokio::test]
async fn a_time_that_has_passed_is_refused() {
    for (vendor, takes) in [("smsend", true), ("lox24", true), ("smspartner", true), ("ip1sms", false), ("", true)] {
        let rig = Rig::vendor(if vendor.is_empty() { "smsend" } else { vendor }).await;
        // The year 1; 1970; 2001; 2099.
        for (seconds, passed) in [(-62_135_596_800, true), (0, true), (1_000_000_000, true), (4_070_908_800, false)] {
            let request = SendMessageRequest {
                parent: if vendor.is_empty() { String::new() } else { format!("accounts/{vendor}") },
                schedule_time: Some(prost_types::Timestamp { seconds, nanos: 0 }),
                ..send(vendor)
            };
            let answer = analyze(&rig, request).await.unwrap();
            let expected: &[&str] = if passed || !takes { &["schedule_time"] } else { &[] };
            assert_eq!(fields(&answer), expected, "{vendor}: {seconds}");
            assert!(!takes || !passed || answer.refusals[0].description.contains("in the past"), "{vendor}");
        }
    }
}

#[tokio::test]
async fn what_smspartner_makes_other_characters_of_is_refused() {
    let rig = Rig::vendor("smspartner").await;
    for (text, code) in [
        ("Write :br: for a line break", Some(":br:")),
        ("5 :euro:", Some(":euro:")),
        ("Ж:br:", Some(":br:")),
        ("br: and :br and : br :", None),
        ("one\ntwo", None),
    ] {
        let answer = analyze(&rig, SendMessageRequest { text: text.to_owned(), ..send("smspartner") }).await.unwrap();
        let expected: &[&str] = if code.is_some() { &["text"] } else { &[] };
        assert_eq!(fields(&answer), expected, "{text}");
        assert!(code.is_none_or(|code| answer.refusals[0].description.contains(code)), "{text}");
    }
}

#[tokio::test]
async fn a_letter_is_no_digit_and_what_is_not_seen_is_nothing() {
    let rig = Rig::smsend().await;
    let inputs =
        ["+3934712345O7", "\u{202a}0039 347 123 4567\u{202c}", "+33\u{202f}6\u{202f}12\u{202f}34\u{202f}56\u{202f}78"];
    let request = SendMessageRequest { parent: String::new(), recipients: texts(&inputs), ..send("") };
    let answer = analyze(&rig, request).await.unwrap();
    let numbers: Vec<_> = answer.numbers.iter().map(|n| (n.phone_number.as_str(), n.valid)).collect();
    assert_eq!(numbers, [("", false), ("+393471234567", true), ("+33612345678", true)]);
    assert!(answer.numbers[0].problem.contains("letter"), "{}", answer.numbers[0].problem);
}

#[tokio::test]
async fn what_cannot_be_analyzed_is_refused() {
    let rig = Rig::smsend().await;
    let request =
        SendMessageRequest { parent: "acme".to_owned(), recipients: vec![String::new(); 10_001], ..send("smsend") };
    let status = analyze_in(&rig, request, "Italy").await.unwrap_err();
    failed(&status, Code::InvalidArgument, "INVALID_REQUEST");
    violations(&status, &["message.parent", "message.recipients", "region_code"]);
    let status = ask(&rig, AnalyzeMessageRequest::default()).await.unwrap_err();
    failed(&status, Code::InvalidArgument, "INVALID_REQUEST");
    violations(&status, &["message"]);
    let status = analyze(&rig, send("other")).await.unwrap_err();
    failed(&status, Code::NotFound, "ACCOUNT_NOT_FOUND");
}
