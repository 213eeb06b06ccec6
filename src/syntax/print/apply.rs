//! Owns the way back of `$apply`.

use super::expr::expr;
use super::{compute_item, list, order_item, search_text};
use crate::syntax::filter::power;
use crate::syntax::{
    AggregateItem, Apply, Expr, FunctionCall, GroupItem, Hierarchy, OtherTransformation, RankKind, TransformationKind,
};

pub(super) fn apply_text(apply: &Apply) -> String {
    let mut text = String::new();
    transformations(&mut text, apply);
    text
}

fn transformations(text: &mut String, Apply(steps): &Apply) {
    for (position, step) in steps.iter().enumerate() {
        text.push_str(if position > 0 { "/" } else { "" });
        transformation(text, &step.kind);
    }
}

fn transformation(text: &mut String, kind: &TransformationKind) {
    text.push_str(name(kind));
    match kind {
        TransformationKind::Identity => return,
        TransformationKind::Other(transformation) => return other(text, transformation),
        _ => text.push('('),
    }
    match kind {
        TransformationKind::Filter(condition) => expression(text, condition),
        TransformationKind::Search(search) => text.push_str(&search_text(search)),
        TransformationKind::Compute(items) => list(text, items, compute_item),
        TransformationKind::OrderBy(items) => list(text, items, order_item),
        TransformationKind::Top(number) | TransformationKind::Skip(number) => text.push_str(&number.to_string()),
        TransformationKind::Aggregate(items) => list(text, items, aggregate_item),
        TransformationKind::GroupBy { by, then } => {
            text.push('(');
            list(text, by, group_item);
            text.push(')');
            further(text, then.as_ref());
        }
        TransformationKind::Concat(sequences) => list(text, sequences, transformations),
        TransformationKind::Rank { amount, by, .. } => {
            expression(text, amount);
            text.push(',');
            expression(text, by);
        }
        TransformationKind::Identity | TransformationKind::Other(_) => {}
    }
    text.push(')');
}

fn name(kind: &TransformationKind) -> &str {
    match kind {
        TransformationKind::Identity => "identity",
        TransformationKind::Filter(_) => "filter",
        TransformationKind::Search(_) => "search",
        TransformationKind::Compute(_) => "compute",
        TransformationKind::OrderBy(_) => "orderby",
        TransformationKind::Top(_) => "top",
        TransformationKind::Skip(_) => "skip",
        TransformationKind::Aggregate(_) => "aggregate",
        TransformationKind::GroupBy { .. } => "groupby",
        TransformationKind::Concat(_) => "concat",
        TransformationKind::Rank { kind, .. } => match kind {
            RankKind::TopCount => "topcount",
            RankKind::TopSum => "topsum",
            RankKind::TopPercent => "toppercent",
            RankKind::BottomCount => "bottomcount",
            RankKind::BottomSum => "bottomsum",
            RankKind::BottomPercent => "bottompercent",
        },
        TransformationKind::Other(transformation) => transformation.feature(),
    }
}

fn expression(text: &mut String, node: &Expr) {
    expr(text, node, power::OR);
}

/// Writes a path where nothing but a path can stand, so that no name needs parentheses.
fn path(text: &mut String, node: &Expr) {
    expr(text, node, 0);
}

fn further(text: &mut String, apply: Option<&Apply>) {
    if let Some(apply) = apply {
        text.push(',');
        transformations(text, apply);
    }
}

fn named(text: &mut String, name: &str) {
    text.push_str(" as ");
    text.push_str(name);
}

pub(super) fn aggregate_item(text: &mut String, item: &AggregateItem) {
    match &item.expr {
        Some(counted) if item.count => {
            path(text, counted);
            text.push_str("/$count");
        }
        Some(value) => expression(text, value),
        None => text.push_str("$count"),
    }
    with(text, item.method.as_deref());
    for from in &item.from {
        text.push_str(" from ");
        list(text, &from.by, path);
        with(text, from.method.as_deref());
    }
    if let Some(alias) = &item.alias {
        named(text, alias);
    }
}

fn with(text: &mut String, method: Option<&str>) {
    if let Some(method) = method {
        text.push_str(" with ");
        text.push_str(method);
    }
}

fn group_item(text: &mut String, item: &GroupItem) {
    match item {
        GroupItem::Path(property) => path(text, property),
        GroupItem::Rollup { all, levels } => {
            text.push_str(if *all { "rollup($all," } else { "rollup(" });
            list(text, levels, path);
            text.push(')');
        }
        GroupItem::RollupRecursive { hierarchy, nodes } => {
            text.push_str("rolluprecursive(");
            of(text, hierarchy);
            further(text, nodes.as_ref());
            text.push(')');
        }
    }
}

fn of(text: &mut String, hierarchy: &Hierarchy) {
    path(text, &hierarchy.root);
    text.push(',');
    text.push_str(&hierarchy.qualifier);
    text.push(',');
    path(text, &hierarchy.node);
}

/// Writes what stands behind the name of such a transformation.
fn other(text: &mut String, transformation: &OtherTransformation) {
    if let OtherTransformation::Custom(call) = transformation {
        return parameters(text, call);
    }
    text.push('(');
    match transformation {
        OtherTransformation::Join { property, alias, then, .. } => {
            path(text, property);
            named(text, alias);
            further(text, then.as_ref());
        }
        OtherTransformation::Nest { path: property, members } => {
            if let Some(property) = property {
                path(text, property);
                text.push(',');
            }
            list(text, members, |text, (apply, alias)| {
                transformations(text, apply);
                named(text, alias);
            });
        }
        OtherTransformation::Relatives { hierarchy, start, distance, keep_start, .. } => {
            of(text, hierarchy);
            further(text, Some(start));
            if let Some(distance) = distance {
                text.push(',');
                text.push_str(&distance.to_string());
            }
            text.push_str(if *keep_start { ",keep start" } else { "" });
        }
        OtherTransformation::Traverse { hierarchy, post, nodes, order } => {
            of(text, hierarchy);
            text.push_str(if *post { ",postorder" } else { ",preorder" });
            further(text, nodes.as_ref());
            text.push_str(if order.is_empty() { "" } else { "," });
            list(text, order, order_item);
        }
        OtherTransformation::Expand { path: property, then } => {
            path(text, property);
            for apply in then {
                further(text, Some(apply));
            }
        }
        OtherTransformation::Custom(_) => {}
    }
    text.push(')');
}

/// Writes a function of the service with its parameters.
pub(super) fn function(text: &mut String, call: &FunctionCall) {
    text.push_str(&call.name);
    parameters(text, call);
}

fn parameters(text: &mut String, call: &FunctionCall) {
    text.push('(');
    list(text, &call.parameters, |text, (name, value)| {
        text.push_str(name);
        text.push('=');
        expression(text, value);
    });
    text.push(')');
}
