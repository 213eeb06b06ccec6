//! The column types of MariaDB.

use super::harness::{Case, case};

/// Zero dates need it.
pub(crate) const PRELUDE: &str = "set session sql_mode = ''";

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case("tinyint(1)", "type = \"Boolean\"", &[("0", "false"), ("1", "true")]).no_key().refusing(&["2", "-1"]),
        case("boolean", "type = \"SByte\"", &[("-128", "-128"), ("2", "2"), ("127", "127")]),
        case("bit(1)", "type = \"Boolean\"", &[("b'0'", "false"), ("b'1'", "true")]).no_key(),
        case("tinyint", "type = \"SByte\"", &[("-128", "-128"), ("127", "127")]),
        case("tinyint(1)", "type = \"Boolean\"\nlenient = true", &[("0", "false"), ("1", "true")]).voiding(&["2"]),
        case(
            "char(36)",
            "type = \"Guid\"\nlenient = true",
            &[("'01234567-89AB-cdef-0123-456789abcdef'", "\"01234567-89ab-cdef-0123-456789abcdef\"")],
        )
        .voiding(&["'x'"]),
        case("tinyint unsigned", "type = \"Byte\"", &[("0", "0"), ("255", "255")]),
        case("smallint", "type = \"Int16\"", &[("-32768", "-32768"), ("32767", "32767")]),
        case("smallint unsigned", "type = \"Int32\"", &[("0", "0"), ("65535", "65535")]),
        case("mediumint", "type = \"Int32\"", &[("-8388608", "-8388608"), ("8388607", "8388607")]),
        case("mediumint unsigned", "type = \"Int32\"", &[("0", "0"), ("16777215", "16777215")]),
        case("int", "type = \"Int32\"", &[("-2147483648", "-2147483648"), ("2147483647", "2147483647")]),
        case("int unsigned", "type = \"Int64\"", &[("0", "0"), ("4294967295", "4294967295")]),
        case("int(5) unsigned zerofill", "type = \"Int64\"", &[("7", "7"), ("4294967295", "4294967295")]),
        case(
            "bigint",
            "type = \"Int64\"",
            &[("-9223372036854775808", "-9223372036854775808"), ("9223372036854775807", "9223372036854775807")],
        ),
        case(
            "bigint unsigned",
            "type = \"Decimal\"\nprecision = 20\nscale = 0",
            &[
                ("0", "0"),
                ("9007199254740993", "9007199254740993"),
                ("9223372036854775808", "9223372036854775808"),
                ("18446744073709551614", "18446744073709551614"),
                ("18446744073709551615", "18446744073709551615"),
            ],
        ),
        case("bigint unsigned", "type = \"Int64\"", &[("9223372036854775807", "9223372036854775807")])
            .refusing(&["9223372036854775808"]),
        case("bit(8)", "type = \"Int16\"", &[("b'0'", "0"), ("b'11111111'", "255")]),
        case("bit(63)", "type = \"Int64\"", &[("0", "0"), ("9223372036854775807", "9223372036854775807")]),
        case(
            "bit(64)",
            "type = \"Decimal\"\nprecision = 20\nscale = 0",
            &[
                ("0", "0"),
                ("9223372036854775808", "9223372036854775808"),
                ("18446744073709551615", "18446744073709551615"),
            ],
        ),
        case("year", "type = \"Int16\"", &[("0", "0"), ("1901", "1901"), ("2155", "2155")]),
        case("float", "type = \"Single\"", &[("-3.4e38", "-3.4e+38"), ("0.1", "0.1"), ("16777216", "16777216.0")])
            .no_key(),
        case(
            "double",
            "type = \"Double\"",
            &[
                ("-1.7976931348623157e308", "-1.7976931348623157e+308"),
                ("2.2250738585072014e-308", "2.2250738585072014e-308"),
                ("0.1", "0.1"),
                ("0.30000000000000004", "0.30000000000000004"),
            ],
        )
        .no_key(),
        case(
            "decimal(18,2)",
            "type = \"Decimal\"\nprecision = 18\nscale = 2",
            &[
                ("-9999999999999999.99", "-9999999999999999.99"),
                ("0.1", "0.10"),
                ("9999999999999999.99", "9999999999999999.99"),
            ],
        ),
        case(
            "decimal(65,30)",
            "type = \"Decimal\"\nprecision = 65\nscale = 30",
            &[
                (
                    "-99999999999999999999999999999999999.999999999999999999999999999999",
                    "-99999999999999999999999999999999999.999999999999999999999999999999",
                ),
                ("0.000000000000000000000000000001", "0.000000000000000000000000000001"),
            ],
        ),
        case(
            "decimal(10,2) unsigned zerofill",
            "type = \"Decimal\"\nprecision = 10\nscale = 2",
            &[("0", "0.00"), ("12.5", "12.50")],
        ),
        case(
            "varchar(10)",
            "type = \"String\"\nmax_length = 10\ncollation = \"folding\"",
            &[("''", "\"\""), ("'a'", "\"a\""), ("'B'", "\"B\""), ("'c '", "\"c \"")],
        ),
        case(
            "varchar(10) collate utf8mb4_bin",
            "type = \"String\"\nmax_length = 10",
            &[("'A'", "\"A\""), ("'a'", "\"a\""), ("'ä'", "\"ä\"")],
        ),
        case(
            "varchar(10) character set latin1",
            "type = \"String\"\nmax_length = 10\ncollation = \"folding\"",
            &[("'a'", "\"a\""), ("'Müller'", "\"Müller\"")],
        ),
        case(
            "char(5)",
            "type = \"String\"\nmax_length = 5\ncollation = \"folding\"",
            &[("' a'", "\" a\""), ("'ab   '", "\"ab\""), ("'abcde'", "\"abcde\"")],
        ),
        case(
            "tinytext",
            "type = \"String\"\nmax_length = 255\ncollation = \"folding\"",
            &[("'a'", "\"a\""), ("'b'", "\"b\"")],
        ),
        case("longtext", "type = \"String\"\ncollation = \"folding\"", &[("'a'", "\"a\""), ("'b'", "\"b\"")]),
        case("text compressed", "type = \"String\"\ncollation = \"folding\"", &[("'a'", "\"a\""), ("'b'", "\"b\"")]),
        case(
            "enum('sad','ok','happy')",
            "type = \"String\"\nmax_length = 5\ncast = true\ncollation = \"folding\"",
            &[("'happy'", "\"happy\""), ("'ok'", "\"ok\""), ("'sad'", "\"sad\"")],
        ),
        case(
            "set('x','y')",
            "type = \"String\"\ncast = true\ncollation = \"folding\"",
            &[("''", "\"\""), ("'x'", "\"x\""), ("'y,x'", "\"x,y\"")],
        ),
        case("json", "type = \"String\"", &[("'[1, 2]'", "\"[1, 2]\""), ("'{\"a\" :1.0}'", "\"{\\\"a\\\" :1.0}\"")]),
        case(
            "uuid",
            "type = \"Guid\"",
            &[
                ("'00000000-0000-0000-0000-000000000000'", "\"00000000-0000-0000-0000-000000000000\""),
                ("'01234567-89AB-4def-8123-456789abcdef'", "\"01234567-89ab-4def-8123-456789abcdef\""),
            ],
        ),
        case(
            "char(36)",
            "type = \"Guid\"",
            &[
                ("'00000000-0000-0000-0000-000000000000'", "\"00000000-0000-0000-0000-000000000000\""),
                ("'01234567-89AB-cdef-0123-456789abcdef'", "\"01234567-89ab-cdef-0123-456789abcdef\""),
            ],
        )
        .refusing(&["'x'"]),
        case(
            "binary(16)",
            "type = \"Guid\"
stored = \"bytes\"",
            &[
                ("x'00000000000000000000000000000000'", "\"00000000-0000-0000-0000-000000000000\""),
                ("x'0123456789abcdef0123456789abcdef'", "\"01234567-89ab-cdef-0123-456789abcdef\""),
            ],
        ),
        case(
            "inet4",
            "type = \"String\"\nmax_length = 15\ncast = true",
            &[("'10.0.0.1'", "\"10.0.0.1\""), ("'9.0.0.1'", "\"9.0.0.1\"")],
        ),
        case(
            "inet6",
            "type = \"String\"\nmax_length = 39\ncast = true",
            &[("'2001:DB8::1'", "\"2001:db8::1\""), ("'::1'", "\"::1\"")],
        ),
        case(
            "binary(4)",
            "type = \"Binary\"\nmax_length = 4",
            &[("x'00'", "\"AAAAAA==\""), ("x'61626364'", "\"YWJjZA==\"")],
        )
        .no_key(),
        case("varbinary(10)", "type = \"Binary\"\nmax_length = 10", &[("x''", "\"\""), ("x'00ff'", "\"AP8=\"")])
            .no_key(),
        case("blob", "type = \"Binary\"", &[("x''", "\"\""), ("x'00ff'", "\"AP8=\"")]).no_key(),
        case(
            "date",
            "type = \"Date\"",
            &[
                ("'0001-01-01'", "\"0001-01-01\""),
                ("'1969-12-31'", "\"1969-12-31\""),
                ("'9999-12-31'", "\"9999-12-31\""),
            ],
        )
        .refusing(&["'0000-00-00'"]),
        case(
            "date",
            "type = \"Date\"\nlenient = true",
            &[("'0001-01-01'", "\"0001-01-01\""), ("'9999-12-31'", "\"9999-12-31\"")],
        )
        .voiding(&["'0000-00-00'", "'2024-00-00'", "'2024-05-00'"]),
        case(
            "datetime",
            "type = \"DateTimeOffset\"\nprecision = 0\nlenient = true",
            &[("'2024-02-29 12:00:00'", "\"2024-02-29T12:00:00Z\"")],
        )
        .voiding(&["'0000-00-00 00:00:00'"]),
        case(
            "date",
            "type = \"String\"\nmax_length = 10\ncast = true",
            &[("'0000-00-00'", "\"0000-00-00\""), ("'2024-02-29'", "\"2024-02-29\"")],
        ),
        case(
            "datetime",
            "type = \"DateTimeOffset\"\nprecision = 0",
            &[
                ("'0001-01-01 00:00:00'", "\"0001-01-01T00:00:00Z\""),
                ("'9999-12-31 23:59:59'", "\"9999-12-31T23:59:59Z\""),
            ],
        )
        .refusing(&["'0000-00-00 00:00:00'"]),
        case(
            "datetime(6)",
            "type = \"DateTimeOffset\"",
            &[
                ("'1969-12-31 23:59:59.999999'", "\"1969-12-31T23:59:59.999999Z\""),
                ("'2024-02-29 12:00:00.5'", "\"2024-02-29T12:00:00.5Z\""),
            ],
        ),
        case(
            "timestamp(6)",
            "type = \"DateTimeOffset\"",
            &[
                ("'1970-01-01 00:00:01'", "\"1970-01-01T00:00:01Z\""),
                ("'2038-01-19 03:14:07.999999'", "\"2038-01-19T03:14:07.999999Z\""),
            ],
        )
        .refusing(&["0"]),
        case(
            "time(6)",
            "type = \"TimeOfDay\"",
            &[("'00:00:00'", "\"00:00:00\""), ("'23:59:59.999999'", "\"23:59:59.999999\"")],
        )
        .refusing(&["'24:00:00'", "'-00:00:01'", "'838:59:59'"]),
        case(
            "time",
            "type = \"TimeOfDay\"\nprecision = 0\nlenient = true",
            &[("'00:00:00'", "\"00:00:00\""), ("'23:59:59'", "\"23:59:59\"")],
        )
        .voiding(&["'24:00:00'", "'-00:00:01'"]),
        case(
            "time",
            "type = \"String\"\nmax_length = 10\ncast = true",
            &[("'-838:59:59'", "\"-838:59:59\""), ("'00:00:00'", "\"00:00:00\""), ("'24:00:00'", "\"24:00:00\"")],
        ),
        case(
            "point",
            "type = \"GeometryPoint\"",
            &[("point(1.5,-2)", "{\"type\":\"Point\",\"coordinates\":[1.5,-2]}")],
        )
        .only_read(),
        case("boolean", "type = \"Boolean\"", &[("0", "false"), ("1", "true")]).no_key(),
        case(
            "char(36)",
            "type = \"String\"\nmax_length = 36\ncollation = \"folding\"",
            &[("'a'", "\"a\""), ("'b'", "\"b\"")],
        ),
        case("bit(8)", "type = \"Byte\"", &[("0", "0"), ("255", "255")]),
        case(
            "varchar(10) collate utf8mb4_bin",
            "type = \"String\"\nmax_length = 10\ncollation = \"folding\"",
            &[("'A'", "\"A\""), ("'a'", "\"a\""), ("'a x'", "\"a x\"")],
        ),
        case("text compressed", "type = \"String\"\nmax_length = 65535\ncollation = \"folding\"", &[("'a'", "\"a\"")]),
        case(
            "set('x','y')",
            "type = \"String\"\nmax_length = 3\ncast = true\ncollation = \"folding\"",
            &[("''", "\"\""), ("'y,x'", "\"x,y\""), ("'y'", "\"y\"")],
        ),
        case(
            "json",
            "type = \"String\"\ncast = true\ncollation = \"folding\"",
            &[("'[1, 2]'", "\"[1, 2]\""), ("'{}'", "\"{}\"")],
        ),
        case("binary(16)", "type = \"Binary\"\nmax_length = 16", &[("x'00'", "\"AAAAAAAAAAAAAAAAAAAAAA==\"")]).no_key(),
        case(
            "inet4",
            "type = \"String\"\ncast = true",
            &[("'10.0.0.1'", "\"10.0.0.1\""), ("'9.0.0.1'", "\"9.0.0.1\"")],
        ),
        case("inet6", "type = \"String\"\ncast = true", &[("'2001:DB8::1'", "\"2001:db8::1\""), ("'::1'", "\"::1\"")]),
        case("blob", "type = \"Binary\"\nmax_length = 65535", &[("x''", "\"\""), ("x'00ff'", "\"AP8=\"")]).no_key(),
        case(
            "datetime",
            "type = \"DateTimeOffset\"\nprecision = 0\nstored = \"local\"",
            &[("'2024-02-29 23:59:59'", "\"2024-02-29T23:59:59Z\"")],
        ),
        case(
            "datetime(6)",
            "type = \"DateTimeOffset\"\nstored = \"local\"",
            &[("'2024-02-29 23:59:59.5'", "\"2024-02-29T23:59:59.5Z\"")],
        ),
        case("time", "type = \"TimeOfDay\"\nprecision = 0", &[("'23:59:59'", "\"23:59:59\"")]),
    ]
}
