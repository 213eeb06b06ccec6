//! The questions: their statements, and how parameters and rows go in and out.

use std::pin::pin;

use futures_util::{TryStreamExt, future};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::Connection;
use crate::json::{self, Kind, Raw};
use Kind::{Bool, Date, Decimal, Int, Moment, Text};

pub(crate) struct Question {
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
    pub(crate) count: Option<&'static str>,
    /// The number of parameters that only the page has, not the count.
    page_only: usize,
    parameters: &'static [Kind],
    set: &'static str,
    columns: &'static [(&'static str, Kind)],
    /// The columns of the children, if there are any.
    children: &'static [(&'static str, Kind)],
}

const LIST: &[(&str, Kind)] = &[
    ("\"Id\":", Int),
    (",\"OrderNo\":", Text),
    (",\"Status\":", Text),
    (",\"OrderDate\":", Date),
    (",\"Total\":", Decimal),
    (",\"Currency\":", Text),
];
const RECORD: &[(&str, Kind)] = &[
    ("\"Id\":", Int),
    (",\"OrderNo\":", Text),
    (",\"AccountId\":", Int),
    (",\"Status\":", Text),
    (",\"OrderDate\":", Date),
    (",\"Total\":", Decimal),
    (",\"Currency\":", Text),
    (",\"ShipCity\":", Text),
    (",\"IsRush\":", Bool),
    (",\"UpdatedAt\":", Moment),
];
const LARGE: &[(&str, Kind)] = &[
    ("\"Id\":", Int),
    (",\"OrderNo\":", Text),
    (",\"AccountId\":", Int),
    (",\"Status\":", Text),
    (",\"OrderDate\":", Date),
    (",\"RequiredDate\":", Date),
    (",\"Total\":", Decimal),
    (",\"Currency\":", Text),
    (",\"Priority\":", Int),
    (",\"IsRush\":", Bool),
    (",\"ShipCity\":", Text),
    (",\"UpdatedAt\":", Moment),
];
const LINES: &[(&str, Kind)] = &[
    ("\"Id\":", Int),
    (",\"OrderId\":", Int),
    (",\"LineNo\":", Int),
    (",\"ProductId\":", Int),
    (",\"Description\":", Text),
    (",\"Quantity\":", Decimal),
    (",\"UnitPrice\":", Decimal),
    (",\"Amount\":", Decimal),
];
const FOUND: &[(&str, Kind)] = &[
    ("\"Id\":", Int),
    (",\"AccountNo\":", Text),
    (",\"Name\":", Text),
    (",\"Email\":", Text),
    (",\"City\":", Text),
    (",\"Country\":", Text),
];
const ACCOUNTS: &[(&str, Kind)] =
    &[("\"Id\":", Int), (",\"Name\":", Text), (",\"Country\":", Text), (",\"AnnualRevenue\":", Decimal)];
const THEIR_ORDERS: &[(&str, Kind)] = &[
    ("\"Id\":", Int),
    (",\"OrderNo\":", Text),
    (",\"OrderDate\":", Date),
    (",\"Total\":", Decimal),
    (",\"Status\":", Text),
];

const PLAIN: Question = Question {
    name: "",
    sql: "",
    count: None,
    page_only: 0,
    parameters: &[],
    set: "Orders",
    columns: &[],
    children: &[],
};

pub(crate) const QUESTIONS: [Question; 9] = [
    Question {
        name: "list",
        sql: "SELECT id, order_no, status, order_date, total, currency FROM orders \
              ORDER BY order_date DESC, id DESC LIMIT 25 OFFSET $1",
        count: Some("SELECT count(*) FROM orders"),
        page_only: 1,
        parameters: &[Int],
        columns: LIST,
        ..PLAIN
    },
    Question {
        name: "list_uncounted",
        sql: "SELECT id, order_no, status, order_date, total, currency FROM orders \
              ORDER BY order_date DESC, id DESC LIMIT 25 OFFSET $1",
        parameters: &[Int],
        columns: LIST,
        ..PLAIN
    },
    Question {
        name: "record",
        sql: "SELECT id, order_no, account_id, status, order_date, total, currency, ship_city, is_rush, updated_at \
              FROM orders WHERE id = $1",
        parameters: &[Int],
        columns: RECORD,
        ..PLAIN
    },
    Question {
        name: "related",
        sql: "SELECT id, order_id, line_no, product_id, description, quantity, unit_price, amount FROM order_lines \
              WHERE order_id = $1 ORDER BY id LIMIT 200",
        parameters: &[Int],
        set: "OrderLines",
        columns: LINES,
        ..PLAIN
    },
    Question {
        name: "filter",
        sql: "SELECT id, order_no, account_id, status, order_date, total, currency, ship_city, is_rush, updated_at \
              FROM orders WHERE order_date >= $1 AND order_date < $2 AND (status = $3 OR status = $4) \
              AND customer_ref LIKE $5 ORDER BY total DESC, id DESC LIMIT 200 OFFSET 40",
        parameters: &[Date, Date, Text, Text, Text],
        columns: RECORD,
        ..PLAIN
    },
    Question {
        name: "page",
        sql: "SELECT id, order_no, account_id, status, order_date, required_date, total, currency, priority, is_rush, \
              ship_city, updated_at FROM orders WHERE id > $1 ORDER BY id LIMIT 2000",
        parameters: &[Int],
        columns: LARGE,
        ..PLAIN
    },
    Question {
        name: "search",
        sql: "SELECT id, account_no, name, email, city, country FROM accounts \
              WHERE name LIKE $1 OR email LIKE $1 OR city LIKE $1 ORDER BY id LIMIT 25",
        parameters: &[Text],
        set: "Accounts",
        columns: FOUND,
        ..PLAIN
    },
    Question {
        name: "count",
        sql: "SELECT id FROM invoices WHERE issue_date >= $1 LIMIT 0",
        count: Some("SELECT count(*) FROM invoices WHERE issue_date >= $1"),
        parameters: &[Date],
        set: "Invoices",
        ..PLAIN
    },
    Question {
        name: "expand",
        sql: "SELECT a.id, a.name, a.country, a.annual_revenue, o.id, o.order_no, o.order_date, o.total, o.status \
              FROM (SELECT id, name, country, annual_revenue FROM accounts \
                    WHERE country = $1 AND annual_revenue > $2::int8 ORDER BY id LIMIT 20) a \
              LEFT JOIN LATERAL (SELECT id, order_no, order_date, total, status FROM orders \
                    WHERE account_id = a.id ORDER BY order_date DESC, id DESC LIMIT 5) o ON true \
              ORDER BY a.id, o.order_date DESC, o.id DESC",
        parameters: &[Text, Int],
        set: "Accounts",
        columns: ACCOUNTS,
        children: THEIR_ORDERS,
        ..PLAIN
    },
];

