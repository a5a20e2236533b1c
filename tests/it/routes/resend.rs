//! A message that its account reports as not delivered, or reports nothing of, is sent again through another one: once.

use http::StatusCode;
use prost_reflect::{DescriptorPool, DynamicMessage};
use smsmux::api::pb::{
    AttemptOutcome, ConsentOrigin, DESCRIPTORS, DeliveryState, Encoding, GetMessageRequest, ListEventsRequest, Message,
    MessageStateChanged, Purpose, Quality, Recipient, Requested, SendMessageRequest, SetConsentRequest,
    consent_service_client::ConsentServiceClient, event::Subject, event_service_client::EventServiceClient,
};
use smsmux_sandbox::{Fault, Rule, Sandbox};

use super::{Stand, attempts};
use crate::support::{in_time, loopback, pause, scrape};

const TO: &str = "+393471234567";
const STORE: &str = "[store]\npath = ':memory:'\nkeep_texts = true\n";
const ON: &str = "rules = [{ use = ['smsend', 'other'], resend_on = ['undeliverable', 'rejected'] }]";
const AFTER: &str = "rules = [{ use = ['smsend', 'other'], resend_after = '2s' }]";
const ACCEPTED: AttemptOutcome = AttemptOutcome::Accepted;

async fn stand(route: &str) -> Stand {
    Stand::with("smsend", route, "", "", STORE).await
}

async fn send(stand: &Stand, to: &[&str]) -> Message {
    stand.send(Stand::request(to)).await.expect("sent")
}

async fn get(stand: &Stand, name: &str) -> Message {
    let request = GetMessageRequest { name: name.to_owned() };
    stand.rig.messages().get_message(request).await.expect("found").into_inner().message.expect("a message")
}

/// Waits until a message is as it should be for its first recipient.
async fn until(stand: &Stand, name: &str, is_so: impl Fn(&Recipient) -> bool) -> Message {
    in_time(async {
        loop {
            let found = get(stand, name).await;
            if is_so(&found.recipients[0]) {
                return found;
            }
            pause().await;
        }
    })
    .await
}

/// Lets the first account report that it could not deliver a message, and has that looked up.
async fn fail(stand: &Stand, sent: &Message) -> Message {
    stand.rig.sandbox.fail(&sent.recipients[0].vendor_message_id).await.expect("failed");
    until(stand, &sent.name, |recipient| recipient.resend.is_some()).await
}

fn was_asked_again(recipient: &Recipient) -> bool {
    recipient.resend.as_ref().is_some_and(|first| first.create_time.is_some())
}

fn is_at_the_other(recipient: &Recipient) -> bool {
    recipient.account == "accounts/other" && !recipient.vendor_message_id.is_empty()
}

/// Lets no look-up tell anything.
fn no_look_ups(vendor: &Sandbox) {
    let code = StatusCode::SERVICE_UNAVAILABLE;
    vendor.inject(Rule::new(Fault::Status { code, retry_after: None, body: None }).method("GET").times(100_000));
}

/// The changes of a message's first recipient, in their order: the state, the account, and whether it is final.
async fn changes(stand: &Stand, sent: &Message) -> Vec<(DeliveryState, String, bool)> {
    let request = ListEventsRequest { parent: "accounts/main".to_owned(), ..ListEventsRequest::default() };
    let mut events = EventServiceClient::new(stand.rig.channel.clone());
    let listed = events.list_events(request).await.expect("listed").into_inner().events;
    let of_message = |event: smsmux::api::pb::Event| match event.subject {
        Some(Subject::MessageState(changed)) if changed.message == sent.name => Some(changed),
        _ => None,
    };
    let change = |changed: MessageStateChanged| (changed.state(), changed.account.clone(), changed.is_final);
    let mut changes: Vec<_> = listed.into_iter().filter_map(of_message).map(change).collect();
    changes.retain(|(state, ..)| *state != DeliveryState::Sent);
    changes
}

