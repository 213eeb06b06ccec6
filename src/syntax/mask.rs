//! Owns [`masked`]: the text of an option without the values in it, for places where nobody may read them.

use super::decode::Text;
use super::lexer::{self, TokenKind};

/// Stands where a value stood.
const MASK: char = '?';

/// The printed text of an option, each literal in it replaced by a question mark: names, operators and functions stay,
/// and so do `true`, `false` and `null`. Words of a search have no form of their own, so where one stands inside, or
/// where the text cannot be told apart, nothing but the mark is left.
pub fn masked(text: &str) -> String {
    let whole = Text::plain(text);
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    loop {
        let Ok(token) = lexer::next(&whole, at) else { return MASK.to_string() };
        masked.push_str(whole.slice(at, token.start));
        let shown = whole.slice(token.start, token.end);
        match token.kind {
            TokenKind::End => return masked,
            TokenKind::Dollar if shown == "$search" => return MASK.to_string(),
            // The step of `$apply`.
            TokenKind::Word if shown == "search" && whole.byte(token.end) == b'(' => return MASK.to_string(),
            TokenKind::Literal(_) | TokenKind::String => masked.push(MASK),
            TokenKind::Prefixed { quote } => {
                masked.push_str(whole.slice(token.start, quote));
                masked.push(MASK);
            }
            _ => masked.push_str(shown),
        }
        at = token.end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_left_and_every_name_is() {
        let cases = [
            ("Name eq 'O''Brien' and (City ne null or not IsOpen)", "Name eq ? and (City ne null or not IsOpen)"),
            ("contains(Name,'a=b&c') eq true", "contains(Name,?) eq true"),
            ("Total add -1.5e3 gt 2 and Rate eq -INF", "Total add ? gt ? and Rate eq ?"),
            ("Id eq f6a1b2c3-0000-4000-8000-00000000000a", "Id eq ?"),
            ("At ge 2024-05-01T10:00:00+02:00 and Day eq 2024-05-01", "At ge ? and Day eq ?"),
            ("Took lt duration'PT1H' and Kind has Sales.Kind'Open,Late'", "Took lt duration? and Kind has Sales.Kind?"),
            ("Lines/any(l:l/Sku in ('a','b'))", "Lines/any(l:l/Sku in (?,?))"),
            ("Price eq @p", "Price eq @p"),
            ("Name eq '100% übrig 😀'", "Name eq ?"),
            ("Lines($filter=Sku eq 'x';$top=5)", "Lines($filter=Sku eq ?;$top=?)"),
            ("Lines($search=Miller)", "?"),
            ("search(Miller)/groupby((City))", "?"),
            ("filter(Name eq 'Miller')/groupby((City))", "filter(Name eq ?)/groupby((City))"),
            ("search eq 'x' and contains(search,'y')", "search eq ? and contains(search,?)"),
            ("Name eq 'open", "?"),
        ];
        for (text, expected) in cases {
            assert_eq!(masked(text), expected, "{text}");
        }
    }
}
