// Judges a project that `penstock salesforce` wrote, by Salesforce's own tools and the description of its interface:
//
// - the library behind `sf project convert source` turns it into the form that is deployed, without a network;
// - every element of every file is one of the type that the interface knows, in order, once unless it is a list, with a
//   value of its type, and none that is demanded is missing (`metadata.d.ts` of @salesforce/types);
// - what files say of one another is so: columns, permissions, tabs, parents, names of related lists;
// - nothing is longer than the interface takes.
//
// Arguments: the folder of the project, and a folder for what is converted. Prints what there is as one line of JSON.
const fs = require("fs");
const path = require("path");
const { XMLParser, XMLValidator } = require("fast-xml-parser");
const { ComponentSet, MetadataConverter } = require("@salesforce/source-deploy-retrieve");

const [project, out] = process.argv.slice(2);
const wrong = [];
let checks = 0;

function check(right, what) {
  checks += 1;
  if (!right) wrong.push(what);
}

// --- the interface ---------------------------------------------------------------------------------------------------

const description = fs.readFileSync(require.resolve("@salesforce/types/metadata").replace(/\.js$/, ".d.ts"), "utf8");
const types = new Map();
for (const [, name, base, body] of description.matchAll(/^export type (\w+) = (?:(\w+) & )?\{\n([^]*?)^\};/gm)) {
  const fields = new Map();
  for (const [, field, optional, type, list] of body.matchAll(/^ {4}(\w+)(\??): (\w+)(\[\])?;$/gm)) {
    fields.set(field, { type, list: Boolean(list), demanded: !optional && !list });
  }
  types.set(name, { base, fields });
}
const words = new Map();
for (const [, name, list] of description.matchAll(/^export type (\w+) = ((?:'[^']*'(?: \| )?)+);$/gm)) {
  words.set(name, list.split(" | ").map((word) => word.slice(1, -1)));
}
// Which adapters an organisation has depends on its licences, so the description names none of them.
words.set("ExternalDataSourceType", ["OData4", "OData401"]);
check(types.size > 500 && words.size > 100, `the description has ${types.size} types and ${words.size} lists of words`);

function fieldsOf(name) {
  const { base, fields } = types.get(name);
  return new Map([...(base ? fieldsOf(base) : []), ...fields]);
}

/** Longest values: of names and labels, and of texts for people. */
const LENGTHS = { label: 80, pluralLabel: 40, relationshipLabel: 80, relationshipName: 40, description: 1000, motif: 80 };

function value(text, type, place) {
  if (type === "boolean") check(text === "true" || text === "false", `${place}: '${text}' is no truth`);
  else if (type === "number") check(/^\d+$/.test(text), `${place}: '${text}' is no number`);
  else if (words.has(type)) check(words.get(type).includes(text), `${place}: '${text}' is none of ${type}`);
  else check(type === "string" && text.length > 0, `${place}: a text of type ${type}`);
}

/** Compares the elements of one type, in the form { name: [elements] } per element, with the description. */
function compare(elements, typeName, place) {
  check(types.has(typeName), `${place}: there is no type ${typeName}`);
  const fields = fieldsOf(typeName);
  const seen = new Map();
  let last = "";
  for (const element of elements) {
    const name = Object.keys(element).find((key) => key !== ":@");
    const at = `${place}/${name}`;
    const field = fields.get(name);
    check(field !== undefined, `${at}: ${typeName} has no such element`);
    // `fullName` is of the base, and comes first.
    check(name === "fullName" ? last === "" : last <= name, `${at}: stands behind ${last}`);
    last = name === "fullName" ? "" : name;
    if (field === undefined) continue;
    check(field.list || !seen.has(name), `${at}: stands there twice`);
    const inner = element[name];
    if (types.has(field.type)) {
      compare(inner, field.type, at);
      seen.set(name, inner);
    } else {
      const text = inner.map((part) => part["#text"]).join("");
      value(text, field.type, at);
      check(text.length <= (LENGTHS[name] ?? 4000), `${at}: ${text.length} characters`);
      seen.set(name, [...(seen.get(name) ?? []), text]);
    }
  }
  for (const [name, { demanded }] of fields) {
    check(!demanded || seen.has(name), `${place}: ${name} is missing`);
  }
  return seen;
}

// --- the files -------------------------------------------------------------------------------------------------------

const KINDS = {
  dataSource: "ExternalDataSource",
  externalCredential: "ExternalCredential",
  field: "CustomField",
  listView: "ListView",
  namedCredential: "NamedCredential",
  object: "CustomObject",
  permissionset: "PermissionSet",
  tab: "CustomTab",
};
const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, parseTagValue: false, trimValues: false });
/** Per kind: the file's name without its ending, what is in it, and the names of the folders above. */
const found = {};

