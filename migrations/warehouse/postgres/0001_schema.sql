-- The warehouse of the demo, for PostgreSQL.
-- Texts are ordered by code point (COLLATE "C"), whatever the database's own collation: the same order as in the other
-- databases of the demo, and the indexes serve prefix searches. Nullable columns are indexed with nulls lowest, the
-- order that OData wants.

CREATE TABLE shipments (
    shipment_id uuid NOT NULL,
    order_id integer NOT NULL,
    carrier varchar(40) COLLATE "C",
    tracking_no varchar(40) COLLATE "C",
    shipped_at timestamptz(6),
    weight numeric(12,3),
    PRIMARY KEY (shipment_id)
);

CREATE TABLE stock_levels (
    product_id integer NOT NULL,
    site varchar(10) COLLATE "C" NOT NULL,
    on_hand bigint NOT NULL,
    reserved bigint NOT NULL,
    counted_on date,
    bin_code varchar(20) COLLATE "C",
    PRIMARY KEY (product_id, site)
);

-- Indexes: foreign key, order column, key; so lists, related lists and pages need no sort.
CREATE INDEX shipments_order_id_shipped_at ON shipments (order_id, shipped_at NULLS FIRST, shipment_id);
CREATE INDEX shipments_tracking_no ON shipments (tracking_no NULLS FIRST, shipment_id);
CREATE INDEX shipments_shipped_at ON shipments (shipped_at NULLS FIRST, shipment_id);
CREATE INDEX stock_levels_site ON stock_levels (site, product_id);
