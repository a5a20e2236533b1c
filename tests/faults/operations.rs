//! What is called.

use futures::{FutureExt, future::BoxFuture};
use http::Method;
use serde_json::json;
use smsmux::api::pb::{
    CreateGroupRequest, DeleteGroupRequest, GetMessageRequest, Group, ListGroupsRequest, PullReceivedMessagesRequest,
    SendGroupMessageRequest, SendMessageRequest, SendTemplatedMessageRequest, TemplateRecipient,
    group_service_client::GroupServiceClient, inbox_service_client::InboxServiceClient,
};
use smsmux_sandbox::Recorded;
use tonic::{Request, Status};

use crate::support::{Rig, in_time};

/// What an operation does at the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Send,
    Write,
    Read,
}

/// One RPC at one vendor.
pub struct Operation {
    pub vendor: &'static str,
    pub name: &'static str,
    pub effect: Effect,
    /// The vendor's operation that it needs.
    pub http: &'static str,
    /// Makes what a call is about, before anything goes wrong: a text that is in no other call.
    pub prepare: fn(&Rig, usize) -> BoxFuture<'_, String>,
    /// Makes a call; `true` when the answer has all that it must have.
    pub call: fn(&Rig, String) -> BoxFuture<'_, Result<bool, Status>>,
}

const fn send(vendor: &'static str, http: &'static str) -> Operation {
    Operation { vendor, name: "SendMessage", effect: Effect::Send, http, prepare: word, call: send_message }
}

const fn get(vendor: &'static str, http: &'static str) -> Operation {
    Operation { vendor, name: "GetMessage", effect: Effect::Read, http, prepare: sent, call: get_message }
}

const fn at_smsend(name: &'static str, effect: Effect, http: &'static str) -> Operation {
    Operation { vendor: "smsend", name, effect, http, prepare: word, call: send_message }
}

pub const OPERATIONS: &[Operation] = &[
    send("smsend", "POST /sms"),
    Operation { call: send_templated, ..at_smsend("SendTemplatedMessage", Effect::Send, "POST /paramsms") },
    Operation { call: send_to_groups, ..at_smsend("SendGroupMessage", Effect::Send, "POST /smstogroups") },
    send("lox24", "POST /sms"),
    send("ip1sms", "POST /api/sms/send"),
    send("intelepeer", "POST /sms/v1/+17208675310/send"),
    send("smspartner", "POST /send"),
    get("smsend", "GET /sms"),
    get("lox24", "GET /sms"),
    get("ip1sms", "GET /api/sms/sent"),
    get("intelepeer", "POST /sms/v1/mdr"),
    get("smspartner", "GET /bulk-status"),
    Operation { call: list_groups, ..at_smsend("ListGroups", Effect::Read, "GET /groups") },
    Operation { prepare: group, call: delete_group, ..at_smsend("DeleteGroup", Effect::Write, "DELETE /group") },
    Operation {
        prepare: received,
        call: pull,
        ..at_smsend("PullReceivedMessages", Effect::Write, "GET /newsrsmsmessage")
    },
];

/// What the words of calls with an idempotency key begin with.
const KEYED: &str = "keyed";

/// Whether a request is of the operation and about this.
pub fn is_about(request: &Recorded, operation: &Operation, subject: &str) -> bool {
    let (method, path) = operation.http.split_once(' ').unwrap();
    request.method == method
        && request.path.starts_with(path)
        && (request.path.rsplit('/').next() == Some(subject) || request.text().contains(subject))
}

fn account(rig: &Rig) -> String {
    format!("accounts/{}", rig.sandbox.vendor())
}

/// A word of its own in each text. Every second caller has it as an idempotency key too.
fn word(_: &Rig, i: usize) -> BoxFuture<'_, String> {
    let kind = if i.is_multiple_of(2) { "call" } else { KEYED };
    async move { format!("{kind}-{i:06}") }.boxed()
}

/// Whether a call has an idempotency key.
pub fn is_keyed(subject: &str) -> bool {
    subject.starts_with(KEYED)
}

/// A request about a word.
fn about<T>(word: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    if is_keyed(word) {
        request.metadata_mut().insert("idempotency-key", word.parse().unwrap());
    }
    request
}

/// A send to one number at a vendor.
pub fn to(vendor: &str, text: String) -> SendMessageRequest {
    let (number, sender) = match vendor {
        "lox24" => ("+4915123456789", "smsmux"),
        "ip1sms" => ("+46700000001", "smsmux"),
        "intelepeer" => ("+17205550100", "+17208675310"),
        "smspartner" => ("+33612345678", ""),
        _ => (crate::support::NUMBER, ""),
    };
    SendMessageRequest {
        parent: format!("accounts/{vendor}"),
        recipients: vec![number.to_owned()],
        text,
        sender: sender.to_owned(),
        ..SendMessageRequest::default()
    }
}

