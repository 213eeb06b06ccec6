//! Resolves the properties of an entity type and of its derived types into one list of columns, and what is published
//! of them.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::made::Published;
use super::names::check_database_name;
use super::salesforce;
use super::types::{Declared, collected, refuse_beside_complex};
use super::value_type::{self, Said};
use crate::edm::{Form, Made, Scalar};
use crate::model::raw::{self, CollectionForm, ColumnName, Primitive, Report, nearest};
use crate::model::{
    Collected, ComplexMember, ComplexType, ContentType, DerivedId, Family, Member, Property, PropertyId,
};

/// The columns of a type, as they are found.
pub(super) struct Columns<'a> {
    pub(super) properties: Vec<Property>,
    pub(super) declared: &'a Declared,
    pub(super) family: Option<Family>,
    pub(super) file: &'a str,
    names: HashSet<Arc<str>>,
    /// Streams whose kind a property tells: the stream, the name of the property, the key that names it.
    kinds: Vec<(PropertyId, String, String)>,
}

impl<'a> Columns<'a> {
    pub(super) fn new(declared: &'a Declared, family: Option<Family>, file: &'a str) -> Self {
        Columns { properties: Vec::new(), declared, family, file, names: HashSet::new(), kinds: Vec::new() }
    }

    /// Adds a column. The database decides whether letter case tells columns apart, so only equal spelling is surely a
    /// mistake.
    fn add(&mut self, property: Property, key: &str, report: &mut Report) -> Option<PropertyId> {
        // What is calculated has no column, and a column of codes may be published beside its words.
        let is_calculated = matches!(property.made.as_deref(), Some(Made::Calculated(_)));
        if !is_calculated {
            check_database_name(&property.column, self.file, key, report);
        }
        if property.made.is_none() && !self.names.insert(property.column.clone()) {
            let wrong = format!("column `{}` already belongs to another property", property.column);
            report.add(self.file, key, wrong, "publish each column once");
        }
        // A type with more columns than ids was reported.
        let id = u16::try_from(self.properties.len()).ok().map(PropertyId);
        self.properties.push(property);
        id
    }

    /// Takes the properties of one type; `path` stands before `property`.
    pub(super) fn take(
        &mut self,
        properties: &[raw::Property],
        declared_by: Option<DerivedId>,
        path: &str,
        report: &mut Report,
    ) -> Vec<Member> {
        let mut structure = Vec::with_capacity(properties.len());
        for (number, property) in (1..).zip(properties) {
            let path = format!("{path}property.{number}.");
            if let Some(name) = &property.complex {
                let complex = self.complex(property, name, declared_by, &path, report);
                structure.extend(complex.map(Member::Complex));
            } else {
                let id = self.leaf(property, declared_by, &path, report);
                structure.extend(id.filter(|_| property.hidden != Some(true)).map(Member::Property));
            }
        }
        structure
    }

