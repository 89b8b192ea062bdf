-- Guest OS types and categories by the names that clients look up. Re-runnable: what is there stays.
INSERT IGNORE INTO os_category (uuid, name, sort_key, featured, created) VALUES
    ('f95c2e08-9cee-50e7-8192-5b2cef9ca764', 'CentOS', 0, 1, '2025-01-01 00:00:00.000'),
    ('2517b83b-2d20-5f3e-af37-dc2f970b4aed', 'Debian', 1, 1, '2025-01-01 00:00:00.000'),
    ('0496d3cd-6e51-5a7c-be9e-3444a356544e', 'Oracle', 2, 0, '2025-01-01 00:00:00.000'),
    ('5c33cf07-4225-5b78-8ba2-8da32101b9fd', 'RedHat', 3, 0, '2025-01-01 00:00:00.000'),
    ('b378c2b8-88c5-5855-9d78-846c3d067b28', 'SUSE', 4, 0, '2025-01-01 00:00:00.000'),
    ('9bce04a0-a49f-550c-bda7-a2a8635ce296', 'Windows', 5, 1, '2025-01-01 00:00:00.000'),
    ('1a092eef-be39-5e16-b7e1-558a959a84d5', 'Other', 6, 0, '2025-01-01 00:00:00.000'),
    ('0cd8f1f4-2dbf-51eb-81b4-c5808ebf28c0', 'Novel', 7, 0, '2025-01-01 00:00:00.000'),
    ('a6d9ed36-fdb5-5c52-a853-f7a97ae84802', 'Unix', 8, 0, '2025-01-01 00:00:00.000'),
    ('3e326aa2-8f1a-51f1-af72-e6e3cab5d12a', 'Ubuntu', 9, 1, '2025-01-01 00:00:00.000'),
    ('e35d1dac-c443-53f4-82ab-d5156a0a6a4f', 'Fedora', 10, 0, '2025-01-01 00:00:00.000'),
    ('16781dc2-cfad-595b-b032-8b81f5139ccb', 'Alpine Linux', 11, 0, '2025-01-01 00:00:00.000'),
    ('2f0aaed6-8b90-547d-82a6-f5701ece59d3', 'Rocky Linux', 12, 0, '2025-01-01 00:00:00.000'),
    ('545ace89-f8b8-5858-9665-3639302bbdb8', 'AlmaLinux', 13, 0, '2025-01-01 00:00:00.000');

INSERT IGNORE INTO os_type (uuid, category_id, description) VALUES
    ('ee4810e7-9dd9-569f-8c4e-f205cf6433ca', (SELECT id FROM os_category WHERE name = 'CentOS'), 'CentOS 7'),
    ('297f6217-b3c7-55d9-88c3-e1044719dea6', (SELECT id FROM os_category WHERE name = 'CentOS'), 'CentOS 8'),
    ('76c201e3-b6cb-5ce5-bd17-943c7e8e0337', (SELECT id FROM os_category WHERE name = 'CentOS'), 'CentOS Stream 9'),
    ('6dce46a9-7697-5754-9d03-be9719361884', (SELECT id FROM os_category WHERE name = 'CentOS'), 'CentOS Stream 10'),
    ('d145416c-6d82-5fe1-a09d-c0566abb38bd', (SELECT id FROM os_category WHERE name = 'CentOS'), 'CentOS 5.3 (64-bit)'),
    ('891fd733-2c43-5900-bb2c-a385c1ed7a96', (SELECT id FROM os_category WHERE name = 'CentOS'), 'CentOS 5.5 (64-bit)'),
    ('305010de-ccc0-5671-8945-ff6ada97fe57', (SELECT id FROM os_category WHERE name = 'CentOS'), 'CentOS 5.6 (64-bit)'),
    ('58f85804-3434-533e-a5b1-a48d01fb74b3', (SELECT id FROM os_category WHERE name = 'CentOS'), 'CentOS 6.4 (64-bit)');
