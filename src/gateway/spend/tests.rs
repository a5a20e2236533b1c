//! The rules, on a clock that is an argument.

use std::time::Duration;

use super::{saved::Saved, *};
use crate::{
    api::pb::Purpose,
    config::{Amount, Budget, Limit},
    store::{Append, Beside, Store},
};

/// A Tuesday.
const START: u64 = 1_800_000_000;
const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

const NUMBER: &str = "+393471234567";
const ACME: &str = "accounts/acme";

fn settings(mode: GuardMode) -> GuardConfig {
    GuardConfig {
        mode,
        countries: None,
        line_types: true,
        number_per_10_minutes: 5,
        authentication_per_10_minutes: 3,
        number_per_day: 20,
        same_text: Duration::from_secs(60),
        prefix_per_10_minutes: 10,
        country_per_day: 50,
        conversion: true,
        max_prefixes: 1000,
    }
}

fn enforcing() -> Arc<Guard> {
    Guard::new(settings(GuardMode::Enforce), GuardLimits::default())
}

/// A guard without the rules that most of these sends would meet first.
fn enforcing_but(change: impl FnOnce(&mut GuardConfig)) -> Arc<Guard> {
    let mut settings = GuardConfig {
        number_per_10_minutes: 0,
        authentication_per_10_minutes: 0,
        number_per_day: 0,
        same_text: Duration::ZERO,
        prefix_per_10_minutes: 0,
        country_per_day: 0,
        conversion: false,
        ..settings(GuardMode::Enforce)
    };
    change(&mut settings);
    Guard::new(settings, GuardLimits::default())
}

/// A send of a text that no other message has.
fn facts<'a>(now: u64) -> Facts<'a> {
    Facts {
        account: ACME,
        countries: None,
        budgets: [None, None],
        prices: None,
        purpose: Purpose::Transactional,
        text: None,
        segments: 1,
        now,
    }
}

fn send(guard: &Guard, number: &str, now: u64) -> Option<Rule> {
    one(guard, &facts(now), number)
}

fn one(guard: &Guard, facts: &Facts<'_>, number: &str) -> Option<Rule> {
    judge(guard, facts, &[number]).first().map(|(_, rule)| *rule)
}

fn judge(guard: &Guard, facts: &Facts<'_>, numbers: &[&str]) -> Vec<(usize, Rule)> {
    let facts = Facts { countries: facts.countries.or(guard.settings.countries.as_deref()), ..*facts };
    guard.judge(&facts, numbers.iter().map(|number| To::read(number)).enumerate())
}

fn segments(day: Option<u64>, month: Option<u64>) -> Budget {
    Budget { segments: Limit { day, month }, money: None }
}

/// An amount in euros.
fn euros(amount: &str) -> Amount {
    Amount::read(amount, "EUR").expect("an amount")
}

/// A budget of euros in a day.
fn euros_a_day(amount: &str) -> Budget {
    let Amount { millionths, currency } = euros(amount);
    Budget { money: Some((currency, Limit { day: Some(millionths), month: None })), ..Budget::default() }
}

/// A number of a prefix, and of another one.
fn number(prefix: u64, end: u64) -> String {
    format!("+39347{prefix:04}{end:04}")
}

#[test]
fn a_country_that_is_not_listed_is_refused() {
    let guard = enforcing_but(|settings| settings.countries = Some(vec!["IT".to_owned()]));
    let own = ["DE".to_owned()];
    let of_account = Facts { countries: Some(&own), ..facts(START) };
    for (number, general, by_account) in [
        (NUMBER, None, Some(Rule::Country)),
        ("+4915123456789", Some(Rule::Country), None),
        ("+12125550123", Some(Rule::Country), Some(Rule::Country)),
    ] {
        assert_eq!(send(&guard, number, START), general, "{number}");
        assert_eq!(one(&guard, &of_account, number), by_account, "{number}");
    }
}

