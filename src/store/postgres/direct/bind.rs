//! Owns the messages that prepare a statement and run it. The values are written by the driver's encoders.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgArgumentBuffer;
use sqlx::{Encode, Postgres, Type};

use crate::store::postgres::bind::Target;

use super::message::{write, write_text};

/// The parameters of a statement in their wire form.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// Their types.
    types: Vec<u32>,
    /// Each with its length in front.
    bytes: PgArgumentBuffer,
}

impl Values {
    pub(super) fn clear(&mut self) {
        self.types.clear();
        self.bytes.clear();
    }

    /// Writes how many there are, and their types.
    pub(super) fn write_types(&self, out: &mut Vec<u8>) {
        write_count(out, self.types.len());
        for oid in &self.types {
            out.extend_from_slice(&oid.to_be_bytes());
        }
    }

    /// Writes how many there are, and themselves.
    pub(super) fn write_values(&self, out: &mut Vec<u8>) {
        write_count(out, self.types.len());
        out.extend_from_slice(&self.bytes);
    }
}

impl Target for Values {
    fn put<'v, T: Encode<'v, Postgres> + Type<Postgres> + 'v>(&mut self, value: Option<T>) -> Result<(), BoxDynError> {
        let oid = T::type_info().oid().ok_or("a parameter of a type without a number")?;
        self.types.push(oid.0);
        let place = self.bytes.len();
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
        let Some(value) = value else { return Ok(()) };
        if let IsNull::Yes = value.encode(&mut self.bytes)? {
            return Ok(());
        }
        let length = i32::try_from(self.bytes.len() - place - 4)?;
        if let Some(slot) = self.bytes.get_mut(place..place + 4) {
            slot.copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }
}

fn write_name(out: &mut Vec<u8>, id: u32) {
    out.extend_from_slice(b"penstock_");
    write_text(out, itoa::Buffer::new().format(id));
}

pub(super) fn write_count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&u16::try_from(count).unwrap_or(u16::MAX).to_be_bytes());
}

/// Prepares a statement and asks for its columns.
pub(super) fn write_prepare(out: &mut Vec<u8>, id: u32, text: &str, values: &Values) {
    write(out, b'P', |out| {
        write_name(out, id);
        write_text(out, text);
        values.write_types(out);
    });
    write(out, b'D', |out| {
        out.push(b'S');
        write_name(out, id);
    });
    write_sync(out);
}

/// Forgets a statement; its answer comes with that of the next message.
pub(super) fn write_close(out: &mut Vec<u8>, id: u32) {
    write(out, b'C', |out| {
        out.push(b'S');
        write_name(out, id);
    });
}

/// Runs a prepared statement: all rows, every value in binary form.
pub(super) fn write_run(out: &mut Vec<u8>, id: u32, values: &Values) {
    const BINARY: [u8; 4] = [0, 1, 0, 1];
    write(out, b'B', |out| {
        // The portal without a name.
        out.push(0);
        write_name(out, id);
        out.extend_from_slice(&BINARY);
        values.write_values(out);
        out.extend_from_slice(&BINARY);
    });
    write(out, b'E', |out| out.extend_from_slice(&[0; 5]));
    write_sync(out);
}

pub(super) fn write_sync(out: &mut Vec<u8>) {
    write(out, b'S', |_| ());
}
