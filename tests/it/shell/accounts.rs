//! What accounts of a route get, as a person sees and sets it.

use smsmux_sandbox::Sandbox;

use super::*;

/// A gateway with two accounts, and two routes: one over both of them, and one over a single one.
async fn rig() -> Rig {
    let other = Sandbox::start("lox24", loopback()).await.unwrap();
    let mut sections = format!("[accounts.other]\nvendor = 'lox24'\nbase_url = '{}'\n", other.base_url());
    sections.extend(other.credentials().iter().map(|(key, value)| format!("{key} = '{value}'\n")));
    sections += "[accounts.main]\nvendor = 'route'\nrules = [{ use = { smsend = 50, other = 50 } }]\n";
    sections += "[accounts.single]\nvendor = 'route'\nrules = [{ use = ['other'] }]\n";
    sections += "[store]\npath = ':memory:'\n";
    Rig::with(&sections, "").await
}

#[tokio::test]
async fn a_share_is_set_and_shown_until_when_it_holds() {
    let rig = rig().await;
    let shown = ask(&rig, &["accounts", "main"]).await.with(0);
    let both = "  accounts/other: 100 % of its share\n  accounts/smsend: 100 % of its share\n";
    assert!(shown.stdout.starts_with(&format!("accounts/main (route)\n{both}  calls:\n")), "{shown:#?}");

    let set = ask(&rig, &["accounts", "main", "--share", "smsend=0", "--for", "1h"]).await.with(0);
    let line = "accounts/main\n  accounts/smsend: 0 % of its share, set by an operator until ";
    let until = set.stdout.strip_prefix(line).unwrap_or_else(|| panic!("{set:#?}"));
    assert_eq!(set.stdout.lines().count(), 2, "{set:#?}");
    let until: jiff::Timestamp = until.trim_end().parse().expect("a time");
    let minutes = until.duration_since(jiff::Timestamp::now()).as_secs() / 60;
    assert!((50..=60).contains(&minutes), "{minutes}");
    let shown = ask(&rig, &["accounts", "main"]).await.with(0);
    assert!(shown.stdout.contains("accounts/smsend: 0 % of its share, set by an operator until "), "{shown:#?}");

    // A share that is not 0 does not look like it, also in the events.
    let set = json(&rig, &["accounts", "accounts/main", "--share", "accounts/smsend=0.001"]).await;
    assert_eq!((&set["account"], &set["share"]), (&"accounts/smsend".into(), &0.001.into()), "{set}");
    assert!(set["endTime"].is_string(), "{set}");
    let shown = ask(&rig, &["accounts", "main"]).await.with(0);
    assert!(shown.stdout.contains("accounts/smsend: 0.1 % of its share, set by an operator"), "{shown:#?}");
    let set = json(&rig, &["accounts", "main", "--share", "smsend=0"]).await;
    assert_eq!(set["share"].as_f64().unwrap_or_default(), 0.0, "{set}");
    let events = json(&rig, &["events", "list", "--account", "smsend"]).await.to_string();
    assert!(events.contains("gets 0 % of its share, before 0.1 %: set by an operator"), "{events}");
}

#[tokio::test]
async fn what_is_wrong_with_a_share_is_told_before_or_by_the_server() {
    let rig = rig().await;
    for (share, expected) in [
        ("smsend", "expected ACCOUNT=SHARE, such as acme=0.5"),
        ("=0.5", "expected ACCOUNT=SHARE, such as acme=0.5"),
        ("smsend=", "invalid share \"\"; expected a number from 0 to 1"),
        ("smsend=50%", "invalid share \"50%\"; expected a number from 0 to 1"),
        ("smsend=1.1", "invalid share \"1.1\"; expected a number from 0 to 1"),
        ("smsend=-0.1", "invalid share \"-0.1\"; expected a number from 0 to 1"),
        ("smsend=NaN", "invalid share \"NaN\"; expected a number from 0 to 1"),
    ] {
        let ended = ask(&rig, &["accounts", "main", "--share", share]).await.with(2);
        assert!(ended.stderr.contains(expected), "{ended:#?}");
    }
    ask(&rig, &["accounts", "--share", "smsend=0"]).await.with(2);
    ask(&rig, &["accounts", "main", "--for", "1h"]).await.with(2);
    let set = |route: &'static str, share: &'static str, time: &'static str| {
        let rig = &rig;
        async move { ask(rig, &["accounts", route, "--share", share, "--for", time]).await.with(1).stderr }
    };
    let chosen = "account: must be an account that a rule of the route chooses among others";
    let no_route = "name: must be a route: an account with vendor = \"route\"";
    for (route, share, time, expected) in [
        ("main", "acme=0.5", "1h", chosen),
        ("single", "other=0.5", "1h", chosen),
        ("smsend", "other=0.5", "1h", no_route),
        ("nowhere", "other=0.5", "1h", "ACCOUNT_NOT_FOUND"),
        ("main", "smsend=0.5", "30s", "duration: must be from 1 minute to 7 days"),
        ("main", "smsend=0.5", "1000years", "duration: must be from 1 minute to 7 days"),
    ] {
        let told = set(route, share, time).await;
        assert!(told.contains(expected) && told.contains("next: "), "{told}");
        // Nothing is sent by this.
        assert!(!told.contains("sent"), "{told}");
    }
    ask(&rig, &["accounts", "main", "--share", "other=0"]).await.with(0);
    let told = set("main", "smsend=0", "1h").await;
    assert!(told.contains("STATE_CONFLICT: rule 1 would have no account left"), "{told}");
    let shown = ask(&rig, &["accounts", "main"]).await.with(0);
    assert!(shown.stdout.contains("accounts/smsend: 100 % of its share\n"), "{shown:#?}");
}
