-- What people generate has names and descriptions of their own.
ALTER TABLE alert
    MODIFY COLUMN name VARCHAR(255) NOT NULL,
    MODIFY COLUMN detail VARCHAR(1000) NOT NULL;
