-- The warehouse of the demo, for SQLite.
-- Decimals are TEXT, for SQLite's numbers keep 15 digits only; instants are TEXT `YYYY-MM-DD HH:MM:SS.ffffff` in UTC,
-- dates TEXT `YYYY-MM-DD`, GUIDs TEXT in lower case, booleans INTEGER 0 and 1.
-- No index holds a decimal: its order needs a collation that plain SQLite tools do not have.

CREATE TABLE shipments (
    shipment_id TEXT NOT NULL,
    order_id INTEGER NOT NULL,
    carrier TEXT,
    tracking_no TEXT,
    shipped_at TEXT,
    weight TEXT,
    PRIMARY KEY (shipment_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock_levels (
    product_id INTEGER NOT NULL,
    site TEXT NOT NULL,
    on_hand INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    counted_on TEXT,
    bin_code TEXT,
    PRIMARY KEY (product_id, site)
) STRICT, WITHOUT ROWID;

-- Indexes: foreign key, order column, key; so lists, related lists and pages need no sort.
CREATE INDEX shipments_order_id_shipped_at ON shipments (order_id, shipped_at, shipment_id);
CREATE INDEX shipments_tracking_no ON shipments (tracking_no, shipment_id);
CREATE INDEX shipments_shipped_at ON shipments (shipped_at, shipment_id);
CREATE INDEX stock_levels_site ON stock_levels (site, product_id);
