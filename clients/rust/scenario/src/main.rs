//! The scenario of ../../../scenario/README.md: prints a line for each step that holds, and ends at the first that does not.

mod client;

use std::{
    env,
    error::Error as StdError,
    fs,
    path::Path,
    process::Command,
    time::{Duration, SystemTime},
};

use futures_util::TryStreamExt as _;
use smsmux_client::{
    Client, Config, Error,
    v1::{self, DeliveryState, message_service_client::MessageServiceClient, send_message_request::VendorOptions},
};
use tonic::{Code, Request, transport::Endpoint};

type Result<T, E = Box<dyn StdError + Send + Sync>> = std::result::Result<T, E>;

const SMSEND: &str = "accounts/smsend";

pub fn unique_id() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    format!("rust-{}", now.as_nanos())
}

fn ciao() -> v1::SendMessageRequest {
    v1::SendMessageRequest {
        parent: SMSEND.into(),
        recipients: vec!["+393471234567".into()],
        text: "Ciao!".into(),
        message_id: unique_id(),
        ..Default::default()
    }
}

async fn send(client: &Client, request: v1::SendMessageRequest) -> Result<v1::Message, Error> {
    Ok(client.messages().send_message(request).await?.into_inner().message.unwrap_or_default())
}

async fn get(client: &Client, name: &str) -> Result<v1::Message, Error> {
    let request = v1::GetMessageRequest { name: name.into() };
    Ok(client.messages().get_message(request).await?.into_inner().message.unwrap_or_default())
}

fn done(step: &str) {
    println!("ok {step}");
}

#[tokio::main]
async fn main() -> Result<()> {
    let rustc = Command::new("rustc").arg("--version").output()?.stdout;
    println!("version {}, tonic 0.14", String::from_utf8(rustc)?.trim());
    let client = Client::new(Config::default())?;

    let accounts = client.accounts().list_accounts(v1::ListAccountsRequest::default()).await?.into_inner().accounts;
    let smsend = accounts.iter().find(|account| account.name == SMSEND).ok_or("no smsend")?;
    assert!(smsend.methods.iter().any(|method| method == "smsmux.v1.MessageService/SendMessage"));
    done("accounts");

    let request = ciao();
    let sent = send(&client, request.clone()).await?;
    assert!(sent.name.ends_with(&request.message_id), "{sent:?}");
    assert!(matches!(&*sent.recipients, [recipient] if recipient.state() == DeliveryState::Queued), "{sent:?}");
    done("send");

    let mut recipient = v1::Recipient::default();
    for _ in 0..10 {
        recipient = get(&client, &sent.name).await?.recipients.swap_remove(0);
        if recipient.state() == DeliveryState::Delivered {
            break;
        }
    }
    assert_eq!((recipient.state(), recipient.vendor_code.as_str()), (DeliveryState::Delivered, "DLVRD"));
    done("status");

    let second = send(&client, ciao()).await?;
    let request = v1::ListVendorMessagesRequest { parent: SMSEND.into(), page_size: 1, ..Default::default() };
    let pages: Vec<_> = client.pages(request).try_collect().await?;
    let names: Vec<_> = pages.iter().flat_map(|page| &page.messages).map(|message| &message.name).collect();
    for name in [&sent.name, &second.name] {
        assert_eq!(names.iter().filter(|each| **each == name).count(), 1, "{names:?}");
    }
    done("pages");

    let group = v1::Group { display_name: "Rust".into(), description: "d".into(), ..Default::default() };
    let request = v1::CreateGroupRequest { parent: SMSEND.into(), group: Some(group) };
    let group = client.groups().create_group(request).await?.into_inner().group.ok_or("no group")?;
    client.groups().delete_group(v1::DeleteGroupRequest { name: group.name, ..Default::default() }).await?;
    done("group");

    let start_time = Some("2016-05-03T00:00:00Z".parse()?);
    let request = v1::WatchReceivedMessagesRequest { parent: SMSEND.into(), start_time, ..Default::default() };
    let mut stream = Box::pin(client.watch(request));
    for _ in 0..2 {
        let answer = stream.try_next().await?.ok_or("the stream ended")?;
        let message = answer.message.ok_or("no message")?;
        assert!(!message.name.is_empty() && !message.to.is_empty() && !answer.resume_token.is_empty());
    }
    drop(stream);
    done("watch");

    let request = v1::SendMessageRequest { recipients: vec!["12".into()], ..ciao() };
    let error = send(&client, request).await.expect_err("12 is no number");
    assert_eq!(error.status.code(), Code::InvalidArgument);
    assert_eq!((error.reason.as_str(), error.outcome.as_str()), ("INVALID_REQUEST", "NOT_SENT"));
    assert_eq!(error.violations.iter().map(|violation| &violation.field).collect::<Vec<_>>(), ["recipients[0]"]);
    done("bad-number");

    let mut request = Request::new(v1::GetMessageRequest { name: "accounts/slow/messages/x".into() });
    request.set_timeout(Duration::from_millis(300));
    let error = client.messages().get_message(request).await.expect_err("the vendor does not answer");
    assert_eq!(error.status.code(), Code::DeadlineExceeded, "{error}");
    done("deadline");

    let endpoint = Endpoint::from_shared(format!("http://{}", env::var("SMSMUX_ADDRESS")?))?;
    let mut without_key = MessageServiceClient::new(endpoint.connect_lazy());
    let error = Error::from(without_key.send_message(ciao()).await.expect_err("there is no key"));
    assert_eq!(error.status.code(), Code::Unauthenticated);
    assert_eq!(error.reason, "CALLER_NOT_AUTHENTICATED");
    done("no-key");

    let request = v1::SendMessageRequest {
        parent: "accounts/lox24".into(),
        recipients: vec!["+4915123456789".into()],
        sender: "smsmux".into(),
        text: "Perché Ж 😀".into(),
        ..Default::default()
    };
    let message = send(&client, request.clone()).await?;
    let name = format!("accounts/lox24/messages/{}", message.recipients[0].vendor_message_id);
    assert_eq!(get(&client, &name).await?.text, request.text);
    let request = v1::AnalyzeMessageRequest { message: Some(request), ..Default::default() };
    let analysis = client.messages().analyze_message(request).await?.into_inner();
    assert_eq!(analysis.ucs_2_characters, ["Ж", "😀"]);
    done("unicode");

    let options = v1::SmSendOptions { return_remaining: true, ..Default::default() };
    let request = v1::SendMessageRequest { vendor_options: Some(VendorOptions::Smsend(options)), ..ciao() };
    assert!(send(&client, request).await?.credits_remaining.is_some_and(|remaining: i64| remaining > 0));
    assert_eq!(send(&client, ciao()).await?.credits_remaining, None);
    done("int64");

    let email = Some(format!("{}@example.com", unique_id()));
    let contact = v1::Contact { email, given_name: Some("Rust".into()), ..Default::default() };
    let request = v1::CreateContactRequest { parent: SMSEND.into(), contact: Some(contact) };
    let created = client.contacts().create_contact(request).await?.into_inner().contact.ok_or("no contact")?;
    let request = v1::GetContactRequest { name: created.name };
    let contact = client.contacts().get_contact(request).await?.into_inner().contact.ok_or("no contact")?;
    assert_eq!((contact.given_name.as_deref(), contact.fax), (Some("Rust"), None));
    done("optional");

    golden(Path::new(&env::var("SMSMUX_TESTDATA")?))?;
    done("golden");

    let with_client = client::client().await?;
    client::rate_limited(&with_client).await?;
    done("rate-limited");
    client::cut().await?;
    done("cut");
    client::unknown(&with_client).await?;
    done("unknown");
    client::violations(&with_client).await?;
    done("violations");
    client::plain_text().await?;
    done("plain-text");
    client::pager(&with_client).await?;
    done("pager");
    client::restart(&with_client).await?;
    done("restart");
    client::webhook(&with_client).await?;
    done("webhook");
    Ok(())
}

