//! The column types of PostgreSQL.

use super::harness::{Case, case};

pub(crate) const PRELUDE: &str = "
    create type mood as enum ('sad', 'ok', 'happy');
    create domain positive as int check (value > 0);
    create domain label as varchar(10);
    create domain shade as mood;
    create type pair as (a int, b text);
    create extension citext;
    create extension hstore;
    create collation folds (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
";

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case("boolean", "type = \"Boolean\"", &[("false", "false"), ("true", "true")]).no_key(),
        case("smallint", "type = \"Int16\"", &[("-32768", "-32768"), ("0", "0"), ("32767", "32767")]),
        case(
            "integer",
            "type = \"Int32\"",
            &[("-2147483648", "-2147483648"), ("7", "7"), ("2147483647", "2147483647")],
        ),
        case(
            "bigint",
            "type = \"Int64\"",
            &[
                ("-9223372036854775808", "-9223372036854775808"),
                ("9007199254740993", "9007199254740993"),
                ("9223372036854775807", "9223372036854775807"),
            ],
        ),
        case("positive", "type = \"Int32\"", &[("1", "1"), ("2147483647", "2147483647")]),
        case(
            "real",
            "type = \"Single\"",
            &[
                ("'-Infinity'", "\"-INF\""),
                ("-3.4028235e38", "-3.4028235e+38"),
                ("0.1", "0.1"),
                ("16777217", "16777216.0"),
                ("'Infinity'", "\"INF\""),
            ],
        )
        .no_key(),
        case(
            "double precision",
            "type = \"Double\"",
            &[
                ("'-Infinity'", "\"-INF\""),
                ("-1.7976931348623157e308", "-1.7976931348623157e+308"),
                ("5e-324", "5e-324"),
                ("0.1", "0.1"),
                ("0.30000000000000004", "0.30000000000000004"),
                ("'Infinity'", "\"INF\""),
            ],
        )
        .no_key(),
        case(
            "numeric(18,2)",
            "type = \"Decimal\"\nprecision = 18\nscale = 2",
            &[
                ("-9999999999999999.99", "-9999999999999999.99"),
                ("0.1", "0.10"),
                ("9999999999999999.99", "9999999999999999.99"),
            ],
        ),
        case(
            "numeric",
            "type = \"Decimal\"",
            &[
                ("-1e40", "-10000000000000000000000000000000000000000"),
                ("1e-30", "0.000000000000000000000000000001"),
                ("0.10", "0.10"),
                ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
            ],
        ),
        case("numeric", "type = \"Double\"", &[("'-Infinity'", "\"-INF\""), ("0.1", "0.1"), ("'Infinity'", "\"INF\"")])
            .no_key(),
        case(
            "numeric",
            "type = \"String\"\ncast = true",
            &[("'-Infinity'", "\"-Infinity\""), ("0.10", "\"0.10\""), ("'NaN'", "\"NaN\"")],
        ),
        case(
            "numeric(38,10)",
            "type = \"Decimal\"\nprecision = 38\nscale = 10",
            &[
                ("-9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999"),
                ("1", "1.0000000000"),
            ],
        ),
        case(
            "numeric(3,-2)",
            "type = \"Decimal\"\nprecision = 5\nscale = 0",
            &[("-99900", "-99900"), ("149", "100"), ("99900", "99900")],
        ),
        case(
            "money",
            "type = \"Decimal\"\nprecision = 19\nscale = 2\ncast = true",
            &[
                ("'-92233720368547758.08'", "-92233720368547758.08"),
                ("'1.5'", "1.50"),
                ("'92233720368547758.07'", "92233720368547758.07"),
            ],
        ),
        case(
            "text",
            "type = \"String\"",
            &[
                ("''", "\"\""),
                ("' a '", "\" a \""),
                ("'A'", "\"A\""),
                ("'a'", "\"a\""),
                ("'a '", "\"a \""),
                ("'ä''%_'", "\"ä'%_\""),
            ],
        ),
        case("varchar(10)", "type = \"String\"\nmax_length = 10", &[("'a'", "\"a\""), ("'a '", "\"a \"")]),
        case("label", "type = \"String\"\nmax_length = 10", &[("'a'", "\"a\""), ("'b'", "\"b\"")]),
        case(
            "char(5)",
            "type = \"String\"\nmax_length = 5",
            &[("' a'", "\" a\""), ("'ab   '", "\"ab\""), ("'abcde'", "\"abcde\"")],
        ),
        case("\"char\"", "type = \"String\"\nmax_length = 1", &[("'a'", "\"a\""), ("'b'", "\"b\"")]),
        case("name", "type = \"String\"\nmax_length = 63", &[("'a'", "\"a\""), ("'b'", "\"b\"")]),
        case(
            "citext",
            "type = \"String\"\ncollation = \"folding\"",
            &[("'B'", "\"B\""), ("'a'", "\"a\""), ("'c'", "\"c\"")],
        ),
        case("text collate folds", "type = \"String\"\ncollation = \"folding\"", &[("'a'", "\"a\""), ("'B'", "\"B\"")]),
        case(
            "mood",
            "type = \"String\"\nmax_length = 5\ncast = true",
            &[("'happy'", "\"happy\""), ("'ok'", "\"ok\""), ("'sad'", "\"sad\"")],
        ),
        case(
            "shade",
            "type = \"String\"\nmax_length = 5\ncast = true",
            &[("'happy'", "\"happy\""), ("'sad'", "\"sad\"")],
        ),
        case(
            "json",
            "type = \"String\"\ncast = true",
            &[("'[1, 2]'", "\"[1, 2]\""), ("'{\"a\" :1.0}'", "\"{\\\"a\\\" :1.0}\"")],
        ),
        case(
            "jsonb",
            "type = \"String\"\ncast = true",
            &[("'[1,2]'", "\"[1, 2]\""), ("'{\"a\" :1.0}'", "\"{\\\"a\\\": 1.0}\"")],
        ),
        case("xml", "type = \"String\"\ncast = true", &[("'<a>1</a>'", "\"<a>1</a>\""), ("'<b/>'", "\"<b/>\"")]),
        case(
            "uuid",
            "type = \"Guid\"",
            &[
                ("'00000000-0000-0000-0000-000000000000'", "\"00000000-0000-0000-0000-000000000000\""),
                ("'01234567-89AB-cdef-0123-456789abcdef'", "\"01234567-89ab-cdef-0123-456789abcdef\""),
                ("'ffffffff-ffff-ffff-ffff-ffffffffffff'", "\"ffffffff-ffff-ffff-ffff-ffffffffffff\""),
            ],
        ),
        case(
            "bytea",
            "type = \"Binary\"",
            &[("'\\x'", "\"\""), ("'\\x00ff'", "\"AP8=\""), ("'\\x616263'", "\"YWJj\"")],
        )
        .no_key(),
        case(
            "date",
            "type = \"Date\"",
            &[
                ("'4713-01-01 BC'", "\"-4712-01-01\""),
                ("'0001-12-31 BC'", "\"0000-12-31\""),
                ("'1969-12-31'", "\"1969-12-31\""),
                ("'9999-12-31'", "\"9999-12-31\""),
                ("'12345-01-01'", "\"12345-01-01\""),
            ],
        )
        .refusing(&["'infinity'", "'-infinity'"]),
        case("date", "type = \"Date\"\nlenient = true", &[("'1969-12-31'", "\"1969-12-31\"")])
            .voiding(&["'infinity'", "'-infinity'"]),
        case(
            "date",
            "type = \"DateTimeOffset\"",
            &[("'1969-12-31'", "\"1969-12-31T00:00:00Z\""), ("'2024-02-29'", "\"2024-02-29T00:00:00Z\"")],
        ),
        case(
            "date",
            "type = \"String\"\ncast = true",
            &[("'2024-02-29'", "\"2024-02-29\""), ("'infinity'", "\"infinity\"")],
        ),
        case(
            "timestamptz",
            "type = \"DateTimeOffset\"",
            &[
                ("'4713-01-01 00:00:00+00 BC'", "\"-4712-01-01T00:00:00Z\""),
                ("'1969-12-31 23:59:59.999999+00'", "\"1969-12-31T23:59:59.999999Z\""),
                ("'2024-03-31 02:30:00+02'", "\"2024-03-31T00:30:00Z\""),
                ("'290000-12-31 00:00:00+00'", "\"290000-12-31T00:00:00Z\""),
            ],
        )
        .refusing(&["'infinity'", "'-infinity'", "'294276-01-01 00:00:00+00'"]),
        case(
            "timestamp",
            "type = \"DateTimeOffset\"",
            &[
                ("'0044-03-15 12:00:00 BC'", "\"-0043-03-15T12:00:00Z\""),
                ("'2024-02-29 23:59:59.999999'", "\"2024-02-29T23:59:59.999999Z\""),
            ],
        )
        .refusing(&["'infinity'"]),
        case(
            "timestamp(0)",
            "type = \"DateTimeOffset\"\nprecision = 0",
            &[("'2024-02-29 23:59:59'", "\"2024-02-29T23:59:59Z\"")],
        ),
        case(
            "time",
            "type = \"TimeOfDay\"",
            &[("'00:00'", "\"00:00:00\""), ("'23:59:59.999999'", "\"23:59:59.999999\"")],
        )
        .refusing(&["'24:00'"]),
        case(
            "timetz",
            "type = \"String\"\ncast = true",
            &[("'12:00:00+02'", "\"12:00:00+02\""), ("'23:59:59.999999-05:30'", "\"23:59:59.999999-05:30\"")],
        ),
        case(
            "interval",
            "type = \"Duration\"",
            &[("'-1 day'", "\"-P1D\""), ("'1.5 seconds'", "\"PT1.5S\""), ("'36 hours'", "\"P1DT12H\"")],
        )
        .refusing(&["'1 month'", "'2 years 1 day'"]),
        case(
            "interval",
            "type = \"String\"\ncast = true",
            &[("'-1 day'", "\"P-1D\""), ("'1 month'", "\"P1M\""), ("'1 year 2 days 3.5 seconds'", "\"P1Y2DT3.5S\"")],
        ),
        case("bit(1)", "type = \"Boolean\"\ncast = true", &[("B'0'", "false"), ("B'1'", "true")]).no_key(),
        case(
            "bit(4)",
            "type = \"String\"\nmax_length = 4\ncast = true",
            &[("B'0011'", "\"0011\""), ("B'1010'", "\"1010\"")],
        ),
        case(
            "bit varying",
            "type = \"String\"\ncast = true",
            &[("B''", "\"\""), ("B'0'", "\"0\""), ("B'01'", "\"01\"")],
        ),
        case(
            "inet",
            "type = \"String\"\ncast = true",
            &[("'10.0.0.0/8'", "\"10.0.0.0/8\""), ("'192.168.1.5'", "\"192.168.1.5/32\""), ("'::1'", "\"::1/128\"")],
        ),
        case(
            "cidr",
            "type = \"String\"\ncast = true",
            &[("'10.0.0.0/8'", "\"10.0.0.0/8\""), ("'2001:db8::/32'", "\"2001:db8::/32\"")],
        ),
        case("macaddr", "type = \"String\"\ncast = true", &[("'08-00-2B-01-02-03'", "\"08:00:2b:01:02:03\"")]),
        case(
            "macaddr8",
            "type = \"String\"\ncast = true",
            &[("'08:00:2b:01:02:03:04:05'", "\"08:00:2b:01:02:03:04:05\"")],
        ),
        case("hstore", "type = \"String\"\ncast = true", &[("'a=>1'", "\"\\\"a\\\"=>\\\"1\\\"\"")]),
        case("int4range", "type = \"String\"\ncast = true", &[("'(0,5]'", "\"[1,6)\""), ("'empty'", "\"empty\"")]),
        case("numrange", "type = \"String\"\ncast = true", &[("'(0,5.50]'", "\"(0,5.50]\"")]),
        case(
            "daterange",
            "type = \"String\"\ncast = true",
            &[("'[2024-01-01,2024-02-01)'", "\"[2024-01-01,2024-02-01)\"")],
        ),
        case("int4multirange", "type = \"String\"\ncast = true", &[("'{[1,2),[5,7)}'", "\"{[1,2),[5,7)}\"")]),
        case("pair", "type = \"String\"\ncast = true", &[("row(1,'x y')", "\"(1,\\\"x y\\\")\"")]),
        case("oid", "type = \"Int64\"", &[("0", "0"), ("4294967295", "4294967295")]),
        case("regclass", "type = \"String\"\ncast = true", &[("'pg_class'", "\"pg_class\"")]),
        case("pg_lsn", "type = \"String\"\ncast = true", &[("'16/B374D848'", "\"16/B374D848\"")]),
        case("int[]", "type = \"Int32\"\ncollection = \"array\"", &[("'{}'", "[]"), ("'{1,2}'", "[1,2]")]).only_read(),
        case("text[]", "type = \"String\"\ncollection = \"array\"", &[("'{a,\"b c\"}'", "[\"a\",\"b c\"]")])
            .only_read(),
        case(
            "int[]",
            "type = \"String\"\ncast = true",
            &[("'{{1,2},{3,4}}'", "\"{{1,2},{3,4}}\""), ("'{}'", "\"{}\"")],
        ),
        case("point", "type = \"GeometryPoint\"", &[("'(1.5,-2)'", "{\"type\":\"Point\",\"coordinates\":[1.5,-2]}")])
            .only_read(),
        case("box", "type = \"String\"\ncast = true", &[("'(1,2),(3,4)'", "\"(3,4),(1,2)\"")]),
        case("polygon", "type = \"String\"\ncast = true", &[("'((0,0),(1,0),(0,1))'", "\"((0,0),(1,0),(0,1))\"")]),
        case("tsvector", "type = \"String\"\ncast = true", &[("'a b'", "\"'a' 'b'\"")]),
        case(
            "timestamp",
            "type = \"DateTimeOffset\"\nstored = \"local\"",
            &[("'1969-12-31 23:59:59'", "\"1969-12-31T23:59:59Z\""), ("'2024-02-29'", "\"2024-02-29T00:00:00Z\"")],
        ),
        case(
            "timestamp(0)",
            "type = \"DateTimeOffset\"\nprecision = 0\nstored = \"local\"",
            &[("'2024-02-29 23:59:59'", "\"2024-02-29T23:59:59Z\"")],
        ),
        case(
            "timetz",
            "type = \"String\"\nmax_length = 24\ncast = true",
            &[("'12:00:00+02'", "\"12:00:00+02\""), ("'23:59:59.999999-15:59:59'", "\"23:59:59.999999-15:59:59\"")],
        ),
    ]
}
