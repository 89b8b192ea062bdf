-- Nothing may be added while the account is locked, disabled or on its way out: the counters' own rows say so, because they guard.
ALTER TABLE account_counter ADD COLUMN IF NOT EXISTS is_closed BOOLEAN NOT NULL DEFAULT FALSE;
