-- When each host is looked at next. `looking`: a job looks just now; `wanted`: something was told of the host meanwhile, look again at
-- once; `returned`: it may have begun anew (a connection came back), so it is made fit again; `silent` looks in a row got no answer.
CREATE TABLE IF NOT EXISTS host_watch (
    host_id BIGINT NOT NULL PRIMARY KEY,
    due DATETIME(3) NOT NULL,
    began DATETIME(3) NULL,
    looking BOOLEAN NOT NULL DEFAULT FALSE,
    wanted BOOLEAN NOT NULL DEFAULT FALSE,
    returned BOOLEAN NOT NULL DEFAULT FALSE,
    silent INT NOT NULL DEFAULT 0,
    silent_since DATETIME(3) NULL,
    KEY host_watch_due (due)
) ENGINE = InnoDB;