INSERT IGNORE INTO os_type (uuid, category_id, description) VALUES
    ('8916be9d-9699-5690-a448-53b3aa0fc267', (SELECT id FROM os_category WHERE name = 'Debian'), 'Debian GNU/Linux 10 (64-bit)'),
    ('9ffe37df-aafd-591f-8f27-67cade29ef24', (SELECT id FROM os_category WHERE name = 'Debian'), 'Debian GNU/Linux 11 (64-bit)'),
    ('2595dad6-ab4d-5ff7-81f4-be08cfd9adc4', (SELECT id FROM os_category WHERE name = 'Debian'), 'Debian GNU/Linux 12 (64-bit)'),
    ('997c8783-1e56-5942-bdfc-9b7f0564bf53', (SELECT id FROM os_category WHERE name = 'Debian'), 'Debian GNU/Linux 13 (64-bit)');
INSERT IGNORE INTO os_type (uuid, category_id, description) VALUES
    ('7019603a-088c-539a-bf1d-9f75c5922df2', (SELECT id FROM os_category WHERE name = 'Oracle'), 'Oracle Linux 8'),
    ('41adcec5-f547-557e-bc75-0a7d823b2928', (SELECT id FROM os_category WHERE name = 'Oracle'), 'Oracle Linux 9');
INSERT IGNORE INTO os_type (uuid, category_id, description) VALUES
    ('64059dcd-d253-578a-87ef-f2ee0501f561', (SELECT id FROM os_category WHERE name = 'RedHat'), 'Red Hat Enterprise Linux 7'),
    ('a3f3563e-fa9e-530b-a886-18cfbb91619e', (SELECT id FROM os_category WHERE name = 'RedHat'), 'Red Hat Enterprise Linux 8'),
    ('88445d96-5aee-54e5-9481-3de06083d136', (SELECT id FROM os_category WHERE name = 'RedHat'), 'Red Hat Enterprise Linux 9');
INSERT IGNORE INTO os_type (uuid, category_id, description) VALUES
    ('cd18ff92-391b-52a6-85d0-85c0cd579f5f', (SELECT id FROM os_category WHERE name = 'SUSE'), 'SUSE Linux Enterprise Server 12 (64-bit)'),
    ('521a2341-4299-5f1c-b1e0-2676a804c343', (SELECT id FROM os_category WHERE name = 'SUSE'), 'SUSE Linux Enterprise Server 15 (64-bit)'),
    ('4909f78f-cb80-5b0e-9daa-58e99f28e29e', (SELECT id FROM os_category WHERE name = 'SUSE'), 'openSUSE Leap 15 (64-bit)');
INSERT IGNORE INTO os_type (uuid, category_id, description) VALUES
    ('c4270dc2-4f22-5e80-b84c-4b3e768f1fc0', (SELECT id FROM os_category WHERE name = 'Windows'), 'Windows 10 (64-bit)'),
    ('46ba8e46-fb47-5f8f-b489-aeb07a1de995', (SELECT id FROM os_category WHERE name = 'Windows'), 'Windows 11 (64-bit)'),
    ('a12010eb-69b7-51e1-87c7-6226654025bd', (SELECT id FROM os_category WHERE name = 'Windows'), 'Windows Server 2016 (64-bit)'),
    ('29de55a2-90b3-5a31-8798-fab920731be4', (SELECT id FROM os_category WHERE name = 'Windows'), 'Windows Server 2019 (64-bit)'),
    ('5c8d9c79-ffc4-5c9a-86ff-68bd01f00d0e', (SELECT id FROM os_category WHERE name = 'Windows'), 'Windows Server 2022 (64-bit)'),
    ('27b18fbf-4b58-5c36-9a8d-56d73d0379b2', (SELECT id FROM os_category WHERE name = 'Windows'), 'Windows Server 2025 (64-bit)');
