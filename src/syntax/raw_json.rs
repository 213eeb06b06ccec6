//! Owns [`RawJson`]: JSON as text, taken apart one level at a time. Numbers keep every digit, a name that stands twice
//! is seen, and no tree is built, so that a body takes no more memory than its text.

use super::json::unescape;

/// Deeper nesting is refused: it is walked by recursion.
const DEPTH_MAX: usize = 128;

/// One JSON value: its text, without blanks around it. What holds it has been checked to its last bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawJson<'t>(&'t str);

impl<'t> RawJson<'t> {
    /// Checks a whole document. The error is the place, in bytes, of what cannot stand there.
    pub fn parse(text: &'t str) -> Result<RawJson<'t>, usize> {
        let mut walk = Walk { text, at: 0 };
        walk.blanks();
        let value = walk.value(0)?;
        walk.blanks();
        if walk.at == text.len() { Ok(value) } else { Err(walk.at) }
    }

    /// The text as it stands there.
    pub fn text(self) -> &'t str {
        self.0
    }

    /// Whether this is `null`.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// The content of a string; `None` for all else, and for escapes that make no character.
    pub fn string(self) -> Option<String> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if inner.contains('\\') { unescape(inner) } else { Some(inner.to_owned()) }
    }

    /// The values of an array; `None` for all else.
    pub fn items(self) -> Option<Vec<RawJson<'t>>> {
        if !self.0.starts_with('[') {
            return None;
        }
        let mut items = Vec::new();
        Walk { text: self.0, at: 0 }.array(0, &mut |item| items.push(item)).ok()?;
        Some(items)
    }

    /// The names and values of an object, in their order; `None` for all else.
    pub fn members(self) -> Option<Vec<(String, RawJson<'t>)>> {
        if !self.0.starts_with('{') {
            return None;
        }
        let mut members = Vec::new();
        let mut is_good = true;
        let mut take = |name: RawJson<'t>, value| match name.string() {
            Some(name) => members.push((name, value)),
            None => is_good = false,
        };
        Walk { text: self.0, at: 0 }.object(0, &mut take).ok()?;
        is_good.then_some(members)
    }

    /// The first value of this name in an object.
    pub fn member(self, name: &str) -> Option<RawJson<'t>> {
        let mut found = None;
        let mut look = |known: RawJson<'t>, value| {
            if found.is_none() && known.string().is_some_and(|known| known == name) {
                found = Some(value);
            }
        };
        Walk { text: self.0, at: 0 }.object(0, &mut look).ok()?;
        found
    }

    /// The number of values in an array.
    pub fn count(self) -> Option<usize> {
        let mut count = 0;
        Walk { text: self.0, at: 0 }.array(0, &mut |_| count += 1).ok()?;
        Some(count)
    }

    /// The value at a place of an array, counted from 0.
    pub fn item(self, place: usize) -> Option<RawJson<'t>> {
        let (mut at, mut found) = (0, None);
        let mut look = |item| {
            if at == place {
                found = Some(item);
            }
            at += 1;
        };
        Walk { text: self.0, at: 0 }.array(0, &mut look).ok()?;
        found
    }
}

