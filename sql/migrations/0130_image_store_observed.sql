-- When an image store was last asked how full it is.
ALTER TABLE image_store ADD COLUMN IF NOT EXISTS observed DATETIME(3) NULL;
