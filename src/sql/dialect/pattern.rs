//! Owns how patterns are spelled anew for a database. Every character of a request stands as its number, so nothing of
//! it can have another meaning there.

use std::fmt::Write;

use crate::edm::{Atom, Pattern, Piece, Scalar, Value};
use crate::sql::RenderError;
use crate::sql::write::Writer;

/// What the languages of regular expressions disagree on.
pub(super) struct Spelling {
    start: &'static str,
    end: &'static str,
    /// Before and after the number of a character, in hexadecimal digits, and how many there are at least.
    character: (&'static str, &'static str, usize),
    /// The least character that a text can hold.
    least: char,
}

/// Advanced regular expressions, as Spencer's library reads them.
pub(super) const POSTGRES: Spelling = Spelling { start: "\\A", end: "\\Z", character: ("\\U", "", 8), least: '\u{1}' };
/// Perl's: those of MariaDB, of MySQL and of Rust.
pub(super) const PERL: Spelling = Spelling { start: "\\A", end: "\\z", character: ("\\x{", "}", 1), least: '\0' };

/// Writes a pattern of a request as a parameter.
pub(super) fn write(w: &mut Writer<'_>, pattern: &str, spelling: &Spelling) {
    write_or(w, pattern, spelling, "");
}

/// The same with a further branch.
pub(super) fn write_or(w: &mut Writer<'_>, pattern: &str, spelling: &Spelling, branch: &str) {
    match Pattern::parse(pattern) {
        Ok(pattern) => {
            let mut text = String::with_capacity(64);
            branches(&pattern, spelling, &mut text);
            text.push_str(branch);
            w.value(Value::String(text.into()), Scalar::STRING);
        }
        Err(error) => w.refuse(RenderError::Unsupported { feature: format!("a pattern of which {error}") }),
    }
}

fn branches(pattern: &Pattern, spelling: &Spelling, out: &mut String) {
    out.push_str("(?:");
    for (index, branch) in pattern.branches.iter().enumerate() {
        if index > 0 {
            out.push('|');
        }
        if branch.is_empty() {
            out.push_str("(?:)");
        }
        for piece in branch {
            atom(piece, spelling, out);
            count(piece, out);
        }
    }
    out.push(')');
}

fn atom(piece: &Piece, spelling: &Spelling, out: &mut String) {
    match &piece.atom {
        Atom::Literal(literal) => character(*literal, spelling, out),
        Atom::Set { negated, ranges } => {
            out.push_str(if *negated { "[^" } else { "[" });
            for (first, last) in ranges.iter().filter(|(_, last)| *last >= spelling.least) {
                character((*first).max(spelling.least), spelling, out);
                if first < last {
                    out.push('-');
                    character(*last, spelling, out);
                }
            }
            out.push(']');
        }
        Atom::Start => out.push_str(spelling.start),
        Atom::End => out.push_str(spelling.end),
        Atom::Group(pattern) => branches(pattern, spelling, out),
    }
}

fn character(character: char, spelling: &Spelling, out: &mut String) {
    if character.is_ascii_alphanumeric() {
        return out.push(character);
    }
    let (open, close, digits) = spelling.character;
    // Writing into a String cannot fail.
    let _ = write!(out, "{open}{:0digits$x}{close}", u32::from(character));
}

fn count(piece: &Piece, out: &mut String) {
    let _ = match (piece.least, piece.most) {
        (1, Some(1)) => Ok(()),
        (0, None) => out.write_char('*'),
        (1, None) => out.write_char('+'),
        (0, Some(1)) => out.write_char('?'),
        (least, None) => write!(out, "{{{least},}}"),
        (least, Some(most)) if least == most => write!(out, "{{{least}}}"),
        (least, Some(most)) => write!(out, "{{{least},{most}}}"),
    };
}
