//! The log of events, with every engine.

use std::{collections::HashMap, time::Duration};

use smsmux::store::{
    Append, Appended, Ask, Claimed, End, EventBounds, EventFilter, EventPage, MessageChange, MessageUpdate, NewEvent,
    NewReceived, Op, Outcome, ReceivedFilter, Subscribe, Subscription, TakeChore, WriteId,
};

use super::rig::{HOUR, Rig, digest, key, now, send, update};

/// An event of the account `acme`.
pub(super) fn event(id: u8, kind: i32) -> NewEvent {
    let body = format!("event {id}").into_bytes();
    let (account, id) = ("acme".into(), digest(id));
    NewEvent { id, account, kind, message_id: None, number: None, received: None, consent: None, body }
}

pub(super) fn of(events: Vec<NewEvent>) -> Append {
    Append { events, ..Append::default() }
}

pub(super) fn append(rig: &mut Rig, append: Append) -> Appended {
    appends(rig, vec![append]).remove(0)
}

fn appends(rig: &mut Rig, appends: Vec<Append>) -> Vec<Appended> {
    let mut batch: Vec<_> = appends.into_iter().map(|append| Op::Append(Box::new(Ask::new(append)))).collect();
    rig.commit(&mut batch);
    let answers = batch.into_iter().map(|op| match op {
        Op::Append(ask) => ask.answer.expect("an answer"),
        other => panic!("{other:?}"),
    });
    answers.collect()
}

fn acme() -> EventFilter {
    EventFilter { accounts: vec!["acme".into()], ..EventFilter::default() }
}

fn page(rig: &mut Rig, filter: &EventFilter, after: i64, limit: u32) -> EventPage {
    rig.reader.events(Some(filter), after, i64::MAX, limit).unwrap()
}

/// The sequences and the ids of all events.
pub(super) fn all(rig: &mut Rig) -> Vec<(i64, u8)> {
    page(rig, &acme(), 0, 1000).events.iter().map(|event| (event.sequence, event.id.0[0])).collect()
}

pub(super) fn each_event_is_recorded_once_in_an_order_without_holes(mut rig: Rig) {
    let new = |new| Appended { new, ..Appended::default() };
    assert_eq!(append(&mut rig, of(vec![event(3, 1), event(1, 1), event(3, 2)])), new(2));
    assert_eq!(append(&mut rig, of(vec![event(1, 1)])), new(0));
    assert_eq!(append(&mut rig, of(vec![])), new(0));
    // Also within a commit.
    let batch = vec![of(vec![event(1, 1), event(4, 1)]), of(vec![event(4, 1), event(2, 1)])];
    assert_eq!(appends(&mut rig, batch), [new(1), new(1)]);
    assert_eq!(all(&mut rig), [(1, 3), (2, 1), (3, 4), (4, 2)]);
    assert_eq!(rig.engine.newest_event(), 4);

    let first = page(&mut rig, &acme(), 0, 1).events.remove(0);
    assert_eq!((&*first.account, first.kind, &first.body[..]), ("acme", 1, &b"event 3"[..]));
    assert!(first.time <= now() && first.time > now() - HOUR);
    let epoch = rig.identity.epoch;
    let Some(rig) = rig.after_a_crash() else { return };
    assert_eq!((rig.identity.newest_event, rig.identity.epoch), (4, epoch));
}

fn with_id(id: WriteId, version: Option<i32>, of: u8) -> MessageUpdate {
    MessageUpdate { version, events: vec![event(of, 1)], ..update(id, 2, None, false) }
}

