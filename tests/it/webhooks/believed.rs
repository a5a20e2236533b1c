//! How far a push is believed: confirmed by a look-up, signed, or with a login.

use http::header;
use smsmux::api::pb::GetMessageRequest;

use super::*;

#[tokio::test]
async fn a_pushed_delivery_is_confirmed_by_a_look_up() {
    for (vendor, to) in [("lox24", "+4915123456789"), ("smspartner", "+33612345678")] {
        let rig = rig(vendor, "", "").await;
        let sent = send(&rig, to).await;
        rig.sandbox.push_to(&address(&rig));
        let id = &sent.recipients[0].vendor_message_id;
        rig.sandbox.deliver(id).await.expect("delivered");
        assert_eq!(state(&rig, DeliveryState::Delivered).await, (EventSource::Lookup, true), "{vendor}");
        let found = rig.messages().get_message(GetMessageRequest { name: sent.name }).await.expect("found");
        let found = found.into_inner().message.expect("a message");
        assert_eq!(found.recipients[0].state(), DeliveryState::Delivered);
    }
}

#[tokio::test]
async fn a_pushed_state_that_no_look_up_confirms_holds_without_confirmation_in_the_end() {
    let rig = rig("lox24", "confirm_timeout = '1ms'", "").await;
    let sent = send(&rig, "+4915123456789").await;
    let report = |dlr: u8| {
        let data = json!({"id": sent.recipients[0].vendor_message_id, "dlr_code": dlr, "status_code": 100});
        json!({"id": format!("e{dlr}"), "name": "sms.delivery", "data": data}).to_string()
    };
    assert_eq!(push(&rig, &path("lox24"), &report(1)).await, StatusCode::OK);
    assert_eq!(state(&rig, DeliveryState::Delivered).await, (EventSource::Push, false));
    // A final state stays, whatever is reported later.
    for late in [2, 8, 1] {
        assert_eq!(push(&rig, &path("lox24"), &report(late)).await, StatusCode::OK);
    }
    let found = rig.messages().get_message(GetMessageRequest { name: sent.name }).await.expect("found");
    assert_eq!(found.into_inner().message.expect("a message").recipients[0].state(), DeliveryState::Delivered);
}

#[tokio::test]
async fn a_report_that_comes_before_its_message_is_recorded_waits_for_it() {
    let rig = rig("lox24", "confirm_timeout = '1ms'", "").await;
    let report = |id: &str, dlr: u8| {
        let data = json!({"id": id, "dlr_code": dlr, "status_code": 100});
        json!({"id": format!("{id} {dlr}"), "name": "sms.delivery", "data": data}).to_string()
    };
    for (id, dlr) in [("early-1", 2), ("early-2", 1), ("never", 1)] {
        assert_eq!(push(&rig, &path("lox24"), &report(id, dlr)).await, StatusCode::OK);
    }
    assert_eq!(log(&rig.channel).await, []);
    for (id, expected) in [("early-1", DeliveryState::Sent), ("early-2", DeliveryState::Delivered)] {
        rig.answer("POST /sms", 201, &json!({"uuid": id, "status_code": 0}).to_string());
        let sent = send(&rig, "+4915123456789").await;
        let change = event(&rig, |event| match &event.subject {
            Some(Subject::MessageState(change)) if change.state() == expected => {
                Some((event.source(), event.confirmed, change.message.clone(), change.vendor_message_id.clone()))
            }
            _ => None,
        });
        // The stand-in does not know the message: what was pushed is all that is known.
        assert_eq!(change.await, (EventSource::Push, false, sent.name, id.to_owned()));
    }
}

