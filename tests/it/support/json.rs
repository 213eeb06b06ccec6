//! A JSON reader for tests that keeps numbers as the text they were written in, so decimals and 64-bit integers are
//! compared to the last digit, and that refuses everything the grammar forbids, duplicate names included.

use std::fmt;

/// A JSON value. Members keep their order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The text of the number, as written.
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads one value that takes the whole text.
    pub(crate) fn read(text: &str) -> Result<Json, String> {
        let mut reader = Reader { text, place: 0 };
        let value = reader.value(0)?;
        reader.blanks();
        if reader.place == text.len() { Ok(value) } else { Err(reader.wrong("the end")) }
    }

    /// The member of an object.
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().find(|(member, _)| member == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a number.
    pub(crate) fn as_number(&self) -> Option<&str> {
        match self {
            Json::Number(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_array(&self) -> Option<&[Json]> {
        match self {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members of an object, in order.
    pub(crate) fn members(&self) -> &[(String, Json)] {
        match self {
            Json::Object(members) => members,
            _ => &[],
        }
    }
}

/// Compact JSON, numbers as they were read.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(value) => write!(f, "{value}"),
            Json::Number(text) => f.write_str(text),
            Json::String(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
            Json::Array(items) => {
                f.write_str("[")?;
                for (place, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if place == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Json::Object(members) => {
                f.write_str("{")?;
                for (place, (name, value)) in members.iter().enumerate() {
                    let comma = if place == 0 { "" } else { "," };
                    write!(f, "{comma}{}:{value}", serde_json::Value::from(name.as_str()))?;
                }
                f.write_str("}")
            }
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    place: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.place..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.place).copied()
    }

    fn wrong(&self, expected: &str) -> String {
        let found: String = self.rest().chars().take(20).collect();
        format!("JSON: expected {expected} at byte {}, found '{found}'", self.place)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.place += 1;
        }
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.place += token.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > 64 {
            return Err(self.wrong("less nesting"));
        }
        self.blanks();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Json::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.take("null") => Ok(Json::Null),
            _ if self.take("true") => Ok(Json::Bool(true)),
            _ if self.take("false") => Ok(Json::Bool(false)),
            _ => Err(self.wrong("a value")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, String> {
        self.place += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.take("]") {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.take("]") {
                return Ok(Json::Array(items));
            }
            if !self.take(",") {
                return Err(self.wrong("a comma or ]"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, String> {
        self.place += 1;
        let mut members: Vec<(String, Json)> = Vec::new();
        self.blanks();
        if self.take("}") {
            return Ok(Json::Object(members));
        }
        loop {
            self.blanks();
            let name = self.string()?;
            self.blanks();
            if !self.take(":") {
                return Err(self.wrong("a colon"));
            }
            let value = self.value(depth + 1)?;
            if members.iter().any(|(member, _)| *member == name) {
                return Err(format!("JSON: the name '{name}' stands twice"));
            }
            members.push((name, value));
            self.blanks();
            if self.take("}") {
                return Ok(Json::Object(members));
            }
            if !self.take(",") {
                return Err(self.wrong("a comma or }"));
            }
        }
    }

    fn number(&mut self) -> Result<Json, String> {
        let start = self.place;
        self.take("-");
        let whole = self.digits();
        if whole == 0 || (whole > 1 && self.text[start..].trim_start_matches('-').starts_with('0')) {
            return Err(self.wrong("a number"));
        }
        if self.take(".") && self.digits() == 0 {
            return Err(self.wrong("a digit"));
        }
        if self.take("e") || self.take("E") {
            let _ = self.take("+") || self.take("-");
            if self.digits() == 0 {
                return Err(self.wrong("a digit"));
            }
        }
        Ok(Json::Number(self.text[start..self.place].to_owned()))
    }

    fn digits(&mut self) -> usize {
        let count = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        self.place += count;
        count
    }

    fn string(&mut self) -> Result<String, String> {
        if !self.take("\"") {
            return Err(self.wrong("a string"));
        }
        let mut out = String::new();
        loop {
            let Some(next) = self.rest().chars().next() else { return Err(self.wrong("a closing quote")) };
            self.place += next.len_utf8();
            match next {
                '"' => return Ok(out),
                '\\' => out.push(self.escape()?),
                control if control < ' ' => return Err(self.wrong("no control character")),
                other => out.push(other),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let Some(kind) = self.peek() else { return Err(self.wrong("an escape")) };
        self.place += 1;
        Ok(match kind {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first).ok_or_else(|| self.wrong("a character"));
                }
                if !self.take("\\u") {
                    return Err(self.wrong("the second half of a pair"));
                }
                let second = self.hex()?;
                let code = 0x10000 + ((first - 0xd800) << 10) + second.wrapping_sub(0xdc00);
                return char::from_u32(code).ok_or_else(|| self.wrong("a character"));
            }
            _ => return Err(self.wrong("an escape")),
        })
    }

    fn hex(&mut self) -> Result<u32, String> {
        let digits = self.rest().get(..4).ok_or_else(|| self.wrong("four digits"))?;
        let value = u32::from_str_radix(digits, 16).map_err(|_| self.wrong("four digits"))?;
        self.place += 4;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn numbers_keep_their_text_and_wrong_json_is_refused() {
        let text = r#"{"a":[1.50,-0,12345678901234567890.1e-5],"b":"\u00e9\ud83d\ude00\n","c":{}}"#;
        let json = Json::read(text).unwrap();
        assert_eq!(json.get("a").unwrap().as_array().unwrap()[2].as_number(), Some("12345678901234567890.1e-5"));
        assert_eq!(json.get("b").unwrap().as_str(), Some("é😀\n"));
        assert_eq!(json.to_string(), r#"{"a":[1.50,-0,12345678901234567890.1e-5],"b":"é😀\n","c":{}}"#);
        for wrong in ["", "[1,]", "01", "{\"a\":1,\"a\":2}", "\"\u{1}\"", "[1] x", "1.", "{\"a\" 1}", "nul", "\"a"] {
            assert!(Json::read(wrong).is_err(), "{wrong}");
        }
    }
}
