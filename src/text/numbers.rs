//! Analyzes phone numbers by the numbering plans. Their metadata (some megabytes) is loaded at first use, so the path
//! of a send must not use it: there the number's form is enough, see `check`.

mod written;

pub use rlibphonenumber::Region;
use rlibphonenumber::{
    PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationError,
};

use self::written::Written;
use crate::{
    api::pb::{AnalyzedNumber, LineType},
    request::check::is_e164,
};

/// Parses a country code of ISO 3166-1; returns `None` if it has no numbering plan.
pub fn region(code: &str) -> Option<Region> {
    let region = code.parse().ok().filter(|_| code.len() == 2)?;
    PHONE_NUMBER_UTIL.get_supported_regions().any(|supported| supported == region).then_some(region)
}

/// Analyzes a number in any form: with `+`, with `00`, or in the national form of `region`.
pub fn analyze(input: String, region: Option<Region>) -> AnalyzedNumber {
    let number = parse(&input, region);
    let analyzed = AnalyzedNumber { input, ..AnalyzedNumber::default() };
    let number = match number {
        Ok(number) => number,
        Err(problem) => return AnalyzedNumber { problem: problem.to_owned(), ..analyzed },
    };
    let valid = number.is_valid();
    AnalyzedNumber {
        // A number that is far too long has no E.164 form.
        phone_number: Some(number.format_as(PhoneNumberFormat::E164).into_owned())
            .filter(|e164| is_e164(e164))
            .unwrap_or_default(),
        valid,
        region_code: number.get_region_code().map(|region| region.to_string()).unwrap_or_default(),
        line_type: line_type(number.get_type()).into(),
        problem: if valid { String::new() } else { invalid(&number).to_owned() },
        ..analyzed
    }
}

/// Returns a number in international form, `+` and digits, without spaces and other separators; `None` for an invalid number
/// and for a text with a letter.
pub fn dialed(input: &str) -> Option<String> {
    if input.contains(char::is_alphabetic) {
        return None;
    }
    Written::read(input).ok().map(|written| written.without_zero.unwrap_or(written.number))
}

fn parse(input: &str, region: Option<Region>) -> Result<PhoneNumber, &'static str> {
    let Written { number, without_zero } = Written::read(input)?;
    // Most countries dial 00 for a plus. With a region, the plan has its prefix.
    let plus = number.strip_prefix("00").filter(|_| region.is_none()).map(|rest| format!("+{rest}"));
    let text = plus.as_deref().unwrap_or(&number);
    let national = region.is_none() && !text.starts_with('+');
    let parsed = PhoneNumber::parse(text, region).map_err(|error| unreadable(&error, national));
    match without_zero {
        Some(text) if !parsed.as_ref().is_ok_and(PhoneNumber::is_valid) => match PhoneNumber::parse(&text, region) {
            Ok(number) if number.is_valid() => Ok(number),
            _ => parsed,
        },
        _ => parsed,
    }
}

fn unreadable(error: &ParseError, national: bool) -> &'static str {
    match error {
        ParseError::InvalidCountryCode if national => "has no country: begin with + and its code, or set region_code",
        ParseError::InvalidCountryCode => "has a country calling code that does not exist",
        ParseError::NotANumber(_) => "is not a phone number",
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => "is too short",
        ParseError::TooLongNsn => "is too long",
    }
}

fn invalid(number: &PhoneNumber) -> &'static str {
    match number.is_possible_with_reason() {
        Err(ValidationError::TooShort) => "is too short for its country",
        Err(ValidationError::TooLong) => "is too long for its country",
        Err(ValidationError::InvalidLength) => "has a length that its country does not use",
        Err(ValidationError::InvalidCountryCode) => "has a country calling code that does not exist",
        Ok(_) => "is in no range that its country uses",
    }
}

