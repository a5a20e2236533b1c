//! The draw of an account: weighted rendezvous hashing. The same recipient gets the same account while weights rest, and a
//! changed weight moves the changed share only.

/// Returns the hash of a text: FNV-1a, mixed. All replicas and releases draw alike, which the hashes of the standard
/// library do not promise.
pub(in crate::gateway::route) fn hash(text: &[u8]) -> u64 {
    let fnv = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    mix(text.iter().fold(0xcbf2_9ce4_8422_2325, fnv))
}

/// Returns where a recipient is at an account: evenly spread over 0 to 1, both excluded.
pub(in crate::gateway::route) fn place(recipient: u64, account: u64) -> f64 {
    // 52 bits and a half fit exactly.
    ((mix(recipient ^ account) >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
}

/// Returns the score of an account with this weight. Of several accounts, each has the highest score for the share of the
/// places that is its weight's share.
pub(in crate::gateway::route) fn score(weight: f64, place: f64) -> f64 {
    weight / -place.ln()
}

/// The finalizer of SplitMix64.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECIPIENTS: u64 = 20_000;

    /// The account that each recipient gets.
    fn drawn(weights: &[f64]) -> Vec<usize> {
        let salts: Vec<_> = (0..weights.len()).map(|index| hash(format!("main/{index}").as_bytes())).collect();
        let of = |recipient| {
            let score = |index: &usize| score(weights[*index], place(recipient, salts[*index]));
            (0..weights.len()).max_by(|a, b| score(a).total_cmp(&score(b))).expect("one")
        };
        (0..RECIPIENTS).map(|number| of(hash(format!("+49151{number}").as_bytes()))).collect()
    }

    #[test]
    fn shares_are_those_of_the_weights_and_a_change_moves_the_changed_share_only() {
        let (before, after) = (drawn(&[60.0, 30.0, 10.0]), drawn(&[30.0, 30.0, 10.0]));
        let share =
            |of: usize, all: &[usize]| all.iter().filter(|drawn| **drawn == of).count() as f64 / RECIPIENTS as f64;
        for (index, expected) in [0.6, 0.3, 0.1].into_iter().enumerate() {
            assert!((share(index, &before) - expected).abs() < 0.02, "{index}: {}", share(index, &before));
        }
        assert!((share(0, &after) - 30.0 / 70.0).abs() < 0.02);
        let moved = before.iter().zip(&after).filter(|(before, after)| before != after);
        assert!(moved.clone().all(|(before, _)| *before == 0), "only from the account whose weight fell");
        assert_eq!(drawn(&[60.0, 30.0, 10.0]), before);
        assert!(drawn(&[0.0, 30.0, 10.0]).iter().all(|drawn| *drawn != 0), "a weight of 0 takes an account out");
    }

    #[test]
    fn the_hash_is_the_same_in_all_releases() {
        assert_eq!(hash(b"+4915123456789"), hash(b"+4915123456789"));
        assert_eq!(format!("{:016x}", hash(b"")), format!("{:016x}", mix(0xcbf2_9ce4_8422_2325)));
    }
}
