//! Search over many texts, as consumers send it: one part asked of each text, by indexes of trigrams and without,
//! compared with what the rows hold; and that the indexes are used, and the statement is the same for each part.

use std::fmt::Write as _;
use std::process::Command;

use penstock::edm::Value;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::support::databases::{Database, KINDS, Kind};
use super::support::server::{Setup, TestServer};

/// Text columns of the table.
const TEXTS: usize = 10;
const ROWS: usize = 8_000;
/// What texts are made of.
const PIECES: [&str; 32] = [
    "Acme",
    "ACME",
    "acme",
    "trading",
    "Söhne",
    "SÖHNE",
    "söhne",
    "Straße",
    "STRASSE",
    "e\u{301}tude",
    "étude",
    "😀",
    "😀😁",
    "%",
    "_",
    "\\",
    "100%",
    "a_b",
    "a\\b",
    "'",
    "''",
    "\"",
    "O'Brien",
    "\u{1}",
    " ",
    "-",
    "λόγος",
    "ΛΌΓΟΣ",
    "ſs",
    "İ",
    "x",
    "co & co",
];

/// Numbers that are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn text(&mut self) -> String {
        (0..=self.below(4)).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }
}

type Rows = Vec<Vec<Option<String>>>;

fn rows() -> Rows {
    let mut random = Random(42);
    let one = |random: &mut Random| (0..TEXTS).map(|_| (random.below(10) > 2).then(|| random.text())).collect();
    let mut rows: Rows = (0..ROWS).map(|_| one(&mut random)).collect();
    // What few rows hold, at the edges of texts that stand beside each other, and across them.
    rows[17][3] = Some("the very Needle in it".to_owned());
    rows[18][0] = Some("Needle".to_owned());
    rows[19][8] = Some("Nee".to_owned());
    rows[19][9] = Some("dle".to_owned());
    rows[20][1] = Some("needle".to_owned());
    rows[21] = vec![None; TEXTS];
    rows[22] = vec![Some(String::new()); TEXTS];
    rows
}

fn columns() -> Vec<String> {
    (1..=TEXTS).map(|number| format!("text{number}")).collect()
}

/// A set over the table; `search` says what it knows of indexes.
fn file(set: &str, search: &str) -> String {
    let mut text = format!(
        "version = 1\nset = \"{set}\"\ntype = \"{set}Row\"\ntable = \"wide\"\nkey = [\"ID\"]\n{search}\n[[property]]\n\
         name = \"ID\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n"
    );
    for column in columns() {
        let name = column.replace("text", "Text");
        write!(text, "[[property]]\nname = \"{name}\"\ncolumn = \"{column}\"\ntype = \"String\"\nmax_length = 200\n")
            .unwrap();
    }
    text
}

/// The sets beside the one without an index, and what they declare.
fn indexed(kind: Kind) -> Vec<(&'static str, &'static str)> {
    match kind {
        Kind::Postgres => vec![
            ("Each", "[search.postgres]\nindex = \"trigram\""),
            ("Whole", "[search.postgres]\nindex = \"trigram\"\ncolumn = \"whole\""),
        ],
        Kind::Sqlite => {
            vec![("Whole", "[search.sqlite]\nfts5 = \"wide_parts\"\nrowid = \"ID\"\ntokenize = \"trigram\"")]
        }
        Kind::Mariadb => Vec::new(),
    }
}

