//! smsmux is killed in the middle of sends through a route whose first account takes nothing, and started again.

use std::{collections::BTreeMap, path::PathBuf};

use futures::future::join_all;
use http::StatusCode;
use smsmux::api::pb::{SendMessageRequest, SendMessageResponse, message_service_client::MessageServiceClient};
use smsmux_sandbox::{Fault, Rule, Sandbox};
use tokio::task::JoinSet;
use tonic::{Request, Response, Status, transport::Channel};

use super::{
    report::{Report, Rows, crashes},
    rig::{Gateway, accounts, is_replayed, lanes, when_served},
};
use crate::support::{in_time, info};

/// How often the process is killed.
const KILLS: usize = 12;

/// How many processes are waited for at a time, for each core.
const WAITING: usize = 4;

/// How many callers send at the same time.
const CALLERS: usize = 8;

/// The accounts of the route, in their order. The first one can be asked by our id, and rejects two of three sends.
const VENDORS: [&str; 2] = ["smsend", "lox24"];

async fn send(channel: &Channel, key: &str) -> Result<Response<SendMessageResponse>, Status> {
    let mut request = Request::new(SendMessageRequest {
        parent: "accounts/main".to_owned(),
        recipients: vec!["+4915123456789".to_owned()],
        text: key.to_owned(),
        sender: "smsmux".to_owned(),
        ..SendMessageRequest::default()
    });
    request.metadata_mut().insert("idempotency-key", key.parse().expect("a key"));
    MessageServiceClient::new(channel.clone()).send_message(request).await
}

/// How often each text was taken by any of the vendors.
fn taken(sandboxes: &[Sandbox]) -> BTreeMap<String, usize> {
    let mut books = BTreeMap::new();
    for request in sandboxes.iter().flat_map(Sandbox::requests).filter(|r| r.method == "POST" && r.path == "/sms") {
        if request.handled && request.status.is_none_or(|status| (200..300).contains(&status)) {
            let body = request.json().expect("JSON");
            let text = body.get("message").or(body.get("text")).and_then(|text| text.as_str()).expect("a text");
            *books.entry(text.to_owned()).or_default() += 1;
        }
    }
    books
}

/// A configuration with the accounts, and a route over them.
async fn stand(folder: &tempfile::TempDir) -> (PathBuf, Vec<Sandbox>) {
    let (config, sandboxes) =
        accounts(folder.path(), "path = '{folder}/a.db'", &VENDORS.map(|vendor| (vendor, "breaker_failures = 0")))
            .await;
    let text = std::fs::read_to_string(&config).expect("the file");
    let route = "[accounts.main]\nvendor = 'route'\nrules = [{ use = ['smsend', 'lox24'] }]\n";
    std::fs::write(&config, text + route).expect("a file");
    (config, sandboxes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_route_sends_nothing_twice_and_a_retry_is_told_what_is_known() {
    let report = Report::new("a route of two accounts, with SQLite", crashes(KILLS));
    // Most of the time is that of waits for a vendor that does not answer.
    let lanes = lanes(crashes(KILLS)).flat_map(|kills| (0..WAITING).map(move |lane| (kills + lane) / WAITING));
    join_all(lanes.map(|kills| kill(kills, &report))).await;
    report.end();
}

async fn kill(kills: usize, report: &Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let (config, sandboxes) = stand(&folder).await;
    for round in 0..kills {
        sandboxes.iter().for_each(Sandbox::clear_requests);
        let gateway = Gateway::start(&config).await;
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let channel = gateway.channel.clone();
            callers.spawn(async move {
                let mut sent = Vec::new();
                for number in 0.. {
                    let key = format!("r-{round}-{caller}-{number}");
                    let answer = send(&channel, &key).await;
                    let is_over = answer.is_err();
                    sent.push((key, answer.is_ok()));
                    if is_over {
                        break;
                    }
                }
                sent
            });
        }
        // Most of the time an account is left out after this, so each round has its own.
        for _ in 0..CALLERS * 4 {
            let code = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE][fastrand::usize(..2)];
            let fault =
                if code == 429 { Fault::Status { code, retry_after: None, body: None } } else { Fault::CutBefore };
            sandboxes[0].inject(Rule::new(fault).method("POST").path("/sms"));
        }
        let arrivals = fastrand::usize(1..CALLERS * 6);
        let sandbox = &sandboxes[fastrand::usize(..2)];
        in_time(sandbox.requested(arrivals.div_ceil(2), |request| request.method == "POST")).await;
        gateway.kill().await;
        let mut sent = Vec::new();
        while let Some(theirs) = in_time(callers.join_next()).await {
            sent.extend(theirs.expect("no panic"));
        }
        sandboxes.iter().for_each(Sandbox::clear_faults);
        let gateway = Gateway::start(&config).await;
        let (before, mut rows) = (taken(&sandboxes), Rows::new());
        for (key, was_answered) in sent {
            let arrived = before.get(&key).copied().unwrap_or_default();
            assert!(arrived <= 1, "{key} was sent {arrived} times");
            let row = match when_served(async || send(&gateway.channel, &key).await).await {
                Ok(reply) if is_replayed(&reply) && arrived == 1 => "replayed",
                Ok(reply) if !is_replayed(&reply) && arrived == 0 && !was_answered => "sent by the retry",
                Err(status) if info(&status).reason == "OUTCOME_UNKNOWN" => "unknown",
                again => panic!("{key}: {again:?}, answered before: {was_answered}, arrived: {arrived}"),
            };
            *rows.entry(row).or_default() += 1;
        }
        let twice: Vec<_> = taken(&sandboxes).into_iter().filter(|(_, times)| *times > 1).collect();
        assert!(twice.is_empty(), "sent twice: {twice:?}");
        gateway.kill().await;
        report.add(rows);
    }
}
