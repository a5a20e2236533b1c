//! `smsmux send`.

use std::path::PathBuf;

use clap::Args;
use futures::{StreamExt as _, stream};
use prost_reflect::DynamicMessage;
use serde::Serialize;
use serde_json::Value;
use smsmux::api::pb::{DeliveryState, Message, SendMessageRequest};
use uuid::Uuid;

use super::{
    ConnectionArguments, Failure, Session,
    call::Kind,
    draft::DraftArguments,
    error::{CallError, Outcome},
    recipients, report,
};
use crate::cli::{arguments::Output, events::state_with_code, json, print, progress::Progress, table::table};

/// How many messages are in flight at a time.
const IN_FLIGHT: usize = 8;

#[derive(Debug, Args)]
pub(in crate::cli) struct SendArguments {
    #[command(flatten)]
    draft: DraftArguments,
    /// The numbers of the recipients in E.164 form
    #[arg(long, value_name = "NUMBER", num_args = 1.., value_delimiter = ',', required_unless_present = "recipients_from")]
    to: Vec<String>,
    /// A CSV file of recipients with a column `to`; - is standard input. Its other columns fill in the {placeholders} of the text
    #[arg(long, value_name = "FILE", conflicts_with_all = ["to", "message_id"])]
    recipients_from: Option<PathBuf>,
    /// The key with which a repeated command sends nothing twice [default: a random one]
    #[arg(long, value_name = "KEY", value_parser = key)]
    idempotency_key: Option<String>,
    /// The last part of the message's name [default: a random one]
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    message_id: String,
    /// A reference of yours, to list the messages by
    #[arg(long, value_name = "REFERENCE", default_value = "", hide_default_value = true)]
    reference: String,
    /// Tell what it would come to, and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    connection: ConnectionArguments,
}

fn key(text: &str) -> Result<String, String> {
    match (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(text.to_owned()),
        false => Err("expected 1 to 255 visible ASCII characters, for example a UUID".to_owned()),
    }
}

pub(super) async fn run(arguments: SendArguments) -> Result<(), Failure> {
    let SendArguments { draft, to, recipients_from, idempotency_key, message_id, reference, dry_run, connection } =
        arguments;
    let draft = SendMessageRequest { message_id, reference, ..draft.message() };
    let requests = match &recipients_from {
        Some(file) => recipients::messages(file, &draft)?,
        None => vec![SendMessageRequest { recipients: to, ..draft }],
    };
    let session = connection.open()?;
    if dry_run {
        return super::dry_run::run(&session, &requests).await;
    }
    let is_given = idempotency_key.is_some();
    let key = idempotency_key.unwrap_or_else(|| Uuid::now_v7().to_string());
    let is_bulk = recipients_from.is_some();
    if is_bulk && session.output == Output::Table {
        print::error(format_args!("smsmux: if this is interrupted, repeat it with --idempotency-key {key}\n"));
    }
    let sent = send_all(&session, &requests, &key, is_given, is_bulk).await;
    let result = Sent { key, requests, sent };
    match (session.output, &result.sent[..]) {
        (Output::Json, _) => json::print(&result.json(&session)?)?,
        (Output::Table, [Some(Ok(message))]) => print::out(report::message(message))?,
        (Output::Table, [Some(Err(error))]) => return Err(error.clone().into()),
        (Output::Table, _) => print::out(result.table())?,
    }
    result.end()
}

/// Sends the messages, several at a time, and returns what came of each in their order: nothing for one that was not tried, since one
/// before has failed for a reason that concerns all.
async fn send_all(
    session: &Session,
    requests: &[SendMessageRequest],
    key: &str,
    is_given: bool,
    is_bulk: bool,
) -> Vec<Option<Result<Message, CallError>>> {
    let client = &session.client;
    let is_over = std::cell::Cell::new(false);
    let mut progress = Progress::new("messages");
    let send = async |(place, request): (usize, &SendMessageRequest)| {
        if is_over.get() {
            return None;
        }
        // The same file has the same keys, so that what was sent before an interruption is not sent again.
        let key = if is_bulk { format!("{key}-{}", place + 1) } else { key.to_owned() };
        let ask = async |key: Option<&str>| {
            client.call(Kind::Write(key), request, async |request| client.messages().send_message(request).await).await
        };
        let sent = keyed(&key, is_given, ask).await;
        is_over.set(is_over.get() || sent.as_ref().is_err_and(CallError::concerns_all));
        Some(sent.map(|answer| answer.message.unwrap_or_default()))
    };
    let mut sends = stream::iter(requests.iter().enumerate()).map(send).buffered(IN_FLIGHT);
    let mut sent = Vec::new();
    while let Some(one) = sends.next().await {
        sent.push(one);
        progress.part(sent.len() as u64, requests.len() as u64);
    }
    progress.end();
    sent
}

