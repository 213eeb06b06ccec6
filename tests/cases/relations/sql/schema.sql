CREATE TABLE customers (
    customer_id INTEGER NOT NULL PRIMARY KEY,
    name VARCHAR(40) NOT NULL,
    region VARCHAR(10),
    deleted BOOLEAN NOT NULL,
    tenant VARCHAR(5) NOT NULL
);
CREATE TABLE orders (
    order_id INTEGER NOT NULL PRIMARY KEY,
    customer_id INTEGER NOT NULL,
    status VARCHAR(3),
    priority SMALLINT,
    price NUMERIC(12, 2) NOT NULL,
    quantity INTEGER,
    deleted BOOLEAN NOT NULL
);
CREATE TABLE tags (
    tag_id INTEGER NOT NULL PRIMARY KEY,
    name VARCHAR(10) NOT NULL,
    retired BOOLEAN NOT NULL
);
CREATE TABLE order_tags (
    order_id INTEGER NOT NULL,
    tag_id INTEGER NOT NULL,
    PRIMARY KEY (order_id, tag_id)
);
INSERT INTO customers VALUES
    (1, 'Ada', 'N', FALSE, 'CH'),
    (2, 'Bob', 'S', TRUE, 'CH'),
    (3, 'Cyd', 'N', FALSE, 'DE'),
    (4, 'Dot', 'S', FALSE, 'CH'),
    (5, 'Eve', NULL, FALSE, 'CH');
INSERT INTO orders VALUES
    (10, 1, 'O', 1, 10.00, 3, FALSE),
    (11, 1, 'C', 2, 2.50, 4, TRUE),
    (12, 2, 'O', 1, 7.00, 1, FALSE),
    (13, 3, 'X', 3, 1.00, NULL, FALSE),
    (14, 4, 'C', 1, 20.00, 2, FALSE),
    (15, 4, NULL, NULL, 5.00, 10, FALSE),
    (16, 1, 'D', 2, 4.00, 5, FALSE);
INSERT INTO tags VALUES (1, 'red', FALSE), (2, 'old', TRUE), (3, 'big', FALSE);
INSERT INTO order_tags VALUES (10, 1), (10, 2), (14, 2), (14, 3), (11, 1);
