//! Who opted out: in one list over all accounts, whatever the vendor, before every send.

mod number_keys;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::json;
use smsmux::{
    api::pb::{
        AnalyzeMessageRequest, CheckConsentRequest, Consent, ConsentOrigin, ConsentRecord, DeliveryState,
        ErasePersonRequest, EventSource, EventType, GetMessageRequest, GuardVerdict, ListConsentRecordsRequest,
        ListConsentsRequest, ListEventsRequest, Message, PullReceivedMessagesRequest, Purpose, RouteDecision,
        SendMessageRequest, SetConsentRequest, consent_service_client::ConsentServiceClient, event::Subject,
        event_service_client::EventServiceClient, inbox_service_client::InboxServiceClient,
    },
    store,
};
use smsmux_sandbox::{Fault, Recorded};
use tonic::{Code, Status, transport::Channel};

use crate::support::{IN_MEMORY, NUMBER, Rig, failed, in_time, message, pause};

const ALL: &str = "accounts/-";
const SMSEND: &str = "accounts/smsend";
const OTHER: &str = "+393471230404";
const THIRD: &str = "+12125550123";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn consents(rig: &Rig) -> ConsentServiceClient<Channel> {
    ConsentServiceClient::new(rig.channel.clone())
}

async fn set(rig: &Rig, number: &str, blocked: bool, origin: ConsentOrigin) -> Vec<Consent> {
    let (parent, phone_number, note) = (ALL.to_owned(), number.to_owned(), "a letter".to_owned());
    let request =
        SetConsentRequest { parent, phone_number, blocked, origin: origin.into(), note, ..Default::default() };
    consents(rig).set_consent(request).await.expect("set").into_inner().consents
}

async fn block(rig: &Rig, number: &str) {
    set(rig, number, true, ConsentOrigin::Manual).await;
}

async fn ledger(rig: &Rig) -> Vec<ConsentRecord> {
    let request = ListConsentRecordsRequest { parent: ALL.to_owned(), page_size: 1000, ..Default::default() };
    consents(rig).list_consent_records(request).await.expect("listed").into_inner().records
}

fn to(numbers: &[&str]) -> SendMessageRequest {
    SendMessageRequest { recipients: numbers.iter().map(|to| (*to).to_owned()).collect(), ..message() }
}

async fn send(rig: &Rig, request: SendMessageRequest) -> Result<Message, Status> {
    Ok(rig.messages().send_message(request).await?.into_inner().message.expect("a message"))
}

#[track_caller]
fn opted_out(answer: Result<Message, Status>) {
    let status = answer.expect_err("opted out");
    let metadata = failed(&status, Code::FailedPrecondition, "RECIPIENT_OPTED_OUT");
    assert_eq!(metadata["outcome"], "NOT_SENT");
    assert!(!status.message().contains("39"), "{status:?}");
}

fn sent(rig: &Rig) -> usize {
    rig.requests("POST /sms").len()
}

/// Each recipient's number, state and code.
fn states(message: &Message) -> Vec<(&str, DeliveryState, &str)> {
    message.recipients.iter().map(|r| (&*r.to, r.state(), &*r.vendor_code)).collect()
}

/// Somebody sends a message to a number of smSend's account, which takes it.
async fn receive(rig: &Rig, from: &str, text: &str) {
    let body = json!({"sim": "+393400000001", "sender": from, "message": text});
    assert_eq!(rig.sandbox.control(Method::POST, "/received", &body).await.0, StatusCode::CREATED);
    let pull = PullReceivedMessagesRequest { parent: SMSEND.to_owned(), ..Default::default() };
    let taken = InboxServiceClient::new(rig.channel.clone()).pull_received_messages(pull).await.expect("taken");
    assert_eq!(taken.into_inner().messages.len(), 1);
}

