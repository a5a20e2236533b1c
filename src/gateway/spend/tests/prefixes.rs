//! The rules about many numbers together: prefixes, countries, and conversions.

use super::*;

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
