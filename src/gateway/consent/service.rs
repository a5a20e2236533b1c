//! ConsentService: who opted out, and the ledger of it.

use std::sync::Arc;

use prost::Message as _;
use uuid::Uuid;

use super::{Brand, Change, Consents};
use crate::{
    api::pb::{
        CheckConsentRequest, CheckConsentResponse, Consent, ConsentEvidence, ConsentOrigin, ConsentRecord,
        ErasePersonRequest, ErasePersonResponse, EventSource, ListConsentRecordsRequest, ListConsentRecordsResponse,
        ListConsentsRequest, ListConsentsResponse, Purpose, SetConsentRequest, SetConsentResponse,
    },
    call::Call,
    error::{Error, Outcome, Reason},
    gateway::{
        Gateway,
        layers::{ALL, find, find_all},
    },
    request::{check::Check, page, token},
    store::{self, Append, ConsentAct, ConsentEntry, ConsentFilter, Digest},
};

/// The most characters of a note.
const NOTE: usize = 1000;

impl Gateway {
    pub(crate) async fn check_consent(
        &self,
        call: &Call,
        request: CheckConsentRequest,
    ) -> Result<CheckConsentResponse, Error> {
        let CheckConsentRequest { parent, phone_number, purpose } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        check.phone_number(&phone_number, || "phone_number".to_owned());
        let purpose = Purpose::try_from(purpose);
        check.that(purpose.is_ok(), "purpose", "unknown value");
        check.done()?;
        let consents = self.consents()?;
        find(&self.accounts(), call, &parent, "parent")?;
        let brands = Some(vec![consents.brand(&parent).name.clone()]);
        let known = consents.known(brands, &phone_number).await?.pop();
        let is_blocked = known.as_ref().is_some_and(|entry| entry.blocked);
        let permitted = !(is_blocked && consents.covers(purpose.unwrap_or_default(), &phone_number));
        Ok(CheckConsentResponse { permitted, consent: known.map(describe) })
    }

    pub(crate) async fn set_consent(
        &self,
        call: &Call,
        request: SetConsentRequest,
    ) -> Result<SetConsentResponse, Error> {
        let SetConsentRequest { parent, phone_number, blocked, origin, act_time, note } = request;
        let mut check = of_parent(&parent);
        check.phone_number(&phone_number, || "phone_number".to_owned());
        check.at_most(&note, NOTE, "note");
        check.time(act_time, "act_time");
        let known = ConsentOrigin::try_from(origin);
        check.that(known.is_ok(), "origin", "unknown value");
        check.done()?;
        let consents = self.consents()?;
        let origin = match known.unwrap_or_default() {
            ConsentOrigin::Unspecified => ConsentOrigin::Manual,
            origin => origin,
        };
        let brands = self.brands(call, &parent)?;
        let caller = call.caller().map_or_else(String::new, |caller| caller.name().to_string());
        let event = |(account, _): &(Arc<str>, Brand)| {
            consents.event(Change {
                account,
                id: format!("set {}", Uuid::now_v7().simple()),
                phone_number: phone_number.clone(),
                act: if blocked { ConsentAct::Block(origin.into()) } else { ConsentAct::Allow(origin.into()) },
                act_time,
                evidence: ConsentEvidence { caller: caller.clone(), note: note.clone(), ..ConsentEvidence::default() },
                origin: name(origin),
                text: String::new(),
                source: EventSource::Operator,
                confirmed: true,
            })
        };
        let events = brands.iter().map(event).collect();
        consents.store.append(Append { events, ..Append::default() }).await?;
        consents.see().await?;
        let names = brands.into_iter().map(|(_, brand)| brand.name).collect();
        let known = consents.known(Some(names), &phone_number).await?;
        Ok(SetConsentResponse { consents: known.into_iter().map(describe).collect() })
    }

    pub(crate) async fn list_consents(
        &self,
        call: &Call,
        request: ListConsentsRequest,
    ) -> Result<ListConsentsResponse, Error> {
        let ListConsentsRequest { parent, page_size, page_token, show_permitted } = request;
        let mut check = of_parent(&parent);
        let limit = page::size(&mut check, page_size);
        let list = ("ListConsents", &parent, show_permitted);
        let after: Option<(String, [u8; 16])> = opened(&mut check, &page_token, &list);
        check.done()?;
        let consents = self.consents()?;
        let brands = self.brands(call, &parent)?.into_iter().map(|(_, brand)| brand.name).collect();
        let filter = ConsentFilter { brands: Some(brands), numbers: Vec::new(), blocked: !show_permitted };
        let after = after.map(|(brand, number)| (brand.into(), Digest(number)));
        let entries = consents.store.consents(filter, after, limit).await?;
        let next = entries.last().filter(|_| entries.len() == limit as usize);
        let next = next.map(|last| token::seal(&(&*last.brand, last.number.0), &list));
        let consents = entries.into_iter().map(describe).collect();
        Ok(ListConsentsResponse { consents, next_page_token: next.unwrap_or_default() })
    }

