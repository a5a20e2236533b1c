//! The words by which people opt out of messages, and in again: the whole text of a received SMS, however it is written.

use super::misses::is_near;
use crate::config::{self, ConsentConfig, NearMiss};

/// The name of the lists that are built in, for the evidence.
const BUILT_IN: &str = "smsmux 1";

/// Words by the beginning of the person's number. STOP works everywhere; words that answer other questions too, such as END and
/// CANCEL, opt out only where the law says so.
const STOP: &[(&str, &[&str])] = &[
    ("+", &["stop", "stopall", "unsubscribe", "optout"]),
    ("+1", &["quit", "end", "revoke", "cancel", "remove", "td", "arret"]),
    ("+31", &["afmelden"]),
    ("+32", &["afmelden", "arret"]),
    ("+33", &["arret"]),
    ("+34", &["baja", "alto"]),
    ("+39", &["cancella", "cancellami", "basta"]),
    ("+41", &["stopp", "abmelden", "abbestellen", "arret", "cancella", "cancellami", "basta"]),
    ("+43", &["stopp", "abmelden", "abbestellen"]),
    ("+46", &["stopp", "avsluta", "avregistrera"]),
    ("+49", &["stopp", "abmelden", "abbestellen"]),
];

/// YES is none of them: it answers other questions.
const START: &[(&str, &[&str])] = &[("+", &["start", "unstop"])];

/// The longest text that can be a word.
const LONGEST: usize = 100;

/// What a text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Stop,
    Start,
    /// It is nearly a word that opts out, and opts out where that counts.
    NearlyStop,
    /// It may be meant to opt out.
    Suspected,
}

/// The words of a configuration.
#[derive(Debug)]
pub(super) struct Words {
    stop: Vec<(String, Vec<String>)>,
    start: Vec<(String, Vec<String>)>,
    near_misses: Vec<(String, NearMiss)>,
    /// The name of the lists.
    pub(super) name: &'static str,
}

impl Words {
    /// Puts the words of a configuration in the place of those that are built in.
    pub(super) fn new(config: &ConsentConfig) -> Self {
        let is_built_in = config.stop_words.is_empty() && config.start_words.is_empty();
        Self {
            stop: merge(STOP, &config.stop_words),
            start: merge(START, &config.start_words),
            near_misses: config.near_misses.iter().map(|(beginning, miss)| (beginning.clone(), *miss)).collect(),
            name: if is_built_in { BUILT_IN } else { "configured" },
        }
    }

    /// Returns what a text of a person means, if it is one of the words or nearly one.
    pub(super) fn read(&self, from: &str, text: &str) -> Option<Word> {
        let folded = fold(text)?;
        let has = |words: &[(String, Vec<String>)]| {
            let mut of_person = words.iter().filter(|(beginning, _)| from.starts_with(beginning));
            of_person.any(|(_, words)| words.contains(&folded))
        };
        match (has(&self.stop), has(&self.start)) {
            // A word that is configured as both protects.
            (true, _) => Some(Word::Stop),
            (false, true) => Some(Word::Start),
            (false, false) => self.nearly(from, text),
        }
    }

    /// Returns what a text means that is none of the words.
    fn nearly(&self, from: &str, text: &str) -> Option<Word> {
        let of_person = self.near_misses.iter().filter(|(beginning, _)| from.starts_with(beginning));
        let (_, most) = of_person.max_by_key(|(beginning, _)| beginning.len())?;
        // Words that are words for some numbers only answer other questions, too.
        let words = self.stop.iter().filter(|(beginning, _)| beginning == EVERYWHERE).flat_map(|(_, words)| words);
        match is_near(text, words)?.min(*most) {
            NearMiss::Ignore => None,
            NearMiss::Event => Some(Word::Suspected),
            NearMiss::Block => Some(Word::NearlyStop),
        }
    }
}

/// The beginning of every number.
const EVERYWHERE: &str = "+";

fn merge(built_in: &[(&str, &[&str])], configured: &config::Words) -> Vec<(String, Vec<String>)> {
    let kept = built_in.iter().filter(|(beginning, _)| !configured.contains_key(*beginning));
    let kept = kept.map(|(beginning, words)| ((*beginning).to_owned(), words.iter().filter_map(|w| fold(w)).collect()));
    let new =
        configured.iter().map(|(beginning, words)| (beginning.clone(), words.iter().filter_map(|w| fold(w)).collect()));
    kept.chain(new).collect()
}