pub(super) fn what_an_update_has_no_effect_on_has_no_event(mut rig: Rig) {
    let id = rig.id();
    assert_eq!(rig.claim(send(id, None, "m", &[1])), Claimed::New);
    let with = |version, of| with_id(id, version, of);
    rig.end(id, End::Done { reply: vec![] }, Some(with(None, 1)));
    // Its outcome is known already.
    rig.end(id, End::Free, Some(with(None, 2)));
    let version = rig.message("m").unwrap().version;
    rig.update(with(Some(version), 3));
    // It was changed since.
    rig.update(with(Some(version), 4));
    let stale = Append { changes: vec![MessageChange::Update(with(Some(version), 5))], ..of(vec![event(6, 1)]) };
    assert_eq!(append(&mut rig, stale), Appended { new: 1, stale: vec![id], ..Appended::default() });
    let fresh = Append { changes: vec![MessageChange::Update(with(Some(version + 1), 7))], ..Append::default() };
    assert_eq!(append(&mut rig, fresh), Appended { new: 1, ..Appended::default() });
    // There is no such message.
    let missing = MessageUpdate { write_id: rig.id(), ..with(None, 8) };
    rig.update(missing);
    assert_eq!(all(&mut rig), [(1, 1), (2, 3), (3, 6), (4, 7)]);

    // The outcome of an unknown write is bound to the version too, and to the key.
    let id = rig.id();
    assert_eq!(rig.claim(send(id, key(1, 1), "n", &[1])), Claimed::New);
    rig.end(id, End::Unknown { error: vec![] }, Some(with_id(id, None, 9)));
    let outcome = |end, version, of| {
        let message = Some(with_id(id, Some(version), of));
        Append { changes: vec![MessageChange::Outcome(Outcome { write_id: id, end, message })], ..Append::default() }
    };
    let version = rig.message("n").unwrap().version;
    assert_eq!(
        append(&mut rig, outcome(End::Free, version - 1, 10)),
        Appended { stale: vec![id], ..Appended::default() }
    );
    let retry = rig.id();
    assert!(matches!(rig.claim(send(retry, key(1, 1), "n", &[1])), Claimed::Unknown { .. }));
    assert_eq!(append(&mut rig, outcome(End::Free, version, 11)), Appended { new: 1, ..Appended::default() });
    assert_eq!(rig.claim(send(retry, key(1, 1), "n", &[1])), Claimed::New);
    assert_eq!(all(&mut rig)[4..], [(5, 9), (6, 11)]);
}

pub(super) fn events_are_read_by_filter_and_page(mut rig: Rig) {
    let other = NewEvent { account: "other".into(), ..event(9, 1) };
    append(&mut rig, of(vec![event(1, 1), other, event(2, 2), event(3, 1), event(4, 3)]));
    let bounds = |rig: &mut Rig| rig.reader.event_bounds().unwrap();
    let all_bounds = bounds(&mut rig);
    assert_eq!((all_bounds.oldest, all_bounds.newest), (1, 5));
    let mut read = |filter: &EventFilter, after, until, limit| {
        let page = rig.reader.events(Some(filter), after, until, limit).unwrap();
        assert_eq!(page.bounds, all_bounds);
        (page.events.iter().map(|event| event.id.0[0]).collect::<Vec<_>>(), page.last)
    };
    let some = EventFilter { kinds: vec![1, 3], ..acme() };
    assert_eq!(read(&some, 0, 5, 2), (vec![1, 3], 4));
    assert_eq!(read(&some, 4, 5, 2), (vec![4], 5));
    assert_eq!(read(&some, 5, 5, 2), (vec![], 5));
    assert_eq!(read(&some, 0, 3, 9), (vec![1], 3));
    assert_eq!(read(&some, 4, 3, 9), (vec![], 4));
    let accounts = vec!["acme".into(), "other".into(), "unknown".into()];
    let both = EventFilter { accounts, ..EventFilter::default() };
    assert_eq!(read(&both, 0, 5, 9), (vec![1, 9, 2, 3, 4], 5));
    assert_eq!(read(&EventFilter::default(), 0, 5, 9), (vec![], 5));
    let all = rig.reader.events(None, 1, 4, 9).unwrap();
    assert_eq!(all.events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [2, 3, 4]);
}