#[tokio::test]
async fn those_who_opted_out_are_left_out_and_a_repeated_call_gets_the_same_reply() {
    let rig = Rig::smsend().await;
    block(&rig, OTHER).await;
    opted_out(send(&rig, to(&[OTHER])).await);
    assert_eq!(sent(&rig), 0);

    let keyed = || {
        let mut request = tonic::Request::new(to(&[OTHER, NUMBER, THIRD]));
        request.metadata_mut().insert("idempotency-key", "one".parse().expect("a key"));
        request
    };
    let first = rig.messages().send_message(keyed()).await.expect("sent").into_inner().message.expect("a message");
    let expected = [
        (OTHER, DeliveryState::Rejected, "RECIPIENT_OPTED_OUT"),
        (NUMBER, DeliveryState::Queued, ""),
        (THIRD, DeliveryState::Queued, ""),
    ];
    assert_eq!((states(&first), first.recipient_count), (expected.to_vec(), Some(3)));
    assert_eq!(first.recipients[0].vendor_text, "not sent: the recipient opted out");
    let body = rig.requests("POST /sms")[0].json().expect("JSON");
    assert_eq!(body["recipient"], json!([NUMBER, THIRD]));

    // Whatever became of consent since: the call was answered.
    block(&rig, NUMBER).await;
    let again = rig.messages().send_message(keyed()).await.expect("replayed");
    assert!(again.metadata().contains_key("smsmux-replayed"));
    assert_eq!((again.into_inner().message.expect("a message"), sent(&rig)), (first.clone(), 1));
    opted_out(send(&rig, to(&[NUMBER, OTHER])).await);

    let found = rig.messages().get_message(GetMessageRequest { name: first.name }).await.expect("found").into_inner();
    let found = found.message.expect("a message");
    assert_eq!(states(&found)[0], expected[0]);
}

