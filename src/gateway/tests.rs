//! A sixth vendor with one RPC, which is sent options of another: shows what a vendor needs, and what layers do for it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use async_trait::async_trait;
use futures::future::BoxFuture;

use super::{
    Account, Accounts, Consents, Gateway, Log, Refusals, Rule, Screened,
    layers::{Around, AskVendor, Layer, Next},
};
use crate::{
    api::{
        METHODS, MessageService, Vendor, VendorRpc, methods, offers,
        pb::{
            CancelMessageRequest, DeliveryState, Message, Recipient, SendMessageRequest, SendMessageResponse,
            SmSendOptions, send_message_request::VendorOptions,
        },
    },
    call::{Call, Caller, Origin},
    config::{self, Config, ConsentConfig, Problems},
    error::{Error, Reason},
    request::check::{Check, is_e164},
    store::Store,
};

/// A vendor in one file: it declares what it offers, and names no other.
struct Toy;

offers!(Toy {
    MessageService { SendMessage },
});

#[async_trait]
impl MessageService for Toy {
    async fn send_message(&self, call: &Call, request: SendMessageRequest) -> Result<SendMessageResponse, Error> {
        let SendMessageRequest { parent, recipients, text, .. } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        check.required(&text, "text");
        let bad = recipients.iter().position(|number| !is_e164(number));
        check.that(bad.is_none(), format!("recipients[{}]", bad.unwrap_or_default()), "is bad");
        check.done()?;
        call.check_active()?;
        call.begin_write("POST /toy").await?;
        let queued = |to| Recipient { to, state: DeliveryState::Queued.into(), ..Recipient::default() };
        let recipient_count = i32::try_from(recipients.len()).ok();
        let recipients = recipients.into_iter().map(queued).collect();
        Ok(SendMessageResponse { message: Some(Message { recipients, recipient_count, ..Message::default() }) })
    }
}

/// A configuration of one account at the toy.
fn configured() -> BTreeMap<String, config::AccountConfig> {
    let table = "[accounts.toys]\nvendor = 'toy'".parse().expect("TOML");
    Config::new(table, &mut Problems::new()).accounts
}

fn gateway() -> Gateway {
    of_log(None)
}

fn of_log(log: Option<Log>) -> Gateway {
    let vendors = [("toys".to_owned(), Arc::new(Toy) as Arc<dyn Vendor>)];
    let accounts = Accounts::new(configured(), vendors.into(), log.as_ref(), &Accounts::default());
    Gateway::new(accounts, log, Default::default())
}

/// Refuses numbers that end with 0.
struct Zero;

impl Rule for Zero {
    fn screen(&self, send: &Screened<'_>, refusals: &mut Refusals) {
        let ends_with_zero = |recipient: &Recipient| recipient.to.ends_with('0');
        let zeros = send.recipients.iter().enumerate().filter(|(_, recipient)| ends_with_zero(recipient));
        zeros.for_each(|(index, _)| refusals.refuse(index, Reason::RecipientOptedOut, "it ends with 0"));
    }
}

/// A gateway with a store and a rule.
async fn screening() -> Gateway {
    let config = Config::new("[store]\npath = ':memory:'".parse().expect("TOML"), &mut Problems::new()).store;
    let store = Store::open(&config).await.expect("a store");
    let consents = Consents::open(store.clone(), &ConsentConfig::default()).await.expect("a list");
    of_log(Some(Log::new(store, false, Default::default(), consents, vec![Arc::new(Zero)])))
}

fn to(numbers: &[&str]) -> SendMessageRequest {
    SendMessageRequest { recipients: numbers.iter().map(|to| (*to).to_owned()).collect(), ..send("Hello") }
}

/// The most bytes of the future of a send, without those of its box in the vendor: there are as many as calls in flight.
const IN_FLIGHT: usize = 768;

#[test]
fn the_future_of_a_send_is_small() {
    let size = size_of_val(&gateway().answer(Call::background(), send("Hello")));
    assert!(size <= IN_FLIGHT, "{size}");
}

#[tokio::test]
async fn those_whom_a_rule_refuses_are_not_sent_to_and_the_reply_has_everybody() {
    let gateway = screening().await;
    let sent = gateway.answer(Call::background(), to(&["+390", "+391", "+3920", "+393"])).await.expect("sent");
    let message = sent.message.expect("a message");
    let seen: Vec<_> = message.recipients.iter().map(|r| (&*r.to, r.state(), &*r.vendor_code)).collect();
    let (refused, queued) = ((DeliveryState::Rejected, "RECIPIENT_OPTED_OUT"), (DeliveryState::Queued, ""));
    let expected = [("+390", refused), ("+391", queued), ("+3920", refused), ("+393", queued)];
    assert_eq!(seen, expected.map(|(to, (state, code))| (to, state, code)));
    assert_eq!((message.recipient_count, &*message.recipients[0].vendor_text), (Some(4), "not sent: it ends with 0"));

    // Nobody is left: the vendor is not asked.
    let call = Call::background();
    let error = gateway.answer(call.clone(), to(&["+390", "+3920"])).await.expect_err("nobody");
    assert_eq!((error.reason(), error.was_not_sent(), call.was_asked()), (Reason::RecipientOptedOut, true, false));

    // Faults are those of the request as it came.
    let error = gateway.answer(Call::background(), to(&["+390", "+391", "39"])).await.expect_err("a fault");
    let fields: Vec<_> = error.violations().iter().map(|violation| violation.field.as_str()).collect();
    assert!(fields == ["recipients[2]"] && error.to_string().contains("recipients[2]"), "{error}");
}

