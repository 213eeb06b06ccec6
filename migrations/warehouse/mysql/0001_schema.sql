-- The warehouse of the demo, for MariaDB and MySQL 8.
-- utf8mb4_bin tells letter case, accents and width apart and exists in both; it still ignores trailing blanks, and the
-- collation that does not (utf8mb4_nopad_bin) exists in MariaDB only.
-- Instants are datetime(6) in UTC: timestamp ends in 2038.

CREATE TABLE shipments (
    shipment_id char(36) NOT NULL,
    order_id int NOT NULL,
    carrier varchar(40),
    tracking_no varchar(40),
    shipped_at datetime(6),
    weight decimal(12,3),
    PRIMARY KEY (shipment_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE stock_levels (
    product_id int NOT NULL,
    site varchar(10) NOT NULL,
    on_hand bigint NOT NULL,
    reserved bigint NOT NULL,
    counted_on date,
    bin_code varchar(20),
    PRIMARY KEY (product_id, site)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Indexes: foreign key, order column, key; so lists, related lists and pages need no sort.
CREATE INDEX shipments_order_id_shipped_at ON shipments (order_id, shipped_at, shipment_id);
CREATE INDEX shipments_tracking_no ON shipments (tracking_no, shipment_id);
CREATE INDEX shipments_shipped_at ON shipments (shipped_at, shipment_id);
CREATE INDEX stock_levels_site ON stock_levels (site, product_id);