#[tokio::test]
async fn a_code_reaches_who_opted_out_except_where_the_law_forbids_it() {
    for (settings, italian) in [("", true), ("[consent]\nstrict = true", false)] {
        let rig = Rig::with(&format!("{IN_MEMORY}{settings}"), "").await;
        for (number, is_sent) in [(NUMBER, italian), (THIRD, false)] {
            block(&rig, number).await;
            for (purpose, is_sent) in [
                (Purpose::Unspecified, false),
                (Purpose::Marketing, false),
                (Purpose::Transactional, false),
                (Purpose::Authentication, is_sent),
            ] {
                let (parent, phone_number) = (SMSEND.to_owned(), number.to_owned());
                let check = CheckConsentRequest { parent, phone_number, purpose: purpose.into() };
                let checked = consents(&rig).check_consent(check).await.expect("checked").into_inner();
                assert_eq!(checked.permitted, is_sent, "{number} {purpose:?}");
                let answer = send(&rig, SendMessageRequest { purpose: purpose.into(), ..to(&[number]) }).await;
                assert_eq!(answer.is_ok(), is_sent, "{number} {purpose:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_word_opts_out_and_in_again_and_lifts_nothing_else() {
    let rig = Rig::smsend().await;
    receive(&rig, NUMBER, "Please stop").await;
    send(&rig, message()).await.expect("sent");
    receive(&rig, NUMBER, " Stop! ").await;
    opted_out(send(&rig, message()).await);
    receive(&rig, NUMBER, "START").await;
    send(&rig, message()).await.expect("sent");
    block(&rig, NUMBER).await;
    receive(&rig, NUMBER, "START").await;
    opted_out(send(&rig, message()).await);
    let known = set(&rig, NUMBER, false, ConsentOrigin::Manual).await;
    assert_eq!((known.len(), known[0].blocked, &*known[0].brand), (1, false, "default"));
    send(&rig, message()).await.expect("sent");

    let request = ListEventsRequest { parent: ALL.to_owned(), page_size: 1000, ..Default::default() };
    let events = EventServiceClient::new(rig.channel.clone()).list_events(request).await.expect("listed").into_inner();
    let changes: Vec<_> = events
        .events
        .iter()
        .filter_map(|event| match &event.subject {
            Some(Subject::Consent(change)) => Some((&*change.origin, change.blocked, &*change.text, event.source())),
            _ => None,
        })
        .collect();
    let (call, operator) = (EventSource::Call, EventSource::Operator);
    let words = [("keyword", true, " Stop! ", call), ("keyword", false, "START", call)];
    assert_eq!(changes, [&words[..], &[("manual", true, "", operator), ("manual", false, "", operator)]].concat());
    let ledger = ledger(&rig).await;
    let evidence = ledger[0].evidence.as_ref().expect("evidence");
    assert!(evidence.received_message.starts_with("accounts/smsend/receivedMessages/"), "{evidence:?}");
    assert_eq!(
        (&*evidence.written_to, &*evidence.words, evidence.text_sha256.len()),
        ("+393400000001", "smsmux 1", 64)
    );
}

/// Whether the records are a chain, as whoever has them can tell without a key.
fn is_chain(records: &[ConsentRecord]) -> bool {
    let mut before = vec![0; 32];
    records.iter().all(|record| {
        let consent = record.consent.clone().expect("a consent");
        let digest = |bytes: &[u8]| store::Digest(bytes.try_into().expect("16 bytes"));
        let time = |time: Option<prost_types::Timestamp>| time.expect("a time").try_into().expect("a time");
        let same = store::ConsentRecord {
            sequence: record.sequence,
            entry: store::ConsentEntry {
                brand: (*consent.brand).into(),
                number: digest(&record.number_hash),
                blocked: consent.blocked,
                origin: consent.origin,
                time: time(consent.record_time),
                person: Vec::new(),
            },
            act_time: time(record.act_time),
            digest: digest(&record.evidence_hash),
            evidence: Vec::new(),
            hash: Vec::new(),
        };
        let is_next = same.hash_after(&before) == record.hash;
        before.clone_from(&record.hash);
        is_next
    })
}

#[tokio::test]
async fn the_ledger_can_be_checked_and_an_erased_person_stays_blocked_also_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = format!("[store]\npath = '{}'", folder.path().join("smsmux.db").display());
    let rig = Rig::with(&settings, "").await;
    for number in [NUMBER, OTHER] {
        send(&rig, to(&[number])).await.expect("sent");
        block(&rig, number).await;
        // To set what is set has no effect.
        block(&rig, number).await;
    }
    let erase = ErasePersonRequest { parent: ALL.to_owned(), phone_number: NUMBER.to_owned() };
    let erased = consents(&rig).erase_person(erase).await.expect("erased").into_inner();
    assert_eq!(erased.message_count, 1);
    let sandbox = crate::inbox::stopped(rig, folder.path()).await;

    let rig = Rig::at(sandbox, &settings, "").await;
    opted_out(send(&rig, to(&[NUMBER])).await);
    opted_out(send(&rig, to(&[OTHER])).await);
    let records = ledger(&rig).await;
    let known: Vec<_> = records.iter().map(|record| record.consent.clone().expect("a consent").phone_number).collect();
    assert_eq!(known, ["", OTHER, ""]);
    assert!(is_chain(&records), "{records:?}");
    assert!(!is_chain(&records[1..]));
    let notes: Vec<_> = records.iter().map(|r| r.evidence.as_ref().map(|evidence| &*evidence.note)).collect();
    assert_eq!(notes, [None, Some("a letter"), Some("erased")]);
    let list = ListConsentsRequest { parent: SMSEND.to_owned(), ..Default::default() };
    let listed = consents(&rig).list_consents(list).await.expect("listed").into_inner();
    assert!(listed.consents.len() == 2 && listed.consents.iter().all(|consent| consent.blocked));
}

#[tokio::test]
async fn a_brand_has_a_list_of_its_own() {
    let settings =
        "[consent.brands.acme]\naccounts = ['smsend']\n[accounts.phones]\nvendor = 'intelepeer'\ntoken = 't'";
    let rig = Rig::with(&format!("{IN_MEMORY}{settings}"), "").await;
    let request = |parent: &str| SetConsentRequest {
        parent: parent.to_owned(),
        phone_number: NUMBER.to_owned(),
        blocked: true,
        ..Default::default()
    };
    let known = consents(&rig).set_consent(request("accounts/phones")).await.expect("set").into_inner().consents;
    assert_eq!(known.iter().map(|consent| &*consent.brand).collect::<Vec<_>>(), ["default"]);
    send(&rig, message()).await.expect("sent");
    let known = consents(&rig).set_consent(request(ALL)).await.expect("set").into_inner().consents;
    assert_eq!(known.iter().map(|consent| &*consent.brand).collect::<Vec<_>>(), ["acme", "default"]);
    opted_out(send(&rig, message()).await);
}

#[tokio::test]
async fn whom_a_vendor_refuses_for_its_stop_list_is_blocked_everywhere() {
    let rig = Rig::of("smspartner", "", "").await;
    let request = SendMessageRequest {
        parent: "accounts/smspartner".to_owned(),
        recipients: vec!["+33612345678".to_owned()],
        ..message()
    };
    rig.answer("POST /send", 200, r#"{"success": false, "code": 14, "message": "Liste STOP"}"#);
    let status = send(&rig, request.clone()).await.expect_err("refused");
    failed(&status, Code::InvalidArgument, "VENDOR_REFUSED");
    opted_out(send(&rig, request).await);
    assert_eq!(rig.requests("POST /send").len(), 1);
    let list = ListConsentsRequest { parent: ALL.to_owned(), ..Default::default() };
    in_time(async {
        loop {
            let listed = consents(&rig).list_consents(list.clone()).await.expect("listed").into_inner().consents;
            if let Some(consent) = listed.first() {
                return assert_eq!((consent.origin(), consent.blocked), (ConsentOrigin::Vendor, true));
            }
            pause().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_block_is_copied_to_the_vendor_s_list_once() {
    let rig = Rig::smsend().await;
    block(&rig, NUMBER).await;
    rig.requested(1, "POST /blacklist/sms").await;
    block(&rig, NUMBER).await;
    block(&rig, OTHER).await;
    rig.requested(2, "POST /blacklist/sms").await;
    let numbers: Vec<_> =
        rig.requests("POST /blacklist/sms").iter().map(|r| r.query.clone().unwrap_or_default()).collect();
    assert!(numbers[0].contains(&NUMBER[1..]) && numbers[1].contains(&OTHER[1..]), "{numbers:?}");
}

#[tokio::test]
async fn a_copy_that_failed_is_made_again_and_none_after_it_is_passed_over() {
    let rig = Rig::smsend().await;
    let code = StatusCode::INTERNAL_SERVER_ERROR;
    rig.fault("POST /blacklist/sms", Fault::Status { code, retry_after: None, body: None });
    block(&rig, NUMBER).await;
    rig.requested(1, "POST /blacklist/sms").await;
    // The ledger is looked at again when it has news, and otherwise after a minute.
    block(&rig, OTHER).await;
    rig.requested(3, "POST /blacklist/sms").await;
    let asked = rig.requests("POST /blacklist/sms");
    let is_for =
        |asked: &Recorded, number: &str| asked.query.as_ref().is_some_and(|query| query.contains(&number[1..]));
    assert_eq!(asked.iter().map(|asked| is_for(asked, NUMBER)).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(asked.iter().map(|asked| is_for(asked, OTHER)).collect::<Vec<_>>(), [false, false, true]);
}

#[tokio::test]
async fn a_text_that_is_nearly_a_word_is_an_event_or_opts_out_where_the_law_says_so() {
    let rig = Rig::smsend().await;
    for (from, text) in [(NUMBER, "please stop"), (NUMBER, "STOPP"), (THIRD, "Stop texting me")] {
        receive(&rig, from, text).await;
    }
    send(&rig, message()).await.expect("suspected only");
    opted_out(send(&rig, to(&[THIRD])).await);
    let request = ListEventsRequest { parent: ALL.to_owned(), page_size: 1000, ..Default::default() };
    let events = EventServiceClient::new(rig.channel.clone()).list_events(request).await.expect("listed").into_inner();
    let suspected: Vec<_> = events
        .events
        .iter()
        .filter_map(|event| match &event.subject {
            Some(Subject::ConsentSuspected(suspected)) => Some((event.r#type(), suspected.clone())),
            _ => None,
        })
        .collect();
    let texts: Vec<_> = suspected.iter().map(|(_, suspected)| (&*suspected.phone_number, &*suspected.text)).collect();
    assert_eq!(texts, [(NUMBER, "please stop"), (NUMBER, "STOPP")]);
    assert_eq!(suspected[0].0, EventType::ConsentSuspected);
    assert!(suspected[0].1.received_message.starts_with("accounts/smsend/receivedMessages/"), "{suspected:?}");
    let ledger = ledger(&rig).await;
    assert_eq!((ledger.len(), &*ledger[0].evidence.as_ref().expect("evidence").note), (1, "nearly a word"));
    receive(&rig, THIRD, "START").await;
    send(&rig, to(&[THIRD])).await.expect("sent");
}

#[tokio::test]
async fn marketing_in_quiet_hours_is_not_sent_and_the_error_has_the_time_from_which_on_it_is() {
    const FRENCH: &str = "+33612345678";
    // A Sunday, and the Monday after it.
    let (sunday, monday) = (4_108_104_000, 4_108_172_400);
    let rig = Rig::with(&format!("{IN_MEMORY}[quiet_hours]\nmode = 'enforce'"), "").await;
    let request = |seconds, purpose: Purpose, numbers| SendMessageRequest {
        schedule_time: Some(prost_types::Timestamp { seconds, nanos: 0 }),
        purpose: purpose.into(),
        ..to(numbers)
    };
    let status = send(&rig, request(sunday, Purpose::Marketing, &[FRENCH])).await.expect_err("a Sunday");
    let metadata = failed(&status, Code::FailedPrecondition, "QUIET_HOURS");
    let expected = ("NOT_SENT", "2100-03-08T07:00:00Z");
    assert_eq!((&*metadata["outcome"], &*metadata["permitted_time"]), expected);
    let partly = send(&rig, request(sunday, Purpose::Marketing, &[FRENCH, NUMBER])).await.expect("sent to one");
    assert_eq!(states(&partly)[0], (FRENCH, DeliveryState::Rejected, "QUIET_HOURS"));
    send(&rig, request(sunday, Purpose::Transactional, &[FRENCH])).await.expect("no marketing");
    send(&rig, request(monday, Purpose::Marketing, &[FRENCH])).await.expect("permitted");
    assert_eq!(sent(&rig), 3);

    let analyze = async |seconds| {
        let request = request(seconds, Purpose::Marketing, &[FRENCH, NUMBER]);
        // Not the text that they have just got.
        let message = Some(SendMessageRequest { text: "Another".to_owned(), ..request });
        let request = AnalyzeMessageRequest { message, ..Default::default() };
        let decisions = rig.messages().analyze_message(request).await.expect("analyzed").into_inner().decisions;
        let of = |one: &RouteDecision| (one.quiet_hours(), one.permitted_time.map(|time| time.seconds), one.guard());
        decisions.iter().map(of).collect::<Vec<_>>()
    };
    let italian = (GuardVerdict::Unspecified, None, GuardVerdict::Permitted);
    assert_eq!(analyze(sunday).await, [(GuardVerdict::Refused, Some(monday), GuardVerdict::Unspecified), italian]);
    assert_eq!(analyze(monday).await, [(GuardVerdict::Permitted, None, GuardVerdict::Permitted), italian]);
}

#[tokio::test]
async fn without_a_store_nothing_is_known() {
    let rig = Rig::with("[store]\nenabled = false", "").await;
    let list = ListConsentsRequest { parent: ALL.to_owned(), ..Default::default() };
    let status = consents(&rig).list_consents(list).await.expect_err("no store");
    failed(&status, Code::Unimplemented, "UNSUPPORTED");
}

/// A STOP to one vendor's account at one server, a send by another vendor's account at another.
#[cfg(all(unix, feature = "foreign-clients"))]
#[tokio::test]
async fn a_stop_at_one_server_is_in_effect_at_another_from_the_commit_on() {
    let database = crate::store::server::Database::new();
    let store = format!("[store]\npostgres = '{}'\nhash_key = '{}'\n", database.url(), "a".repeat(32));
    let webhooks = format!("{store}[webhooks]\nlisten = '127.0.0.1:0'\n[consent]\ncopy = false");
    let stopped = Rig::of("lox24", &webhooks, &format!("webhook_tokens = ['{TOKEN}']")).await;
    let sends = Rig::with(&format!("{store}[consent]\ncopy = false"), "").await;
    for number in 0..10 {
        let person = format!("+39347123000{number}");
        send(&sends, to(&[&person])).await.expect("sent");
        let sms = json!({"id": format!("e{number}"), "name": "sms.incoming", "data": {"id": format!("in-{number}"),
            "to": "4915700000001", "from": person, "text": "STOP", "received_at": 1_732_789_999}});
        let uri = format!("http://{}/lox24/{TOKEN}", stopped.webhooks.expect("a port"));
        let request = Request::post(uri).body(Full::new(Bytes::from(sms.to_string()))).expect("a request");
        let answer = Client::builder(TokioExecutor::new()).build_http().request(request).await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        opted_out(send(&sends, to(&[&person])).await);
        let partly = send(&sends, to(&[&person, NUMBER])).await.expect("sent");
        assert_eq!(states(&partly)[0], (&*person, DeliveryState::Rejected, "RECIPIENT_OPTED_OUT"));
    }
    assert_eq!(sent(&sends), 20);
}

/// The first of three numbers is cut off at one server, and the second opts out at another before the call is repeated.
#[cfg(all(unix, feature = "foreign-clients"))]
#[tokio::test]
async fn a_stop_at_another_server_is_seen_by_a_call_that_sends_the_rest_of_an_interrupted_message() {
    use smsmux::api::pb::Recipient;

    let database = crate::store::server::Database::new();
    let store =
        format!("[store]\npostgres = '{}'\nhash_key = '{}'\n[consent]\ncopy = false", database.url(), "a".repeat(32));
    let (sends, other) = (Rig::of("lox24", &store, "").await, Rig::of("lox24", &store, "").await);
    for call in 0..10 {
        let numbers = [1, 2, 3].map(|number| format!("+491512345{call}{number}00"));
        let keyed = || {
            let recipients = numbers.to_vec();
            let mut request = tonic::Request::new(SendMessageRequest {
                parent: "accounts/lox24".to_owned(),
                recipients,
                text: "Hello".to_owned(),
                sender: "smsmux".to_owned(),
                ..Default::default()
            });
            request.metadata_mut().insert("idempotency-key", format!("{call}").parse().expect("a key"));
            request
        };
        sends.fault("POST /sms", Fault::CutAfter);
        let status = sends.messages().send_message(keyed()).await.expect_err("nobody knows of the first");
        failed(&status, Code::Unknown, "OUTCOME_UNKNOWN");
        block(&other, &numbers[1]).await;
        let reply = sends.messages().send_message(keyed()).await.expect("sent to the third").into_inner();
        let message = reply.message.expect("a message");
        let of = |recipient: &Recipient| (recipient.state(), recipient.vendor_code == "RECIPIENT_OPTED_OUT");
        let expected =
            [(DeliveryState::Unknown, false), (DeliveryState::Rejected, true), (DeliveryState::Queued, false)];
        assert_eq!(message.recipients.iter().map(of).collect::<Vec<_>>(), expected, "{call}");
        assert_eq!(sent(&sends), 2 * (call + 1));
    }
}

/// Two servers with an account at the same vendor.
#[cfg(all(unix, feature = "foreign-clients"))]
#[tokio::test]
async fn of_two_servers_one_copies_a_block_to_the_vendor_s_list() {
    use smsmux_sandbox::Sandbox;

    let database = crate::store::server::Database::new();
    let store = format!("[store]\npostgres = '{}'\nhash_key = '{}'\n", database.url(), "a".repeat(32));
    let vendor = Sandbox::start("smsend", crate::support::loopback()).await.expect("a sandbox");
    let keys = format!("base_url = '{}'", vendor.base_url());
    let rigs = [Rig::with(&store, &keys).await, Rig::with(&store, &keys).await];
    for number in 0..20 {
        block(&rigs[number % 2], &format!("+39347123{number:04}")).await;
    }
    let copies = |request: &Recorded| request.method == "POST" && request.path.ends_with("/blacklist/sms");
    let copied = in_time(vendor.requested(20, copies)).await;
    let numbers: std::collections::BTreeSet<_> = copied.iter().map(|request| request.query.clone()).collect();
    assert_eq!((copied.len(), numbers.len()), (20, 20));
}

/// A server stands still amid a copy, beyond the end of its lease, and another one goes on.
#[cfg(all(unix, feature = "foreign-clients"))]
#[tokio::test]
async fn a_server_that_stood_still_amid_a_copy_copies_nothing_more_of_what_another_has_copied() {
    use smsmux_sandbox::{Rule, Sandbox};

    let database = crate::store::server::Database::new();
    let store = format!("[store]\npostgres = '{}'\nhash_key = '{}'\n", database.url(), "a".repeat(32));
    let vendor = Sandbox::start("smsend", crate::support::loopback()).await.expect("a sandbox");
    let keys = format!("base_url = '{}'", vendor.base_url());
    let copies = |request: &Recorded| request.method == "POST" && request.path.ends_with("/blacklist/sms");
    let leases = || database.sql("SELECT count(*) FROM chore WHERE name LIKE 'copy consent%'");
    let numbers: Vec<_> = (0..6).map(|number| format!("+39347123000{number}")).collect();

    vendor.inject(Rule::new(Fault::Hold).method("POST").path("/blacklist/sms"));
    let still = Rig::with(&store, &keys).await;
    for number in &numbers[..4] {
        block(&still, number).await;
    }
    in_time(vendor.requested(1, copies)).await;
    assert_eq!(leases(), "1");
    database.sql("UPDATE chore SET lease_until = 0 WHERE name LIKE 'copy consent%'");
    let other = Rig::with(&store, &keys).await;
    in_time(vendor.requested(5, copies)).await;
    // A server that has nothing to copy holds no lease.
    in_time(async {
        while leases() != "0" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    other.stop();
    other.wait().await;

    vendor.clear_faults();
    for number in &numbers[4..] {
        block(&still, number).await;
    }
    let copied = in_time(vendor.requested(7, copies)).await;
    let copied: Vec<_> = copied
        .iter()
        .map(|asked| {
            let query = asked.query.as_deref().unwrap_or_default();
            numbers.iter().position(|number| query.contains(&number[1..])).expect("one of the numbers")
        })
        .collect();
    // The one that was on its way came twice.
    assert_eq!(copied, [0, 0, 1, 2, 3, 4, 5]);
    let cursor = database.sql("SELECT count(*) FROM cursor WHERE name LIKE 'consent copies%'");
    assert_eq!(cursor, "1");
}
