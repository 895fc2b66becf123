-- The audit trail only grows, and without holes. Who can write the file can drop these; the chain of
-- hashes is what tells then.

CREATE TRIGGER site_audit_no_update BEFORE UPDATE ON site_audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

CREATE TRIGGER site_audit_no_delete BEFORE DELETE ON site_audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

CREATE TRIGGER site_audit_next BEFORE INSERT ON site_audit
WHEN NEW.number <> (SELECT COALESCE(MAX(number), 0) + 1 FROM site_audit)
BEGIN
    SELECT RAISE(ABORT, 'the audit trail has no holes');
END;

CREATE TRIGGER site_record_no_delete BEFORE DELETE ON site_record
BEGIN
    SELECT RAISE(ABORT, 'records are never deleted');
END;