#[tokio::test]
async fn a_state_that_is_not_final_is_noted_at_once_and_never_goes_back() {
    let rig = rig("lox24", "", "").await;
    let sent = send(&rig, "+4915123456789").await;
    let report = |id: &str, dlr: u8, status: u16| {
        let data = json!({"id": id, "dlr_code": dlr, "status_code": status});
        json!({"id": format!("e{dlr}"), "name": "sms.delivery", "data": data}).to_string()
    };
    let id = &sent.recipients[0].vendor_message_id;
    // With the operator; then the state before; then one of a message that the log does not have.
    for (id, dlr, status) in [(&**id, 2, 100), (id, 0, 0), ("another", 2, 100)] {
        assert_eq!(push(&rig, &path("lox24"), &report(id, dlr, status)).await, StatusCode::OK);
    }
    let pushed = log(&rig.channel).await.into_iter().filter(|event| event.source() == EventSource::Push);
    let states: Vec<_> = pushed
        .map(|event| match event.subject {
            Some(Subject::MessageState(change)) => (change.state(), event.confirmed),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(states, [(DeliveryState::Sent, false)]);
}

#[tokio::test]
async fn only_a_push_that_is_signed_is_believed_once_a_secret_is_configured() {
    let rig = rig("intelepeer", "", "push_secret = 'sandbox-secret'").await;
    let number = "+17208675310";
    let client = smsmux::api::pb::number_service_client::NumberServiceClient::new(rig.channel.clone());
    let (name, webhook_url) = (format!("accounts/intelepeer/numbers/{number}"), address(&rig));
    let request = smsmux::api::pb::SetNumberWebhookRequest { name, webhook_url };
    client.clone().set_number_webhook(request).await.expect("registered");
    let mut expected = Vec::new();
    for (scheme, text) in [("hmac-sha256:refid+message:hex", "one"), ("hmac-md5:message+refid:base64", "two")] {
        let settings = json!({"scheme": scheme});
        assert!(rig.sandbox.control(Method::PUT, "/signature", &settings).await.0.is_success());
        rig.sandbox.receive("+12125550123", number, text).await.expect("received");
        expected.push((text.to_owned(), true));
        let pushed = in_time(rig.sandbox.pushed(expected.len(), |attempt| attempt.accepted)).await;
        assert_eq!(received(&rig.channel).await, expected);
        // A signature has no time: whoever replays a push repeats what is known, and changes nothing.
        let last = &pushed.last().expect("a push").body;
        assert_eq!(push(&rig, &path("intelepeer"), last).await, StatusCode::OK);
        assert_eq!(received(&rig.channel).await, expected);
    }
    let forged = json!({"refid": "SM1", "from": "+12125550123", "to": number, "message": "three"});
    for signature in [json!(null), json!("sandbox-secret"), json!("00"), json!("")] {
        let mut forged = forged.clone();
        forged["signature"] = signature;
        assert_eq!(push(&rig, &path("intelepeer"), &forged.to_string()).await, StatusCode::FORBIDDEN);
    }
    assert_eq!(
        push(&rig, &path("intelepeer"), "nonsense").await,
        StatusCode::OK,
        "what cannot be read cannot be checked"
    );
    assert_eq!(received(&rig.channel).await, expected);
}

#[tokio::test]
async fn a_login_in_the_registered_address_is_required() {
    let (settings, keys) = (
        "public_url = 'http://127.0.0.1:1'",
        "push_login = 'smsmux:s3cret'\nwebhook_register = true\nwebhook_numbers = ['+17208675310']",
    );
    let rig = rig("intelepeer", settings, keys).await;
    rig.requested(1, "POST /sms/v1/+17208675310/webhook").await;
    let registered = rig.requests("POST /sms/v1/+17208675310/webhook").remove(0);
    let expected = format!("http://smsmux:s3cret@127.0.0.1:1/intelepeer/{TOKEN}");
    assert!(String::from_utf8_lossy(&registered.body).contains(&expected), "{registered:?}");
    let sms = json!({"refid": "SM1", "from": "+12125550123", "to": "+17208675310", "message": "one"}).to_string();
    let with = |login: &str| Request::builder().method(Method::POST).header(header::AUTHORIZATION, login);
    let path = path("intelepeer");
    assert_eq!(push(&rig, &path, &sms).await, StatusCode::FORBIDDEN);
    assert_eq!(ask(&rig, with("Basic c21zbXV4Om90aGVy"), &path, &sms, false).await, StatusCode::FORBIDDEN);
    assert_eq!(ask(&rig, with("Basic c21zbXV4OnMzY3JldA=="), &path, &sms, false).await, StatusCode::OK);
    assert_eq!(received(&rig.channel).await, [("one".to_owned(), true)]);
}
