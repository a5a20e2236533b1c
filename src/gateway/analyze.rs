//! AnalyzeMessage: segments, encoding and numbers of a message, without a vendor.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use futures::FutureExt;
use tokio::time::timeout_at;

use super::{
    Account, Gateway, Guard, Quiet,
    consent::OptOuts,
    decisions::Deciders,
    layers::{find, refusals},
    work::Work,
};
use crate::{
    api::pb::{
        AnalyzeMessageRequest, AnalyzeMessageResponse, AnalyzedNumber, Encoding, Refusal, RouteDecision,
        SendMessageRequest,
    },
    call::Call,
    error::{Error, Outcome, Reason},
    gateway::slices::{STEPS, Slices},
    request::{check::Check, names},
    text::{
        gsm,
        numbers::{self, Region},
        segments::{Alphabet, Counter, Segments},
        senders::Senders,
    },
    vendors::{self, REGISTRY},
};

/// The bytes of text that count as one step of work.
const STEP: usize = 2048;

/// The most characters listed as the reason for UCS-2: more than an SMS has.
const MAX_CHARACTERS: usize = 1000;

/// The most recipients, the same as the API documents for a send.
const MAX_RECIPIENTS: usize = 10_000;

impl Gateway {
    pub(crate) async fn analyze_message(
        &self,
        call: &Call,
        request: AnalyzeMessageRequest,
    ) -> Result<AnalyzeMessageResponse, Error> {
        let AnalyzeMessageRequest { message, region_code } = request;
        let mut check = Check::new();
        check.that(message.is_some(), "message", "is required");
        check.done()?;
        let message = message.unwrap_or_default();
        // Shorter work needs neither another thread nor the permit for long work.
        if message.recipients.len() + message.text.len() / STEP >= STEPS {
            call.mark_large();
        }
        let (account, region) = self.read(call, &message, &region_code)?;
        let known = Known {
            senders: self.senders.clone(),
            opt_outs: self.opt_outs.clone().or_else(|| Some(self.log()?.consents().clone() as Arc<dyn OptOuts>)),
            guard: self.guard.clone(),
            quiet: self.quiet.clone(),
        };
        let work = Work::new(call.clone(), analyze(call.clone(), message, account, region, known).map(Ok));
        // Long work waits for other long work.
        timeout_at(call.deadline(), work).await.unwrap_or_else(|_| {
            let text = "the deadline passed while other messages were being analyzed";
            Err(Error::new(Reason::DeadlineExceeded, text).outcome(Outcome::NotSent))
        })
    }

    /// Reads the account and the region that a message is analyzed for.
    fn read(
        &self,
        call: &Call,
        SendMessageRequest { parent, recipients, .. }: &SendMessageRequest,
        region_code: &str,
    ) -> Result<(Option<Arc<Account>>, Option<Region>), Error> {
        let mut check = Check::new();
        let region = numbers::region(region_code);
        let known = region.is_some() || region_code.is_empty();
        check.that(known, "region_code", "must be two letters of ISO 3166-1, such as IT");
        let count = recipients.len();
        let text_of_count = format!("has {count} entries; at most {MAX_RECIPIENTS} are allowed");
        check.that(count <= MAX_RECIPIENTS, "message.recipients", text_of_count);
        if !parent.is_empty() {
            check.account(parent, "message.parent");
        }
        check.done()?;
        let account =
            if parent.is_empty() { None } else { Some(find(&self.accounts(), call, parent, "message.parent")?) };
        Ok((account, region))
    }
}

/// What this server knows that decides about a send.
struct Known {
    senders: Arc<Senders>,
    opt_outs: Option<Arc<dyn OptOuts>>,
    guard: Option<Arc<Guard>>,
    quiet: Option<Arc<Quiet>>,
}

