-- Many hosts may have the same port or name: what is valid on one of them alone is found without
-- looking at the others. The part of a host's name before the first dot; '' for all and for groups.

CREATE INDEX site_record_host_ports ON site_record (
    CASE WHEN substr(scope, 1, 5) = 'host:'
         THEN lower(substr(scope, 6, instr(scope || '.', '.') - 6)) ELSE '' END,
    reach, first_port);

CREATE INDEX site_record_host_name ON site_record (
    CASE WHEN substr(scope, 1, 5) = 'host:'
         THEN lower(substr(scope, 6, instr(scope || '.', '.') - 6)) ELSE '' END,
    name);
