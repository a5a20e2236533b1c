//! What may go to another account, and what never: every row of the table in docs/routes.md.

use std::time::Duration;

use http::StatusCode;
use smsmux::api::pb::{AttemptOutcome, DeliveryState};
use smsmux_sandbox::Fault;
use tonic::Request;

use super::{Stand, TO, attempts};
use crate::support::{HASTY, info, refusing};

const NOT_SENT: AttemptOutcome = AttemptOutcome::NotSent;
const REFUSED: AttemptOutcome = AttemptOutcome::Refused;
const UNKNOWN: AttemptOutcome = AttemptOutcome::Unknown;
const ACCEPTED: AttemptOutcome = AttemptOutcome::Accepted;

fn status(code: u16) -> Fault {
    Fault::Status { code: StatusCode::from_u16(code).expect("a status"), retry_after: None, body: None }
}

/// A faulted send that another account took: the message tells both attempts.
async fn goes_on(stand: &Stand, outcome: AttemptOutcome, reason: &str) {
    let sent = stand.send(Stand::request(&[TO])).await.expect("sent");
    let first = format!("accounts/{}", stand.rig.sandbox.vendor());
    assert_eq!(attempts(&sent), [(first.as_str(), outcome, reason), ("accounts/other", ACCEPTED, "")]);
    assert_eq!(sent.attempts[0].cause, "the first account of the rule");
    assert_eq!(sent.attempts[1].cause, format!("{first} did not take it: {reason}"));
    assert!(!sent.attempts[0].explanation.is_empty() && sent.attempts[0].create_time.is_some());
    assert!(sent.name.starts_with("accounts/main/messages/"), "{}", sent.name);
    assert_eq!((sent.recipients[0].account.as_str(), stand.sends().1), ("accounts/other", 1));
}

/// A faulted send that goes nowhere else.
async fn stays(stand: &Stand, reason: &str, outcome: &str) {
    let status = stand.send(Stand::request(&[TO])).await.expect_err("it fails");
    let info = info(&status);
    assert_eq!((info.reason.as_str(), info.metadata["outcome"].as_str()), (reason, outcome), "{status:?}");
    assert_eq!(stand.sends().1, 0, "{reason} {outcome}");
}

#[tokio::test]
async fn what_was_not_sent_goes_on_at_once() {
    let (address, _port) = refusing();
    let unreachable = format!("base_url = 'http://{address}'\nbreaker_failures = 1\nbreaker_pause = '1h'\n");
    let stand = Stand::in_order(&unreachable).await;
    goes_on(&stand, NOT_SENT, "VENDOR_UNAVAILABLE").await;
    // The breaker is open now, and has told for how long: the account is not asked any more.
    let sent = stand.send(Stand::request(&[TO])).await.expect("sent");
    assert_eq!(attempts(&sent), [("accounts/other", ACCEPTED, "")]);
    assert_eq!(stand.sends(), (0, 2));
}

#[tokio::test]
async fn our_own_limit_goes_on() {
    let stand = Stand::in_order("max_in_flight = 1\nmax_waiting = 0\n").await;
    stand.rig.fault("POST /sms", Fault::Hold);
    let (held, ()) = tokio::join!(stand.send(Stand::request(&[TO])), async {
        stand.rig.requested(1, "POST /sms").await;
        let sent = stand.send(Stand::request(&["+4915123456780"])).await.expect("sent");
        let first = ("accounts/lox24", NOT_SENT, "OVERLOADED");
        assert_eq!(attempts(&sent), [first, ("accounts/other", ACCEPTED, "")]);
        stand.rig.sandbox.clear_faults();
    });
    assert_eq!(attempts(&held.expect("sent")), [("accounts/lox24", ACCEPTED, "")]);
}

