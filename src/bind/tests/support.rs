//! Owns the model of these tests, and short names for pieces of trees.

#![expect(clippy::unnecessary_wraps, reason = "each stands where an option or a key may be absent")]

use std::collections::HashMap;

use crate::bind::{BindError, Limits, Scope, bind};
use crate::edm::Scalar;
use crate::model::{
    EntitySet, EntityType, Exposure, Join, Member, Model, Navigation, Property, PropertyId, SetId, SourceId, Table,
    TypeId,
};
use crate::query::{Grants, Query, Read, describe};
use crate::syntax::{
    BinaryOperator, ExpandItem, Expr, ExprKind, KeyPredicate, Literal, Options, OrderItem, Path, PathStep,
    PathStepKind, ResourceUrl, Search, SearchExpr, Segment, SegmentKind, SelectItem,
};

pub(super) const ACCOUNTS: SetId = SetId(0);
pub(super) const ORDERS: SetId = SetId(1);
pub(super) const LINES: SetId = SetId(2);
pub(super) const SHIPMENTS: SetId = SetId(3);

fn property(name: &str, scalar: Scalar, nullable: bool) -> Property {
    let searchable = matches!(scalar, Scalar::String { .. }) && name != "AccountID";
    Property { nullable, searchable, ..Property::new(name, name.to_lowercase(), scalar) }
}

fn navigation(name: &str, target: SetId, collection: bool, joins: &[(u16, u16)]) -> Navigation {
    let joins = joins.iter().map(|(local, remote)| Join { local: PropertyId(*local), remote: PropertyId(*remote) });
    Navigation { collection, joins: joins.collect(), ..Navigation::new(name, target) }
}

pub(super) fn model() -> Model {
    let text = |length| Scalar::String { max_length: Some(length) };
    let money = Scalar::Decimal { precision: Some(18), scale: Some(2) };
    let instant = Scalar::DateTimeOffset { precision: 6 };
    let account = (
        "Account",
        vec![0],
        vec![
            property("AccountID", text(20), false),
            property("Name", text(80), false),
            property("Country", text(40), true),
            property("OnHold", Scalar::Boolean, false),
        ],
        vec![navigation("Orders", ORDERS, true, &[(0, 1)])],
    );
    let order = (
        "Order",
        vec![0],
        vec![
            property("OrderID", Scalar::Int32, false),
            property("AccountID", text(20), false),
            property("Status", text(20), true),
            property("ShipName", text(80), false),
            property("ShippedDate", instant, true),
            property("DueOn", Scalar::Date, true),
            property("Total", money, true),
            property("Weight", Scalar::Double, true),
            property("Closed", Scalar::Boolean, false),
            property("Checked", Scalar::Boolean, true),
            property("Token", Scalar::Guid, true),
            property("Parts", Scalar::Int16, true),
            property("Ratio", Scalar::Single, true),
            property("Rows", Scalar::Int64, true),
        ],
        vec![
            navigation("Account", ACCOUNTS, false, &[(1, 0)]),
            navigation("Lines", LINES, true, &[(0, 0)]),
            navigation("Shipments", SHIPMENTS, true, &[(0, 1)]),
        ],
    );
    let line = (
        "OrderLine",
        vec![0, 1],
        vec![
            property("OrderID", Scalar::Int32, false),
            property("ProductID", Scalar::Int32, false),
            property("Quantity", Scalar::Int16, false),
        ],
        vec![navigation("Order", ORDERS, false, &[(0, 0)])],
    );
    let shipment = (
        "Shipment",
        vec![0],
        vec![property("ShipmentID", Scalar::Guid, false), property("OrderID", Scalar::Int32, false)],
        Vec::new(),
    );
    let names = ["Accounts", "Orders", "OrderLines", "Shipments"];
    let types = [account, order, line, shipment].map(|(name, key, properties, navigations)| EntityType {
        name: name.to_owned(),
        key: key.into_iter().map(PropertyId).collect(),
        structure: (0..).zip(&properties).map(|(place, _)| Member::Property(PropertyId(place))).collect(),
        properties,
        navigations,
        etag: None,
        alternate_keys: Vec::new(),
        derived: Vec::new(),
        discriminator: None,
        is_abstract: false,
        media: None,
        description: None,
    });
    let set = |(index, name): (u32, &&str)| EntitySet {
        filter: None,
        name: (*name).to_owned(),
        entity_type: TypeId(index),
        source: SourceId(u32::from(index == 3)),
        table: Table::new(None, &name.to_lowercase()),
        page_rows_max: 500,
        cache: None,
        changes: crate::model::ChangeSigns::default(),
        exposure: Exposure::Set,
        countable: true,
        searchable: true,
        search: None,
    };
    Model {
        revision: 42,
        service: "erp".to_owned(),
        namespace: "Erp".to_owned(),
        container: "Container".to_owned(),
        sources: vec!["erp".to_owned(), "warehouse".to_owned()],
        types: types.into(),
        sets: (0..).zip(&names).map(set).collect(),
        sets_by_name: (0..).zip(names).map(|(index, name)| (name.to_owned(), SetId(index))).collect(),
        singletons_by_name: HashMap::new(),
        enums: Vec::new(),
        complex_types: Vec::new(),
        operations: Vec::new(),
        unpublished: crate::model::Unpublished::default(),
        base: None,
    }
}