#[tokio::test]
async fn what_an_account_did_not_deliver_is_sent_again_once_and_nobody_is_told_of_an_end_before() {
    let sections = format!("{STORE}[metrics]\nlisten = '127.0.0.1:0'\n");
    let stand = Stand::with("smsend", ON, "", "", &sections).await;
    let sent = send(&stand, &[TO]).await;
    let held = fail(&stand, &sent).await;
    let first = held.recipients[0].resend.clone().expect("the first account");
    assert_eq!((first.account.as_str(), first.state()), ("accounts/smsend", DeliveryState::Undeliverable));
    assert_eq!(first.vendor_message_id, sent.recipients[0].vendor_message_id);

    let again = until(&stand, &sent.name, is_at_the_other).await;
    let recipient = &again.recipients[0];
    assert!(recipient.account == "accounts/other" && recipient.rule == 1, "{recipient:?}");
    assert!(was_asked_again(recipient), "{recipient:?}");
    assert_eq!(attempts(&again), [("accounts/smsend", ACCEPTED, ""), ("accounts/other", ACCEPTED, "")]);
    assert_eq!(again.attempts[1].cause, "accounts/smsend reported UNDELIVERABLE, and resend_on has it");
    assert_eq!(stand.sends(), (1, 1));

    // The second account fails too: nobody is asked once more.
    stand.other.fail(&recipient.vendor_message_id).await.expect("failed");
    let ended = until(&stand, &sent.name, |recipient| recipient.state() == DeliveryState::Rejected).await;
    assert_eq!((ended.recipients[0].account.as_str(), ended.attempts.len()), ("accounts/other", 2));
    let expected = [
        (DeliveryState::Queued, "accounts/smsend", false),
        (DeliveryState::Queued, "accounts/smsend", false),
        (DeliveryState::Unknown, "accounts/other", false),
        (DeliveryState::Queued, "accounts/other", false),
        (DeliveryState::Rejected, "accounts/other", true),
    ];
    let found = changes(&stand, &sent).await;
    let found: Vec<_> = found.iter().map(|(state, account, is_final)| (*state, account.as_str(), *is_final)).collect();
    // Without a state in between there is no event that the first account's message is held.
    assert!(found == expected || found == expected[1..], "{found:?}");
    assert_eq!(stand.sends(), (1, 1));
    let line = r#"smsmux_route_resends_total{route="main",cause="undeliverable",outcome="accepted"}"#;
    let metrics = scrape(&stand.rig.metrics.expect("an address").to_string()).await;
    assert!(metrics.contains(line), "{metrics}");
}

/// What becomes of a field of the request when a route sends the message again.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// The next account is asked for the same.
    Same,
    /// The message is not sent again.
    NotAgain,
    /// It is about this send: the account, who did not get the message, and its id.
    OfTheSend,
    /// A route rejects it.
    Rejected,
}

/// The fate of each field. A field that is missing here needs a decision, and one that is the same a place in the log.
const FATES: &[(&str, Fate)] = &[
    ("parent", Fate::OfTheSend),
    ("recipients", Fate::OfTheSend),
    ("text", Fate::Same),
    ("sender", Fate::Same),
    ("quality", Fate::Same),
    ("encoding", Fate::Same),
    ("schedule_time", Fate::NotAgain),
    ("message_id", Fate::OfTheSend),
    ("reference", Fate::Same),
    ("purpose", Fate::Same),
    ("tag", Fate::Same),
    ("smsend", Fate::Rejected),
];

/// A request with every field that is the same when its message is sent again, each with a value other than the default.
fn explicit() -> SendMessageRequest {
    let request = SendMessageRequest {
        quality: Quality::Medium.into(),
        // The text is in the alphabet of GSM: only by this it is sent in another one.
        encoding: Encoding::Ucs2.into(),
        reference: "order 7".to_owned(),
        purpose: Purpose::Authentication.into(),
        tag: "codes".to_owned(),
        ..Stand::request(&[TO])
    };
    let descriptor = DescriptorPool::decode(DESCRIPTORS).expect("descriptors");
    let descriptor = descriptor.get_message_by_name("smsmux.v1.SendMessageRequest").expect("the request");
    let mut dynamic = DynamicMessage::new(descriptor.clone());
    dynamic.transcode_from(&request).expect("the same message");
    for field in descriptor.fields() {
        let fate = FATES.iter().find(|(name, _)| *name == field.name()).map(|(_, fate)| fate);
        let fate = fate.unwrap_or_else(|| panic!("nobody decided what becomes of {}", field.name()));
        assert!(*fate != Fate::Same || dynamic.has_field(&field), "{} has no value", field.name());
    }
    request
}