fn line_type(kind: PhoneNumberType) -> LineType {
    match kind {
        PhoneNumberType::FixedLine => LineType::FixedLine,
        PhoneNumberType::Mobile => LineType::Mobile,
        PhoneNumberType::FixedLineOrMobile => LineType::FixedLineOrMobile,
        PhoneNumberType::TollFree => LineType::TollFree,
        PhoneNumberType::PremiumRate => LineType::PremiumRate,
        PhoneNumberType::SharedCost => LineType::SharedCost,
        PhoneNumberType::VoIP => LineType::Voip,
        PhoneNumberType::PersonalNumber => LineType::PersonalNumber,
        PhoneNumberType::Pager => LineType::Pager,
        PhoneNumberType::UAN => LineType::Uan,
        PhoneNumberType::VoiceMail => LineType::Voicemail,
        PhoneNumberType::Unknown => LineType::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_number_has_the_same_result() {
        for (input, country) in [
            ("+393471234567", None),
            (" +39 347 123-4567 ", None),
            ("0039 347 1234567", None),
            ("347 1234567", Some("IT")),
            ("0039 347 1234567", Some("IT")),
            ("011 39 347 1234567", Some("US")),
            ("\u{202a}0039 347 123 4567\u{202c}", None),
            ("\u{202d}011\u{a0}39\u{202f}347 1234567", Some("US")),
            ("００３９　３４７　１２３　４５６７", None),
            ("＋３９３４７１２３４５６７", None),
            ("+39\u{202f}347\u{202f}123\u{202f}4567", None),
            ("+٣٩٣٤٧١٢٣٤٥٦٧", None),
            ("+39 (0)347 1234567", None),
            ("tel:+39-347-1234567", None),
        ] {
            let number = analyze(input.to_owned(), country.and_then(region));
            let expected = AnalyzedNumber {
                input: input.to_owned(),
                phone_number: "+393471234567".to_owned(),
                valid: true,
                region_code: "IT".to_owned(),
                line_type: LineType::Mobile.into(),
                problem: String::new(),
            };
            assert_eq!(number, expected, "{country:?}");
        }
    }

    #[test]
    fn the_plans_tell_country_and_line() {
        for (input, country, line) in [
            ("+4915123456789", "DE", LineType::Mobile),
            ("+493012345678", "DE", LineType::FixedLine),
            ("+12125550123", "US", LineType::FixedLineOrMobile),
            ("+18005550123", "US", LineType::TollFree),
            ("+33899123456", "FR", LineType::PremiumRate),
            ("+44 (0)20 7946 0958", "GB", LineType::FixedLine),
            ("+39 (0)2 1234 5678", "IT", LineType::FixedLine),
            ("+80012345678", "001", LineType::TollFree),
        ] {
            let number = analyze(input.to_owned(), None);
            assert_eq!(
                (number.valid, number.region_code.as_str(), number.line_type()),
                (true, country, line),
                "{input}"
            );
        }
    }

    #[test]
    fn an_invalid_number_has_a_reason() {
        for (input, phone_number, problem) in [
            ("", "", "is not a phone number"),
            ("hello", "", "is not a phone number"),
            ("+39 347 1234567 ext 5", "", "has an extension, which no SMS can reach"),
            (
                "+3934712345O7",
                "",
                "has a letter: phone numbers have digits only, and a letter may be a digit that was misread",
            ),
            ("3471234567", "", "has no country: begin with + and its code, or set region_code"),
            ("+999123456789", "", "has a country calling code that does not exist"),
            ("+39", "", "is not a phone number"),
            ("+3912", "+3912", "is too short for its country"),
            ("+12125550123456789", "", "is too long for its country"),
            ("+11235550123", "+11235550123", "is in no range that its country uses"),
        ] {
            let number = analyze(input.to_owned(), None);
            assert_eq!((number.phone_number.as_str(), number.problem.as_str()), (phone_number, problem), "{input}");
            assert!(!number.valid);
        }
        assert!(region("XX").is_none() && region("Italy").is_none() && region("").is_none());
    }
}
