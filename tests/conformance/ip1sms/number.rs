//! The settings of the virtual phone.

use futures::FutureExt;
use http::Method;
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::{Value, json};
use smsmux::api::pb::{
    PhoneService, PhoneServiceSettings, UpdatePhoneServiceSettingsRequest, number_service_client::NumberServiceClient,
};
use tonic::{Request, Status};

use super::{ACCOUNT, PUT};
use crate::{Case, support::Rig};

pub fn cases() -> Vec<Case> {
    vec![Case { rpc: "NumberService/UpdatePhoneServiceSettings", operations: &[PUT], run: |rig| update(rig).boxed() }]
}

pub fn tests() -> Vec<Trial> {
    tests![an_account_signs_in_with_its_key_or_a_token_and_a_caller_with_either]
}

/// Every setting.
pub fn settings() -> PhoneServiceSettings {
    PhoneServiceSettings {
        email: Some("me+sms@example.com".to_owned()),
        plain_email: true,
        callback_url: Some("https://example.com/sms?key=a+b".to_owned()),
    }
}

pub fn request(settings: Option<PhoneServiceSettings>) -> UpdatePhoneServiceSettingsRequest {
    UpdatePhoneServiceSettingsRequest { name: ACCOUNT.to_owned(), settings }
}

/// Calls the RPC.
pub async fn call(
    rig: &Rig,
    request: impl tonic::IntoRequest<UpdatePhoneServiceSettingsRequest>,
) -> Result<PhoneService, Status> {
    let mut numbers = NumberServiceClient::new(rig.channel.clone());
    let answer = numbers.update_phone_service_settings(request).await?;
    Ok(answer.into_inner().phone_service.expect("a phone"))
}

/// The settings that the stand-in has.
async fn stored(rig: &Rig) -> Value {
    let (status, body) = rig.sandbox.control(Method::GET, "/phone", &Value::Null).await;
    assert_eq!(status, 200);
    serde_json::from_slice(&body).unwrap()
}

async fn update(rig: Rig) {
    let phone = call(&rig, request(Some(settings()))).await.unwrap();
    assert_eq!(phone.settings, Some(settings()));
    let arrived = &rig.requests(PUT)[0];
    assert_eq!(arrived.target, "/api/me/services/phone");
    assert_eq!(arrived.header("content-type"), Some("application/json"));
    let body = json!({
        "Email": "me+sms@example.com",
        "PlainEmail": true,
        "CallbackURL": "https://example.com/sms?key=a+b"
    });
    assert_eq!(arrived.json(), Some(body.clone()));
    assert_eq!(stored(&rig).await, body);

    // What is absent is left out, and so cleared there; the one that is required is always sent.
    let none = PhoneServiceSettings::default();
    assert_eq!(call(&rig, request(Some(none.clone()))).await.unwrap().settings, Some(none));
    assert_eq!(rig.requests(PUT)[1].json(), Some(json!({"PlainEmail": false})));
    assert_eq!(stored(&rig).await, json!({"Email": null, "PlainEmail": false, "CallbackURL": null}));

    // Every field of the document's answer.
    let answer = r#"{"VirtualPhone": "46701234567", "VirtualPhonePrefix": "IP1", "Email": "me@example.com",
        "PlainEmail": true, "CallbackURL": "https://example.com", "ID": 7, "Name": "Virtual phone number", "Status": 4,
        "StatusDescription": "Ended", "Since": "2016-12-23T10:10:10", "Until": "2016-12-23T12:10:10.25+02:00"}"#;
    rig.answer(PUT, 200, answer);
    let expected = PhoneService {
        settings: Some(PhoneServiceSettings {
            email: Some("me@example.com".to_owned()),
            plain_email: true,
            callback_url: Some("https://example.com".to_owned()),
        }),
        phone_number: "46701234567".to_owned(),
        phone_number_prefix: "IP1".to_owned(),
        service_type_id: Some(7),
        display_name: "Virtual phone number".to_owned(),
        vendor_status: Some(4),
        vendor_status_text: "Ended".to_owned(),
        start_time: Some(Timestamp { seconds: 1_482_487_810, nanos: 0 }),
        end_time: Some(Timestamp { seconds: 1_482_487_810, nanos: 250_000_000 }),
    };
    assert_eq!(call(&rig, request(Some(settings()))).await.unwrap(), expected);
}

async fn an_account_signs_in_with_its_key_or_a_token_and_a_caller_with_either() {
    const BASIC: &str = "Basic aXAxLTEyMzQ1OnNhbmRib3gta2V5";
    const BEARER: &str = "Bearer sandbox-token";
    for (keys, own) in [("", BASIC), ("token = 'sandbox-token'", BEARER)] {
        let rig = Rig::of("ip1sms", "", keys).await;
        call(&rig, request(Some(settings()))).await.unwrap();
        for credential in ["ip1-12345:sandbox-key", "sandbox-token"] {
            let mut request = Request::new(request(Some(settings())));
            request.metadata_mut().insert("smsmux-credential", credential.parse().unwrap());
            call(&rig, request).await.unwrap();
        }
        let sent: Vec<_> = rig.requests(PUT).iter().map(|r| r.header("authorization").unwrap().to_owned()).collect();
        assert_eq!(sent, [own, BASIC, BEARER]);
    }
}
