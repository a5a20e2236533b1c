//! Parses a phone number as people and programs write it, to the dialed form: `+` and digits.

use rlibphonenumber::PHONE_NUMBER_UTIL;

const NOT_A_NUMBER: &str = "is not a phone number";
const EXTENSION: &str = "has an extension, which no SMS can reach";
const LETTER: &str = "has a letter: phone numbers have digits only, and a letter may be a digit that was misread";

/// The words before an extension. Only digits and punctuation may follow one.
const EXTENSION_WORDS: [&str; 9] = ["", "x", "xtn", "ext", "extn", "extension", "int", "anexo", "доб"];

/// A number as it is dialed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// The ASCII digits, after `+` if it was written.
    pub(super) number: String,
    /// The number without a zero in parentheses, `+44 (0)20 …`, which callers from abroad omit.
    pub(super) without_zero: Option<String>,
}

impl Written {
    /// Parses a number: in the digits of any script, with any spaces, hyphens, dots, slashes, parentheses and invisible
    /// characters, or as a `tel:` URI (RFC 3966).
    ///
    /// # Errors
    /// Why the number is invalid.
    pub(super) fn read(input: &str) -> Result<Self, &'static str> {
        let text: String = input.trim().chars().filter(|c| !is_invisible(*c)).map(plain).collect();
        let number = match text.trim().split_at_checked(4) {
            Some((scheme, uri)) if scheme.eq_ignore_ascii_case("tel:") => of_uri(uri)?,
            _ => text,
        };
        let without_zero = number.split_once("(0)").map(|(head, tail)| digits(&format!("{head}{tail}")));
        Ok(Self { number: digits(&number)?, without_zero: without_zero.transpose()? })
    }
}

/// Returns the number of a `tel:` URI, without its parameters. A local number gets the country of its `phone-context`.
fn of_uri(uri: &str) -> Result<String, &'static str> {
    let mut parts = uri.split(';');
    let number = parts.next().unwrap_or_default();
    let mut context = "";
    for (name, value) in parts.filter_map(|parameter| parameter.split_once('=')) {
        match name.to_ascii_lowercase().as_str() {
            "ext" => return Err(EXTENSION),
            "phone-context" if value.starts_with('+') && !number.contains('+') => context = value,
            _ => {}
        }
    }
    Ok(format!("{context}{number}"))
}

/// Returns the digits of a number in ASCII, after its `+` if it has one.
fn digits(text: &str) -> Result<String, &'static str> {
    let mut number = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '0'..='9' => number.push(c),
            '+' if number.is_empty() => number.push(c),
            ' ' | '-' | '(' | ')' => {}
            _ if number.len() > 2 && is_extension(&text[at..]) => return Err(EXTENSION),
            _ if c.is_alphabetic() && text.contains(|c: char| c.is_ascii_digit()) => return Err(LETTER),
            _ => return Err(NOT_A_NUMBER),
        }
    }
    Ok(number)
}

/// Whether the text after a number is an extension: `ext. 5`, `x5`, `;ext=5`, `#5`, `,5`.
fn is_extension(text: &str) -> bool {
    let text = text.trim_start_matches([';', ',', '#', '*', ' ']);
    let word: String = text.chars().take_while(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let digits = text.trim_start_matches(char::is_alphabetic);
    EXTENSION_WORDS.contains(&word.as_str())
        && digits.contains(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || " -.:=#".contains(c))
}

/// Whether a character is invisible: soft hyphens, joiners, directional marks, variation selectors.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Maps a character to the ASCII character of the same meaning in a number: a digit, `+`, a space, `-`, a parenthesis.
/// Others are unchanged.
fn plain(c: char) -> char {
    match c {
        // Full-width forms.
        '\u{ff01}'..='\u{ff5e}' => u8::try_from(c as u32 - 0xfee0).map_or(c, |ascii| plain(ascii.into())),
        '﹢' | '⁺' | '₊' | '﬩' => '+',
        '[' => '(',
        ']' => ')',
        '.'
        | '/'
        | '~'
        | '·'
        | '•'
        | '\u{2010}'..='\u{2015}'
        | '\u{2024}'
        | '\u{2043}'
        | '\u{2044}'
        | '\u{2053}'
        | '\u{2212}'
        | '\u{2215}'
        | '\u{223c}'
        | '\u{301c}'
        | '\u{30fb}'
        | '\u{30fc}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{ff70}' => '-',
        // E.123 separates groups by spaces, of which Unicode has many.
        _ if c.is_whitespace() && !c.is_control() => ' ',
        _ if !c.is_ascii() && c.is_numeric() => {
            let digit = PHONE_NUMBER_UTIL.normalize_digits_only(c.encode_utf8(&mut [0; 4]));
            digit.chars().next().unwrap_or(c)
        }
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(input: &str) -> Result<String, &'static str> {
        Written::read(input).map(|written| written.number)
    }

    #[test]
    fn invisible_characters_and_separators_change_nothing() {
        for input in [
            "\u{202a}+39 347 123 4567\u{202c}",
            "\u{feff}+39\u{ad}347\u{200b}123\u{2060}4567\u{200f}",
            "\u{2066}+39\u{2069} 347 1234567",
            "+39\u{a0}347\u{202f}123\u{2009}4567",
            "+39\u{3000}347\t1234567".replace('\t', " ").as_str(),
            "(+39) 347-123-4567",
            "+39.347.123.4567",
            "+39/347/1234567",
            "+39 347‑123–4567",
            "+39 347—123−4567",
            "＋３９　３４７　１２３（４５６７）",
            "+٣٩ ٣٤٧ ١٢٣ ٤٥٦٧",
            "+३९ ३४७ १२३ ४५६७",
            "tel:+39-347-123-4567",
            "TEL:+39-347-123-4567;isub=1",
            "tel:347-123-4567;phone-context=+39",
        ] {
            assert_eq!(number(input).as_deref(), Ok("+393471234567"), "{input:?}");
        }
        assert_eq!(number("０\u{202d}０39 347").as_deref(), Ok("0039347"));
    }

    #[test]
    fn a_zero_in_parentheses_may_be_left_out() {
        let written = Written::read("+44 (0)20 7946 0958").expect("a number");
        assert_eq!(
            (written.number.as_str(), written.without_zero.as_deref()),
            ("+4402079460958", Some("+442079460958"))
        );
    }

    #[test]
    fn letters_extensions_and_other_signs_are_refused() {
        for input in
            ["+3934712345O7", "+39347l234567", "+39 347 I23 4567", "1-800-FLOWERS", "+39 347 ａ123", "+39 347 x"]
        {
            assert_eq!(number(input), Err(LETTER), "{input:?}");
        }
        for input in [
            "+39 347 1234567 ext 5",
            "+39 347 1234567 ext. 5",
            "+39 347 1234567x12",
            "+39 347 1234567 ｘ１２",
            "+39 347 1234567;ext=12",
            "+39 347 1234567#12",
            "+39 347 1234567,,12",
            "tel:+39-347-1234567;ext=12",
            "+7 495 1234567 доб. 12",
        ] {
            assert_eq!(number(input), Err(EXTENSION), "{input:?}");
        }
        for input in
            ["hello", "++393471234567", "39+3471234567", "+39 347\n1234567", "+39 347 ½", "+39 347 😀", "+39_347"]
        {
            assert_eq!(number(input), Err(NOT_A_NUMBER), "{input:?}");
        }
        assert_eq!(number("").as_deref(), Ok(""));
    }
}
