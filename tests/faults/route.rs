//! Faulted sends through a route: the first account has the fault, the second one has none.

use futures::future::join_all;
use smsmux::api::pb::{AttemptOutcome, Message, SendMessageRequest};
use smsmux_sandbox::Sandbox;
use tonic::Status;

use crate::{
    injection::{Injection, Protocol},
    judge::{Tally, judge},
    operations::{self, Operation},
    stage::{PATIENT, Stage},
    support::{self, loopback},
};

/// A vendor that takes any number and sender.
const SECOND: &str = "lox24";

/// Makes so many calls at once, and holds each answer against the books of both vendors. Returns also how many went on to
/// the second one.
pub async fn run(
    injection: &'static Injection,
    operation: &'static Operation,
    protocol: Protocol,
    calls: usize,
) -> (Tally, usize) {
    let second = Sandbox::start(SECOND, loopback()).await.expect("a sandbox");
    let mut sections = format!("[accounts.second]\nvendor = '{SECOND}'\nbase_url = '{}'\n", second.base_url());
    sections += &format!("poll = false\n{PATIENT}\n");
    sections.extend(second.credentials().iter().map(|(key, value)| format!("{key} = '{value}'\n")));
    let rules = format!("rules = [{{ use = ['{}', 'second'] }}]", operation.vendor);
    sections += &format!("[accounts.main]\nvendor = 'route'\n{rules}\n");
    let stage = Stage::beside(injection, operation.vendor, protocol, &sections).await;
    stage.begin(injection, operation, calls);
    let texts: Vec<_> = (0..calls).map(|i| format!("call-{i:06}")).collect();
    let answers = join_all(texts.iter().map(async |text| {
        let request = to(operation.vendor, text);
        let mut messages = stage.rig.messages();
        let answer = tokio::time::timeout(support::LIMIT, messages.send_message(request)).await.ok();
        answer.map(|answer| answer.map(|reply| reply.into_inner().message.expect("a message")))
    }));
    let (answers, ()) = tokio::join!(answers, stage.meanwhile(injection, operation, calls));
    let (books, others) = (stage.books().await, second.requests());
    let (mut tally, mut moved) = (Tally::default(), 0);
    for (text, answer) in texts.iter().zip(&answers) {
        let of_first: Vec<_> = books.iter().filter(|request| operations::is_about(request, operation, text)).collect();
        let of_second: Vec<_> = others.iter().filter(|request| request.text().contains(text)).collect();
        let has_hit = stage.has_hit(&of_first);
        let both: Vec<_> = of_first.into_iter().chain(of_second.iter().copied()).collect();
        let whole =
            answer.as_ref().map(|answer| answer.as_ref().map(|sent| sent.recipients.len() == 1).map_err(Status::clone));
        judge(&mut tally, operation.effect, whole.as_ref(), &both, has_hit);
        moved += usize::from(!of_second.is_empty());
        if let Some(lie) = went_on_from_unknown(answer.as_ref(), of_second.len()) {
            tally.lies.push(lie);
        }
    }
    assert_eq!(stage.end().await, [], "{}: something went elsewhere", injection.name);
    (tally, moved)
}

/// What is wrong if the second account was asked although nobody knows what the first one did.
fn went_on_from_unknown(answer: Option<&Result<Message, Status>>, asked: usize) -> Option<String> {
    let is_unknown = match answer? {
        Ok(sent) => sent.attempts.iter().rev().skip(1).any(|attempt| attempt.outcome() == AttemptOutcome::Unknown),
        // The second one has no fault: what it is asked for, it takes.
        Err(_) => asked > 0,
    };
    is_unknown.then(|| format!("asked another account in spite of an unknown outcome: {answer:?}"))
}

/// A send that both vendors can take.
fn to(vendor: &str, text: &str) -> SendMessageRequest {
    let request = operations::to(vendor, text.to_owned());
    let sender = if request.sender.is_empty() { "smsmux".to_owned() } else { request.sender };
    SendMessageRequest { parent: "accounts/main".to_owned(), sender, ..request }
}
