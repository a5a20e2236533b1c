//! Lists of messages.

use std::sync::Arc;

use smsmux::store::{Ask, Claim, MessageFilter, NewMessage, Op, WriteId};

use super::rig::{HOUR, Rig, digest, now, send};

fn of_account(account: &str) -> MessageFilter {
    MessageFilter { accounts: Some(vec![account.into()]), ..MessageFilter::default() }
}

/// Reads a list to its end, by pages.
fn all(rig: &mut Rig, filter: &MessageFilter, limit: u32) -> Vec<String> {
    let (mut ids, mut before) = (Vec::new(), None);
    loop {
        let page = rig.reader.messages(filter, before, limit).unwrap();
        assert!(page.messages.len() <= limit as usize);
        ids.extend(page.messages.into_iter().map(|message| message.message_id));
        before = page.next;
        if before.is_none() {
            return ids;
        }
    }
}

pub(super) fn the_newest_come_first_and_pages_are_complete(mut rig: Rig) {
    for n in 0..7 {
        let id = rig.id();
        rig.claim(send(id, None, &format!("m{n}"), &[n]));
    }
    for limit in [1, 2, 3, 7, 8] {
        assert_eq!(all(&mut rig, &of_account("acme"), limit), ["m6", "m5", "m4", "m3", "m2", "m1", "m0"], "{limit}");
    }
    let no_account = MessageFilter { accounts: Some(vec![]), ..MessageFilter::default() };
    assert_eq!(all(&mut rig, &no_account, 3), [""; 0], "no account, no message");
    assert_eq!(all(&mut rig, &MessageFilter::default(), 3).len(), 7);
}

pub(super) fn every_filter_filters(mut rig: Rig) {
    let time = |hours: u32| now() - HOUR * hours;
    for (n, (account, hours, state, reference, to)) in
        [("acme", 9, 1, "r", 1), ("acme", 5, 2, "s", 2), ("acme", 1, 1, "s", 1), ("other", 1, 1, "s", 1)]
            .into_iter()
            .enumerate()
    {
        let id = rig.id_at(time(hours));
        let claim = send(id, None, &format!("m{n}"), &[to, 9]);
        let tag = (to == 1).then(|| format!("tag of {reference}"));
        let message = NewMessage { state, reference: Some(reference.to_owned()), tag, ..claim.message.unwrap() };
        rig.claim(Claim { account: account.into(), message: Some(message), ..send(id, None, "", &[]) });
    }
    let acme = || of_account("acme");
    let accounts = |names: &[&str]| Some(names.iter().map(|name| Arc::from(*name)).collect());
    for (filter, expected) in [
        (acme(), "m2 m1 m0"),
        (MessageFilter { accounts: accounts(&["acme", "other", "none"]), ..acme() }, "m3 m2 m1 m0"),
        (MessageFilter { states: vec![1, 3], ..acme() }, "m2 m0"),
        (MessageFilter { from: Some(time(6)), ..acme() }, "m2 m1"),
        (MessageFilter { until: Some(time(3)), from: Some(time(7)), ..acme() }, "m1"),
        (MessageFilter { recipient: vec![digest(1)], ..acme() }, "m2 m0"),
        (MessageFilter { reference: Some("s".to_owned()), ..acme() }, "m2 m1"),
        (MessageFilter { reference: Some("s".to_owned()), recipient: vec![digest(2)], ..acme() }, "m1"),
        (MessageFilter { tag: Some("tag of s".to_owned()), ..acme() }, "m2"),
        (MessageFilter { tag: Some("tag of s".to_owned()), reference: Some("r".to_owned()), ..acme() }, ""),
        (MessageFilter { accounts: accounts(&["none"]), ..acme() }, ""),
    ] {
        for limit in [1, 9] {
            assert_eq!(all(&mut rig, &filter, limit).join(" "), expected, "{filter:?}");
        }
    }
}

/// One query looks at no more than 20,000 rows, so a rare message is found by several.
pub(super) fn a_page_may_be_short_but_the_list_is_complete(mut rig: Rig) {
    let first = WriteId::first_at(now() - HOUR);
    let claim = |n: i64| {
        let account = if n % 20_400 == 0 { "rare" } else { "acme" };
        let claim = Claim { account: account.into(), ..send(WriteId(first.0 + n), None, &format!("m{n}"), &[]) };
        Op::Claim(Box::new(Ask::new(claim)))
    };
    let mut batch: Vec<_> = (0..=20_400).map(claim).collect();
    rig.commit(&mut batch);
    let filter = of_account("rare");
    let page = rig.reader.messages(&filter, None, 2).unwrap();
    assert!(page.messages.len() == 1 && page.next.is_some());
    assert_eq!(all(&mut rig, &filter, 2), ["m20400", "m0"]);
}
