//! What goes wrong with pushes, and what the vendor does then.

use http::Method;
use serde_json::json;

use super::*;

/// A sandbox that pushes to a receiver, and repeats at once.
async fn pushing() -> (Sandbox, Receiver) {
    let (sandbox, receiver) = (sandbox("lox24").await, Receiver::start().await);
    sandbox.push(PushSettings::to(receiver.url("/push")).speed(AT_ONCE));
    (sandbox, receiver)
}

async fn receive(sandbox: &Sandbox, texts: &[&str]) {
    for text in texts {
        sandbox.receive("+4930123", "+491511", text).await.unwrap();
    }
}

/// Returns the texts of the next pushes.
async fn texts(receiver: &mut Receiver, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    for _ in 0..count {
        texts.push(receiver.next().await.json()["data"]["text"].as_str().unwrap().to_owned());
    }
    texts
}

#[tokio::test]
async fn a_push_is_repeated_until_it_is_accepted_and_given_up_after_the_last_attempt() {
    let (sandbox, mut receiver) = pushing().await;
    receiver.answer([503, 302, 201]);
    receive(&sandbox, &["a"]).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let event = receiver.next().await.json();
        assert_eq!(event["attempt_total"], 4);
        seen.push((event["attempt_number"].clone(), event["id"].clone(), event["notification_task_id"].clone()));
    }
    assert_eq!(seen.iter().map(|(number, ..)| number.as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(seen[0].1 == seen[2].1 && seen[0].2 != seen[1].2, "one event in several requests: {seen:?}");
    receiver.answer([500; 4]);
    receive(&sandbox, &["b"]).await;
    assert_eq!(texts(&mut receiver, 4).await, ["b"; 4]);
    receive(&sandbox, &["c"]).await;
    let attempts = sandbox.pushed(8, |_| true).await;
    let last = &attempts[6];
    assert_eq!((last.attempt, last.attempts, last.status, last.accepted), (4, 4, Some(500), false));
    assert_eq!(texts(&mut receiver, 1).await, ["c"]);
    assert_eq!(sandbox.pushed(8, |_| true).await.len(), 8);
}

#[tokio::test]
async fn pushes_come_twice_late_or_never() {
    let (sandbox, mut receiver) = pushing().await;
    sandbox.inject_push(PushRule::new(PushFault::Twice));
    sandbox.inject_push(PushRule::new(PushFault::Late));
    receive(&sandbox, &["a", "b", "c"]).await;
    assert_eq!(texts(&mut receiver, 4).await, ["a", "a", "c", "b"]);
    sandbox.inject_push(PushRule::new(PushFault::Drop).about(PushKind::Received).times(2));
    receive(&sandbox, &["d", "e", "f"]).await;
    assert_eq!(texts(&mut receiver, 1).await, ["f"]);
}

#[tokio::test]
async fn a_push_whose_answer_is_lost_is_made_again() {
    let (sandbox, mut receiver) = pushing().await;
    sandbox.inject_push(PushRule::new(PushFault::LoseAnswer));
    receive(&sandbox, &["a"]).await;
    assert_eq!(texts(&mut receiver, 2).await, ["a", "a"]);
    let attempts = sandbox.pushed(2, |_| true).await;
    assert_eq!((attempts[0].status, attempts[0].fault, attempts[0].accepted), (None, Some("lose_answer"), false));
    assert_eq!((attempts[1].status, attempts[1].accepted), (Some(200), true));
}

#[tokio::test]
async fn a_body_can_be_unreadable_or_too_large() {
    let (sandbox, mut receiver) = pushing().await;
    sandbox.inject_push(PushRule::new(PushFault::Garbage));
    sandbox.inject_push(PushRule::new(PushFault::Oversized { bytes: 300_000 }));
    receive(&sandbox, &["a", "b"]).await;
    assert!(serde_json::from_slice::<Value>(&receiver.next().await.body).is_err());
    let large = receiver.next().await;
    assert_eq!((large.json()["data"]["text"].as_str(), large.body.len() > 300_000), (Some("b"), true));
    sandbox.push(PushSettings::to(receiver.url("/push")).older());
    sandbox.inject_push(PushRule::new(PushFault::Garbage));
    receive(&sandbox, &["c"]).await;
    assert_eq!(receiver.next().await.target, "/push?%FF%FE&=&==");
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_an_attempt_without_an_answer() {
    let sandbox = sandbox("lox24").await;
    for url in ["http://127.0.0.1:1/", "https://127.0.0.1:1/", "nowhere"] {
        sandbox.push_to(url);
        receive(&sandbox, &["a"]).await;
    }
    let attempts = sandbox.pushed(3, |attempt| attempt.error.is_some() && !attempt.accepted).await;
    assert_eq!(attempts.len(), 3);
}

#[tokio::test]
async fn the_control_api_does_what_the_handle_does() {
    let (sandbox, mut receiver) = pushing().await;
    let call = async |method: Method, path: &str, body: Value| {
        let (status, body) = sandbox.control(method, path, &body).await;
        (status.as_u16(), serde_json::from_slice::<Value>(&body).unwrap_or_default())
    };
    let settings = json!({"url": receiver.url("/other"), "older": false, "speed": 2.0, "report_after_ms": null});
    assert_eq!(call(Method::PUT, "/push", settings.clone()).await.0, 204);
    assert_eq!(call(Method::GET, "/push", Value::Null).await, (200, settings));
    let rule = json!({"about": "received", "times": 1, "fault": {"kind": "twice"}});
    assert_eq!(call(Method::POST, "/push/faults", rule.clone()).await, (201, rule.clone()));
    assert_eq!(call(Method::GET, "/push/faults", Value::Null).await, (200, json!([rule])));
    let sms = json!({"from": "+4930123", "to": "+491511", "text": "a"});
    assert_eq!(call(Method::POST, "/received", sms.clone()).await.0, 201);
    assert_eq!(receiver.next().await.target, "/other");
    sandbox.pushed(2, |attempt| attempt.accepted).await;
    let (status, attempts) = call(Method::GET, "/pushes", Value::Null).await;
    let first = &attempts[0];
    assert_eq!((status, &first["kind"], &first["fault"]), (200, &json!("received"), &json!("twice")));
    assert_eq!((&first["method"], &first["status"], &first["accepted"]), (&json!("POST"), &json!(200), &json!(true)));
    assert_eq!(call(Method::DELETE, "/pushes", Value::Null).await.0, 204);
    assert_eq!(call(Method::GET, "/pushes", Value::Null).await, (200, json!([])));
    assert_eq!(call(Method::POST, "/push/faults", json!({"times": 0, "fault": {"kind": "drop"}})).await.0, 201);
    assert_eq!(call(Method::DELETE, "/push/faults", Value::Null).await.0, 204);
    assert_eq!(call(Method::GET, "/push/faults", Value::Null).await, (200, json!([])));
    for (path, body) in [("/push", json!({"speed": "fast"})), ("/push", json!({"ur": 1}))] {
        assert_eq!(call(Method::PUT, path, body).await.0, 400);
    }
    assert_eq!(call(Method::POST, "/push/faults", json!({"fault": {"kind": "explode"}})).await.0, 400);
    assert_eq!(call(Method::POST, "/delivered", json!({"message": "unheard-of"})).await.0, 404);
    assert_eq!(sandbox.fail("unheard-of").await.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
}