fn send_message(rig: &Rig, text: String) -> BoxFuture<'_, Result<bool, Status>> {
    async move {
        let request = about(&text, to(rig.sandbox.vendor(), text.clone()));
        let answer = rig.messages().send_message(request).await?.into_inner();
        Ok(answer.message.unwrap().recipients.len() == 1)
    }
    .boxed()
}

fn send_templated(rig: &Rig, text: String) -> BoxFuture<'_, Result<bool, Status>> {
    async move {
        let word = text.clone();
        let SendMessageRequest { parent, recipients, text, .. } = to(rig.sandbox.vendor(), text);
        let recipients = recipients.into_iter().map(|to| TemplateRecipient { to, ..TemplateRecipient::default() });
        let recipients = recipients.collect();
        let request =
            SendTemplatedMessageRequest { parent, recipients, text, ..SendTemplatedMessageRequest::default() };
        let request = about(&word, request);
        Ok(rig.messages().send_templated_message(request).await?.into_inner().message.is_some())
    }
    .boxed()
}

fn send_to_groups(rig: &Rig, text: String) -> BoxFuture<'_, Result<bool, Status>> {
    async move {
        let groups = vec!["Group1".to_owned()];
        let word = text.clone();
        let request =
            SendGroupMessageRequest { parent: account(rig), groups, text, ..SendGroupMessageRequest::default() };
        let request = about(&word, request);
        Ok(rig.messages().send_group_message(request).await?.into_inner().message.is_some())
    }
    .boxed()
}

/// What comes before a fault has to work at last, also where the machine is busy and the time limits are short.
async fn patiently<T, F: Future<Output = Result<T, Status>>>(make: impl Fn() -> F) -> T {
    in_time(async {
        loop {
            if let Ok(made) = make().await {
                return made;
            }
        }
    })
    .await
}

/// A message that can be looked up, by the vendor's id.
fn sent(rig: &Rig, i: usize) -> BoxFuture<'_, String> {
    async move {
        let answer =
            patiently(|| async { rig.messages().send_message(to(rig.sandbox.vendor(), format!("Message {i}"))).await })
                .await;
        answer.into_inner().message.unwrap().recipients.remove(0).vendor_message_id
    }
    .boxed()
}

fn get_message(rig: &Rig, id: String) -> BoxFuture<'_, Result<bool, Status>> {
    async move {
        let request = GetMessageRequest { name: format!("{}/messages/{id}", account(rig)) };
        let message = rig.messages().get_message(request).await?.into_inner().message;
        Ok(message.is_some_and(|message| message.recipients.len() == 1))
    }
    .boxed()
}

fn list_groups(rig: &Rig, _: String) -> BoxFuture<'_, Result<bool, Status>> {
    async move {
        let request = ListGroupsRequest { parent: account(rig), ..ListGroupsRequest::default() };
        let groups = GroupServiceClient::new(rig.channel.clone()).list_groups(request).await?.into_inner().groups;
        Ok(groups.len() == 2)
    }
    .boxed()
}

/// A group, by its id.
fn group(rig: &Rig, i: usize) -> BoxFuture<'_, String> {
    async move {
        let answer = patiently(|| async {
            let text = format!("Group of call {i}");
            let group = Group { display_name: text.clone(), description: text, ..Group::default() };
            let request = CreateGroupRequest { parent: account(rig), group: Some(group) };
            GroupServiceClient::new(rig.channel.clone()).create_group(request).await
        });
        let answer = answer.await;
        answer.into_inner().group.unwrap().name.rsplit('/').next().unwrap().to_owned()
    }
    .boxed()
}

fn delete_group(rig: &Rig, id: String) -> BoxFuture<'_, Result<bool, Status>> {
    async move {
        let request =
            DeleteGroupRequest { name: format!("{}/groups/{id}", account(rig)), ..DeleteGroupRequest::default() };
        GroupServiceClient::new(rig.channel.clone()).delete_group(request).await?;
        Ok(true)
    }
    .boxed()
}

/// A number of ours that somebody has written to.
fn received(rig: &Rig, i: usize) -> BoxFuture<'_, String> {
    async move {
        let sim = format!("+39340000{i:04}");
        let body = json!({"sim": sim, "sender": "+393356242290", "message": "Ciao", "keyword": ""});
        let (status, _) = rig.sandbox.control(Method::POST, "/received", &body).await;
        assert!(status.is_success());
        sim
    }
    .boxed()
}

fn pull(rig: &Rig, sim: String) -> BoxFuture<'_, Result<bool, Status>> {
    async move {
        // Where the vendor cannot be reached nobody has written to any number.
        let sim = if sim.starts_with('+') { sim } else { format!("+39340000{sim:0>4}") };
        let request = PullReceivedMessagesRequest { parent: account(rig), numbers: vec![sim], ..Default::default() };
        let answer = InboxServiceClient::new(rig.channel.clone()).pull_received_messages(request).await?.into_inner();
        Ok(answer.messages.len() == 1)
    }
    .boxed()
}
