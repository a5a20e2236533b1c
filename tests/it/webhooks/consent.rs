//! Opt-outs that are pushed: again after the person was permitted, repeated, and with a number that is written otherwise.

use http::StatusCode;
use smsmux::api::pb::{
    CheckConsentRequest, SendMessageRequest, SetConsentRequest, consent_service_client::ConsentServiceClient,
};

use super::{path, push, rig};
use crate::support::{Rig, info, message};

/// SMSPartner's pushes have no ids: the second STOP to the same message is the same push, byte for byte.
#[tokio::test]
async fn who_was_permitted_again_can_opt_out_again() {
    let rig = rig("smspartner", "", "").await;
    let stop = r#"{"type": "stop", "phone_number": "+33612345678", "text": "Stop", "message_id": 300}"#;
    let reply = r#"{"type": "response", "phone_number": "+33612345678", "text": "STOP", "message_id": 300}"#;
    for _ in 0..2 {
        for body in [stop, reply] {
            assert_eq!(push(&rig, &path("smspartner"), body).await, StatusCode::OK);
            assert!(!is_permitted(&rig, "+33612345678").await);
            permit(&rig, "+33612345678").await;
            assert!(is_permitted(&rig, "+33612345678").await);
        }
    }
}

/// IP1SMS repeats a push for more than an hour.
#[tokio::test]
async fn a_repeated_push_does_not_block_who_was_permitted_since() {
    let rig = rig("ip1sms", "", "").await;
    let stop = r#"{"ID": 78, "From": "46701234567", "To": "46737494400", "Message": "STOP"}"#;
    assert_eq!(push(&rig, &path("ip1sms"), stop).await, StatusCode::OK);
    permit(&rig, "+46701234567").await;
    assert_eq!(push(&rig, &path("ip1sms"), stop).await, StatusCode::OK);
    assert!(is_permitted(&rig, "+46701234567").await);
    let to = vec!["+46701234567".to_owned()];
    let request = SendMessageRequest { parent: "accounts/ip1sms".to_owned(), recipients: to, ..message() };
    // The vendor may have the block that was copied to its list a moment ago.
    if let Err(status) = rig.messages().send_message(request).await {
        assert_ne!(info(&status).reason, "RECIPIENT_OPTED_OUT", "{status:?}");
    }
}

async fn permit(rig: &Rig, phone_number: &str) {
    let (parent, phone_number) = ("accounts/-".to_owned(), phone_number.to_owned());
    let request = SetConsentRequest { parent, phone_number, ..Default::default() };
    ConsentServiceClient::new(rig.channel.clone()).set_consent(request).await.expect("permitted");
}

async fn is_permitted(rig: &Rig, phone_number: &str) -> bool {
    let (parent, phone_number) = (format!("accounts/{}", rig.sandbox.vendor()), phone_number.to_owned());
    let request = CheckConsentRequest { parent, phone_number, ..Default::default() };
    let checked = ConsentServiceClient::new(rig.channel.clone()).check_consent(request).await;
    checked.expect("checked").into_inner().permitted
}

/// A form with a `+` that was not encoded has a space in place of it.
#[tokio::test]
async fn an_opt_out_of_a_number_that_is_written_otherwise_counts() {
    let rig = rig("smspartner", "", "").await;
    for (number, body) in [
        ("+33612345678", "type=stop&phone_number=+33612345678&message_id=300"),
        ("+33612345679", r#"{"type": "stop", "phone_number": "+33 6 12 34 56 79", "message_id": 300}"#),
    ] {
        assert_eq!(push(&rig, &path("smspartner"), body).await, StatusCode::OK);
        assert!(!is_permitted(&rig, number).await, "{number}");
    }
}
