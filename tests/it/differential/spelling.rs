//! How words, blanks, characters and literals of a URL can be spelled: letter case, percent-encoding, forms of numbers
//! and times. One number decides.

use penstock::edm::Value;

use super::super::support::databases::{clock_text, date_text, guid_text, instant_text};

/// URL text in the making. `style` 0 always takes the first, plain choice.
pub(crate) struct Spelling {
    style: u64,
    out: String,
}

impl Spelling {
    pub(crate) fn new(style: u64) -> Spelling {
        Spelling { style, out: String::new() }
    }

    pub(crate) fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// One of `choices`, decided by the style.
    pub(crate) fn choose(&mut self, choices: usize) -> usize {
        if self.style == 0 {
            return 0;
        }
        // A linear congruential step; the high bits are the good ones. Never back to the plain style.
        self.style = self.style.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) | 1;
        usize::try_from((self.style >> 33) % choices as u64).unwrap()
    }

    fn encoded(&mut self, character: char) {
        let mut buffer = [0; 4];
        for byte in character.encode_utf8(&mut buffer).bytes() {
            let digits = if self.choose(2) == 1 { format!("%{byte:02x}") } else { format!("%{byte:02X}") };
            self.out.push_str(&digits);
        }
    }

    /// Text with the characters encoded that must be, and now and then one that need not be.
    pub(crate) fn text(&mut self, text: &str) {
        for character in text.chars() {
            let free = character.is_ascii_alphanumeric() || "-._~'()*,;:@/?!$=".contains(character);
            if free && self.choose(12) != 1 { self.out.push(character) } else { self.encoded(character) }
        }
    }

    /// Text that is a URL's already.
    pub(crate) fn raw(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// An operator, function or option name in any letter case.
    pub(crate) fn word(&mut self, word: &str) {
        match self.choose(6) {
            4 => self.out.push_str(&word.to_uppercase()),
            5 => {
                let (first, rest) = word.split_at(1);
                self.out.push_str(&(first.to_uppercase() + rest));
            }
            _ => self.out.push_str(word),
        }
    }

    /// The blank that the grammar demands.
    pub(crate) fn blank(&mut self) {
        let blanks = ["%20", "+", "%20%20", "%09"];
        let choice = self.choose(4);
        self.out.push_str(blanks[choice]);
    }

    /// The blank that the grammar allows.
    pub(crate) fn optional_blank(&mut self) {
        if self.choose(5) == 1 {
            self.blank();
        }
    }

    pub(crate) fn separator(&mut self) {
        self.optional_blank();
        self.text(",");
        self.optional_blank();
    }

    /// A literal; `quotable` if it stands beside what has a type.
    pub(crate) fn literal(&mut self, value: &Value, quotable: bool) {
        let text = match value {
            Value::Null => "null".to_owned(),
            Value::Boolean(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Double(value) => {
                let forms = [format!("{value:e}"), format!("{value:E}"), format!("{value:?}")];
                forms[self.choose(3)].clone()
            }
            Value::Decimal(value) => {
                let plain = value.to_plain_string();
                if plain.contains('.') && self.choose(3) == 1 { plain + "0" } else { plain }
            }
            Value::String(value) => {
                self.text(&format!("'{}'", value.replace('\'', "''")));
                return;
            }
            Value::Guid(value) => {
                let text = guid_text(*value);
                if self.choose(3) == 1 { text.to_uppercase() } else { text }
            }
            // Salesforce holds dates as instants and sends them so.
            Value::Date(value) if self.choose(4) == 1 => format!("{}T00:00:00Z", date_text(*value)),
            Value::Date(value) => date_text(*value),
            Value::DateTimeOffset(value) => self.instant(*value),
            Value::TimeOfDay(value) => {
                let text = clock_text(*value);
                if self.choose(3) == 1 { text } else { trim(&text, "10:00:00".len()) }
            }
            Value::Duration(value) => {
                let text = self.duration(*value);
                let prefix = if quotable && self.choose(4) == 1 { "" } else { "duration" };
                return self.text(&format!("{prefix}'{text}'"));
            }
            other => panic!("{other:?} is not generated"),
        };
        // A quoted literal is cast to the type of the other side (4.01); Salesforce sends GUIDs and numbers so.
        let quotable = quotable && !matches!(value, Value::Null | Value::Boolean(_));
        if quotable && self.choose(8) == 1 { self.text(&format!("'{text}'")) } else { self.text(&text) }
    }

    fn instant(&mut self, micros: i64) -> String {
        const HOUR: i64 = 3_600_000_000;
        // An offset must not lead out of the years 0001 to 9999.
        let near_the_edges = !(-62_000_000_000_000_000..=253_000_000_000_000_000).contains(&micros);
        let (shift, zone) = match self.choose(4) {
            1 if !near_the_edges => (2 * HOUR, "+02:00"),
            2 if !near_the_edges => (-9 * HOUR - HOUR / 2, "-09:30"),
            _ => (0, "Z"),
        };
        let mut text = instant_text(micros + shift, 'T');
        if self.choose(2) == 0 {
            text = trim(&text, "2024-05-01T00:00:00".len());
        }
        text + zone
    }

    /// Seconds alone, or days and hours apart.
    fn duration(&mut self, micros: i64) -> String {
        let (sign, size) = (if micros < 0 { "-" } else { "" }, micros.unsigned_abs());
        let seconds = size / 1_000_000;
        let fraction = trim(&format!(".{:06}", size % 1_000_000), 0);
        if self.choose(2) == 0 {
            return format!("{sign}PT{seconds}{fraction}S");
        }
        let (days, hours, seconds) = (seconds / 86_400, seconds / 3_600 % 24, seconds % 3_600);
        format!("{sign}P{days}DT{hours}H{}M{}{fraction}S", seconds / 60, seconds % 60)
    }
}

/// Without zeros at the end, but not shorter than so many characters: 10:00:00 must not become 10:00:.
fn trim(text: &str, least: usize) -> String {
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    text[..trimmed.len().max(least)].to_owned()
}