#[test]
fn a_line_on_which_nobody_reads_an_sms_is_refused() {
    for (line_types, refused) in [(true, Some(Rule::LineType)), (false, None)] {
        let guard = enforcing_but(|settings| settings.line_types = line_types);
        assert_eq!(send(&guard, "+33899123456", START), refused);
        assert_eq!(send(&guard, "+881612345678", START), refused);
        assert_eq!(send(&guard, NUMBER, START), None);
    }
}

#[test]
fn a_number_gets_five_messages_in_ten_minutes_and_twenty_in_a_day() {
    let guard = enforcing();
    for i in 0..5 {
        assert_eq!(send(&guard, NUMBER, START + i * MINUTE), None);
    }
    // A refused one does not count: the first of them is forgotten ten minutes after it, and a ninth.
    for now in [5, 7, 9].map(|minutes| START + minutes * MINUTE) {
        assert_eq!(send(&guard, NUMBER, now), Some(Rule::Number));
    }
    assert_eq!(send(&guard, NUMBER, START + 12 * MINUTE), None);

    let guard = enforcing();
    for i in 0..20 {
        assert_eq!(send(&guard, NUMBER, START + i * 30 * MINUTE), None, "{i}");
    }
    assert_eq!(send(&guard, NUMBER, START + 11 * HOUR), Some(Rule::Number));
    assert_eq!(send(&guard, NUMBER, START + DAY - 1), Some(Rule::Number));
    assert_eq!(send(&guard, NUMBER, START + DAY + 3 * HOUR), None);
}

#[test]
fn a_number_gets_three_codes_in_ten_minutes() {
    let guard = enforcing();
    let code = Facts { purpose: Purpose::Authentication, ..facts(START) };
    let refused: Vec<_> = (0..5).map(|_| one(&guard, &code, NUMBER)).collect();
    assert_eq!(refused, [None, None, None, Some(Rule::Number), Some(Rule::Number)]);
    // Another message of another purpose may still be sent.
    assert_eq!(send(&guard, NUMBER, START), None);
}

#[test]
fn the_same_text_is_sent_to_a_number_once_a_minute_unless_the_caller_names_the_message() {
    let guard = enforcing();
    let send = |text, number, now| one(&guard, &Facts { text, ..facts(now) }, number);
    let (hello, goodbye) = (Some(1), Some(2));
    assert_eq!(send(hello, NUMBER, START), None);
    assert_eq!(send(hello, NUMBER, START + 59), Some(Rule::SameText));
    assert_eq!(send(hello, "+393471234568", START + 59), None);
    assert_eq!(send(None, NUMBER, START + 59), None, "the caller named the message");
    assert_eq!(send(hello, NUMBER, START + 60), None);
    assert_eq!(send(goodbye, NUMBER, START + 60), None);
    assert_eq!(send(hello, NUMBER, START + 61), None, "another text came between");
}

#[test]
fn the_numbers_of_a_prefix_get_ten_messages_in_ten_minutes_or_ten_times_their_mean() {
    let guard = enforcing_but(|settings| settings.prefix_per_10_minutes = 10);
    for end in 0..10 {
        assert_eq!(send(&guard, &number(1, end), START), None);
    }
    assert_eq!(send(&guard, &number(1, 10), START), Some(Rule::Prefix));
    assert_eq!(send(&guard, &number(2, 10), START), None, "another prefix");
    assert_eq!(send(&guard, &number(1, 10), START + 12 * MINUTE), None);

    // A prefix that gets three messages in ten minutes all the week may get thirty; the account sends ten times that.
    let guard = enforcing_but(|settings| settings.prefix_per_10_minutes = 10);
    let mut now = START;
    while now < START + 7 * DAY {
        for end in 0..3 {
            assert_eq!(send(&guard, &number(1, end), now), None);
        }
        for prefix in 2..12 {
            for end in 0..3 {
                send(&guard, &number(prefix, end), now);
            }
        }
        now += 10 * MINUTE;
    }
    now += 12 * MINUTE;
    let passed = (0..50).take_while(|end| send(&guard, &number(1, *end), now).is_none()).count();
    assert!((28..=34).contains(&passed), "{passed}");
}

