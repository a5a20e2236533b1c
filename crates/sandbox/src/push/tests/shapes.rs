//! What each vendor pushes, and where.

use serde_json::json;

use super::*;

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

const LOX24: (&str, &str) = ("X-LOX24-AUTH-TOKEN", "1234567:sandbox-key");
const IP1SMS: (&str, &str) = ("authorization", "Bearer sandbox-token");

async fn lox24_sms(sandbox: &Sandbox) -> String {
    let sms = json!({"sender_id": "me", "phone": "+4915112345601", "text": "Hi", "service_code": "economy",
        "callback_data": "order-12345"});
    send(sandbox, "/sms", LOX24, &sms).await["uuid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn lox24_pushes_events() {
    let (sandbox, mut receiver) = (sandbox("lox24").await, Receiver::start().await);
    let uuid = lox24_sms(&sandbox).await;
    sandbox.deliver(&uuid).await.unwrap();
    sandbox.push_to(&receiver.url("/lox24/token"));
    sandbox.fail(&uuid).await.unwrap();
    let got = receiver.next().await;
    let event = got.json();
    assert_eq!(got.target, "/lox24/token", "nothing was pushed before there was an address");
    let data = json!({"id": uuid, "key_id": 1, "dlr_code": 16, "status_code": 100, "callback_data": "order-12345"});
    assert_eq!((&event["name"], &event["data"]), (&json!("sms.delivery"), &data));
    let members: Vec<_> = event.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        members,
        ["api_version", "attempt_number", "attempt_total", "created_at", "data", "id", "name", "notification_task_id"]
    );
    assert!(event["created_at"].is_i64() && event["api_version"] == "2022-05-25", "{event}");
    sandbox.receive("+4930123", "+491511", "Ja").await.unwrap();
    let event = receiver.next().await.json();
    let data = &event["data"];
    assert_eq!(
        (&event["name"], &data["from"], &data["text"]),
        (&json!("sms.incoming"), &json!("+4930123"), &json!("Ja"))
    );
    let members: Vec<_> = data.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["from", "id", "msg_uuid", "received_at", "text", "to"]);
    let dry = json!({"sender_id": "me", "phone": "+4915112345601", "text": "Hi", "service_code": "economy"});
    let dry = send(&sandbox, "/sms/dryrun", LOX24, &dry).await;
    let event = receiver.next().await.json();
    assert_eq!((&event["name"], &event["data"]["id"]), (&json!("sms.delivery.dryrun"), &dry["uuid"]));
    assert_eq!(event["data"]["dlr_code"], 1);
}

#[tokio::test]
async fn lox24_s_older_pushes_are_gets() {
    let (sandbox, mut receiver) = (sandbox("lox24").await, Receiver::start().await);
    sandbox.push(PushSettings::to(receiver.url("/push?a=b")).older().speed(AT_ONCE));
    let uuid = lox24_sms(&sandbox).await;
    receiver.answer([500]);
    sandbox.fail(&uuid).await.unwrap();
    let report = receiver.next().await.query();
    assert_eq!(
        report,
        pairs(&[("a", "b"), ("uuid", &uuid), ("dlr_code", "16"), ("key_id", "1"), ("callback_data", "order-12345")])
    );
    // A failure is not repeated, a received SMS is, twice.
    receiver.answer([500, 500, 500]);
    sandbox.receive("+4930123", "+491511", "a&b").await.unwrap();
    let attempts = sandbox.pushed(4, |_| true).await;
    assert_eq!(attempts.iter().map(|attempt| attempt.attempts).collect::<Vec<_>>(), [1, 3, 3, 3]);
    let received = receiver.next().await.query();
    let time = received.iter().find(|(name, _)| name == "time").unwrap().1.clone();
    let expected =
        [("a", "b"), ("sender_id", "+4930123"), ("text", "a&b"), ("time", &time), ("phone", "+491511"), ("id", "1")];
    assert_eq!(received, pairs(&expected));
}