/// Decodes every vector and encodes it again. prost has no JSON form, and no registry: the list must have all.
fn golden(folder: &Path) -> Result<()> {
    fn check<M: prost::Message + Default>(folder: &Path, name: &str) -> Result<()> {
        let bytes = fs::read(folder.join(format!("{name}.binpb")))?;
        assert_eq!(M::decode(&*bytes)?.encode_to_vec(), bytes, "{name}");
        Ok(())
    }
    let mut checked = 0;
    macro_rules! check {
        ($($name:ident)*) => { $(check::<v1::$name>(folder, stringify!($name))?; checked += 1;)* };
    }
    check! {
        Account AccountChanged AccountHealth AccountStatus Alias AnalyzedNumber Attachment Attempt Consent ConsentChanged
        ConsentEvidence ConsentRecord ConsentSuspected Contact Credit CreditTransfer EmailPlan Event EventShard
        EventSubscription EventWebhook EventWebhookAttempt Group Ip1SmsGroup Issue KnownPrice Lox24Contact
        Lox24Group MailingList Message MessageStateChanged Money Number PassedOver PhoneService PhoneServiceSettings
        Progress Purchase ReceivedMessage Recipient Refusal Requested Resend RouteDecision RouteShare ServerInfo ServerStore SmSendOptions
        SmsPartnerContact StopListEntry Subaccount TemplateRecipient UnitPrice UnreadablePush
    }
    let is_vector = |path: &Path| path.extension().is_some_and(|extension| extension == "binpb");
    let vectors = fs::read_dir(folder)?.filter_map(|entry| entry.ok()).filter(|entry| is_vector(&entry.path())).count();
    assert_eq!(checked, vectors, "vectors that are not in the list");
    Ok(())
}