pub(super) fn events_are_removed_from_the_old_end(mut rig: Rig) {
    append(&mut rig, of((1..8).map(|id| event(id, 1)).collect()));
    let EventBounds { bytes, .. } = rig.reader.event_bounds().unwrap();
    rig.retain_events(HOUR, bytes as u64);
    assert_eq!(all(&mut rig).len(), 7);
    rig.retain_events(HOUR, bytes as u64 - 1);
    assert_eq!(all(&mut rig)[0], (2, 2));
    rig.retain_events(HOUR, bytes as u64 / 2);
    assert_eq!(all(&mut rig), [(5, 5), (6, 6), (7, 7)]);
    // The page says that something is missing.
    assert_eq!(page(&mut rig, &acme(), 2, 9).bounds.oldest, 5);
    // Until the clock has gone on.
    while rig.reader.event_bounds().unwrap().oldest < 8 {
        rig.retain_events(Duration::ZERO, bytes as u64);
    }
    assert_eq!(rig.reader.event_bounds().unwrap(), EventBounds { oldest: 8, newest: 7, bytes: 0 });
    append(&mut rig, of(vec![event(1, 1)]));
    assert_eq!(all(&mut rig), [(8, 1)]);
}

pub(super) fn a_purge_erases_the_events_about_a_number(mut rig: Rig) {
    let about = |id, number| NewEvent { number: Some(digest(number)), ..event(id, 1) };
    let received = NewReceived { received_id: "r".to_owned(), number: digest(9), time: now() };
    append(&mut rig, of(vec![about(1, 7), event(2, 1), about(3, 8)]));
    append(&mut rig, of(vec![NewEvent { received: Some(received), ..about(4, 7) }]));
    let before = rig.reader.event_bounds().unwrap();
    rig.purge(digest(7));
    let lengths: Vec<_> = page(&mut rig, &acme(), 0, 9).events.iter().map(|event| event.body.len()).collect();
    assert_eq!(lengths, [0, 7, 7, 0]);
    assert_eq!(rig.reader.event_bounds().unwrap(), EventBounds { bytes: before.bytes - 14, ..before });
    assert_eq!(rig.reader.received_by_id("acme", "r").unwrap(), None);
    // It stays known.
    assert_eq!(append(&mut rig, of(vec![about(1, 7)])).new, 0);
}

pub(super) fn received_messages_are_listed_by_number_and_time(mut rig: Rig) {
    for (n, (account, number, age)) in
        [("acme", 1, 3), ("acme", 2, 2), ("other", 1, 1), ("acme", 1, 0)].iter().enumerate()
    {
        let received = NewReceived { received_id: format!("r{n}"), number: digest(*number), time: now() - HOUR * *age };
        let event = event(u8::try_from(n).unwrap(), 2);
        append(&mut rig, of(vec![NewEvent { account: (*account).into(), received: Some(received), ..event }]));
    }
    append(&mut rig, of(vec![event(9, 1)]));
    let mut list = |filter: ReceivedFilter, limit| -> Vec<u8> {
        let accounts = vec!["acme".into()];
        let found = rig.reader.received(&ReceivedFilter { accounts, ..filter }, limit).unwrap();
        found.iter().map(|event| event.id.0[0]).collect()
    };
    let any = ReceivedFilter::default;
    assert_eq!(list(any(), 9), [3, 1, 0]);
    assert_eq!(list(any(), 2), [3, 1]);
    assert_eq!(list(ReceivedFilter { past: Some(2), ..any() }, 2), [0]);
    assert_eq!(list(ReceivedFilter { numbers: vec![digest(1)], ..any() }, 9), [3, 0]);
    assert_eq!(list(ReceivedFilter { from: Some(now() - HOUR * 5 / 2), ..any() }, 9), [3, 1]);
    assert_eq!(list(ReceivedFilter { until: Some(now() - HOUR * 5 / 2), ..any() }, 9), [0]);
    assert_eq!(rig.reader.received_by_id("acme", "r1").unwrap().unwrap().id, digest(1));
    assert_eq!(rig.reader.received_by_id("acme", "r2").unwrap(), None);
    // They go with their events.
    rig.retain_events(HOUR, 1);
    assert_eq!(rig.reader.received(&ReceivedFilter { accounts: vec!["acme".into()], ..any() }, 9).unwrap(), []);
}

