//! The brands of smSend's platform. Their code is smSend's, which its own cases prove; what is theirs is an address and the
//! words for the types of message.

use libtest_mimic::Trial;
use smsmux::{
    api::pb::{Quality, SendMessageRequest, SmSendOptions, send_message_request::VendorOptions},
    config::Config,
    vendors::{self, PRESETS},
};
use smsmux_sandbox::Sandbox;

use crate::support::{Rig, failed, loopback, message, violations};

/// Each brand with its address, and its words for HIGH, MEDIUM and LOW.
const BRANDS: [(&str, &str, [Option<&str>; 3]); 4] = [
    ("skebby", "https://api.skebby.it/API/v1.0/REST", [Some("GP"), Some("TI"), Some("SI")]),
    ("aruba", "https://smspanel.aruba.it/API/v1.0/REST", [Some("N"), Some("L"), None]),
    ("mobyt", "https://app.mobyt.fr/API/v1.0/REST", [Some("N"), Some("L"), Some("LL")]),
    ("trendoo", "https://api.trendoo.net/API/v1.0/REST", [Some("GP"), Some("GS"), Some("SI")]),
];

pub fn tests() -> Vec<Trial> {
    tests![every_brand_is_called_at_its_own_address, every_brand_sends_with_its_own_words]
}

async fn every_brand_is_called_at_its_own_address() {
    let names: Vec<_> = PRESETS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, BRANDS.map(|(name, ..)| name), "BRANDS has every preset");
    for (brand, address, _) in BRANDS {
        let account = format!("[accounts.a]\nvendor = '{brand}'\ntoken = 'USER;TOKEN'\n");
        let mut problems = Vec::new();
        let mut config = Config::new(account.parse().unwrap(), &mut problems);
        assert_eq!((vendors::connect(&mut config, &mut problems).len(), problems.len()), (1, 0));
        let effective: toml::Table = config.effective().parse().unwrap();
        assert_eq!(effective["accounts"]["a"]["base_url"].as_str(), Some(address));
    }
}

async fn every_brand_sends_with_its_own_words() {
    let sandbox = Sandbox::start("smsend", loopback()).await.unwrap();
    let base_url = sandbox.base_url();
    let credentials: String = sandbox.credentials().iter().map(|(key, value)| format!("{key} = '{value}'\n")).collect();
    let accounts = BRANDS.map(|(brand, ..)| {
        format!("[accounts.{brand}]\nvendor = '{brand}'\nbase_url = '{base_url}'\npoll = false\n{credentials}")
    });
    let rig = Rig::at(sandbox, &accounts.concat(), "").await;
    for (brand, _, words) in BRANDS {
        let send = |request: SendMessageRequest| {
            rig.sandbox.clear_requests();
            let (parent, mut messages) = (format!("accounts/{brand}"), rig.messages());
            async move { messages.send_message(SendMessageRequest { parent, ..request }).await }
        };
        for (quality, word) in [Quality::High, Quality::Medium, Quality::Low].into_iter().zip(words) {
            let sent = send(SendMessageRequest { quality: quality.into(), ..message() }).await;
            let Some(word) = word else {
                violations(&sent.unwrap_err(), &["quality"]);
                continue;
            };
            let sent = sent.unwrap().into_inner().message.unwrap();
            assert_eq!((sent.quality(), sent.vendor_message_type.as_str()), (quality, word), "{brand}");
            assert_eq!(rig.requests("POST /sms")[0].json().unwrap()["message_type"], word, "{brand}");
        }
        // The options are those of the platform, whose brands are no vendors of the API.
        let options = SmSendOptions { message_type: "EE".to_owned(), ..SmSendOptions::default() };
        let sent = send(SendMessageRequest { vendor_options: Some(VendorOptions::Smsend(options)), ..message() }).await;
        assert_eq!(sent.unwrap().into_inner().message.unwrap().vendor_message_type, "EE");
        // An error names the brand.
        let invalid = send(SendMessageRequest { text: String::new(), ..message() }).await.unwrap_err();
        assert_eq!(failed(&invalid, tonic::Code::InvalidArgument, "INVALID_REQUEST")["vendor"], brand);
    }
}
