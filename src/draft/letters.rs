//! Owns [`to_ascii`]: the letters of other alphabets that have a customary spelling in plain ones.

/// A name in ASCII; every character without a customary spelling has become a blank. The flag tells whether a letter or
/// digit was lost in that.
pub(super) fn to_ascii(name: &str) -> (String, bool) {
    let mut plain = String::with_capacity(name.len());
    let mut lost = false;
    for character in name.chars() {
        match spelling(character) {
            _ if character.is_ascii() => plain.push(character),
            Some(letters) => plain.push_str(letters),
            None if combines(character) => {}
            None => {
                lost |= character.is_alphanumeric();
                plain.push(' ');
            }
        }
    }
    (plain, lost)
}

/// Marks that are written as characters of their own behind the letter that carries them.
fn combines(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// Latin letters with marks lose them, except where a language writes two letters instead; Greek and Cyrillic letters
/// are spelled as passports do.
#[rustfmt::skip]
fn spelling(character: char) -> Option<&'static str> {
    Some(match character {
        'À' | 'Á' | 'Â' | 'Ã' | 'Ā' | 'Ă' | 'Ą' | 'Α' | 'А' => "A",
        'à' | 'á' | 'â' | 'ã' | 'ā' | 'ă' | 'ą' | 'α' | 'ά' | 'а' | 'ª' => "a",
        'Ä' | 'Æ' => "Ae",
        'ä' | 'æ' => "ae",
        'Å' => "Aa",
        'å' => "aa",
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'Ď' | 'Đ' | 'Ð' | 'Δ' | 'Д' => "D",
        'ď' | 'đ' | 'ð' | 'δ' | 'д' => "d",
        'È' | 'É' | 'Ê' | 'Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' | 'Ε' | 'Е' | 'Ё' | 'Э' => "E",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ε' | 'έ' | 'е' | 'ё' | 'э' => "e",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' | 'Γ' | 'Г' | 'Ґ' => "G",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' | 'γ' | 'г' | 'ґ' => "g",
        'Ĥ' | 'Ħ' => "H",
        'ĥ' | 'ħ' => "h",
        'Ì' | 'Í' | 'Î' | 'Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' | 'Η' | 'Ι' | 'И' | 'І' | 'Й' | 'Ы' => "I",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'η' | 'ή' | 'ι' | 'ί' | 'и' | 'і' | 'й' | 'ы' => "i",
        'Ĵ' => "J",
        'ĵ' => "j",
        'Ķ' | 'Κ' | 'К' => "K",
        'ķ' | 'κ' | 'к' => "k",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ł' | 'Λ' | 'Л' => "L",
        'ĺ' | 'ļ' | 'ľ' | 'ł' | 'λ' | 'л' => "l",
        'Μ' | 'М' => "M",
        'μ' | 'м' | 'µ' => "m",
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' | 'Ν' | 'Н' => "N",
        'ñ' | 'ń' | 'ņ' | 'ň' | 'ν' | 'н' => "n",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ō' | 'Ŏ' | 'Ő' | 'Ο' | 'Ω' | 'О' => "O",
        'ò' | 'ó' | 'ô' | 'õ' | 'ō' | 'ŏ' | 'ő' | 'ο' | 'ό' | 'ω' | 'ώ' | 'о' | 'º' => "o",
        'Ö' | 'Ø' | 'Œ' => "Oe",
        'ö' | 'ø' | 'œ' => "oe",
        'Π' | 'П' => "P",
        'π' | 'п' => "p",
        'Ŕ' | 'Ŗ' | 'Ř' | 'Ρ' | 'Р' => "R",
        'ŕ' | 'ŗ' | 'ř' | 'ρ' | 'р' => "r",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' | 'Σ' | 'С' => "S",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' | 'σ' | 'ς' | 'с' => "s",
        'ß' | 'ẞ' => "ss",
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' | 'Τ' | 'Т' => "T",
        'ţ' | 'ť' | 'ŧ' | 'ț' | 'τ' | 'т' => "t",
        'Þ' | 'Θ' => "Th",
        'þ' | 'θ' => "th",
        'Ù' | 'Ú' | 'Û' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' | 'У' => "U",
        'ù' | 'ú' | 'û' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'у' => "u",
        'Ü' => "Ue",
        'ü' => "ue",
        'Β' | 'В' => "V",
        'β' | 'в' => "v",
        'Б' => "B",
        'б' => "b",
        'Φ' | 'Ф' => "F",
        'φ' | 'ф' => "f",
        'Ŵ' => "W",
        'ŵ' => "w",
        'Ý' | 'Ŷ' | 'Ÿ' | 'Υ' => "Y",
        'ý' | 'ÿ' | 'ŷ' | 'υ' | 'ύ' => "y",
        'Ź' | 'Ż' | 'Ž' | 'Ζ' | 'З' => "Z",
        'ź' | 'ż' | 'ž' | 'ζ' | 'з' => "z",
        'Ξ' => "X",
        'ξ' => "x",
        'Ψ' => "Ps",
        'ψ' => "ps",
        'Ж' => "Zh",
        'ж' => "zh",
        'Х' => "Kh",
        'х' => "kh",
        'Ц' => "Ts",
        'ц' => "ts",
        'Ч' | 'Χ' => "Ch",
        'ч' | 'χ' => "ch",
        'Ш' | 'Щ' => "Sh",
        'ш' | 'щ' => "sh",
        'Ю' => "Yu",
        'ю' => "yu",
        'Я' => "Ya",
        'я' => "ya",
        'Є' => "Ye",
        'є' => "ye",
        'Ї' => "Yi",
        'ї' => "yi",
        'Ъ' | 'ъ' | 'Ь' | 'ь' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_spelled_as_their_languages_do() {
        for (name, plain, lost) in [
            ("Straße", "Strasse", false),
            ("größe_mm", "groesse_mm", false),
            ("café", "cafe", false),
            ("cafe\u{301}", "cafe", false),
            ("Ålesund", "Aalesund", false),
            ("Łódź", "Lodz", false),
            ("счёт", "schet", false),
            ("价格_eur", "  _eur", true),
            ("a–b", "a b", false),
        ] {
            assert_eq!(to_ascii(name), (plain.to_owned(), lost), "{name}");
        }
    }
}
