CREATE TABLE vehicles (
    id INTEGER PRIMARY KEY, kind TEXT, plate TEXT NOT NULL UNIQUE, colour INTEGER, equipment INTEGER NOT NULL,
    tags TEXT, shift_start TEXT, idle INTEGER, position TEXT, photo BLOB, photo_type TEXT,
    load_kg TEXT, litres INTEGER, seats INTEGER,
    stop_street TEXT, stop_city TEXT, stop_country TEXT, stop_dialling INTEGER, guide_id INTEGER);
CREATE TABLE drivers (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, born TEXT, licence TEXT NOT NULL UNIQUE, grade TEXT NOT NULL,
    home_street TEXT, home_city TEXT, home_country TEXT, home_dialling INTEGER,
    office_country TEXT NOT NULL, office_dialling INTEGER, favourites TEXT, scores TEXT);
CREATE TABLE vehicle_drivers (
    vehicle_id INTEGER NOT NULL, driver_id INTEGER NOT NULL, PRIMARY KEY (vehicle_id, driver_id));
CREATE TABLE trips (
    vehicle_id INTEGER NOT NULL, trip_no INTEGER NOT NULL, took INTEGER, PRIMARY KEY (vehicle_id, trip_no));
CREATE TABLE documents (
    id INTEGER PRIMARY KEY, title TEXT, mime_type TEXT NOT NULL, version INTEGER NOT NULL, content BLOB,
    thumbnail BLOB);
CREATE TABLE parties (id INTEGER PRIMARY KEY, kind INTEGER, name TEXT, born TEXT, capital TEXT);
CREATE TABLE depot (code TEXT PRIMARY KEY, opened TEXT, manager_id INTEGER);
CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT, secret TEXT);
CREATE VIRTUAL TABLE articles_words USING fts5(title, body, content = 'articles', content_rowid = 'id');
CREATE TRIGGER articles_added AFTER INSERT ON articles BEGIN
    INSERT INTO articles_words (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TABLE samples (
    id INTEGER PRIMARY KEY, a_boolean INTEGER, a_byte INTEGER, a_sbyte INTEGER, a_int16 INTEGER, a_int32 INTEGER,
    a_int64 INTEGER, a_single REAL, a_double REAL, a_decimal TEXT, a_string TEXT, a_guid TEXT, a_date TEXT,
    a_instant TEXT, a_time TEXT, a_duration INTEGER, a_binary BLOB, a_geography TEXT, a_geometry TEXT);
