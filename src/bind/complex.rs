//! Owns the comparison of complex values: with each other, with JSON objects, and with null (OData 4.01 Part 2,
//! 5.1.1.1). They are equal if all their members are, and those that are not written are null.

use crate::model::{ComplexMember, ComplexTypeId, Member};
use crate::query::{Comparison, Expr};
use crate::syntax::{self, Literal, Span};

use super::BindError;
use super::collected::Items;
use super::compare::{Side, compare};
use super::connect;
use super::error::BindErrorKind;
use super::filter::Binder;
use super::walk::{Next, Way};

/// A complex value of a row in sight.
#[derive(Clone, Debug)]
pub(super) struct Complex<'a> {
    pub(super) name: &'a str,
    of: ComplexTypeId,
    /// Whether it is not null.
    pub(super) there: Expr,
    members: Vec<(&'a str, Part<'a>)>,
    pub(super) span: &'a Span,
}

#[derive(Clone, Debug)]
enum Part<'a> {
    Value(Side<'a>),
    Complex(Complex<'a>),
}

impl<'a> Binder<'a, '_> {
    /// The complex value at the end of a way.
    pub(super) fn complex(
        &self,
        way: &Way<'a>,
        member: &'a ComplexMember,
        span: &'a Span,
    ) -> Result<Complex<'a>, BindError> {
        let mut members = Vec::with_capacity(member.members.len());
        for inner in &member.members {
            members.push(match inner {
                Member::Complex(complex) => (complex.name.as_str(), Part::Complex(self.complex(way, complex, span)?)),
                Member::Property(id) => {
                    let name = way.sight.entity.property(*id).map_or("", |property| property.name.as_str());
                    let side = match self.member(way, *id, span)? {
                        Next::Items(id, property) => Side::Items(Box::new(Items::new(way, id, property))),
                        Next::Value(side) => side,
                        Next::Here | Next::Many(..) => continue,
                    };
                    (name, Part::Value(side))
                }
            });
        }
        let there = way.guarded(way.has_any(&member.leaves()));
        Ok(Complex { name: &member.name, of: member.complex_type, there, members, span })
    }

    /// Whether two sides, one of which is a complex value or an object, are equal.
    pub(super) fn same_structure(&mut self, left: Side<'a>, right: Side<'a>) -> Result<Expr, BindError> {
        match (left, right) {
            (Side::Complex(complex), Side::Literal(Literal::Null, _))
            | (Side::Literal(Literal::Null, _), Side::Complex(complex)) => Ok(connect::not(complex.there)),
            (Side::Complex(complex), Side::Object(object, span))
            | (Side::Object(object, span), Side::Complex(complex)) => self.same_as_object(*complex, object, span),
            (Side::Complex(left), Side::Complex(right)) if left.of == right.of => self.same_members(*left, *right),
            (Side::Object(..), Side::Literal(Literal::Null, _))
            | (Side::Literal(Literal::Null, _), Side::Object(..)) => Ok(connect::truth(false)),
            (Side::Object(..), Side::Object(_, span)) => {
                Err(BindError::unsupported("the comparison of two JSON objects", span))
            }
            (left, right) => Err(mismatch(&left, &right)),
        }
    }

    fn same_members(&mut self, left: Complex<'a>, right: Complex<'a>) -> Result<Expr, BindError> {
        let mut parts = Vec::with_capacity(left.members.len());
        for ((_, left), (_, right)) in left.members.into_iter().zip(right.members) {
            parts.push(match (left, right) {
                (Part::Value(left), Part::Value(right)) => self.compared(Comparison::Eq, left, right)?,
                (Part::Complex(left), Part::Complex(right)) => self.same_members(left, right)?,
                (Part::Value(side), _) | (_, Part::Value(side)) => {
                    return Err(BindError::unsupported("the comparison of these complex values", side.span()));
                }
            });
        }
        Ok(connect::and(parts))
    }

    fn same_as_object(
        &mut self,
        complex: Complex<'a>,
        object: &'a [(String, syntax::Expr)],
        span: &'a Span,
    ) -> Result<Expr, BindError> {
        self.check_names(&complex, object)?;
        let mut parts = Vec::with_capacity(complex.members.len() + 1);
        let mut is_plain = false;
        for (name, part) in complex.members {
            let given = object.iter().find(|(given, _)| given == name).map(|(_, value)| value);
            let given = match given {
                Some(value) => self.expression(value)?,
                None => Side::Literal(&Literal::Null, span),
            };
            is_plain |= !matches!(given, Side::Literal(Literal::Null, _) | Side::Object(..) | Side::List(..));
            parts.push(match part {
                Part::Value(Side::Items(items)) => match given {
                    // A collection is never null.
                    Side::Literal(Literal::Null, span) => self.same_items(Side::Items(items), Side::List(&[], span))?,
                    given => self.same_items(Side::Items(items), given)?,
                },
                Part::Value(side) => compare(Comparison::Eq, side, given)?,
                Part::Complex(inner) => self.same_structure(Side::Complex(Box::new(inner)), given)?,
            });
        }
        // A complex value all of whose members are null is null, and no object is.
        if !is_plain {
            parts.push(complex.there);
        }
        Ok(connect::and(parts))
    }

    /// Refuses names that the type does not have, and a type that it is not.
    fn check_names(&self, complex: &Complex<'a>, object: &'a [(String, syntax::Expr)]) -> Result<(), BindError> {
        let of = self.scope.model.complex_type(complex.of).map_or("", |of| of.name.as_str());
        for (name, value) in object {
            if complex.members.iter().any(|(known, _)| known == name) {
                continue;
            }
            let is_type = matches!(name.as_str(), "@odata.type" | "@type");
            match self.words.literal(value) {
                Some(Literal::String(text)) if is_type && text.rsplit(['#', '.']).next() == Some(of) => {}
                _ if name.contains('@') => {
                    return Err(BindError::unsupported("an annotation in a complex value", &value.span));
                }
                _ => {
                    let kind = BindErrorKind::UnknownProperty { name: name.clone(), type_name: of.to_owned() };
                    return Err(BindError::at(kind, &value.span));
                }
            }
        }
        Ok(())
    }

    /// Compares two sides of any kind.
    pub(super) fn compared(
        &mut self,
        comparison: Comparison,
        left: Side<'a>,
        right: Side<'a>,
    ) -> Result<Expr, BindError> {
        let is_many = |side: &Side<'_>| matches!(side, Side::Items(_) | Side::List(..));
        let is_complex = |side: &Side<'_>| matches!(side, Side::Complex(_) | Side::Object(..));
        let has_null = [&left, &right].into_iter().any(|side| matches!(side, Side::Literal(Literal::Null, _)));
        let many = is_many(&left) || is_many(&right);
        if !many && !is_complex(&left) && !is_complex(&right) {
            return compare(comparison, left, right);
        }
        let equality = match comparison {
            Comparison::Eq | Comparison::Ne => comparison,
            // Only null is equal to null, nothing is less or greater.
            Comparison::Ge | Comparison::Le if has_null => Comparison::Eq,
            Comparison::Gt | Comparison::Lt if has_null => return Ok(connect::truth(false)),
            _ => return Err(mismatch(&left, &right)),
        };
        let same = if many { self.same_items(left, right)? } else { self.same_structure(left, right)? };
        Ok(if equality == Comparison::Eq { same } else { connect::not(same) })
    }
}

/// That two sides are of kinds that cannot be compared.
pub(super) fn mismatch(left: &Side<'_>, right: &Side<'_>) -> BindError {
    let kind = BindErrorKind::TypeMismatch { left: left.describe(), right: right.describe() };
    BindError::at(kind, right.span())
}
