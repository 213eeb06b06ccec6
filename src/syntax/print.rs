//! Owns the way back: a tree as canonical, percent-encoded text, which is how next links are made. Parsing that text
//! gives the same tree, except for what the tree keeps no text of: `Other` nodes, unsupported options and the options
//! of a `$select` item.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::filter::power;
use super::{
    BinaryOperator, ExpandItem, Expr, ExprKind, KeyPredicate, Literal, Options, OrderItem, Path, PathStep,
    PathStepKind, ResourceUrl, Search, SearchExpr, SegmentKind, SelectItem,
};

/// What cannot stand as it is in the query: what has a meaning there, and what RFC 3986 excludes.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
const PATH: &AsciiSet = &QUERY.add(b'/').add(b'?');

/// Writes a tree as a request target relative to the service root.
pub fn print(url: &ResourceUrl) -> String {
    let mut target = String::new();
    match &url.path {
        Path::Service => {}
        Path::Metadata => target.push_str("$metadata"),
        Path::Batch => target.push_str("$batch"),
        Path::All { .. } => target.push_str("$all"),
        Path::Entity { .. } => target.push_str("$entity"),
        Path::Crossjoin { .. } => target.push_str("$crossjoin"),
        Path::Resource(segments) => {
            for (position, segment) in segments.iter().enumerate() {
                if position > 0 {
                    target.push('/');
                }
                target.extend(utf8_percent_encode(&segment_text(&segment.kind), PATH));
            }
        }
    }
    let mut mark = '?';
    for (name, value) in pairs(&url.options) {
        target.push(mark);
        target.extend(utf8_percent_encode(&name, QUERY));
        target.push('=');
        target.extend(utf8_percent_encode(&value, QUERY));
        mark = '&';
    }
    target
}

fn segment_text(kind: &SegmentKind) -> String {
    match kind {
        SegmentKind::Count => "$count".to_owned(),
        SegmentKind::Value => "$value".to_owned(),
        SegmentKind::Ref => "$ref".to_owned(),
        SegmentKind::Each => "$each".to_owned(),
        SegmentKind::Query => "$query".to_owned(),
        SegmentKind::Filter(condition) => format!("$filter({})", expr_text(condition)),
        SegmentKind::Key(_) => String::new(),
        SegmentKind::Name { name, key: None } => name.clone(),
        SegmentKind::Name { name, key: Some(key) } => {
            let mut text = format!("{name}(");
            match key {
                KeyPredicate::Empty => {}
                KeyPredicate::Single(value) => expr(&mut text, value, power::OR),
                KeyPredicate::Named(parts) => {
                    for (position, (name, value)) in parts.iter().enumerate() {
                        text.push_str(if position > 0 { "," } else { "" });
                        text.push_str(name);
                        text.push('=');
                        expr(&mut text, value, power::OR);
                    }
                }
            }
            text.push(')');
            text
        }
    }
}

/// Names and values of all options, not yet encoded, always in the same order.
fn pairs(options: &Options) -> Vec<(String, String)> {
    let Options { filter, order, select, expand, search, top, skip, count, skip_token, format, aliases, .. } = options;
    let known = [
        ("$select", select.as_ref().map(|items| joined(items, select_item))),
        ("$expand", expand.as_ref().map(|items| joined(items, expand_item))),
        ("$filter", filter.as_ref().map(expr_text)),
        ("$search", search.as_ref().map(search_text)),
        ("$orderby", order.as_ref().map(|items| joined(items, order_item))),
        ("$count", count.map(|count| count.to_string())),
        ("$skip", skip.map(|skip| skip.to_string())),
        ("$top", top.map(|top| top.to_string())),
        ("$skiptoken", skip_token.as_ref().map(|(token, _)| token.clone())),
        ("$format", format.as_ref().map(|(format, _)| format.clone())),
    ];
    let aliases = aliases.iter().map(|(name, value)| (format!("@{name}"), expr_text(value)));
    let known = known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    known.chain(aliases).collect()
}

fn joined<T>(items: &[T], item: fn(&mut String, &T)) -> String {
    let mut text = String::new();
    for (position, value) in items.iter().enumerate() {
        text.push_str(if position > 0 { "," } else { "" });
        item(&mut text, value);
    }
    text
}

fn select_item(text: &mut String, item: &SelectItem) {
    text.push_str(&item.path);
    if item.options.is_some() {
        text.push_str("($select=*)");
    }
}

fn expand_item(text: &mut String, item: &ExpandItem) {
    text.push_str(&item.path.join("/"));
    let mut mark = '(';
    for (name, value) in pairs(&item.options) {
        text.push(mark);
        text.push_str(&name);
        text.push('=');
        text.push_str(&value);
        mark = ';';
    }
    if mark == ';' {
        text.push(')');
    }
}

fn order_item(text: &mut String, item: &OrderItem) {
    expr(text, &item.expr, power::OR);
    text.push_str(if item.descending { " desc" } else { "" });
}

