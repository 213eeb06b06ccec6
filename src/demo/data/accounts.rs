//! Owns the rows of `accounts`, among them keys and names that break careless adapters.

use super::random::{MICROS_PER_DAY, Random, money, promised, text, text_or_null};
use super::{MONEY, string, words};
use crate::edm::{Scalar, Value};

pub(super) const COLUMNS: &[(&str, Scalar)] = &[
    ("account_id", string(20)),
    ("name", string(120)),
    ("industry", string(40)),
    ("phone", string(40)),
    ("website", string(255)),
    ("city", string(80)),
    ("country", string(40)),
    ("credit_limit", MONEY),
    ("annual_revenue", MONEY),
    ("on_hold", Scalar::Boolean),
    ("created_at", Scalar::DATE_TIME_OFFSET),
    ("external_guid", Scalar::Guid),
];

/// A hundred and twenty characters, the most that the column takes; the last four are outside the basic plane.
const LONGEST_NAME: &str = "The Most Honourable and Very Ancient Company of Makers, Menders and Merchants of Pumps, \
                            Pipes, Valves and Penstocks 🏭🏭🏭🏭";

/// Key, name, city, country, phone.
type Promise = (&'static str, &'static str, Option<&'static str>, Option<&'static str>, Option<&'static str>);

/// The first accounts.
const PROMISED: &[Promise] = &[
    ("ALFKI", "Alfreds Futterkiste", Some("Berlin"), Some("Germany"), Some("030-0074321")),
    ("ANATR", "Ana Trujillo Emparedados y helados", Some("México D.F."), Some("Mexico"), Some("(5) 555-4729")),
    ("ANTON", "Antonio Moreno Taquería", Some("México D.F."), Some("Mexico"), None),
    ("O'BRIEN", "O'Brien & Sons", Some("Cork"), Some("Ireland"), Some("+353 21 496 0000")),
    ("000123", "Leading Zeros Ltd", Some("London"), Some("UK"), None),
    ("123", "No Leading Zeros Ltd", Some("London"), Some("UK"), None),
    ("12345", "Numeric Key Inc.", Some("Boise"), Some("USA"), None),
    ("A/B-7", "Slash & Partners", Some("Leeds"), Some("UK"), None),
    ("A%2FB-7", "Encoded Slash & Partners", Some("Leeds"), Some("UK "), None),
    ("50%OFF", "Discount Traders", Some("Portland"), Some("USA"), None),
    ("MÜLLER", "Müller", Some("München"), Some("Germany"), None),
    ("ROCKET-🚀", "🚀 Rocket 👩‍🚀 Supplies", None, Some("USA"), None),
    ("A+B", "Plus Sign AG", Some("Zürich"), Some("Switzerland"), None),
    ("A B", "Blank in the Key AG", Some("Zürich"), Some("Switzerland"), None),
    ("A&B=C#1?x", "Reserved Characters AG", Some("Zürich"), Some("Switzerland"), None),
    ("A\\B", "back\\slash", Some("Graz"), Some("Austria"), None),
    ("(1),B=2;'", "Brackets, Commas and Quotes", Some("Graz"), Some("Austria"), None),
    ("MULLER-C", "Müller GmbH", Some("Köln"), Some("Germany"), None),
    ("MULLER-D", "Mu\u{308}ller GmbH", Some("Ko\u{308}ln"), Some("Germany"), None),
    ("MULLER-L", "muller gmbh", Some("koln"), Some("germany"), None),
    ("PROSPECT-1", "MyProspect OR John Smith", None, Some("USA"), None),
    ("PROSPECT-2", "Re: MyProspect OR John Smith, Inc.", None, Some("USA"), None),
    ("PROSPECT-3", "MyProspect", None, Some("USA"), None),
    ("PERCENT", "100%", Some("Eugene"), Some("usa"), None),
    ("PERCENT-NOT", "1000", Some("Eugene"), Some("USA "), None),
    ("UNDERSCORE", "under_score", Some("Eugene"), Some("ＵＳＡ"), None),
    ("UNDERSCORE-NOT", "underXscore", Some("Eugene"), Some("U.S.A."), None),
    ("QUOTES", "\"double\" and 'single' and ''both''", Some("O'Fallon"), Some("USA"), None),
    ("BLANK-LEADING", " leading blank", Some(" Leeds"), Some(" UK"), None),
    ("BLANK-TRAILING", "trailing blank ", Some("Leeds "), Some("UK "), None),
    ("BLANK-BOTH", "  both ends  ", Some("Leeds"), Some("uk"), None),
    ("BLANK-NONE", "trailing blank", Some("Leeds"), Some("ＵＫ"), None),
    ("EMPTY", "", Some(""), Some(""), Some("")),
    ("LONGEST", LONGEST_NAME, Some("London"), Some("Ｕ Ｋ"), None),
    ("ACME-1", "Acme", Some("Seattle"), Some("USA"), Some("1-800-555-0100")),
    ("ACME-2", "ACME Corporation", Some("Seattle"), Some("USA"), None),
    ("ACME-3", "acme", Some("Seattle"), Some("USA"), None),
    ("ACME-4", "Acmé", Some("Nîmes"), Some("France"), None),
    ("ACME-5", "Ａｃｍｅ", Some("東京"), Some("Japan"), None),
    ("ACME-6", "Acme international trading", Some("Bristol"), Some("UK"), None),
    ("ACME-7", "Switchboard Services", Some("Bristol"), Some("UK"), Some("1-800-Acme")),
    ("SHARP-S", "Straße AG", Some("Wien"), Some("Austria"), None),
    ("SHARP-SS", "STRASSE AG", Some("Wien"), Some("Austria"), None),
    ("DOTTED-I", "İstanbul Ticaret", Some("İstanbul"), Some("Türkiye"), None),
    ("DOTLESS-I", "Işık Ticaret", Some("Isparta"), Some("Türkiye"), None),
    ("MARKUP", "<b>Bold & Co</b> &amp; ]]>", None, None, None),
    ("PATTERN", "[brackets] ^caret$ {braces} *?", None, None, None),
    ("CONTROL", "tab\tline\nreturn\rbell\u{7}", None, None, None),
    ("RIGHT-TO-LEFT", "שלום בע\"מ", None, Some("Israel"), None),
    ("TOKYO", "東京商事株式会社", Some("東京"), Some("Japan"), None),
];

const INDUSTRIES: &[&str] =
    &["Agriculture", "Chemicals", "Construction", "Energy", "Food & Beverage", "Machinery", "Retail", "Transport"];

/// Values that are not quite those that most accounts have.
const COUNTRY_TRAPS: &[&str] = &["usa", "UK ", "uk", "ＵＫ", "USA ", "Germany "];

/// The key of an account.
pub(super) fn account_id(index: i64) -> String {
    match promised(PROMISED, index) {
        Some((id, ..)) => (*id).to_owned(),
        None => format!("CUST-{:05}", index - first_ordinary() + 1),
    }
}

/// Index of the account `CUST-00001`.
pub(super) fn first_ordinary() -> i64 {
    i64::try_from(PROMISED.len()).unwrap_or(0)
}

pub(super) fn row(index: i64) -> Vec<Value> {
    let mut random = Random::of("accounts", index);
    let (name, city, country, phone) = match promised(PROMISED, index) {
        Some((_, name, city, country, phone)) => {
            (text(name), text_or_null(*city), text_or_null(*country), text_or_null(*phone))
        }
        None => ordinary(&mut random),
    };
    let website = format!("https://www.example.com/{}?ref=erp&lang=en", random.below(100_000));
    let credit = [0, 100_000, 500_000, 1_000_000, random.below(100_000_000)];
    let revenue = if random.chance(3) { -random.below(10_000_000_000) } else { random.below(500_000_000_000_000) };
    vec![
        text(&account_id(index)),
        name,
        {
            let industry = text(random.pick(INDUSTRIES));
            random.or_null(10, industry)
        },
        phone,
        random.or_null(20, text(&website)),
        city,
        country,
        {
            let credit = money(random.pick(&credit));
            random.or_null(10, credit)
        },
        random.or_null(15, money(revenue)),
        Value::Boolean(random.chance(10)),
        Value::DateTimeOffset(random.day(1998, 2026) * MICROS_PER_DAY + random.time_of_day()),
        {
            let guid = random.guid();
            random.or_null(20, guid)
        },
    ]
}

/// Name, city, country and phone of an account without a promise.
fn ordinary(random: &mut Random) -> (Value, Value, Value, Value) {
    let name = text(&words::company(random));
    let (city, country) = words::place(random);
    let country = if random.chance(2) { random.pick(COUNTRY_TRAPS) } else { country };
    let phone = format!("+{} {:03}-{:04}", random.between(1, 99), random.below(1_000), random.below(10_000));
    (name, random.or_null(8, text(city)), random.or_null(8, text(country)), random.or_null(12, text(&phone)))
}