#[test]
fn a_prefix_that_is_much_of_an_account_s_traffic_is_an_ordinary_one() {
    let guard = enforcing_but(|settings| settings.prefix_per_10_minutes = 10);
    // Half of a hundred messages a quarter of an hour.
    for (i, now) in (0..100).map(|i| (i, START + i * 150)) {
        assert_eq!(send(&guard, &number(1 + (i % 2) * (1 + i), i), now), None);
    }
    let now = START + 100 * 150 + 12 * MINUTE;
    assert!((0..30).all(|end| send(&guard, &number(1, end), now).is_none()));
}

#[test]
fn a_country_gets_fifty_messages_a_day_or_five_times_its_mean_once_the_account_is_known() {
    let fill = |guard: &Guard, from: u64, count: u64| {
        (0..count).filter(|i| send(guard, &number(from / DAY % 9000, *i), from + i).is_none()).count()
    };
    let guard = enforcing_but(|settings| settings.country_per_day = 50);
    // In the first week the means are not known.
    assert_eq!(fill(&guard, START, 700), 700);
    // The mean of the six days before is 116.
    assert_eq!(fill(&guard, START + 7 * DAY, 1000), 580);
    // A country that gets nothing may get fifty.
    let french = |i: u64| format!("+336{i:08}");
    let passed = (0..100).filter(|i| send(&guard, &french(i * 20_000), START + 8 * DAY).is_none()).count();
    assert_eq!(passed, 50);
}

#[test]
fn a_prefix_whose_messages_are_not_followed_by_anything_is_blocked_for_longer_and_longer() {
    let guard = enforcing_but(|settings| settings.conversion = true);
    let mut now = START;
    let good = |now: u64| {
        for end in 0..200 {
            let to = number(1000 + end, 0);
            assert_eq!(send(&guard, &to, now), None);
            let mut counts = guard.counts().expect("counts");
            let account = counts.account(ACME, now);
            counts.convert(account, To::read(&to), now);
        }
    };
    for block in [HOUR, 6 * HOUR, DAY, DAY] {
        good(now);
        let passed = (0..50).take_while(|end| send(&guard, &number(7, *end), now).is_none()).count();
        assert_eq!(passed, 30, "after which the rate is known");
        assert_eq!(send(&guard, &number(7, 99), now + block - 1), Some(Rule::Conversion));
        assert_eq!(send(&guard, &number(8, 99), now), None, "another prefix");
        now += block;
        assert_eq!(send(&guard, &number(7, 99), now), None, "it is judged anew");
        // The rest of the thirty.
        now += 8 * DAY;
    }
}

#[test]
fn without_reports_of_conversions_no_prefix_is_blocked() {
    let guard = enforcing_but(|settings| settings.conversion = true);
    assert!((0..500).all(|end| send(&guard, &number(7, end), START).is_none()));
}

#[test]
fn a_budget_counts_the_segments_of_every_recipient_by_day_and_by_month() {
    let guard = enforcing_but(|_| ());
    let (acme, billing): (Arc<str>, Arc<str>) = (ACME.into(), "billing".into());
    let (day, month) = (segments(Some(10), None), segments(None, Some(4)));
    let of_account = |now| Facts { budgets: [Some((&acme, &day)), None], segments: 2, ..facts(now) };
    let to: Vec<_> = (0..7).map(|end| number(1, end)).collect();
    let to: Vec<_> = to.iter().map(String::as_str).collect();
    assert_eq!(judge(&guard, &of_account(START), &to), [(5, Rule::Budget), (6, Rule::Budget)]);
    // START is at 08:00 UTC.
    for (hours, expected) in [(0, Some(Rule::Budget)), (15, Some(Rule::Budget)), (16, None)] {
        assert_eq!(one(&guard, &of_account(START + hours * HOUR), NUMBER), expected, "{hours}");
    }
    let of_caller =
        |days| Facts { budgets: [None, Some((&billing, &month))], segments: 2, ..facts(START + days * DAY) };
    let sent = |days| one(&guard, &of_caller(days), NUMBER);
    assert_eq!([0, 1, 2, 3].map(sent), [None, None, Some(Rule::Budget), Some(Rule::Budget)]);
    assert_eq!(sent(31), None, "the next month");
}

