//! Who must not be written to, and the ledger of it, in every engine.

use smsmux::store::{Append, ConsentAct, ConsentChange, ConsentEntry, ConsentFilter, ConsentRecord, Digest, NewEvent};

use super::{
    events::{all, append, event, of},
    rig::{Rig, digest, now},
};

const KEYWORD: i32 = 1;
const LEGAL: i32 = 6;

fn change(brand: &str, number: u8, act: ConsentAct) -> ConsentChange {
    ConsentChange {
        brand: brand.into(),
        number: digest(number),
        older: Vec::new(),
        act,
        act_time: now(),
        person: vec![number],
        evidence: b"evidence".to_vec(),
        digest: digest(9),
    }
}

/// An event that changes something.
fn bound(id: u8, number: u8, act: ConsentAct) -> NewEvent {
    NewEvent { consent: Some(Box::new(change("acme", number, act))), number: Some(digest(number)), ..event(id, 3) }
}

fn records(rig: &mut Rig) -> Vec<ConsentRecord> {
    rig.reader.consent_records(&ConsentFilter::default(), 0, 1000).unwrap()
}

fn entries(rig: &mut Rig, filter: &ConsentFilter) -> Vec<ConsentEntry> {
    rig.reader.consents(filter, None, 1000).unwrap()
}

/// Whether each record follows the one before it.
fn is_chain(records: &[ConsentRecord]) -> bool {
    let mut before = vec![0; 32];
    (1..).zip(records).all(|(sequence, record)| {
        let is_next = record.sequence == sequence && record.hash_after(&before) == record.hash;
        before.clone_from(&record.hash);
        is_next
    })
}

pub(super) fn a_change_is_recorded_once_with_its_event_in_a_chain_of_hashes(mut rig: Rig) {
    use ConsentAct::{Allow, Block, Lift};
    let stop = bound(1, 7, Block(KEYWORD));
    assert_eq!(append(&mut rig, of(vec![stop.clone(), event(2, 1)])).new, 2);
    // The same push once more, and what has no effect: no event and no record.
    assert_eq!(append(&mut rig, of(vec![stop.clone()])).new, 0);
    assert_eq!(append(&mut rig, of(vec![bound(3, 7, Block(KEYWORD)), bound(4, 8, Lift(KEYWORD))])).new, 0);
    // In one commit each sees the one before it.
    let both = vec![bound(5, 7, Lift(KEYWORD)), bound(6, 7, Block(LEGAL)), bound(7, 7, Lift(KEYWORD))];
    assert_eq!(append(&mut rig, of(both)).new, 2);
    // The event of a block that was lifted since does not block again.
    let consents = vec![change("acme", 7, Allow(LEGAL)), change("other", 7, Block(KEYWORD))];
    assert_eq!(append(&mut rig, Append { consents, ..Append::default() }).consents, 2);
    assert_eq!(append(&mut rig, of(vec![stop])).new, 0);

    assert_eq!(all(&mut rig), [(1, 1), (2, 2), (3, 5), (4, 6)]);
    let found = records(&mut rig);
    let states: Vec<_> =
        found.iter().map(|r| (&*r.entry.brand, r.entry.number, r.entry.blocked, r.entry.origin)).collect();
    let seven = digest(7);
    let acme = |blocked, origin| ("acme", seven, blocked, origin);
    let expected = [acme(true, KEYWORD), acme(false, KEYWORD), acme(true, LEGAL), acme(false, LEGAL)];
    assert_eq!(states, [&expected[..], &[("other", seven, true, KEYWORD)]].concat());
    assert!(is_chain(&found));
    let edits: [fn(&mut ConsentRecord); 2] = [|r| r.entry.blocked = false, |r| r.entry.number = Digest([0; 16])];
    for edit in edits {
        let mut forged = found.clone();
        edit(&mut forged[2]);
        assert!(!is_chain(&forged));
    }
    assert!(!is_chain(&[&found[..1], &found[2..]].concat()));
    assert_eq!(rig.reader.newest_consent_record().unwrap(), 5);
    let Some(mut rig) = rig.after_a_crash() else { return };
    append(&mut rig, of(vec![bound(8, 8, Block(KEYWORD))]));
    assert!(records(&mut rig).len() == 6 && is_chain(&records(&mut rig)));
}

pub(super) fn a_purge_erases_the_number_and_keeps_the_block(mut rig: Rig) {
    append(&mut rig, of(vec![bound(1, 7, ConsentAct::Block(KEYWORD)), bound(2, 8, ConsentAct::Block(KEYWORD))]));
    rig.purge(digest(7));
    let erase = ConsentChange { person: vec![], ..change("acme", 7, ConsentAct::Erase) };
    append(&mut rig, Append { consents: vec![erase], ..Append::default() });
    let known: Vec<_> =
        entries(&mut rig, &ConsentFilter::default()).into_iter().map(|e| (e.number, e.blocked, e.person)).collect();
    assert_eq!(known, [(digest(7), true, vec![]), (digest(8), true, vec![8])]);
    let found = records(&mut rig);
    let evidence: Vec<_> = found.iter().map(|record| record.evidence.len()).collect();
    assert!(evidence == [0, 8, 8] && is_chain(&found), "{evidence:?}");
}

