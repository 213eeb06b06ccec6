//! Writes the external data source and, for the 4.01 adapter, the credentials from which it takes address and user.
//!
//! # Decisions
//!
//! - Every setting is written, also those that are Salesforce's defaults: a file then says what a screen would show.
//! - Server-driven pages: they stay complete while rows come and go.
//! - Counts are asked for if every set of the project answers them; one that refuses would fail each of its lists.

use super::object::Object;
use super::xml::{self, group, text};
use super::{Adapter, Identity, Options, path};

/// How long Salesforce waits, in seconds: the most that it does.
const TIMEOUT_S: u32 = 120;
/// The one who logs in, in the credentials of the 4.01 adapter.
pub(super) const PRINCIPAL: &str = "Penstock";

/// Writes the files.
pub(super) fn write(objects: &[Object<'_>], options: &Options, files: &mut Vec<(String, Vec<u8>)>) {
    let name = &options.name;
    let mut elements =
        vec![text("customConfiguration", configuration(objects)), text("isWritable", false), text("label", name)];
    match options.adapter {
        Adapter::V4 => {
            let (principal, protocol) = match options.identity {
                Identity::Anonymous => ("Anonymous", "NoAuthentication"),
                Identity::Named => ("NamedUser", "Password"),
                Identity::PerUser => ("PerUser", "Password"),
            };
            elements.extend([
                text("endpoint", &options.root),
                text("principalType", principal),
                text("protocol", protocol),
                text("type", "OData4"),
            ]);
            let user = options.user.as_ref().filter(|_| options.identity == Identity::Named);
            elements.extend(user.map(|user| text("username", user)));
        }
        Adapter::V401 => {
            elements.extend([
                text("namedCredential", name),
                text("principalType", "Anonymous"),
                text("protocol", "NoAuthentication"),
                text("type", "OData401"),
            ]);
            files.push((path(&format!("namedCredentials/{name}.namedCredential-meta.xml")), named(options)));
            files.push((path(&format!("externalCredentials/{name}.externalCredential-meta.xml")), external(options)));
        }
    }
    files.push((
        path(&format!("dataSources/{name}.dataSource-meta.xml")),
        xml::document("ExternalDataSource", elements),
    ));
}

/// The settings of the adapter, in the form in which Salesforce keeps them: all of them texts.
fn configuration(objects: &[Object<'_>]) -> String {
    let counts = objects.iter().all(|object| object.set.countable);
    let search = objects.iter().any(Object::is_searched);
    let timeout = TIMEOUT_S.to_string();
    let settings = [
        ("inlineCountEnabled", word(counts)),
        ("csrfTokenName", ""),
        ("requestCompression", "false"),
        ("pagination", "SERVER"),
        ("noIdMapping", "false"),
        ("format", "JSON"),
        ("compatibility", "DEFAULT"),
        ("csrfTokenEnabled", "false"),
        ("timeout", &timeout),
        ("searchEnabled", word(search)),
    ];
    let pairs: Vec<String> = settings.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    format!("{{{}}}", pairs.join(","))
}

fn word(truth: bool) -> &'static str {
    if truth { "true" } else { "false" }
}

/// The named credential: where the service is, and who may say so.
fn named(options: &Options) -> Vec<u8> {
    let parameters = |elements| group("namedCredentialParameters", elements);
    let elements = vec![
        text("allowMergeFieldsInBody", false),
        text("allowMergeFieldsInHeader", false),
        text("calloutStatus", "Enabled"),
        text("generateAuthorizationHeader", options.identity != Identity::Anonymous),
        text("label", &options.name),
        parameters(vec![
            text("parameterName", "Url"),
            text("parameterType", "Url"),
            text("parameterValue", options.root.trim_end_matches('/')),
        ]),
        parameters(vec![
            text("externalCredential", &options.name),
            text("parameterName", "ExternalCredential"),
            text("parameterType", "Authentication"),
        ]),
        text("namedCredentialType", "SecuredEndpoint"),
    ];
    xml::document("NamedCredential", elements)
}

/// The external credential: how Salesforce logs in, without name and password.
fn external(options: &Options) -> Vec<u8> {
    let (protocol, principal) = match options.identity {
        Identity::Anonymous => ("NoAuthentication", "NamedPrincipal"),
        Identity::Named => ("Basic", "NamedPrincipal"),
        Identity::PerUser => ("Basic", "PerUserPrincipal"),
    };
    let parameters = vec![
        text("parameterGroup", PRINCIPAL),
        text("parameterName", PRINCIPAL),
        text("parameterType", principal),
        text("sequenceNumber", 1),
    ];
    let elements = vec![
        text("authenticationProtocol", protocol),
        group("externalCredentialParameters", parameters),
        text("label", &options.name),
    ];
    xml::document("ExternalCredential", elements)
}
