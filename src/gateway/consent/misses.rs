//! Texts that are nearly a word by which people opt out.

use super::words::fold;
use crate::config::NearMiss;

/// The most words of a text that may be meant as one: a longer one is about something else.
const LONGEST: usize = 5;

/// The shortest word of which a misspelling is told from another word.
const SHORTEST: usize = 4;

/// Words, without accents, after which "stop" may mean the opposite, or something else.
const NEGATIONS: &[&str] = &["dont", "donot", "not", "no", "never", "non", "nicht", "nie", "pas", "inte", "niet"];

/// Returns what a text comes to at most if it is nearly one of these folded words: if it has one in a few other words, or is one
/// but for a letter.
pub(super) fn is_near<'a>(text: &str, words: impl Iterator<Item = &'a String> + Clone) -> Option<NearMiss> {
    let tokens: Vec<_> = text.split_whitespace().filter_map(fold).collect();
    let whole = tokens.concat();
    if (2..=LONGEST).contains(&tokens.len()) {
        // "Opt out" is two words or one.
        let pairs = tokens.windows(2).map(|pair| pair.concat());
        let mut parts = tokens.iter().cloned().chain(pairs);
        if parts.any(|part| words.clone().any(|word| *word == part)) {
            let is_negated = tokens.iter().any(|token| NEGATIONS.contains(&token.as_str()));
            return Some(if is_negated { NearMiss::Event } else { NearMiss::Block });
        }
    }
    let mut words = words.filter(|word| word.len() >= SHORTEST);
    words.any(|word| is_misspelt(word, &whole)).then_some(NearMiss::Event)
}

/// Whether a text is a word with one letter too many or too few, another letter, or two letters in the other order.
fn is_misspelt(word: &str, text: &str) -> bool {
    let (word, text): (Vec<_>, Vec<_>) = (word.chars().collect(), text.chars().collect());
    let same = word.iter().zip(&text).take_while(|(a, b)| a == b).count();
    let (word, text) = (&word[same..], &text[same..]);
    match (word, text) {
        ([_, word @ ..], _) if word == text => true,
        (_, [_, text @ ..]) if word == text => true,
        ([a, b, word @ ..], [c, d, text @ ..]) if (a, b) == (d, c) && word == text => true,
        ([_, word @ ..], [_, text @ ..]) => word == text,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_differs_in_one_place() {
        for (text, expected) in [
            ("sto", true),
            ("top", true),
            ("stopp", true),
            ("sstop", true),
            ("stpo", true),
            ("tsop", true),
            ("shop", true),
            ("stob", true),
            ("stop", false),
            ("shob", false),
            ("st", false),
            ("stopps", false),
            ("", false),
            ("pots", false),
        ] {
            assert_eq!(is_misspelt("stop", text), expected, "{text}");
        }
    }
}
