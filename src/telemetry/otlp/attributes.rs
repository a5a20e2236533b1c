//! The attributes of spans, by OpenTelemetry's semantic conventions for RPC and HTTP.
//!
//! Left out is what may show people or secrets: the client's address, and all of a URL but its template.

use http::Uri;
use opentelemetry::KeyValue;
use tonic::Code;

use super::{Span, UNKNOWN_METHOD, Work};

/// The names of the gRPC codes, by their numbers.
#[rustfmt::skip]
const CODES: [&str; 17] = [
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
];

/// Returns the attributes of a span.
pub(super) fn of(span: &Span) -> Vec<KeyValue> {
    let mut attributes = Vec::with_capacity(12);
    let failed = span.error.is_some();
    match &span.work {
        Work::Claim(answer) => attributes.extend(answer.map(|answer| KeyValue::new("smsmux.store.answer", answer))),
        Work::Call { code, reason, request_id } => {
            call(&mut attributes, span.name, *code, reason.as_deref().filter(|_| *code != Code::Ok), failed);
            let request_id = request_id.to_str().unwrap_or_default().to_owned();
            attributes.push(KeyValue::new("smsmux.request_id", request_id));
        }
        Work::Request { status, resends } => {
            let (method, template) = span.name.split_once(' ').unwrap_or(("_OTHER", span.name));
            attributes.push(KeyValue::new("http.request.method", method));
            attributes.push(KeyValue::new("url.template", template));
            let code = status.map(|status| status.as_u16());
            attributes.extend(code.map(|code| KeyValue::new("http.response.status_code", i64::from(code))));
            if *resends > 0 {
                attributes.push(KeyValue::new("http.request.resend_count", i64::from(*resends)));
            }
            let error = code.filter(|code| *code >= 400).map(|code| code.to_string());
            let error = error.or_else(|| span.error.map(str::to_owned)).filter(|_| failed);
            attributes.extend(error.map(|error| KeyValue::new("error.type", error)));
            let scheme = span.server.as_ref().and_then(Uri::scheme_str);
            attributes.extend(scheme.map(|scheme| KeyValue::new("url.scheme", scheme.to_owned())));
        }
    }
    span.server.iter().for_each(|uri| server(&mut attributes, uri));
    attributes.extend(span.account.as_ref().map(|account| KeyValue::new("smsmux.account", account.clone())));
    attributes
}

/// Adds the attributes of a call, under the names of the release candidate and under the former ones, which most tools
/// read.
fn call(attributes: &mut Vec<KeyValue>, name: &'static str, code: Code, reason: Option<&str>, failed: bool) {
    let status = CODES[code as usize];
    let is_known = name != UNKNOWN_METHOD;
    attributes.extend([
        KeyValue::new("rpc.system.name", "grpc"),
        KeyValue::new("rpc.method", if is_known { name } else { "_OTHER" }),
        KeyValue::new("rpc.response.status_code", status),
        KeyValue::new("rpc.system", "grpc"),
        KeyValue::new("rpc.grpc.status_code", code as i64),
    ]);
    let service = name.split_once('/').filter(|_| is_known);
    attributes.extend(service.map(|(service, _)| KeyValue::new("rpc.service", service)));
    attributes.extend(reason.map(|reason| KeyValue::new("smsmux.reason", reason.to_owned())));
    if failed {
        attributes.push(KeyValue::new("error.type", reason.unwrap_or(status).to_owned()));
    }
}

/// Adds the address of the server, as far as it is known.
fn server(attributes: &mut Vec<KeyValue>, uri: &Uri) {
    let Some(host) = uri.host() else { return };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    attributes.push(KeyValue::new("server.address", host.to_owned()));
    let port = uri.port_u16().or(match uri.scheme_str() {
        Some("https") => Some(443),
        Some("http") => Some(80),
        _ => None,
    });
    attributes.extend(port.map(|port| KeyValue::new("server.port", i64::from(port))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_a_server_is_that_of_its_scheme_unless_it_has_another() {
        for (uri, address, port) in [
            ("https://api.example.com/v1", "api.example.com", 443_i64),
            ("http://127.0.0.1:8080", "127.0.0.1", 8080),
            ("http://me:secret@[::1]/x?y=z", "::1", 80),
        ] {
            let mut attributes = Vec::new();
            server(&mut attributes, &uri.parse().expect("an address"));
            let expected = [KeyValue::new("server.address", address), KeyValue::new("server.port", port)];
            assert_eq!(attributes, expected, "{uri}");
        }
    }

    #[test]
    fn a_code_has_the_name_of_its_number() {
        for (code, name) in
            [(Code::Ok, "OK"), (Code::Cancelled, "CANCELLED"), (Code::Unauthenticated, "UNAUTHENTICATED")]
        {
            assert_eq!(CODES[code as usize], name);
        }
    }
}
