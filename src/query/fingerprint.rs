//! Owns the fingerprints of a read: short names for equal queries, the same in every process of one build.
//!
//! # Decisions
//!
//! - **SHA-256, shortened.** The caller writes the query, and a shared cache entry shows its rows to everybody whose
//!   query has the same name; row filters are part of the query, so a made-up collision would cross rights. FNV and
//!   other quick hashes can be forced and were rejected. The bytes are gathered first and hashed in one go.
//! - **The bytes come from the derived `Hash`**, with all integers widened or written in little-endian order, so
//!   nothing depends on the machine. A new compiler or library may order them differently: then tokens made before are
//!   refused.

use std::hash::{Hash, Hasher};

use ring::digest::{SHA256, digest};

use super::{Aggregate, Cross, Expr, Order, Read, Shape};
use crate::model::SetId;

/// Names a query without the part of it that differs from page to page, and without the form in which it was counted:
/// what a `$skiptoken` is bound to. Rights and model are in it.
pub fn fingerprint(read: &Read, revision: u64) -> u64 {
    let Read { set, of, from, all, via, made, key, filter, search, order, shape, page: _, count: _, answer } = read;
    let unlimited = (!shape.expansions.is_empty()).then(|| without_limits(shape.clone()));
    let shape = unlimited.as_ref().unwrap_or(shape);
    let mut bytes = Gather::new(b'p');
    (revision, set, of, from, all.is_some(), via, key, filter, search, order, shape, answer).hash(&mut bytes);
    made.hash(&mut bytes);
    u64::from_le_bytes(bytes.first())
}

/// Who follows a link may wish for other sizes of its lists.
fn without_limits(mut shape: Shape) -> Shape {
    for expansion in &mut shape.expansions {
        expansion.rows_max = 0;
        expansion.shape = without_limits(std::mem::take(&mut expansion.shape));
    }
    shape
}

/// Names a query with everything in it: the key of a cached answer. `frame` stands for all else that is in the answer.
pub fn fingerprint_whole(read: &Read, frame: u64) -> u128 {
    u128::from_le_bytes(gather_whole(read, frame).first())
}

pub(super) fn gather_whole(read: &Read, frame: u64) -> Gather {
    let mut bytes = Gather::new(b'w');
    (frame, read).hash(&mut bytes);
    bytes
}

/// [`fingerprint`] of an aggregate.
pub fn fingerprint_aggregate(aggregate: &Aggregate, revision: u64) -> u64 {
    let Aggregate { set, of, from, via, within, steps, columns, branch, .. } = aggregate;
    let Aggregate { present, shown, listed, order, page: _, count: _, answer, .. } = aggregate;
    let mut bytes = Gather::new(b'a');
    (revision, set, of, from, via, within, steps).hash(&mut bytes);
    (columns, branch, present, shown, listed, order, answer).hash(&mut bytes);
    u64::from_le_bytes(bytes.first())
}

/// [`fingerprint_whole`] of an aggregate.
pub fn fingerprint_aggregate_whole(aggregate: &Aggregate, frame: u64) -> u128 {
    let mut bytes = Gather::new(b'g');
    (frame, aggregate).hash(&mut bytes);
    u128::from_le_bytes(bytes.first())
}

/// [`fingerprint`] of combinations.
pub fn fingerprint_cross(cross: &Cross, revision: u64) -> u64 {
    let Cross { sets, filter, order, shape, page: _, count: _ } = cross;
    let mut bytes = Gather::new(b'x');
    (revision, sets, filter, order, shape).hash(&mut bytes);
    u64::from_le_bytes(bytes.first())
}

/// [`fingerprint_whole`] of combinations.
pub fn fingerprint_cross_whole(cross: &Cross, frame: u64) -> u128 {
    let mut bytes = Gather::new(b'y');
    (frame, cross).hash(&mut bytes);
    u128::from_le_bytes(bytes.first())
}

/// Names what is counted: the query without order, shape, page and form. All pages and columns of a list, and
/// `/$count`, share it.
pub fn fingerprint_count(read: &Read, revision: u64) -> u128 {
    u128::from_le_bytes(gather_count(read, revision).first())
}

pub(super) fn gather_count(read: &Read, revision: u64) -> Gather {
    let Read { set, of, from, via, made, key, filter, search, .. } = read;
    let mut bytes = Gather::new(b'c');
    (revision, set, of, from, via, key, filter, search, made).hash(&mut bytes);
    bytes
}

