//! Owns the comparison of trees without their places: everything a request says, nothing of how it was written.

use super::{
    AggregateItem, Apply, Expr, ExprKind, GroupItem, Hierarchy, KeyPredicate, Options, OtherTransformation, Path,
    PathStepKind, ResourceUrl, SearchExpr, SegmentKind, Span, TransformationKind,
};

impl ResourceUrl {
    /// The same tree with every span empty, so that two requests that say the same are equal.
    #[must_use]
    pub fn without_spans(mut self) -> ResourceUrl {
        match &mut self.path {
            Path::Service | Path::Metadata | Path::Batch => {}
            Path::All { cast, span } | Path::Entity { cast, span } => {
                *span = Span::default();
                if let Some(cast) = cast {
                    cast.span = Span::default();
                }
            }
            Path::Crossjoin { sets, span, .. } => {
                *span = Span::default();
                for set in sets {
                    set.span = Span::default();
                }
            }
            Path::Resource(segments) => {
                for segment in segments {
                    segment.span = Span::default();
                    match &mut segment.kind {
                        SegmentKind::Name { key: Some(predicate), .. } | SegmentKind::Key(predicate) => key(predicate),
                        SegmentKind::Filter(condition) => expr(condition),
                        _ => {}
                    }
                }
            }
        }
        options(&mut self.options);
        self
    }
}

fn key(predicate: &mut KeyPredicate) {
    match predicate {
        KeyPredicate::Empty => {}
        KeyPredicate::Single(value) => expr(value),
        KeyPredicate::Named(parts) => named(parts),
    }
}

fn named(parts: &mut [(String, Expr)]) {
    for (_, value) in parts {
        expr(value);
    }
}

fn options(options: &mut Options) {
    options.filter.iter_mut().for_each(expr);
    options.order.iter_mut().flatten().for_each(|item| expr(&mut item.expr));
    for item in options.select.iter_mut().flatten() {
        item.span = Span::default();
        if let Some(inner) = &mut item.options {
            self::options(inner);
        }
    }
    for item in options.expand.iter_mut().flatten() {
        item.span = Span::default();
        self::options(&mut item.options);
    }
    if let Some(search) = &mut options.search {
        search.span = Span::default();
        search_expr(&mut search.expr);
    }
    for item in options.compute.iter_mut().flatten() {
        item.span = Span::default();
        expr(&mut item.expr);
    }
    options.apply.iter_mut().for_each(apply);
    let texts = [
        &mut options.skip_token,
        &mut options.delta_token,
        &mut options.format,
        &mut options.schema_version,
        &mut options.id,
    ];
    for (_, span) in texts.into_iter().flatten() {
        *span = Span::default();
    }
    named(&mut options.aliases);
    for custom in &mut options.custom {
        custom.span = Span::default();
    }
}

fn search_expr(node: &mut SearchExpr) {
    match node {
        SearchExpr::And(operands) | SearchExpr::Or(operands) => operands.iter_mut().for_each(search_expr),
        SearchExpr::Not(inner) => search_expr(inner),
        SearchExpr::Term { span, .. } => *span = Span::default(),
    }
}

fn expr(node: &mut Expr) {
    node.span = Span::default();
    match &mut node.kind {
        ExprKind::Literal(_) | ExprKind::Type(_) | ExprKind::Alias(_) => {}
        ExprKind::Path(steps) => {
            for step in steps {
                step.span = Span::default();
                path_step(&mut step.kind);
            }
        }
        ExprKind::Object(members) => named(members),
        ExprKind::Not(inner) | ExprKind::Negate(inner) => expr(inner),
        ExprKind::Binary(_, left, right) | ExprKind::In(left, right) => {
            expr(left);
            expr(right);
        }
        ExprKind::And(list) | ExprKind::Or(list) | ExprKind::List(list) | ExprKind::Call(_, list) => {
            list.iter_mut().for_each(expr);
        }
    }
}

fn path_step(step: &mut PathStepKind) {
    match step {
        PathStepKind::Key(predicate) => key(predicate),
        PathStepKind::Count { options: Some(inner) } => options(inner),
        PathStepKind::Any(Some(lambda)) | PathStepKind::All(lambda) => expr(&mut lambda.predicate),
        PathStepKind::Call(call) => named(&mut call.parameters),
        PathStepKind::Filter(condition) => expr(condition),
        PathStepKind::Aggregate(item) => aggregate_item(item),
        _ => {}
    }
}

fn aggregate_item(item: &mut AggregateItem) {
    item.span = Span::default();
    item.expr.iter_mut().for_each(expr);
    item.from.iter_mut().flat_map(|from| &mut from.by).for_each(expr);
}

fn apply(Apply(transformations): &mut Apply) {
    for transformation in transformations {
        transformation.span = Span::default();
        match &mut transformation.kind {
            TransformationKind::Identity | TransformationKind::Top(_) | TransformationKind::Skip(_) => {}
            TransformationKind::Filter(condition) => expr(condition),
            TransformationKind::Search(search) => {
                search.span = Span::default();
                search_expr(&mut search.expr);
            }
            TransformationKind::Compute(items) => {
                for item in items {
                    item.span = Span::default();
                    expr(&mut item.expr);
                }
            }
            TransformationKind::OrderBy(items) => items.iter_mut().for_each(|item| expr(&mut item.expr)),
            TransformationKind::Aggregate(items) => items.iter_mut().for_each(aggregate_item),
            TransformationKind::GroupBy { by, then } => {
                by.iter_mut().for_each(group_item);
                then.iter_mut().for_each(apply);
            }
            TransformationKind::Concat(sequences) => sequences.iter_mut().for_each(apply),
            TransformationKind::Rank { amount, by, .. } => {
                expr(amount);
                expr(by);
            }
            TransformationKind::Other(transformation) => other(transformation),
        }
    }
}

fn group_item(item: &mut GroupItem) {
    match item {
        GroupItem::Path(path) => expr(path),
        GroupItem::Rollup { levels, .. } => levels.iter_mut().for_each(expr),
        GroupItem::RollupRecursive { hierarchy, nodes } => {
            of(hierarchy);
            nodes.iter_mut().for_each(apply);
        }
    }
}

fn of(hierarchy: &mut Hierarchy) {
    expr(&mut hierarchy.root);
    expr(&mut hierarchy.node);
}

fn other(transformation: &mut OtherTransformation) {
    match transformation {
        OtherTransformation::Join { property, then, .. } => {
            expr(property);
            then.iter_mut().for_each(apply);
        }
        OtherTransformation::Nest { path, members } => {
            path.iter_mut().for_each(expr);
            for (member, _) in members {
                apply(member);
            }
        }
        OtherTransformation::Relatives { hierarchy, start, .. } => {
            of(hierarchy);
            apply(start);
        }
        OtherTransformation::Traverse { hierarchy, nodes, order, .. } => {
            of(hierarchy);
            nodes.iter_mut().for_each(apply);
            for item in order {
                expr(&mut item.expr);
            }
        }
        OtherTransformation::Expand { path, then } => {
            expr(path);
            then.iter_mut().for_each(apply);
        }
        OtherTransformation::Custom(call) => named(&mut call.parameters),
    }
}