    fn leaf(
        &mut self,
        property: &raw::Property,
        declared_by: Option<DerivedId>,
        path: &str,
        report: &mut Report,
    ) -> Option<PropertyId> {
        let file = self.file;
        let key = |name: &str| format!("{path}{name}");
        if property.columns.is_some() {
            let wrong = "`columns` does not go with a property of one column";
            report.add(file, key("columns"), wrong, "it belongs to complex properties; name the `column`");
        }
        let said = Said {
            primitive: property.primitive,
            enumeration: property.enumeration.as_deref(),
            stored: property.stored,
            cast: property.cast,
            lenient: property.lenient,
            max_length: property.max_length,
            precision: property.precision,
            scale: property.scale,
        };
        let text = property.primitive == Some(Primitive::String);
        let (stream, many) = (property.primitive == Some(Primitive::Stream), property.collection.is_some());
        let point = matches!(property.primitive, Some(Primitive::GeographyPoint | Primitive::GeometryPoint));
        for (facet, given, allowed, belongs) in [
            ("searchable", property.searchable.is_some(), text && !many, "String"),
            ("collation", property.collation.is_some(), text && !many, "String"),
            ("content_type", property.content_type.is_some(), stream, "Stream"),
            ("content_type_property", property.content_type_property.is_some(), stream, "Stream"),
        ] {
            if given && !allowed {
                let name = match property.primitive {
                    _ if many => "a collection".to_owned(),
                    Some(primitive) => format!("type {primitive:?}"),
                    None => "an enumeration".to_owned(),
                };
                let wrong = format!("`{facet}` does not go with {name}");
                report.add(file, key(facet), wrong, format!("it belongs to {belongs}; leave it out"));
            }
        }
        for (flag, given) in [("filterable", property.filterable), ("sortable", property.sortable)] {
            let never = if flag == "sortable" { stream || many || point } else { stream };
            if given == Some(true) && never {
                let wrong = format!("`{flag}` cannot be true here");
                report.add(file, key(flag), wrong, "streams, collections and points have no order; leave it out");
            }
        }
        if declared_by.is_some() && property.nullable.is_some() && !many {
            let wrong = "`nullable` does not go with a property of a derived type";
            report.add(file, key("nullable"), wrong, "its column is null in the rows of other types; leave it out");
        }
        let typed = value_type::resolve(&said, self.declared, file, path, report)?;
        if let Some(form) = property.collection {
            self.check_collection(form, typed.scalar, &key("collection"), report);
        }
        let published = self.made(property, typed.scalar, path, report)?;
        let cut = if property.expression.is_some() { None } else { self.cut(property, &published, path, report) };
        let Published { scalar, made } = published;
        let (scalar, cut) = cut.map_or((scalar, None), |(scalar, cut)| (scalar, Some(cut)));
        let is_calculated = matches!(made.as_deref(), Some(Made::Calculated(_)));
        let column = match &property.column {
            Some(column) if !is_calculated => column.as_str(),
            _ if is_calculated => "",
            // The missing key was reported when the file was read.
            _ => return None,
        };
        let folding = text && (is_calculated || property.collation == Some(raw::Collation::Folding));
        let form = value_type::form(&said, typed.scalar, file, path, report);
        if many && form != Form::PLAIN {
            let wrong = "`stored`, `cast` and `lenient` do not go with a collection";
            report.add(file, key("collection"), wrong, "leave them out");
        }
        if form.lenient && property.nullable == Some(false) {
            let wrong = "what is no value of the type is null, and null is excluded";
            report.add(file, key("nullable"), wrong, "leave `nullable = false` or `lenient = true` out");
        }
        let resolved = Property {
            form,
            nullable: declared_by.is_some() && !many || property.nullable.unwrap_or(!many),
            searchable: text && !many && property.hidden != Some(true) && property.searchable.unwrap_or(true),
            folding,
            enumeration: typed.enumeration,
            collection: collected(property.collection),
            declared_by,
            hidden: property.hidden.unwrap_or(false),
            content_type: property.content_type.clone().filter(|_| stream).map(ContentType::Fixed),
            filterable: property.filterable.unwrap_or(!stream),
            sortable: property.sortable.unwrap_or(!stream && !many && !point) && cut.is_none(),
            description: property.description.clone(),
            salesforce: salesforce::lookup(property, scalar, declared_by, file, path, report),
            made,
            cut,
            ..Property::new(&property.name, column, scalar)
        };
        let id = self.add(resolved, &key("column"), report)?;
        if stream {
            let kinds = (property.content_type.as_deref(), property.content_type_property.as_deref());
            self.kind_of_bytes(id, kinds, path, report);
        }
        Some(id)
    }

    /// Checks what is said of the kind of bytes, and keeps the name of a property for later.
    pub(super) fn kind_of_bytes(
        &mut self,
        id: PropertyId,
        (fixed, property): (Option<&str>, Option<&str>),
        path: &str,
        report: &mut Report,
    ) {
        let file = self.file;
        match (fixed, property) {
            (Some(kind), None) if !is_media_type(kind) => {
                let wrong = format!("`{kind}` is not a content type");
                report.add(file, format!("{path}content_type"), wrong, "write it as `image/png`");
            }
            (Some(_), None) => {}
            (None, Some(name)) => {
                self.kinds.push((id, name.to_owned(), format!("{path}content_type_property")));
            }
            (Some(_), Some(_)) => {
                let wrong = "both a content type and a property that holds it are named";
                report.add(file, format!("{path}content_type_property"), wrong, "name one of them");
            }
            (None, None) => {
                let wrong = "nothing tells the kind of bytes";
                let right = "add `content_type = \"image/png\"`, or `content_type_property`";
                report.add(file, format!("{path}content_type"), wrong, right);
            }
        }
    }