#[tokio::test]
async fn ip1sms_reports_a_batch_to_its_own_address_and_takes_200_alone_for_success() {
    let (sandbox, mut receiver) = (sandbox("ip1sms").await, Receiver::start().await);
    sandbox.push(PushSettings::default().speed(AT_ONCE));
    let batch = json!({"sender": "iP1", "recipients": ["46700000001", "46700000099", "+46700000002"], "body": "Hej",
        "deliveryReportUrl": receiver.url("/reports"), "reference": "r-1"});
    let answer = send(&sandbox, "/v2/batches", IP1SMS, &batch).await;
    let batch = answer["id"].as_str().unwrap();
    let messages = http_client().get(format!("{}/v2/batches/{batch}/messages", sandbox.base_url()));
    let messages = messages.header(IP1SMS.0, IP1SMS.1).send().await.unwrap().text().await.unwrap();
    let messages: Value = serde_json::from_str(&messages).unwrap();
    assert_eq!((messages.as_array().unwrap().len(), &messages[1]["recipient"]), (2, &json!("46700000002")));
    let id = messages[0]["id"].as_str().unwrap();
    receiver.answer([204; 9]);
    sandbox.deliver(id).await.unwrap();
    for _ in 0..10 {
        let got = receiver.next().await;
        assert_eq!(got.target, "/reports");
        let mut report = got.json();
        assert!(report["created"].take().as_str().unwrap().ends_with('Z'));
        assert_eq!(
            report,
            json!({"messageId": id, "batchId": batch, "recipient": "46700000001", "code": 201, "duration": 1,
                "created": null, "segments": 1, "price": 0.35, "currency": "sek", "reference": "r-1"})
        );
    }
    assert!(sandbox.pushed(10, |_| true).await[9].accepted);
    let message = http_client().get(format!("{}/v2/batches/{batch}/messages/{id}", sandbox.base_url()));
    let message = message.header(IP1SMS.0, IP1SMS.1).send().await.unwrap().text().await.unwrap();
    assert_eq!(serde_json::from_str::<Value>(&message).unwrap()["statuses"][0]["code"], 201);
}

#[tokio::test]
async fn ip1sms_pushes_received_sms_to_the_callback_of_the_virtual_phone() {
    let (sandbox, mut receiver) = (sandbox("ip1sms").await, Receiver::start().await);
    sandbox.push_to(&receiver.url("/settings"));
    sandbox.receive("+46700000001", "46700000009", "Ja").await.unwrap();
    let got = receiver.next().await;
    let message = got.json();
    assert_eq!((got.target.as_str(), message["id"].as_str().unwrap().len()), ("/settings", 24));
    for (member, value) in
        [("direction", "mo"), ("sender", "46700000001"), ("recipient", "46700000009"), ("body", "Ja")]
    {
        assert_eq!(message[member], value);
    }
    let phone = json!({"PlainEmail": true, "CallbackURL": receiver.url("/callback")});
    let request = http_client().put(format!("{}/api/me/services/phone", sandbox.base_url()));
    let request = request.header(IP1SMS.0, IP1SMS.1).header("content-type", "application/json");
    assert_eq!(request.body(phone.to_string()).send().await.unwrap().status(), 200);
    sandbox.push(PushSettings::default().older());
    sandbox.receive("46700000001", "46700000009", "Nej").await.unwrap();
    let got = receiver.next().await;
    let message = got.json();
    assert_eq!(
        (got.target.as_str(), &message["From"], &message["Message"]),
        ("/callback", &json!("46700000001"), &json!("Nej"))
    );
    assert!(sandbox.receive("me", "46700000009", "x").await.is_err());
}

