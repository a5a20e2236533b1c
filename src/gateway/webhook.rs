//! The webhook of an account: its tokens, and the pushes in flight to it.

use std::sync::{Arc, LazyLock};

use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Account, Gateway};
use crate::config::{TOKENS, WebhookConfig};

/// Tokens are compared by their hashes with this key, which is random: how long a comparison takes reveals nothing.
static KEY: LazyLock<hmac::Key> = LazyLock::new(|| {
    let mut key = [0; 32];
    // Without randomness TLS and the store have failed before.
    let _ = SystemRandom::new().fill(&mut key);
    hmac::Key::new(hmac::HMAC_SHA256, &key)
});

/// The webhook of an account.
#[derive(Debug)]
pub(crate) struct WebhookAccess {
    /// The hashes of the valid tokens, and of nothing.
    tokens: [Option<[u8; 32]>; TOKENS],
    pushes: Arc<Semaphore>,
    register_url: Option<SecretString>,
}

impl WebhookAccess {
    /// Creates the webhook of this configuration. Without tokens nothing can be pushed.
    pub(super) fn new(config: &WebhookConfig) -> Self {
        let mut tokens = [None; TOKENS];
        for (place, token) in tokens.iter_mut().zip(&config.tokens) {
            let mut hash = [0; 32];
            hash.copy_from_slice(hmac::sign(&KEY, token.expose_secret().as_bytes()).as_ref());
            *place = Some(hash);
        }
        let pushes = Arc::new(Semaphore::new(config.max_in_flight.min(Semaphore::MAX_PERMITS)));
        Self { tokens, pushes, register_url: config.url.clone().filter(|_| config.register) }
    }

    /// Whether `webhook` has this token. It takes the same time whatever the token is, and whether there is a webhook.
    fn admits(webhook: Option<&Self>, token: &str) -> bool {
        let tokens = webhook.map_or([None; TOKENS], |webhook| webhook.tokens);
        let compared = tokens.map(|hash| {
            let is_same = hmac::verify(&KEY, token.as_bytes(), &hash.unwrap_or_default()).is_ok();
            is_same & hash.is_some()
        });
        compared.contains(&true)
    }

    /// Whether the vendor can push.
    pub(super) fn is_open(&self) -> bool {
        self.tokens.iter().any(Option::is_some)
    }

    /// Returns the URL that is registered at the vendor, if the configuration asks for that.
    pub(super) fn register_url(&self) -> Option<&SecretString> {
        self.register_url.as_ref()
    }

    /// Returns the permit for a push, unless too many are in flight.
    pub(crate) fn permit(&self) -> Option<OwnedSemaphorePermit> {
        self.pushes.clone().try_acquire_owned().ok()
    }
}

impl Gateway {
    /// Returns the account of this id, if its webhook has this token. It takes as long for an account that there is not.
    pub(crate) fn admit(&self, id: &str, token: &str) -> Option<Arc<Account>> {
        let account = self.accounts().get(id).cloned();
        let admits = WebhookAccess::admits(account.as_ref().map(|account| &account.webhook), token);
        account.filter(|_| admits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(tokens: &[&str]) -> WebhookAccess {
        let tokens = tokens.iter().map(|token| (*token).into()).collect();
        WebhookAccess::new(&WebhookConfig { tokens, max_in_flight: 1, ..WebhookConfig::default() })
    }

    #[test]
    fn both_tokens_are_valid_and_nothing_else_is() {
        let both = webhook(&["new", "old"]);
        for (token, is_valid) in [("new", true), ("old", true), ("", false), ("ne", false), ("newold", false)] {
            assert_eq!(WebhookAccess::admits(Some(&both), token), is_valid, "{token}");
            assert!(
                !WebhookAccess::admits(Some(&webhook(&[])), token) && !WebhookAccess::admits(None, token),
                "{token}"
            );
        }
        assert!(!WebhookAccess::admits(Some(&webhook(&["new"])), "old"));
        assert!(!format!("{both:?}").contains("new"));
    }

    #[test]
    fn a_push_in_flight_holds_a_permit() {
        let webhook = webhook(&["t"]);
        let permit = webhook.permit();
        assert!(permit.is_some() && webhook.permit().is_none());
        drop(permit);
        assert!(webhook.permit().is_some());
    }
}