struct Walk<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Walk<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, byte: u8) -> Result<(), usize> {
        if self.take(byte) { Ok(()) } else { Err(self.at) }
    }

    fn from(&self, start: usize) -> RawJson<'t> {
        RawJson(self.text.get(start..self.at).unwrap_or_default())
    }

    fn value(&mut self, depth: usize) -> Result<RawJson<'t>, usize> {
        let start = self.at;
        if depth > DEPTH_MAX {
            return Err(start);
        }
        match self.peek() {
            Some(b'{') => self.object(depth, &mut |_, _| {})?,
            Some(b'[') => self.array(depth, &mut |_| {})?,
            Some(b'"') => self.string()?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => {
                let rest = self.text.get(start..).unwrap_or_default();
                let word = ["null", "true", "false"].into_iter().find(|word| rest.starts_with(word)).ok_or(start)?;
                self.at += word.len();
            }
        }
        Ok(self.from(start))
    }

    fn array(&mut self, depth: usize, item: &mut dyn FnMut(RawJson<'t>)) -> Result<(), usize> {
        self.expect(b'[')?;
        self.blanks();
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.blanks();
            item(self.value(depth + 1)?);
            self.blanks();
            if self.take(b']') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn object(&mut self, depth: usize, member: &mut dyn FnMut(RawJson<'t>, RawJson<'t>)) -> Result<(), usize> {
        self.expect(b'{')?;
        self.blanks();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.blanks();
            let start = self.at;
            self.string()?;
            let name = self.from(start);
            self.blanks();
            self.expect(b':')?;
            self.blanks();
            member(name, self.value(depth + 1)?);
            self.blanks();
            if self.take(b'}') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn string(&mut self) -> Result<(), usize> {
        self.expect(b'"')?;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    match self.peek() {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
                        Some(b'u') => {
                            self.at += 1;
                            for _ in 0..4 {
                                if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                                    return Err(self.at);
                                }
                                self.at += 1;
                            }
                        }
                        _ => return Err(self.at),
                    }
                }
                Some(byte) if byte >= b' ' => self.at += 1,
                _ => return Err(self.at),
            }
        }
    }

    fn digits(&mut self) -> Result<(), usize> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.at);
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), usize> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_apart_as_they_stand() {
        let text = " {\"a\" : 12345678901234567.8900e-1, \"b\\u00e4\":[ null,true , \"x\\\"\\n\" ,{}],\"a\":\"\\ud83d\\ude00\" }\r\n";
        let whole = RawJson::parse(text).unwrap();
        let members = whole.members().unwrap();
        let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "bä", "a"], "a name that stands twice is seen");
        assert_eq!(whole.member("a").unwrap().text(), "12345678901234567.8900e-1");
        assert_eq!(members[2].1.string().as_deref(), Some("\u{1f600}"));
        let items = members[1].1.items().unwrap();
        assert_eq!(items.iter().map(|item| item.text()).collect::<Vec<_>>(), ["null", "true", "\"x\\\"\\n\"", "{}"]);
        assert!(
            items[0].is_null() && items[2].string().as_deref() == Some("x\"\n") && items[3].members() == Some(vec![])
        );
        let list = members[1].1;
        assert_eq!((list.count(), list.item(1), list.item(4)), (Some(4), Some(items[1]), None));
        assert_eq!((whole.count(), list.member("a"), whole.member("A")), (None, None, None));
        assert_eq!((items[0].items(), items[0].members(), items[1].string()), (None, None, None));
        assert_eq!(RawJson::parse("\"\\ud83d\"").unwrap().string(), None, "half a character");
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        for (text, place) in [
            ("", 0),
            ("{", 1),
            ("{a:1}", 1),
            ("{\"a\" 1}", 5),
            ("{\"a\":1,}", 7),
            ("[1,]", 3),
            ("[1 2]", 3),
            ("01", 1),
            ("1.", 2),
            ("1e", 2),
            ("-", 1),
            ("nul", 0),
            ("\"a", 2),
            ("\"\t\"", 1),
            ("\"\\x\"", 2),
            ("\"\\u12g4\"", 5),
            ("{} x", 3),
        ] {
            assert_eq!(RawJson::parse(text), Err(place), "{text}");
        }
        assert!(RawJson::parse(&format!("{}{}", "[".repeat(128), "]".repeat(128))).is_ok());
        assert!(RawJson::parse(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn it_agrees_with_another_reader() {
        for text in [
            "[1.5e3,-0,0.0]",
            "{\"\":\"\"}",
            "\"\u{7f}ä\"",
            "[[[]],{\"a\":{\"b\":[]}}]",
            "1e+5",
            "-0.1E-2",
            "tru",
            "[,]",
            "{,}",
            "+1",
            ".5",
        ] {
            assert_eq!(RawJson::parse(text).is_ok(), serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
        }
    }
}