/// Asks one question, page and count at the same time on one connection, and writes the answer.
pub(crate) async fn ask(at: &Connection, place: usize, parts: &[&str]) -> Result<Vec<u8>, tokio_postgres::Error> {
    let question = &QUESTIONS[place];
    let encoded: Vec<json::Parameter> =
        question.parameters.iter().zip(parts).map(|(kind, part)| json::Parameter::read(*kind, part)).collect();
    let parameters: Vec<&(dyn ToSql + Sync)> = encoded.iter().map(|value| value as _).collect();

    let page = async {
        let mut out = Vec::with_capacity(4096);
        if question.columns.is_empty() {
            return Ok((out, 0));
        }
        let rows = at.client.query_raw(&at.pages[place], parameters.iter().copied()).await?;
        let (mut rows, mut number, mut parent) = (pin!(rows), 0, None);
        while let Some(row) = rows.try_next().await? {
            if question.children.is_empty() {
                flat(&mut out, question, &row, number);
            } else {
                nested(&mut out, question, &row, &mut parent);
            }
            number += 1;
        }
        if parent.is_some() {
            out.extend_from_slice(b"]}");
        }
        Ok((out, number))
    };
    let count = async {
        let Some(statement) = &at.counts[place] else { return Ok(None) };
        let parameters = &parameters[question.page_only..];
        at.client.query_one(statement, parameters).await.map(|row| Some(row.get::<_, i64>(0)))
    };
    let ((page, _), count) = future::try_join(page, count).await?;

    let mut out = Vec::with_capacity(page.len() + 200);
    out.extend_from_slice(b"{\"@odata.context\":\"http://127.0.0.1/$metadata#");
    out.extend_from_slice(question.set.as_bytes());
    if question.name == "record" {
        out.extend_from_slice(b"/$entity\",");
        out.extend_from_slice(&page);
        return Ok(out);
    }
    out.push(b'"');
    if let Some(count) = count {
        out.extend_from_slice(b",\"@odata.count\":");
        out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
    }
    out.extend_from_slice(b",\"value\":[");
    out.extend_from_slice(&page);
    out.extend_from_slice(b"]}");
    Ok(out)
}

fn flat(out: &mut Vec<u8>, question: &Question, row: &Row, number: usize) {
    if number > 0 {
        out.push(b',');
    }
    // The members of a single record follow those of the answer.
    if question.name != "record" {
        out.push(b'{');
    }
    columns(out, question.columns, row, 0);
    out.push(b'}');
}

fn nested(out: &mut Vec<u8>, question: &Question, row: &Row, parent: &mut Option<i32>) {
    let id: i32 = row.get(0);
    let same = *parent == Some(id);
    if !same {
        if parent.replace(id).is_some() {
            out.extend_from_slice(b"]},");
        }
        out.push(b'{');
        columns(out, question.columns, row, 0);
        out.extend_from_slice(b",\"Orders\":[");
    }
    let first = question.columns.len();
    if row.get::<_, Option<Raw>>(first).is_some() {
        if same {
            out.push(b',');
        }
        out.push(b'{');
        columns(out, question.children, row, first);
        out.push(b'}');
    }
}

fn columns(out: &mut Vec<u8>, columns: &[(&str, Kind)], row: &Row, first: usize) {
    for (place, (name, kind)) in columns.iter().enumerate() {
        out.extend_from_slice(name.as_bytes());
        json::write(out, *kind, row.get::<_, Option<Raw>>(first + place));
    }
}
