//! Removes secrets from what a vendor repeats of a request: verbatim, or escaped as vendors find them in a URL or write
//! them into JSON and HTML.

/// Replaces a secret.
const MARK: &str = "***";

/// Returns `text` without `secret`.
pub(super) fn redact(text: &str, secret: &str) -> String {
    if secret.is_empty() {
        return text.to_owned();
    }
    // Verbatim first: what looks like an escape may be a part of the secret.
    let text = text.replace(secret, MARK);
    let spellings: Vec<_> = secret.chars().map(spellings).collect();
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(next) = rest.chars().next() {
        rest = if let Some(after) = after(rest, &spellings) {
            clean.push_str(MARK);
            after
        } else {
            clean.push(next);
            &rest[next.len_utf8()..]
        };
    }
    clean
}

/// Returns the rest of `text` after the secret, if `text` begins with it.
fn after<'t>(text: &'t str, secret: &[Vec<String>]) -> Option<&'t str> {
    secret.iter().try_fold(text, |text, spellings| {
        let spelled = spellings.iter().find(|s| {
            let start = text.as_bytes().get(..s.len());
            start
                .is_some_and(|start| start == s.as_bytes() || (s.len() > 1 && start.eq_ignore_ascii_case(s.as_bytes())))
        });
        spelled.and_then(|s| text.get(s.len()..))
    })
}

/// The spellings of a character; those that may begin another spelling come last.
fn spellings(c: char) -> Vec<String> {
    let mut spellings = vec![
        c.encode_utf8(&mut [0; 4]).bytes().map(|b| format!("%{b:02x}")).collect(),
        c.encode_utf16(&mut [0; 2]).iter().map(|u| format!("\\u{u:04x}")).collect(),
        format!("&#{};", u32::from(c)),
        format!("&#x{:x};", u32::from(c)),
    ];
    let named = match c {
        ' ' => "+",
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\'' => "&apos;",
        _ => "",
    };
    spellings.extend([named.to_owned(), format!("\\{c}"), c.to_string()]);
    spellings.retain(|s| !s.is_empty());
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_blacked_out_however_it_is_written() {
        let secret = "a \"b&c\" ö+'%41";
        for text in [
            secret,
            "a%20%22b%26c%22%20%C3%B6%2B%27%2541",
            "a%20%22b%26c%22%20%c3%b6%2b'%2541",
            "a+%22b%26c%22+%C3%B6%2B%27%2541",
            r#"a \"b&c\" ö+'%41"#,
            r#"a \"b\u0026c\" \u00F6+\u0027%41"#,
            "a &quot;b&amp;c&quot; ö+&#39;%41",
            "a &#34;b&#38;c&#34; &#xF6;+&apos;%41",
        ] {
            assert_eq!(redact(&format!("é {text}, {text}."), secret), "é ***, ***.", "{text}");
        }
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in ["", "é", "%", "100% of a b", "a+b", "A B", "hunter", "\u{1f600} &amp; \\u0041"] {
            assert_eq!(redact(text, "hunter2 é"), text);
            assert_eq!(redact(text, ""), text);
        }
    }
}
