//! Compares the functions and procedures that operations name with those of the databases.

use crate::catalog::Routine;
use crate::model::raw::{self, Folder, OPERATIONS_FILE};
use crate::model::{Body, Family, Model, Operation, Table};

use super::set::named;
use super::{Findings, Told};

/// Every operation of the model whose source has told its schema.
pub(super) fn check(model: &Model, folders: &[Folder], told: &[Option<&Told>], findings: &mut Findings) {
    for (operation, (file, key)) in model.operations.iter().zip(places(folders)) {
        let told = usize::try_from(operation.source.0).ok().and_then(|source| *told.get(source)?);
        let (Some(told), Some((table, procedure))) = (told, routine_of(operation)) else { continue };
        let key = format!("{key}.{}", if procedure { "procedure" } else { "function" });
        one(model, operation, &Called { told, table, procedure }, file, &key, findings);
    }
}

/// What of the database an operation names, and whether it is a procedure.
pub(super) fn routine_of(operation: &Operation) -> Option<(&Table, bool)> {
    match &operation.body {
        Body::Function(table) => Some((table, false)),
        Body::Procedure(table) => Some((table, true)),
        Body::Statement(_) => None,
    }
}

/// Where the operations stand, in the order of the model.
fn places(folders: &[Folder]) -> Vec<(&str, String)> {
    let mut places = Vec::new();
    for file in folders.iter().flat_map(|folder| &folder.entities) {
        if file.name.rsplit('/').next() != Some(OPERATIONS_FILE) {
            continue;
        }
        let Ok(operations) = raw::read_operations(file) else { continue };
        let functions = (1..=operations.functions.len()).map(|number| format!("function.{number}"));
        let actions = (1..=operations.actions.len()).map(|number| format!("action.{number}"));
        places.extend(functions.chain(actions).map(|key| (file.name.as_str(), key)));
    }
    places
}

/// A routine as it is called.
struct Called<'a> {
    told: &'a Told,
    table: &'a Table,
    procedure: bool,
}

impl Called<'_> {
    fn word(&self) -> &'static str {
        if self.procedure { "procedure" } else { "function" }
    }

    /// Whether the database takes this one for the call.
    fn is_meant(&self, routine: &Routine) -> bool {
        let family = self.told.family;
        let is_name = match family {
            Family::Postgres => routine.name.as_str() == &*self.table.name,
            Family::Mysql | Family::Sqlite => routine.name.to_lowercase() == self.table.name.to_lowercase(),
        };
        let in_schema = match (&self.table.schema, &routine.schema) {
            (Some(wanted), schema) => schema.as_deref() == Some(&**wanted),
            // What is built in is found everywhere.
            (None, None) => true,
            (None, Some(schema)) => {
                self.told.catalog.search_path.contains(schema) || (family == Family::Postgres && schema == "pg_catalog")
            }
        };
        is_name && in_schema && routine.procedure == self.procedure
    }
}

fn one(model: &Model, operation: &Operation, called: &Called<'_>, file: &str, key: &str, findings: &mut Findings) {
    let Called { told, table, .. } = called;
    let word = called.word();
    let meant: Vec<&Routine> = told.catalog.routines.iter().filter(|routine| called.is_meant(routine)).collect();
    if meant.is_empty() {
        let hidden = if told.family == Family::Mysql { ", or the user may not call it" } else { "" };
        findings.error(file, key, format!("{word} {} does not exist{hidden}", named(table)), remedy(called));
        return;
    }
    if !meant.iter().any(|routine| routine.callable) {
        let wrong = format!("the user of the source may not call {word} {}", named(table));
        let right =
            format!("GRANT EXECUTE ON {} {} TO the user, and USAGE on its schema", word.to_uppercase(), named(table));
        findings.error(file, key, wrong, right);
        return;
    }
    let bound = operation.binding.as_ref().filter(|binding| !binding.collection);
    let of_key = bound.and_then(|binding| model.type_of(binding.set)).map_or(0, |it| it.key.len());
    let given = of_key + operation.parameters.len();
    let takes = |routine: &&Routine| routine.arguments.is_none_or(|(least, most)| (least..=most).contains(&given));
    if !meant.iter().any(takes) {
        let mut counts: Vec<(usize, usize)> = meant.iter().filter_map(|routine| routine.arguments).collect();
        counts.sort_unstable();
        counts.dedup();
        let counts: Vec<String> = counts.into_iter().map(counted).collect();
        let wrong =
            format!("function {} takes {} argument(s) and is called with {given}", named(table), counts.join(" or "));
        let right = "it is called with the key of the bound entity, then all parameters: correct those, or call it by a \
                     `statement`";
        findings.error(file, key, wrong, right);
    }
}

fn counted((least, most): (usize, usize)) -> String {
    match most {
        usize::MAX => format!("{least} or more"),
        most if most == least => most.to_string(),
        most => format!("{least} to {most}"),
    }
}

fn remedy(called: &Called<'_>) -> String {
    let Called { told, table, procedure } = called;
    let routines = &told.catalog.routines;
    let is_name = |routine: &&Routine| routine.name.to_lowercase() == table.name.to_lowercase();
    let other = |found: &Routine| Called { told, table, procedure: !procedure }.is_meant(found);
    if routines.iter().any(other) {
        let (is, key) = if *procedure { ("function", "function") } else { ("procedure", "procedure") };
        return format!("there is a {is} of this name: say `{key} = \"{}\"`", table.name);
    }
    let elsewhere = routines.iter().filter(|routine| routine.procedure == *procedure).find(is_name);
    if let Some(Routine { schema: Some(schema), name, .. }) = elsewhere {
        return if *name == *table.name {
            format!("it is in `{schema}`: say `schema = \"{schema}\"`")
        } else {
            format!("did you mean `{name}`?")
        };
    }
    format!("create it, or name a {} of the database exactly as it spells it", called.word())
}