#[test]
fn a_budget_of_money_counts_what_is_priced_and_tells_what_is_not() {
    let guard = enforcing_but(|_| ());
    let (acme, budget): (Arc<str>, _) = (ACME.into(), euros_a_day("0.5"));
    let listed = [("DE".to_owned(), euros("0.2"))].into();
    let (italian, german) = (NUMBER, "+4915123456789");
    let facts =
        |now| Facts { budgets: [Some((&acme, &budget)), None], prices: Some(&listed), segments: 2, ..facts(now) };
    let judge = |number, now| {
        let mut counts = guard.counts().expect("counts");
        let account = counts.account(ACME, now);
        let refused = counts.judge(&guard.settings, &facts(now), account, To::read(number));
        (refused, std::mem::take(&mut counts.unpriced))
    };
    let paid = |price: Amount, now| {
        let mut counts = guard.counts().expect("counts");
        let account = counts.account(ACME, now);
        counts.paid(account, "IT", price, now);
    };
    // Nothing is known of Italy, and 0.40 is spent in Germany.
    assert_eq!([judge(italian, START), judge(italian, START)], [(None, 1); 2]);
    assert_eq!(judge(german, START), (None, 0));
    assert_eq!(judge(german, START), (Some(Rule::Budget), 0));
    // In another currency nothing is known either.
    paid(Amount::read("0.01", "SEK").expect("an amount"), START);
    assert_eq!(judge(italian, START), (None, 1));
    paid(euros("0.05"), START + 1);
    assert_eq!(judge(italian, START), (None, 0));
    assert_eq!(judge(italian, START), (Some(Rule::Budget), 0));
    assert_eq!(judge(german, START + DAY), (None, 0), "the next day");
    // The list of the configuration comes before what was paid.
    {
        let mut counts = guard.counts().expect("counts");
        counts.paid(0, "DE", euros("100"), START + DAY);
    }
    assert_eq!(judge(german, START + 2 * DAY), (None, 0));

    // Another process knows what was paid and spent.
    let saved = guard.counts().expect("counts").save(&guard.settings, START + 2 * DAY);
    let saved = Saved::decode(&saved.encode()).expect("counts");
    let replica = enforcing_but(|_| ());
    replica.counts().expect("counts").set_others(vec![saved], START);
    let one = |segments, number| one(&replica, &Facts { segments, ..facts(START + 2 * DAY) }, number);
    assert_eq!((one(1, german), one(1, italian)), (Some(Rule::Budget), None));
    assert_eq!(one(2, italian), Some(Rule::Budget));
    // What was spent in another currency before the budget was changed does not count.
    let (currency, limit) =
        (Amount::read("1", "SEK").expect("an amount").currency, Limit { day: Some(1), month: None });
    let changed = Budget { money: Some((currency, limit)), ..Budget::default() };
    let facts = Facts { budgets: [Some((&acme, &changed)), None], ..facts(START + 2 * DAY) };
    assert_eq!(self::one(&guard, &facts, italian), None);
}

#[tokio::test]
async fn the_countries_of_a_week_are_read_from_the_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = format!("[store]\npath = '{}'", folder.path().join("smsmux.db").display()).parse().expect("TOML");
    let config = crate::config::Config::new(table, &mut Vec::new()).store;
    let guard = enforcing();
    let saved = |since: u64| {
        let mut counts = guard.counts().expect("counts");
        let account = counts.account(ACME, since);
        counts.accounts[account as usize].since = since;
        counts.save(&guard.settings, now()).encode()
    };
    for number in [NUMBER, "+4915123456789"] {
        assert_eq!(send(&guard, number, now() - HOUR), None);
    }
    let store = Store::open(&config).await.expect("a store");
    for (since, expected) in [(now() - DAY, None), (now() - 8 * DAY, Some("[\"DE\", \"IT\"]"))] {
        let cursors = vec![("guard/3".to_owned(), saved(since))];
        store.append(Append { cursors, ..Append::default() }).await.expect("kept");
        let config = config.clone();
        let read = move || kept_countries(&mut Beside::open(&config).expect("a store")).expect("read");
        let kept = tokio::task::spawn_blocking(read).await.expect("no panic");
        assert_eq!(kept.get("acme").map(String::as_str), expected);
    }
}

