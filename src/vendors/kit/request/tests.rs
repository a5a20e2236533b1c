//! What a request looks like on the wire, and what it never shows.

use http::StatusCode;

use super::{super::Reply, *};

fn target(request: &Request) -> &str {
    &request.0.target
}

#[test]
fn placeholders_are_filled_in_order_and_encoded() {
    let request = Request::new("DELETE /group/{group_id}/contact/{contact_id}").id("a/b").id("+39 1");
    assert_eq!(target(&request), "/group/a%2Fb/contact/+39%201");
    assert_eq!(
        (request.operation(), request.effect()),
        ("DELETE /group/{group_id}/contact/{contact_id}", Effect::Write)
    );
}

#[test]
fn query_values_are_encoded_without_plus_for_space() {
    let request = Request::new("GET /login").query("username", "a+b c&d").secret_query("password", &"p=é".into());
    assert_eq!(target(&request), "/login?username=a%2Bb%20c%26d&password=p%3D%C3%A9");
    assert_eq!(request.effect(), Effect::Read);
}

#[test]
fn an_address_is_the_base_with_the_target_behind_it_whatever_either_looks_like() {
    for (base, request, expected) in [
        ("https://a.example", Request::new("GET /sms/{id}").id("a/b?c#d"), "https://a.example/sms/a%2Fb%3Fc%23d"),
        (
            "https://a.example/v1/REST",
            Request::new("GET /x").query("q", "/?#"),
            "https://a.example/v1/REST/x?q=%2F%3F%23",
        ),
        ("https://a.example/v1", Request::new("GET /{id}/x").id(".."), ""),
        ("http://[::1]:8080//odd", Request::new("GET /{id}").id("//b"), "http://[::1]:8080//odd/%2F%2Fb"),
        ("https://a.example/v1", Request::new("GET /{id}").id("%2e%2e"), "https://a.example/v1/%252e%252e"),
    ] {
        let base = Base::new(base.parse().expect("an address"));
        let request = request.under(&base);
        let head = request.as_ref().map(|request| String::from_utf8(request.http1()).expect("ASCII"));
        let request = request.and_then(|request| request.http());
        assert_eq!(request.map(|request| request.uri().to_string()).unwrap_or_default(), expected);
        if let Some(head) = head {
            let (line, rest) = head.split_once("\r\nhost: ").expect("a host");
            let (host, _) = rest.split_once("\r\n").expect("a line");
            let target = line.split(' ').nth(1).expect("a target");
            assert_eq!(format!("{}://{host}{target}", base.uri.scheme_str().expect("a scheme")), expected);
        }
    }
}

#[test]
fn no_debug_output_holds_what_is_sent_or_received() {
    let request = Request::new("POST /x")
        .secret_header(HeaderName::from_static("session_key"), &"s3cret".into())
        .secret_query("password", &"s3cret".into())
        .json(&"s3cret")
        .expect("JSON");
    let location = [(header::LOCATION, HeaderValue::from_static("s3cret"))];
    let reply = Reply::new(&request, StatusCode::OK, location.into_iter().collect(), "s3cret".into());
    let shown = format!("{request:?} {reply:?} {:?} {:?}", request.0.headers, request.0.secrets);
    assert!(shown.starts_with("Request(POST /x, Write) Reply(POST /x, 200 OK, 6 bytes)"), "{shown}");
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn a_call_is_signed_as_the_rfcs_say_and_its_answer_blacks_the_secret_out() {
    let token = Request::new("GET /x").bearer(&"hunter2".into());
    // The example of RFC 7617.
    let pair = Request::new("GET /x").basic("Aladdin", &"open sesame".into());
    for (request, authorization) in [(token, "Bearer hunter2"), (pair, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")] {
        let value = request.0.headers.iter().find(|(name, _)| name == header::AUTHORIZATION).map(|(_, value)| value);
        let value = value.expect("a header");
        assert_eq!(value, authorization);
        assert!(value.is_sensitive());
        for text in [authorization, authorization.rsplit(' ').next().unwrap_or_default()] {
            let reply = Reply::new(&request, StatusCode::UNAUTHORIZED, HeaderMap::new(), Bytes::from(text));
            assert_eq!(reply.excerpt(), "***", "{text}");
        }
    }
}
