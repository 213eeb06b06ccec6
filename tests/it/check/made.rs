//! Queries in place of tables, calculated properties and words for codes, judged by the databases themselves.

use super::{assert_found, lines, run, setup};
use crate::support::databases::{Database, KINDS};

const HEAD: &str = "version = 1\nkey = [\"ID\"]\n";
const ID: &str = "[[property]]\nname = \"ID\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n";

fn file(set: &str, table: &str, properties: &str) -> String {
    format!("set = \"{set}\"\ntype = \"{set}Row\"\n{table}\n{HEAD}{ID}{properties}")
}

fn calculated(name: &str, expression: &str) -> String {
    format!(
        "[[property]]\nname = \"{name}\"\nexpression = \"{expression}\"\ntype = \"Decimal\"\nprecision = 18\nscale = 2\n"
    )
}

#[test]
fn queries_expressions_and_codes_are_judged_by_the_database() {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "check_made") else { continue };
        database.run("create table sales (id int primary key, price decimal(18,2), quantity int, state varchar(10));");
        let price =
            "[[property]]\nname = \"Price\"\ncolumn = \"price\"\ntype = \"Decimal\"\nprecision = 18\nscale = 2\n";
        let files = [
            (
                "good",
                file(
                    "Good",
                    "query = \"select id, price from sales where quantity > 1\"",
                    &(price.to_owned() + &calculated("Double", "{price} * 2")),
                ),
            ),
            ("broken", file("Broken", "query = \"select id, price from nowhere\"", price)),
            ("less", file("Less", "query = \"select id, quantity from sales\"", price)),
            (
                "made",
                file(
                    "Made",
                    "table = \"sales\"",
                    &[
                        calculated("Fine", "{price} * {quantity}"),
                        calculated("Lost", "{prise} * 2"),
                        calculated("Odd", "nofunction({price})"),
                    ]
                    .concat(),
                ),
            ),
            (
                "words",
                file(
                    "Words",
                    "table = \"sales\"",
                    "[[property]]\nname = \"State\"\ncolumn = \"state\"\ntype = \"String\"\nmax_length = 20\ncodes = \"Int16\"\nvalues = { 1 = \"Open\" }\n",
                ),
            ),
        ];
        let (content, json) = run(&setup(&database.url, &files), &[]);
        assert!(!content && json["would_start"] == true, "{json}");
        let found: Vec<String> = lines(&json).into_iter().filter(|line| line.starts_with('!')).collect();
        assert_found(
            &found,
            "",
            &[
                &["m/broken.toml | query | the database refuses it:", "nowhere", "correct the query"],
                &[
                    "m/less.toml | property.2.column | the database refuses it:",
                    "price",
                    "name a column that the query gives",
                ],
                &["m/made.toml | property.3.expression | table `sales` has no column `prise`", "did you mean `price`?"],
                &["m/made.toml | property.3.expression | the database refuses it:", "prise"],
                &[
                    "m/made.toml | property.4.expression | the database refuses it:",
                    "nofunction",
                    "correct the expression",
                ],
                &["m/words.toml | property.2.codes | column `state`", "cannot be read as Edm.Int16"],
            ],
        );
    }
}
