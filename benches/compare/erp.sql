-- The data set of the comparison, for PostgreSQL: an ERP of five tables, described by benches/metadata/bench.
--
--     psql -v scale=1 -f erp.sql DATABASE
--
-- At scale 1: 100,000 accounts, 10,000 products, 500,000 orders, 1,500,000 order lines, 300,000 invoices. Every value is
-- cut out of a digest of table and row number, so each run at one scale makes the same rows, on any machine.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET timezone = 'UTC';

CREATE TABLE accounts (
    id integer NOT NULL, account_no varchar(20) NOT NULL, name varchar(120) NOT NULL, industry varchar(40),
    email varchar(120), phone varchar(40), city varchar(60) NOT NULL, country varchar(2) NOT NULL,
    annual_revenue numeric(18, 2), employees integer, is_active boolean NOT NULL, rating varchar(10),
    latitude double precision, description varchar(2000), parent_id integer, external_id uuid NOT NULL,
    created_at timestamptz(3) NOT NULL, updated_at timestamptz(3) NOT NULL);
CREATE TABLE products (
    id integer NOT NULL, sku varchar(20) NOT NULL, name varchar(120) NOT NULL, category varchar(40) NOT NULL,
    description varchar(2000), unit_price numeric(12, 2) NOT NULL, cost numeric(12, 4), weight_kg double precision,
    is_discontinued boolean NOT NULL, launched_on date, external_id uuid NOT NULL, updated_at timestamptz(3) NOT NULL);
CREATE TABLE orders (
    id integer NOT NULL, order_no varchar(20) NOT NULL, account_id integer NOT NULL, status varchar(12) NOT NULL,
    order_date date NOT NULL, required_date date, total numeric(14, 2) NOT NULL, currency varchar(3) NOT NULL,
    priority smallint NOT NULL, is_rush boolean NOT NULL, customer_ref varchar(40), ship_city varchar(60) NOT NULL,
    notes varchar(400), external_id uuid NOT NULL, created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL);
CREATE TABLE order_lines (
    id bigint NOT NULL, order_id integer NOT NULL, line_no smallint NOT NULL, product_id integer NOT NULL,
    description varchar(200) NOT NULL, quantity numeric(12, 3) NOT NULL, unit_price numeric(12, 2) NOT NULL,
    discount_pct numeric(5, 2), amount numeric(14, 2) NOT NULL, is_shipped boolean NOT NULL, shipped_at timestamptz(3),
    updated_at timestamptz(3) NOT NULL);
CREATE TABLE invoices (
    id integer NOT NULL, invoice_no varchar(20) NOT NULL, order_id integer NOT NULL, account_id integer NOT NULL,
    issue_date date NOT NULL, due_date date NOT NULL, paid_at timestamptz(6), status varchar(12) NOT NULL,
    amount numeric(14, 2) NOT NULL, tax numeric(14, 2) NOT NULL, currency varchar(3) NOT NULL,
    is_overdue boolean NOT NULL, memo varchar(400), external_id uuid NOT NULL, updated_at timestamptz(3) NOT NULL);

-- A number below `below` out of the digest, from its hexadecimal digit `at` on; and one word of a list.
CREATE FUNCTION pg_temp.n(digest text, at int, below int) RETURNS int IMMUTABLE LANGUAGE sql
    AS $$ SELECT ('x' || substr(digest, at, 7))::bit(28)::int % below $$;
CREATE FUNCTION pg_temp.word(digest text, at int, words text[]) RETURNS text IMMUTABLE LANGUAGE sql
    AS $$ SELECT words[1 + ('x' || substr(digest, at, 4))::bit(16)::int % array_length(words, 1)] $$;
-- A moment on or after a day.
CREATE FUNCTION pg_temp.moment(digest text, at int, day date) RETURNS timestamptz IMMUTABLE LANGUAGE sql
    AS $$ SELECT day::timestamp AT TIME ZONE 'UTC' + ('x' || substr(digest, at, 7))::bit(28)::int % 86400000 * interval '1 ms' $$;