fn search_text(search: &Search) -> String {
    let SearchExpr::Term { text, quoted, .. } = &search.expr else { return String::new() };
    if !quoted {
        return text.clone();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn expr_text(node: &Expr) -> String {
    let mut text = String::new();
    expr(&mut text, node, power::OR);
    text
}

/// Writes a node, in parentheses if its operator binds less tightly than `power_min`.
fn expr(text: &mut String, node: &Expr, power_min: u8) {
    let grouped = node_power(&node.kind) < power_min;
    if grouped {
        text.push('(');
    }
    match &node.kind {
        ExprKind::Literal(value) => literal(text, value),
        ExprKind::Path(steps) => path(text, steps),
        ExprKind::List(_) | ExprKind::Object(_) => {}
        ExprKind::Type(name) => text.push_str(name),
        ExprKind::Alias(name) => {
            text.push('@');
            text.push_str(name);
        }
        ExprKind::Not(inner) => {
            text.push_str("not ");
            expr(text, inner, power::MEMBER);
        }
        ExprKind::Negate(inner) => {
            // In parentheses a number stays an operand of the minus sign instead of taking it as its own.
            let plain = matches!(inner.kind, ExprKind::Path(_) | ExprKind::Call(..) | ExprKind::Alias(_));
            text.push('-');
            expr(text, inner, if plain { power::OPERAND } else { u8::MAX });
        }
        ExprKind::And(operands) => chain(text, operands, " and ", power::AND),
        ExprKind::Or(operands) => chain(text, operands, " or ", power::OR),
        ExprKind::Binary(operator, left, right) => {
            expr(text, left, operator.power());
            text.push(' ');
            text.push_str(operator_name(*operator));
            text.push(' ');
            expr(text, right, operator.power() + 1);
        }
        ExprKind::In(left, list) => {
            expr(text, left, power::MEMBER);
            text.push_str(" in (");
            if let ExprKind::List(list) = &list.kind {
                text.push_str(&joined(list, |text, member| expr(text, member, power::OR)));
            }
            text.push(')');
        }
        ExprKind::Call(name, arguments) => call(text, name, arguments),
        ExprKind::Other { feature } => text.push_str(feature),
    }
    if grouped {
        text.push(')');
    }
}

fn path(text: &mut String, steps: &[PathStep]) {
    for (position, step) in steps.iter().enumerate() {
        text.push_str(if position > 0 { "/" } else { "" });
        match &step.kind {
            PathStepKind::Name(name) => text.push_str(name),
            PathStepKind::Count { .. } => text.push_str("$count"),
            _ => {}
        }
    }
}

fn chain(text: &mut String, operands: &[Expr], joint: &str, power: u8) {
    for (position, operand) in operands.iter().enumerate() {
        text.push_str(if position > 0 { joint } else { "" });
        expr(text, operand, power + 1);
    }
}

fn call(text: &mut String, name: &str, arguments: &[Expr]) {
    text.push_str(name);
    text.push('(');
    for (position, argument) in arguments.iter().enumerate() {
        // Blanks keep the colon from making a time of day of two numbers.
        text.push_str(match position {
            0 => "",
            _ if name == "case" && position % 2 == 1 => " : ",
            _ => ",",
        });
        expr(text, argument, power::OR);
    }
    text.push(')');
}

fn node_power(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::Or(_) => power::OR,
        ExprKind::And(_) => power::AND,
        ExprKind::Binary(operator, ..) => operator.power(),
        ExprKind::Not(_) | ExprKind::Negate(_) => power::UNARY,
        ExprKind::In(..) => power::MEMBER,
        // A property named like the operator needs something around it that tells the two apart.
        ExprKind::Path(steps)
            if steps.first().is_some_and(
                |step| matches!(&step.kind, PathStepKind::Name(name) if name.eq_ignore_ascii_case("not")),
            ) =>
        {
            0
        }
        _ => power::OPERAND,
    }
}

fn operator_name(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Eq => "eq",
        BinaryOperator::Ne => "ne",
        BinaryOperator::Gt => "gt",
        BinaryOperator::Ge => "ge",
        BinaryOperator::Lt => "lt",
        BinaryOperator::Le => "le",
        BinaryOperator::Has => "has",
        BinaryOperator::Add => "add",
        BinaryOperator::Sub => "sub",
        BinaryOperator::Mul => "mul",
        BinaryOperator::Div => "div",
        BinaryOperator::DivBy => "divby",
        BinaryOperator::Mod => "mod",
    }
}

fn literal(text: &mut String, value: &Literal) {
    match value {
        Literal::Null => text.push_str("null"),
        Literal::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
        Literal::Number(value)
        | Literal::Date(value)
        | Literal::DateTimeOffset(value)
        | Literal::TimeOfDay(value)
        | Literal::Guid(value) => text.push_str(value),
        Literal::String(value) => quoted(text, "", value),
        Literal::Prefixed(prefix, value) => quoted(text, prefix, value),
    }
}

fn quoted(text: &mut String, prefix: &str, value: &str) {
    text.push_str(prefix);
    text.push('\'');
    text.push_str(&value.replace('\'', "''"));
    text.push('\'');
}