fn create(kind: Kind, rows: &Rows) -> Option<(Database, Setup)> {
    let database = Database::create(kind, "wide")?;
    let columns = columns();
    let each = |form: &dyn Fn(&String) -> String| columns.iter().map(form).collect::<Vec<_>>();
    let texts = each(&|column| format!("{column} varchar(200)")).join(", ");
    let whole = each(&|column| format!("coalesce({column}, '')")).join(" || chr(10) || ");
    let whole = match kind {
        Kind::Postgres => format!(", whole text generated always as ({whole}) stored"),
        _ => String::new(),
    };
    database.run(&format!("create table wide (id int not null primary key, {texts}{whole})"));
    let values: Vec<Vec<Value>> = rows
        .iter()
        .enumerate()
        .map(|(id, row)| {
            let texts =
                row.iter().map(|text| text.as_ref().map_or(Value::Null, |text| Value::String(text.as_str().into())));
            std::iter::once(Value::Int(i64::try_from(id).unwrap())).chain(texts).collect()
        })
        .collect();
    let names: Vec<&str> = std::iter::once("id").chain(columns.iter().map(String::as_str)).collect();
    database.insert("wide", &names, &values);
    match kind {
        Kind::Postgres => {
            let operators = each(&|column| format!("{column} gin_trgm_ops")).join(", ");
            database.run(&format!(
                "create extension pg_trgm; create index wide_whole on wide using gin (whole gin_trgm_ops); \
                 create index wide_each on wide using gin ({operators}); analyze wide"
            ));
        }
        Kind::Sqlite => {
            let names = columns.join(", ");
            database.run(&format!(
                "create virtual table wide_parts using fts5({names}, content='wide', content_rowid='id', tokenize='trigram');
                 insert into wide_parts(wide_parts) values ('rebuild')"
            ));
        }
        Kind::Mariadb => {}
    }
    let config = format!(
        "[log]\nlevel = \"warn\"\n[sources.erp]\nurl = \"{}\"\n[services.test]\nmetadata = [\"m\"]\nanonymous = true\n",
        database.url
    );
    let mut setup = Setup::new(&config)
        .file("m/service.toml", "version = 1\nnamespace = \"N\"\nsource = \"erp\"\n")
        .file("m/plain.toml", &file("Plain", ""));
    for (set, search) in indexed(kind) {
        setup = setup.file(&format!("m/{set}.toml"), &file(set, search));
    }
    Some((database, setup))
}

/// The search as it is sent, with a member for each text.
fn chain(part: &str) -> String {
    let literal = part.replace('\'', "''");
    let member = |number: usize| match number % 3 {
        0 => format!("true eq contains(Text{number},'{literal}')"),
        1 => format!("contains(Text{number},'{literal}') eq true"),
        _ => format!("contains(Text{number},'{literal}')"),
    };
    (1..=TEXTS).map(member).collect::<Vec<_>>().join(" or ")
}

fn found(rows: &Rows, part: &str) -> Vec<usize> {
    let holds = |row: &Vec<Option<String>>| row.iter().flatten().any(|text| text.contains(part));
    rows.iter().enumerate().filter(|(_, row)| holds(row)).map(|(id, _)| id).collect()
}

/// Whether the answer is what is expected: count and first rows.
fn assert_answer(server: &TestServer, set: &str, filter: &str, expected: &[usize]) {
    let filter = utf8_percent_encode(filter, NON_ALPHANUMERIC);
    let answer = server.json(&format!("/odata/v4/test/{set}?$select=ID&$count=true&$top=25&$filter={filter}"));
    let ids = answer.get("value").unwrap().as_array().unwrap().iter();
    let ids: Vec<usize> = ids.map(|row| row.get("ID").unwrap().as_number().unwrap().parse().unwrap()).collect();
    let count = answer.get("@odata.count").unwrap().as_number().unwrap().to_owned();
    let first: Vec<usize> = expected.iter().copied().take(25).collect();
    assert_eq!((ids, count), (first, expected.len().to_string()), "{set}: {filter}");
}

/// Parts of texts, most of which occur, some in another letter case, some of one or two letters.
fn parts(rows: &Rows) -> Vec<String> {
    let mut random = Random(7);
    let mut parts: Vec<String> =
        ["", "Needle", "needle", "Nee\ndle", "zzz", "no such part", "%%%", "___", "\\\\\\", "'", "\"abc\""]
            .map(str::to_owned)
            .to_vec();
    while parts.len() < 90 {
        let Some(text) = &rows[random.below(ROWS)][random.below(TEXTS)] else { continue };
        let letters: Vec<char> = text.chars().collect();
        let start = random.below(letters.len() + 1);
        let part: String = letters[start..].iter().take(1 + random.below(8)).collect();
        parts.push(match random.below(5) {
            0 => part.to_lowercase(),
            1 => part.to_uppercase(),
            _ => part,
        });
    }
    parts
}

