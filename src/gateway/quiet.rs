//! Quiet hours: marketing is sent when it is permitted where the recipient is. It is a rule of [`super::screen`].

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use jiff::Timestamp;

use super::screen::{Content, Refusals, Rule, Screened};
use crate::{
    api::pb::{GuardVerdict, Purpose},
    config::{GuardMode, QuietHours},
    epoch,
    error::Reason,
    request::names,
    telemetry::metrics,
    text::countries::country_of,
};

/// The seconds between two lines of the log.
const TOLD_EVERY: u64 = 60;

/// The hours, and when the log told of them.
pub struct Quiet {
    settings: QuietHours,
    told: AtomicU64,
}

/// When a message is permitted: now, from a time on, or not within a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Now,
    Later(Option<Timestamp>),
}

impl Quiet {
    /// Creates the rule.
    pub fn new(settings: QuietHours) -> Arc<Self> {
        Arc::new(Self { settings, told: AtomicU64::new(0) })
    }

    /// Returns what becomes of a recipient of a send, and from when on it is permitted if it is not; `None` if no hours apply.
    pub(super) fn judge(
        &self,
        content: &Content,
        recipient: &str,
    ) -> Option<(GuardVerdict, Option<prost_types::Timestamp>)> {
        let time = self.time(content)?;
        Some(match self.when(country_of(recipient)?, time)? {
            When::Now => (GuardVerdict::Permitted, None),
            When::Later(permitted) => {
                let verdict = match self.settings.mode {
                    GuardMode::Enforce => GuardVerdict::Refused,
                    _ => GuardVerdict::Observed,
                };
                let permitted = permitted.map(|time| prost_types::Timestamp { seconds: time.as_second(), nanos: 0 });
                (verdict, permitted)
            }
        })
    }

    /// Returns the time of a send that hours may apply to.
    fn time(&self, content: &Content) -> Option<Timestamp> {
        if content.purpose != Purpose::Marketing || self.settings.mode == GuardMode::Off {
            return None;
        }
        let now = i64::try_from(epoch::now().as_secs()).unwrap_or_default();
        // One whose time has passed is sent now.
        Timestamp::from_second(content.schedule_time.unwrap_or(now).max(now)).ok()
    }

    /// Returns when a message to a country is permitted; `None` if the country has no hours.
    fn when(&self, country: &str, time: Timestamp) -> Option<When> {
        let permitted = self.settings.countries.get(country)?.next(time);
        Some(if permitted == Some(time) { When::Now } else { When::Later(permitted) })
    }

    /// Counts refusals, and logs the first ones in a minute.
    fn tell(&self, account: &str, recipients: u64) {
        let (account, mode) = (names::account_id(account), self.settings.mode);
        metrics::quiet_hours_refused(account, mode.name(), recipients);
        let now = epoch::now().as_secs();
        if now.saturating_sub(self.told.load(Relaxed)) >= TOLD_EVERY {
            self.told.store(now, Relaxed);
            let text = match mode {
                GuardMode::Enforce => "quiet hours refuse recipients of marketing",
                _ => "quiet hours observe only, and would refuse recipients of marketing",
            };
            tracing::warn!(account, recipients, "{text}");
        }
    }
}

