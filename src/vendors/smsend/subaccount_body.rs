//! Checks and builds the request bodies of SubaccountService.

use super::wire;
use crate::{
    api::pb::{CreditSource, Purchase, Subaccount, UnitPrice},
    request::check::{Check, SET_BY_VENDOR},
};

/// Checks the length of a password.
pub(super) fn password(check: &mut Check, value: &str, field: &str) {
    check.that((8..=16).contains(&value.chars().count()), field, "must have 8 to 16 characters");
}

/// Checks a purchase to be booked, and returns smSend's form of it.
pub(super) fn purchase_body<'a>(
    check: &mut Check,
    purchase: &'a Purchase,
    field: &str,
) -> wire::purchase::NewPurchase<'a> {
    let Purchase { name, to_superaccount, price, unit_prices, amount, available, create_time } = purchase;
    for (absent, key) in [
        (name.is_empty(), "name"),
        (amount.is_empty(), "amount"),
        (available.is_empty(), "available"),
        (create_time.is_none(), "create_time"),
    ] {
        check.that(absent, format!("{field}.{key}"), SET_BY_VENDOR);
    }
    check.that(!unit_prices.is_empty(), format!("{field}.unit_prices"), "at least one is required");
    let decimal = |check: &mut Check, text: &str, field: String| {
        let decimal = wire::purchase::Decimal::parse(text);
        check.that(decimal.is_some(), field, "must be a decimal number such as 25.5");
        decimal.unwrap_or_default()
    };
    let price = decimal(check, price, format!("{field}.price"));
    let message_types = unit_prices.iter().enumerate().map(|(i, UnitPrice { message_type, price })| {
        check.required(message_type, &format!("{field}.unit_prices[{i}].message_type"));
        let unit_price = decimal(check, price, format!("{field}.unit_prices[{i}].price"));
        wire::purchase::NewUnitPrice { message_type, unit_price }
    });
    let message_types = message_types.collect();
    wire::purchase::NewPurchase { super_to_sub: !to_superaccount, price, message_types }
}

/// Checks the settable fields of a subaccount, the field `subaccount` of a request, and returns smSend's form of them.
pub(super) fn subaccount_body<'a>(
    check: &mut Check,
    subaccount: &'a Subaccount,
) -> wire::subaccount::SubaccountBody<'a> {
    let Subaccount {
        name: _,
        login,
        password: new_password,
        given_name,
        family_name,
        email,
        invoicing_email,
        address,
        city,
        province,
        postal_code,
        mobile_number,
        phone_number,
        fax,
        company,
        company_name,
        vat_number,
        tax_code,
        credit_source,
        vendor_credit_source,
        european_dates,
        use_24_hours,
        language_code,
        test_number,
        superaccount,
        profile_id,
        user_id,
        active,
        activation_date,
        create_date,
        legal_agreement_date,
        legal_agreement_version,
        alias_validation_allowed,
        public_administration_code,
        credits_sum_text,
        credits,
        default_message_type,
        default_nation,
        foreign,
        max_subaccounts,
        partner,
        partner_code,
        preferred_sender,
        private,
        referral,
        shop_cart_check,
        split_payment,
        subaccount: is_subaccount,
        subaccount_types,
        superaccount_name,
        user_nation,
    } = subaccount;
    for (absent, field) in [
        (vendor_credit_source.is_none(), "subaccount.vendor_credit_source"),
        (user_id.is_none(), "subaccount.user_id"),
        (active.is_none(), "subaccount.active"),
        (activation_date.is_none(), "subaccount.activation_date"),
        (create_date.is_none(), "subaccount.create_date"),
        (legal_agreement_date.is_none(), "subaccount.legal_agreement_date"),
        (legal_agreement_version.is_none(), "subaccount.legal_agreement_version"),
        (alias_validation_allowed.is_none(), "subaccount.alias_validation_allowed"),
        (public_administration_code.is_none(), "subaccount.public_administration_code"),
        (credits_sum_text.is_none(), "subaccount.credits_sum_text"),
        (credits.is_empty(), "subaccount.credits"),
        (default_message_type.is_none(), "subaccount.default_message_type"),
        (default_nation.is_none(), "subaccount.default_nation"),
        (foreign.is_none(), "subaccount.foreign"),
        (max_subaccounts.is_none(), "subaccount.max_subaccounts"),
        (partner.is_none(), "subaccount.partner"),
        (partner_code.is_none(), "subaccount.partner_code"),
        (preferred_sender.is_none(), "subaccount.preferred_sender"),
        (private.is_none(), "subaccount.private"),
        (referral.is_none(), "subaccount.referral"),
        (shop_cart_check.is_none(), "subaccount.shop_cart_check"),
        (split_payment.is_none(), "subaccount.split_payment"),
        (is_subaccount.is_none(), "subaccount.subaccount"),
        (subaccount_types.is_none(), "subaccount.subaccount_types"),
        (superaccount_name.is_none(), "subaccount.superaccount_name"),
        (user_nation.is_none(), "subaccount.user_nation"),
    ] {
        check.that(absent, field, SET_BY_VENDOR);
    }
    if let Some(value) = new_password {
        password(check, value, "subaccount.password");
    }
    for (value, field) in [(email, "subaccount.email"), (invoicing_email, "subaccount.invoicing_email")] {
        check.email(value.as_deref().unwrap_or_default(), field);
    }
    // smSend's default is a company.
    if *company != Some(false) {
        required(check, company_name, "subaccount.company_name");
        required(check, vat_number, "subaccount.vat_number");
    }
    let login = required(check, login, "subaccount.login");
    check.that(!login.contains(char::is_whitespace), "subaccount.login", "must not contain spaces");
    let credit_eat_mode = match CreditSource::try_from(*credit_source).map(wire::subaccount::credit_eat_mode) {
        Ok(Some(mode)) => mode,
        known => {
            check.fault("subaccount.credit_source", if known.is_ok() { "is required" } else { "unknown value" });
            0
        }
    };
    wire::subaccount::SubaccountBody {
        address: required(check, address, "subaccount.address"),
        cell: required(check, mobile_number, "subaccount.mobile_number"),
        city: required(check, city, "subaccount.city"),
        fiscal_code: tax_code.as_deref(),
        company: *company,
        company_name: company_name.as_deref(),
        credit_eat_mode,
        dfeu: *european_dates,
        email: required(check, email, "subaccount.email"),
        fax: fax.as_deref(),
        invoicing_email: invoicing_email.as_deref(),
        language: language_code.as_deref(),
        login,
        name: required(check, given_name, "subaccount.given_name"),
        num_cell_for_test_sms: test_number.as_deref(),
        password: new_password.as_deref(),
        phone: phone_number.as_deref(),
        piva: vat_number.as_deref(),
        province: required(check, province, "subaccount.province"),
        superaccount: *superaccount,
        surname: required(check, family_name, "subaccount.family_name"),
        use24: *use_24_hours,
        zip_code: required(check, postal_code, "subaccount.postal_code"),
        id_subaccount_profile: *profile_id,
    }
}

/// Returns a text that is required.
fn required<'a>(check: &mut Check, value: &'a Option<String>, field: &str) -> &'a str {
    let value = value.as_deref().unwrap_or_default();
    check.required(value, field);
    value
}