#[test]
fn a_part_is_found_by_indexes_as_without_them() {
    let rows = rows();
    for kind in KINDS {
        let Some((_database, setup)) = create(kind, &rows) else { continue };
        let server = setup.start();
        let sets: Vec<&str> = indexed(kind).into_iter().map(|(set, _)| set).chain(["Plain"]).collect();
        for part in parts(&rows) {
            let expected = found(&rows, &part);
            for set in &sets {
                assert_answer(&server, set, &chain(&part), &expected);
            }
        }
        // Among other conditions, and beside them.
        let both: Vec<usize> = found(&rows, "Straße").into_iter().filter(|id| *id >= 4_000).collect();
        let mut either = [found(&rows, "Needle"), vec![5, 6]].concat();
        either.sort_unstable();
        let mut two = [found(&rows, "Needle"), found(&rows, "étude")].concat();
        two.sort_unstable();
        two.dedup();
        let with = found(&rows, "Acme");
        let without: Vec<usize> = (0..ROWS).filter(|id| with.binary_search(id).is_err()).collect();
        for set in &sets {
            assert_answer(&server, set, &format!("ID ge 4000 and ({})", chain("Straße")), &both);
            assert_answer(&server, set, &format!("{} or ID eq 5 or ID eq 6", chain("Needle")), &either);
            assert_answer(&server, set, &format!("{} or {}", chain("Needle"), chain("étude")), &two);
            assert_answer(&server, set, &format!("not (({}) eq true)", chain("Acme")), &without);
        }
    }
}

/// What the program says of a request.
fn explain(setup: &Setup, target: &str, more: &[&str]) -> String {
    let config = setup.path().join("penstock.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_penstock"));
    let output = command.arg("explain").arg("--config").arg(config).args(more).arg(target).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn request(set: &str, part: &str) -> String {
    format!("{set}?$select=ID&$count=true&$top=25&$filter={}", utf8_percent_encode(&chain(part), NON_ALPHANUMERIC))
}

#[test]
fn the_indexes_are_used_and_short_parts_are_compared_one_by_one() {
    let rows = rows();
    for kind in [Kind::Postgres, Kind::Sqlite] {
        let Some((_database, setup)) = create(kind, &rows) else { continue };
        for (set, _) in indexed(kind) {
            let plan = explain(&setup, &request(set, "Needle"), &["--analyze"]);
            let index = match (kind, set) {
                (Kind::Postgres, "Each") => "Bitmap Index Scan on wide_each",
                (Kind::Postgres, _) => "Bitmap Index Scan on wide_whole",
                _ => "VIRTUAL TABLE INDEX",
            };
            assert!(plan.contains(index), "{set}: {plan}");
        }
        for part in ["Ne", "%%%", "a-b"] {
            let said = explain(&setup, &request("Whole", part), &[]);
            assert!(!said.contains("\"whole\"") && !said.contains("wide_parts"), "{said}");
        }
    }
}

#[test]
fn the_statement_is_the_same_for_each_part() {
    let statements = |said: &str| -> Vec<String> {
        said.lines().map(str::trim).filter(|line| line.starts_with("SELECT ")).map(str::to_owned).collect()
    };
    let rows = vec![vec![Some("a".to_owned()); TEXTS]];
    for kind in KINDS {
        let Some((_database, setup)) = create(kind, &rows) else { continue };
        let sets: Vec<&str> = indexed(kind).into_iter().map(|(set, _)| set).chain(["Plain"]).collect();
        for set in sets {
            let said = explain(&setup, &request(set, "Acme"), &[]);
            let first = statements(&said);
            assert!(!first.is_empty() && !first.concat().contains("Acme"), "{first:?}");
            for part in ["Müller & Söhne", "100% o'r_more\\", "Acme international trading"] {
                assert_eq!(statements(&explain(&setup, &request(set, part), &[])), first, "{set} {part}");
            }
            // Once, where marks can have numbers; as a pattern and as itself beside an index of all.
            let sent = said.lines().filter(|line| line.contains("Acme") && line.contains(" as Edm.String")).count();
            let expected = match (kind, set) {
                (Kind::Mariadb, _) => TEXTS,
                (_, "Whole") => 2,
                _ => 1,
            };
            assert_eq!(sent, expected * first.len(), "{set}: {said}");
        }
    }
}
