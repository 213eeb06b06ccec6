CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TYPE hue AS ENUM ('White', 'Red', 'Black');
CREATE TABLE tours (id int PRIMARY KEY, stops text[], days date[], colours int[], start point, name varchar(40));
CREATE INDEX tours_name ON tours USING gin (name gin_trgm_ops);
INSERT INTO tours VALUES
    (1, ARRAY['Zürich', 'a "quoted" stop', 'back\slash'], ARRAY['2024-02-29', NULL]::date[], '{1,5}', point(8.54, 47.37),
        'Around the lake'),
    (2, '{}', NULL, '{}', NULL, 'Nowhere'),
    (3, NULL, '{2024-01-01}', '{9}', point(-0.5, 0), NULL);
CREATE FUNCTION tour_length(tour int) RETURNS int LANGUAGE sql STABLE AS
    $$ SELECT cardinality(stops) FROM tours WHERE id = tour $$;
CREATE PROCEDURE shift_tour(tour int, by_days int) LANGUAGE sql AS
    $$ UPDATE tours SET days = (SELECT array_agg(day + by_days) FROM unnest(days) AS day) WHERE id = tour $$;
