//! Enabling and disabling SMS on a number, and its webhook.

use futures::FutureExt;
use libtest_mimic::Trial;
use serde_json::json;
use smsmux::api::pb::{
    DeprovisionNumberRequest, GetNumberProvisioningRequest, GetNumberWebhookRequest, Number, ProvisionNumberRequest,
    ProvisioningState, SetNumberWebhookRequest,
};
use smsmux_sandbox::Recorded;
use tonic::Request;

use super::{ENABLED, ENABLED_PATH, NEW, NEW_PATH, numbers};
use crate::{Case, support::Rig};

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rpc: "NumberService/ProvisionNumber",
            operations: &["POST /sms/v1/{tn}/provision"],
            run: |rig| provision(rig).boxed(),
        },
        Case {
            rpc: "NumberService/DeprovisionNumber",
            operations: &["DELETE /sms/v1/{tn}/provision"],
            run: |rig| deprovision(rig).boxed(),
        },
        Case {
            rpc: "NumberService/GetNumberProvisioning",
            operations: &["GET /sms/v1/{tn}/provision"],
            run: |rig| provisioning(rig).boxed(),
        },
        Case {
            rpc: "NumberService/SetNumberWebhook",
            operations: &["POST /sms/v1/{tn}/webhook"],
            run: |rig| set_webhook(rig).boxed(),
        },
        Case {
            rpc: "NumberService/GetNumberWebhook",
            operations: &["GET /sms/v1/{tn}/webhook"],
            run: |rig| webhook(rig).boxed(),
        },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![a_caller_s_token_is_used_as_it_is]
}

/// Asserts that this very request arrived last, signed with the account's token, and gives it.
#[track_caller]
fn arrived(rig: &Rig, method: &str, target: &str) -> Recorded {
    let request = rig.sandbox.requests().pop().expect("a request");
    assert_eq!((request.method.as_str(), request.target.as_str()), (method, target));
    assert_eq!(request.header("authorization"), Some("Bearer sandbox-token"));
    request
}

async fn state(rig: &Rig, name: &str) -> Number {
    let request = GetNumberProvisioningRequest { name: name.to_owned() };
    numbers(rig).get_number_provisioning(request).await.unwrap().into_inner().number.unwrap()
}

async fn provision(rig: Rig) {
    let request = ProvisionNumberRequest { name: NEW.to_owned() };
    numbers(&rig).provision_number(request).await.unwrap();
    let request = arrived(&rig, "POST", &format!("{NEW_PATH}/provision"));
    assert!(request.body.is_empty());
    // Some servers refuse a POST that does not say that nothing follows.
    assert_eq!(request.header("content-length"), Some("0"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let expected = [ProvisioningState::Requested, ProvisioningState::Provisioning, ProvisioningState::Provisioned];
    for expected in expected {
        assert_eq!(state(&rig, NEW).await.state(), expected);
    }
}

async fn deprovision(rig: Rig) {
    let request = DeprovisionNumberRequest { name: ENABLED.to_owned() };
    numbers(&rig).deprovision_number(request).await.unwrap();
    let request = arrived(&rig, "DELETE", &format!("{ENABLED_PATH}/provision"));
    assert!(request.body.is_empty());
    for expected in [ProvisioningState::Derequested, ProvisioningState::Deprovisioning, ProvisioningState::Unspecified]
    {
        assert_eq!(state(&rig, ENABLED).await.state(), expected);
    }
}

async fn provisioning(rig: Rig) {
    let operation = format!("GET {ENABLED_PATH}/provision");
    let number = state(&rig, ENABLED).await;
    arrived(&rig, "GET", &format!("{ENABLED_PATH}/provision"));
    let expected = Number {
        name: ENABLED.to_owned(),
        phone_number: "+17208675310".to_owned(),
        state: ProvisioningState::Provisioned.into(),
        vendor_state: "provisioned".to_owned(),
        webhook_url: String::new(),
    };
    assert_eq!(number, expected);
    // The document's example, and a word that nobody has heard of.
    for (word, state_of_it) in [("requested", ProvisioningState::Requested), ("ported", ProvisioningState::Unspecified)]
    {
        rig.answer(&operation, 200, &format!(r#"{{"provisioning": {{"state": "{word}"}}}}"#));
        let number = state(&rig, ENABLED).await;
        assert_eq!((number.state(), number.vendor_state.as_str()), (state_of_it, word));
    }
}

async fn set_webhook(rig: Rig) {
    // The document's example.
    let webhook_url = "https://www.myserver.com/myapp".to_owned();
    let request = SetNumberWebhookRequest { name: ENABLED.to_owned(), webhook_url: webhook_url.clone() };
    numbers(&rig).set_number_webhook(request).await.unwrap();
    let request = arrived(&rig, "POST", &format!("{ENABLED_PATH}/webhook"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.json(), Some(json!({"webhook": "https://www.myserver.com/myapp"})));
    let request = GetNumberWebhookRequest { name: ENABLED.to_owned() };
    let number = numbers(&rig).get_number_webhook(request).await.unwrap().into_inner().number.unwrap();
    assert_eq!(number.webhook_url, webhook_url);
    // The vendor's newer pages answer 201.
    rig.answer(&format!("POST {ENABLED_PATH}/webhook"), 201, "");
    let request = SetNumberWebhookRequest { name: ENABLED.to_owned(), webhook_url };
    numbers(&rig).set_number_webhook(request).await.unwrap();
}

async fn webhook(rig: Rig) {
    let get = |name: &str| {
        let (mut numbers, request) = (numbers(&rig), GetNumberWebhookRequest { name: name.to_owned() });
        async move { numbers.get_number_webhook(request).await.unwrap().into_inner().number.unwrap() }
    };
    let none = get(NEW).await;
    arrived(&rig, "GET", &format!("{NEW_PATH}/webhook"));
    let expected = Number { name: NEW.to_owned(), phone_number: "+17208675309".to_owned(), ..Number::default() };
    assert_eq!(none, expected);

    // The document's example, with the commas that it lacks.
    let answer = r#"{"webhook": "https://www.intelepeer.com/", "tn_e164": "+17208675309",
        "provisioning": {"state": "provisioned"}}"#;
    rig.answer(&format!("GET {NEW_PATH}/webhook"), 200, answer);
    let expected = Number {
        state: ProvisioningState::Provisioned.into(),
        vendor_state: "provisioned".to_owned(),
        webhook_url: "https://www.intelepeer.com/".to_owned(),
        ..expected
    };
    assert_eq!(get(NEW).await, expected);
}

async fn a_caller_s_token_is_used_as_it_is() {
    let rig = Rig::of("intelepeer", "", "token = 'wrong'").await;
    let mut request = Request::new(ProvisionNumberRequest { name: NEW.to_owned() });
    request.metadata_mut().insert("smsmux-credential", "sandbox-token".parse().unwrap());
    numbers(&rig).provision_number(request).await.unwrap();
    arrived(&rig, "POST", &format!("{NEW_PATH}/provision"));
}
