CREATE FUNCTION micros(bigint) RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT $1 * interval '1 microsecond' $$;
CREATE TABLE vehicles (
    id int PRIMARY KEY, kind varchar(10), plate varchar(12) NOT NULL UNIQUE, colour int, equipment smallint NOT NULL,
    tags jsonb, shift_start time(3), idle interval, position point, photo bytea, photo_type varchar(40),
    load_kg numeric(10,2), litres bigint, seats smallint,
    stop_street varchar(60), stop_city varchar(60), stop_country varchar(2), stop_dialling int, guide_id int);
CREATE TABLE drivers (
    id int PRIMARY KEY, name varchar(60) NOT NULL, born date, licence uuid NOT NULL UNIQUE, grade varchar(20) NOT NULL,
    home_street varchar(60), home_city varchar(60), home_country varchar(2), home_dialling int,
    office_country varchar(2) NOT NULL, office_dialling int, favourites text, scores json);
CREATE TABLE vehicle_drivers (vehicle_id int NOT NULL, driver_id int NOT NULL, PRIMARY KEY (vehicle_id, driver_id));
CREATE TABLE trips (vehicle_id int NOT NULL, trip_no int NOT NULL, took interval, PRIMARY KEY (vehicle_id, trip_no));
CREATE TABLE documents (
    id int PRIMARY KEY, title varchar(60), mime_type varchar(40) NOT NULL, version int NOT NULL, content bytea,
    thumbnail bytea);
CREATE TABLE parties (id bigint PRIMARY KEY, kind smallint, name varchar(60), born date, capital numeric(18,2));
CREATE TABLE depot (code varchar(4) PRIMARY KEY, opened timestamptz, manager_id int);
CREATE TABLE articles (
    id int PRIMARY KEY, title varchar(80) NOT NULL, body varchar(400), secret varchar(40),
    words tsvector GENERATED ALWAYS AS (to_tsvector('simple', title || ' ' || coalesce(body, ''))) STORED);
CREATE INDEX articles_words ON articles USING gin (words);
CREATE TABLE samples (
    id int PRIMARY KEY, a_boolean boolean, a_byte smallint, a_sbyte smallint, a_int16 smallint, a_int32 int,
    a_int64 bigint, a_single real, a_double double precision, a_decimal numeric(20,4), a_string varchar(40),
    a_guid uuid, a_date date, a_instant timestamptz, a_time time, a_duration interval, a_binary bytea,
    a_geography point, a_geometry text);