function read(file) {
  const text = fs.readFileSync(file, "utf8");
  const place = path.relative(project, file);
  const [, name, kind] = path.basename(file).match(/^(.*)\.(\w+)-meta\.xml$/) ?? [];
  const valid = XMLValidator.validate(text);
  check(valid === true, `${place}: ${JSON.stringify(valid)}`);
  check(kind in KINDS, `${place}: no kind of file that is expected`);
  const blank = (element) => "#text" in element && element["#text"].trim() === "";
  const trimmed = (elements) =>
    elements.filter((it) => !blank(it) || elements.length === 1).map((element) => {
      const key = Object.keys(element).find((name) => name !== ":@" && name !== "#text");
      return key === undefined ? element : { ...element, [key]: trimmed(element[key]) };
    });
  const [, root] = trimmed(parser.parse(text));
  const type = Object.keys(root)[0];
  check(type === KINDS[kind], `${place}: the root is ${type}`);
  check(root[":@"]["@_xmlns"] === "http://soap.sforce.com/2006/04/metadata", `${place}: another namespace`);
  const values = compare(root[type], type, place);
  (found[kind] ??= []).push({ name, place, elements: root[type], values, above: place.split(path.sep).slice(0, -1) });
}

function walk(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const inner = path.join(folder, entry.name);
    if (entry.isDirectory()) walk(inner);
    else read(inner);
  }
}

const settings = JSON.parse(fs.readFileSync(path.join(project, "sfdx-project.json"), "utf8"));
check(/^\d\d\.0$/.test(settings.sourceApiVersion), `sourceApiVersion ${settings.sourceApiVersion}`);
for (const { path: folder } of settings.packageDirectories) walk(path.join(project, folder));

// --- what they say of one another ------------------------------------------------------------------------------------

const one = (file, name) => file.values.get(name)?.[0];
const objects = new Map(found.object.map((file) => [file.name, file]));
const fields = new Map(found.field.map((file) => [`${file.above.at(-2)}.${file.name}`, file]));
const [source] = found.dataSource;
check(found.dataSource.length === 1 && found.permissionset.length === 1, "one data source and one permission set");
const configuration = JSON.parse(one(source, "customConfiguration"));
check(Object.values(configuration).every((it) => typeof it === "string"), "the settings are texts");
const is401 = one(source, "type") === "OData401";
check(is401 === source.values.has("namedCredential"), "4.01 demands a named credential, 4.0 takes none");
check(is401 === !source.values.has("endpoint"), "4.0 has its own address");
if (is401) {
  check(found.namedCredential.some((it) => it.name === one(source, "namedCredential")), "the named credential is there");
  const named = JSON.stringify(found.namedCredential[0].elements);
  check(named.includes(`"#text":"${found.externalCredential[0].name}"`), "it names the external credential");
}

const LABEL = { object: 40, field: 40 };
for (const file of [...found.object, ...found.field]) {
  const kind = fields.has(`${file.above.at(-2)}.${file.name}`) ? "field" : "object";
  const ending = kind === "object" ? "__x" : "__c";
  const base = file.name.slice(0, -3);
  check(file.name.endsWith(ending) && /^[A-Za-z](?:_?[A-Za-z0-9])*$/.test(base), `${file.place}: the name`);
  check(base.length <= 40 && one(file, "label").length <= LABEL[kind], `${file.place}: a name or label is too long`);
}
const folded = (names) => new Set(names.map((name) => name.toLowerCase())).size === names.length;
check(folded([...objects.keys()]) && folded([...fields.keys()]), "names differ in more than letter case");
check(objects.size <= 200, `${objects.size} objects`);

for (const [name, file] of objects) {
  check(file.above.at(-1) === name, `${file.place}: lies in another folder`);
  check(one(file, "externalDataSource") === source.name, `${file.place}: another data source`);
}
const STANDARD = ["ExternalId", "DisplayUrl", "Id"];
const known = (object, column) => STANDARD.includes(column) || fields.has(`${object}.${column}`);
for (const view of found.listView) {
  const object = view.above.at(-2);
  check(one(view, "fullName") === view.name, `${view.place}: another name`);
  for (const column of view.values.get("columns")) check(known(object, column), `${view.place}: no column ${column}`);
  check(view.values.get("columns").length <= 15, `${view.place}: too many columns`);
}
const named = (elements, name) => elements.filter((element) => name in element).map((element) => element[name]);
const inner = (elements, name) => named(elements, name)[0]?.[0]?.["#text"];
for (const [name, file] of objects) {
  for (const layout of named(file.elements, "searchLayouts").flat()) {
    const column = Object.values(layout)[0][0]["#text"];
    check(known(name, column), `${file.place}: no column ${column}`);
  }
}

