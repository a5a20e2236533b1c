//! Which rule a recipient meets, and what it does.

use smsmux::api::pb::{
    ConsentOrigin, DeliveryState, Message, Purpose, Recipient, SendMessageRequest, SetConsentRequest,
    consent_service_client::ConsentServiceClient,
};
use tonic::{Code, Request};

use super::{Stand, TO};
use crate::{
    authentication,
    support::{failed, violations},
};

/// The accounts that recipients went through, in the order of the request.
async fn accounts(stand: &Stand, request: SendMessageRequest) -> Vec<String> {
    let sent = stand.send(request).await.expect("sent");
    sent.recipients.into_iter().map(|recipient| recipient.account.replace("accounts/", "")).collect()
}

#[tokio::test]
async fn the_first_rule_that_fits_decides_for_each_recipient() {
    let route = r#"rules = [
        { to = "+393", from = "bank", use = ["lox24"] },
        { to = ["IT", "FR"], use = ["other"] },
        { segments = "2-", use = ["other"] },
        { purpose = "marketing", use = ["other"] },
        { tag = ["autumn", "winter"], use = ["other"] },
        { at = "mo-su 00:00-24:00 Europe/Rome", from = "late", use = ["other"] },
        { use = ["lox24"] },
    ]"#;
    let stand = Stand::new("lox24", route, "").await;
    let request = Stand::request(&["+393471234567", TO, "+33612345678"]);
    assert_eq!(accounts(&stand, request.clone()).await, ["other", "lox24", "other"]);
    let from = |sender: &str| SendMessageRequest { sender: sender.to_owned(), ..request.clone() };
    assert_eq!(accounts(&stand, from("bank")).await, ["lox24", "lox24", "other"]);
    assert_eq!(accounts(&stand, from("late")).await, ["other"; 3]);
    let long = SendMessageRequest { text: "x".repeat(161), ..Stand::request(&[TO]) };
    assert_eq!(accounts(&stand, long).await, ["other"]);
    let advertisement = SendMessageRequest { purpose: Purpose::Marketing.into(), ..Stand::request(&[TO]) };
    assert_eq!(accounts(&stand, advertisement).await, ["other"]);
    let tagged = |tag: &str| SendMessageRequest { tag: tag.to_owned(), ..Stand::request(&[TO]) };
    assert_eq!(accounts(&stand, tagged("winter")).await, ["other"]);
    assert_eq!(accounts(&stand, tagged("spring")).await, ["lox24"]);
    violations(&stand.send(tagged(&"x".repeat(65))).await.expect_err("too long"), &["tag"]);
}

#[tokio::test]
async fn the_parts_are_one_message_with_every_recipient_in_order() {
    let route = "rules = [{ to = 'DE', use = ['other'], sender = 'German' }, { use = ['lox24'] }]";
    let stand = Stand::new("lox24", route, "").await;
    let to = ["+393471234567", TO, "+393471234568"];
    let sent = stand.send(Stand::request(&to)).await.expect("sent");
    assert_eq!(sent.recipients.iter().map(|recipient| recipient.to.as_str()).collect::<Vec<_>>(), to);
    assert_eq!((sent.recipient_count, stand.sends()), (Some(3), (2, 1)));
    let sender = |request: &smsmux_sandbox::Recorded| request.json().expect("JSON")["sender_id"].clone();
    let theirs = stand.other.requests();
    assert_eq!(theirs.iter().filter(|r| r.method == "POST").map(sender).collect::<Vec<_>>(), ["German"]);
}

#[tokio::test]
async fn a_rule_that_refuses_says_why_and_the_others_get_their_message() {
    let route = "rules = [{ to = '+8816', refuse = 'satellite phones cost too much' }, { use = ['lox24'] }]";
    let stand = Stand::new("lox24", route, "").await;
    let status = stand.send(Stand::request(&["+881612345678"])).await.expect_err("refused");
    let metadata = failed(&status, Code::FailedPrecondition, "ROUTE_REFUSED");
    assert_eq!(metadata["outcome"], "NOT_SENT");
    assert!(status.message().contains("satellite phones cost too much"), "{status:?}");
    assert_eq!(stand.sends(), (0, 0));
    let sent = stand.send(Stand::request(&["+881612345678", TO])).await.expect("sent");
    let refused = &sent.recipients[0];
    assert_eq!((refused.state(), refused.vendor_code.as_str()), (DeliveryState::Rejected, "ROUTE_REFUSED"));
    assert!(refused.vendor_text.contains("rule 1 of the route refuses it: satellite phones"), "{refused:?}");
    assert_eq!((sent.recipients[1].account.as_str(), stand.sends()), ("accounts/lox24", (1, 0)));
}

#[tokio::test]
async fn a_caller_has_a_rule_of_its_own_and_needs_no_grant_for_the_accounts_of_the_route() {
    let rules = "scopes = ['*']\naccounts = ['main']";
    let ((shop, first), (bank, second)) =
        (authentication::caller("shop", rules), authentication::caller("bank", rules));
    let route = "rules = [{ caller = 'bank', use = ['other'] }, { use = ['lox24'] }]";
    let stand = Stand::with("lox24", route, "", "", &format!("{first}\n{second}")).await;
    for (key, account) in [(&shop, "accounts/lox24"), (&bank, "accounts/other")] {
        let authorized = |parent: &str| {
            let mut request = Request::new(SendMessageRequest { parent: parent.to_owned(), ..Stand::request(&[TO]) });
            request.metadata_mut().insert("authorization", format!("Bearer {key}").parse().expect("ASCII"));
            request
        };
        let sent = stand.rig.messages().send_message(authorized("accounts/main")).await.expect("sent").into_inner();
        assert_eq!(sent.message.expect("a message").recipients[0].account, account);
        let status = stand.rig.messages().send_message(authorized(account)).await.expect_err("not granted");
        failed(&status, Code::PermissionDenied, "ACCOUNT_NOT_GRANTED");
    }
}

