//! The messages of the stand-in, as the vendor's own client sends them.

use std::net::{Ipv4Addr, SocketAddr};

use super::*;
use crate::{Sandbox, tests::http_client};

#[tokio::test]
async fn what_is_missing_too_long_or_not_paid_for_is_refused_and_costs_nothing() {
    let sandbox = Sandbox::start("lox24", SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let call = async |request: reqwest::RequestBuilder| {
        let response = request.header("X-LOX24-AUTH-TOKEN", "1234567:sandbox-key").send().await.unwrap();
        (response.status().as_u16(), serde_json::from_slice::<Value>(&response.bytes().await.unwrap()).unwrap())
    };
    let at = |path: &str| format!("{}{path}", sandbox.base_url());
    let good = json!({"sender_id": "me", "phone": "+4915112345601", "text": "Hi", "service_code": "economy"});
    for (field, value, status) in [
        ("is_unicode", json!("perhaps"), 400),
        ("text", Value::Null, 400),
        ("text", json!("x".repeat(1531)), 422),
        ("text", json!("Ж".repeat(671)), 422),
        ("sender_id", json!("1234567890123456"), 422),
        ("sender_id", json!("+4915112345"), 201),
        ("sender_id", json!("+49151123456"), 422),
        ("phone", json!("none"), 422),
        ("service_code", json!("pigeon"), 422),
        ("callback_data", json!("x".repeat(37)), 422),
    ] {
        let mut sms = good.clone();
        sms[field] = value;
        let request = http_client().post(at("/sms")).header("Content-Type", "application/json");
        assert_eq!(call(request.body(sms.to_string())).await.0, status, "{field}");
    }
    let (_, me) = call(http_client().get(at("/me"))).await;
    assert_eq!(me["balance_amount"], json!(120.07));
    assert_eq!(call(http_client().get(at("/sms/unheard-of"))).await.0, 404);
}

#[tokio::test]
async fn what_the_vendors_php_client_sends_is_taken() {
    let sandbox = Sandbox::start("lox24", SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let call = async |method: &str, path: &str, body: Value| {
        let request = http_client().request(method.parse().unwrap(), format!("{}{path}", sandbox.base_url()));
        let request =
            request.header("X-LOX24-AUTH-TOKEN", "1234567:sandbox-key").header("Accept", "application/ld+json");
        let response = request.header("Content-Type", "application/json").body(body.to_string()).send().await.unwrap();
        (
            response.status().as_u16(),
            serde_json::from_slice::<Value>(&response.bytes().await.unwrap()).unwrap_or_default(),
        )
    };
    let sms = |phone: &str, at: i64| {
        json!({"sender_id": "me", "phone": phone, "text": "Hi", "service_code": "text2speech", "is_unicode": null,
            "delivery_at": at, "voice_lang": "EN", "is_delete_text": true, "source": "7", "unheard_of": []})
    };
    for path in ["/sms/dryrun", "/sms"] {
        for phone in ["+4915112345601", "004915112345601", "4915112345601", "015112345601"] {
            let (status, answer) = call("POST", path, sms(phone, 0)).await;
            assert_eq!((status, &answer["phone"]), (201, &json!("+4915112345601")), "{path} {phone}");
            assert_eq!((&answer["@type"], &answer["is_text_deleted"]), (&json!("Sms"), &json!(true)));
            assert_eq!((&answer["voice_lang"], &answer["source"]), (&json!("EN"), &json!(7)));
        }
    }
    let (_, later) = call("POST", "/sms", sms("+4915112345602", 4_000_000_000)).await;
    let total =
        async |query: &str| call("GET", &format!("/sms?{query}"), json!(null)).await.1["hydra:totalItems"].clone();
    let uuid = later["uuid"].as_str().unwrap();
    for (query, expected) in [
        ("", 5),
        ("unheard_of=1&text=i&is_sent=0&voice_lang[]=DE&voice_lang[]=EN", 5),
        (&format!("uuid%5B0%5D={uuid}&uuid%5B1%5D=x"), 1),
        ("delivery_at%5Bgt%5D=3999999999&delivery_at%5Blte%5D=4000000000", 1),
        ("delivery_at[between]=1..3999999999&_order[created_at]=desc", 4),
        ("phone=%2B4915112345602", 1),
        ("status_code[]=100", 0),
    ] {
        assert_eq!(total(query).await, json!(expected), "{query}");
    }
    let cancel = format!("/sms/ops/batch_cancel?uuid%5B0%5D={uuid}");
    assert_eq!(call("POST", &cancel, json!(null)).await, (200, json!({"affected_rows": 1})));
    assert_eq!(call("POST", "/sms/ops/batch_cancel", json!(null)).await, (200, json!({"affected_rows": 0})));
    assert_eq!(call("DELETE", &format!("/sms/{uuid}"), json!(null)).await.0, 204);
    assert_eq!(call("GET", &format!("/sms/{uuid}"), json!(null)).await.0, 404);
    assert_eq!(call("POST", "/sms/ops/batch_delete", json!(null)).await, (200, json!({"affected_rows": 4})));
}