const waysBack = new Set();
const lookups = {};
for (const [name, file] of fields) {
  check(one(file, "fullName") === file.name, `${file.place}: another name`);
  const type = one(file, "type");
  const number = (key) => Number(one(file, key));
  const has = (key) => file.values.has(key);
  if (type === "Text") check(number("length") >= 1 && number("length") <= 255, `${file.place}: the length`);
  if (type === "LongTextArea") {
    check(number("length") >= 256 && number("length") <= 131072 && has("visibleLines"), `${file.place}: the length`);
  }
  if (type === "Number") check(number("precision") <= 18 && number("scale") <= number("precision"), `${file.place}: digits`);
  if (type === "Checkbox") check(has("defaultValue"), `${file.place}: no default value`);
  const isLookup = type.endsWith("Lookup");
  check(isLookup === has("referenceTo") && isLookup === has("relationshipName"), `${file.place}: a lookup without an end`);
  if (!isLookup) continue;
  lookups[type] = (lookups[type] ?? 0) + 1;
  const parent = one(file, "referenceTo");
  check(parent.endsWith("__x") === (type === "ExternalLookup"), `${file.place}: ${type} to ${parent}`);
  check(!parent.endsWith("__x") || objects.has(parent), `${file.place}: no object ${parent}`);
  check((type === "IndirectLookup") === has("referenceTargetField"), `${file.place}: the field of the parent`);
  const back = `${parent}/${one(file, "relationshipName").toLowerCase()}`;
  check(!waysBack.has(back), `${file.place}: another lookup has the same name of the related list`);
  waysBack.add(back);
}

const [rights] = found.permissionset;
const readable = named(rights.elements, "fieldPermissions").map((it) => inner(it, "field"));
check(readable.length === fields.size && readable.every((name) => fields.has(name)), "every field can be read");
const seen = named(rights.elements, "objectPermissions").map((it) => inner(it, "object"));
check(seen.length === objects.size && seen.every((name) => objects.has(name)), "every object can be read");
const tabs = named(rights.elements, "tabSettings").map((it) => inner(it, "tab"));
check(tabs.every((name) => objects.has(name) && found.tab.some((tab) => tab.name === name)), "every tab is there");
const access = named(rights.elements, "externalDataSourceAccesses").map((it) => inner(it, "externalDataSource"));
check(access.length === 1 && access[0] === source.name, "the data source may be used");
const principals = named(rights.elements, "externalCredentialPrincipalAccesses");
check(principals.length === (is401 ? 1 : 0), "the principal may be used");
if (is401) {
  const credential = found.externalCredential[0];
  const parameter = inner(named(credential.elements, "externalCredentialParameters")[0], "parameterName");
  const principal = inner(principals[0], "externalCredentialPrincipal");
  check(principal === `${credential.name}-${parameter}`, `the principal ${principal}`);
}

// --- Salesforce's own tool -------------------------------------------------------------------------------------------

async function convert() {
  // The whole folder, as it would lie among the sources of another project.
  const set = ComponentSet.fromSource(project);
  // Without it, the newest version would be asked for.
  set.sourceApiVersion = settings.sourceApiVersion;
  set.apiVersion = settings.sourceApiVersion;
  const counts = {};
  const count = (component) => (counts[component.type.name] = (counts[component.type.name] ?? 0) + 1);
  for (const component of set.getSourceComponents().toArray()) {
    count(component);
    component.getChildren().forEach(count);
  }
  for (const [kind, files] of Object.entries(found)) {
    check(counts[KINDS[kind]] === files.length, `${kind}: ${files.length} files, but ${counts[KINDS[kind]]} components`);
  }
  const converted = { type: "directory", outputDirectory: out, genUniqueDir: false };
  await new MetadataConverter().convert(set, "metadata", converted);
  const manifest = fs.readFileSync(path.join(out, "package.xml"), "utf8");
  for (const name of [...fields.keys(), ...objects.keys(), source.name, rights.name]) {
    check(manifest.includes(`<members>${name}</members>`), `the manifest lacks ${name}`);
  }
  for (const name of objects.keys()) {
    const text = fs.readFileSync(path.join(out, "objects", `${name}.object`), "utf8");
    const wanted = [...fields.keys()].filter((field) => field.startsWith(`${name}.`)).length;
    check(text.split("<fields>").length - 1 === wanted, `${name}.object: not ${wanted} fields`);
    check(text.includes("<listViews>"), `${name}.object: no list view`);
  }
  return counts;
}

// What is wrong already need not be converted.
(wrong.length === 0 ? convert() : Promise.resolve({})).then((counts) => {
  wrong.slice(0, 30).forEach((what) => console.log(`WRONG  ${what}`));
  console.log(JSON.stringify({ counts, lookups, checks, wrong: wrong.length }));
  process.exit(wrong.length === 0 ? 0 : 1);
});
