//! Writes what stands around the sources: the project file of Salesforce's tools, and a page on what to do with them.

use std::fmt::Write as _;

use super::access::permission_set;
use super::field::Kind;
use super::object::Object;
use super::source::PRINCIPAL;
use super::{API_VERSION, Adapter, Identity, Note, Options};

/// Writes the files.
pub(super) fn write(objects: &[Object<'_>], notes: &[Note], options: &Options, files: &mut Vec<(String, Vec<u8>)>) {
    let project = serde_json::json!({
        "name": options.name,
        "namespace": "",
        "packageDirectories": [{ "path": "main", "default": true }],
        "sfdcLoginUrl": "https://login.salesforce.com",
        "sourceApiVersion": API_VERSION,
    });
    files.push(("sfdx-project.json".to_owned(), format!("{project:#}\n").into_bytes()));
    files.push(("README.md".to_owned(), readme(objects, notes, options).into_bytes()));
}

fn readme(objects: &[Object<'_>], notes: &[Note], options: &Options) -> String {
    let (name, root) = (&options.name, &options.root);
    let adapter = match options.adapter {
        Adapter::V4 => "OData 4.0",
        Adapter::V401 => "OData 4.01",
    };
    let set = permission_set(options);
    let mut text = format!(
        "# {name} in Salesforce\n\n\
         Written by `penstock salesforce`: the external data source `{name}` with the {adapter} adapter on <{root}>, and what \
         belongs to it. Run the command again after a change of the metadata files; it writes the same files from the same \
         model, and stops at one that somebody has edited. Keep `salesforce.lock`: by it the command knows its own files.\n\n\
         ## Deploy\n\n\
         ```console\n\
         sf org login web --alias {name}\n\
         sf project deploy start --source-dir main --target-org {name} --dry-run\n\
         sf project deploy start --source-dir main --target-org {name}\n\
         sf org assign permset --name {set} --target-org {name}\n\
         ```\n\n"
    );
    text.push_str(&before(objects));
    text.push_str("## Afterwards, in Setup\n\n");
    text.push_str(&afterwards(options));
    // Writing to a text cannot fail.
    let _ = writeln!(text, "\n## Objects\n\n| Object | Set | Fields | Lookups |\n|---|---|---|---|");
    for object in objects {
        let lookups = object.fields.iter().filter_map(|field| {
            let to = field.kind.relation()?;
            let kind = match &field.kind {
                Kind::External { .. } => "external",
                Kind::Indirect { .. } => "indirect",
                _ => "lookup",
            };
            Some(format!("`{}` → `{}` ({kind})", field.api_name(), to.parent))
        });
        let lookups = lookups.collect::<Vec<_>>().join(", ");
        let _ =
            writeln!(text, "| `{}` | {} | {} | {lookups} |", object.api_name(), object.set.name, object.fields.len());
    }
    if !notes.is_empty() {
        text.push_str("\n## Different from the service\n\n");
        for Note { about, text: note } in notes {
            let _ = writeln!(text, "- {about}: {note}");
        }
    }
    text
}

/// What must be in the organisation already.
fn before(objects: &[Object<'_>]) -> String {
    let fields = objects.iter().flat_map(|object| &object.fields);
    let mut wanted: Vec<String> = fields
        .filter_map(|field| match &field.kind {
            Kind::Indirect { field, to, .. } => Some(format!("{}.{field}", to.parent)),
            _ => None,
        })
        .collect();
    wanted.sort();
    wanted.dedup();
    if wanted.is_empty() {
        return String::new();
    }
    let wanted: Vec<String> = wanted.iter().map(|field| format!("`{field}`")).collect();
    format!(
        "Indirect lookups compare with {}. They must be there before, as custom fields with *External ID* and *Unique*; \
         *case sensitive* unless the ERP does not mind letter case.\n\n",
        wanted.join(", ")
    )
}

fn afterwards(options: &Options) -> String {
    let name = &options.name;
    let user = options.user.as_deref().map(|user| format!(" (`{user}`)")).unwrap_or_default();
    let set = permission_set(options);
    let login = match (options.adapter, options.identity) {
        (Adapter::V4, Identity::Anonymous) => {
            format!("*External Data Sources → {name}*: nobody logs in, so nothing is to be typed.\n")
        }
        (Adapter::V4, Identity::Named) => format!(
            "*External Data Sources → {name} → Edit*: type user{user} and password of Penstock's configuration, and save.\n"
        ),
        (Adapter::V4, Identity::PerUser) => format!(
            "Each user types a user and password of Penstock under *Settings → Authentication Settings for External Systems*; \
             an administrator first enables it for `{set}` and types one to validate with.\n"
        ),
        (Adapter::V401, Identity::Anonymous) => {
            format!("*Named Credentials → {name}*: nobody logs in, so nothing is to be typed.\n")
        }
        (Adapter::V401, Identity::Named) => format!(
            "*Named Credentials → External Credentials → {name}*: edit the principal `{PRINCIPAL}`, and type user{user} and \
             password of Penstock's configuration.\n"
        ),
        (Adapter::V401, Identity::PerUser) => format!(
            "Each user types a user and password of Penstock under *Settings → External Credentials*, `{name}`. The permission \
             set `{set}` has the principal; users also need the object *User External Credentials* for reading.\n"
        ),
    };
    format!(
        "1. {login}\
         2. *External Data Sources → {name} → Validate and Sync*: the status is *Success*, and every table is there. Go back \
         without syncing. A sync of an object overwrites its labels and its *Allow Search*, and turns lookups that \
         were not made by a sync into texts; to bring changes, deploy this project again.\n\
         3. Open a tab. An empty list with the message of an error is explained in Penstock's log, by the time of the request.\n"
    )
}
