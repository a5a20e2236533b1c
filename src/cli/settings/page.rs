//! The keys as docs/configuration.md documents them, which the tests hold against the code.

/// The page.
const PAGE: &str = include_str!("../../../docs/configuration.md");

/// A key.
#[derive(Debug, Clone)]
pub(super) struct Documented {
    /// The section, such as `server` or `accounts.*`; the vendor's name for a key of one vendor.
    pub(super) section: &'static str,
    pub(super) key: &'static str,
    /// The default as the page has it, if there is one.
    pub(super) default: Option<&'static str>,
    /// What the key is for, in one line.
    pub(super) meaning: String,
}

/// Returns the keys of the page, in its order.
pub(super) fn keys() -> Vec<Documented> {
    let mut keys = Vec::new();
    let mut heading = "";
    for line in PAGE.lines() {
        let cells: Vec<_> = line
            .strip_prefix('|')
            .map(|row| row.trim_end_matches('|').split('|').map(str::trim).collect())
            .unwrap_or_default();
        match (cells.first().copied(), &cells[..]) {
            (None, _) => heading = "",
            (Some(first @ ("key" | "vendor")), _) => heading = first,
            (_, [path, default, meaning]) if heading == "key" => {
                if let Some((section, key)) = code(path).and_then(|path| path.rsplit_once('.')) {
                    keys.push(Documented { section, key, default: code(default), meaning: plain(meaning) });
                }
            }
            (_, [vendor, key, default, meaning]) if heading == "vendor" => {
                if let (Some(section), Some(key)) = (code(vendor), code(key)) {
                    keys.push(Documented { section, key, default: code(default), meaning: plain(meaning) });
                }
            }
            _ => {}
        }
    }
    keys
}

/// Returns what a cell has as `code` at its beginning.
fn code(cell: &'static str) -> Option<&'static str> {
    Some(cell.strip_prefix('`')?.split_once('`')?.0)
}

/// Returns a text without marks and links.
fn plain(markdown: &str) -> String {
    let mut text = String::new();
    let mut rest = markdown;
    while let Some((before, link)) = rest.split_once('[') {
        text += before;
        rest = link;
        if let Some((name, after)) = link.split_once("](")
            && !name.contains(['[', ']'])
            && let Some((_, after)) = after.split_once(')')
        {
            text += name;
            rest = after;
        } else {
            text.push('[');
        }
    }
    (text + rest).replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_read_to_its_last_key() {
        let keys = keys();
        let found =
            |section: &str, key: &str| keys.iter().find(|k| (k.section, k.key) == (section, key)).cloned().unwrap();
        assert_eq!(found("server", "listen").default, Some("127.0.0.1:50051"));
        assert_eq!(found("callers.*", "scopes").default, None);
        assert_eq!(found("smspartner", "api_key").meaning, "the key");
        assert!(found("callers.*", "segments_per_day").meaning.contains("counted by the spend guard"));
    }
}