INSERT INTO accounts
SELECT i, 'A-' || lpad(i::text, 7, '0'),
    CASE i WHEN 1 THEN 'O''Hara & "Sons"' WHEN 2 THEN '100 % Wolle_Seide' WHEN 3 THEN E'Back\\slash' WHEN 4 THEN '東京商事'
        ELSE concat_ws(' ', owner, trade, pg_temp.word(h, 1, '{GmbH,AG,Ltd,Inc,SpA,AB,BV}')) END,
    pg_temp.word(h, 3, '{Retail,Energy,Transport,Food,Chemistry,Health,Finance,NULL}'),
    CASE WHEN pg_temp.n(h, 5, 10) > 0 THEN lower(owner) || i || '@' || lower(trade) || '.example' END,
    CASE WHEN pg_temp.n(h, 6, 5) > 0 THEN '+49 30 ' || pg_temp.n(h, 7, 9999999) END,
    pg_temp.word(h, 8, '{Hamburg,Köln,Graz,Zürich,Lyon,Porto,Gdańsk,Ostrava,Malmö,Bergen,Leeds,Austin,Osaka,Turin,Gent}'),
    pg_temp.word(h, 10, '{DE,DE,DE,AT,CH,FR,PT,PL,CZ,SE,NO,GB,US,US,JP,IT}'),
    CASE WHEN pg_temp.n(h, 12, 6) > 0 THEN pg_temp.n(h, 13, 90000000) + pg_temp.n(h, 14, 100) / 100.0 END,
    CASE WHEN pg_temp.n(h, 15, 7) > 0 THEN pg_temp.n(h, 16, 150000) END, pg_temp.n(h, 17, 8) > 0,
    pg_temp.word(h, 18, '{Hot,Warm,Cold,NULL}'), CASE WHEN pg_temp.n(h, 19, 4) > 0 THEN pg_temp.n(h, 20, 9000000) / 1e5 END,
    CASE WHEN pg_temp.n(h, 21, 3) > 0 THEN format('%s has supplied %s since %s.', owner, lower(trade), 1950 + pg_temp.n(h, 22, 70)) END,
    CASE WHEN i > 100 AND pg_temp.n(h, 23, 4) = 0 THEN 1 + pg_temp.n(h, 24, 100) END, h::uuid,
    pg_temp.moment(h, 25, date '2021-01-01' + pg_temp.n(h, 26, 1000)), pg_temp.moment(h, 2, date '2024-01-01' + pg_temp.n(h, 4, 900))
FROM (SELECT i, h, pg_temp.word(h, 27, '{Adler,Birk,Castor,Dorn,Esche,Falke,Garbe,Hirsch,Ibis,Juno,Kranich,Linde,Marder,Nessel,Otter,Pirol,Quitte,Reiher,Salbei,Tanne}') AS owner,
        pg_temp.word(h, 29, '{Logistics,Foods,Optics,Paper,Metal,Textil,Marine,Pumps,Labs,Tools,Glass,Seeds}') AS trade
    FROM (SELECT i, md5('account ' || i) AS h FROM generate_series(1, greatest(200, (100000 * :scale)::int)) AS i) AS row) AS row;

INSERT INTO products
SELECT i, 'P-' || lpad(i::text, 6, '0'), name, pg_temp.word(h, 5, '{Valves,Cables,Sensors,Paint,Seals,Pumps,Tools}'),
    CASE WHEN pg_temp.n(h, 7, 3) > 0 THEN name || ', tested, ' || pg_temp.n(h, 8, 500) || ' mm' END, (50 + pg_temp.n(h, 9, 200000)) / 100.0,
    CASE WHEN pg_temp.n(h, 10, 5) > 0 THEN pg_temp.n(h, 11, 9000000) / 1e4 END,
    CASE WHEN pg_temp.n(h, 12, 5) > 0 THEN pg_temp.n(h, 13, 900000) / 1e3 END, pg_temp.n(h, 14, 10) = 0,
    CASE WHEN pg_temp.n(h, 15, 6) > 0 THEN date '2015-01-01' + pg_temp.n(h, 16, 4000) END, h::uuid,
    pg_temp.moment(h, 17, date '2024-01-01' + pg_temp.n(h, 18, 900))
FROM (SELECT i, h, concat_ws(' ', pg_temp.word(h, 1, '{Brass,Steel,Compact,Heavy,Eco,Modular}'), pg_temp.word(h, 3, '{Bolt,Pump,Valve,Cable,Gasket,Crate}'), pg_temp.n(h, 20, 9999)) AS name
    FROM (SELECT i, md5('product ' || i) AS h FROM generate_series(1, greatest(100, (10000 * :scale)::int)) AS i) AS row) AS row;

