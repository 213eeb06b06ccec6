//! Long texts of which entities show the beginning: cut by the database between characters, judged whole.

use super::*;

const SCHEMA: &str = "
create table memos (id integer primary key, parent integer, body varchar(100), remark varchar(100));
insert into memos values (1, null, null, 'none');
insert into memos values (2, 1, 'abcdefgh', 'ten chars.');
insert into memos values (3, 1, 'abcdefghi', 'eleven char');
insert into memos values (4, 2, '😀😁😂😃😄😅😆😇😈', '');
insert into memos values (5, 2, 'äöü', 'ßßßßßßßßßßßßßß');
insert into memos values (6, 3, 'abcdefg…', null);
";

const MEMO: &str = r#"
version = 1
set = "Memos"
type = "Memo"
table = "memos"
key = ["ID"]
[[property]]
name = "ID"
column = "id"
type = "Int32"
nullable = false
[[property]]
name = "Parent"
column = "parent"
type = "Int32"
[[property]]
name = "Body"
column = "body"
type = "String"
max_length = 100
cut = 8
[[property]]
name = "Remark"
column = "remark"
type = "String"
cut = { length = 10, marker = " [it's]" }
searchable = false
[[navigation]]
name = "Children"
target = "Memos"
to = "many"
join = { ID = "Parent" }
"#;

fn memos(run: impl Fn(Kind, &TestServer)) {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "cut") else { continue };
        database.run(SCHEMA);
        let config = format!(
            "[sources.ledger]\nurl = \"{}\"\n[services.ledger]\nmetadata = [\"metadata\"]\n[[users]]\nname = \"demo\"\n\
             password_hash = \"{}\"\n",
            database.url,
            password_hash("demo")
        );
        let service = "version = 1\nnamespace = \"Ledger\"\nsource = \"ledger\"\n";
        let setup = Setup::new(&config).file("metadata/service.toml", service).file("metadata/memo.toml", MEMO);
        run(kind, &setup.start());
    }
}

#[test]
fn entities_show_the_beginning_and_filters_know_the_whole() {
    memos(|kind, server| {
        check(
            kind,
            server,
            &[
                (
                    "Memos?$select=Body",
                    r#"[{"Body":null},{"Body":"abcdefgh"},{"Body":"abcdefg…"},{"Body":"😀😁😂😃😄😅😆…"},{"Body":"äöü"},{"Body":"abcdefg…"}]"#,
                ),
                (
                    "Memos?$select=Remark",
                    r#"[{"Remark":"none"},{"Remark":"ten chars."},{"Remark":"ele [it's]"},{"Remark":""},{"Remark":"ßßß [it's]"},{"Remark":null}]"#,
                ),
                ("Memos(3)?$select=Body", r#"{"Body":"abcdefg…"}"#),
                ("Memos(3)/Body", "\"abcdefg…\""),
                ("Memos(3)/Body/$value", "\"abcdefghi\""),
                ("Memos(5)/Remark/$value", "\"ßßßßßßßßßßßßßß\""),
                (
                    "Memos(1)?$select=ID&$expand=Children($select=Body)",
                    r#"{"Children":[{"Body":"abcdefgh"},{"Body":"abcdefg…"}],"ID":1}"#,
                ),
                ("Memos?$select=Body&$filter=ID eq 3&$count=true&$orderby=Parent", r#"[1,[{"Body":"abcdefg…"}]]"#),
                ("Memos?$select=ID&$filter=contains(Body,'hi') eq true", "[3]"),
                ("Memos?$select=ID&$filter=endswith(Body,'😈')", "[4]"),
                ("Memos?$select=ID&$filter=Body eq 'abcdefghi'", "[3]"),
                // Only what is stored so.
                ("Memos?$select=ID&$filter=Body eq 'abcdefg…'", "[6]"),
                ("Memos?$select=ID&$filter=length(Body) eq 9", "[3,4]"),
                ("Memos?$select=ID&$filter=Body eq null", "[1]"),
                ("Memos?$select=ID&$filter=Children/any(c:contains(c/Body,'😈'))", "[2]"),
                ("Memos?$select=ID&$search=ghi", "[3]"),
                ("Memos?$select=ID&$orderby=Body", "400"),
                ("Memos?$apply=filter(ID eq 3)&$select=Body", r#"[{"Body":"abcdefg…"}]"#),
                ("Memos?$apply=topcount(1,ID)&$select=Body", r#"[{"Body":"abcdefg…"}]"#),
                ("Memos?$compute=length(Body) as L&$select=L&$filter=ID eq 3", r#"[{"L":9}]"#),
            ],
        );
    });
}

#[test]
fn the_document_tells_that_texts_are_cut() {
    memos(|_, server| {
        let document = ask(server, "$metadata").text().to_owned();
        for part in [
            r#"<Property Name="Body" Type="Edm.String" MaxLength="8"/>"#,
            r#"<Property Name="Remark" Type="Edm.String" MaxLength="10"/>"#,
            r#"<PropertyValue Property="NonSortableProperties"><Collection><PropertyPath>Body</PropertyPath>"#,
            r#"<PropertyValue Property="Property" PropertyPath="Body"/><PropertyValue Property="AllowedExpressions" String="SearchExpression"/>"#,
        ] {
            assert!(document.contains(part), "{part}\n{document}");
        }
    });
}
