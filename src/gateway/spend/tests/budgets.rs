//! The budgets of accounts and callers, in segments and in money.

use super::{super::saved::Saved, *};
use crate::config::Amount;

/// An amount in euros.
fn euros(amount: &str) -> Amount {
    Amount::read(amount, "EUR").expect("an amount")
}

/// A budget of euros in a day.
fn euros_a_day(amount: &str) -> Budget {
    let Amount { millionths, currency } = euros(amount);
    Budget { money: Some((currency, Limit { day: Some(millionths), month: None })), ..Budget::default() }
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
