//! Owns how the rows of an answer are taken from their messages: where the values lie, and when the sink has had
//! enough.

use std::ops::ControlFlow;

use crate::edm::{Cell, Value};
use crate::store::pool::End;
use crate::store::postgres::decode::Column;
use crate::store::{Row, Sink, StoreError};

use super::Problem;
use super::message::{Message, ServerError};

/// After the sink has had enough, up to so many rows are read and forgotten; beyond, a new connection is cheaper.
const DRAINED_ROWS_MAX: u32 = 500;

/// Where a value lies in its message; null lies nowhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(Option<(usize, usize)>);

impl Place {
    /// The value as text, in answers that are text.
    pub(super) fn text<'b>(&self, body: &'b [u8]) -> Option<&'b str> {
        let (start, end) = self.0?;
        std::str::from_utf8(body.get(start..end)?).ok()
    }
}

/// The places of the values of one row.
pub(super) fn split(body: &[u8], places: &mut Vec<Place>) -> Result<(), Problem> {
    let short = || Problem::Protocol("a row ends within a value");
    places.clear();
    let (count, _) = body.split_first_chunk::<2>().ok_or_else(short)?;
    let mut at = 2;
    for _ in 0..u16::from_be_bytes(*count) {
        let (length, _) = body.get(at..).and_then(|rest| rest.split_first_chunk::<4>()).ok_or_else(short)?;
        at += 4;
        // A negative length is null.
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
            places.push(Place(None));
            continue;
        };
        let end = at + length;
        if end > body.len() {
            return Err(short());
        }
        places.push(Place(Some((at, end))));
        at = end;
    }
    Ok(())
}

/// A row where it lies.
struct View<'a> {
    body: &'a [u8],
    places: &'a [Place],
    columns: &'a [Column],
    origin: &'a str,
}

impl Row for View<'_> {
    #[inline]
    fn cell(&self, index: usize) -> Result<Cell<'_>, StoreError> {
        let (Some(column), Some(place)) = (self.columns.get(index), self.places.get(index)) else {
            return Err(self.refuse(index, "the answer has no such column", String::new()));
        };
        let Some((start, end)) = place.0 else { return Ok(Cell::Null) };
        let bytes = self.body.get(start..end).unwrap_or_default();
        column.decode(bytes).map_err(|found| self.refuse(index, found, column.misfit(found)))
    }

    fn origin(&self) -> &str {
        self.origin
    }

    #[cold]
    fn values(&self) -> Vec<Option<Value>> {
        let values = self.columns.iter().zip(self.places).map(|(column, place)| match place.0 {
            None => Some(Value::Null),
            Some((start, end)) => column.value(self.body.get(start..end)?),
        });
        values.collect()
    }
}

/// How far an answer has been taken.
#[derive(Debug)]
pub(super) struct Taking {
    /// The sink has not seen a row.
    pub(super) untouched: bool,
    /// The sink or the decoding has refused a row.
    pub(super) refusal: Option<StoreError>,
    /// The server has refused the statement.
    pub(super) error: Option<ServerError>,
    /// The sink has had enough; how many rows may still be read and forgotten.
    left: Option<u32>,
}

impl Taking {
    /// Nothing has been taken.
    pub(super) fn new() -> Self {
        Taking { untouched: true, refusal: None, error: None, left: None }
    }

    /// The sink wants no more rows.
    pub(super) fn is_content(&self) -> bool {
        self.left.is_some()
    }

    /// Takes one message. `Break` ends the answer.
    pub(super) fn message<S: Sink>(
        &mut self,
        message: Message<'_>,
        columns: &[Column],
        places: &mut Vec<Place>,
        origin: &str,
        sink: &mut S,
    ) -> Result<ControlFlow<End>, Problem> {
        match message.tag {
            b'D' => match &mut self.left {
                Some(0) => return Ok(ControlFlow::Break(End::Unread)),
                Some(left) => *left -= 1,
                None => {
                    split(message.body, places)?;
                    self.untouched = false;
                    match sink.row(&View { body: message.body, places, columns, origin }) {
                        Ok(ControlFlow::Continue(())) => {}
                        Ok(ControlFlow::Break(())) => self.left = Some(DRAINED_ROWS_MAX),
                        Err(error) => {
                            self.refusal = Some(error);
                            self.left = Some(DRAINED_ROWS_MAX);
                        }
                    }
                }
            },
            b'E' => self.error = Some(ServerError::read(message.body)),
            b'Z' => return Ok(ControlFlow::Break(End::Clean)),
            tag if is_harmless(tag) => {}
            _ => return Err(Problem::Protocol("an answer holds a message that has no place there")),
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Messages that say nothing we need: that a step is complete, that there are no rows, and what a server may say at any
/// time (notices, notifications, its parameters).
pub(super) fn is_harmless(tag: u8) -> bool {
    matches!(tag, b'1' | b'2' | b'3' | b'C' | b'I' | b'N' | b'A' | b'S')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_where_their_lengths_say() {
        let mut places = Vec::new();
        split(b"\0\x03\0\0\0\x02ab\xff\xff\xff\xff\0\0\0\0", &mut places).unwrap();
        let found: Vec<_> = places.iter().map(|place| place.0).collect();
        assert_eq!(found, [Some((6, 8)), None, Some((16, 16))]);
        for short in [&b""[..], b"\0\x01", b"\0\x01\0\0\0\x02a", b"\0\x01\0\0"] {
            assert!(matches!(split(short, &mut places), Err(Problem::Protocol(_))), "{short:?}");
        }
    }
}
