//! What is kept, and read by other replicas, after a restart, and by the command line.

use super::{super::saved::Saved, *};
use crate::store::{Append, Beside, Store};

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
