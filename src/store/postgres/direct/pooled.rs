//! Owns how a statement runs behind a pooler that lends its connections for single transactions: nothing stays
//! prepared, and what a session would have set is set in front of each statement. All goes out in one packet, and so
//! runs in one transaction on one connection of the server.

use std::sync::Arc;

use crate::edm::Scalar;
use crate::store::postgres::STATEMENTS_MAX;
use crate::store::postgres::decode::Column;

use super::bind::{Values, write_count, write_sync};
use super::message::{write, write_text};
use super::{Direct, Known, Problem, Stale, types_in};

/// Sets all of these for the length of the transaction.
pub(in crate::store::postgres) fn write_preamble(settings: &[(&str, &str)]) -> Vec<u8> {
    let calls: Vec<_> = (0..settings.len())
        .map(|place| format!("pg_catalog.set_config(${}, ${}, true)", place * 2 + 1, place * 2 + 2))
        .collect();
    let text = format!("SELECT {}", calls.join(", "));
    let mut out = Vec::new();
    write_parse(&mut out, &text, &Values::default());
    write(&mut out, b'B', |out| {
        // The portal and the statement without names; parameters as text.
        out.extend_from_slice(&[0, 0, 0, 0]);
        write_count(out, settings.len() * 2);
        for value in settings.iter().flat_map(|(name, value)| [name, value]) {
            out.extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes());
            out.extend_from_slice(value.as_bytes());
        }
        out.extend_from_slice(&[0, 0]);
    });
    write_execute(&mut out);
    out
}

fn write_parse(out: &mut Vec<u8>, text: &str, values: &Values) {
    write(out, b'P', |out| {
        out.push(0);
        write_text(out, text);
        values.write_types(out);
    });
}

fn write_execute(out: &mut Vec<u8>) {
    write(out, b'E', |out| out.extend_from_slice(&[0; 5]));
}

impl Direct {
    /// What the statement's columns are like. Asks the server for texts that are new; that runs nothing.
    pub(super) async fn described(&mut self, wanted: &[Scalar]) -> Result<Arc<[Column]>, Problem> {
        self.uses += 1;
        if let Some(known) = self.known.get_mut(&self.text) {
            return Ok(known.taken(wanted, self.uses).1);
        }
        if self.known.len() >= STATEMENTS_MAX {
            self.forget_oldest();
        }
        self.out.extend_from_slice(self.preamble.as_deref().unwrap_or_default());
        write_parse(&mut self.out, &self.text, &self.values);
        write(&mut self.out, b'D', |out| out.extend_from_slice(b"S\0"));
        write_sync(&mut self.out);
        self.flush().await?;
        let types = self.described_types().await?;
        let held = self.held(types).await?;
        let mut known = Known { id: 0, held, wanted: Vec::new(), columns: Arc::default(), used: self.uses };
        let columns = known.taken(wanted, self.uses).1;
        self.known.insert(self.text.clone(), known);
        Ok(columns)
    }

    /// Sends the statement whose text and values are at hand.
    pub(super) fn write_whole(&mut self) {
        const BINARY: [u8; 4] = [0, 1, 0, 1];
        self.out.extend_from_slice(self.preamble.as_deref().unwrap_or_default());
        write_parse(&mut self.out, &self.text, &self.values);
        write(&mut self.out, b'B', |out| {
            out.extend_from_slice(&[0, 0]);
            out.extend_from_slice(&BINARY);
            self.values.write_values(out);
            out.extend_from_slice(&BINARY);
        });
        write(&mut self.out, b'D', |out| out.extend_from_slice(b"P\0"));
        write_execute(&mut self.out);
        write_sync(&mut self.out);
    }

    /// Reads up to the rows, or to a refusal, which is left for whoever reads on. The types of the columns must be
    /// those that were described: rows of others would be misread.
    pub(super) async fn skip_to_rows(&mut self) -> Result<Result<(), Stale>, Problem> {
        loop {
            let Some(message) = self.inbox.peek()? else {
                self.inbox.read(&mut self.stream).await?;
                continue;
            };
            match message.tag {
                b'E' => return Ok(Ok(())),
                b'T' => {
                    let known = self.known.get(&self.text).map(|known| known.held.as_slice()).unwrap_or_default();
                    let mut held = known.iter().map(|(oid, _)| *oid);
                    let mut same = true;
                    types_in(message.body, |oid| same &= held.next() == Some(oid))
                        .ok_or(Problem::Protocol("a description of columns is cut off"))?;
                    let same = same && held.next().is_none();
                    self.inbox.next()?;
                    return Ok(if same { Ok(()) } else { Err(Stale) });
                }
                // A statement that gives no rows.
                b'n' => {
                    self.inbox.next()?;
                    return Ok(Ok(()));
                }
                _ => {
                    self.inbox.next()?;
                }
            }
        }
    }
}
