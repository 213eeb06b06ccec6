//! Writes the tabs and the permission set, without which nobody but an administrator sees an object.

use super::object::Object;
use super::source::PRINCIPAL;
use super::xml::{self, group, text};
use super::{Adapter, Options, path};

/// The picture of all tabs.
const MOTIF: &str = "Custom18: Form";

/// Name of the permission set.
pub(super) fn permission_set(options: &Options) -> String {
    format!("{}_Read", options.name)
}

/// Writes the files.
pub(super) fn write(objects: &[Object<'_>], options: &Options, files: &mut Vec<(String, Vec<u8>)>) {
    let name = permission_set(options);
    let description = format!("Reads what {} publishes.", options.root);
    let mut elements = vec![
        text("description", description),
        group("externalDataSourceAccesses", vec![text("enabled", true), text("externalDataSource", &options.name)]),
        text("hasActivationRequired", false),
        text("label", format!("{} (read)", options.name)),
    ];
    if options.adapter == Adapter::V401 {
        let principal = format!("{}-{PRINCIPAL}", options.name);
        elements.push(group(
            "externalCredentialPrincipalAccesses",
            vec![text("enabled", true), text("externalCredentialPrincipal", principal)],
        ));
    }
    for object in objects {
        let object_name = object.api_name();
        let no = ["allowCreate", "allowDelete", "allowEdit", "modifyAllRecords", "viewAllRecords"];
        let mut rights: Vec<_> = no.into_iter().map(|right| text(right, false)).collect();
        rights.extend([text("allowRead", true), text("object", &object_name)]);
        elements.push(group("objectPermissions", rights));
        elements.push(group("tabSettings", vec![text("tab", &object_name), text("visibility", "Visible")]));
        for field in &object.fields {
            let field = format!("{object_name}.{}", field.api_name());
            let rights = vec![text("editable", false), text("field", field), text("readable", true)];
            elements.push(group("fieldPermissions", rights));
        }
        let tab = vec![text("customObject", true), text("motif", MOTIF)];
        files.push((path(&format!("tabs/{object_name}.tab-meta.xml")), xml::document("CustomTab", tab)));
    }
    let file = format!("permissionsets/{name}.permissionset-meta.xml");
    files.push((path(&file), xml::document("PermissionSet", elements)));
}