    /// Adds the column of a media entity.
    pub(super) fn media(&mut self, media: &raw::Media, report: &mut Report) -> Option<PropertyId> {
        let content = Property {
            hidden: true,
            filterable: false,
            sortable: false,
            content_type: media.content_type.clone().map(ContentType::Fixed),
            // No name of a file can look so.
            ..Property::new("$value", media.column.as_str(), Scalar::Stream)
        };
        let id = self.add(content, "media.column", report)?;
        let kinds = (media.content_type.as_deref(), media.content_type_property.as_deref());
        self.kind_of_bytes(id, kinds, "media.", report);
        Some(id)
    }

    /// Finds the properties that hold kinds of bytes, once all are known.
    pub(super) fn finish_streams(&mut self, type_name: &str, report: &mut Report) {
        for (id, name, key) in std::mem::take(&mut self.kinds) {
            let found = self.properties.iter().position(|property| property.name == name);
            let text = found.and_then(|place| self.properties.get(place));
            let is_text = text.is_some_and(|it| {
                matches!(it.scalar, Scalar::String { .. }) && it.collection.is_none() && it.cut.is_none()
            });
            let right = match nearest(&name, self.properties.iter().map(|property| property.name.as_str())) {
                Some(near) if found.is_none() => format!("did you mean `{near}`?"),
                _ => "name a property of type String".to_owned(),
            };
            match found.and_then(|place| u16::try_from(place).ok()) {
                None => report.add(self.file, key, format!("type `{type_name}` has no property `{name}`"), right),
                Some(_) if !is_text => {
                    report.add(self.file, key, format!("`{name}` does not hold a content type"), right);
                }
                Some(place) => {
                    if let Some(stream) = self.properties.get_mut(usize::from(id.0)) {
                        stream.content_type = Some(ContentType::Property(PropertyId(place)));
                    }
                }
            }
        }
    }

    fn check_collection(&self, form: CollectionForm, kind: Scalar, key: &str, report: &mut Report) {
        let unfit = kind == Scalar::Stream || kind.srid().is_some();
        if unfit {
            let wrong = "streams and points cannot be collected in one column";
            report.add(self.file, key, wrong, "use another type");
        }
        let spelled = matches!(kind, Scalar::Duration { .. } | Scalar::Binary { .. });
        if form == CollectionForm::Array && spelled {
            let wrong = format!("an array of type {kind} cannot be read");
            report.add(self.file, key, wrong, "keep the values in a JSON column: `collection = \"json\"`");
        }
        if form == CollectionForm::Array && self.family.is_some_and(|family| family != Family::Postgres) {
            let wrong = "an array column is named, and the source is not a PostgreSQL database";
            report.add(self.file, key, wrong, "keep the values in a JSON column: `collection = \"json\"`");
        }
    }

    fn complex(
        &mut self,
        property: &raw::Property,
        type_name: &str,
        declared_by: Option<DerivedId>,
        path: &str,
        report: &mut Report,
    ) -> Option<ComplexMember> {
        let given = [
            ("column", property.column.is_some()),
            ("expression", property.expression.is_some()),
            ("values", property.values.is_some()),
            ("codes", property.codes.is_some()),
            ("unknown", property.unknown.is_some()),
            ("type", property.primitive.is_some()),
            ("offer", property.offer.is_some()),
            ("cut", property.cut.is_some()),
            ("enum", property.enumeration.is_some()),
            ("stored", property.stored.is_some()),
            ("cast", property.cast.is_some()),
            ("lenient", property.lenient.is_some()),
            ("collection", property.collection.is_some()),
            ("max_length", property.max_length.is_some()),
            ("precision", property.precision.is_some()),
            ("scale", property.scale.is_some()),
            ("collation", property.collation.is_some()),
            ("hidden", property.hidden.is_some()),
            ("content_type", property.content_type.is_some()),
            ("content_type_property", property.content_type_property.is_some()),
            ("salesforce", property.salesforce.is_some()),
        ];
        refuse_beside_complex(&given, self.file, path, report);
        if declared_by.is_some() && property.nullable.is_some() {
            let wrong = "`nullable` does not go with a property of a derived type";
            let right = "its columns are null in the rows of other types; leave it out";
            report.add(self.file, format!("{path}nullable"), wrong, right);
        }
        let declared = self.declared;
        let key = format!("{path}complex");
        let (complex_type, of_type) = declared.complex_named(type_name, self.file, &key, report)?;
        let nullable = declared_by.is_some() || property.nullable.unwrap_or(true);
        let use_of = Use { property, declared_by, nullable };
        let columns = property.columns.as_ref()?;
        let members = self.members(&use_of, of_type, columns, &format!("{path}columns"), report);
        let description = property.description.clone();
        Some(ComplexMember { name: property.name.clone(), complex_type, nullable, members, description })
    }

