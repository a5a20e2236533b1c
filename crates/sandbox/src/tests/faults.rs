//! Each fault as a client sees it, and the state of the stand-in afterwards.

use std::io::Read as _;
use std::time::{Duration, Instant};

use http::Method;
use serde_json::Value;

use super::Bench;
use crate::{Fault, Rule};

#[tokio::test]
async fn a_delayed_request_is_answered_late() {
    let bench = Bench::new().await;
    let start = Instant::now();
    let response = bench.send_into(Fault::Delay { ms: 30 }).await.unwrap();
    assert_eq!(response.status(), 201);
    assert!(start.elapsed() >= Duration::from_millis(30));
    assert!(bench.knows("order").await);
}

#[tokio::test]
async fn a_held_request_is_handled_when_the_rules_are_cleared_even_if_the_client_hangs_up() {
    for hangs_up in [false, true] {
        let bench = Bench::new().await;
        bench.sandbox.inject(Rule::new(Fault::Hold).path("/sms"));
        let mut answer = Box::pin(bench.send("order"));
        tokio::select! {
            answer = &mut answer => unreachable!("{answer:?}"),
            held = bench.sandbox.requested(1, |request| request.path == "/sms") => assert!(!held[0].handled),
        }
        let answer = (!hangs_up).then_some(answer);
        bench.sandbox.clear_faults();
        if let Some(answer) = answer {
            assert_eq!(answer.await.unwrap().status(), 201);
        }
        bench.sandbox.requested(1, |request| request.handled).await;
        assert!(bench.knows("order").await);
    }
}

#[tokio::test]
async fn a_status_is_answered_without_handling() {
    let bench = Bench::new().await;
    let code = http::StatusCode::SERVICE_UNAVAILABLE;
    let body = Some("{\"result\":\"busy\"}".to_owned());
    let response = bench.send_into(Fault::Status { code, retry_after: Some(7), body }).await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.text().await.unwrap(), "{\"result\":\"busy\"}");
    let recorded = &bench.sandbox.requests()[0];
    assert_eq!((recorded.fault, recorded.handled, recorded.status), (Some("status"), false, None));
    assert!(!bench.knows("order").await);
}

#[tokio::test]
async fn a_handled_request_is_answered_with_any_status_and_any_body() {
    for code in [101, 202, 304, 418, 526, 600, 999] {
        let code = http::StatusCode::from_u16(code).unwrap();
        for body in [None, Some("<html>".to_owned())] {
            let bench = Bench::new().await;
            let response = bench.send_into(Fault::Answer { code, body: body.clone() }).await.unwrap();
            assert_eq!(response.status(), code);
            let own = || "{\"order_id\":\"order\",\"result\":\"OK\",\"total_sent\":1}".to_owned();
            if !matches!(code.as_u16(), 101 | 304) {
                assert_eq!(response.text().await.unwrap(), body.unwrap_or_else(own));
            }
            assert!(bench.knows("order").await);
        }
    }
}

#[tokio::test]
async fn an_interim_answer_in_the_place_of_a_final_one_ends_the_connection() {
    for code in [100, 103, 199] {
        let bench = Bench::new().await;
        let code = http::StatusCode::from_u16(code).unwrap();
        bench.send_into(Fault::Status { code, retry_after: None, body: None }).await.unwrap_err();
        assert!(!bench.knows("order").await);
    }
}

