//! The keys of `[quiet_hours]`: when marketing is permitted where the recipient is.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _, civil::Date};

use super::{GuardMode, Keys, Problems, route::Hours};

/// The hours that are built in. Those of France are the narrowest that its operators name.
const HOURS: &[(&str, &[&str])] = &[("FR", &["mo-sa 08:00-20:00 Europe/Paris"])];

/// The holidays that are built in.
const HOLIDAYS: &[(&str, &[&str])] = &[(
    "FR",
    &["01-01", "easter+1", "05-01", "05-08", "easter+39", "easter+50", "07-14", "08-15", "11-01", "11-11", "12-25"],
)];

/// The days within which the next permitted time is looked for.
const AHEAD: i64 = 31;

/// When marketing is permitted.
#[derive(Debug, Clone)]
pub struct QuietHours {
    /// What becomes of a recipient outside of the permitted hours.
    pub mode: GuardMode,
    /// The permitted hours, by country. Marketing to others is permitted at any time.
    pub countries: BTreeMap<String, Permitted>,
}

/// When marketing to a country is permitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Permitted {
    /// Hours that all have to have the time: a country may have several time zones.
    hours: Vec<Hours>,
    /// Days on which it is not.
    holidays: Vec<Holiday>,
}

/// A day on which marketing is not permitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holiday {
    /// Each year: the month and the day.
    Yearly(i8, i8),
    /// So many days after Easter Sunday.
    Easter(i64),
    /// Once.
    Once(Date),
}

impl QuietHours {
    pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        let mode = keys.or("mode", GuardMode::Observe, problems);
        let mut hours = by_country(keys, "countries", HOURS, problems, Hours::parse);
        let mut holidays = by_country(keys, "holidays", HOLIDAYS, problems, Holiday::parse);
        hours.retain(|_, hours| !hours.is_empty());
        let permitted = |(country, hours): (String, _)| {
            let holidays = holidays.remove(&country).unwrap_or_default();
            (country, Permitted { hours, holidays })
        };
        Self { mode, countries: hours.into_iter().map(permitted).collect() }
    }
}

/// Reads lists by country, which replace those that are built in for the same country.
fn by_country<T>(
    keys: &mut Keys,
    key: &str,
    built_in: &[(&str, &[&str])],
    problems: &mut Problems,
    parse: impl Fn(&str) -> Result<T, String>,
) -> BTreeMap<String, Vec<T>> {
    let of = |(country, texts): &(&str, &[&str])| {
        ((*country).to_owned(), texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    };
    let mut all: BTreeMap<String, Vec<String>> = built_in.iter().map(of).collect();
    all.extend(keys.optional::<BTreeMap<String, Vec<String>>>(key, problems).unwrap_or_default());
    let mut read = BTreeMap::new();
    for (country, texts) in all {
        if !super::senders::is_country(&country) {
            let text = format!("invalid country {country:?}; expected two letters of ISO 3166-1, such as \"US\"");
            keys.problem(key, text, problems);
        }
        let parsed = texts.iter().filter_map(|text| {
            let parsed = parse(text);
            parsed.map_err(|problem| keys.problem(key, format!("{country}: {problem}"), problems)).ok()
        });
        let parsed = parsed.collect();
        read.insert(country, parsed);
    }
    read
}

impl Permitted {
    /// Returns the time itself if it is permitted, and otherwise the next one that is; `None` if there is none within a month.
    pub fn next(&self, time: Timestamp) -> Option<Timestamp> {
        if self.has(time) {
            return Some(time);
        }
        // A permitted time begins with hours, or at the end of a holiday.
        let begins = self.hours.iter().flat_map(|hours| hours.begins(time, AHEAD)).filter(|begin| *begin > time);
        let mut begins: Vec<_> = begins.collect();
        begins.sort_unstable();
        begins.into_iter().find(|begin| self.has(*begin))
    }

    fn has(&self, time: Timestamp) -> bool {
        self.hours.iter().all(|hours| {
            let today = hours.date(time);
            hours.have(time) && !self.holidays.iter().any(|holiday| holiday.is_on(today))
        })
    }
}

impl Holiday {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("invalid holiday {text:?}; expected for example 12-25, easter+1 or 2026-05-14");
        if let Some(days) = text.strip_prefix("easter") {
            let days = if days.is_empty() { Ok(0) } else { days.parse() };
            return days.ok().filter(|days: &i64| days.abs() < 200).map(Self::Easter).ok_or_else(wrong);
        }
        if let Ok(once) = text.parse() {
            return Ok(Self::Once(once));
        }
        // 29 February is a day of leap years.
        let day = format!("2028-{text}").parse::<Date>().map_err(|_| wrong())?;
        Ok(Self::Yearly(day.month(), day.day()))
    }

    fn is_on(self, day: Date) -> bool {
        match self {
            Self::Yearly(month, of) => (day.month(), day.day()) == (month, of),
            Self::Easter(days) => {
                easter(day.year()).and_then(|easter| easter.checked_add(days.days()).ok()) == Some(day)
            }
            Self::Once(of) => of == day,
        }
    }
}

