//! The GSM 7-bit default alphabet (3GPP TS 23.038, section 6.2.1): what fits into it.

/// The default table, without the escape character.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿\
abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table: each of these takes two septets.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Whether a character is in the alphabet or its extension.
pub fn contains(c: char) -> bool {
    // Nearly every character is ASCII; the tables are for the rest.
    match u8::try_from(c) {
        Ok(byte) if byte.is_ascii() => is_in_ascii(byte),
        _ => BASIC.contains(c) || EXTENSION.contains(c),
    }
}

/// All of printable ASCII but the backtick, and three that control.
fn is_in_ascii(byte: u8) -> bool {
    matches!(byte, b' '..=b'_' | b'a'..=b'~' | b'\n' | b'\r' | 0x0c)
}

/// How many septets a character takes; `None` when the alphabet does not have it.
pub fn septets(c: char) -> Option<usize> {
    contains(c).then(|| if EXTENSION.contains(c) { 2 } else { 1 })
}

/// Whether a whole text can be sent in the alphabet.
pub fn fits(text: &str) -> bool {
    // Byte by byte as far as it is ASCII, which most texts are to their end.
    let ascii = text.bytes().take_while(|byte| is_in_ascii(*byte)).count();
    text[ascii..].chars().all(contains)
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
    fn what_is_known_of_ascii_is_what_the_tables_say() {
        for c in (0..=0x7f).map(char::from) {
            assert_eq!(contains(c), BASIC.contains(c) || EXTENSION.contains(c), "{c:?}");
        }
    }

    #[test]
    fn italian_and_the_euro_fit_and_others_do_not() {
        assert!(fits("Perché no? {così} [€ 5]~"));
        for c in ['`', 'ç', 'ê', 'á', '’', '😀', '\t', 'È'] {
            assert!(!contains(c), "{c:?}");
        }
    }
}