#[tokio::test]
async fn a_fault_of_the_account_goes_on_and_leaves_it_out_for_the_country_and_the_sender() {
    for (code, reason) in [(402, "NO_CREDIT"), (403, "VENDOR_DENIED"), (401, "ACCOUNT_CREDENTIAL_REFUSED")] {
        let stand = Stand::in_order("").await;
        stand.rig.faults("POST /sms", status(code), 1);
        goes_on(&stand, REFUSED, reason).await;
        let sent = stand.send(Stand::request(&[TO])).await.expect("sent");
        assert_eq!(attempts(&sent), [("accounts/other", ACCEPTED, "")], "left out after {reason}");
        // LOX24 is not asked again for a while after it has rejected the credential, whoever asks.
        if code != 401 {
            let sent = stand.send(Stand::request(&["+393471234567"])).await.expect("sent");
            assert_eq!(attempts(&sent), [("accounts/lox24", ACCEPTED, "")], "another country");
        }
    }
}

#[tokio::test]
async fn a_sender_or_a_country_that_an_account_has_not_goes_on() {
    for code in [13, 44, 992] {
        let route = "rules = [{ use = ['smspartner', 'other'] }]";
        let stand = Stand::new("smspartner", route, "").await;
        stand.rig.answer("POST /send", 200, &format!(r#"{{"success": false, "code": {code}, "message": "Non"}}"#));
        goes_on(&stand, REFUSED, "VENDOR_REFUSED").await;
    }
}

#[tokio::test]
async fn a_rate_goes_on_and_does_not_leave_the_account_out() {
    let stand = Stand::in_order("").await;
    stand.rig.fault("POST /sms", status(429));
    goes_on(&stand, REFUSED, "RATE_LIMITED").await;
    let sent = stand.send(Stand::request(&[TO])).await.expect("sent");
    assert_eq!(attempts(&sent), [("accounts/lox24", ACCEPTED, "")]);
}

#[tokio::test]
async fn a_fault_of_the_recipient_or_the_text_goes_nowhere_else() {
    for code in [400, 422] {
        let stand = Stand::in_order("").await;
        stand.rig.fault("POST /sms", status(code));
        stays(&stand, "VENDOR_REFUSED", "REFUSED").await;
        assert_eq!(stand.sends(), (1, 0));
    }
    let stand = Stand::in_order("").await;
    let long = "x".repeat(2000);
    let status = stand.send(smsmux::api::pb::SendMessageRequest { text: long, ..Stand::request(&["12", TO]) }).await;
    crate::support::violations(&status.expect_err("invalid"), &["recipients[0]", "text"]);
    assert_eq!(stand.sends(), (0, 0));
}

#[tokio::test]
async fn nobody_goes_round_a_stop_list() {
    let stand = Stand::new("smspartner", "rules = [{ use = ['smspartner', 'other'] }]", "").await;
    stand.rig.answer("POST /send", 200, r#"{"success": false, "code": 14, "message": "Liste STOP"}"#);
    stays(&stand, "VENDOR_REFUSED", "REFUSED").await;
}

#[tokio::test]
async fn an_unknown_outcome_goes_nowhere_else() {
    for fault in [status(500), Fault::CutBefore, Fault::CutAfter, Fault::ResetAfter, Fault::Garbage, Fault::Truncate] {
        let stand = Stand::in_order("").await;
        stand.rig.fault("POST /sms", fault.clone());
        stays(&stand, "OUTCOME_UNKNOWN", "UNKNOWN").await;
    }
    let stand = Stand::in_order(HASTY).await;
    stand.rig.fault("POST /sms", Fault::HangAfter);
    stays(&stand, "OUTCOME_UNKNOWN", "UNKNOWN").await;
}

#[tokio::test]
async fn an_unknown_outcome_is_looked_up_first_where_the_vendor_can_be_asked() {
    let route = "rules = [{ use = ['smsend', 'other'] }]";
    let stand = Stand::new("smsend", route, HASTY).await;
    stand.rig.fault("POST /sms", Fault::CutAfter);
    let sent = stand.send(Stand::request(&[TO])).await.expect("the look-up finds it");
    assert_eq!(attempts(&sent), [("accounts/smsend", ACCEPTED, "")]);
    // Provably absent.
    stand.rig.fault("POST /sms", Fault::CutBefore);
    let sent = stand.send(Stand::request(&[TO])).await.expect("the other takes it");
    assert_eq!(
        attempts(&sent),
        [("accounts/smsend", NOT_SENT, "VENDOR_UNAVAILABLE"), ("accounts/other", ACCEPTED, "")]
    );
    assert_eq!(stand.sends().1, 1);
}

#[tokio::test]
async fn a_caller_who_wants_a_code_to_arrive_may_have_it_sent_twice() {
    let route = "rules = [{ use = ['lox24', 'other'] }]\non_unknown = 'resend'";
    let stand = Stand::new("lox24", route, "").await;
    stand.rig.fault("POST /sms", Fault::CutAfter);
    let sent = stand.send(Stand::request(&[TO])).await.expect("sent");
    assert_eq!(attempts(&sent), [("accounts/lox24", UNKNOWN, "OUTCOME_UNKNOWN"), ("accounts/other", ACCEPTED, "")]);
    assert!(sent.attempts[1].cause.ends_with("the message may arrive twice"), "{:?}", sent.attempts);
    assert_eq!(sent.recipients[0].account, "accounts/other");
    // If the other one does not take it either, what is unknown stays unknown.
    stand.rig.fault("POST /sms", Fault::CutAfter);
    stand.other.inject(smsmux_sandbox::Rule::new(status(402)).method("POST"));
    let status = stand.send(Stand::request(&[TO])).await.expect_err("unknown");
    let info = info(&status);
    assert_eq!(info.reason, "OUTCOME_UNKNOWN", "{status:?}");
}

#[tokio::test]
async fn of_a_send_that_was_taken_in_part_only_the_rest_goes_on() {
    let stand = Stand::in_order("parallel_requests = 1\n").await;
    let to = ["+4915100000001", "+4915100000002", "+4915100000003", "+4915100000004"];
    // The first one is accepted, the second one is the recipient's fault, and then the money is gone.
    stand.rig.fault("POST /sms", Fault::Delay { ms: 0 });
    stand.rig.fault("POST /sms", status(422));
    stand.rig.fault("POST /sms", status(402));
    let sent = stand.send(Stand::request(&to)).await.expect("sent");
    let fates: Vec<_> = sent.recipients.iter().map(|r| (r.to.as_str(), r.account.as_str(), r.state())).collect();
    use DeliveryState::{Queued, Rejected};
    assert_eq!(
        fates,
        [
            (to[0], "accounts/lox24", Queued),
            (to[1], "accounts/lox24", Rejected),
            (to[2], "accounts/other", Queued),
            (to[3], "accounts/other", Queued),
        ]
    );
    assert_eq!(stand.sends(), (3, 2));
    assert_eq!(sent.attempts.iter().map(|one| one.recipient_count).collect::<Vec<_>>(), [4, 2]);
    assert_eq!(sent.attempts[1].cause, "accounts/lox24 did not take all of it");
}

#[tokio::test]
async fn no_further_account_is_asked_with_less_than_a_second_left() {
    let (address, _port) = refusing();
    let stand = Stand::in_order(&format!("base_url = 'http://{address}'\n")).await;
    let mut request = Request::new(Stand::request(&[TO]));
    request.set_timeout(Duration::from_millis(900));
    let status = stand.rig.messages().send_message(request).await.expect_err("no time");
    assert_eq!(info(&status).metadata["outcome"], "NOT_SENT", "{status:?}");
    assert_eq!(stand.sends().1, 0);
}

#[tokio::test]
async fn when_all_accounts_are_out_the_error_says_that_nothing_was_sent() {
    let stand = Stand::in_order("").await;
    stand.rig.fault("POST /sms", status(402));
    stand.other.inject(smsmux_sandbox::Rule::new(status(402)).method("POST"));
    let failed = stand.send(Stand::request(&[TO])).await.expect_err("no money");
    assert_eq!((info(&failed).reason.as_str(), stand.sends()), ("NO_CREDIT", (1, 1)));
    // All are left out, so that they are tried again.
    assert_eq!(attempts(&stand.send(Stand::request(&[TO])).await.expect("sent")).len(), 1);
}
