//! What is wrong with rules is found before anything is served.

use smsmux::server::Setup;

fn problems(route: &str, rest: &str) -> Vec<String> {
    let toml = format!(
        "[accounts.a]\nvendor = 'lox24'\ntoken = 't'\n[accounts.b]\nvendor = 'lox24'\ntoken = 't'\n\
         api_key = 'k'\n[accounts.main]\nvendor = 'route'\n{route}\n{rest}\n[store]\npath = ':memory:'\n"
    );
    match Setup::new(toml.parse().expect("TOML")) {
        Ok(_) => Vec::new(),
        Err(problems) => {
            problems.iter().map(ToString::to_string).filter(|line| line.contains("accounts.main")).collect()
        }
    }
}

#[test]
fn every_fault_of_every_rule_is_told_at_once_with_its_number() {
    let found = problems(
        r#"
        rules = [
            { to = "XX", use = ["a"] },
            { to = ["FR", "+33x"], use = ["a", "a", "nobody"] },
            { to = "DE", caller = "nobody", use = { a = 0 } },
            { at = "always", segments = "0", use = ["main"] },
            { colour = "red", refuse = "", use = ["a"] },
            { to = "+", purpose = "fun", tag = "", sender = "", use = ["a"], on_unknown = "perhaps", needs = "luck" },
            "b",
            { to = "IT" },
            { to = "AT", use = ["a", "b"], then = ["a"] },
            { to = "+43", use = ["a"] },
            { to = ["FR", "+1212"], sender = "Shop", use = ["b"] },
            { to = "+436", use = ["b"] },
        ]
        on_unknown = "never"
        allow_caller_credential = true
        "#,
        "",
    );
    let expected = [
        "allow_caller_credential: must not be set for a route",
        "on_unknown: unknown variant `never`, expected `stop` or `resend`",
        "rule 1: to: invalid country \"XX\"",
        "rule 2: to: invalid prefix \"+33x\"",
        "rule 2: names \"a\" twice",
        "rule 2: unknown account \"nobody\"",
        "rule 3: use: must have weights from 0 on",
        "rule 4: at: must be such as",
        "rule 4: segments: must be such as",
        "rule 4: \"main\" leads back to this route",
        "rule 5: unknown key \"colour\"",
        "rule 5: refuse: must not stand beside use",
        "rule 6: to: invalid prefix \"+\"",
        "rule 6: purpose: invalid purpose \"fun\"",
        "rule 6: tag: is required",
        "rule 6: sender: is required",
        "rule 6: on_unknown: unknown variant `perhaps`, expected `stop` or `resend`",
        "rule 6: needs: invalid need \"luck\"",
        "rule 7: must be a table",
        "rule 8: use: is required, or refuse",
        "rule 9: names \"a\" twice",
        "rule 3: caller: unknown caller \"nobody\"",
        "rule 10: is never reached: all that it fits meets rule 9 first",
        "rule 11: sender: a name is not possible as a sender in FR unless",
        "rule 11: sender: a name is not possible as a sender in US",
        "rule 12: is never reached: all that it fits meets rule 9 first",
        "rule 12: the last rule must have no condition",
    ];
    for part in expected {
        assert!(found.iter().any(|line| line.contains(part)), "{part:?} is missing in {found:#?}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn rules_that_are_right_are_no_problem() {
    let found = problems(
        r#"
        rules = [
            { to = "+8816", refuse = "satellite phones cost too much" },
            { to = "US", from = "shop", use = ["a"], sender = "+17208675309" },
            { to = ["DE", "AT", "CH"], at = ["mo-fr 08:00-20:00 Europe/Berlin", "sa 10:00-14:00 Europe/Berlin"], use = ["a", "b"] },
            { to = "DE", segments = "2-", use = "b" },
            { to = "DE", purpose = ["marketing", "authentication"], use = "b" },
            { tag = ["autumn", "winter"], use = ["a"] },
            { segments = 1, use = { a = 60, b = 40 }, on_unknown = "resend" },
            { use = { a = 60 }, then = ["b"], needs = ["schedule", "cancel", "reports"] },
        ]
        "#,
        "",
    );
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn an_account_that_lacks_what_a_rule_needs_is_a_fault_of_that_rule() {
    let ip1 = "[accounts.ip1]\nvendor = 'ip1sms'\ntoken = 't'\n";
    let rules = "rules = [{ to = 'SE', use = ['ip1', 'a'], needs = ['cancel', 'schedule'] }, { use = ['a', 'ip1'] }]";
    let found = problems(rules, ip1);
    let expected = [
        "accounts.main.rules: rule 1: needs cancel: \"ip1\" has none: ip1sms has no CancelMessage",
        "accounts.main.rules: rule 1: needs schedule: \"ip1\" has none: ip1sms sends at once only",
    ];
    assert_eq!(found, expected);
    assert_eq!(problems(&rules.replace("'cancel', 'schedule'", "'reports'"), ip1), Vec::<String>::new());
}

#[test]
fn what_is_wrong_with_sending_again_is_told() {
    let found = problems(
        r#"
        resend_on = ["delivered"]
        resend_after = "2h"
        rules = [
            { to = "FR", use = ["a", "b"], resend_on = "sent", resend_after = "soon" },
            { to = "DE", use = ["a"], resend_on = ["expired"], resend_after = "1m" },
            { to = "IT", use = ["a", "inner"], resend_on = [], resend_after = "10m", resend_within = "5m" },
            { use = ["a", "b"], resend_on = ["undeliverable", "rejected"], resend_after = "90s" },
        ]
        "#,
        "[accounts.inner]\nvendor = 'route'\nrules = [{ use = ['b'] }]\n",
    );
    let expected = [
        "resend_on: invalid state \"delivered\"; expected undeliverable, rejected or expired",
        "accounts.main.resend_after: must be above 0s, and shorter than resend_within",
        "rule 1: resend_on: invalid state \"sent\"",
        "rule 1: resend_after: invalid time span",
        "rule 1: resend_after: needs store.keep_texts = true",
        "rule 2: resend_on: needs store.keep_texts = true, as the text is sent again",
        "rule 2: resend_on: there is no other account to send through",
        "rule 3: resend_after: must be above 0s, and shorter than resend_within",
        "rule 3: resend_after: needs store.keep_texts = true",
        "rule 3: resend_after: \"inner\" is a route; name its accounts instead",
        "rule 4: resend_on: needs store.keep_texts = true",
    ];
    for part in expected {
        assert!(found.iter().any(|line| line.contains(part)), "{part:?} is missing in {found:#?}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn routes_do_not_lead_back_to_themselves_and_are_not_too_deep() {
    let inner = |rest: &str| problems("rules = [{ use = ['one'] }]", rest);
    let route = |name: &str, to: &str| format!("[accounts.{name}]\nvendor = 'route'\nrules = [{{ use = ['{to}'] }}]\n");
    assert_eq!(inner(&route("one", "a")), Vec::<String>::new());
    assert_eq!(inner(&(route("one", "two") + &route("two", "a"))), Vec::<String>::new());
    let looped = inner(&route("one", "main"));
    assert!(looped[0].contains("rule 1: \"one\" leads back to this route"), "{looped:?}");
    let deep = inner(&(route("one", "two") + &route("two", "three") + &route("three", "a")));
    assert!(deep[0].contains("rule 1: \"one\" is a route over more than 2 others"), "{deep:?}");
}

#[test]
fn a_route_needs_rules_and_the_store() {
    assert!(problems("", "")[0].contains("accounts.main.rules: is required"));
    assert!(problems("rules = []", "")[0].contains("accounts.main.rules: must have a rule"));
    let toml = "[store]\nenabled = false\n[accounts.a]\nvendor = 'lox24'\ntoken = 't'\n\
                [accounts.main]\nvendor = 'route'\nrules = [{ use = ['a'] }]";
    let found = Setup::new(toml.parse().expect("TOML")).err().expect("problems");
    assert!(found.iter().any(|problem| problem.text.contains("a route needs the store")), "{found:?}");
}
