-- A session is without a second factor until a code is given in it; whether one is owed is seen at each request, so that a factor that is
-- demanded or set up later is asked for in sessions begun before.
ALTER TABLE session ALTER COLUMN awaits_factor SET DEFAULT TRUE;
UPDATE session SET awaits_factor = TRUE;