    pub(crate) async fn list_consent_records(
        &self,
        call: &Call,
        request: ListConsentRecordsRequest,
    ) -> Result<ListConsentRecordsResponse, Error> {
        let ListConsentRecordsRequest { parent, page_size, page_token, phone_number } = request;
        let mut check = of_parent(&parent);
        let limit = page::size(&mut check, page_size);
        if !phone_number.is_empty() {
            check.phone_number(&phone_number, || "phone_number".to_owned());
        }
        let list = ("ListConsentRecords", &parent, &phone_number);
        let after: Option<i64> = opened(&mut check, &page_token, &list);
        check.done()?;
        let consents = self.consents()?;
        let brands = self.brands(call, &parent)?.into_iter().map(|(_, brand)| brand.name).collect();
        let numbers = if phone_number.is_empty() { Vec::new() } else { consents.store.numbers(&phone_number) };
        let filter = ConsentFilter { brands: Some(brands), numbers, blocked: false };
        let records = consents.store.consent_records(filter, after.unwrap_or_default(), limit).await?;
        let next = records.last().filter(|_| records.len() == limit as usize);
        let next = next.map(|last| token::seal(&last.sequence, &list));
        let records = records.into_iter().map(describe_record).collect();
        Ok(ListConsentRecordsResponse { records, next_page_token: next.unwrap_or_default() })
    }

    pub(crate) async fn erase_person(
        &self,
        call: &Call,
        request: ErasePersonRequest,
    ) -> Result<ErasePersonResponse, Error> {
        let ErasePersonRequest { parent, phone_number } = request;
        let mut check = Check::new();
        check.that(parent == ALL, "parent", "must be accounts/-: a person is erased from all accounts");
        check.phone_number(&phone_number, || "phone_number".to_owned());
        check.done()?;
        let consents = self.consents()?;
        if let Some(id) = self.accounts().keys().find(|id| !call.may_use(id)) {
            let text = format!("the caller may not use accounts/{id}, and a person is erased from all accounts");
            return Err(Error::new(Reason::AccountNotGranted, text).outcome(Outcome::NotSent));
        }
        let erased = consents.store.purge(consents.store.numbers(&phone_number)).await?;
        let known = consents.known(None, &phone_number).await?;
        let caller = call.caller().map_or_else(String::new, |caller| caller.name().to_string());
        let note = |entry: &ConsentEntry| {
            let evidence =
                ConsentEvidence { caller: caller.clone(), note: "erased".to_owned(), ..ConsentEvidence::default() };
            let change = consents.change(&ALL.into(), &phone_number, ConsentAct::Erase, None, evidence);
            store::ConsentChange { brand: entry.brand.clone(), ..change }
        };
        let changes = known.iter().map(note).collect();
        consents.store.append(Append { consents: changes, ..Append::default() }).await?;
        Ok(ErasePersonResponse { message_count: i64::try_from(erased).unwrap_or(i64::MAX) })
    }

    fn consents(&self) -> Result<&Consents, Error> {
        self.log().map(|log| &**log.consents()).ok_or_else(|| {
            let text = "consent is not kept, as this server has no store";
            Error::new(Reason::Unsupported, text).outcome(Outcome::NotSent)
        })
    }

    /// Returns the brands that a parent means, each with one of its accounts.
    ///
    /// # Errors
    /// ACCOUNT_NOT_GRANTED or ACCOUNT_NOT_FOUND.
    fn brands(&self, call: &Call, parent: &str) -> Result<Vec<(Arc<str>, Brand)>, Error> {
        let consents = self.consents()?;
        let mut brands: Vec<(Arc<str>, Brand)> = Vec::new();
        for account in find_all(&self.accounts(), call, parent, "parent")? {
            let brand = consents.brand(&account);
            if brands.iter().all(|(_, known)| known.name != brand.name) {
                brands.push((account, brand.clone()));
            }
        }
        Ok(brands)
    }
}

impl Consents {
    /// Returns what is known of a person.
    pub(super) async fn known(
        &self,
        brands: Option<Vec<Arc<str>>>,
        phone_number: &str,
    ) -> Result<Vec<ConsentEntry>, Error> {
        let filter = ConsentFilter { brands, numbers: self.store.numbers(phone_number), blocked: false };
        self.store.consents(filter, None, u32::MAX).await
    }
}

/// Checks a parent that may mean all accounts.
fn of_parent(parent: &str) -> Check {
    let mut check = Check::new();
    if parent != ALL {
        check.account(parent, "parent");
    }
    check
}

fn opened<T: serde::de::DeserializeOwned>(
    check: &mut Check,
    page_token: &str,
    list: &impl serde::Serialize,
) -> Option<T> {
    let opened = (!page_token.is_empty()).then(|| token::open(page_token, list)).flatten();
    check.that(page_token.is_empty() || opened.is_some(), "page_token", "was not made for this list");
    opened
}

fn name(origin: ConsentOrigin) -> String {
    origin.as_str_name().trim_start_matches("CONSENT_ORIGIN_").to_ascii_lowercase()
}

fn describe(entry: ConsentEntry) -> Consent {
    let ConsentEntry { brand, number: _, blocked, origin, time, person } = entry;
    Consent {
        brand: brand.to_string(),
        phone_number: String::from_utf8_lossy(&person).into_owned(),
        blocked,
        origin,
        record_time: Some(time.into()),
    }
}

fn describe_record(record: store::ConsentRecord) -> ConsentRecord {
    let store::ConsentRecord { sequence, entry, act_time, digest, evidence, hash } = record;
    ConsentRecord {
        sequence,
        number_hash: entry.number.0.to_vec(),
        consent: Some(describe(entry)),
        act_time: Some(act_time.into()),
        evidence: (!evidence.is_empty()).then(|| ConsentEvidence::decode(&*evidence).unwrap_or_default()),
        evidence_hash: digest.0.to_vec(),
        hash,
    }
}