#[tokio::test]
async fn faults_of_a_request_name_the_recipient_by_its_place_in_the_whole() {
    let route = "rules = [{ to = 'DE', use = ['other'] }, { use = ['lox24'] }]";
    let stand = Stand::new("lox24", route, "").await;
    let status = stand.send(Stand::request(&[TO, "12", "+393471234567", "13"])).await.expect_err("invalid");
    violations(&status, &["recipients[1]", "recipients[3]"]);
    assert_eq!(stand.sends(), (0, 0));
}

#[tokio::test]
async fn a_route_may_use_a_route_whose_accounts_the_recipients_have() {
    let route = "rules = [{ use = ['inner'] }]\n[accounts.inner]\nvendor = 'route'\n\
        rules = [{ to = 'DE', use = ['lox24', 'other'] }, { use = ['other'] }]";
    let stand = Stand::new("lox24", route, "").await;
    let code = http::StatusCode::PAYMENT_REQUIRED;
    stand.rig.fault("POST /sms", smsmux_sandbox::Fault::Status { code, retry_after: None, body: None });
    let sent = stand.send(Stand::request(&[TO, "+393471234567"])).await.expect("sent");
    assert!(sent.recipients.iter().all(|recipient| recipient.account == "accounts/other"), "{sent:?}");
    assert_eq!((sent.attempts.len(), stand.sends()), (1, (1, 2)));
    let id = &sent.recipients[0].vendor_message_id;
    stand.other.deliver(id).await.expect("delivered");
    let request = smsmux::api::pb::GetMessageRequest { name: sent.name };
    let found = stand.rig.messages().get_message(request).await.expect("found").into_inner().message;
    assert_eq!(found.expect("a message").recipients[0].state(), DeliveryState::Delivered);
}

#[tokio::test]
async fn a_reload_changes_the_rules_and_the_accounts_behind_them() {
    let route = |accounts: &str| format!("[accounts.main]\nvendor = 'route'\nrules = [{{ use = [{accounts}] }}]\n");
    let other = smsmux_sandbox::Sandbox::start("lox24", crate::support::loopback()).await.expect("a sandbox");
    let account = |token: &str| {
        format!(
            "[accounts.other]\nvendor = 'lox24'\nbase_url = '{}'\npoll = false\ntoken = '{token}'\n",
            other.base_url()
        )
    };
    let token = other.credentials()[0].1;
    let rig = crate::support::Rig::of("lox24", &(account("1:wrong") + &route("'other'")), "").await;
    let send = || {
        let mut messages = rig.messages();
        async move { messages.send_message(Stand::request(&[TO])).await.map(|sent| sent.into_inner().message) }
    };
    failed(&send().await.expect_err("the token is wrong"), Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");
    // The rules are the same, and the account is another one.
    rig.reload(&(account(token) + &route("'other'")), "").await;
    let sent = send().await.expect("sent").expect("a message");
    assert_eq!(sent.recipients[0].account, "accounts/other");
    rig.reload(&(account(token) + &route("'lox24'")), "").await;
    let sent = send().await.expect("sent").expect("a message");
    assert_eq!(sent.recipients[0].account, "accounts/lox24");
}

#[tokio::test]
async fn who_opted_out_is_left_out_and_the_others_keep_their_places_when_they_go_on() {
    let stand = Stand::in_order("").await;
    let request = SetConsentRequest {
        parent: "accounts/-".to_owned(),
        phone_number: "+393471234567".to_owned(),
        blocked: true,
        origin: ConsentOrigin::Manual.into(),
        note: "a letter".to_owned(),
        ..Default::default()
    };
    ConsentServiceClient::new(stand.rig.channel.clone()).set_consent(request).await.expect("set");
    let code = http::StatusCode::PAYMENT_REQUIRED;
    stand.rig.fault("POST /sms", smsmux_sandbox::Fault::Status { code, retry_after: None, body: None });
    let mut request = Request::new(SendMessageRequest {
        message_id: "order-9".to_owned(),
        ..Stand::request(&["+393471234567", TO, "+33612345678"])
    });
    request.metadata_mut().insert("idempotency-key", "order-9".parse().expect("ASCII"));
    let sent = stand.rig.messages().send_message(request).await.expect("sent").into_inner().message;
    let sent = sent.expect("a message");
    let fates = |message: &Message| {
        let of = |one: &Recipient| (one.to.clone(), one.account.clone(), one.state() == DeliveryState::Rejected);
        message.recipients.iter().map(of).collect::<Vec<_>>()
    };
    let of = |to: &str, account: &str, is_refused| (to.to_owned(), format!("accounts/{account}"), is_refused);
    let expected = [of("+393471234567", "main", true), of(TO, "other", false), of("+33612345678", "other", false)];
    assert_eq!((fates(&sent), stand.sends()), (expected.to_vec(), (1, 2)));
    assert_eq!(sent.recipients[0].vendor_code, "RECIPIENT_OPTED_OUT");
    let request = smsmux::api::pb::GetMessageRequest { name: sent.name };
    let found = stand.rig.messages().get_message(request).await.expect("found").into_inner().message;
    assert_eq!(fates(&found.expect("a message")), expected);
}
