-- User data as sent (base64). Its own table, because lists never read it.
CREATE TABLE IF NOT EXISTS vm_user_data (
    vm_id BIGINT NOT NULL PRIMARY KEY,
    content MEDIUMTEXT CHARACTER SET ascii NOT NULL
);
