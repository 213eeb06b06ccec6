//! Owns the way back: a tree as canonical, percent-encoded text, which is how next links are made. Parsing that text
//! gives the same tree, but for custom options, which are left out.

mod apply;
mod expr;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::filter::power;
use super::{
    ComputeItem, ExpandItem, KeyPredicate, Levels, Options, OrderItem, Path, ResourceUrl, Search, SearchExpr,
    SegmentKind, SelectItem,
};
use expr::{expr, expr_text};

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
        Path::All { cast, .. } | Path::Entity { cast, .. } => {
            target.push_str(if matches!(url.path, Path::All { .. }) { "$all" } else { "$entity" });
            if let Some(cast) = cast {
                target.push('/');
                target.extend(utf8_percent_encode(&cast.text, PATH));
            }
        }
        Path::Crossjoin { sets, query, .. } => {
            let names = joined(sets, |text, set| text.push_str(&set.text));
            target.extend(utf8_percent_encode(&format!("$crossjoin({names})"), PATH));
            target.push_str(if *query { "/$query" } else { "" });
        }
        Path::Resource(segments) => {
            for (position, segment) in segments.iter().enumerate() {
                // A key has no segment of its own in the text.
                if position > 0 && !matches!(segment.kind, SegmentKind::Key(_)) {
                    target.push('/');
                }
                target.extend(utf8_percent_encode(&segment_text(&segment.kind), PATH));
            }
        }
    }
    let mut mark = '?';
    for (name, value) in print_options(&url.options) {
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
        SegmentKind::Name { name, key: None } => name.clone(),
        SegmentKind::Name { name, key: Some(predicate) } => {
            let mut text = name.clone();
            key(&mut text, predicate);
            text
        }
        SegmentKind::Key(predicate) => {
            let mut text = String::new();
            key(&mut text, predicate);
            text
        }
    }
}

fn key(text: &mut String, predicate: &KeyPredicate) {
    text.push('(');
    match predicate {
        KeyPredicate::Empty => {}
        KeyPredicate::Single(value) => expr(text, value, power::OR),
        KeyPredicate::Named(parts) => list(text, parts, |text, (name, value)| {
            text.push_str(name);
            text.push('=');
            expr(text, value, power::OR);
        }),
    }
    text.push(')');
}

/// Names and values of all options, not encoded, always in the same order.
pub fn print_options(options: &Options) -> Vec<(String, String)> {
    let text = |option: &Option<(String, super::Span)>| option.as_ref().map(|(text, _)| text.clone());
    let known = [
        ("$apply", options.apply.as_ref().map(apply::apply_text)),
        ("$compute", options.compute.as_ref().map(|items| joined(items, compute_item))),
        ("$select", options.select.as_ref().map(|items| joined(items, select_item))),
        ("$expand", options.expand.as_ref().map(|items| joined(items, expand_item))),
        ("$filter", options.filter.as_ref().map(expr_text)),
        ("$search", options.search.as_ref().map(search_text)),
        ("$orderby", options.order.as_ref().map(|items| joined(items, order_item))),
        ("$count", options.count.map(|count| count.to_string())),
        ("$skip", options.skip.map(|skip| skip.to_string())),
        ("$top", options.top.map(|top| top.to_string())),
        ("$levels", options.levels.map(levels_text)),
        ("$index", options.index.map(|index| index.to_string())),
        ("$skiptoken", text(&options.skip_token)),
        ("$deltatoken", text(&options.delta_token)),
        ("$format", text(&options.format)),
        ("$schemaversion", text(&options.schema_version)),
        ("$id", text(&options.id)),
    ];
    let aliases = options.aliases.iter().map(|(name, value)| (format!("@{name}"), expr_text(value)));
    let known = known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    known.chain(aliases).collect()
}

/// Writes options with semicolons between them, in parentheses; nothing if there are none.
fn nested(text: &mut String, options: &Options) {
    let mut mark = '(';
    for (name, value) in print_options(options) {
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

fn joined<T>(items: &[T], item: impl Fn(&mut String, &T)) -> String {
    let mut text = String::new();
    list(&mut text, items, item);
    text
}

fn list<T>(text: &mut String, items: &[T], item: impl Fn(&mut String, &T)) {
    for (position, value) in items.iter().enumerate() {
        text.push_str(if position > 0 { "," } else { "" });
        item(text, value);
    }
}

fn levels_text(levels: Levels) -> String {
    match levels {
        Levels::Max => "max".to_owned(),
        Levels::Number(number) => number.to_string(),
    }
}

fn compute_item(text: &mut String, item: &ComputeItem) {
    expr(text, &item.expr, power::OR);
    text.push_str(" as ");
    text.push_str(&item.alias);
}

fn select_item(text: &mut String, item: &SelectItem) {
    text.push_str(&item.path);
    if let Some(options) = &item.options {
        nested(text, options);
    }
}

fn expand_item(text: &mut String, item: &ExpandItem) {
    text.push_str(&item.path.join("/"));
    nested(text, &item.options);
}

fn order_item(text: &mut String, item: &OrderItem) {
    expr(text, &item.expr, power::OR);
    text.push_str(if item.descending { " desc" } else { "" });
}

fn search_text(search: &Search) -> String {
    let mut text = String::new();
    search_expr(&mut text, &search.expr, 0);
    text
}

/// Writes a search, in parentheses if its operator binds less tightly than `power_min`.
fn search_expr(text: &mut String, node: &SearchExpr, power_min: u8) {
    let (power, operands, joint) = match node {
        SearchExpr::Or(operands) => (1, operands.as_slice(), " OR "),
        SearchExpr::And(operands) => (2, operands.as_slice(), " AND "),
        SearchExpr::Not(inner) => {
            text.push_str("NOT ");
            return search_expr(text, inner, 3);
        }
        SearchExpr::Term { text: phrase, quoted: true, .. } => {
            text.push('"');
            text.push_str(&phrase.replace('\\', "\\\\").replace('"', "\\\""));
            text.push('"');
            return;
        }
        SearchExpr::Term { text: word, quoted: false, .. } => return text.push_str(word),
    };
    text.push_str(if power < power_min { "(" } else { "" });
    for (position, operand) in operands.iter().enumerate() {
        text.push_str(if position > 0 { joint } else { "" });
        search_expr(text, operand, power + 1);
    }
    text.push_str(if power < power_min { ")" } else { "" });
}