/// Returns Easter Sunday of a year of the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher.
fn easter(year: i16) -> Option<Date> {
    let year_of = u32::try_from(year).ok().filter(|year| *year > 1582)?;
    let (golden, century, rest) = (year_of % 19, year_of / 100, year_of % 100);
    let moon = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - moon - rest % 4) % 7;
    let days = moon + weekday + 114 - 7 * ((golden + 11 * moon + 22 * weekday) / 451);
    Date::new(year, i8::try_from(days / 31).ok()?, i8::try_from(days % 31 + 1).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn read(toml: &str) -> (QuietHours, Vec<String>) {
        let mut problems = Problems::new();
        let read = QuietHours::read(&mut Keys::new("quiet_hours", toml.parse().expect("TOML")), &mut problems);
        (read, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn easter_is_that_of_the_calendar() {
        for (year, month, day) in
            [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25), (2285, 3, 22)]
        {
            assert_eq!(easter(year), Some(date(year, month, day)));
        }
    }

    #[test]
    fn marketing_to_france_waits_for_a_working_day() {
        let france = read("").0.countries["FR"].clone();
        // 2026-04-04 is the Saturday before Easter.
        for (time, next) in [
            ("2026-04-04T06:00:00Z", "2026-04-04T06:00:00Z"),
            ("2026-04-04T05:59:59Z", "2026-04-04T06:00:00Z"),
            ("2026-04-04T18:00:00Z", "2026-04-07T06:00:00Z"),
            ("2026-04-05T12:00:00Z", "2026-04-07T06:00:00Z"),
            ("2026-04-06T12:00:00Z", "2026-04-07T06:00:00Z"),
            // The Ascension is a Thursday, and the day after is none.
            ("2026-05-14T12:00:00Z", "2026-05-15T06:00:00Z"),
            // In winter.
            ("2026-12-24T19:00:00Z", "2026-12-26T07:00:00Z"),
        ] {
            assert_eq!(france.next(time.parse().expect("a time")), Some(next.parse().expect("a time")), "{time}");
        }
    }

    #[test]
    fn a_country_may_have_several_time_zones_and_a_holiday_ends_at_midnight() {
        let toml = "[countries]\nUS = ['09:00-21:00 America/New_York', '09:00-21:00 America/Los_Angeles']
            FR = []\nDE = ['00:00-24:00 Europe/Berlin']\n[holidays]\nDE = ['2026-10-03']\nUS = ['07-04']";
        let (quiet, problems) = read(toml);
        assert!(problems.is_empty() && !quiet.countries.contains_key("FR"), "{problems:?}");
        for (country, time, next) in [
            ("US", "2026-01-15T15:00:00Z", "2026-01-15T17:00:00Z"),
            ("US", "2026-01-15T17:00:00Z", "2026-01-15T17:00:00Z"),
            ("US", "2026-01-16T02:00:00Z", "2026-01-16T17:00:00Z"),
            ("US", "2026-07-04T18:00:00Z", "2026-07-05T16:00:00Z"),
            ("DE", "2026-10-03T12:00:00Z", "2026-10-03T22:00:00Z"),
        ] {
            let found = quiet.countries[country].next(time.parse().expect("a time"));
            assert_eq!(found, Some(next.parse().expect("a time")), "{country} {time}");
        }
        let never = read("[countries]\nDE = ['08:00-09:00 UTC', '10:00-11:00 UTC']").0;
        assert_eq!(never.countries["DE"].next("2026-01-01T00:00:00Z".parse().expect("a time")), None);
    }

    #[test]
    fn what_cannot_be_read_is_a_problem_of_its_key() {
        for (toml, problem) in [
            ("mode = 'loud'", "quiet_hours.mode: "),
            ("countries = { France = [] }", "quiet_hours.countries: invalid country \"France\""),
            ("countries = { FR = ['8-20'] }", "quiet_hours.countries: FR: must be such as"),
            ("holidays = { FR = ['christmas'] }", "quiet_hours.holidays: FR: invalid holiday \"christmas\""),
            ("holidays = { FR = ['02-30'] }", "quiet_hours.holidays: FR: invalid holiday"),
        ] {
            let problems = read(toml).1;
            assert!(problems.len() == 1 && problems[0].starts_with(problem), "{toml}: {problems:?}");
        }
        assert!(read("holidays = { FR = ['02-29', 'easter', 'easter-2', '2026-05-14'] }").1.is_empty());
    }
}