#[tokio::test]
async fn what_is_sent_again_asks_for_all_that_the_send_asked_for() {
    // Both accounts are at one vendor: what it is asked for must be the same, byte by byte.
    let route = "rules = [{ purpose = 'authentication', tag = 'codes', use = ['lox24', 'other'], \
                 resend_on = ['undeliverable', 'rejected'] }, { use = ['other'] }]";
    let stand = Stand::with("lox24", route, "", "", STORE).await;
    let sent = stand.send(explicit()).await.expect("sent");
    fail(&stand, &sent).await;
    let again = until(&stand, &sent.name, is_at_the_other).await;
    assert_eq!(stand.sends(), (1, 1));
    let body = |vendor: &Sandbox| {
        let sends = vendor.requests().into_iter().find(|request| request.method == "POST" && request.path == "/sms");
        sends.expect("a send").json().expect("JSON")
    };
    let (first, second) = (body(&stand.rig.sandbox), body(&stand.other));
    assert_eq!(first, second);
    assert_eq!((&second["is_unicode"], &second["callback_data"]), (&true.into(), &"order 7".into()), "{second}");
    let requested = again.requested.as_ref().expect("what was asked for");
    let SendMessageRequest { sender, quality, encoding, reference, purpose, tag, .. } = explicit();
    assert_eq!(*requested, Requested { sender, quality, encoding, reference });
    assert_eq!((again.purpose, again.tag), (purpose, tag));
}

#[tokio::test]
async fn an_alphabet_that_was_asked_for_is_kept_at_another_vendor_and_one_that_has_none_is_passed_over() {
    let route = "rules = [{ use = ['smsend', 'plain', 'other'], resend_on = ['undeliverable'] }]";
    let plain = Sandbox::start("ip1sms", loopback()).await.expect("a sandbox");
    let keys = plain.credentials().iter().map(|(key, value)| format!("{key} = '{value}'\n")).collect::<String>();
    let account = format!("[accounts.plain]\nvendor = 'ip1sms'\nbase_url = '{}'\n{keys}\n", plain.base_url());
    let stand = Stand::with("smsend", route, "", "", &format!("{STORE}{account}")).await;
    let encoding = Encoding::Ucs2.into();
    let sent = stand.send(SendMessageRequest { encoding, ..Stand::request(&[TO]) }).await.expect("sent");
    fail(&stand, &sent).await;
    let again = until(&stand, &sent.name, is_at_the_other).await;
    let passed_over = ("accounts/plain", AttemptOutcome::NotSent, "INVALID_REQUEST");
    assert_eq!(attempts(&again), [("accounts/smsend", ACCEPTED, ""), passed_over, ("accounts/other", ACCEPTED, "")]);
    assert_eq!(plain.requests().iter().filter(|request| request.method == "POST").count(), 0);
    let sends = stand.other.requests().into_iter().find(|request| request.method == "POST").expect("a send");
    assert_eq!(sends.json().expect("JSON")["is_unicode"], true);
}

#[tokio::test]
async fn only_those_are_sent_to_again_whom_the_message_did_not_reach() {
    let stand = stand(ON).await;
    let sent = send(&stand, &["+393471234404", "+393471234567"]).await;
    let again = until(&stand, &sent.name, |recipient| recipient.account == "accounts/other").await;
    assert!(again.recipients[1].resend.is_none() && again.recipients[1].account == "accounts/smsend");
    // What is sent again is claimed before it leaves.
    let arrived = in_time(stand.other.requested(1, |r| r.method == "POST" && r.path == "/sms")).await;
    let arrived: Vec<_> = arrived.iter().map(|request| request.json().expect("JSON")["phone"].clone()).collect();
    assert_eq!(arrived, ["+393471234404"]);
}

#[tokio::test]
async fn without_the_key_or_with_another_state_what_is_reported_is_the_end() {
    let off = "rules = [{ use = ['smsend', 'other'] }]";
    let expired = "resend_on = ['undeliverable']\nrules = [{ use = ['smsend', 'other'], resend_on = ['expired'] }]";
    let late = "resend_within = '1ms'\nrules = [{ use = ['smsend', 'other'], resend_on = ['undeliverable'] }]";
    for route in [off, expired, late] {
        let stand = stand(route).await;
        let sent = send(&stand, &[TO]).await;
        stand.rig.sandbox.fail(&sent.recipients[0].vendor_message_id).await.expect("failed");
        let ended = until(&stand, &sent.name, |recipient| recipient.state() == DeliveryState::Undeliverable).await;
        assert_eq!((&ended.recipients[0].resend, ended.attempts.len(), stand.sends()), (&None, 1, (1, 0)), "{route}");
    }
}

