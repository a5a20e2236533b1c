//! Counts the segments of a text (3GPP TS 23.040, 9.2.3.24.1). A long text is split into segments, each of which loses
//! six octets to the concatenation header.

use crate::text::gsm;

/// The alphabet of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// The GSM 7-bit default alphabet with its extension table.
    Gsm7,
    /// UCS-2; handsets read it as UTF-16.
    Ucs2,
}

impl Alphabet {
    /// Returns the unit of a text's length.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Gsm7 => "septets",
            Self::Ucs2 => "UTF-16 units",
        }
    }

    /// Returns the most units that fit into this many segments.
    pub fn room(self, segments: usize) -> usize {
        if segments == 1 { self.single() } else { self.joined() * segments }
    }

    /// Returns the units of a single segment.
    fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Returns the units of each of several segments.
    fn joined(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// Returns the units of a character. One that is not in the alphabet counts as one unit.
    fn units(self, c: char) -> usize {
        match self {
            Self::Gsm7 => gsm::septets(c).unwrap_or(1),
            Self::Ucs2 => c.len_utf16(),
        }
    }
}

/// The length of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segments {
    /// The length in septets or UTF-16 units.
    pub units: usize,
    /// The number of segments. An empty text takes one.
    pub count: usize,
    /// The units that still fit into the last segment.
    pub left: usize,
}

impl Segments {
    /// Counts a whole text.
    pub fn of(alphabet: Alphabet, text: &str) -> Self {
        let mut counter = Counter::new(alphabet);
        counter.count(text);
        counter.end()
    }
}

/// Counts a text in pieces.
#[derive(Debug, Clone, Copy)]
pub struct Counter {
    alphabet: Alphabet,
    units: usize,
    /// If the text takes several segments: their number so far, and the units of the last one.
    count: usize,
    used: usize,
}

impl Counter {
    /// Starts at zero.
    pub fn new(alphabet: Alphabet) -> Self {
        Self { alphabet, units: 0, count: 1, used: 0 }
    }

    /// Counts the next piece. Segments end only between characters: neither an escape sequence nor a surrogate pair is
    /// split.
    pub fn count(&mut self, piece: &str) {
        let Self { alphabet, .. } = *self;
        for c in piece.chars() {
            let units = alphabet.units(c);
            self.units += units;
            self.used += units;
            if self.used > alphabet.joined() {
                (self.count, self.used) = (self.count + 1, units);
            }
        }
    }

    /// Returns the length of the whole text.
    pub fn end(self) -> Segments {
        let Self { alphabet, units, count, used } = self;
        match alphabet.single().checked_sub(units) {
            Some(left) => Segments { units, count: 1, left },
            None => Segments { units, count, left: alphabet.joined() - used },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        Alphabet::{Gsm7, Ucs2},
        *,
    };

    fn all(segments: Segments) -> (usize, usize, usize) {
        (segments.units, segments.count, segments.left)
    }

    #[test]
    fn the_standard_s_borders() {
        for (length, expected) in
            [(0, (0, 1, 160)), (160, (160, 1, 0)), (161, (161, 2, 145)), (306, (306, 2, 0)), (307, (307, 3, 152))]
        {
            assert_eq!(all(Segments::of(Gsm7, &"a".repeat(length))), expected);
        }
        for (length, expected) in
            [(0, (0, 1, 70)), (70, (70, 1, 0)), (71, (71, 2, 63)), (134, (134, 2, 0)), (135, (135, 3, 66))]
        {
            assert_eq!(all(Segments::of(Ucs2, &"Ж".repeat(length))), expected);
        }
    }

    #[test]
    fn a_character_of_two_units_is_not_torn_apart() {
        // 152 and the euro's two would be 154, so the euro goes into the second segment and one septet stays empty.
        assert_eq!(all(Segments::of(Gsm7, &format!("{}€{}", "a".repeat(152), "a".repeat(151)))), (305, 2, 0));
        assert_eq!(all(Segments::of(Gsm7, &format!("{}€{}", "a".repeat(152), "a".repeat(152)))), (306, 3, 152));
        assert_eq!(all(Segments::of(Gsm7, &"€".repeat(80))), (160, 1, 0));
        assert_eq!(all(Segments::of(Ucs2, &"😀".repeat(35))), (70, 1, 0));
        // 33 pairs and an empty unit per segment.
        assert_eq!(all(Segments::of(Ucs2, &"😀".repeat(36))), (72, 2, 61));
    }

    /// Tries every split: returns the fewest segments for the characters in their order.
    fn fewest(sizes: &[usize], alphabet: Alphabet) -> usize {
        if sizes.iter().sum::<usize>() <= alphabet.room(1) {
            return 1;
        }
        let mut best = vec![0; sizes.len() + 1];
        for end in 1..=sizes.len() {
            let starts =
                (0..end).rev().take_while(|start| sizes[*start..end].iter().sum::<usize>() <= alphabet.joined());
            best[end] = starts.map(|start| best[start] + 1).min().expect("a character fits into a segment");
        }
        best[sizes.len()]
    }

    proptest! {
        #[test]
        fn no_other_cut_takes_fewer_segments(text in "[a€^]{0,400}", emoji in "[Ж😀]{0,200}") {
            let septets: Vec<_> = text.chars().filter_map(gsm::septets).collect();
            let gsm_7 = Segments::of(Gsm7, &text);
            prop_assert_eq!((gsm_7.units, gsm_7.count), (septets.iter().sum(), fewest(&septets, Gsm7)));
            let units: Vec<_> = emoji.chars().map(char::len_utf16).collect();
            let ucs_2 = Segments::of(Ucs2, &emoji);
            prop_assert_eq!((ucs_2.units, ucs_2.count), (emoji.encode_utf16().count(), fewest(&units, Ucs2)));
        }

        #[test]
        fn a_text_in_pieces_counts_as_the_whole(pieces in proptest::collection::vec("[a€Ж😀]{0,90}", 0..6)) {
            for alphabet in [Gsm7, Ucs2] {
                let mut counter = Counter::new(alphabet);
                pieces.iter().for_each(|piece| counter.count(piece));
                prop_assert_eq!(counter.end(), Segments::of(alphabet, &pieces.concat()));
            }
        }

        #[test]
        fn what_is_left_fits_and_no_more(text in "[a€]{0,400}") {
            let before = Segments::of(Gsm7, &text);
            prop_assert_eq!(Segments::of(Gsm7, &(text.clone() + &"a".repeat(before.left))).count, before.count);
            prop_assert_eq!(Segments::of(Gsm7, &(text + &"a".repeat(before.left + 1))).count, before.count + 1);
        }
    }
}