/// The sets on whose rows the total of a query depends.
pub fn counted(read: &Read) -> Vec<SetId> {
    let mut sets = vec![read.set];
    for via in &read.via {
        sets.push(via.set);
        via.filter.iter().for_each(|filter| filter.sets(&mut |set| sets.push(set)));
    }
    if let Some(filter) = &read.filter {
        filter.sets(&mut |set| sets.push(set));
    }
    let mut seen = |expr: &Expr| expr.sets(&mut |set| sets.push(set));
    read.made.iter().flat_map(|made| &made.steps).for_each(|step| step.expressions(&mut seen));
    sets
}

/// The sets on whose rows the answer to a query depends, each at least once.
pub fn touched(read: &Read) -> Vec<SetId> {
    let mut sets = counted(read);
    let mut seen = |set| sets.push(set);
    read.order.iter().for_each(|item| item.expr.sets(&mut seen));
    touched_by_shape(&read.shape, &mut seen);
    sets
}

/// Calls `seen` with each set on whose rows depends what is written.
pub(super) fn touched_by_shape(shape: &Shape, mut seen: &mut impl FnMut(SetId)) {
    let mut shapes: Vec<&Shape> = vec![shape];
    while let Some(shape) = shapes.pop() {
        shape.computed.iter().for_each(|item| item.expr.sets(&mut seen));
        for (_, items) in shape.items() {
            let order = items.order.iter().map(|item| &item.expr);
            items.filter.iter().chain(order).for_each(|expr| expr.sets(&mut seen));
        }
        for expansion in &shape.expansions {
            seen(expansion.set);
            expansion.apply.iter().flat_map(|apply| apply.touched()).for_each(&mut seen);
            expansion.filter.iter().for_each(|filter| filter.sets(&mut seen));
            expansion.order.iter().for_each(|item| item.expr.sets(&mut seen));
            shapes.push(&expansion.shape);
        }
    }
}

/// Whether the answer depends on when the question is asked, or on what is not known, so that it cannot be kept.
pub fn is_volatile(read: &Read) -> bool {
    if read.from.is_some() {
        return true;
    }
    let made_is = || {
        let mut found = false;
        let mut seen = |expr: &Expr| found |= expr.is_volatile();
        read.made.iter().flat_map(|made| &made.steps).for_each(|step| step.expressions(&mut seen));
        found
    };
    rows_are(read.filter.as_ref(), &read.order)
        || read.via.iter().any(|via| rows_are(via.filter.as_ref(), &[]))
        || is_volatile_shape(&read.shape)
        || made_is()
}

fn rows_are(filter: Option<&Expr>, order: &[Order]) -> bool {
    filter.is_some_and(Expr::is_volatile) || order.iter().any(|item| item.expr.is_volatile())
}

/// Whether what is written depends on when the question is asked.
pub(super) fn is_volatile_shape(shape: &Shape) -> bool {
    let mut shapes: Vec<&Shape> = vec![shape];
    let mut found = false;
    while let Some(shape) = shapes.pop() {
        found |= shape.computed.iter().any(|item| item.expr.is_volatile());
        found |= shape.items().iter().any(|(_, items)| rows_are(items.filter.as_ref(), &items.order));
        for expansion in &shape.expansions {
            found |= rows_are(expansion.filter.as_ref(), &expansion.order);
            found |= expansion.apply.as_ref().is_some_and(|apply| apply.is_volatile());
            shapes.push(&expansion.shape);
        }
    }
    found
}

/// Collects what a derived `Hash` writes.
pub(super) struct Gather(pub(super) Vec<u8>);

impl Gather {
    fn new(kind: u8) -> Self {
        let mut bytes = Vec::with_capacity(256);
        bytes.push(kind);
        Gather(bytes)
    }

    /// The first bytes of the digest.
    pub(super) fn first<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        for (slot, byte) in out.iter_mut().zip(digest(&SHA256, &self.0).as_ref()) {
            *slot = *byte;
        }
        out
    }
}

