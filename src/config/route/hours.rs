//! Hours of the week in a time zone, such as `mo-fr 08:00-20:00 Europe/Paris`.

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Weekday},
    tz::TimeZone,
};

/// The days, by the two letters that they are written with.
const DAYS: [(&str, Weekday); 7] = [
    ("mo", Weekday::Monday),
    ("tu", Weekday::Tuesday),
    ("we", Weekday::Wednesday),
    ("th", Weekday::Thursday),
    ("fr", Weekday::Friday),
    ("sa", Weekday::Saturday),
    ("su", Weekday::Sunday),
];

/// Hours of the week. Those that go past midnight belong to the day on which they begin.
#[derive(Debug, Clone, PartialEq)]
pub struct Hours {
    /// Whether they begin on a day, from Monday on.
    days: [bool; 7],
    /// The minutes of the day at which they begin and end.
    from: u16,
    until: u16,
    zone: TimeZone,
}

impl Hours {
    /// Parses hours: days if not all, then the times, then the time zone.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<_> = text.split_whitespace().collect();
        let (days, hours, zone) = match words[..] {
            [hours, zone] => (None, hours, zone),
            [days, hours, zone] => (Some(days), hours, zone),
            _ => return Err("must be such as \"mo-fr 08:00-20:00 Europe/Paris\"".to_owned()),
        };
        let days = days.map_or(Ok([true; 7]), parse_days)?;
        let times = hours.split_once('-').and_then(|(from, until)| Some((minute(from)?, minute(until)?)));
        let Some((from, until)) = times.filter(|(from, until)| from != until && *from < 24 * 60) else {
            return Err(format!("invalid times {hours:?}; expected for example 08:00-20:00"));
        };
        let zone = TimeZone::get(zone)
            .map_err(|_| format!("invalid time zone {zone:?}; expected an IANA name such as Europe/Paris"))?;
        Ok(Self { days, from, until, zone })
    }

    /// Whether a time is within them.
    pub fn have(&self, time: Timestamp) -> bool {
        let local = time.to_zoned(self.zone.clone());
        let minute = u16::try_from(i16::from(local.hour()) * 60 + i16::from(local.minute())).unwrap_or_default();
        let is_on = |day: Weekday| self.days[day.to_monday_zero_offset() as usize % 7];
        let today = local.weekday();
        if self.from < self.until {
            return is_on(today) && (self.from..self.until).contains(&minute);
        }
        is_on(today) && minute >= self.from || is_on(today.previous()) && minute < self.until
    }

    /// Returns the date of a time.
    pub fn date(&self, time: Timestamp) -> Date {
        time.to_zoned(self.zone.clone()).date()
    }

    /// Returns the beginnings of the hours, and of the days, from the day of `time` on: of all days, whether the hours have
    /// them or not.
    pub fn begins(&self, time: Timestamp, days: i64) -> impl Iterator<Item = Timestamp> {
        let (first, from) = (self.date(time), i64::from(self.from));
        (0..days)
            .filter_map(move |day| first.checked_add(day.days()).ok())
            .flat_map(move |date| {
                [0, from].map(|minutes| {
                    let at = date.at(0, 0, 0, 0).checked_add(minutes.minutes()).ok()?;
                    Some(at.to_zoned(self.zone.clone()).ok()?.timestamp())
                })
            })
            .flatten()
    }
}

fn parse_days(text: &str) -> Result<[bool; 7], String> {
    let number = |day: &str| DAYS.iter().position(|(name, _)| name.eq_ignore_ascii_case(day));
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (Some(first), Some(last)) = (number(first), number(last)) else {
            return Err(format!("invalid days {text:?}; expected for example mo-fr or sa,su"));
        };
        // From Friday to Monday goes past Sunday.
        let count = (last + 7 - first) % 7;
        (0..=count).for_each(|day| days[(first + day) % 7] = true);
    }
    Ok(days)
}

/// Parses a time of day; 24:00 is the end of a day.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':').filter(|(hour, minute)| hour.len() == 2 && minute.len() == 2)?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60 && (hour < 24 || hour == 24 && minute == 0)).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_those_of_their_time_zone_and_days() {
        // 2026-03-06 is a Friday.
        for (hours, time, is_within) in [
            ("mo-fr 08:00-20:00 Europe/Paris", "2026-03-06T07:00:00Z", true),
            ("mo-fr 08:00-20:00 Europe/Paris", "2026-03-06T06:59:59Z", false),
            ("mo-fr 08:00-20:00 Europe/Paris", "2026-03-06T19:00:00Z", false),
            ("mo-fr 08:00-20:00 Europe/Paris", "2026-03-07T12:00:00Z", false),
            ("08:00-20:00 Europe/Paris", "2026-03-07T12:00:00Z", true),
            // In summer.
            ("mo-fr 08:00-20:00 Europe/Paris", "2026-07-03T06:00:00Z", true),
            ("fr 22:00-06:00 UTC", "2026-03-07T05:59:00Z", true),
            ("fr 22:00-06:00 UTC", "2026-03-07T06:00:00Z", false),
            ("fr 22:00-06:00 UTC", "2026-03-06T05:00:00Z", false),
            ("sa,su 00:00-24:00 UTC", "2026-03-08T23:59:00Z", true),
            ("fr-mo 00:00-24:00 UTC", "2026-03-08T12:00:00Z", true),
            ("fr-mo 00:00-24:00 UTC", "2026-03-10T12:00:00Z", false),
        ] {
            let parsed = Hours::parse(hours).expect(hours);
            assert_eq!(parsed.have(time.parse().expect("a time")), is_within, "{hours} {time}");
        }
        for wrong in [
            "",
            "always",
            "08:00-20:00",
            "8-20 UTC",
            "xx 08:00-20:00 UTC",
            "08:00-20:00 Mars/Olympus",
            "08:00-08:00 UTC",
            "24:00-08:00 UTC",
            "08:60-20:00 UTC",
            "08:00-25:00 UTC",
        ] {
            Hours::parse(wrong).expect_err(wrong);
        }
    }
}
