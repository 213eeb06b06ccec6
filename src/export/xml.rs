//! Owns [`Element`]: the files of Salesforce's metadata, indented and ordered as its own tools write them.

use quick_xml::escape::partial_escape;

/// The namespace of all of them.
const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";

/// An element with a text, or with elements in it.
#[derive(Clone, Debug)]
pub(super) struct Element {
    name: &'static str,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Text(String),
    Elements(Vec<Element>),
}

/// An element with a text.
#[expect(clippy::needless_pass_by_value, reason = "truths and numbers read better without an ampersand")]
pub(super) fn text(name: &'static str, text: impl ToString) -> Element {
    Element { name, content: Content::Text(text.to_string()) }
}

/// An element with elements in it.
pub(super) fn group(name: &'static str, elements: Vec<Element>) -> Element {
    Element { name, content: Content::Elements(elements) }
}

/// A file.
pub(super) fn document(root: &str, elements: Vec<Element>) -> Vec<u8> {
    let mut out = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{NAMESPACE}\">\n");
    write(elements, 1, &mut out);
    out.extend(["</", root, ">\n"]);
    out.into_bytes()
}

fn write(mut elements: Vec<Element>, depth: usize, out: &mut String) {
    // Those of one name keep their order: the columns of a list, for example.
    elements.sort_by_key(|element| (element.name != "fullName", element.name));
    for Element { name, content } in elements {
        out.push_str(&"    ".repeat(depth));
        match content {
            Content::Text(text) => {
                // No character of a text may be one that XML cannot hold.
                let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
                let text = partial_escape(&text);
                out.extend(["<", name, ">", &text, "</", name, ">\n"]);
            }
            Content::Elements(inner) => {
                out.extend(["<", name, ">\n"]);
                write(inner, depth + 1, out);
                out.push_str(&"    ".repeat(depth));
                out.extend(["</", name, ">\n"]);
            }
        }
    }
}
