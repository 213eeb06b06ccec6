//! Every declared type of a database with literals of its values: those of the cases, those that are drawn at random,
//! and some for the types whose values are like those of others.

use crate::support::databases::Kind;

use super::{random, tables};

/// How many values are drawn at random.
const DRAWN: usize = 20;

/// One declared type.
pub(crate) struct Stock {
    pub(crate) declared: String,
    pub(crate) literals: Vec<String>,
    /// What stands in the table of `metadata/README.md` for it, or what would stand there.
    pub(crate) said: Said,
}

#[derive(Clone, Copy)]
pub(crate) enum Said {
    /// The table has this type, or the same with other digits.
    InTheTable,
    /// It would be this, or `left out`.
    Here(&'static str),
}

type More = (&'static str, Said, &'static [&'static str]);

const POSTGRES: &[More] = &[
    ("real", Said::InTheTable, &["'NaN'", "'-0'", "1e-45"]),
    ("double precision", Said::InTheTable, &["'NaN'", "'-0'", "1e23"]),
    ("numeric(18,2)", Said::InTheTable, &["'NaN'"]),
    ("numeric", Said::InTheTable, &["'NaN'", "'Infinity'", "1e100"]),
    ("bit(8)", Said::InTheTable, &["B'00000000'", "B'11111111'"]),
    ("bit varying(8)", Said::InTheTable, &["B''", "B'101'"]),
    ("xid8", Said::InTheTable, &["'0'", "'18446744073709551615'"]),
    ("jsonpath", Said::InTheTable, &["'$.a[*]'"]),
    ("line", Said::InTheTable, &["'{1,-1,0}'"]),
    ("lseg", Said::InTheTable, &["'[(0,0),(1,1.5)]'"]),
    ("path", Said::InTheTable, &["'((0,0),(1,1),(2,0))'", "'[(0,0),(1,1)]'"]),
    ("circle", Said::InTheTable, &["'<(0,0),1.5>'"]),
    ("int8range", Said::InTheTable, &["'[1,9223372036854775807)'", "'empty'"]),
    ("tsrange", Said::InTheTable, &["'[2024-01-01 00:00:00.5,)'"]),
    ("tstzrange", Said::InTheTable, &["'[2024-01-01 00:00+02,2024-02-01 00:00+00]'"]),
    ("nummultirange", Said::InTheTable, &["'{[1.50,2),(7,)}'"]),
    ("regproc", Said::InTheTable, &["'pg_sleep'"]),
    ("regtype", Said::InTheTable, &["'integer'"]),
    ("tsquery", Said::InTheTable, &["'a & b'"]),
    ("numeric(1000,0)", Said::InTheTable, &["1e100", "-7"]),
    (
        "text[]",
        Said::InTheTable,
        &["'{}'", "'{NULL,\"null\",\"a,b\",\"say \\\"x\\\"\",\"\\\\\",\"\"}'", "'{{a,b},{c,d}}'"],
    ),
    ("jsonb[]", Said::InTheTable, &["array['{\"a\": 1}','2']::jsonb[]"]),
    ("interval[]", Said::InTheTable, &["'{1 day,2 mons}'"]),
    ("timestamp[]", Said::InTheTable, &["'{2024-02-29 12:00:00.5,infinity}'"]),
    (
        "timestamptz[]",
        Said::InTheTable,
        &["'{2024-02-29 12:00:00.5+02,1969-12-31 23:59:59+00,NULL}'", "'{infinity}'", "'{{-infinity}}'"],
    ),
    ("bytea[]", Said::InTheTable, &["array['\\x00ff'::bytea]"]),
    ("boolean[]", Said::Here("type = \"Boolean\"\ncollection = \"array\""), &["'{t,f,NULL}'", "'{{t},{f}}'"]),
    ("bigint[]", Said::Here("type = \"Int64\"\ncollection = \"array\""), &["'{-9223372036854775808}'"]),
    (
        "numeric(10,2)[]",
        Said::Here("type = \"Decimal\"\nprecision = 10\nscale = 2\ncollection = \"array\""),
        &["'{1.5,-99999999.99}'", "'{1.5,NaN}'"],
    ),
    ("real[]", Said::Here("type = \"Single\"\ncollection = \"array\""), &["'{0.1,NaN,Infinity,-Infinity}'"]),
    ("double precision[]", Said::Here("type = \"Double\"\ncollection = \"array\""), &["'{0.1,NaN,-Infinity}'"]),
    (
        "uuid[]",
        Said::Here("type = \"Guid\"\ncollection = \"array\""),
        &["'{01234567-89AB-cdef-0123-456789abcdef,NULL}'"],
    ),
    (
        "date[]",
        Said::Here("type = \"Date\"\ncollection = \"array\""),
        &["'{2024-02-29,12345-01-01}'", "'{infinity}'", "'{0044-03-15 BC}'"],
    ),
    ("time[]", Said::Here("type = \"TimeOfDay\"\ncollection = \"array\""), &["'{00:00,23:59:59.999999}'", "'{24:00}'"]),
    // What few schemas have.
    ("labels", Said::Here("type = \"String\"\ncollection = \"array\""), &["'{a,\"b c\"}'", "'{{a}}'"]),
    ("varchar(5)[]", Said::Here("type = \"String\"\nmax_length = 5\ncollection = \"array\""), &["'{a,b}'"]),
    ("char(3)[]", Said::Here("type = \"String\"\ncast = true"), &["'{a,b}'"]),
    ("citext[]", Said::Here("type = \"String\"\ncollection = \"array\""), &["'{a,A}'"]),
    ("inet[]", Said::Here("type = \"String\"\ncast = true"), &["'{10.0.0.1}'"]),
    ("json[]", Said::Here("type = \"String\"\ncast = true"), &["array['{\"a\": 1}']::json[]"]),
    ("point[]", Said::Here("type = \"String\"\ncast = true"), &["'{\"(1,2)\"}'"]),
    ("pair[]", Said::Here("type = \"String\"\ncast = true"), &["array[row(1,'x')::pair]"]),
    ("oid[]", Said::Here("type = \"String\"\ncast = true"), &["'{1,2}'"]),
    ("far.mood", Said::Here("type = \"String\"\nmax_length = 3\ncast = true"), &["'far'", "'it'"]),
    ("bit", Said::Here("type = \"Boolean\"\ncast = true"), &["B'1'"]),
    ("time(3)", Said::Here("type = \"TimeOfDay\"\nprecision = 3"), &["'12:00:00.123'", "'24:00:00'"]),
    ("timestamptz(3)", Said::Here("type = \"DateTimeOffset\"\nprecision = 3"), &["'2024-02-29 12:00:00.123+02'"]),
    ("interval day to second(3)", Said::Here("type = \"String\"\ncast = true"), &["'1 day 2.345 seconds'"]),
    ("numeric(5,8)", Said::Here("type = \"Decimal\"\nprecision = 8\nscale = 8"), &["0.00012345", "-0.00099999"]),
    ("numeric(65,30)", Said::InTheTable, &["12345678901234567890123456789012345.000000000000000000000000000001"]),
    ("numeric(70,2)", Said::Here("type = \"Decimal\""), &["1.50"]),
    ("int2vector", Said::Here("type = \"String\"\ncast = true"), &["'1 2'"]),
    ("ltree", Said::Here("type = \"String\"\ncast = true"), &["'a.b.c'"]),
    ("char(1)", Said::InTheTable, &["''", "' '", "'x'"]),
    ("varchar", Said::Here("type = \"String\""), &["'x'", "''"]),
    ("text collate \"C\"", Said::Here("type = \"String\""), &["'B'", "'a'", "''"]),
    ("text collate \"de-x-icu\"", Said::Here("type = \"String\""), &["'ä'", "'b'"]),
    (
        "mood[]",
        Said::Here("type = \"String\"\nmax_length = 5\ncollection = \"array\""),
        &["'{sad,NULL,happy}'", "'{}'"],
    ),
];

const MARIADB: &[More] = &[
    ("mediumtext", Said::InTheTable, &["'a'", "'😀 ü'"]),
    ("tinyblob", Said::InTheTable, &["x''", "x'00ff'"]),
    ("mediumblob", Said::InTheTable, &["x'00ff'"]),
    ("longblob", Said::InTheTable, &["x'00ff'"]),
    ("geometry", Said::InTheTable, &["point(1,2)"]),
    ("polygon", Said::InTheTable, &["st_geomfromtext('POLYGON((0 0,1 0,1 1,0 0))')"]),
    ("bit(16)", Said::InTheTable, &["b'0'", "65535"]),
    ("bit(32)", Said::InTheTable, &["4294967295"]),
    ("double", Said::InTheTable, &["1e23", "-0.0", "4.9406564584124654e-324"]),
    (
        "varchar(10) character set utf16 collate utf16_bin",
        Said::Here("type = \"String\"\nmax_length = 10\ncollation = \"folding\""),
        &["'😀'", "'ä'"],
    ),
    ("datetime", Said::InTheTable, &["'2024-00-00 00:00:00'", "'0001-01-01 00:00:00'"]),
    // What few schemas have.
    ("double(10,2)", Said::Here("type = \"Double\""), &["1.25", "-99999999.99"]),
    ("float(7,3)", Said::Here("type = \"Single\""), &["1.125", "-9999.999"]),
    ("float unsigned", Said::Here("type = \"Single\""), &["0.1", "0"]),
    ("double unsigned", Said::Here("type = \"Double\""), &["0.1", "1e300"]),
    ("nchar(5)", Said::Here("type = \"String\"\nmax_length = 5\ncollation = \"folding\""), &["'ü'", "'a '"]),
    ("char(0)", Said::Here("type = \"String\"\nmax_length = 1\ncollation = \"folding\""), &["''"]),
    (
        "varchar(20) character set ucs2",
        Said::Here("type = \"String\"\nmax_length = 20\ncollation = \"folding\""),
        &["'ü'", "'a'"],
    ),
    (
        "varchar(20) character set sjis",
        Said::Here("type = \"String\"\nmax_length = 20\ncollation = \"folding\""),
        &["'日本'"],
    ),
    ("varchar(9) collate utf8mb4_nopad_bin", Said::Here("type = \"String\"\nmax_length = 9"), &["'a'", "'a '", "'A'"]),
    ("longtext collate utf8mb4_bin", Said::Here("type = \"String\"\ncollation = \"folding\""), &["'a'", "'😀'"]),
    ("tinyint(1) unsigned", Said::Here("type = \"Byte\""), &["0", "1", "255"]),
    ("tinyint(2)", Said::Here("type = \"SByte\""), &["-128", "1"]),
    ("varbinary(16)", Said::Here("type = \"Binary\"\nmax_length = 16"), &["x'00ff'", "x''"]),
    ("binary(1)", Said::Here("type = \"Binary\"\nmax_length = 1"), &["x'00'"]),
    ("bit", Said::Here("type = \"Boolean\""), &["b'0'", "b'1'"]),
    ("time(3)", Said::Here("type = \"TimeOfDay\"\nprecision = 3"), &["'12:00:00.123'", "'100:00:00'"]),
    (
        "datetime(1)",
        Said::Here("type = \"DateTimeOffset\"\nprecision = 1\nstored = \"local\""),
        &["'2024-02-29 12:00:00.5'"],
    ),
    ("timestamp", Said::Here("type = \"DateTimeOffset\"\nprecision = 0"), &["'2024-02-29 12:00:00'", "0"]),
    ("linestring", Said::Here("left out"), &["st_geomfromtext('LINESTRING(0 0,1 1)')"]),
    (
        "enum('a,b','it''s','','ä')",
        Said::Here("type = \"String\"\nmax_length = 4\ncast = true\ncollation = \"folding\""),
        &["'a,b'", "'it''s'", "''", "'ä'"],
    ),
    (
        "set('it''s','b','ccc')",
        Said::Here("type = \"String\"\nmax_length = 10\ncast = true\ncollation = \"folding\""),
        &["'it''s,ccc'", "''", "'b'"],
    ),
    (
        "bigint unsigned zerofill",
        Said::Here("type = \"Decimal\"\nprecision = 20\nscale = 0"),
        &["7", "18446744073709551615"],
    ),
    ("decimal(65,0)", Said::InTheTable, &["99999999999999999999999999999999999999999999999999999999999999999"]),
    ("decimal(30,30)", Said::InTheTable, &["0.000000000000000000000000000001"]),
];

const SQLITE: &[More] = &[
    ("int", Said::InTheTable, &["1", "'x'", "2.0"]),
    ("bigint", Said::InTheTable, &["-9223372036854775808", "1.5"]),
    ("varchar(20)", Said::InTheTable, &["'a'", "5", "x'61'"]),
    ("clob", Said::InTheTable, &["'ä 😀'", "''"]),
    ("double precision", Said::InTheTable, &["0.5", "'x'", "3", "-0.0"]),
    ("numeric(10,2)", Said::InTheTable, &["1.5", "2", "'3.25'", "-7", "'x'"]),
    ("json", Said::InTheTable, &["'{\"a\": 1}'", "5", "1.5", "x'00'"]),
    ("interval", Said::InTheTable, &["'P1D'", "5", "1.5", "x'00'"]),
    ("datetime", Said::InTheTable, &["2460000.5", "'2024-02-29T12:00:00+02:00'", "'2024-02-30 00:00:00'"]),
    ("uuid", Said::InTheTable, &["'01234567-89ab-cdef-0123-456789abcdef'", "'x'"]),
    // What few schemas have.
    ("datetime(3)", Said::Here("type = \"DateTimeOffset\"\ncast = true"), &["'2024-02-29 12:00:00.123'", "5"]),
    ("timestamptz", Said::Here("type = \"DateTimeOffset\"\ncast = true"), &["'2024-02-29 12:00:00+02:00'", "'x'"]),
    ("timestamp with time zone", Said::Here("type = \"DateTimeOffset\"\ncast = true"), &["'2024-02-29T12:00:00Z'"]),
    ("timetz", Said::Here("type = \"String\"\nmax_length = 24\ncast = true"), &["'12:00:00+02:00'"]),
    ("numeric(38,0)", Said::InTheTable, &["5", "9223372036854775807", "1e20"]),
    ("money", Said::Here("type = \"Decimal\""), &["1.5", "-7", "0.1"]),
    ("image", Said::Here("type = \"Binary\""), &["x'00ff'", "'x'"]),
    ("varbinary(8)", Said::Here("type = \"Binary\"\nmax_length = 8"), &["x'00ff'"]),
    ("float", Said::Here("type = \"Double\""), &["0.1", "9e999", "'x'"]),
    ("unsigned big int", Said::Here("type = \"Int64\""), &["5", "-5"]),
    ("nvarchar(100)", Said::Here("type = \"String\"\nmax_length = 100"), &["'ü'", "x'ff'"]),
    ("bool", Said::Here("type = \"Boolean\""), &["0", "1", "'true'"]),
    ("bit", Said::Here("type = \"Boolean\""), &["0", "1", "7"]),
    ("year", Said::Here("type = \"Int16\""), &["2024", "'x'"]),
    ("guid", Said::Here("type = \"Guid\"\nstored = \"bytes\""), &["x'0123456789abcdef0123456789abcdef'"]),
    (
        "uniqueidentifier",
        Said::Here("type = \"Guid\"\ncast = true"),
        &["x'0123456789abcdef0123456789abcdef'", "'11234567-89AB-CDEF-0123-456789ABCDEF'", "'x'", "x'01'"],
    ),
    ("xml", Said::Here("type = \"String\""), &["'<a/>'"]),
    ("string", Said::Here("type = \"String\"\ncast = true"), &["'x'", "5", "007"]),
    ("jsonb", Said::Here("type = \"String\"\ncast = true"), &["'{\"a\": 1}'", "x'00'"]),
    ("point", Said::Here("type = \"GeometryPoint\""), &["'POINT(1.5 -2)'", "'x'"]),
    ("text collate rtrim", Said::Here("type = \"String\"\ncollation = \"folding\""), &["'a'", "'a '"]),
    ("decimal", Said::InTheTable, &["1.5", "0.1", "123456789012345678", "'x'"]),
    ("tinyint(1)", Said::InTheTable, &["0", "1", "2"]),
    ("smallint", Said::InTheTable, &["-32768", "32768"]),
    ("any", Said::InTheTable, &["'x'", "5", "-1.5", "9e999"]),
    ("", Said::Here("type = \"String\"\ncast = true"), &["'x'", "5", "-1.5", "x'00'"]),
];

/// All declared types, and the statements that they need.
pub(crate) fn stock(kind: Kind) -> (&'static str, Vec<Stock>) {
    let (prelude, cases) = tables::cases(kind);
    let mut all: Vec<Stock> = Vec::new();
    let mut add = |declared: &str, said: Said, literals: Vec<String>| {
        let place = all.iter().position(|stock| stock.declared == declared).unwrap_or_else(|| {
            all.push(Stock { declared: declared.to_owned(), literals: Vec::new(), said });
            all.len() - 1
        });
        for literal in literals {
            if !all[place].literals.contains(&literal) {
                all[place].literals.push(literal);
            }
        }
    };
    for case in &cases {
        let values = case.values.iter().map(|(literal, _)| literal);
        let literals = values.chain(case.refused).chain(case.void).map(|literal| (*literal).to_owned());
        add(case.declared, Said::InTheTable, literals.collect());
    }
    let more = match kind {
        Kind::Postgres => POSTGRES,
        Kind::Mariadb => MARIADB,
        Kind::Sqlite => SQLITE,
    };
    for (declared, said, literals) in more {
        add(declared, *said, literals.iter().map(|literal| (*literal).to_owned()).collect());
    }
    for (declared, literals) in random::literals(kind, DRAWN) {
        add(declared, Said::InTheTable, literals);
    }
    (prelude, all)
}