pub(super) fn limits() -> Limits {
    Limits::default()
}

/// Binds with all rights and default limits; tokens are taken as they are, letter by letter.
pub(super) fn bound(url: &ResourceUrl) -> Result<Query, BindError> {
    bound_by(url, &Grants::everything(), limits())
}

pub(super) fn bound_by(url: &ResourceUrl, grants: &Grants, limits: Limits) -> Result<Query, BindError> {
    let unseal = |token: &str| unhex(token);
    bind(url, &Scope { model: &model(), grants, limits, unseal: &unseal })
}

pub(super) fn read(url: &ResourceUrl) -> Read {
    match bound(url).unwrap() {
        Query::Read(read) => *read,
        other => panic!("not a read: {other:?}"),
    }
}

pub(super) fn text(url: &ResourceUrl) -> String {
    describe(&bound(url).unwrap(), &model())
}

pub(super) fn code(url: &ResourceUrl) -> &'static str {
    bound(url).unwrap_err().code()
}

pub(super) fn only(sets: &[(SetId, Option<crate::query::Expr>)]) -> Grants {
    Grants::only(sets.iter().cloned().collect::<HashMap<_, _>>())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    Some(digits?.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect())
}

// Paths

fn segment(kind: SegmentKind) -> Segment {
    Segment { kind, span: 0..1 }
}

/// A path in which `$count`, `$value` and `$ref` are themselves and everything else is a name.
pub(super) fn url(segments: &[&str]) -> ResourceUrl {
    keyed(&segments.iter().map(|name| (*name, None)).collect::<Vec<_>>())
}

pub(super) fn keyed(segments: &[(&str, Option<KeyPredicate>)]) -> ResourceUrl {
    let segments = segments.iter().map(|(name, key)| {
        segment(match *name {
            "$count" => SegmentKind::Count,
            "$value" => SegmentKind::Value,
            "$ref" => SegmentKind::Ref,
            "$each" => SegmentKind::Each,
            "$query" => SegmentKind::Query,
            name => SegmentKind::Name { name: name.to_owned(), key: key.clone() },
        })
    });
    ResourceUrl { path: Path::Resource(segments.collect()), options: Options::default() }
}

pub(super) fn key(expr: Expr) -> Option<KeyPredicate> {
    Some(KeyPredicate::Single(expr))
}

pub(super) fn parts(parts: &[(&str, Expr)]) -> Option<KeyPredicate> {
    Some(KeyPredicate::Named(parts.iter().map(|(name, expr)| ((*name).to_owned(), expr.clone())).collect()))
}

/// The url with options set by the closure.
pub(super) fn with(mut url: ResourceUrl, set: impl FnOnce(&mut Options)) -> ResourceUrl {
    set(&mut url.options);
    url
}