/// Analyzes a message, in slices, as it may run on a serving thread.
async fn analyze(
    call: Call,
    message: SendMessageRequest,
    account: Option<Arc<Account>>,
    region: Option<Region>,
    Known { senders, opt_outs, guard, quiet }: Known,
) -> AnalyzeMessageResponse {
    let arrives = account.as_deref().map_or(gsm::contains as fn(char) -> bool, arrives);
    let mut slices = Slices::new();
    let is_ucs_2 = message.encoding() == Encoding::Ucs2;
    let Counted { segments: Segments { units, count, left }, alphabet, ucs_2_characters } =
        count_text(&message.text, is_ucs_2, arrives, &mut slices).await;
    let numbers = read_numbers(message.recipients.clone(), region, &mut slices).await;
    slices.pause().await;
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);

    let readable = numbers.iter().map(|number| match number.phone_number.as_str() {
        "" => number.input.as_str(),
        e164 => e164,
    });
    let sender = message.sender.clone();
    let (refusals, decisions) = match account {
        None => {
            let mut check = Check::new();
            // Checks what is invalid for every account. A number that is invalid by itself has its own entry in the
            // response.
            check.no_number_twice(readable, |i| format!("recipients[{i}]"));
            check.schedule(message.schedule_time.as_ref(), "schedule_time");
            (check.violations(), Vec::new())
        }
        Some(account) => {
            let send = SendMessageRequest { recipients: readable.map(str::to_owned).collect(), ..message };
            let deciders = Deciders { opt_outs: opt_outs.as_deref(), guard: guard.as_deref(), quiet: quiet.as_deref() };
            let mut decisions = deciders.decide(&call, &account, &send, &mut slices).await;
            for decision in &mut decisions {
                let first = decision.accounts.first().map(|name| names::account_id(name));
                let first = account.route.as_ref().and_then(|route| route.leaf(first?));
                // Most vendors send a text in the same alphabet.
                decision.segment_count = match first.map_or(arrives, |first| self::arrives(first)) {
                    other if !std::ptr::fn_addr_eq(other, arrives) => {
                        number(count_text(&send.text, is_ucs_2, other, &mut slices).await.segments.count)
                    }
                    _ => number(count),
                };
            }
            (refusals(&call, &account, send).await, decisions)
        }
    };
    let warnings = match decisions.is_empty() {
        true => warnings(&senders, numbers.iter().map(|number| (sender.as_str(), number))),
        false => warnings(&senders, senders_of(&decisions, &numbers)),
    };
    // Writing the response comes next.
    slices.pause().await;
    let refusals = refusals.into_iter().map(|v| Refusal { field: v.field, description: v.description });
    AnalyzeMessageResponse {
        numbers,
        encoding: match alphabet {
            Alphabet::Gsm7 => Encoding::Gsm7.into(),
            Alphabet::Ucs2 => Encoding::Ucs2.into(),
        },
        ucs_2_characters,
        unit_count: number(units),
        segment_count: number(count),
        units_left: number(left),
        refusals: refusals.collect(),
        warnings,
        decisions,
    }
}

/// Returns which characters the vendor of an account sends in GSM 7-bit as they are.
fn arrives(account: &Account) -> fn(char) -> bool {
    let vendor = vendors::platform(&account.site.vendor);
    let registered = REGISTRY.iter().find(|(name, ..)| *name == vendor);
    registered.map_or(gsm::contains as fn(char) -> bool, |(_, _, arrives)| *arrives)
}

/// Returns what the countries of the numbers do not permit as a sender, each country once.
fn warnings<'a>(senders: &Senders, sent: impl Iterator<Item = (&'a str, &'a AnalyzedNumber)>) -> Vec<Refusal> {
    let countries: BTreeSet<_> = sent.map(|(sender, number)| (number.region_code.as_str(), sender)).collect();
    let problems = countries.into_iter().filter_map(|(country, sender)| senders.problem(sender, country));
    problems.map(|description| Refusal { field: "sender".to_owned(), description }).collect()
}

/// Returns the sender by which a route sends to each number.
fn senders_of<'a>(
    decisions: &'a [RouteDecision],
    numbers: &'a [AnalyzedNumber],
) -> impl Iterator<Item = (&'a str, &'a AnalyzedNumber)> {
    decisions.iter().filter(|decision| decision.refusal.is_empty()).flat_map(|decision| {
        let of = |index: &i32| numbers.get(usize::try_from(*index).ok()?);
        decision.recipients.iter().filter_map(of).map(|number| (decision.sender.as_str(), number))
    })
}

/// The segments and encoding of a text.
struct Counted {
    alphabet: Alphabet,
    segments: Segments,
    ucs_2_characters: Vec<String>,
}

/// Counts a text: in UCS-2 if that is `asked` for or a character is not in GSM 7-bit.
async fn count_text(text: &str, asked: bool, arrives: fn(char) -> bool, slices: &mut Slices) -> Counted {
    let (mut gsm_7, mut ucs_2) = (Counter::new(Alphabet::Gsm7), Counter::new(Alphabet::Ucs2));
    let (mut seen, mut others) = (HashSet::new(), Vec::new());
    let mut rest = text;
    while !rest.is_empty() {
        // STEP is at least one character, of at most four bytes.
        let (piece, after) = rest.split_at(rest.floor_char_boundary(STEP));
        rest = after;
        gsm_7.count(piece);
        ucs_2.count(piece);
        if others.len() < MAX_CHARACTERS {
            others.extend(piece.chars().filter(|c| !arrives(*c) && seen.insert(*c)).map(String::from));
            others.truncate(MAX_CHARACTERS);
        }
        slices.step().await;
    }
    let (alphabet, counter) =
        if asked || !others.is_empty() { (Alphabet::Ucs2, ucs_2) } else { (Alphabet::Gsm7, gsm_7) };
    Counted { alphabet, segments: counter.end(), ucs_2_characters: others }
}

