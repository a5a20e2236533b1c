//! What every engine does.

use std::time::Duration;

use smsmux::store::{Claim, Claimed, End, Flush, MessageFilter, MessageUpdate, TakeDue, WriteState};

use super::{
    consent, events, lists, parts,
    rig::{HOUR, Kind, Rig, digest, key, now, send, update, write},
};

/// Runs each case on a new store of each kind.
macro_rules! every_engine {
    ($($module:ident :: $case:ident,)*) => {
        mod memory { $(#[test] fn $case() { super::$module::$case(super::Rig::new(super::Kind::Memory)); })* }
        #[cfg(feature = "foreign-clients")]
        mod postgres { $(#[test] fn $case() { super::$module::$case(super::Rig::new(super::Kind::Postgres)); })* }
        mod file { $(#[test] fn $case() { super::$module::$case(super::Rig::new(super::Kind::File)); })* }
    };
}

use self as cases;
every_engine![
    cases::a_key_has_one_write_and_its_outcome,
    cases::a_key_is_free_after_nothing_was_sent,
    cases::a_key_belongs_to_one_request,
    cases::claims_in_one_batch_see_each_other,
    cases::a_message_id_is_unique_in_its_account,
    cases::a_write_is_recorded_once,
    cases::the_first_known_outcome_stays,
    cases::an_update_changes_the_message_and_final_states_stay,
    cases::a_running_write_of_a_dead_process_is_unknown,
    cases::due_messages_are_taken_once_unknown_ones_first,
    cases::no_due_message_of_a_busy_account_is_taken,
    cases::messages_of_leased_accounts_are_due_again_when_the_lease_is_over,
    cases::recipients_that_become_known_later_are_found_by_number,
    cases::keys_are_removed_before_messages,
    cases::what_is_not_over_is_not_removed,
    cases::a_purge_erases_and_keeps_the_key,
    cases::the_hash_key_is_remembered,
    cases::stats_count_by_age,
    parts::recipients_are_recorded_until_the_write_has_ended,
    parts::a_recipient_may_be_of_another_account,
    parts::an_unfinished_write_goes_on_once_under_another_id,
    parts::an_attempt_that_ends_in_the_batch_of_its_begin_has_ended,
    lists::the_newest_come_first_and_pages_are_complete,
    lists::every_filter_filters,
    lists::a_page_may_be_short_but_the_list_is_complete,
    events::each_event_is_recorded_once_in_an_order_without_holes,
    events::what_an_update_has_no_effect_on_has_no_event,
    events::events_are_read_by_filter_and_page,
    events::events_are_removed_from_the_old_end,
    events::a_purge_erases_the_events_about_a_number,
    events::received_messages_are_listed_by_number_and_time,
    events::a_cursor_is_set_with_what_was_found_there,
    events::a_subscription_keeps_its_place,
    consent::a_change_is_recorded_once_with_its_event_in_a_chain_of_hashes,
    consent::a_purge_erases_the_number_and_keeps_the_block,
    consent::people_are_listed_by_brand_and_page,
    consent::a_person_is_known_by_another_hash_from_a_change_on,
    cases::what_is_found_by_hashes_of_numbers_is_told_by_range,
];

fn a_key_has_one_write_and_its_outcome(mut rig: Rig) {
    let (first, second) = (rig.id(), rig.id());
    assert_eq!(rig.claim(write(first, key(1, 1))), Claimed::New);
    let retry = || write(second, key(1, 1));
    assert_eq!(rig.claim(retry()), Claimed::Running { write_id: first, ours: true });
    rig.end(first, End::Unknown { error: b"lost".to_vec() }, None);
    let unknown = Claimed::Unknown { write_id: first, message_id: None, error: b"lost".to_vec() };
    assert_eq!(rig.claim(retry()), unknown);
    rig.done(first);
    assert_eq!(rig.claim(retry()), Claimed::Replay { write_id: first, reply: Some(b"reply".to_vec()) });
    assert_eq!(rig.claim(write(second, key(2, 1))), Claimed::New);
}

fn a_key_is_free_after_nothing_was_sent(mut rig: Rig) {
    let ids = [rig.id(), rig.id(), rig.id()];
    for id in ids {
        assert_eq!(rig.claim(send(id, key(1, 1), "m", &[1])), Claimed::New, "{id}");
        rig.end(id, End::Free, Some(update(id, 9, None, true)));
    }
    // The name is that of the last attempt.
    let message = rig.message("m").unwrap();
    assert_eq!((message.write_id, message.write_state, message.state), (ids[2], WriteState::Free, 9));
    assert_eq!(rig.reader.message_of_write(ids[0]).unwrap(), None);
}

fn a_key_belongs_to_one_request(mut rig: Rig) {
    let (first, second) = (rig.id_at(now() - HOUR), rig.id());
    assert_eq!(rig.claim(send(first, key(1, 1), "m", &[1])), Claimed::New);
    for end in [None, Some(End::Unknown { error: vec![] }), Some(End::Done { reply: vec![] })] {
        if let Some(end) = end {
            rig.end(first, end, None);
        }
        let other = rig.claim(write(second, key(1, 2)));
        let method = "smsmux.v1.MessageService/SendMessage".into();
        assert_eq!(other, Claimed::OtherBody { method, time: first.time() });
    }
}

fn claims_in_one_batch_see_each_other(mut rig: Rig) {
    let ids: Vec<_> = (0..6).map(|_| rig.id()).collect();
    let answers = rig.claims(vec![
        write(ids[0], key(1, 1)),
        write(ids[1], key(1, 1)),
        write(ids[2], key(1, 2)),
        send(ids[3], key(2, 1), "m", &[1, 2]),
        send(ids[4], key(3, 1), "m", &[1]),
        send(ids[5], None, "n", &[]),
    ]);
    let method = "smsmux.v1.ContactService/CreateContact".into();
    let expected = [
        Claimed::New,
        Claimed::Running { write_id: ids[0], ours: true },
        Claimed::OtherBody { method, time: ids[0].time() },
        Claimed::New,
        Claimed::MessageExists,
        Claimed::New,
    ];
    assert_eq!(answers, expected);
    // The key of the message that was there already is free.
    assert_eq!(rig.claim(write(ids[4], key(3, 2))), Claimed::New);
}

fn a_message_id_is_unique_in_its_account(mut rig: Rig) {
    let ids: Vec<_> = (0..4).map(|_| rig.id()).collect();
    assert_eq!(rig.claim(send(ids[0], None, "m", &[1])), Claimed::New);
    assert_eq!(rig.claim(send(ids[1], None, "m", &[1])), Claimed::MessageExists);
    let other_account = Claim { account: "other".into(), ..send(ids[2], None, "m", &[1]) };
    assert_eq!(rig.claim(other_account), Claimed::New);
    rig.done(ids[0]);
    assert_eq!(rig.claim(send(ids[3], key(1, 1), "m", &[1])), Claimed::MessageExists);
    assert_eq!(rig.message("m").unwrap().write_id, ids[0]);
}

/// After a commit in doubt, what nobody waits for is recorded once more.
fn a_write_is_recorded_once(mut rig: Rig) {
    let id = rig.id();
    rig.claim(send(id, None, "m", &[1, 2]));
    rig.claim(send(id, None, "m", &[1, 2]));
    rig.done(id);
    let message = rig.message("m").unwrap();
    assert_eq!((message.write_id, message.write_state), (id, WriteState::Done));
}

fn the_first_known_outcome_stays(mut rig: Rig) {
    let (id, retry) = (rig.id(), rig.id());
    rig.claim(send(id, key(1, 1), "m", &[1]));
    rig.end(id, End::Done { reply: b"first".to_vec() }, Some(update(id, 2, Some("v"), false)));
    for end in [End::Done { reply: b"second".to_vec() }, End::Free, End::Unknown { error: b"lost".to_vec() }] {
        rig.end(id, end, Some(update(id, 3, None, false)));
        assert_eq!(
            rig.claim(send(retry, key(1, 1), "m", &[1])),
            Claimed::Replay { write_id: id, reply: Some(b"first".to_vec()) }
        );
    }
    let message = rig.message("m").unwrap();
    assert_eq!((message.state, message.write_state), (2, WriteState::Done));
}

fn an_update_changes_the_message_and_final_states_stay(mut rig: Rig) {
    let id = rig.id();
    rig.claim(send(id, None, "m", &[1]));
    let claimed = rig.message("m").unwrap();
    assert_eq!((claimed.state, &claimed.body[..], claimed.next_look_up), (1, &b"claimed"[..], None));
    assert_eq!((&*claimed.account, &*claimed.caller, claimed.write_id), ("acme", "billing", id));
    let by_vendor_id = |rig: &mut Rig, id: &str| rig.reader.message_by_vendor_id("acme", id).unwrap();

    rig.update(MessageUpdate { look_up_after: Some(HOUR), ..update(id, 2, Some("v1"), false) });
    let updated = by_vendor_id(&mut rig, "v1").expect("the vendor's id");
    assert_eq!((updated.state, &updated.body[..]), (2, &b"updated"[..]));
    assert!(updated.next_look_up.unwrap() > now() + HOUR / 2);
    assert_eq!(rig.reader.message_by_vendor_id("other", "v1").unwrap(), None);

    // An update without the vendor's id keeps it, and a final state of a recipient is kept whole.
    rig.update(update(id, 3, None, true));
    rig.update(update(id, 4, Some("v2"), false));
    assert_eq!(by_vendor_id(&mut rig, "v1").expect("kept").state, 4);
    assert_eq!(by_vendor_id(&mut rig, "v2"), None);
}

fn a_running_write_of_a_dead_process_is_unknown(mut rig: Rig) {
    let ids: Vec<_> = (0..3).map(|_| rig.id()).collect();
    rig.claim(send(ids[0], key(1, 1), "m", &[1]));
    rig.claim(write(ids[1], key(2, 1)));
    rig.claim(write(ids[2], key(3, 1)));
    rig.done(ids[2]);
    assert_eq!(rig.reap(), 0, "this process lives");
    let boot = rig.identity.boot;
    let Some(mut rig) = rig.after_a_crash() else { return };
    assert_ne!(rig.identity.boot, boot);
    assert!(rig.identity.newest >= Some(ids[2]));

    let retry = rig.id();
    let running = Claimed::Running { write_id: ids[1], ours: false };
    assert_eq!(rig.claim(write(retry, key(2, 1))), running, "not reaped yet");
    assert_eq!(rig.reap(), 2);
    let unknown = |write_id, message_id: Option<&str>| {
        let message_id = message_id.map(str::to_owned);
        Claimed::Unknown { write_id, message_id, error: vec![] }
    };
    assert_eq!(rig.claim(send(retry, key(1, 1), "m", &[1])), unknown(ids[0], Some("m")));
    assert_eq!(rig.claim(write(retry, key(2, 1))), unknown(ids[1], None));
    assert_eq!(rig.claim(write(retry, key(3, 1))), Claimed::Replay { write_id: ids[2], reply: Some(b"reply".into()) });
    let due: Vec<_> = rig.take_due(9, HOUR).into_iter().map(|message| message.write_id).collect();
    assert_eq!(due, [ids[0]]);
}

fn due_messages_are_taken_once_unknown_ones_first(mut rig: Rig) {
    let ids: Vec<_> = (0..5).map(|_| rig.id()).collect();
    for (n, id) in ids.iter().enumerate() {
        rig.claim(send(*id, None, &format!("m{n}"), &[1]));
        let end = if n == 3 { End::Unknown { error: vec![] } } else { End::Done { reply: vec![] } };
        // One is final, one is due later, the others at once.
        let look_up_after = [Some(Duration::ZERO), None, Some(HOUR), Some(Duration::ZERO), Some(Duration::ZERO)][n];
        rig.end(*id, end, Some(MessageUpdate { look_up_after, ..update(*id, 2, None, false) }));
    }
    let mut taken = |limit| rig.take_due(limit, HOUR).into_iter().map(|message| message.message_id).collect::<Vec<_>>();
    assert_eq!(taken(1), ["m3"]);
    assert_eq!(taken(9), ["m0", "m4"]);
    assert_eq!(taken(9), [""; 0]);
    let waiting = rig.message("m0").unwrap().next_look_up;
    assert!(waiting.unwrap() > now() + HOUR / 2);
    rig.update(update(ids[0], 5, None, true));
    assert_eq!(rig.message("m0").unwrap().next_look_up, None);
}

fn no_due_message_of_a_busy_account_is_taken(mut rig: Rig) {
    let ids = [rig.id(), rig.id()];
    for (id, account) in ids.into_iter().zip(["acme", "other"]) {
        rig.claim(Claim { account: account.into(), ..send(id, None, "m", &[1]) });
        let due = MessageUpdate { look_up_after: Some(Duration::ZERO), ..update(id, 2, None, false) };
        rig.end(id, End::Unknown { error: vec![] }, Some(due));
    }
    let mut taken = |busy: &[&str]| -> Vec<_> {
        rig.take_due_but(9, HOUR, busy).into_iter().map(|message| message.account).collect()
    };
    assert_eq!(taken(&["other", "acme"]), []);
    assert_eq!(taken(&["acme"]), ["other".into()]);
    assert_eq!(taken(&[]), ["acme".into()]);
}

fn messages_of_leased_accounts_are_due_again_when_the_lease_is_over(mut rig: Rig) {
    let ids = [rig.id(), rig.id()];
    for (id, account) in ids.into_iter().zip(["acme", "other"]) {
        rig.claim(Claim { account: account.into(), ..send(id, None, "m", &[1]) });
        let due = MessageUpdate { look_up_after: Some(Duration::ZERO), ..update(id, 2, None, false) };
        rig.end(id, End::Done { reply: vec![] }, Some(due));
    }
    let mut taken = |lease| -> Vec<_> {
        let take = TakeDue { limit: 9, again_after: HOUR, leased: vec!["other".into()], lease, busy: Vec::new() };
        rig.take(take).into_iter().map(|message| message.account).collect()
    };
    assert_eq!(taken(Duration::ZERO), ["acme".into(), "other".into()]);
    assert_eq!(taken(HOUR / 2), ["other".into()]);
    assert_eq!(taken(HOUR / 2), []);
    let [of_acme, of_other] = ["acme", "other"].map(|account| rig.reader.message(account, "m").unwrap().unwrap());
    assert!(of_acme.next_look_up > of_other.next_look_up && of_other.next_look_up > Some(now() + HOUR / 4));
}

fn recipients_that_become_known_later_are_found_by_number(mut rig: Rig) {
    let id = rig.id();
    rig.claim(send(id, None, "m", &[]));
    let known = || MessageUpdate { to: vec![digest(7)], ..update(id, 2, Some("v"), false) };
    rig.end(id, End::Done { reply: vec![] }, Some(known()));
    // Once more, as each look-up does.
    rig.update(known());
    let filter = || MessageFilter {
        accounts: Some(vec!["acme".into()]),
        recipient: vec![digest(7)],
        ..MessageFilter::default()
    };
    assert_eq!(rig.reader.messages(&filter(), None, 9).unwrap().messages.len(), 1);
    assert_eq!(rig.reader.message_by_vendor_id("acme", "v").unwrap().expect("found").write_id, id);
    assert_eq!(rig.purge(digest(7)), 1);
}

fn keys_are_removed_before_messages(mut rig: Rig) {
    let (old, young) = (rig.id_at(now() - 2 * HOUR), rig.id());
    let ids = [rig.id_at(now() - 2 * HOUR), rig.id_at(now() - 2 * HOUR), old, young];
    for (n, id) in (0..).zip(ids) {
        rig.claim(send(id, key(n, 1), &format!("m{n}"), &[n]));
        rig.done(id);
    }
    rig.retain(HOUR, 9 * HOUR);
    let retry = rig.id();
    assert_eq!(rig.claim(write(retry, key(2, 7))), Claimed::New);
    let replay = rig.claim(send(retry, key(3, 1), "m3", &[3]));
    assert_eq!(replay, Claimed::Replay { write_id: young, reply: Some(b"reply".to_vec()) });
    assert!((0..4).all(|n| rig.message(&format!("m{n}")).is_some()));

    rig.retain(HOUR, HOUR);
    let left: Vec<_> = (0..4).filter(|n| rig.message(&format!("m{n}")).is_some()).collect();
    assert_eq!(left, [3]);
    // Its id is free again.
    let again = rig.id();
    assert_eq!(rig.claim(send(again, None, "m0", &[1])), Claimed::New);
}

fn what_is_not_over_is_not_removed(mut rig: Rig) {
    let (running, scheduled) = (rig.id_at(now() - 2 * HOUR), rig.id_at(now() - 2 * HOUR));
    rig.claim(send(running, key(1, 1), "running", &[1]));
    let mut claim = send(scheduled, key(2, 1), "scheduled", &[1]);
    claim.message.as_mut().unwrap().schedule_time = Some(now() + HOUR);
    rig.claim(claim);
    rig.done(scheduled);
    // One was sent half an hour ago.
    let sent = rig.id_at(now() - 2 * HOUR);
    let mut claim = send(sent, key(3, 1), "sent", &[1]);
    claim.message.as_mut().unwrap().schedule_time = Some(now() - HOUR / 2);
    rig.claim(claim);
    rig.done(sent);
    rig.retain(HOUR, HOUR);
    let retry = rig.id();
    assert_eq!(rig.claim(write(retry, key(1, 1))), Claimed::Running { write_id: running, ours: true });
    assert!(matches!(rig.claim(write(retry, key(2, 1))), Claimed::Replay { .. }));
    assert!(matches!(rig.claim(write(retry, key(3, 1))), Claimed::Replay { .. }));
    assert!(["running", "scheduled", "sent"].iter().all(|id| rig.message(id).is_some()));
    rig.retain(HOUR / 4, HOUR);
    assert_eq!(rig.message("sent"), None);
}

fn a_purge_erases_and_keeps_the_key(mut rig: Rig) {
    let ids: Vec<_> = (0..3).map(|_| rig.id()).collect();
    for (n, to) in (0..).zip([&[7, 8][..], &[7], &[8]]) {
        rig.claim(send(ids[usize::from(n)], key(n, 1), &format!("m{n}"), to));
        rig.done(ids[usize::from(n)]);
    }
    let running = rig.id();
    rig.claim(send(running, key(3, 1), "m3", &[7]));
    assert_eq!((rig.purge(digest(7)), rig.purge(digest(7))), (3, 0));
    // What was on its way meanwhile does not bring it back.
    rig.update(update(ids[0], 2, None, false));
    rig.end(running, End::Done { reply: b"reply".to_vec() }, Some(update(running, 2, None, false)));
    assert_eq!(rig.message("m3").unwrap().body, b"");
    let bodies: Vec<_> = (0..3).map(|n| rig.message(&format!("m{n}")).unwrap().body.len()).collect();
    assert_eq!(bodies, [0, 0, 7]);
    let retry = rig.id();
    for (n, write_id) in [(1, ids[1]), (3, running)] {
        let erased = Claimed::Replay { write_id, reply: None };
        assert_eq!(rig.claim(send(retry, key(n, 1), "again", &[7])), erased);
    }
    assert!(matches!(rig.claim(send(retry, key(2, 1), "m2", &[8])), Claimed::Replay { reply: Some(_), .. }));
}

fn the_hash_key_is_remembered(mut rig: Rig) {
    assert!(rig.engine.check_key(digest(1)).unwrap());
    assert!(rig.engine.check_key(digest(1)).unwrap());
    assert!(!rig.engine.check_key(digest(2)).unwrap());
}

fn stats_count_by_age(mut rig: Rig) {
    let (old, recent, new) = (rig.id_at(now() - 48 * HOUR), rig.id_at(now() - 2 * HOUR), rig.id());
    for (id, name) in [(old, "a"), (recent, "b"), (new, "c")] {
        rig.claim(send(id, None, name, &[1]));
    }
    rig.end(old, End::Unknown { error: vec![] }, None);
    let open = MessageUpdate { look_up_after: Some(HOUR), ..update(recent, 2, None, false) };
    rig.end(recent, End::Done { reply: vec![] }, Some(open));
    // Nothing to commit is a flush.
    rig.engine.commit(&mut [], Flush::Full).unwrap();
    let stats = rig.reader.stats().unwrap();
    assert_eq!((stats.oldest, stats.newest, stats.running), (Some(old), Some(new), 1));
    assert_eq!((stats.unknown.older, stats.unknown.minute, stats.open.day, stats.open.older), (1, 0, 1, 0));
    assert!(stats.bytes > 0 && stats.schema > 0, "{stats:?}");
}

fn what_is_found_by_hashes_of_numbers_is_told_by_range(mut rig: Rig) {
    let found = |rig: &mut Rig, from: &[u8], below: &[u8]| rig.reader.found_by_numbers(from, below).unwrap();
    assert!(found(&mut rig, &[], &[255; 17]).is_empty());
    let id = rig.id();
    rig.claim(send(id, None, "m", &[7]));
    assert_eq!(found(&mut rig, &[], &[255; 17]), ["messages"]);
    assert_eq!(found(&mut rig, &[7], &[8]), ["messages"]);
    assert_eq!(found(&mut rig, &[7; 16], &[7; 17]), ["messages"]);
    assert!(found(&mut rig, &[8], &[255; 17]).is_empty() && found(&mut rig, &[], &[7; 16]).is_empty());

    assert!(rig.reader.number_keys().unwrap().is_empty());
    for tag in [[1, 2, 3, 4], [0, 0, 255, 0], [1, 2, 3, 4]] {
        rig.engine.note_number_key(tag).unwrap();
    }
    let mut known = rig.reader.number_keys().unwrap();
    known.sort_unstable();
    assert_eq!(known, [[0, 0, 255, 0], [1, 2, 3, 4]]);
}