impl Rule for Quiet {
    fn screen(&self, send: &Screened<'_>, refusals: &mut Refusals) {
        let Some(time) = self.time(send.content) else { return };
        // Many recipients are of few countries.
        let (mut known, mut count) = (HashMap::new(), 0);
        for (place, recipient) in send.recipients.iter().enumerate() {
            let Some(country) = country_of(&recipient.to).filter(|_| !refusals.is_refused(place)) else { continue };
            let Some(When::Later(permitted)) = *known.entry(country).or_insert_with(|| self.when(country, time)) else {
                continue;
            };
            count += 1;
            if self.settings.mode != GuardMode::Enforce {
                continue;
            }
            let text = format!("marketing to {country} is not permitted at the time");
            match permitted {
                Some(time) => {
                    let text = format!("{text}, and is from {time} on");
                    let detail = ("permitted_time", time.to_string().into());
                    refusals.refuse_with(detail, place, Reason::QuietHours, text);
                }
                None => refusals.refuse(place, Reason::QuietHours, text),
            }
        }
        if count > 0 {
            self.tell(send.account, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::pb::Recipient,
        config::{Config, Problems},
    };

    /// A Sunday at noon.
    const SUNDAY: &str = "2100-03-07T12:00:00Z";

    const NOBODY: [usize; 0] = [];

    fn quiet(mode: &str) -> Arc<Quiet> {
        let table = format!("[quiet_hours]\nmode = '{mode}'").parse().expect("TOML");
        Quiet::new(Config::new(table, &mut Problems::new()).quiet_hours)
    }

    fn content(purpose: Purpose, time: &str) -> Content {
        let schedule_time = Some(time.parse::<Timestamp>().expect("a time").as_second());
        Content { purpose, text: 1, segments: 1, is_distinct: false, schedule_time }
    }

    /// The places of those who are refused, and the metadata and the text of the first.
    fn refused(quiet: &Quiet, content: &Content, numbers: &[&str]) -> (Vec<usize>, String) {
        let recipients = numbers.iter().map(|to| Recipient { to: (*to).to_owned(), ..Recipient::default() });
        let recipients: Vec<_> = recipients.collect();
        let (account, caller) = ("accounts/acme", "");
        let send = Screened { account, caller, content, recipients: &recipients, numbers: &[], opted_out: &[] };
        let mut refusals = Refusals::default();
        quiet.screen(&send, &mut refusals);
        let error = refusals.first().map(|refusal| refusal.error().to_string()).unwrap_or_default();
        (refusals.into_iter().map(|(place, _)| place).collect(), error)
    }

    #[test]
    fn marketing_alone_waits_and_only_where_there_are_quiet_hours() {
        let (enforced, numbers) = (quiet("enforce"), ["+393471234567", "+33612345678", "+33612345679"]);
        let (places, error) = refused(&enforced, &content(Purpose::Marketing, SUNDAY), &numbers);
        assert_eq!(places, [1, 2]);
        assert!(
            error.contains("marketing to FR is not permitted") && error.contains("2100-03-08T07:00:00Z"),
            "{error}"
        );
        assert!(!error.contains("336"), "{error}");
        for purpose in [Purpose::Transactional, Purpose::Authentication] {
            assert_eq!(refused(&enforced, &content(purpose, SUNDAY), &numbers).0, NOBODY);
        }
        assert_eq!(refused(&enforced, &content(Purpose::Marketing, "2100-03-08T07:00:00Z"), &numbers).0, NOBODY);
        for mode in ["observe", "off"] {
            assert_eq!(refused(&quiet(mode), &content(Purpose::Marketing, SUNDAY), &numbers).0, NOBODY);
        }
    }

    #[test]
    fn a_judgement_tells_when_the_message_is_permitted() {
        let judge = |mode, purpose, time, number| quiet(mode).judge(&content(purpose, time), number);
        let monday: Timestamp = "2100-03-08T07:00:00Z".parse().expect("a time");
        let monday = Some(prost_types::Timestamp { seconds: monday.as_second(), nanos: 0 });
        let french = "+33612345678";
        for (mode, purpose, time, number, expected) in [
            ("enforce", Purpose::Marketing, SUNDAY, french, Some((GuardVerdict::Refused, monday))),
            ("observe", Purpose::Marketing, SUNDAY, french, Some((GuardVerdict::Observed, monday))),
            ("observe", Purpose::Marketing, "2100-03-08T07:00:00Z", french, Some((GuardVerdict::Permitted, None))),
            ("off", Purpose::Marketing, SUNDAY, french, None),
            ("enforce", Purpose::Transactional, SUNDAY, french, None),
            ("enforce", Purpose::Marketing, SUNDAY, "+393471234567", None),
            ("enforce", Purpose::Marketing, SUNDAY, "12", None),
        ] {
            assert_eq!(judge(mode, purpose, time, number), expected, "{mode} {purpose:?} {time} {number}");
        }
    }
}
