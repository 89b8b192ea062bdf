-- Service and disk offerings by the names that clients look up. Re-runnable: what is there stays as operators left it.
INSERT IGNORE INTO service_offering (uuid, name, display_text, cpu_number, cpu_speed, memory_mib, is_default, created) VALUES
    ('c43afabb-82db-5cab-bf88-6eecb70f7881', 'Small Instance', 'Small Instance', 1, 500, 512, 0, '2025-01-01 00:00:00.000'),
    ('0b733342-dab5-59d5-b329-dc11fd666738', 'Medium Instance', 'Medium Instance', 1, 1000, 1024, 0, '2025-01-01 00:00:00.000');

INSERT IGNORE INTO disk_offering (uuid, name, display_text, disk_size_gib, is_customized, created) VALUES
    ('36ccc965-1509-5340-ac8f-5bb95bd02170', 'Small', 'Small Disk, 5 GB', 5, 0, '2025-01-01 00:00:00.000'),
    ('efd25dbb-ac74-58f6-b598-00498e99476e', 'Medium', 'Medium Disk, 20 GB', 20, 0, '2025-01-01 00:00:00.000'),
    ('cd948b66-34d9-5d4e-b888-a176848dce79', 'Large', 'Large Disk, 100 GB', 100, 0, '2025-01-01 00:00:00.000'),
    ('4692b720-026e-52c2-85dd-d6f5454a178a', 'Custom', 'Custom Disk', 0, 1, '2025-01-01 00:00:00.000');