INSERT IGNORE INTO os_type (uuid, category_id, description) VALUES
    ('b8071eb6-dbb9-535b-a940-5b2e311d7e2b', (SELECT id FROM os_category WHERE name = 'Other'), 'Other (32-bit)'),
    ('44ab97f0-5a95-59d8-a159-f775e4969468', (SELECT id FROM os_category WHERE name = 'Other'), 'Other (64-bit)'),
    ('0cff161a-0983-5a85-a2c5-925138dc2673', (SELECT id FROM os_category WHERE name = 'Other'), 'Other install media'),
    ('81b2ba44-0f4a-5a48-b134-1c0ba1635483', (SELECT id FROM os_category WHERE name = 'Other'), 'Other Linux (32-bit)'),
    ('2bd13918-09fb-55ac-bd72-2f0c2b341083', (SELECT id FROM os_category WHERE name = 'Other'), 'Other Linux (64-bit)'),
    ('22cf37d6-69a9-5ec5-9237-ebddf1e3f91c', (SELECT id FROM os_category WHERE name = 'Other'), 'Other PV (32-bit)'),
    ('074c2fd1-5830-5cb6-8a40-3e566f1798b7', (SELECT id FROM os_category WHERE name = 'Other'), 'Other PV (64-bit)');
INSERT IGNORE INTO os_type (uuid, category_id, description) VALUES
    ('e234b267-7e46-52d8-a6a5-48fb6e34e948', (SELECT id FROM os_category WHERE name = 'Unix'), 'FreeBSD 12 (64-bit)'),
    ('784cd49a-8a8e-5926-9dc0-c44bf36fad47', (SELECT id FROM os_category WHERE name = 'Unix'), 'FreeBSD 13 (64-bit)'),
    ('fafda8b9-c730-5633-a6d3-9db84fa01e4c', (SELECT id FROM os_category WHERE name = 'Unix'), 'FreeBSD 14 (64-bit)'),
    ('2a56dcb0-4e5e-5391-9626-b5445c03127e', (SELECT id FROM os_category WHERE name = 'Unix'), 'OpenBSD 7 (64-bit)');
INSERT IGNORE INTO os_type (uuid, category_id, description) VALUES
    ('32b46fc3-fc41-57d3-95b0-291e67776059', (SELECT id FROM os_category WHERE name = 'Ubuntu'), 'Ubuntu 18.04 LTS'),
    ('fc35a45f-4d22-5125-9c12-2941ef7fba92', (SELECT id FROM os_category WHERE name = 'Ubuntu'), 'Ubuntu 20.04 LTS'),
    ('ea72e42f-a1b5-5d59-92b0-f11b498cd443', (SELECT id FROM os_category WHERE name = 'Ubuntu'), 'Ubuntu 22.04 LTS'),
    ('b1b31fc6-de41-5c4c-80d4-a37b9488cf18', (SELECT id FROM os_category WHERE name = 'Ubuntu'), 'Ubuntu 24.04 LTS');
INSERT IGNORE INTO os_type (uuid, category_id, description) VALUES
    ('e0086b28-6a02-50bb-8b19-63ee343c2382', (SELECT id FROM os_category WHERE name = 'Fedora'), 'Fedora Linux (64 bit)'),
    ('1bd9cc78-5054-5327-8209-5ddf21acd2fc', (SELECT id FROM os_category WHERE name = 'Fedora'), 'Fedora 40 (64-bit)'),
    ('f39c326e-6fa2-50ef-9d8c-e29ceae44350', (SELECT id FROM os_category WHERE name = 'Fedora'), 'Fedora 41 (64-bit)');
INSERT IGNORE INTO os_type (uuid, category_id, description) VALUES
    ('0e78217f-2d8f-5480-bbca-82b1290cf2a8', (SELECT id FROM os_category WHERE name = 'Alpine Linux'), 'Alpine Linux 3 (64-bit)');
INSERT IGNORE INTO os_type (uuid, category_id, description) VALUES
    ('1e0bd896-a8c0-5e80-8bdc-7d82f1ad4308', (SELECT id FROM os_category WHERE name = 'Rocky Linux'), 'Rocky Linux 8'),
    ('ca7db747-3ad2-58e1-89c9-bbe095ea46f6', (SELECT id FROM os_category WHERE name = 'Rocky Linux'), 'Rocky Linux 9');
INSERT IGNORE INTO os_type (uuid, category_id, description) VALUES
    ('7a5f6ee3-f745-56f5-a1ca-39c8f11f2bbe', (SELECT id FROM os_category WHERE name = 'AlmaLinux'), 'AlmaLinux 8'),
    ('0871039b-6600-537a-8a1f-60bc54e29234', (SELECT id FROM os_category WHERE name = 'AlmaLinux'), 'AlmaLinux 9');
