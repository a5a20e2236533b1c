//! Tests of the stand-in by itself.

use std::net::{Ipv4Addr, SocketAddr};

use http::Method;

use super::*;
use crate::{Sandbox, tests::http_client};

async fn sandbox() -> Sandbox {
    Sandbox::start("smspartner", SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap()
}

async fn get(sandbox: &Sandbox, query: &str) -> (u16, String) {
    let url = format!("{}/stop-sms/delete?{query}", sandbox.base_url());
    let response = http_client().get(url).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn post(sandbox: &Sandbox, path: &str, body: String) -> (u16, String) {
    let response = http_client().post(format!("{}{path}", sandbox.base_url())).body(body).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn an_entry_is_deleted_once_and_the_verdict_is_in_the_body() {
    let sandbox = sandbox().await;
    for (query, status, code) in [
        ("id=300", 200, 1),
        ("apiKey=&id=300", 200, 1),
        ("apiKey=wrong&id=300", 200, 10),
        ("apiKey=sandbox-api-key", 200, 3),
        ("apiKey=sandbox-api-key&id=301", 200, 4),
        ("apiKey=sandbox-api-key&id=x", 200, 4),
        ("apiKey=sandbox-api-key&id=300&colour=red&_format=JSON", 200, 200),
        ("apiKey=sandbox-api-key&id=300", 200, 4),
    ] {
        let (answered, body) = get(&sandbox, query).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((answered, &body["code"], &body["success"]), (status, &json!(code), &json!(code == 200)), "{query}");
        assert_eq!(body["message"].is_string(), code != 200, "{query}");
    }
    let (_, left) = sandbox.control(Method::GET, "/stop-list", &Value::Null).await;
    assert_eq!(serde_json::from_slice::<Value>(&left).unwrap(), json!({"666": "+33612345666"}));
}

#[tokio::test]
async fn xml_has_the_verdict_by_place() {
    let sandbox = sandbox().await;
    let head = "<?xml version='1.0' encoding='UTF-8'?>\n<result>";
    let (_, body) = get(&sandbox, "apiKey=wrong&id=300&_format=xml").await;
    let refused = "<entry>false</entry><entry>10</entry><entry>Clé API incorrecte</entry></result>\n";
    assert_eq!(body, format!("{head}{refused}"));
    let (_, body) = get(&sandbox, "apiKey=sandbox-api-key&id=300&_format=XML").await;
    assert_eq!(body, format!("{head}<entry>true</entry><entry>200</entry></result>\n"));
    let add = json!({"apiKey": API_KEY, "phoneNumber": "+33612345678", "_format": "xml"});
    assert_eq!(
        post(&sandbox, "/stop-sms/add", add.to_string()).await.1,
        format!("{head}<entry>true</entry><entry>200</entry><entry>667</entry></result>\n")
    );
}

#[tokio::test]
async fn a_deletion_by_the_address_of_the_page_s_head_deletes_nothing() {
    let sandbox = sandbox().await;
    for (path, status) in [("/stop-sms/add", 400), ("/stop-sms/delete", 405)] {
        let url = format!("{}{path}?apiKey={API_KEY}&id=300", sandbox.base_url());
        assert_eq!(http_client().post(url).send().await.unwrap().status(), status, "{path}");
    }
    let (_, left) = sandbox.control(Method::GET, "/stop-list", &Value::Null).await;
    assert_eq!(serde_json::from_slice::<Value>(&left).unwrap(), json!({"300": "+33612345300", "666": "+33612345666"}));
}

#[tokio::test]
async fn who_is_added_is_listed() {
    let sandbox = sandbox().await;
    let add = async |body: Value| {
        let url = format!("{}/stop-sms/add", sandbox.base_url());
        let request = http_client().post(url).header("content-type", "application/json").body(body.to_string());
        serde_json::from_str::<Value>(&request.send().await.unwrap().text().await.unwrap()).unwrap()
    };
    for (body, code) in [
        (json!({"phoneNumber": "+33612345678"}), 1),
        (json!({"apiKey": "wrong", "phoneNumber": "+33612345678"}), 10),
        (json!({"apiKey": API_KEY}), 2),
        (json!({"apiKey": API_KEY, "phoneNumber": "33612345678"}), 9),
        (json!({"apiKey": API_KEY, "phoneNumber": ["+33612345678"]}), 9),
        (json!([]), 90),
    ] {
        assert_eq!(add(body.clone()).await["code"], code, "{body}");
    }
    let added = add(json!({"apiKey": API_KEY, "phoneNumber": "0612345678"})).await;
    assert_eq!(added, json!({"success": true, "code": 200, "stopId": 667}));
    let url = format!("{}/stop-sms/list?apiKey={API_KEY}", sandbox.base_url());
    let list = http_client().get(url).send().await.unwrap().text().await.unwrap();
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!((&list["nbData"], &list["data"][2]["phoneNumber"]), (&json!(3), &json!("0612345678")));
}

#[tokio::test]
async fn who_answers_stop_can_be_taken_off_again() {
    let sandbox = sandbox().await;
    let body = json!({"phoneNumber": "+33612345678"});
    let (status, made) = sandbox.control(Method::POST, "/stop-list", &body).await;
    assert_eq!((status.as_u16(), made.as_ref()), (201, br#"{"id":667}"#.as_slice()));
    assert_eq!(get(&sandbox, "apiKey=sandbox-api-key&id=667").await.1, r#"{"code":200,"success":true}"#);
}

#[tokio::test]
async fn groups_and_contacts_are_held_to_the_rules_of_the_vendor_s_pages() {
    let sandbox = sandbox().await;
    let post = async |path: &str, mut body: Value| {
        body["apiKey"] = API_KEY.into();
        let request = http_client().post(format!("{}{path}", sandbox.base_url())).body(body.to_string());
        let response = request.header("content-type", "application/json").send().await.unwrap();
        serde_json::from_str::<Value>(&response.text().await.unwrap()).unwrap()
    };
    let good = json!({"phoneNumber": "+33612345678"});
    for (path, body, code) in [
        ("/group/add", json!({}), 1),
        ("/group/add", json!({"name": "Amis"}), 2),
        ("/group/delete", json!({}), 1),
        ("/group/delete", json!({"groupId": 6364}), 404),
        ("/contact/add", json!({"contact": good}), 1),
        ("/contact/add", json!({"groupId": "6363"}), 2),
        ("/contact/add", json!({"groupId": "6364", "contact": good}), 404),
        ("/contact/add", json!({"groupId": "6363", "contact": {}}), 9),
        ("/contact/add", json!({"groupId": "6363", "contact": {"phoneNumber": "+33612345678", "date": "1-2-3"}}), 9),
        ("/contact/add", json!({"groupId": "6363", "contact": {"phoneNumber": "+33612345678", "url": "a.fr"}}), 9),
        ("/contact/add", json!({"groupId": "6363", "contact": good}), 200),
        ("/contact/add", json!({"groupId": "6363", "contact": good}), 15),
        ("/contact/update", json!({"contact": good}), 1),
        ("/contact/update", json!({"contactId": "c1"}), 2),
        ("/contact/update", json!({"contactId": "c2", "contact": good}), 404),
        ("/contact/update", json!({"contactId": "c1", "contact": good}), 200),
        ("/contact/delete", json!({}), 1),
        ("/group/delete", json!({"groupId": 6363}), 200),
        // Deleted with its group.
        ("/contact/delete", json!({"contactId": "c1"}), 404),
    ] {
        assert_eq!(post(path, body.clone()).await["code"], code, "{path} {body}");
    }
}

#[tokio::test]
async fn what_the_vendors_clients_send_and_read_is_taken_and_answered() {
    let sandbox = sandbox().await;
    let send = async |path: &str, mut body: Value| {
        body["apiKey"] = API_KEY.into();
        serde_json::from_str::<Value>(&post(&sandbox, path, body.to_string()).await.1).unwrap()
    };
    let ask = async |path: &str| {
        let url = format!("{}{path}", sandbox.base_url());
        serde_json::from_str::<Value>(&http_client().get(url).send().await.unwrap().text().await.unwrap()).unwrap()
    };
    let body = json!({"phoneNumbers": "+33612345678, 0612345679", "message": "Salut", "sender": "Moi", "gamme": "1", "sandbox": 1,
        "isStopSms": 1, "urlDlr": "https://a.fr", "time": null});
    let sent = send("/send", body).await;
    let expected =
        json!({"success": true, "code": 200, "message_id": 300, "nb_sms": 2, "cost": 0.09, "currency": "EUR"});
    assert_eq!(sent, expected);
    // As the clients write it: with the key, and with the plus or the national form, encoded or not.
    for number in ["+33612345678", "%2B33612345678", "0033612345678", "33612345678", "0612345679"] {
        let one = ask(&format!("/message-status?apiKey={API_KEY}&messageId=300&phoneNumber={number}")).await;
        let told = (&one["statut"], &one["messageId"], &one["cost"], &one["stopSms"]);
        assert_eq!(told, (&json!("Delivered"), &json!("300"), &json!(0.045), &json!(false)), "{number}");
    }
    assert_eq!(ask(&format!("/message-status?apiKey={API_KEY}&messageId=300&phoneNumber=0612345670")).await["code"], 4);

    let list =
        json!([{"phoneNumber": "+33612345678", "message": "Un"}, {"phoneNumber": "+33612345300", "message": "Deux"}]);
    let bulk = send("/bulk-send", json!({"SMSList": list})).await;
    assert_eq!((&bulk["message_id"], &bulk["nbSMS"], &bulk["cost"]), (&json!(301), &json!(1), &json!(0.045)));
    let verdicts: Vec<_> = bulk["SMSResponse_List"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert_eq!(verdicts, [&json!(200), &json!(14)]);
    assert_eq!(send("/bulk-send", json!({"SMSList": []})).await["code"], 55);
    let asked =
        json!([{"phoneNumber": "+33612345678", "messageId": 301}, {"phoneNumber": "+33612345678", "messageId": "9"}]);
    let several = send("/multi-status", json!({"SMSStatut_List": asked})).await;
    let states: Vec<_> = several["StatutResponse_List"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(states, [&json!("Delivered"), &json!("Numéro introuvable")]);
    assert_eq!(
        send("/vn/send", json!({"to": "+33612345678", "from": "33700000001", "message": "Hi"})).await["code"],
        200
    );

    let refused = send("/send", json!({"phoneNumbers": "922264", "message": "Salut"})).await;
    assert_eq!((&refused["code"], &refused["error"][0]["message"]), (&json!(9), &refused["message"]));
    // A form, and the key in the query.
    let url = format!("{}/send?apiKey={API_KEY}", sandbox.base_url());
    let form = http_client().post(url).header("content-type", "application/x-www-form-urlencoded");
    let form = form.body("phoneNumbers=%2B33612345678&message=Salut&gamme=1").send().await.unwrap();
    assert_eq!(serde_json::from_str::<Value>(&form.text().await.unwrap()).unwrap()["success"], true);
}