    fn members(
        &mut self,
        use_of: &Use<'_>,
        of_type: &ComplexType,
        columns: &BTreeMap<String, ColumnName>,
        path: &str,
        report: &mut Report,
    ) -> Vec<Member> {
        let names: Vec<&str> = of_type.structure.iter().filter_map(|member| name_in(of_type, member)).collect();
        for unknown in columns.keys().filter(|name| !names.contains(&name.as_str())) {
            let right = match nearest(unknown, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name the properties of the complex type".to_owned(),
            };
            let wrong = format!("complex type `{}` has no property `{unknown}`", of_type.name);
            report.add(self.file, format!("{path}.{unknown}"), wrong, right);
        }
        let mut members = Vec::with_capacity(names.len());
        for (member, name) in of_type.structure.iter().filter_map(|member| Some((member, name_in(of_type, member)?))) {
            let key = format!("{path}.{name}");
            match (member, columns.get(name)) {
                (_, None) => {
                    let wrong = format!("the column of `{name}` is missing");
                    report.add(self.file, key, wrong, format!("write `{name} = \"its column\"`"));
                }
                (Member::Property(id), Some(ColumnName::One(column))) => {
                    let Some(template) = of_type.properties.get(usize::from(id.0)) else { continue };
                    if template.collection.is_some() {
                        let array = template.collection == Some(Collected::Array);
                        let form = if array { CollectionForm::Array } else { CollectionForm::Json };
                        self.check_collection(form, template.scalar, &key, report);
                    }
                    let leaf = Property {
                        column: column.as_str().into(),
                        nullable: template.nullable || use_of.nullable && template.collection.is_none(),
                        searchable: template.searchable && use_of.property.searchable.unwrap_or(true),
                        declared_by: use_of.declared_by,
                        filterable: use_of.property.filterable.unwrap_or(true),
                        sortable: use_of.property.sortable.unwrap_or(true)
                            && template.collection.is_none()
                            && template.scalar.srid().is_none(),
                        ..template.clone()
                    };
                    members.extend(self.add(leaf, &key, report).map(Member::Property));
                }
                (Member::Complex(inner), Some(ColumnName::Group(columns))) => {
                    let nullable = use_of.nullable || inner.nullable;
                    let place = usize::try_from(inner.complex_type.0).unwrap_or(usize::MAX);
                    let declared = self.declared;
                    let Some(of_type) = declared.complexes.get(place) else { continue };
                    let use_of = Use { nullable, ..*use_of };
                    let inner_members = self.members(&use_of, of_type, columns, &key, report);
                    members.push(Member::Complex(ComplexMember { members: inner_members, ..inner.clone() }));
                }
                (Member::Property(_), Some(ColumnName::Group(_))) => {
                    report.add(self.file, key, format!("`{name}` has one column"), "write its name in quotes");
                }
                (Member::Complex(_), Some(ColumnName::One(_))) => {
                    let wrong = format!("`{name}` is complex itself");
                    report.add(self.file, key, wrong, "write the columns of its properties in braces");
                }
            }
        }
        members
    }
}

/// Where a complex type is used.
#[derive(Clone, Copy)]
struct Use<'a> {
    property: &'a raw::Property,
    declared_by: Option<DerivedId>,
    /// Whether the value, or one around it, can be null.
    nullable: bool,
}

fn name_in<'a>(of_type: &'a ComplexType, member: &'a Member) -> Option<&'a str> {
    match member {
        Member::Property(id) => of_type.properties.get(usize::from(id.0)).map(|property| property.name.as_str()),
        Member::Complex(complex) => Some(&complex.name),
    }
}

/// `type/subtype`, perhaps with parameters behind a semicolon.
fn is_media_type(text: &str) -> bool {
    let is_token = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let is_printable = parameters.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    is_printable && essence.trim_end().split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub))
}
