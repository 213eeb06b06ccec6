//! Patterns.

use super::*;

#[tokio::test]
async fn patterns_mean_the_same() {
    let mut cases = Vec::new();
    for (text, pattern, expected) in [
        ("hello", "l+", true),
        ("hello", "L", false),
        ("hello", "^hel", true),
        ("hello", "^el", false),
        ("hello", "lo$", true),
        ("hello\n", "lo$", false),
        ("a\nb", "^b", false),
        ("a\nb", "a$", false),
        ("a\nb", "a.b", false),
        ("a\rb", "a.b", false),
        ("a\u{2028}b", "a.b", false),
        ("a\u{85}b", "a.b", true),
        ("a😀b", "^a.b$", true),
        ("é", "^.$", true),
        ("e\u{301}", "^.$", false),
        ("7", r"^\d$", true),
        ("٣", r"^\d$", false),
        ("é", r"^\w$", false),
        ("_", r"^\w$", true),
        ("\u{a0}", r"^\s$", true),
        ("\u{feff}", r"^\s$", true),
        ("\u{85}", r"^\s$", false),
        ("x", r"^\S\D\W?$", false),
        ("xy!", r"^\S\D\W?$", true),
        ("é", "^[à-ÿ]$", true),
        ("É", "^[à-ÿ]$", false),
        ("é", "^[^à-ÿ]$", false),
        ("😀", "^[^à-ÿ]$", true),
        ("\n", "^[^a]$", true),
        ("]", r"^[\]]$", true),
        ("^", r"^[a^]$", true),
        ("-", "^[a-]$", true),
        ("[:alpha:]", r"^[[:alph]+:?\]$", true),
        ("", "^$", true),
        ("", "", true),
        ("abc", "", true),
        ("x", "a|", true),
        ("ab", "^(a|ab)(c|bcd)?$", true),
        ("aaa", "^a{2}$", false),
        ("aaa", "^a{2,}$", true),
        ("aaa", "^a{0,3}?$", true),
        ("abab", "^(?:ab)*$", true),
        ("a.b", r"^a\.b$", true),
        ("axb", r"^a\.b$", false),
        ("a#b %_'\"?$1", r#"^a#b %_'"\?\$1$"#, true),
        ("a\\b", r"a\\b", true),
        ("tab\there", r"\t", true),
        ("(?i)A", r"^\(\?i\)a", false),
        ("***=x", r"^\*\*\*=x$", true),
        ("A", r"^\x41$", true),
        ("😀", r"^\u{1F600}$", true),
        ("ß", "^SS$", false),
        ("STRASSE", "(S|s)+E$", true),
    ] {
        let matches = call(Function::MatchesPattern, vec![string(text), string(pattern)], Scalar::Boolean);
        cases.push(case(matches, &expected.to_string()));
    }
    check(cases).await;
}

#[tokio::test]
async fn the_largest_patterns_are_compiled() {
    let long = "é".repeat(900);
    let mut cases = Vec::new();
    for (text, pattern, expected) in [
        (long.as_str(), "^(?:[^a]{250}){3}[^a]+$", true),
        (long.as_str(), "^(?:é{225}){4}$", true),
        (long.as_str(), "^(?:é{225}){3}é{224}$", false),
        (long.as_str(), "(?:(?:a|b|c|d|e)?[f-z]){120}", false),
        ("abc", &"(?:".repeat(20), true),
    ] {
        let pattern = if pattern.ends_with(':') { format!("{pattern}b{}", ")".repeat(20)) } else { pattern.to_owned() };
        let matches = call(Function::MatchesPattern, vec![string(text), string(&pattern)], Scalar::Boolean);
        cases.push(case(matches, &expected.to_string()));
    }
    check(cases).await;
}

#[tokio::test]
async fn a_search_without_end_is_stopped_and_never_a_no() {
    let (_folder, databases) = databases(&[]).await;
    let text = format!("{}b", "a".repeat(40));
    for database in &databases {
        let matches = call(Function::MatchesPattern, vec![string(&text), string("(?:a+)+$")], Scalar::Boolean);
        let found = evaluate(database, ONE_ROW, matches).await;
        let expected = if database.kind() == Kind::Mariadb { "Slow" } else { "false" };
        assert!(found.starts_with(expected), "{:?}: {found}", database.kind());
    }
}