#[test]
fn a_budget_that_is_nearly_spent_is_told_of_once() {
    let guard = enforcing_but(|_| ());
    let (acme, budget): (Arc<str>, _) = (ACME.into(), segments(Some(10), Some(1000)));
    let mut counts = guard.counts().expect("counts");
    let account = counts.account(ACME, START);
    let mut told = Vec::new();
    for now in [START, START + DAY] {
        for i in 1..=10 {
            let facts = Facts { budgets: [Some((&acme, &budget)), None], ..facts(now) };
            assert_eq!(counts.judge(&guard.settings, &facts, account, To::read(NUMBER)), None);
            told.extend(std::mem::take(&mut counts.nearly).into_iter().map(|owner| (i, owner)));
        }
    }
    assert_eq!(told, [(8, acme.clone()), (8, acme.clone())]);
}

#[test]
fn observing_counts_what_is_refused_too_as_it_is_sent() {
    let guard = Guard::new(settings(GuardMode::Observe), GuardLimits::default());
    let told = (0..100).filter(|_| send(&guard, NUMBER, START).is_some()).count();
    assert_eq!(told, 95, "it tells what it would refuse");
    let counts = guard.counts().expect("counts");
    assert_eq!(counts.countries(ACME, START).into_iter().collect::<Vec<_>>(), [("IT", 100)]);
    assert_eq!(counts.countries(ACME, START + 8 * DAY).len(), 0);
    assert_eq!(counts.countries("other", START).len(), 0);
}

#[test]
fn what_is_kept_is_known_after_a_restart_and_to_other_replicas() {
    let of = || enforcing_but(|settings| (settings.prefix_per_10_minutes, settings.country_per_day) = (10, 50));
    let before = of();
    let (acme, month): (Arc<str>, _) = (ACME.into(), segments(None, Some(5)));
    let paid = Facts { budgets: [Some((&acme, &month)), None], ..facts(START) };
    for end in 0..5 {
        assert_eq!(one(&before, &paid, &number(1, end)), None);
    }
    let saved = before.counts().expect("counts").save(&before.settings, START);
    assert_eq!(Saved::decode(&saved.encode()).as_ref(), Some(&saved));
    assert!(!String::from_utf8(saved.encode()).expect("JSON").contains(&number(1, 0)[1..]), "no number is kept");
    assert_eq!(Saved::decode(b"{"), None);

    let (after, replica) = (of(), of());
    after.counts().expect("counts").adopt(Saved::decode(&saved.encode()).expect("counts"), START);
    for _ in 0..2 {
        // Read twice, it is counted once.
        replica.counts().expect("counts").set_others(vec![Saved::decode(&saved.encode()).expect("counts")], START);
    }
    for guard in [&after, &replica] {
        assert_eq!(one(guard, &paid, NUMBER), Some(Rule::Budget));
        let passed = (0..20).filter(|end| send(guard, &number(1, *end), START).is_none()).count();
        assert_eq!(passed, 5, "five of ten are left");
    }
    // What the process itself counts is not what it has read of others.
    let kept = replica.counts().expect("counts").save(&replica.settings, START);
    let third = of();
    third.counts().expect("counts").set_others(vec![saved, kept], START);
    assert_eq!(send(&third, &number(1, 30), START), Some(Rule::Prefix));
    assert_eq!(third.counts().expect("counts").countries(ACME, START)["IT"], 10);
}

#[test]
fn a_clock_that_is_set_back_and_a_recipient_that_is_no_number_do_no_harm() {
    let guard = enforcing();
    for recipient in ["", "+", "393471234567", "+39abc", "+99999999999999999999999"] {
        assert_eq!(send(&guard, recipient, START), None);
    }
    for _ in 0..5 {
        send(&guard, NUMBER, START);
    }
    assert_eq!(send(&guard, NUMBER, START - DAY), Some(Rule::Number));
}
