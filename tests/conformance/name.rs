//! The name of a message, which is made in the same way at every vendor.

use libtest_mimic::Trial;
use smsmux::api::pb::SendMessageRequest;
use smsmux_sandbox::Fault;
use tonic::Code;

use super::intelepeer::ENABLED_PATH;
use crate::support::{Rig, failed};

pub fn tests() -> Vec<Trial> {
    tests![
        a_message_has_the_id_that_was_chosen_or_one_that_grows_with_time,
        a_send_whose_outcome_is_unknown_names_the_message,
    ]
}

/// The operation, the sender and a recipient of a send at each vendor.
fn sends() -> [(&'static str, String, &'static str, &'static str); 5] {
    [
        ("smsend", "POST /sms".to_owned(), "smsmux", "+393471234567"),
        ("lox24", "POST /sms".to_owned(), "smsmux", "+4915123456789"),
        ("ip1sms", "POST /api/sms/send".to_owned(), "smsmux", "+46701234567"),
        ("intelepeer", format!("POST {ENABLED_PATH}/send"), "+17208675310", "+12125550123"),
        ("smspartner", "POST /send".to_owned(), "smsmux", "+33612345678"),
    ]
}

fn request(vendor: &str, sender: &str, to: &str, message_id: &str) -> SendMessageRequest {
    SendMessageRequest {
        parent: format!("accounts/{vendor}"),
        recipients: vec![to.to_owned()],
        text: "Hello world!".to_owned(),
        sender: sender.to_owned(),
        message_id: message_id.to_owned(),
        ..SendMessageRequest::default()
    }
}

/// Returns the id in a name that the gateway made.
fn made<'a>(vendor: &str, name: &'a str) -> &'a str {
    let id = name.strip_prefix(&format!("accounts/{vendor}/messages/")).expect(name);
    let hexadecimal = id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    assert!(id.len() == 32 && hexadecimal && id.as_bytes()[12] == b'7', "a UUID of version 7: {name}");
    id
}

async fn a_message_has_the_id_that_was_chosen_or_one_that_grows_with_time() {
    for (vendor, _, sender, to) in sends() {
        let rig = Rig::vendor(vendor).await;
        let name = async |message_id| {
            let answer = rig.messages().send_message(request(vendor, sender, to, message_id)).await.expect(vendor);
            let message = answer.into_inner().message.expect("a message");
            let [recipient] = &message.recipients[..] else { panic!("{message:?}") };
            assert_eq!((recipient.to.as_str(), recipient.account.as_str()), (to, &*format!("accounts/{vendor}")));
            assert!(!recipient.vendor_message_id.is_empty() && message.vendor_message_ids.is_empty(), "{message:?}");
            message.name
        };
        assert_eq!(name("My_id.1-2").await, format!("accounts/{vendor}/messages/My_id.1-2"));
        let (first, second) = (name("").await, name("").await);
        assert!(made(vendor, &first) < made(vendor, &second));
    }
}

async fn a_send_whose_outcome_is_unknown_names_the_message() {
    for (vendor, operation, sender, to) in sends() {
        let rig = Rig::vendor(vendor).await;
        // smSend looks its order up.
        rig.faults("GET /sms", Fault::CutBefore, 1000);
        for message_id in ["mine", ""] {
            rig.fault(&operation, Fault::CutAfter);
            let lost = rig.messages().send_message(request(vendor, sender, to, message_id)).await.expect_err(vendor);
            let resource = &failed(&lost, Code::Unknown, "OUTCOME_UNKNOWN")["resource"];
            match message_id {
                "" => drop(made(vendor, resource)),
                _ => assert_eq!(resource, &format!("accounts/{vendor}/messages/mine")),
            }
        }
    }
}