#[tokio::test]
async fn ip1sms_reports_a_message_of_the_first_version_to_the_settings() {
    let (sandbox, mut receiver) = (sandbox("ip1sms").await, Receiver::start().await);
    sandbox.push_to(&receiver.url("/push"));
    let sms = json!({"From": "iP1", "Numbers": ["+46700000001"], "Message": "Hej"});
    let id = send(&sandbox, "/api/sms/send", IP1SMS, &sms).await[0]["ID"].to_string();
    sandbox.fail(&id).await.unwrap();
    let report = receiver.next().await.json();
    assert_eq!((&report["messageId"], &report["code"], &report["duration"]), (&json!(id), &json!(301), &json!(1)));
    let sent = http_client().get(format!("{}/api/sms/sent/{id}", sandbox.base_url())).header(IP1SMS.0, IP1SMS.1);
    let sent: Value = serde_json::from_str(&sent.send().await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(sent["Status"], 52);
}

#[tokio::test]
async fn intelepeer_pushes_to_the_webhook_of_the_number_and_signs() {
    let (sandbox, mut receiver) = (sandbox("intelepeer").await, Receiver::start().await);
    let ours = "+17208675310";
    sandbox.push_to(&receiver.url("/settings"));
    sandbox.receive("+12125550123", ours, "Yes").await.unwrap();
    assert_eq!(receiver.next().await.target, "/settings", "not the webhook of the sample");
    let webhook = format!("http://me:p%40ss@{}/webhook", receiver.address);
    let token = ("authorization", "Bearer sandbox-token");
    send(&sandbox, &format!("/sms/v1/{ours}/webhook"), token, &json!({"webhook": webhook})).await;
    sandbox.receive("+12125550123", ours, "Yes").await.unwrap();
    let got = receiver.next().await;
    assert_eq!(
        (got.target.as_str(), got.headers["authorization"].to_str().unwrap()),
        ("/webhook", "Basic bWU6cEBzcw==")
    );
    let body = got.json();
    let members: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["from", "message", "refid", "signature", "to"]);
    assert_eq!((body["refid"].as_str().unwrap().len(), body["signature"].as_str().unwrap().len()), (32, 64));
    let plain = json!({"scheme": "plain", "secret": "s3cret"});
    assert_eq!(sandbox.control(http::Method::PUT, "/signature", &plain).await.0, 204);
    sandbox.receive("+12125550123", ours, "No").await.unwrap();
    assert_eq!(receiver.next().await.json()["signature"], "s3cret");
    assert!(sandbox.receive("+12125550123", "+17208670000", "Yes").await.is_err(), "another's number");
}

#[tokio::test]
async fn smspartner_pushes_to_the_addresses_of_the_message() {
    let (sandbox, mut receiver) = (sandbox("smspartner").await, Receiver::start().await);
    let sms = json!({"apiKey": "sandbox-api-key", "phoneNumbers": "+33612345678,0612345679", "message": "Bonjour",
        "urlDlr": receiver.url("/dlr"), "urlResponse": receiver.url("/replies")});
    let id = send(&sandbox, "/send", ("x", "y"), &sms).await["message_id"].clone();
    sandbox.deliver(&id.to_string()).await.unwrap();
    for number in ["+33612345678", "+33612345679"] {
        let got = receiver.next().await;
        let mut report = got.json();
        assert!(report["date"].take().is_i64() && got.target == "/dlr");
        assert_eq!(
            report,
            json!({"msgId": id, "phone": number, "status": "delivered", "date": null, "cost": 0.045, "currency": "EUR"})
        );
    }
    sandbox.receive("0612345678", "36111", "Oui").await.unwrap();
    let got = receiver.next().await;
    assert_eq!(got.target, "/replies");
    let reply = json!({"type": "response", "phone_number": "+33612345678", "text": "Oui", "message_id": id});
    assert_eq!(got.json(), reply);
    sandbox.receive("+33612345678", "36111", "Stop").await.unwrap();
    let stop = json!({"type": "stop", "phone_number": "+33612345678", "text": "Stop", "message_id": id});
    assert_eq!(receiver.next().await.json(), stop);
    let (_, list) = sandbox.control(http::Method::GET, "/stop-list", &Value::Null).await;
    assert_eq!(serde_json::from_slice::<Value>(&list).unwrap()["667"], "+33612345678");
}

#[tokio::test]
async fn smspartner_pushes_an_sms_to_a_virtual_number_in_parts() {
    let (sandbox, mut receiver) = (sandbox("smspartner").await, Receiver::start().await);
    sandbox.push_to(&receiver.url("/replies"));
    let text = "é".repeat(161);
    sandbox.receive("+33612345678", "+33644630000", &text).await.unwrap();
    let (first, second) = (receiver.next().await.json(), receiver.next().await.json());
    assert_eq!((&first["msisdn"], &first["to"]), (&json!("33612345678"), &json!("33644630000")));
    assert_eq!(
        (&first["concat"], &first["concat-total"], &first["concat-part"]),
        (&json!("true"), &json!("2"), &json!("1"))
    );
    assert_eq!((&second["concat-part"], &second["concat-ref"]), (&json!("2"), &first["concat-ref"]));
    assert_eq!(format!("{}{}", first["text"].as_str().unwrap(), second["text"].as_str().unwrap()), text);
    sandbox.receive("+33612345678", "+33644630000", "Oui merci").await.unwrap();
    let whole = receiver.next().await.json();
    assert_eq!((&whole["text"], &whole["keyword"], whole.get("concat")), (&json!("Oui merci"), &json!("OUI"), None));
}