pub(super) fn filtered(filter: Expr) -> ResourceUrl {
    with(url(&["Orders"]), |options| options.filter = Some(filter))
}

pub(super) fn select(names: &[&str]) -> Option<Vec<SelectItem>> {
    let item = |name: &&str| SelectItem { path: (*name).to_owned(), options: None, span: 0..1 };
    Some(names.iter().map(item).collect())
}

pub(super) fn expand(names: &[&str]) -> Option<Vec<ExpandItem>> {
    let item = |name: &&str| ExpandItem {
        path: name.split('/').map(str::to_owned).collect(),
        options: Options::default(),
        span: 0..1,
    };
    Some(names.iter().map(item).collect())
}

pub(super) fn order(items: &[(&str, bool)]) -> Option<Vec<OrderItem>> {
    Some(items.iter().map(|(name, descending)| OrderItem { expr: path(name), descending: *descending }).collect())
}

pub(super) fn search(phrase: &str) -> Option<Search> {
    Some(Search { expr: SearchExpr::Term { text: phrase.to_owned(), quoted: false, span: 0..1 }, span: 0..1 })
}

// Expressions

/// The digits of a number, as written.
pub(super) struct Digits(String);

impl From<&str> for Digits {
    fn from(text: &str) -> Self {
        Digits(text.to_owned())
    }
}

impl From<i32> for Digits {
    fn from(number: i32) -> Self {
        Digits(number.to_string())
    }
}

pub(super) fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: 0..1 }
}

pub(super) fn path(text: &str) -> Expr {
    let step = |name: &str| {
        let kind = match name {
            "$count" => PathStepKind::Count { options: None },
            name => PathStepKind::Name(name.to_owned()),
        };
        PathStep { kind, span: 0..1 }
    };
    expr(ExprKind::Path(text.split('/').map(step).collect()))
}

pub(super) fn literal(literal: Literal) -> Expr {
    expr(ExprKind::Literal(literal))
}

pub(super) fn number(text: impl Into<Digits>) -> Expr {
    literal(Literal::Number(text.into().0))
}

pub(super) fn quoted(text: &str) -> Expr {
    literal(Literal::String(text.to_owned()))
}

pub(super) fn date(text: &str) -> Expr {
    literal(Literal::Date(text.to_owned()))
}

pub(super) fn instant(text: &str) -> Expr {
    literal(Literal::DateTimeOffset(text.to_owned()))
}

pub(super) fn guid(text: &str) -> Expr {
    literal(Literal::Guid(text.to_owned()))
}

pub(super) fn boolean(value: bool) -> Expr {
    literal(Literal::Boolean(value))
}

pub(super) fn null() -> Expr {
    literal(Literal::Null)
}

pub(super) fn alias(name: &str) -> Expr {
    expr(ExprKind::Alias(name.to_owned()))
}

pub(super) fn binary(left: Expr, operator: BinaryOperator, right: Expr) -> Expr {
    expr(ExprKind::Binary(operator, Box::new(left), Box::new(right)))
}

pub(super) fn eq(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::Eq, right)
}

pub(super) fn ne(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::Ne, right)
}

pub(super) fn gt(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::Gt, right)
}

pub(super) fn not(operand: Expr) -> Expr {
    expr(ExprKind::Not(Box::new(operand)))
}

pub(super) fn and(operands: &[Expr]) -> Expr {
    expr(ExprKind::And(operands.to_vec()))
}

pub(super) fn or(operands: &[Expr]) -> Expr {
    expr(ExprKind::Or(operands.to_vec()))
}

pub(super) fn within(operand: Expr, members: &[Expr]) -> Expr {
    expr(ExprKind::In(Box::new(operand), Box::new(expr(ExprKind::List(members.to_vec())))))
}

pub(super) fn call(name: &str, arguments: &[Expr]) -> Expr {
    expr(ExprKind::Call(name.to_owned(), arguments.to_vec()))
}
