//! A table by the first digits of phone numbers: a tree, which a look-up descends by a digit at a time. The numbers of each
//! send are looked up several times.

/// Values by the first digits of numbers, of which the longest entry decides.
#[derive(Debug)]
pub(super) struct Prefixes<T> {
    nodes: Vec<Node<T>>,
}

/// Some first digits.
#[derive(Debug)]
struct Node<T> {
    value: Option<T>,
    /// The index of the node with one more digit, by that digit; 0, the index of the root, if there is none.
    next: [u16; 10],
}

impl<T> Node<T> {
    const EMPTY: Self = Self { value: None, next: [0; 10] };
}

impl<T: Copy> Prefixes<T> {
    /// Creates the table of these entries: the digits in ASCII, and the value of the numbers that begin with them.
    pub(super) fn new<'a>(entries: impl IntoIterator<Item = (&'a str, T)>) -> Self {
        let mut nodes = vec![Node::EMPTY];
        for (digits, value) in entries {
            let mut at = 0;
            for digit in digits_of(digits) {
                let new = nodes.len();
                let next = &mut nodes[at].next[usize::from(digit)];
                if *next == 0 {
                    *next = u16::try_from(new).unwrap_or_default();
                    at = new;
                    nodes.push(Node::EMPTY);
                } else {
                    at = usize::from(*next);
                }
            }
            nodes[at].value = Some(value);
        }
        Self { nodes }
    }

    /// Returns the value of a number, by its digits from 0 to 9. What is not a digit ends them.
    pub(super) fn find(&self, digits: impl IntoIterator<Item = u8>) -> Option<T> {
        let (mut node, mut found) = (&self.nodes[0], None);
        for digit in digits {
            match node.next.get(usize::from(digit)) {
                None | Some(0) => break,
                Some(next) => node = &self.nodes[usize::from(*next)],
            }
            found = node.value.or(found);
        }
        found
    }
}

/// Returns the digits of a text of digits; each other byte becomes one that is no digit.
pub(super) fn digits_of(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|byte| byte.wrapping_sub(b'0'))
}
