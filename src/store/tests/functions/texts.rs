//! Functions of texts.

use super::*;

fn text(function: Function, arguments: Vec<Expr>, expected: &str) -> Case {
    case(call(function, arguments, Scalar::STRING), &format!("text {expected}"))
}

fn number(function: Function, arguments: Vec<Expr>, expected: i64) -> Case {
    case(call(function, arguments, Scalar::Int32), &format!("int {expected}"))
}

#[tokio::test]
async fn characters_are_counted() {
    let mut cases = Vec::new();
    for (of, expected) in [("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 2), ("😀ß", 2), ("a  ", 3), ("\u{10ffff}", 1)]
    {
        cases.push(number(Function::Length, vec![string(of)], expected));
    }
    for (of, part, expected) in [
        ("hello", "l", 2),
        ("hello", "L", -1),
        ("hello", "", 0),
        ("", "", 0),
        ("", "a", -1),
        ("😀é😀ß", "ß", 3),
        ("e\u{301}", "é", -1),
        ("e", "é", -1),
        ("straße", "ss", -1),
        ("a b", " ", 1),
        ("a ", "a  ", -1),
        ("100%", "%", 3),
        ("a_b", "_", 1),
        ("a\\b", "\\", 1),
    ] {
        cases.push(number(Function::IndexOf, vec![string(of), string(part)], expected));
    }
    check(cases).await;
}

#[tokio::test]
async fn parts_are_cut_out_from_both_ends() {
    let mut cases = Vec::new();
    for (of, start, expected) in [
        ("hello", 0, "hello"),
        ("hello", 1, "ello"),
        ("hello", 5, ""),
        ("hello", 6, ""),
        ("hello", i64::MAX, ""),
        ("hello", -1, "o"),
        ("hello", -5, "hello"),
        ("hello", -9, "hello"),
        ("hello", i64::MIN, "hello"),
        ("é😀ß", 1, "😀ß"),
        ("é😀ß", -2, "😀ß"),
        ("", 0, ""),
        ("", -1, ""),
    ] {
        cases.push(text(Function::Substring, vec![string(of), int(start)], expected));
    }
    for (of, start, length, expected) in [
        ("hello", 1, 3, "ell"),
        ("hello", 1, 0, ""),
        ("hello", 1, -1, ""),
        ("hello", 1, i64::MIN, ""),
        ("hello", 1, i64::MAX, "ello"),
        ("hello", -3, 2, "ll"),
        ("hello", -9, 2, "he"),
        ("hello", 9, 2, ""),
        ("é😀ß", 1, 1, "😀"),
        (" a ", 0, 2, " a"),
    ] {
        cases.push(text(Function::Substring, vec![string(of), int(start), int(length)], expected));
    }
    check(cases).await;
}

#[tokio::test]
async fn letter_case_goes_letter_by_letter() {
    let mut cases = Vec::new();
    for (of, expected) in [
        ("ABC xyz", "abc xyz"),
        ("ÄÖÜ É Ñ Ø Č", "äöü é ñ ø č"),
        ("ΟΔΟΣ", "οδοσ"),
        ("ПРИВЕТ", "привет"),
        ("İI", "ii"),
        ("ẞ", "ß"),
        ("Ǆ", "ǆ"),
        ("\u{10400}", "\u{10428}"),
        ("É", "é"),
        ("E\u{301}", "e\u{301}"),
        ("日本 1", "日本 1"),
        ("", ""),
    ] {
        cases.push(text(Function::ToLower, vec![string(of)], expected));
    }
    for (of, expected) in [
        ("abc XYZ", "ABC XYZ"),
        ("äöü é ñ ø č ÿ", "ÄÖÜ É Ñ Ø Č Ÿ"),
        ("straße", "STRAßE"),
        ("οδος", "ΟΔΟΣ"),
        ("ıſ", "IS"),
        ("ŉǰ", "ŉǰ"),
        ("ǆ", "Ǆ"),
        ("\u{10428}", "\u{10400}"),
        ("ᾳᾀ", "ᾼᾈ"),
        ("ﬁ", "ﬁ"),
    ] {
        cases.push(text(Function::ToUpper, vec![string(of)], expected));
    }
    check(cases).await;
}

#[tokio::test]
async fn white_space_is_that_of_unicode() {
    let space = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2000}\u{2003}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";
    check(vec![
        text(Function::Trim, vec![string(" a b ")], "a b"),
        text(Function::Trim, vec![string(&format!("{space}a{space}b{space}"))], &format!("a{space}b")),
        text(Function::Trim, vec![string(space)], ""),
        text(Function::Trim, vec![string("")], ""),
        text(
            Function::Trim,
            vec![string(&format!(" a{}b ", " ".repeat(50_000)))],
            &format!("a{}b", " ".repeat(50_000)),
        ),
        text(Function::Trim, vec![string("\u{200b}a\u{feff}")], "\u{200b}a\u{feff}"),
        text(Function::Trim, vec![string("\n\na\n\n")], "a"),
        text(Function::Concat, vec![string(" é"), string("😀 ")], " é😀 "),
        text(Function::Concat, vec![string(""), string("")], ""),
        text(Function::Concat, vec![call(Function::ToUpper, vec![string("a")], Scalar::STRING), string("b")], "Ab"),
    ])
    .await;
}

#[tokio::test]
async fn null_gives_null() {
    let none = || null(Scalar::STRING);
    let none_int = || null(Scalar::Int64);
    let mut cases = Vec::new();
    for function in [Function::Length, Function::ToLower, Function::ToUpper, Function::Trim] {
        cases.push(call(function, vec![none()], Scalar::STRING));
    }
    for (left, right) in [(none(), string("a")), (string("a"), none()), (none(), none())] {
        cases.push(call(Function::Concat, vec![left.clone(), right.clone()], Scalar::STRING));
        cases.push(call(Function::IndexOf, vec![left, right], Scalar::Int32));
    }
    cases.push(call(Function::Substring, vec![none(), int(1)], Scalar::STRING));
    cases.push(call(Function::Substring, vec![string("abc"), none_int()], Scalar::STRING));
    cases.push(call(Function::Substring, vec![string("abc"), none_int(), int(1)], Scalar::STRING));
    cases.push(call(Function::Substring, vec![string("abc"), int(1), none_int()], Scalar::STRING));
    cases.push(call(Function::MatchesPattern, vec![none(), string("a")], Scalar::Boolean));
    check(cases.into_iter().map(|expr| case(expr, "null")).collect()).await;
}