/// Returns a text without case, accents, blanks and punctuation; `None` if nothing is left or it is too long for a word.
pub(super) fn fold(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let folded: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).map(plain).collect();
    (!folded.is_empty()).then_some(folded)
}

/// Returns a letter without its accent, of the languages that the words are of.
fn plain(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Problems};

    fn config(toml: &str) -> ConsentConfig {
        let table = format!("[consent]\n{toml}").replace("[near", "[consent.near").parse().expect("TOML");
        Config::new(table, &mut Problems::new()).consent
    }

    fn words(config: ConsentConfig) -> impl Fn(&str, &str) -> Option<Word> {
        let words = Words::new(&config);
        move |from, text| words.read(from, text)
    }

    #[test]
    fn a_word_is_the_whole_text_however_it_is_written() {
        let read = words(ConsentConfig::default());
        for text in ["STOP", "stop", " Stop! ", "\"STOP\".", "S T O P", "stop all", "Opt-Out", "UNSUBSCRIBE"] {
            assert_eq!(read("+393471234567", text), Some(Word::Stop), "{text}");
        }
        for text in ["", "!", "yes", "The bus has no stop here today", &"stop".repeat(100)] {
            assert_eq!(read("+12125550123", text), None, "{text}");
        }
        assert_eq!(read("+12125550123", "Start"), Some(Word::Start));
    }

    #[test]
    fn words_of_a_country_mean_something_there_alone() {
        let read = words(ConsentConfig::default());
        for (from, text, expected) in [
            ("+12125550123", "CANCEL", Some(Word::Stop)),
            ("+393471234567", "CANCEL", None),
            ("+393471234567", "Basta!", Some(Word::Stop)),
            ("+33612345678", "ARRÊT", Some(Word::Stop)),
            ("+46701234567", "stopp", Some(Word::Stop)),
            ("+447700900123", "stopp", None),
        ] {
            assert_eq!(read(from, text), expected, "{from} {text}");
        }
    }

    #[test]
    fn what_is_nearly_a_word_opts_out_where_the_law_says_so_and_is_suspected_elsewhere() {
        let built_in = || Words::new(&config(""));
        let read = |from, text: &str| built_in().read(from, text);
        for text in ["Please stop", "STOP texting me!", "stop all messages please", "please, opt out"] {
            assert_eq!(read("+12125550123", text), Some(Word::NearlyStop), "{text}");
            assert_eq!(read("+393471234567", text), Some(Word::Suspected), "{text}");
        }
        // A misspelt word may be another one, and "don't stop" is none.
        for text in ["stpo", "STOPP", "sto", "unsubscrbe", "don't stop", "non stop"] {
            assert_eq!(read("+12125550123", text), Some(Word::Suspected), "{text}");
            assert_eq!(read("+447700900123", text), Some(Word::Suspected), "{text}");
        }
        for text in ["cancel my appointment", "the end", "sp", "stoppage", "yes please"] {
            assert_eq!(read("+12125550123", text), None, "{text}");
        }
        for (miss, expected) in [("ignore", None), ("event", Some(Word::Suspected)), ("block", Some(Word::NearlyStop))]
        {
            let words = Words::new(&config(&format!("[near_misses]\n'+39' = '{miss}'")));
            assert_eq!(words.read("+393471234567", "please stop"), expected);
            assert_eq!(words.read("+4915123456789", "please stop"), Some(Word::Suspected));
        }
    }

    #[test]
    fn configured_words_take_the_place_of_those_for_the_same_numbers() {
        let stop_words = [("+39".to_owned(), vec!["Non più".to_owned()])].into();
        let config = ConsentConfig { stop_words, ..ConsentConfig::default() };
        let read = words(config.clone());
        assert_eq!(read("+393471234567", "non piu"), Some(Word::Stop));
        assert_eq!((read("+393471234567", "basta"), read("+393471234567", "stop")), (None, Some(Word::Stop)));
        assert_eq!((Words::new(&config).name, Words::new(&ConsentConfig::default()).name), ("configured", BUILT_IN));
    }
}
