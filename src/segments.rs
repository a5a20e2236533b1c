//! How many SMS a text takes (3GPP TS 23.040, 9.2.3.24.1): a long one is cut into segments, which each lose six octets to
//! the header that joins them again.

use crate::gsm;

/// The units that fit into one segment when it is the only one, and when it is one of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Room {
    single: usize,
    joined: usize,
}

/// Septets.
const GSM_7: Room = Room { single: 160, joined: 153 };
/// UTF-16 units.
const UCS_2: Room = Room { single: 70, joined: 67 };

/// How long a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segments {
    /// Septets, or UTF-16 units.
    pub units: usize,
    /// How many segments. An empty text takes one.
    pub count: usize,
    /// How many more units fit into the last one.
    pub left: usize,
}

impl Segments {
    /// Of a text in the GSM 7-bit alphabet. A character that the alphabet does not have counts for one.
    pub fn gsm_7(text: &str) -> Self {
        Self::cut(text.chars().map(|c| gsm::septets(c).unwrap_or(1)), GSM_7)
    }

    /// Of a text in UCS-2; characters beyond the basic plane take two units, as handsets read UTF-16.
    pub fn ucs_2(text: &str) -> Self {
        Self::cut(text.chars().map(char::len_utf16), UCS_2)
    }

    /// Cuts between characters alone: neither an escaped character nor a pair of surrogates is torn apart.
    fn cut(sizes: impl Iterator<Item = usize>, room: Room) -> Self {
        let (mut units, mut count, mut used) = (0, 1, 0);
        for size in sizes {
            units += size;
            used += size;
            if used > room.joined {
                (count, used) = (count + 1, size);
            }
        }
        if units <= room.single {
            return Self { units, count: 1, left: room.single - units };
        }
        Self { units, count, left: room.joined - used }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(segments: Segments) -> (usize, usize, usize) {
        (segments.units, segments.count, segments.left)
    }

    #[test]
    fn the_standard_s_borders() {
        for (length, expected) in
            [(0, (0, 1, 160)), (160, (160, 1, 0)), (161, (161, 2, 145)), (306, (306, 2, 0)), (307, (307, 3, 152))]
        {
            assert_eq!(all(Segments::gsm_7(&"a".repeat(length))), expected);
        }
        for (length, expected) in
            [(0, (0, 1, 70)), (70, (70, 1, 0)), (71, (71, 2, 63)), (134, (134, 2, 0)), (135, (135, 3, 66))]
        {
            assert_eq!(all(Segments::ucs_2(&"Ж".repeat(length))), expected);
        }
    }

    #[test]
    fn a_character_of_two_units_is_not_torn_apart() {
        // 152 and the euro's two would be 154: it goes into the second segment whole, and one septet stays empty.
        assert_eq!(all(Segments::gsm_7(&format!("{}€{}", "a".repeat(152), "a".repeat(151)))), (305, 2, 0));
        assert_eq!(all(Segments::gsm_7(&format!("{}€{}", "a".repeat(152), "a".repeat(152)))), (306, 3, 152));
        assert_eq!(all(Segments::gsm_7(&"€".repeat(80))), (160, 1, 0));
        assert_eq!(all(Segments::ucs_2(&"😀".repeat(35))), (70, 1, 0));
        // 33 pairs and an empty unit to a segment.
        assert_eq!(all(Segments::ucs_2(&"😀".repeat(36))), (72, 2, 61));
    }

    /// Every way to cut is tried: the fewest segments that hold the characters in their order.
    fn fewest(sizes: &[usize], room: Room) -> usize {
        if sizes.iter().sum::<usize>() <= room.single {
            return 1;
        }
        let mut best = vec![0; sizes.len() + 1];
        for end in 1..=sizes.len() {
            let starts = (0..end).rev().take_while(|start| sizes[*start..end].iter().sum::<usize>() <= room.joined);
            best[end] = starts.map(|start| best[start] + 1).min().expect("a character fits into a segment");
        }
        best[sizes.len()]
    }

    proptest! {
        #[test]
        fn no_other_cut_takes_fewer_segments(text in "[a€^]{0,400}", emoji in "[Ж😀]{0,200}") {
            let septets: Vec<_> = text.chars().filter_map(gsm::septets).collect();
            let gsm_7 = Segments::gsm_7(&text);
            prop_assert_eq!((gsm_7.units, gsm_7.count), (septets.iter().sum(), fewest(&septets, GSM_7)));
            let units: Vec<_> = emoji.chars().map(char::len_utf16).collect();
            let ucs_2 = Segments::ucs_2(&emoji);
            prop_assert_eq!((ucs_2.units, ucs_2.count), (emoji.encode_utf16().count(), fewest(&units, UCS_2)));
        }

        #[test]
        fn what_is_left_fits_and_no_more(text in "[a€]{0,400}") {
            let before = Segments::gsm_7(&text);
            prop_assert_eq!(Segments::gsm_7(&(text.clone() + &"a".repeat(before.left))).count, before.count);
            prop_assert_eq!(Segments::gsm_7(&(text + &"a".repeat(before.left + 1))).count, before.count + 1);
        }
    }
}
