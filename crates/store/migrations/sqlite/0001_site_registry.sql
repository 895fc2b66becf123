-- The site registry: its records, and the trail of what was done to them.

CREATE TABLE site_record (
    id         INTEGER PRIMARY KEY NOT NULL CHECK (id > 0),
    version    BIGINT  NOT NULL CHECK (version > 0),
    status     TEXT    NOT NULL,
    -- The service name in lower case; NULL where there is none.
    name       TEXT,
    first_port BIGINT,
    last_port  BIGINT,
    -- How many ports it has, rounded up to a power of two: a search for what covers a port looks at
    -- each power apart, and so never further below the port than the runs of that length reach.
    reach      BIGINT,
    scope      TEXT    NOT NULL,
    reuses     BIGINT,
    -- The whole record in JSON; the other columns repeat it for searching.
    content    TEXT    NOT NULL
);

CREATE INDEX site_record_name ON site_record (name);
CREATE INDEX site_record_ports ON site_record (reach, first_port);
CREATE INDEX site_record_reuses ON site_record (reuses);

CREATE TABLE site_audit (
    number   INTEGER PRIMARY KEY NOT NULL CHECK (number > 0),
    taken_at TEXT    NOT NULL,
    taken_by TEXT    NOT NULL,
    step     TEXT    NOT NULL,
    why      TEXT    NOT NULL,
    record   BIGINT  NOT NULL REFERENCES site_record (id),
    content  TEXT    NOT NULL,
    previous TEXT    NOT NULL,
    hash     TEXT    NOT NULL
);

CREATE INDEX site_audit_record ON site_audit (record, number);