#[tokio::test]
async fn an_answer_with_latin_1_or_gzip_says_the_same() {
    let bench = Bench::new().await;
    let answer = bench.send_into(Fault::Latin1).await.unwrap().bytes().await.unwrap();
    assert!(std::str::from_utf8(&answer).is_err());
    let answer: Value = serde_json::from_str(&String::from_utf8_lossy(&answer)).unwrap();
    assert_eq!((answer["order_id"].as_str(), answer["result"].as_str()), (Some("order"), Some("OK")));

    let bench = Bench::new().await;
    let response = bench.send_into(Fault::Gzip).await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let mut text = String::new();
    let bytes = response.bytes().await.unwrap();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    assert_eq!(text, "{\"order_id\":\"order\",\"result\":\"OK\",\"total_sent\":1}");
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_handling() {
    for (fault, handled) in [(Fault::CutBefore, false), (Fault::CutAfter, true)] {
        let bench = Bench::new().await;
        let error = bench.send_into(fault.clone()).await.unwrap_err();
        assert!(error.is_request() && !error.is_connect() && !error.is_timeout(), "{error:?}");
        let recorded = &bench.sandbox.requests()[0];
        assert_eq!((recorded.fault, recorded.handled), (Some(fault.kind()), handled));
        assert_eq!(bench.knows("order").await, handled, "{fault:?}");
    }
}

#[tokio::test]
async fn a_connection_is_reset_during_the_request_or_after_it() {
    for (fault, handled) in [(Fault::ResetDuring, false), (Fault::ResetAfter, true)] {
        let bench = Bench::new().await;
        let error = bench.send_into(fault.clone()).await.unwrap_err();
        let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |cause| cause.source());
        let io = causes.filter_map(|cause| cause.downcast_ref::<std::io::Error>()).last();
        assert_eq!(io.map(std::io::Error::kind), Some(std::io::ErrorKind::ConnectionReset), "{error:?}");
        assert_eq!(bench.sandbox.requests()[0].handled, handled);
        assert_eq!(bench.knows("order").await, handled, "{fault:?}");
    }
}

#[tokio::test]
async fn half_of_a_slow_body_comes_at_once() {
    let bench = Bench::new().await;
    let start = Instant::now();
    let response = bench.send_into(Fault::SlowBody { ms: 30 }).await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.text().await.unwrap(), "{\"order_id\":\"order\",\"result\":\"OK\",\"total_sent\":1}");
    assert!(start.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn a_truncated_answer_ends_too_early() {
    let bench = Bench::new().await;
    let mut response = bench.send_into(Fault::Truncate).await.unwrap();
    assert_eq!(response.status(), 201);
    let whole = "{\"order_id\":\"order\",\"result\":\"OK\",\"total_sent\":1}";
    assert_eq!(response.content_length(), Some(whole.len() as u64));
    let mut got = Vec::new();
    let error = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => got.extend_from_slice(&chunk),
            Ok(None) => unreachable!("the answer ended as if it were whole"),
            Err(error) => break error,
        }
    };
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    assert_eq!(got.len(), whole.len() / 2);
    assert!(bench.knows("order").await);
}

#[tokio::test]
async fn a_truncated_answer_without_a_body_is_no_success_either() {
    let bench = Bench::new().await;
    bench.sandbox.inject(Rule::new(Fault::Truncate).path("/contact"));
    let request = bench.request(Method::POST, "/contact").header("content-type", "application/json");
    let response = request.body("{\"email\":\"a@example.com\"}").send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn garbage_is_neither_json_nor_text() {
    let bench = Bench::new().await;
    let response = bench.send_into(Fault::Garbage).await.unwrap();
    assert_eq!(response.status(), 201);
    let body = response.bytes().await.unwrap();
    assert!(std::str::from_utf8(&body).is_err());
    assert!(serde_json::from_slice::<Value>(&body).is_err());
    assert!(bench.knows("order").await);
}

#[tokio::test]
async fn a_huge_answer_does_not_say_so_beforehand() {
    let bench = Bench::new().await;
    let response = bench.send_into(Fault::Huge { bytes: 1_000_001 }).await.unwrap();
    assert_eq!((response.status().as_u16(), response.content_length()), (201, None));
    assert_eq!(response.bytes().await.unwrap().len(), 1_000_001);
    assert!(bench.knows("order").await);
}

#[tokio::test]
async fn a_redirect_is_not_handled() {
    let bench = Bench::new().await;
    let response = bench.send_into(Fault::Redirect { location: "http://127.0.0.1:1/".to_owned() }).await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], "http://127.0.0.1:1/");
    assert!(!bench.knows("order").await);
}

#[tokio::test]
async fn a_hanging_request_never_gets_an_answer() {
    for (fault, handled) in [(Fault::HangBefore, false), (Fault::HangAfter, true)] {
        let bench = Bench::new().await;
        let kind = fault.kind();
        tokio::select! {
            answer = bench.send_into(fault) => unreachable!("{answer:?}"),
            _ = bench.sandbox.requested(1, |request| request.fault == Some(kind) && request.handled == handled) => {}
        }
        assert_eq!(bench.knows("order").await, handled, "{kind}");
    }
}
