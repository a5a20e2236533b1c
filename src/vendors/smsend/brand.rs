//! The brands of smSend's platform: the same API at another address, with other words for the types of message.
//!
//! `docs/vendors/smsend.md` has the source of each word. None was tried against a live account but smSend's own document.

use crate::api::pb::Quality;

/// A brand of the platform.
#[derive(Debug)]
pub(in crate::vendors) struct Brand {
    /// The address of the API, with TLS.
    pub(super) base_url: &'static str,
    pub(super) types: Types,
}

/// The words for the types of message of each quality class.
#[derive(Debug, Clone, Copy)]
pub(super) struct Types {
    pub(super) high: &'static str,
    pub(super) medium: &'static str,
    /// `None` if the brand is not known to have one.
    pub(super) low: Option<&'static str>,
}

impl Types {
    /// Returns the quality class of a type.
    pub(super) fn class(&self, word: &str) -> Quality {
        let Self { high, medium, low } = self;
        match word {
            _ if word == *high => Quality::High,
            _ if word == *medium => Quality::Medium,
            _ if Some(word) == *low => Quality::Low,
            _ => Quality::Unspecified,
        }
    }
}

/// smSend itself, by its document.
pub(super) const SMSEND: Brand = Brand {
    base_url: "https://app.gateway.smsend.it/API/v1.0/REST",
    types: Types { high: "N", medium: "L", low: Some("LL") },
};

pub(in crate::vendors) const SKEBBY: Brand = Brand {
    base_url: "https://api.skebby.it/API/v1.0/REST",
    types: Types { high: "GP", medium: "TI", low: Some("SI") },
};

pub(in crate::vendors) const ARUBA: Brand =
    Brand { base_url: "https://smspanel.aruba.it/API/v1.0/REST", types: Types { high: "N", medium: "L", low: None } };

pub(in crate::vendors) const MOBYT: Brand =
    Brand { base_url: "https://app.mobyt.fr/API/v1.0/REST", types: Types { high: "N", medium: "L", low: Some("LL") } };

pub(in crate::vendors) const TRENDOO: Brand = Brand {
    base_url: "https://api.trendoo.net/API/v1.0/REST",
    types: Types { high: "GP", medium: "GS", low: Some("SI") },
};
