CREATE TABLE vehicles (
    id int PRIMARY KEY, kind varchar(10), plate varchar(12) NOT NULL UNIQUE, colour int, equipment smallint NOT NULL,
    tags json, shift_start time(3), idle bigint, position point, photo longblob, photo_type varchar(40),
    load_kg decimal(10,2), litres bigint, seats smallint,
    stop_street varchar(60), stop_city varchar(60), stop_country varchar(2), stop_dialling int, guide_id int)
    COLLATE utf8mb4_bin;
CREATE TABLE drivers (
    id int PRIMARY KEY, name varchar(60) NOT NULL, born date, licence uuid NOT NULL UNIQUE, grade varchar(20) NOT NULL,
    home_street varchar(60), home_city varchar(60), home_country varchar(2), home_dialling int,
    office_country varchar(2) NOT NULL, office_dialling int, favourites json, scores json)
    COLLATE utf8mb4_bin;
CREATE TABLE vehicle_drivers (vehicle_id int NOT NULL, driver_id int NOT NULL, PRIMARY KEY (vehicle_id, driver_id));
CREATE TABLE trips (vehicle_id int NOT NULL, trip_no int NOT NULL, took bigint, PRIMARY KEY (vehicle_id, trip_no));
CREATE TABLE documents (
    id int PRIMARY KEY, title varchar(60), mime_type varchar(40) NOT NULL, version int NOT NULL, content longblob,
    thumbnail blob)
    COLLATE utf8mb4_bin;
CREATE TABLE parties (id bigint PRIMARY KEY, kind tinyint unsigned, name varchar(60), born date, capital decimal(18,2))
    COLLATE utf8mb4_bin;
CREATE TABLE depot (code varchar(4) PRIMARY KEY, opened datetime, manager_id int) COLLATE utf8mb4_bin;
CREATE TABLE articles (
    id int PRIMARY KEY, title varchar(80) NOT NULL, body varchar(400), secret varchar(40), FULLTEXT (title, body))
    COLLATE utf8mb4_bin;
CREATE TABLE samples (
    id int PRIMARY KEY, a_boolean boolean, a_byte tinyint unsigned, a_sbyte tinyint, a_int16 smallint, a_int32 int,
    a_int64 bigint, a_single float, a_double double, a_decimal decimal(20,4), a_string varchar(40), a_guid uuid,
    a_date date, a_instant datetime(6), a_time time(6), a_duration bigint, a_binary varbinary(40), a_geography point,
    a_geometry varchar(60))
    COLLATE utf8mb4_bin;
