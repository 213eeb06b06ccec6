//! Owns implicit parameter aliases: a function at the end of a path, without parentheses, takes its parameters from
//! query options of their names (OData 4.01 Part 1, 11.5.4.1.1).

use crate::model::{Model, Operation, OperationKind};
use crate::syntax::{self, KeyPredicate, Options, Path, ResourceUrl, Segment, SegmentKind};

use super::BindError;
use super::error::BindErrorKind;

/// The request with the parameters in parentheses, as a link repeats it, if a function of the last name takes what the
/// options give. A name may have an `@` before it, which a parameter needs that is called as an option of the system.
pub fn with_parameters(url: &ResourceUrl, model: &Model) -> Result<Option<ResourceUrl>, BindError> {
    let Path::Resource(segments) = &url.path else { return Ok(None) };
    let options = &url.options;
    let Some((Segment { kind: SegmentKind::Name { name, key: None }, span }, before)) = segments.split_last() else {
        return Ok(None);
    };
    let local = name.rsplit('.').next();
    let is_meant = |it: &&Operation| {
        it.kind == OperationKind::Function
            && (it.imported_as.as_deref() == Some(name) || it.binding.is_some() && Some(&*it.name) == local)
            && it.parameters.iter().all(|parameter| is_given(&parameter.name, options))
    };
    // More than one may take a part of what is given.
    let all = model.published_operations().map(|(_, operation)| operation);
    let Some(function) = all.filter(is_meant).max_by_key(|it| it.parameters.len()) else {
        return Ok(None);
    };
    let mut parts = Vec::with_capacity(function.parameters.len());
    for parameter in &function.parameters {
        parts.extend(value(&parameter.name, options)?.map(|value| (parameter.name.clone(), value)));
    }
    let kind = SegmentKind::Name { name: name.clone(), key: Some(KeyPredicate::Named(parts)) };
    let segments = before.iter().cloned().chain([Segment { kind, span: span.clone() }]).collect();
    Ok(Some(ResourceUrl { path: Path::Resource(segments), options: options.clone() }))
}

fn is_given(name: &str, options: &Options) -> bool {
    options.custom.iter().any(|option| option.name == name) || options.aliases.iter().any(|(alias, _)| alias == name)
}

fn value(name: &str, options: &Options) -> Result<Option<syntax::Expr>, BindError> {
    let mut given = options.custom.iter().filter(|option| option.name == name);
    let Some(option) = given.next() else {
        return Ok(options.aliases.iter().find(|(alias, _)| alias == name).map(|(_, value)| value.clone()));
    };
    if let Some(again) = given.next() {
        return Err(BindError::at(BindErrorKind::Duplicate(name.to_owned()), &again.span));
    }
    let malformed = |_| {
        let kind = BindErrorKind::Argument { parameter: name.to_owned(), expected: "a literal".to_owned() };
        BindError::at(kind, &option.span)
    };
    syntax::parse_parameter(option, &syntax::Limits::default()).map(Some).map_err(malformed)
}