-- Dates rise with the numbers, roughly, as those of a running business do. One order in four is of the first hundredth
-- of the accounts.
INSERT INTO orders
SELECT i, 'SO-' || lpad(i::text, 8, '0'),
    1 + CASE WHEN pg_temp.n(h, 1, 4) = 0 THEN pg_temp.n(h, 2, greatest(1, accounts / 100)) ELSE pg_temp.n(h, 2, accounts) END,
    pg_temp.word(h, 4, '{Draft,Open,Open,Held,Shipped,Shipped,Invoiced,Invoiced,Closed,Closed,Closed,Closed,Closed,Closed,Closed,Cancelled}'),
    day, CASE WHEN pg_temp.n(h, 5, 4) > 0 THEN day + 3 + pg_temp.n(h, 6, 40) END, pg_temp.n(h, 7, 5000000) / 100.0,
    pg_temp.word(h, 9, '{EUR,EUR,EUR,EUR,USD,USD,GBP,CHF,JPY}'), pg_temp.n(h, 11, 5), pg_temp.n(h, 12, 10) = 0,
    CASE WHEN pg_temp.n(h, 13, 5) > 0 THEN format('PO-%s/%s%s', pg_temp.n(h, 14, 100000), chr(65 + pg_temp.n(h, 15, 6)), pg_temp.n(h, 16, 1000)) END,
    pg_temp.word(h, 17, '{Hamburg,Köln,Graz,Zürich,Lyon,Porto,Gdańsk,Ostrava,Malmö,Bergen,Leeds,Austin,Osaka,Turin,Gent}'),
    CASE WHEN pg_temp.n(h, 19, 10) > 6 THEN 'Deliver to gate ' || pg_temp.n(h, 20, 9) || ', before noon' END, h::uuid,
    pg_temp.moment(h, 21, day), pg_temp.moment(h, 22, day + pg_temp.n(h, 23, 60))
FROM (SELECT i, h, accounts, date '2022-01-01' + (i::bigint * 1700 / orders)::int + pg_temp.n(h, 24, 20) AS day
    FROM (SELECT i, md5('order ' || i) AS h, orders, (SELECT count(*)::int FROM accounts) AS accounts
        FROM (SELECT greatest(4000, (500000 * :scale)::int) AS orders) AS size, generate_series(1, orders) AS i) AS row) AS row;

-- One to five lines for each order, three on the average.
INSERT INTO order_lines
SELECT row_number() OVER (ORDER BY order_id, line), order_id, line, 1 + pg_temp.n(h, 1, products),
    pg_temp.word(h, 3, '{Brass,Steel,Compact,Heavy,Eco,Modular}') || ' part ' || pg_temp.n(h, 5, 9999), quantity, price, discount,
    round(quantity * price * (100 - coalesce(discount, 0)) / 100, 2), shipped,
    CASE WHEN shipped THEN pg_temp.moment(h, 6, order_date + 5) END, pg_temp.moment(h, 7, order_date + pg_temp.n(h, 8, 60))
FROM (SELECT *, pg_temp.n(h, 9, 100000) / 1000.0 AS quantity, (50 + pg_temp.n(h, 11, 90000)) / 100.0 AS price,
        CASE WHEN pg_temp.n(h, 13, 3) = 0 THEN pg_temp.n(h, 14, 3000) / 100.0 END AS discount, pg_temp.n(h, 15, 3) > 0 AS shipped
    FROM (SELECT id AS order_id, order_date, line, md5('line ' || id || ' ' || line) AS h, (SELECT count(*)::int FROM products) AS products
        FROM orders, generate_series(1, 1 + id % 5) AS line) AS row) AS row;

-- Of each five orders, three have an invoice.
INSERT INTO invoices
SELECT row_number() OVER (ORDER BY id), 'IN-' || lpad(id::text, 8, '0'), id, account_id, order_date + 7, order_date + 37,
    CASE WHEN paid THEN pg_temp.moment(h, 1, order_date + 10 + pg_temp.n(h, 2, 40)) + pg_temp.n(h, 3, 1000) * interval '1 us' END,
    CASE WHEN paid THEN 'Paid' ELSE 'Sent' END, total, round(total * 0.19, 2), currency, NOT paid AND pg_temp.n(h, 5, 2) = 0,
    CASE WHEN pg_temp.n(h, 6, 4) = 0 THEN 'Terms as agreed, order ' || order_no END, h::uuid, pg_temp.moment(h, 7, order_date + 7)
FROM (SELECT *, md5('invoice ' || id) AS h, id % 7 > 1 AS paid FROM orders WHERE id % 5 < 3) AS row;

ALTER TABLE accounts ADD PRIMARY KEY (id);
CREATE INDEX ON accounts (country, annual_revenue);
ALTER TABLE products ADD PRIMARY KEY (id);
ALTER TABLE orders ADD PRIMARY KEY (id), ADD FOREIGN KEY (account_id) REFERENCES accounts;
CREATE INDEX ON orders (account_id);
CREATE INDEX ON orders (order_date);
ALTER TABLE order_lines ADD PRIMARY KEY (id), ADD FOREIGN KEY (order_id) REFERENCES orders, ADD FOREIGN KEY (product_id) REFERENCES products;
CREATE INDEX ON order_lines (order_id);
CREATE INDEX ON order_lines (product_id);
ALTER TABLE invoices ADD PRIMARY KEY (id), ADD FOREIGN KEY (order_id) REFERENCES orders, ADD FOREIGN KEY (account_id) REFERENCES accounts;
CREATE INDEX ON invoices (order_id);
CREATE INDEX ON invoices (account_id);
CREATE INDEX ON invoices (issue_date);
VACUUM ANALYZE;