/// Makes a write with a key. A server without a store rejects it: unless the key was asked for, the write is then made without.
pub(super) async fn keyed<R>(
    key: &str,
    is_given: bool,
    ask: impl AsyncFn(Option<&str>) -> Result<R, CallError>,
) -> Result<R, CallError> {
    match ask(Some(key)).await {
        Err(error) if !is_given && error.reason == "UNSUPPORTED" && error.outcome == Some(Outcome::NotSent) => {
            ask(None).await
        }
        result => result,
    }
}

/// What was sent, and what was not.
struct Sent {
    key: String,
    requests: Vec<SendMessageRequest>,
    sent: Vec<Option<Result<Message, CallError>>>,
}

/// The document of a send.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    idempotency_key: &'a str,
    messages: Vec<DynamicMessage>,
    errors: Vec<Failed<'a>>,
    /// The recipients of messages that were not tried after an error that concerns all.
    not_tried: Vec<&'a str>,
}

#[derive(Serialize)]
struct Failed<'a> {
    recipients: &'a [String],
    error: Value,
}

impl Sent {
    fn each(&self) -> impl Iterator<Item = (&SendMessageRequest, Option<&Result<Message, CallError>>)> {
        self.requests.iter().zip(self.sent.iter().map(Option::as_ref))
    }

    fn json(&self, session: &Session) -> Result<Document<'_>, Failure> {
        let mut document =
            Document { idempotency_key: &self.key, messages: Vec::new(), errors: Vec::new(), not_tried: Vec::new() };
        for (request, sent) in self.each() {
            match sent {
                Some(Ok(message)) => document.messages.push(session.json.message("Message", message)?),
                Some(Err(error)) => {
                    document.errors.push(Failed { recipients: &request.recipients, error: error.json() })
                }
                None => document.not_tried.extend(request.recipients.iter().map(String::as_str)),
            }
        }
        Ok(document)
    }

    /// Returns a line for each recipient.
    fn table(&self) -> String {
        let mut rows = Vec::new();
        for (request, sent) in self.each() {
            match sent {
                Some(Ok(message)) => rows.extend(message.recipients.iter().map(|recipient| {
                    let state = state_with_code(recipient.state(), &recipient.vendor_code);
                    [recipient.to.clone(), state, message.name.clone(), recipient.vendor_text.clone()]
                })),
                Some(Err(error)) => {
                    let outcome = error.outcome.unwrap_or(Outcome::Unknown).as_str();
                    let why = format!("{}{}", error.title(), error.message);
                    rows.extend(
                        request
                            .recipients
                            .iter()
                            .map(|to| [to.clone(), outcome.to_owned(), String::new(), why.clone()]),
                    );
                }
                None => {
                    rows.extend(request.recipients.iter().map(|to| {
                        [to, "NOT_SENT", "", "not tried after an error that concerns all"].map(str::to_owned)
                    }))
                }
            }
        }
        table(["recipient", "state", "message", "detail"], &rows)
    }

    /// Returns what the exit code says: a failure unless every recipient was accepted.
    fn end(&self) -> Result<(), Failure> {
        let (mut all, mut accepted, mut unknown) = (0, 0, 0);
        for (request, sent) in self.each() {
            all += request.recipients.len();
            match sent {
                Some(Ok(message)) => {
                    let of = |state: DeliveryState| message.recipients.iter().filter(|r| r.state() == state).count();
                    unknown += of(DeliveryState::Unknown);
                    accepted += message.recipients.len() - of(DeliveryState::Unknown) - of(DeliveryState::Rejected);
                }
                Some(Err(error)) if error.outcome == Some(Outcome::Unknown) => unknown += request.recipients.len(),
                _ => {}
            }
        }
        let failed = all.saturating_sub(accepted + unknown);
        match (accepted, unknown) {
            (_, 0) if failed == 0 => Ok(()),
            (0, 0) => Err(Failure::Exit(1, "nothing was sent".to_owned())),
            (_, 0) => Err(Failure::Exit(3, format!("accepted for {accepted} of {all} recipients"))),
            _ => Err(Failure::Exit(
                4,
                format!(
                    "it is unknown of {unknown} of {all} recipients whether it was sent; nothing is sent twice by the same \
                 command with --idempotency-key {}",
                    self.key
                ),
            )),
        }
    }
}
