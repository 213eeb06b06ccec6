//! Owns the comparison of trees without their places: everything a request says, nothing of how it was written.

use super::{ExpandItem, Expr, ExprKind, KeyPredicate, Options, Path, ResourceUrl, SearchExpr, SegmentKind, Span};

impl ResourceUrl {
    /// The same tree with every span empty, so that two requests that say the same are equal.
    #[must_use]
    pub fn without_spans(mut self) -> ResourceUrl {
        match &mut self.path {
            Path::Service | Path::Metadata | Path::Batch => {}
            Path::All { cast, span } | Path::Entity { cast, span } => {
                *span = Span::default();
                cast.iter_mut().for_each(|cast| cast.span = Span::default());
            }
            Path::Crossjoin { sets, span, .. } => {
                *span = Span::default();
                sets.iter_mut().for_each(|set| set.span = Span::default());
            }
            Path::Resource(segments) => {
                for segment in segments {
                    segment.span = Span::default();
                    match &mut segment.kind {
                        SegmentKind::Name { key: Some(KeyPredicate::Single(value)), .. } => expr(value),
                        SegmentKind::Name { key: Some(KeyPredicate::Named(parts)), .. } => {
                            for (_, value) in parts {
                                expr(value);
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        options(&mut self.options);
        self
    }
}

fn options(options: &mut Options) {
    let Options { filter, order, select, expand, search, skip_token, format, unsupported, aliases, .. } = options;
    filter.iter_mut().for_each(expr);
    order.iter_mut().flatten().for_each(|item| expr(&mut item.expr));
    select.iter_mut().flatten().for_each(|item| item.span = Span::default());
    expand.iter_mut().flatten().for_each(expand_item);
    if let Some(search) = search {
        search.span = Span::default();
        if let SearchExpr::Term { span, .. } = &mut search.expr {
            *span = Span::default();
        }
    }
    for (_, span) in skip_token.iter_mut().chain(format).chain(unsupported) {
        *span = Span::default();
    }
    for (_, value) in aliases {
        expr(value);
    }
}

fn expand_item(item: &mut ExpandItem) {
    item.span = Span::default();
    options(&mut item.options);
}

fn expr(node: &mut Expr) {
    node.span = Span::default();
    match &mut node.kind {
        ExprKind::Literal(_) | ExprKind::Type(_) | ExprKind::Alias(_) | ExprKind::Other { .. } => {}
        ExprKind::Path(steps) => steps.iter_mut().for_each(|step| step.span = Span::default()),
        ExprKind::Object(members) => members.iter_mut().for_each(|(_, value)| expr(value)),
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