/// The signed writers of the trait go through the unsigned ones.
impl Hasher for Gather {
    fn finish(&self) -> u64 {
        u64::from_le_bytes(self.first())
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn write_u8(&mut self, value: u8) {
        self.0.push(value);
    }

    fn write_u16(&mut self, value: u16) {
        self.write(&value.to_le_bytes());
    }

    fn write_u32(&mut self, value: u32) {
        self.write(&value.to_le_bytes());
    }

    fn write_u64(&mut self, value: u64) {
        self.write(&value.to_le_bytes());
    }

    fn write_u128(&mut self, value: u128) {
        self.write(&value.to_le_bytes());
    }

    /// Lengths: seven bits a byte, least significant first, so that the usual ones are one byte.
    fn write_usize(&mut self, value: usize) {
        let mut value = value as u64;
        loop {
            let [low, ..] = value.to_le_bytes();
            value >>= 7;
            if value == 0 {
                self.0.push(low & 0x7F);
                return;
            }
            self.0.push(low | 0x80);
        }
    }

    /// Which variant a value is, as the derived `Hash` tells it: never negative.
    fn write_isize(&mut self, value: isize) {
        self.write_usize(value.cast_unsigned());
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use bigdecimal::BigDecimal;

    use super::*;
    use crate::edm::{Scalar, Value};
    use crate::model::{PropertyId, SetId};
    use crate::query::{Answer, Comparison, Cursor, Expr, Key, Order, Page, Shape};

    fn read(price: &str) -> Read {
        let literal = Expr::Literal(Value::Decimal(BigDecimal::from_str(price).unwrap()), Scalar::DECIMAL);
        Read {
            set: SetId(3),
            of: None,
            from: None,
            all: None,
            via: Vec::new(),
            made: None,
            key: None,
            filter: Some(Expr::Compare(Comparison::Gt, Box::new(Expr::Property(PropertyId(2))), Box::new(literal))),
            search: None,
            order: vec![Order { expr: Expr::Property(PropertyId(0)), scalar: Scalar::Int32, descending: false }],
            shape: Shape { properties: vec![PropertyId(0)], selected: true, ..Shape::default() },
            page: Page { top: None, skip: 0, cursor: None, rows_max: 2_000 },
            count: false,
            answer: Answer::Collection,
        }
    }

    #[test]
    fn page_and_count_belong_to_the_whole_only() {
        let plain = read("1.5");
        let mut other = read("1.5");
        other.page.top = Some(7);
        other.page.cursor = Some(Cursor { values: vec![Value::Int(1)] });
        other.count = true;
        assert_eq!(fingerprint(&plain, 9), fingerprint(&other, 9));
        assert_ne!(fingerprint_whole(&plain, 9), fingerprint_whole(&other, 9));
        let pages = |top| {
            let mut read = read("1.5");
            read.page.top = top;
            fingerprint_whole(&read, 9)
        };
        assert_ne!(pages(Some(1)), pages(Some(2)));
        assert_ne!(pages(None), pages(Some(0)));
    }

    #[test]
    fn a_list_has_one_total() {
        let plain = fingerprint_count(&read("1.5"), 9);
        let same: [fn(&mut Read); 5] = [
            |read| read.order.clear(),
            |read| read.shape.properties.push(PropertyId(5)),
            |read| read.page.skip = 50,
            |read| read.count = true,
            |read| read.answer = Answer::Count,
        ];
        for change in same {
            let mut other = read("1.5");
            change(&mut other);
            assert_eq!(plain, fingerprint_count(&other, 9));
        }
        let mut other = read("1.5");
        other.set = SetId(4);
        let others =
            [fingerprint_count(&other, 9), fingerprint_count(&read("1.6"), 9), fingerprint_count(&read("1.5"), 8)];
        assert!(!others.contains(&plain) && plain != fingerprint_whole(&read("1.5"), 9));
    }

    #[test]
    fn everything_else_tells() {
        let plain = fingerprint(&read("1.5"), 9);
        assert_eq!(plain, fingerprint(&read("1.50"), 9));
        assert_ne!(plain, fingerprint(&read("1.5"), 10));
        assert_ne!(plain, fingerprint(&read("15"), 9));
        let changes: [fn(&mut Read); 6] = [
            |read| read.set = SetId(4),
            |read| read.filter = None,
            |read| read.order[0].descending = true,
            |read| read.shape.selected = false,
            |read| read.answer = Answer::Count,
            |read| read.key = Some(Key { alternate: None, values: vec![Value::Int(1)] }),
        ];
        for change in changes {
            let mut other = read("1.5");
            change(&mut other);
            assert_ne!(plain, fingerprint(&other, 9));
        }
    }

    #[test]
    fn the_bytes_are_the_same_everywhere() {
        let mut bytes = Gather::new(b'p');
        (1_usize, 300_usize, 2_u16, "ä", Some(3_i32)).hash(&mut bytes);
        let expected: Vec<u8> =
            [&b"p"[..], &[1], &[0xAC, 0x02], &2_u16.to_le_bytes(), &[0xC3, 0xA4, 0xFF], &[1], &3_u32.to_le_bytes()]
                .concat();
        assert_eq!(bytes.0, expected);
    }
}