pub(super) fn a_cursor_is_set_with_what_was_found_there(mut rig: Rig) {
    assert_eq!(rig.reader.cursor("poll").unwrap(), None);
    for value in [&b"1"[..], b"2"] {
        let cursors = vec![("poll".to_owned(), value.to_vec())];
        append(&mut rig, Append { cursors, ..Append::default() });
        assert_eq!(rig.reader.cursor("poll").unwrap().as_deref(), Some(value));
    }
    let cursors = |names: &[(&str, &str)]| -> Vec<(String, Vec<u8>)> {
        names.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect()
    };
    let some = cursors(&[("parts/a/1", "x"), ("parts/a/2", "y"), ("parts/ab/1", "z"), ("poll", "")]);
    append(&mut rig, Append { cursors: some, ..Append::default() });
    assert_eq!(rig.reader.cursor("poll").unwrap(), None);
    assert_eq!(rig.reader.cursors("parts/a/").unwrap(), cursors(&[("parts/a/1", "x"), ("parts/a/2", "y")]));
    assert_eq!(rig.reader.cursors("parts/").unwrap().len(), 3);
    assert_eq!(rig.reader.cursors("q").unwrap(), []);
    let mut batch = [Op::TakeChore(Ask::new(TakeChore { name: "poll".to_owned(), lease: HOUR }))];
    rig.commit(&mut batch);
    assert!(matches!(&batch, [Op::TakeChore(ask)] if ask.answer == Some(true)));
}

pub(super) fn a_subscription_keeps_its_place(mut rig: Rig) {
    let mut change = |change| {
        let mut batch = [Op::Subscribe(Box::new(Ask::new(change)))];
        rig.commit(&mut batch);
        let [Op::Subscribe(ask)] = batch else { panic!("{batch:?}") };
        ask.answer.expect("an answer")
    };
    let name = |name: &str| name.to_owned();
    let create = |of: &str| Subscribe::Create { name: name(of), acked: 3, body: b"body".to_vec() };
    let made = |of: &str, acked, stream| Some(Subscription { name: name(of), acked, stream, body: b"body".to_vec() });
    assert_eq!(change(create("a/1")), made("a/1", 3, 0));
    assert_eq!(change(create("a/1")), None);
    change(create("a/2"));
    change(create("ab/1"));
    assert_eq!(change(Subscribe::Ack { name: name("a/1"), sequence: 5 }), made("a/1", 5, 0));
    assert_eq!(change(Subscribe::Ack { name: name("a/1"), sequence: 4 }), made("a/1", 5, 0));
    assert_eq!(change(Subscribe::Stream { name: name("a/1") }), made("a/1", 5, 1));
    assert_eq!(change(Subscribe::Delete { name: name("a/2") }), made("a/2", 3, 0));
    assert_eq!(change(Subscribe::Delete { name: name("a/2") }), None);
    assert_eq!(change(Subscribe::Ack { name: name("a/2"), sequence: 4 }), None);
    assert_eq!(change(Subscribe::Stream { name: name("a/2") }), None);
    change(create("a/3"));
    let names = |found: Vec<Subscription>| found.into_iter().map(|found| found.name).collect::<Vec<_>>();
    assert_eq!(names(rig.reader.subscriptions("a").unwrap()), ["a/1", "a/3"]);
    assert_eq!(names(rig.reader.subscriptions("a/3").unwrap()), ["a/3"]);
    let newest = rig.reader.newest_streams(&["a/1", "a/2", "a/3"].map(name)).unwrap();
    assert_eq!(newest, HashMap::from([(name("a/1"), 1), (name("a/3"), 0)]));
    assert!(rig.reader.newest_streams(&[]).unwrap().is_empty());
}
