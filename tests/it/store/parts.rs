//! A send of several parts: what is recorded of each, and who goes on with the rest.

use smsmux::store::{
    Ask, Claim, Claimed, End, Op, Outcome, RecipientUpdate, Recipients, Resume, StoredRecipient, WriteId, WriteState,
};

use super::rig::{Rig, key, send, update};

/// The states of the recipients of the message `m`.
fn states(rig: &mut Rig) -> Vec<(u32, i32, Option<String>)> {
    let of = |StoredRecipient { index, state, vendor_message_id, .. }| (index, state, vendor_message_id);
    rig.message("m").expect("the message").recipients.into_iter().map(of).collect()
}

pub(super) fn recipients_are_recorded_until_the_write_has_ended(mut rig: Rig) {
    let id = rig.id();
    rig.claim(send(id, key(1, 1), "m", &[1, 2, 3]));
    assert_eq!(states(&mut rig), [(0, 1, None), (1, 1, None), (2, 1, None)]);
    // In one batch the later state stays, and a final one is kept.
    let answers = rig.recipients(
        id,
        &[
            (1, -1, None, false),
            (2, -1, None, false),
            (1, 9, None, false),
            (0, 2, Some("v"), false),
            (0, 4, None, true),
            (0, 5, Some("w"), false),
        ],
    );
    assert_eq!(answers, [true; 6]);
    let known = [(0, 4, Some("v".to_owned())), (1, 9, None), (2, -1, None)];
    assert_eq!(states(&mut rig), known);
    assert_eq!(rig.message("m").expect("the message").body, b"claimed");
    assert_eq!(rig.reader.message_by_vendor_id("acme", "v").unwrap().expect("found").recipients.len(), 3);

    // Nobody makes the write any more, but what it still says is true.
    rig.end(id, End::Unknown { error: vec![] }, None);
    assert_eq!(rig.recipients(id, &[(1, 2, Some("x"), false)]), [false]);
    assert_eq!(states(&mut rig)[1], (1, 2, Some("x".to_owned())));
    rig.done(id);
    assert_eq!(rig.recipients(id, &[(2, 2, Some("y"), false)]), [false]);
    assert_eq!(states(&mut rig), [], "the body has them");
    assert_eq!(rig.reader.message_by_vendor_id("acme", "y").unwrap(), None);
}

pub(super) fn a_recipient_may_be_of_another_account(mut rig: Rig) {
    let id = rig.id();
    rig.claim(send(id, key(1, 1), "m", &[1, 2]));
    let through = |index, account: Option<&str>, id: Option<&str>| RecipientUpdate {
        index,
        state: 9,
        vendor_message_id: id.map(str::to_owned),
        account: account.map(Into::into),
        is_final: false,
    };
    let find = |rig: &mut Rig, account: &str, id: &str| {
        rig.reader.message_by_vendor_id(account, id).unwrap().map(|found| found.message_id)
    };
    // One account after the other, in one batch: the id of the first one is none of the second's.
    rig.commit(&mut [
        recipients(id, through(0, Some("first"), Some("v"))),
        recipients(id, through(0, Some("second"), Some(""))),
        recipients(id, through(1, None, Some("w"))),
    ]);
    let of = |recipient: StoredRecipient| (recipient.account, recipient.vendor_message_id);
    let found: Vec<_> = rig.message("m").expect("the message").recipients.into_iter().map(of).collect();
    assert_eq!(found, [(Some("second".to_owned()), Some(String::new())), (None, Some("w".to_owned()))]);
    rig.commit(&mut [recipients(id, through(0, None, Some("x")))]);
    for (account, id, message) in
        [("second", "x", Some("m")), ("first", "v", None), ("acme", "x", None), ("acme", "w", Some("m"))]
    {
        assert_eq!(find(&mut rig, account, id).as_deref(), message, "{account} {id}");
    }
}

fn recipients(write_id: WriteId, update: RecipientUpdate) -> Op {
    Op::Recipients(Box::new(Ask::new(Recipients { write_id, recipients: vec![update] })))
}

pub(super) fn an_unfinished_write_goes_on_once_under_another_id(mut rig: Rig) {
    let (first, second, third) = (rig.id(), rig.id(), rig.id());
    rig.claim(send(first, key(1, 1), "m", &[1, 2]));
    rig.recipients(first, &[(1, -1, None, false)]);
    let again = |id| {
        let mut claim = send(id, key(1, 1), "m", &[1, 2]);
        claim.message.as_mut().unwrap().body = b"resumed".to_vec();
        claim
    };
    let version = |rig: &mut Rig| rig.message("m").expect("the message").version;
    let running = version(&mut rig);
    assert!(!rig.resume(first, running, again(second)), "it is being made");
    rig.end(first, End::Unknown { error: vec![] }, None);
    let read = version(&mut rig);
    assert!(!rig.resume(first, read, Claim { key: key(2, 1), ..again(second) }), "another key");
    // It is cancelled after it was read.
    rig.update(update(first, 7, None, false));
    assert!(!rig.resume(first, read, again(second)), "it has changed");
    let read = version(&mut rig);
    assert!(rig.resume(first, read, again(second)));
    assert!(!rig.resume(first, read, again(third)), "somebody else goes on with it");

    // The first attempt is over, whatever it still says.
    assert_eq!(rig.recipients(first, &[(1, 9, None, false)]), [false]);
    rig.end(first, End::Free, Some(update(first, 8, None, true)));
    assert_eq!(rig.reader.message_of_write(first).unwrap(), None);
    let message = rig.message("m").unwrap();
    assert_eq!(
        (message.write_id, message.write_state, &message.body[..]),
        (second, WriteState::Claimed, &b"resumed"[..])
    );
    assert_eq!(states(&mut rig), [(0, 7, None), (1, -1, None)]);
    assert_eq!(rig.claim(again(third)), Claimed::Running { write_id: second, ours: true });
    assert_eq!(rig.recipients(second, &[(1, 9, None, false)]), [true]);
    rig.done(second);
    assert_eq!(rig.claim(again(third)), Claimed::Replay { write_id: second, reply: Some(b"reply".to_vec()) });
}

/// The call that goes on with the rest is given up at once.
pub(super) fn an_attempt_that_ends_in_the_batch_of_its_begin_has_ended(mut rig: Rig) {
    let (first, second) = (rig.id(), rig.id());
    rig.claim(send(first, key(1, 1), "m", &[1, 2]));
    rig.end(first, End::Unknown { error: vec![] }, None);
    let claim = send(second, key(1, 1), "m", &[1, 2]);
    let outcome = Outcome { write_id: second, end: End::Unknown { error: vec![] }, message: None };
    let version = rig.message("m").expect("the message").version;
    let resume = Resume { from: first, version, claim };
    rig.commit(&mut [Op::Resume(Box::new(Ask::new(resume))), Op::Outcome(Box::new(outcome))]);
    let message = rig.message("m").unwrap();
    assert_eq!((message.write_id, message.write_state), (second, WriteState::Unknown));
}
