//! The steps of ../../../scenario/README.md with the client.

use std::{collections::HashSet, env, pin::pin};

use futures_util::{StreamExt as _, TryStreamExt as _};
use http::HeaderMap;
use smsmux_client::{
    Client, Config, Error,
    v1::{
        CreateEventSubscriptionRequest, DeleteEventSubscriptionRequest, ListMessagesRequest, SendMessageRequest,
        SetEventWebhookRequest, WatchEventsRequest, WatchEventsResponse, watch_events_response::Item,
    },
};
use standardwebhooks::Webhook;

use crate::{Result, unique_id};

const PARENT: &str = "accounts/harness";

/// Returns the answer of the harness, with its headers.
pub async fn harness(command: &str) -> Result<(HeaderMap, String)> {
    let url = format!("{}/{command}", env::var("SMSMUX_HARNESS")?);
    tokio::task::spawn_blocking(move || {
        let mut answer = ureq::get(url).call()?;
        Ok((answer.headers().clone(), answer.body_mut().read_to_string()?))
    })
    .await?
}

pub async fn client() -> Result<Client> {
    let (_, address) = harness("server").await?;
    let ca = Some(env::var("SMSMUX_HARNESS_CA")?.into());
    Ok(Client::new(Config { address: Some(format!("https://{address}")), ca, ..Config::default() })?)
}

fn sms(text: &str) -> SendMessageRequest {
    SendMessageRequest { sender: "smsmux".into(), ..SendMessageRequest::new(PARENT, &["+4915123456789"], text) }
}

async fn send(client: &Client, text: &str) -> Result<(), Error> {
    client.messages().send_message(sms(text)).await?;
    Ok(())
}

async fn sent_times(text: &str, times: &str) -> Result<()> {
    let (_, found) = harness(&format!("sent/{}", text.replace(' ', "%20"))).await?;
    assert_eq!(found, times, "{text}");
    Ok(())
}

pub async fn rate_limited(client: &Client) -> Result<()> {
    let text = format!("busy {}", unique_id());
    send(client, &text).await?;
    sent_times(&text, "2").await
}

pub async fn cut() -> Result<()> {
    let text = format!("cut {}", unique_id());
    let (_, proxy) = harness(&format!("cut/{}", env::var("SMSMUX_ADDRESS")?)).await?;
    let through = Client::new(Config { address: Some(proxy), ..Config::default() })?;
    send(&through, &text).await?;
    sent_times(&text, "1").await
}

pub async fn unknown(client: &Client) -> Result<()> {
    let text = format!("unknown {}", unique_id());
    let error = send(client, &text).await.expect_err("the vendor does not answer");
    assert_eq!((error.reason.as_str(), error.outcome.as_str()), ("OUTCOME_UNKNOWN", "UNKNOWN"));
    assert!(error.resource.starts_with("accounts/harness/messages/") && !error.request_id.is_empty(), "{error:?}");
    sent_times(&text, "1").await
}

pub async fn violations(client: &Client) -> Result<()> {
    let request = SendMessageRequest { recipients: vec!["12".into()], ..sms("Ciao!") };
    let error = client.messages().send_message(request).await.expect_err("12 is no number");
    assert_eq!((error.reason.as_str(), error.outcome.as_str()), ("INVALID_REQUEST", "NOT_SENT"));
    assert!(matches!(&*error.violations, [violation] if violation.field == "recipients[0]"), "{error:?}");
    Ok(())
}

pub async fn plain_text() -> Result<()> {
    let config = Config { address: Some("http://192.0.2.1:50051".into()), ..Config::default() };
    assert!(Client::new(config).is_err(), "the key would be sent in plain text");
    Ok(())
}

pub async fn pager(client: &Client) -> Result<()> {
    send(client, &format!("pager {}", unique_id())).await?;
    let request = ListMessagesRequest { parent: PARENT.into(), page_size: 1, ..Default::default() };
    let pages: Vec<_> = client.pages(request).try_collect().await?;
    let names: Vec<_> = pages.iter().flat_map(|page| &page.messages).map(|message| &message.name).collect();
    assert!(pages.len() >= 2 && names.iter().collect::<HashSet<_>>().len() == names.len(), "{names:?}");
    Ok(())
}

/// The place of an answer in the log.
fn sequence(answer: &WatchEventsResponse) -> i64 {
    match &answer.item {
        Some(Item::Event(event)) => event.sequence,
        Some(Item::Progress(progress)) => progress.sequence,
        None => panic!("an answer without an item"),
    }
}

pub async fn restart(client: &Client) -> Result<()> {
    let mut watch = pin!(client.watch(WatchEventsRequest { parent: PARENT.into(), ..Default::default() }));
    let mut answer = watch.next().await.ok_or("the watch ended")??;
    for restart in [true, false] {
        send(client, &format!("watch {}", unique_id())).await?;
        loop {
            let place = sequence(&answer);
            answer = watch.next().await.ok_or("the watch ended")??;
            assert_eq!(answer.previous_sequence, place);
            if matches!(answer.item, Some(Item::Event(_))) {
                break;
            }
        }
        if restart {
            harness("restart").await?;
        }
    }
    Ok(())
}

pub async fn webhook(client: &Client) -> Result<()> {
    let id = unique_id();
    let request = CreateEventSubscriptionRequest {
        parent: PARENT.into(),
        event_subscription_id: id.clone(),
        ..Default::default()
    };
    let created = client.events().create_event_subscription(request).await?.into_inner();
    let name = created.event_subscription.ok_or("no subscription")?.name;
    let url = format!("{}/hooks/{id}", env::var("SMSMUX_HARNESS")?);
    let request = SetEventWebhookRequest { name: name.clone(), url, ..Default::default() };
    let webhook = Webhook::new(&client.events().set_event_webhook(request).await?.into_inner().signing_secret)?;
    send(client, &format!("webhook {}", unique_id())).await?;
    let (headers, body) = harness(&format!("hooks/{id}")).await?;
    webhook.verify(body.as_bytes(), &headers)?;
    assert!(webhook.verify(format!("{body} ").as_bytes(), &headers).is_err(), "another body has the same signature");
    let event: serde_json::Value = serde_json::from_str(&body)?;
    assert!(event["type"].as_str().is_some_and(|kind| kind.starts_with("smsmux.message.")), "{body}");
    client.events().delete_event_subscription(DeleteEventSubscriptionRequest { name }).await?;
    Ok(())
}
