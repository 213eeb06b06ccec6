//! Owns how values and keys are written into TOML.

use std::fmt::Write;

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                // Writing to a text cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A key, in quotes if it needs them.
pub(super) fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if bare { name.to_owned() } else { quoted(name) }
}

/// A list of texts in brackets.
pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<_> = texts.into_iter().map(quoted).collect();
    format!("[{}]", texts.join(", "))
}

/// Pairs in braces.
pub(super) fn pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<_> = pairs.into_iter().map(|(name, text)| format!("{} = {}", key(name), quoted(text))).collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// A comment of any length, in lines of the width of the repository's files.
pub(super) fn comment(text: &str) -> String {
    const WIDTH: usize = 110;
    let mut out = String::new();
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.chars().count() + word.chars().count() >= WIDTH && line.len() > 1 {
            out.push_str(&line);
            out.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.extend(word.chars().filter(|c| !c.is_control()));
    }
    out.push_str(&line);
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for text in ["", "plain", "with \"quotes\" and \\", "line\nbreak\r\ttab", "\u{1}\u{7f}\u{85}", "größe 价格"]
        {
            let document = format!("{} = {}\n", key(text), quoted(text));
            let table: toml::Table = document.parse().unwrap();
            assert_eq!(table.get(text).and_then(toml::Value::as_str), Some(text), "{document}");
        }
        assert_eq!(pairs([("a b", "C"), ("d", "E")]), "{ \"a b\" = \"C\", d = \"E\" }");
        assert_eq!(list(["a", "b"]), "[\"a\", \"b\"]");
        let long = comment(&"word ".repeat(60));
        assert!(long.lines().all(|line| line.starts_with("# ") && line.len() <= 112), "{long}");
        assert_eq!(comment("a \u{1}b\nc"), "# a b c\n");
    }
}
