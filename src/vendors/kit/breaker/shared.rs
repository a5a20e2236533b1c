//! The state of a breaker that replicas share, see [`SharedBreaker`].

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::{Breaker, BreakerState, state};
use crate::api::shared::{LEASE, News, SharedBreaker, Standing};

impl SharedBreaker for Breaker {
    fn lease(&self) -> &str {
        &self.lease
    }

    fn share(&self, wake: &Arc<Notify>) {
        self.wake.get_or_init(|| wake.clone());
    }

    fn standing(&self, now: Instant) -> Standing {
        let opened = self.lock();
        let era = self.era.load(SeqCst);
        let news = match state(era) {
            // Renewed as long as the probe takes.
            BreakerState::HalfOpen => Some(News::Rejects(LEASE)),
            _ if opened.is_told => None,
            BreakerState::Open => Some(News::Rejects(opened.until.saturating_duration_since(now))),
            BreakerState::Closed => Some(News::Closed),
        };
        Standing { era, news }
    }

    fn told(&self, era: u64) {
        let mut opened = self.lock();
        opened.is_told |= self.era.load(SeqCst) == era;
    }

    fn follow(&self, era: u64, lease: Option<Duration>, now: Instant) {
        let mut opened = self.lock();
        if self.limit == 0 || self.era.load(SeqCst) != era {
            return;
        }
        match (state(era), lease) {
            (BreakerState::Closed, Some(wait)) if !wait.is_zero() => {
                (opened.until, opened.is_told) = (now + wait, true);
                // That the vendor is down is shown by the replica that saw it.
                self.change(BreakerState::Open);
                drop(opened);
                let ms = wait.as_millis() as u64;
                tracing::warn!(account = self.account, ms, "breaker open: another replica's has opened");
            }
            (BreakerState::Open, Some(wait)) if opened.is_told => opened.until = now + wait,
            (BreakerState::Open, None) if opened.is_told => {
                self.show_closed(&mut opened);
                drop(opened);
                tracing::info!(account = self.account, "breaker closed: the vendor answers another replica again");
            }
            _ => {}
        }
    }
}
