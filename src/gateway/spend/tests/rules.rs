//! The rules about one number, and what observing does.

use super::*;

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