#[tokio::test]
async fn smspartner_reports_by_get_too_and_only_at_the_end_where_messages_end_later() {
    let (sandbox, mut receiver) = (sandbox("smspartner").await, Receiver::start().await);
    let settings = PushSettings::to(receiver.url("/dlr")).older();
    sandbox.push(settings.clone().report_after(Duration::from_secs(24 * 3600)));
    let sms = json!({"apiKey": "sandbox-api-key", "phoneNumbers": "+33612345678", "message": "Bonjour"});
    let id = send(&sandbox, "/send", ("x", "y"), &sms).await["message_id"].to_string();
    let state = async || {
        let query = format!("apiKey=sandbox-api-key&messageId={id}&phoneNumber=%2B33612345678");
        let url = format!("{}/message-status?{query}", sandbox.base_url());
        let answer = http_client().get(url).send().await.unwrap().text().await.unwrap();
        serde_json::from_str::<Value>(&answer).unwrap()["statut"].clone()
    };
    assert_eq!(state().await, "Waiting");
    sandbox.fail(&id).await.unwrap();
    assert_eq!(state().await, "Not delivered");
    let report = receiver.next().await.query();
    assert_eq!(report[..3], pairs(&[("msgId", &id), ("phone", "+33612345678"), ("status", "not delivered")])[..]);
}

#[tokio::test]
async fn smsend_s_older_pushes_are_gets() {
    let (sandbox, mut receiver) = (sandbox("smsend").await, Receiver::start().await);
    sandbox.push_to(&receiver.url("/dlr"));
    let login = format!("{}/login?username=sandbox&password=sandbox-password", sandbox.base_url());
    let login = http_client().get(login).send().await.unwrap().text().await.unwrap();
    let (user, session) = login.split_once(';').unwrap();
    let order = json!({"message_type": "GP", "message": "Ciao", "order_id": "o-1",
        "recipient": ["+393471234567", "+393471230404"]});
    let request = http_client().post(format!("{}/sms", sandbox.base_url())).header("user_key", user);
    let request = request.header("Session_key", session).header("content-type", "application/json");
    assert_eq!(request.body(order.to_string()).send().await.unwrap().status(), 201);
    sandbox.fail("o-1").await.unwrap();
    for (message, recipient, code) in [("1", "393471234567", "101"), ("2", "393471230404", "301")] {
        let report = receiver.next().await.query();
        let expected = [
            ("skebby_dispatch_id", "0"),
            ("skebby_message_id", message),
            ("recipient", recipient),
            ("status", "UNDELIVERABLE"),
            ("error_code", code),
        ];
        assert_eq!(report[..5], pairs(&expected)[..]);
        assert_eq!(report[6], ("user_reference".to_owned(), "o-1".to_owned()));
    }
    sandbox.receive("+393356242290", "+393400000001", "Sì").await.unwrap();
    let received = receiver.next().await.query();
    assert_eq!(received[..3], pairs(&[("sender", "393356242290"), ("receiver", "393400000001"), ("text", "Sì")])[..]);
}

#[tokio::test]
async fn messages_end_by_themselves_where_the_settings_have_it() {
    let (sandbox, mut receiver) = (sandbox("lox24").await, Receiver::start().await);
    sandbox.push(PushSettings::to(receiver.url("/push")).report_after(Duration::ZERO));
    for (phone, code) in [("+4915112345601", 1), ("+4915112345404", 16)] {
        let sms = json!({"sender_id": "me", "phone": phone, "text": "Hi", "service_code": "economy"});
        let sms = send(&sandbox, "/sms", LOX24, &sms).await;
        let data = &receiver.next().await.json()["data"];
        assert_eq!((&data["id"], &data["dlr_code"]), (&sms["uuid"], &json!(code)));
    }
}
