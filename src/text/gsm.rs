//! The GSM 7-bit default alphabet (3GPP TS 23.038, section 6.2.1).

/// The default table, without the escape character.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿\
abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table except the euro sign: each character takes two septets.
const EXTENSION: &str = "\u{c}^{}\\[~]|";

/// The only character of both tables above U+03FF; it is in the extension table.
const EURO: char = '€';

/// The septets of each character up to U+03FF; 0 if it is not in the alphabet. Searching the tables for each character
/// of a long text would block a serving thread.
const SEPTETS: [u8; 0x400] = fill(fill([0; 0x400], BASIC, 1), EXTENSION, 2);

/// Sets the septets of each character of a text, all of which take one or two bytes of UTF-8.
const fn fill(mut table: [u8; 0x400], text: &str, septets: u8) -> [u8; 0x400] {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        let mut c = bytes[i] as usize;
        if c >= 0x80 {
            i += 1;
            c = (c & 0x1f) << 6 | (bytes[i] & 0x3f) as usize;
        }
        table[c] = septets;
        i += 1;
    }
    table
}

/// Whether a character is in the alphabet or its extension.
pub fn contains(c: char) -> bool {
    septets(c).is_some()
}

/// Returns the septets of a character; `None` if it is not in the alphabet.
pub fn septets(c: char) -> Option<usize> {
    match SEPTETS.get(c as usize) {
        Some(0) => None,
        Some(septets) => Some(usize::from(*septets)),
        None => (c == EURO).then_some(2),
    }
}

/// Whether a whole text can be sent in the alphabet.
pub fn fits(text: &str) -> bool {
    length(text).is_some()
}

/// Returns the septets of a whole text; `None` if it cannot be sent in the alphabet.
pub fn length(text: &str) -> Option<usize> {
    let mut length = 0;
    // ASCII, which most texts are, is counted byte by byte.
    for (at, byte) in text.bytes().enumerate() {
        if !byte.is_ascii() {
            return text[at..].chars().try_fold(length, |length, c| Some(length + septets(c)?));
        }
        match SEPTETS[usize::from(byte)] {
            0 => return None,
            septets => length += usize::from(septets),
        }
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_have_the_standard_s_number_of_characters() {
        assert_eq!((BASIC.chars().count(), EXTENSION.chars().count()), (127, 9));
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
    fn every_character_counts_as_the_tables_say() {
        for c in '\0'..='\u{ffff}' {
            let septets_of_the_tables = match c {
                _ if BASIC.contains(c) => Some(1),
                _ if EXTENSION.contains(c) || c == EURO => Some(2),
                _ => None,
            };
            assert_eq!(septets(c), septets_of_the_tables, "{c:?}");
        }
    }

    #[test]
    fn italian_and_the_euro_fit_and_others_do_not() {
        let text = "Perché no? {così} [€ 5]~";
        assert!(fits(text));
        assert_eq!(length(text), text.chars().map(septets).sum());
        for c in ['`', 'ç', 'ê', 'á', '’', '😀', '\t', 'È'] {
            assert!(!contains(c), "{c:?}");
        }
    }
}