#[tokio::test]
async fn a_send_without_a_key_is_recorded_when_it_leaves_and_not_if_it_is_rejected_before() {
    let gateway = screening().await;
    let store = gateway.store().expect("a store");
    for (text, leaves) in [("", false), ("Hello", true)] {
        let request = SendMessageRequest { text: text.to_owned(), ..to(&["+391"]) };
        let answer = gateway.answer(Call::background(), request).await;
        store.flush().await.expect("flushed");
        let newest = store.stats().await.expect("counts").newest;
        assert_eq!((answer.is_ok(), newest.is_some()), (leaves, leaves));
    }
}

fn send(text: &str) -> SendMessageRequest {
    SendMessageRequest { parent: "accounts/toys".to_owned(), text: text.to_owned(), ..SendMessageRequest::default() }
}

fn foreign(text: &str) -> SendMessageRequest {
    SendMessageRequest { vendor_options: Some(VendorOptions::Smsend(SmSendOptions::default())), ..send(text) }
}

#[tokio::test]
async fn a_vendor_is_a_folder_and_a_line() {
    gateway().answer(Call::background(), send("Hello")).await.expect("the toy sends");
    assert_eq!(Toy.methods(), [methods::MessageService::SendMessage]);
    assert!(Toy.message_service().is_some() && Toy.inbox_service().is_none());
}

#[tokio::test]
async fn an_rpc_that_a_vendor_does_not_declare_is_rejected_before_it_is_asked() {
    let call = Call::background();
    let request = CancelMessageRequest { name: "accounts/toys/messages/1".to_owned() };
    let error = gateway().answer(call.clone(), request).await.expect_err("not offered");
    assert_eq!((error.reason(), error.was_not_sent(), call.was_asked()), (Reason::Unsupported, true, false));
}

#[tokio::test]
async fn options_of_another_vendor_are_refused_by_the_gateway_beside_the_vendor_s_own_faults() {
    for (request, fields) in [(foreign("Hello"), vec!["smsend"]), (foreign(""), vec!["text", "smsend"])] {
        let call = Call::background();
        let error = gateway().answer(call.clone(), request).await.expect_err("options of another vendor");
        let found: Vec<_> = error.violations().iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!((error.reason(), found), (Reason::InvalidRequest, fields));
        // The dry run sent nothing.
        assert!(call.forbid_writes());
    }
}

/// A caller of no method and no account.
#[derive(Debug)]
struct Nobody;

impl Caller for Nobody {
    fn may_call(&self, method: usize) -> bool {
        METHODS[method] == *methods::MessageService::SendMessage
    }

    fn may_use(&self, _: &str) -> bool {
        false
    }

    fn name(&self) -> &Arc<str> {
        static NAME: LazyLock<Arc<str>> = LazyLock::new(|| "nobody".into());
        &NAME
    }

    fn ends(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_caller_learns_nothing_of_accounts_that_it_may_not_use() {
    let call = || {
        let deadline = Call::background().deadline();
        Call::new(Origin {
            deadline,
            caller: Some(Arc::new(Nobody)),
            credential: None,
            idempotency_key: None,
            request_id: None,
            trace: None,
        })
    };
    for parent in ["accounts/toys", "accounts/nowhere"] {
        let request = SendMessageRequest { parent: parent.to_owned(), ..send("Hello") };
        let error = gateway().answer(call(), request).await.expect_err("not granted");
        assert_eq!(error.reason(), Reason::AccountNotGranted);
    }
    let request = CancelMessageRequest { name: "accounts/toys/messages/1".to_owned() };
    let error = gateway().answer(call(), request).await.expect_err("no scope");
    assert_eq!(error.reason(), Reason::ScopeMissing);
}

/// A layer over all RPCs: it repeats a call that was not sent.
struct Again(Arc<AtomicUsize>);

impl Layer for Again {
    type Target = Arc<Account>;
    type Found = Arc<Account>;

    fn around<R: VendorRpc, N: Next<Target = Arc<Account>>>(
        &self,
        call: Call,
        account: Arc<Account>,
        request: R,
        next: &N,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        let first = next.run(call.dry_run(), account.clone(), R::decode(&*request.encode_to_vec()).unwrap_or_default());
        let second = next.run(call, account, request);
        let count = self.0.clone();
        async move {
            count.fetch_add(1, Relaxed);
            match first.await {
                Err(error) if error.was_not_sent() => {
                    count.fetch_add(1, Relaxed);
                    second.await
                }
                answer => answer,
            }
        }
    }
}

#[tokio::test]
async fn a_layer_is_one_function_over_all_rpcs() {
    let asked = Arc::new(AtomicUsize::new(0));
    let config = configured().remove("toys").expect("the account");
    let account = Arc::new(Account::new("toys", config, Arc::new(Toy), None));
    let stack = Around(Again(asked.clone()), AskVendor);
    stack.run(Call::background(), account, send("Hello")).await.expect("sent at the second attempt");
    assert_eq!(asked.load(Relaxed), 2);
}
