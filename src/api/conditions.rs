//! What the calls of an account show about the account as a whole.

use std::sync::atomic::{
    AtomicI32, AtomicU8,
    Ordering::{Acquire, Relaxed, Release},
};

use tokio::sync::Notify;

use super::pb::{account_changed::Condition, account_health};

/// The conditions that calls show.
const SHOWN: [Condition; 2] = [Condition::CredentialRefused, Condition::VendorUnavailable];

/// The conditions of one account, as far as this process has seen them. Nothing is known before the first call.
#[derive(Debug, Default)]
pub struct Conditions {
    /// For each condition: 0 if nothing is known, 1 if it is over or never began, 2 if it is active.
    shown: [AtomicU8; SHOWN.len()],
    changed: Notify,
    /// The state of the circuit breaker.
    breaker: AtomicI32,
}

impl Conditions {
    /// Notes that a call shows a condition, or the opposite.
    pub fn show(&self, condition: Condition, is_active: bool) {
        let Some(place) = self.place(condition) else { return };
        // Most calls show what is known.
        if read(place.load(Relaxed)) != Some(is_active) {
            place.store(1 + u8::from(is_active), Release);
            self.changed.notify_one();
        }
    }

    /// Returns whether a condition is active, if that is known.
    pub fn shows(&self, condition: Condition) -> Option<bool> {
        read(self.place(condition)?.load(Relaxed))
    }

    /// Notes the state of the circuit breaker.
    pub fn set_breaker(&self, state: account_health::Breaker) {
        self.breaker.store(state.into(), Relaxed);
    }

    /// Returns the state of the circuit breaker; UNSPECIFIED if there is none.
    pub fn breaker(&self) -> account_health::Breaker {
        self.breaker.load(Relaxed).try_into().unwrap_or_default()
    }

    fn place(&self, condition: Condition) -> Option<&AtomicU8> {
        SHOWN.iter().position(|of| *of == condition).and_then(|index| self.shown.get(index))
    }

    /// Returns what is known.
    pub fn known(&self) -> impl Iterator<Item = (Condition, bool)> {
        SHOWN.iter().zip(&self.shown).filter_map(|(of, place)| Some((*of, read(place.load(Acquire))?)))
    }

    /// Waits for a change since the last wait.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}

fn read(place: u8) -> Option<bool> {
    (place > 0).then_some(place == 2)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn what_is_shown_again_is_no_change() {
        let conditions = Conditions::default();
        assert!(conditions.known().next().is_none() && conditions.changed().now_or_never().is_none());
        for (is_active, is_change) in [(false, true), (false, false), (true, true), (true, false), (false, true)] {
            conditions.show(Condition::VendorUnavailable, is_active);
            assert_eq!(conditions.changed().now_or_never().is_some(), is_change);
            assert_eq!(conditions.known().collect::<Vec<_>>(), [(Condition::VendorUnavailable, is_active)]);
        }
        assert_eq!(conditions.shows(Condition::CredentialRefused), None);
        // Of the balance calls show nothing.
        conditions.show(Condition::CreditLow, true);
        assert_eq!(conditions.shows(Condition::CreditLow), None);
    }
}
