-- Rows for every database. The loader spells three things anew where a database needs it: bytes as x'00ff', points as
-- point(1,2), and durations as micros(1). Decimals stand in quotes, so that none becomes a floating-point number.
INSERT INTO drivers VALUES
    (1, 'Ada Lovelace', '1985-12-10', '3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'Senior',
        'Seestrasse 1', 'Zürich', 'CH', 41, 'CH', 41, '["Red","White"]', '[1,9007199254740993,null]'),
    (2, 'Boris', '1990-01-31', '3f2504e0-4f89-11d3-9a0c-0305e82c3302', 'Trainee',
        NULL, 'Bern', 'CH', NULL, 'DE', NULL, '[]', NULL),
    (3, 'Chloé O''Neil', NULL, '3f2504e0-4f89-11d3-9a0c-0305e82c3303', 'Senior',
        NULL, NULL, NULL, NULL, 'FR', 33, NULL, '[-5]');
INSERT INTO vehicles VALUES
    (1, 'truck', 'ZH 1', 1, 0, '["old","blue, a bit"]', '06:30:00.000', micros(5400000000), point(8.54,47.37),
        x'89504e470d0a1a0a', 'image/png', '7500.50', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (2, 'tanker', 'ZH 2', 2, 3, '[]', '23:59:59.999', micros(0), point(-0.5,0), NULL, NULL,
        '12000.00', 30000, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, 'milk', 'BE 3', 5, 4, NULL, NULL, micros(-500000), NULL, NULL, NULL,
        '9000.00', 9007199254740993, NULL, NULL, NULL, NULL, NULL, NULL),
    (4, 'bus', 'BE 4', NULL, 7, '["new"]', '00:00:00.000', micros(93784500000), NULL, x'ffd8ff', 'image/jpeg',
        NULL, NULL, 48, 'Bahnhofplatz', 'Bern', 'CH', 41, 1),
    (5, 'bus', 'GE 5', 9, 8, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (6, 'boat', 'GE 6', 1, 0, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (7, NULL, 'GE 7', NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO vehicle_drivers VALUES (1, 1), (1, 2), (2, 1), (4, 3);
INSERT INTO trips VALUES
    (1, 1, micros(3600000000)), (1, 2, micros(1500)), (1, 3, NULL), (2, 1, micros(86400000000)), (4, 1, micros(60000000));
INSERT INTO documents VALUES
    (1, 'A text', 'text/plain', 3, x'48c3a96c6c6f', NULL),
    (2, 'A picture', 'image/png', 1, x'89504e470d0a1a0a', x'89504e47'),
    (3, NULL, 'application/octet-stream', 7, NULL, x'');
INSERT INTO parties VALUES
    (1, 1, 'Ada', '1985-12-10', NULL),
    (2, 2, 'Lovelace AG', NULL, '100000.00'),
    (3, 3, 'Verein', NULL, NULL),
    (4, 9, 'Of no kind', NULL, NULL),
    (5, NULL, 'Of none at all', NULL, NULL);
INSERT INTO depot VALUES ('ZH', '2020-02-29 08:00:00', 1);
INSERT INTO articles (id, title, body, secret) VALUES
    (1, 'Brake fluid', 'Change the fluid of every truck once a year.', 'margin'),
    (2, 'Winter tyres', 'Tyres for snow and ice; no fluid needed.', 'price'),
    (3, 'Red paint', NULL, 'fluid'),
    (4, 'Café at the depot', 'Open from six.', NULL);
INSERT INTO samples VALUES
    (1, true, 255, -128, -32768, -2147483648, -9223372036854775807, 0.5, 0.1, '1234567890123456.7890', 'ü😀 ''"',
        '3f2504e0-4f89-11d3-9a0c-0305e82c3301', '0001-01-01', '1969-12-31 23:59:59.999999', '12:30:00.500000',
        micros(93784500000), x'00ff41', point(8.54,47.37), 'POINT(1 -2.5)'),
    (2, false, 0, 127, 32767, 2147483647, 9223372036854775807, -0.25, -1e100, '-0.0001', '',
        '00000000-0000-0000-0000-000000000000', '9999-12-31', '9999-12-31 23:59:59.000000', '23:59:59.999999',
        micros(-1), x'', point(0,0), 'POINT(0 0)'),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
