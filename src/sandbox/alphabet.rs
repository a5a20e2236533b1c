//! How long a text is to a vendor, and in how many SMS it is sent (3GPP TS 23.038 and 23.040).

use serde::Deserialize;

/// The alphabet that a text is sent in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Alphabet {
    /// The GSM 7-bit default alphabet, whose unit is the septet.
    #[default]
    Gsm,
    /// UCS-2, whose unit is that of UTF-16.
    Ucs2,
}

/// What the GSM alphabet has beside ASCII's letters and digits, in one septet each.
const ALSO: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";

/// What it has in two: the escape and another character.
const ESCAPED: &str = "^{}\\[~]|€\u{c}";

impl Alphabet {
    /// The alphabet that a text needs.
    pub(super) fn of(text: &str) -> Self {
        let has = |c: char| c.is_ascii_alphanumeric() || ALSO.contains(c) || ESCAPED.contains(c);
        if text.chars().all(has) { Self::Gsm } else { Self::Ucs2 }
    }

    /// How long a text is. A character that the GSM alphabet does not have counts as one.
    pub(super) fn units(self, text: &str) -> usize {
        text.chars().map(|c| self.width(c)).sum()
    }

    /// In how many SMS a text is sent. One of several has less room, and does not end within a character.
    pub(super) fn parts(self, text: &str) -> usize {
        let (alone, joined) = match self {
            Self::Gsm => (160, 153),
            Self::Ucs2 => (70, 67),
        };
        if self.units(text) <= alone {
            return 1;
        }
        let (mut parts, mut used) = (1, 0);
        for width in text.chars().map(|c| self.width(c)) {
            used += width;
            if used > joined {
                (parts, used) = (parts + 1, width);
            }
        }
        parts
    }

    fn width(self, c: char) -> usize {
        match self {
            Self::Gsm if ESCAPED.contains(c) => 2,
            Self::Gsm => 1,
            Self::Ucs2 => c.len_utf16(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Alphabet::{Gsm, Ucs2};
    use super::*;

    #[test]
    fn a_text_is_counted_in_units_and_parts() {
        for (text, alphabet, units, parts) in [
            (String::new(), Gsm, 0, 1),
            ("x".repeat(160), Gsm, 160, 1),
            ("x".repeat(161), Gsm, 161, 2),
            ("x".repeat(306), Gsm, 306, 2),
            ("x".repeat(307), Gsm, 307, 3),
            ("€".repeat(80), Gsm, 160, 1),
            ("€".repeat(81), Gsm, 162, 2),
            // 152 and the euro's two would be 154.
            (format!("{}€{}", "x".repeat(152), "x".repeat(152)), Gsm, 306, 3),
            ("Ж".repeat(70), Ucs2, 70, 1),
            ("Ж".repeat(71), Ucs2, 71, 2),
            ("😀".repeat(35), Ucs2, 70, 1),
            // 33 pairs to a part.
            ("😀".repeat(67), Ucs2, 134, 3),
        ] {
            assert_eq!((alphabet.units(&text), alphabet.parts(&text)), (units, parts), "{text} {alphabet:?}");
        }
    }

    #[test]
    fn a_text_is_sent_in_the_alphabet_that_has_all_of_it() {
        for (text, alphabet) in
            [("déjà 20 €", Gsm), ("è 20 € [a]\n", Gsm), ("ç", Ucs2), ("Ç", Gsm), ("`", Ucs2), ("Ж", Ucs2)]
        {
            assert_eq!(Alphabet::of(text), alphabet, "{text}");
        }
        assert_eq!(ALSO.chars().count() + ESCAPED.chars().count() + 62, 127 + 10);
    }
}
