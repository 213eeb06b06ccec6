//! Resolves what `service.toml` says: namespace, container, source, and what the sets of a folder inherit.

use super::names::{check_identifier, check_namespace};
use crate::model::Source;
use crate::model::raw::{Folder, Report, Service, nearest};

/// Largest page that Salesforce takes.
pub(in crate::model) const PAGE_ROWS_MAX: u32 = 2_000;

/// What holds for the whole service.
pub(super) struct Names {
    pub(super) namespace: String,
    pub(super) container: String,
}

/// Resolves namespace and container from the files of all folders; `None` stands for a file that could not be read.
pub(super) fn names(folders: &[Folder], services: &[Option<Service>], report: &mut Report) -> Names {
    let mut names = Names { namespace: String::new(), container: "Container".to_owned() };
    let mut files = folders.iter().map(|folder| folder.service.name.as_str()).zip(services);
    let Some((first, service)) = files.next() else { return names };
    if let Some(service) = service {
        match &service.namespace {
            Some(namespace) => {
                check_namespace(namespace, first, report);
                names.namespace.clone_from(namespace);
            }
            None => report.add(
                first,
                "namespace",
                "the namespace is missing",
                "the first folder of a service names it: `namespace = \"Erp\"`",
            ),
        }
        if let Some(container) = &service.container {
            check_identifier(container, first, "container", report);
            names.container.clone_from(container);
        }
    }
    let known = service.as_ref().is_some_and(|service| service.namespace.is_some());
    for (file, service) in files.filter_map(|(file, service)| Some((file, service.as_ref()?))) {
        if let Some(namespace) = service.namespace.as_ref().filter(|it| known && **it != names.namespace) {
            report.add(
                file,
                "namespace",
                format!("namespace `{namespace}` differs from `{}` in {first}", names.namespace),
                "all folders of a service share one namespace; leave it out here",
            );
        }
        if service.container.is_some() {
            report.add(
                file,
                "container",
                "the container is named in a folder that is not the service's first",
                format!("name it in {first}"),
            );
        }
    }
    names
}

/// Reports a source that the configuration does not have.
pub(super) fn check_source(service: &Service, file: &str, sources: &[Source], report: &mut Report) {
    let name = &service.source;
    let names = || sources.iter().map(|source| source.name.as_str());
    if names().any(|known| known == name) {
        return;
    }
    let right = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if sources.is_empty() => "no source is configured; add one".to_owned(),
        None => format!("configured are `{}`", names().collect::<Vec<_>>().join("`, `")),
    };
    report.add(file, "source", format!("source `{name}` is not configured"), right);
}

/// The page limit of a folder or set, or `None` if it is not given or out of range, which is reported.
pub(super) fn page_rows_max(given: Option<i64>, file: &str, report: &mut Report) -> Option<u32> {
    bounded(given, 1, PAGE_ROWS_MAX, file, "page_rows_max", report)
}

/// A number within its range, or `None` if it is not given or out of range, which is reported.
pub(in crate::model) fn bounded<T>(
    given: Option<i64>,
    min: T,
    max: T,
    file: &str,
    key: &str,
    report: &mut Report,
) -> Option<T>
where
    T: TryFrom<i64> + PartialOrd + Copy + std::fmt::Display,
{
    let given = given?;
    let value = T::try_from(given).ok().filter(|value| *value >= min && *value <= max);
    if value.is_none() {
        report.add(file, key, format!("{given} is out of range"), format!("it is a number from {min} to {max}"));
    }
    value
}
