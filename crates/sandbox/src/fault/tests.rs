//! Rules: which requests they fit, and how they read from JSON.

use super::*;

#[test]
fn a_path_fits_by_whole_segments() {
    for (path, prefix, expected) in [
        ("/sms", "/sms", true),
        ("/sms/42", "/sms", true),
        ("/sms/42", "/sms/", true),
        ("/sms", "", true),
        ("/sms", "/", true),
        ("/smshistory", "/sms", false),
        ("/smstogroups", "/sms", false),
        ("/paramsms", "/sms", false),
        ("/sms", "/sms/42", false),
    ] {
        assert_eq!(is_at_or_below(path, prefix), expected, "{path} below {prefix:?}");
    }
}

#[test]
fn the_first_rule_that_fits_fires_until_it_is_used_up() {
    let faults = Faults::default();
    faults.add(Rule::new(Fault::Garbage).method("post").path("/sms").times(2));
    faults.add(Rule::new(Fault::CutAfter).times(0));
    let kinds = ["GET", "POST", "POST", "POST"].map(|method| {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        faults.take(&method, "/sms").map(|(fault, _)| fault.kind())
    });
    assert_eq!(kinds, [Some("cut_after"), Some("garbage"), Some("garbage"), Some("cut_after")]);
    assert_eq!(faults.list(), [Rule::new(Fault::CutAfter).times(0)]);
    faults.clear();
    assert!(faults.take(&Method::GET, "/sms").is_none());
}

#[test]
fn a_rule_reads_from_json_and_says_its_kind() {
    let rule: Rule = serde_json::from_str(
        r#"{"method": "POST", "path": "/sms", "times": 3,
            "fault": {"kind": "status", "code": 503, "retry_after": 2}}"#,
    )
    .unwrap();
    let fault = Fault::Status { code: StatusCode::SERVICE_UNAVAILABLE, retry_after: Some(2), body: None };
    assert_eq!(rule, Rule::new(fault).method("POST").path("/sms").times(3));
    for kind in [
        "hold",
        "latin1",
        "gzip",
        "cut_before",
        "cut_after",
        "reset_during",
        "reset_after",
        "truncate",
        "garbage",
        "hang_before",
        "hang_after",
        "cut_during",
        "cut_answer",
        "half_close_before",
        "half_close_after",
        "until_close",
        "close_next",
        "stop_reading",
        "settings",
    ] {
        let rule: Rule = serde_json::from_value(serde_json::json!({"fault": {"kind": kind}})).unwrap();
        assert_eq!((rule.fault.kind(), rule.times), (kind, 1));
    }
}

#[test]
fn the_faults_of_http_2_read_from_json() {
    for (fault, expected) in [
        (
            r#"{"kind": "goaway", "last": "before", "code": 11, "close": true}"#,
            Fault::GoAway { last: LastStream::Before, code: 11, close: true },
        ),
        (r#"{"kind": "goaway", "last": "all"}"#, Fault::GoAway { last: LastStream::All, code: 0, close: false }),
        (r#"{"kind": "reset_stream", "code": 7, "phase": "head"}"#, Fault::ResetStream { code: 7, phase: Phase::Head }),
        (
            r#"{"kind": "settings", "max_concurrent_streams": 1}"#,
            Fault::Settings { max_concurrent_streams: Some(1), initial_window_size: None },
        ),
        (r#"{"kind": "close_idle", "ms": 5}"#, Fault::CloseIdle { ms: 5, announced: false }),
    ] {
        let read: Fault = serde_json::from_str(fault).unwrap();
        assert_eq!(read, expected);
        assert_eq!(serde_json::to_value(&read).unwrap()["kind"], read.kind());
    }
}

#[test]
fn a_rule_with_a_typing_error_is_refused() {
    for wrong in [
        r#"{"fault": {"kind": "explode"}}"#,
        r#"{"fault": {"kind": "delay"}}"#,
        r#"{"fault": {"kind": "delay", "ms": 1, "sec": 2}}"#,
        r#"{"fault": {"kind": "status", "code": 99}}"#,
        r#"{"fault": {"kind": "answer", "code": 1000}}"#,
        r#"{"pth": "/sms", "fault": {"kind": "garbage"}}"#,
        r#"{"path": "/sms"}"#,
        r#"{"fault": {"kind": "goaway", "last": "some"}}"#,
    ] {
        assert!(serde_json::from_str::<Rule>(wrong).is_err(), "{wrong}");
    }
}