pub(super) fn people_are_listed_by_brand_and_page(mut rig: Rig) {
    use ConsentAct::{Allow, Block};
    let consents = vec![
        change("b", 1, Block(KEYWORD)),
        change("a", 3, Block(KEYWORD)),
        change("a", 2, Block(KEYWORD)),
        change("a", 4, Allow(LEGAL)),
        change("a", 5, Block(KEYWORD)),
    ];
    append(&mut rig, Append { consents, ..Append::default() });
    let mut list = |filter: &ConsentFilter, after: Option<(&str, u8)>, limit| -> Vec<u8> {
        let after = after.map(|(brand, number)| (brand.into(), digest(number)));
        rig.reader.consents(filter, after, limit).unwrap().iter().map(|entry| entry.number.0[0]).collect()
    };
    let any = ConsentFilter::default;
    assert_eq!(list(&any(), None, 9), [2, 3, 4, 5, 1]);
    assert_eq!(list(&any(), Some(("a", 3)), 2), [4, 5]);
    assert_eq!(list(&ConsentFilter { blocked: true, ..any() }, None, 9), [2, 3, 5, 1]);
    assert_eq!(list(&ConsentFilter { brands: Some(vec!["a".into()]), ..any() }, None, 9), [2, 3, 4, 5]);
    assert_eq!(list(&ConsentFilter { numbers: vec![digest(1)], ..any() }, None, 9), [1]);
    let filter = ConsentFilter { numbers: vec![digest(2)], ..any() };
    assert_eq!(rig.reader.consent_records(&filter, 0, 9).unwrap().len(), 1);
    assert_eq!(rig.reader.consent_records(&any(), 3, 1).unwrap()[0].sequence, 4);
}

pub(super) fn a_person_is_known_by_another_hash_from_a_change_on(mut rig: Rig) {
    use ConsentAct::{Allow, Block, Erase, Lift};
    let of = |number, older: &[u8], act| ConsentChange {
        older: older.iter().copied().map(digest).collect(),
        ..change("acme", number, act)
    };
    let record = |rig: &mut Rig, changes: Vec<ConsentChange>| {
        append(rig, Append { consents: changes, ..Append::default() }).consents
    };
    let known = |rig: &mut Rig| -> Vec<_> {
        entries(rig, &ConsentFilter::default()).iter().map(|e| (e.number, e.blocked, e.origin)).collect()
    };
    let found = |rig: &mut Rig, number| {
        let filter = ConsentFilter { numbers: vec![digest(number)], ..ConsentFilter::default() };
        rig.reader.consent_records(&filter, 0, 9).unwrap().iter().map(|r| r.entry.number.0[0]).collect::<Vec<_>>()
    };
    assert_eq!(record(&mut rig, vec![change("acme", 7, Block(KEYWORD)), change("acme", 8, Block(LEGAL))]), 2);
    // Also if the change has no effect.
    assert_eq!(record(&mut rig, vec![of(17, &[7], Block(KEYWORD)), of(17, &[7], Lift(KEYWORD))]), 1);
    assert_eq!(known(&mut rig), [(digest(8), true, LEGAL), (digest(17), false, KEYWORD)]);
    assert_eq!((found(&mut rig, 7), found(&mut rig, 17)), (vec![], vec![7, 17]));
    assert_eq!(entries(&mut rig, &ConsentFilter::default())[1].person, [17]);

    // A purge finds all of the person, and the number does not come back.
    rig.purge(digest(17));
    assert_eq!(record(&mut rig, vec![ConsentChange { person: vec![], ..of(27, &[17, 7], Erase) }]), 1);
    assert_eq!(
        (found(&mut rig, 27), entries(&mut rig, &ConsentFilter::default())[1].person.len()),
        (vec![7, 17, 27], 0)
    );
    let evidence: Vec<_> = records(&mut rig).iter().map(|record| record.evidence.len()).collect();
    assert_eq!(evidence, [0, 8, 0, 8]);

    // Whoever is known by both is blocked if one says so.
    assert_eq!(record(&mut rig, vec![change("acme", 18, Allow(KEYWORD))]), 1);
    assert_eq!(record(&mut rig, vec![of(18, &[8], Block(KEYWORD))]), 0);
    assert_eq!(known(&mut rig)[0], (digest(18), true, LEGAL));
    assert_eq!(found(&mut rig, 18), [8, 18]);
    assert!(is_chain(&records(&mut rig)));
}