#[tokio::test]
async fn nobody_goes_round_a_stop_list_or_sends_to_somebody_who_opted_out_since() {
    let stand = stand(ON).await;
    let sent = send(&stand, &["+393471234403"]).await;
    let ended = until(&stand, &sent.name, |recipient| recipient.state() == DeliveryState::Rejected).await;
    assert_eq!((ended.recipients[0].vendor_code.as_str(), stand.sends()), ("BLACKLISTED", (1, 0)));
    // The list of the vendor blocks the person at all accounts of the route.
    let status = stand.send(Stand::request(&["+393471234403"])).await.expect_err("opted out");
    crate::support::failed(&status, tonic::Code::FailedPrecondition, "RECIPIENT_OPTED_OUT");

    let sent = send(&stand, &[TO]).await;
    let block = SetConsentRequest {
        parent: "accounts/-".to_owned(),
        phone_number: TO.to_owned(),
        blocked: true,
        origin: ConsentOrigin::Manual.into(),
        note: "a letter".to_owned(),
        ..SetConsentRequest::default()
    };
    ConsentServiceClient::new(stand.rig.channel.clone()).set_consent(block).await.expect("blocked");
    fail(&stand, &sent).await;
    let ended = until(&stand, &sent.name, |recipient| recipient.state() == DeliveryState::Undeliverable).await;
    let refused = ("", AttemptOutcome::NotSent, "RECIPIENT_OPTED_OUT");
    assert_eq!(attempts(&ended), [("accounts/smsend", ACCEPTED, ""), refused]);
    assert_eq!((ended.recipients[0].account.as_str(), stand.sends()), ("accounts/smsend", (2, 0)));
}

#[tokio::test]
async fn the_spend_guard_counts_what_is_sent_again() {
    let guard = format!("{STORE}[guard]\nmode = 'enforce'\nnumber_per_10_minutes = 1\n");
    let stand = Stand::with("smsend", ON, "", "", &guard).await;
    let sent = send(&stand, &[TO]).await;
    fail(&stand, &sent).await;
    let ended = until(&stand, &sent.name, |recipient| recipient.state() == DeliveryState::Undeliverable).await;
    assert_eq!((attempts(&ended)[1].2, stand.sends()), ("SPEND_GUARD", (1, 0)));
}

#[tokio::test]
async fn what_no_other_account_takes_stays_with_the_first_one() {
    let stand = stand(ON).await;
    let code = StatusCode::PAYMENT_REQUIRED;
    stand.other.inject(Rule::new(Fault::Status { code, retry_after: None, body: None }).method("POST"));
    let sent = send(&stand, &[TO]).await;
    fail(&stand, &sent).await;
    let ended = until(&stand, &sent.name, |recipient| recipient.state() == DeliveryState::Undeliverable).await;
    let refused = ("accounts/other", AttemptOutcome::Refused, "NO_CREDIT");
    assert_eq!(attempts(&ended), [("accounts/smsend", ACCEPTED, ""), refused]);
    let recipient = &ended.recipients[0];
    assert_eq!(
        (&recipient.account, &recipient.vendor_message_id),
        (&sent.recipients[0].account, &sent.recipients[0].vendor_message_id)
    );
    assert!(!was_asked_again(recipient) && recipient.resend.is_some(), "{recipient:?}");
}

#[tokio::test]
async fn a_second_outcome_that_is_unknown_stays_unknown() {
    let stand = stand(ON).await;
    stand.other.inject(Rule::new(Fault::CutAfter).method("POST"));
    let sent = send(&stand, &[TO]).await;
    fail(&stand, &sent).await;
    let unknown =
        until(&stand, &sent.name, |recipient| !recipient.vendor_text.is_empty() && was_asked_again(recipient)).await;
    assert_eq!(unknown.recipients[0].state(), DeliveryState::Unknown);
    let second = ("accounts/other", AttemptOutcome::Unknown, "OUTCOME_UNKNOWN");
    assert_eq!((attempts(&unknown)[1], stand.sends()), (second, (1, 1)));
}