/// Analyzes the numbers.
async fn read_numbers(inputs: Vec<String>, region: Option<Region>, slices: &mut Slices) -> Vec<AnalyzedNumber> {
    let mut numbers = Vec::with_capacity(inputs.len());
    for input in inputs {
        numbers.push(numbers::analyze(input, region));
        slices.step().await;
    }
    numbers
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc};

    use tokio::{
        task::{LocalSet, spawn_local, yield_now},
        time::Instant,
    };

    use super::*;
    use crate::gateway::Accounts;

    /// Returns how often another task of the same thread runs during `work`.
    async fn turns_beside(work: impl Future<Output = ()>) -> usize {
        let turns = Rc::new(Cell::new(0));
        let count = turns.clone();
        let others = async move {
            loop {
                count.set(count.get() + 1);
                yield_now().await;
            }
        };
        let both = async {
            let others = spawn_local(others);
            work.await;
            others.abort();
        };
        LocalSet::new().run_until(both).await;
        turns.get()
    }

    #[tokio::test]
    async fn others_have_their_turn_beside_the_longest_text_and_the_most_numbers() {
        for text in ["a".repeat(4 << 20), "é".repeat(2 << 20), "😀".repeat(1 << 20)] {
            let turns = turns_beside(async {
                count_text(&text, false, gsm::contains, &mut Slices::new()).await;
            });
            assert!(turns.await >= (4 << 20) / STEP / STEPS, "{:?}", text.chars().next());
        }
        let numbers = ["+393471234567", "+4915123456789", "hello", "+12125550123"].map(str::to_owned);
        let inputs = numbers.into_iter().cycle().take(MAX_RECIPIENTS).collect();
        let turns = turns_beside(async {
            read_numbers(inputs, None, &mut Slices::new()).await;
        });
        assert!(turns.await >= MAX_RECIPIENTS / STEPS);
    }

    #[tokio::test]
    async fn a_text_is_counted_over_all_its_pieces() {
        for text in [String::new(), "a€".repeat(STEP), "é".repeat(STEP), format!("{}Ж😀", "é".repeat(STEP / 2 - 1))]
        {
            let counted = count_text(&text, false, gsm::contains, &mut Slices::new()).await;
            let others: Vec<_> = ["Ж", "😀"].into_iter().filter(|c| text.contains(c)).collect();
            let alphabet = if others.is_empty() { Alphabet::Gsm7 } else { Alphabet::Ucs2 };
            assert_eq!((counted.alphabet, counted.segments), (alphabet, Segments::of(alphabet, &text)));
            assert_eq!(counted.ucs_2_characters, others);
        }
        let text: String = ('\u{4e00}'..'\u{9fff}').collect();
        let counted = count_text(&text, false, gsm::contains, &mut Slices::new()).await;
        let listed: Vec<_> = text.chars().take(MAX_CHARACTERS).map(String::from).collect();
        assert_eq!(counted.ucs_2_characters, listed);
    }

    fn request(text: String) -> AnalyzeMessageRequest {
        let message = SendMessageRequest { text, ..SendMessageRequest::default() };
        AnalyzeMessageRequest { message: Some(message), ..AnalyzeMessageRequest::default() }
    }

    #[tokio::test]
    async fn a_long_analysis_is_for_another_thread_and_so_is_the_writing_of_its_answer() {
        let gateway = Gateway::new(Accounts::default(), None, Default::default());
        let mut many = request(String::new());
        many.message.as_mut().expect("a message").recipients = vec!["+393471234567".to_owned(); STEPS];
        for (request, long) in
            [(request("a".repeat(STEPS * STEP)), true), (many, true), (request("a".to_owned()), false)]
        {
            let call = Call::background();
            gateway.analyze_message(&call, request).await.expect("an answer");
            assert_eq!(call.is_large(), long);
        }
    }

    #[tokio::test]
    async fn an_analysis_that_must_wait_for_another_ends_at_its_deadline() {
        let (gateway, late) =
            (Gateway::new(Accounts::default(), None, Default::default()), || Call::until(Instant::now()));
        let mut other = Slices::new();
        for _ in 0..STEPS {
            other.step().await;
        }
        let long = gateway.analyze_message(&late(), request("a".repeat(STEPS * STEP))).await;
        assert_eq!(long.expect_err("no turn for it").reason(), Reason::DeadlineExceeded);
        // The deadline has passed too.
        let short = gateway.analyze_message(&late(), request("a".to_owned())).await;
        assert_eq!(short.expect("it waits for nobody").unit_count, 1);
    }
}
