//! The GSM 7-bit default alphabet (3GPP TS 23.038, section 6.2.1): what fits into it.

/// The default table, without the escape character.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿\
abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table: each of these takes two septets.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Whether a character is in the alphabet or its extension.
pub fn contains(c: char) -> bool {
    // Nearly every character is one of these; the tables are for the rest.
    c.is_ascii_alphanumeric() || c == ' ' || BASIC.contains(c) || EXTENSION.contains(c)
}

/// How many septets a character takes; `None` when the alphabet does not have it.
pub fn septets(c: char) -> Option<usize> {
    contains(c).then(|| if EXTENSION.contains(c) { 2 } else { 1 })
}

/// Whether a whole text can be sent in the alphabet.
pub fn fits(text: &str) -> bool {
    text.chars().all(contains)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_have_the_standard_s_number_of_characters() {
        assert_eq!((BASIC.chars().count(), EXTENSION.chars().count()), (127, 10));
    }

    #[test]
    fn a_character_of_the_extension_takes_two_septets() {
        assert_eq!(
            (septets('a'), septets('è'), septets('€'), septets('{'), septets('ç')),
            (Some(1), Some(1), Some(2), Some(2), None)
        );
        assert_eq!(BASIC.chars().filter_map(septets).sum::<usize>(), 127);
    }

    #[test]
    fn italian_and_the_euro_fit_and_others_do_not() {
        assert!(fits("Perché no? {così} [€ 5]~"));
        for c in ['`', 'ç', 'ê', 'á', '’', '😀', '\t', 'È'] {
            assert!(!contains(c), "{c:?}");
        }
    }
}