#[tokio::test]
async fn without_a_report_in_time_it_is_sent_again_and_a_late_report_of_the_first_account_counts() {
    let stand = stand(AFTER).await;
    no_look_ups(&stand.other);
    let sent = send(&stand, &[TO]).await;
    no_look_ups(&stand.rig.sandbox);
    let again = until(&stand, &sent.name, is_at_the_other).await;
    let cause = "accounts/smsend reported nothing for 2s, and resend_after is over: the message may arrive twice";
    assert_eq!((again.attempts[1].cause.as_str(), stand.sends()), (cause, (1, 1)));
    stand.rig.sandbox.clear_faults();
    stand.rig.sandbox.deliver(&sent.recipients[0].vendor_message_id).await.expect("delivered");
    let ended = until(&stand, &sent.name, |recipient| recipient.state() == DeliveryState::Delivered).await;
    let first = ended.recipients[0].resend.as_ref().expect("the first account");
    assert_eq!((first.state(), ended.recipients[0].account.as_str()), (DeliveryState::Delivered, "accounts/other"));
}

#[tokio::test]
async fn a_report_of_the_first_account_that_is_pushed_late_finds_the_message() {
    let token = "0123456789abcdef0123456789abcdef";
    let sections = format!("{STORE}[webhooks]\nlisten = '127.0.0.1:0'\n");
    let stand = Stand::with("smsend", AFTER, &format!("webhook_tokens = ['{token}']\n"), "", &sections).await;
    let address = stand.rig.webhooks.expect("a port");
    stand.rig.sandbox.push_to(&format!("http://{address}/smsend/{token}"));
    let sent = send(&stand, &[TO]).await;
    no_look_ups(&stand.rig.sandbox);
    let again = until(&stand, &sent.name, is_at_the_other).await;
    // The second account is done, so nobody looks up what the first one did.
    stand.other.fail(&again.recipients[0].vendor_message_id).await.expect("failed");
    until(&stand, &sent.name, |recipient| recipient.state() == DeliveryState::Rejected).await;
    stand.rig.sandbox.clear_faults();
    stand.rig.sandbox.deliver(&sent.recipients[0].vendor_message_id).await.expect("delivered");
    until(&stand, &sent.name, |recipient| recipient.state() == DeliveryState::Delivered).await;
}

#[tokio::test]
async fn a_scheduled_message_stays_at_the_account_that_took_it() {
    let stand = stand(AFTER).await;
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(7200);
    let schedule_time = Some(prost_types::Timestamp { nanos: 0, ..later.into() });
    let request = SendMessageRequest { schedule_time, ..Stand::request(&[TO]) };
    let scheduled = stand.send(request).await.expect("sent");
    // A message after it has been sent again.
    no_look_ups(&stand.rig.sandbox);
    let other = send(&stand, &["+393471234568"]).await;
    until(&stand, &other.name, was_asked_again).await;
    assert!(get(&stand, &scheduled.name).await.recipients[0].resend.is_none());
}

#[cfg(all(unix, feature = "foreign-clients"))]
#[tokio::test]
async fn two_servers_send_a_message_again_once() {
    let database = crate::store::server::Database::new();
    let store =
        format!("[store]\npostgres = '{}'\nhash_key = '{}'\nkeep_texts = true\n", database.url(), "a".repeat(32));
    let stand = Stand::with("smsend", ON, "", "", &store).await;
    let second = stand.beside(ON, &store).await;
    let mut all = Vec::new();
    for number in 0..10 {
        all.push(send(&stand, &[&format!("+39347123450{number}")]).await);
    }
    for sent in &all {
        stand.rig.sandbox.fail(&sent.recipients[0].vendor_message_id).await.expect("failed");
        // Both see it at the same time.
        let request = || GetMessageRequest { name: sent.name.clone() };
        let (mut one, mut other) = (stand.rig.messages(), second.messages());
        let found = tokio::join!(one.get_message(request()), other.get_message(request()));
        assert!(found.0.is_ok() && found.1.is_ok(), "{found:?}");
    }
    for sent in &all {
        let again = until(&stand, &sent.name, is_at_the_other).await;
        assert_eq!(attempts(&again).len(), 2);
    }
    assert_eq!(stand.sends(), (10, 10));
}
