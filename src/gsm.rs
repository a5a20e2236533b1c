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
    fn italian_and_the_euro_fit_and_others_do_not() {
        assert!(fits("Perché no? {così} [€ 5]~"));
        for c in ['`', 'ç', 'ê', 'á', '’', '😀', '\t', 'È'] {
            assert!(!contains(c), "{c:?}");
        }
    }
}
