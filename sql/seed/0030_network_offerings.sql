-- Network offerings by the names that clients look up. Re-runnable: what is there stays as operators left it.
INSERT IGNORE INTO network_offering (uuid, name, display_text, traffic_type, guest_type, availability, state, specify_vlan,
    specify_ip_ranges, for_vpc, conserve_mode, is_persistent, egress_allow, is_default, created) VALUES
    ('411dcafb-e586-5ace-b1e7-bdd32e6ee749', 'DefaultSharedNetworkOfferingWithSGService',
     'Offering for Shared Security group enabled networks', 'Guest', 'Shared', 'Optional', 'Enabled', 1, 1, 0, 1, 0, 1, 1, '2025-01-01 00:00:00.000'),
    ('7043f6d5-6aae-5de6-8c6c-557137704289', 'DefaultSharedNetworkOffering',
     'Offering for Shared networks', 'Guest', 'Shared', 'Optional', 'Enabled', 1, 1, 0, 1, 0, 1, 1, '2025-01-01 00:00:00.000'),
    ('bd8dac20-708b-56cf-ab6b-810d52439fe7', 'DefaultIsolatedNetworkOfferingWithSourceNatService',
     'Offering for Isolated networks with Source Nat service enabled', 'Guest', 'Isolated', 'Required', 'Enabled', 0, 0, 0, 1, 0, 0, 1, '2025-01-01 00:00:00.000'),
    ('b5043ea6-e594-5fd5-bcca-4a6417cf48f3', 'DefaultIsolatedNetworkOffering',
     'Offering for Isolated networks with no Source Nat service', 'Guest', 'Isolated', 'Optional', 'Enabled', 1, 1, 0, 1, 0, 0, 1, '2025-01-01 00:00:00.000'),
    ('cee2d7c5-6295-5371-8a81-49a793b7885a', 'DefaultIsolatedNetworkOfferingForVpcNetworks',
     'Offering for Isolated VPC networks with Source Nat service enabled', 'Guest', 'Isolated', 'Optional', 'Enabled', 0, 0, 1, 0, 0, 0, 1, '2025-01-01 00:00:00.000'),
    ('d23906a3-ab92-59c0-b190-0fb386df5d0c', 'DefaultIsolatedNetworkOfferingForVpcNetworksNoLB',
     'Offering for Isolated VPC networks with Source Nat service enabled and LB service disabled', 'Guest', 'Isolated', 'Optional', 'Enabled', 0, 0, 1, 0, 0, 0, 1, '2025-01-01 00:00:00.000'),
    ('6a434616-4a6d-533f-ab78-2dcacaad5290', 'DefaultIsolatedNetworkOfferingForVpcNetworksWithInternalLB',
     'Offering for Isolated VPC networks with Internal LB support', 'Guest', 'Isolated', 'Optional', 'Enabled', 0, 0, 1, 0, 0, 0, 1, '2025-01-01 00:00:00.000'),
    ('22999ba9-8d43-5dc1-8019-d1f63ce54f27', 'QuickCloudNoServices',
     'Offering for QuickCloud with no services', 'Guest', 'Shared', 'Optional', 'Enabled', 1, 1, 0, 1, 0, 1, 1, '2025-01-01 00:00:00.000'),
    ('4227e865-81c6-5b79-a496-1a71cbe000e5', 'DefaultL2NetworkOffering',
     'Offering for L2 networks', 'Guest', 'L2', 'Optional', 'Enabled', 0, 0, 0, 1, 0, 1, 1, '2025-01-01 00:00:00.000'),
    ('a9401889-7cc9-5a70-8aa3-702590197686', 'DefaultL2NetworkOfferingVlan',
     'Offering for L2 networks VLAN', 'Guest', 'L2', 'Optional', 'Enabled', 1, 0, 0, 1, 0, 1, 1, '2025-01-01 00:00:00.000'),
    ('789784a0-46f4-5814-aceb-ba6c313f22a5', 'DefaultL2NetworkOfferingConfigDrive',
     'Offering for L2 networks with config drive user data', 'Guest', 'L2', 'Optional', 'Enabled', 0, 0, 0, 1, 0, 1, 1, '2025-01-01 00:00:00.000'),
    ('1682df08-a3d1-5f25-a43c-273537699451', 'DefaultL2NetworkOfferingConfigDriveVlan',
     'Offering for L2 networks with config drive user data VLAN', 'Guest', 'L2', 'Optional', 'Enabled', 1, 0, 0, 1, 0, 1, 1, '2025-01-01 00:00:00.000');
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Dhcp', 'VirtualRouter' FROM network_offering WHERE uuid = '411dcafb-e586-5ace-b1e7-bdd32e6ee749';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Dns', 'VirtualRouter' FROM network_offering WHERE uuid = '411dcafb-e586-5ace-b1e7-bdd32e6ee749';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'UserData', 'VirtualRouter' FROM network_offering WHERE uuid = '411dcafb-e586-5ace-b1e7-bdd32e6ee749';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'SecurityGroup', 'SecurityGroupProvider' FROM network_offering WHERE uuid = '411dcafb-e586-5ace-b1e7-bdd32e6ee749';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Dhcp', 'VirtualRouter' FROM network_offering WHERE uuid = '7043f6d5-6aae-5de6-8c6c-557137704289';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Dns', 'VirtualRouter' FROM network_offering WHERE uuid = '7043f6d5-6aae-5de6-8c6c-557137704289';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'UserData', 'VirtualRouter' FROM network_offering WHERE uuid = '7043f6d5-6aae-5de6-8c6c-557137704289';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Dhcp', 'VirtualRouter' FROM network_offering WHERE uuid = 'bd8dac20-708b-56cf-ab6b-810d52439fe7';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Dns', 'VirtualRouter' FROM network_offering WHERE uuid = 'bd8dac20-708b-56cf-ab6b-810d52439fe7';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'UserData', 'VirtualRouter' FROM network_offering WHERE uuid = 'bd8dac20-708b-56cf-ab6b-810d52439fe7';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Firewall', 'VirtualRouter' FROM network_offering WHERE uuid = 'bd8dac20-708b-56cf-ab6b-810d52439fe7';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Lb', 'VirtualRouter' FROM network_offering WHERE uuid = 'bd8dac20-708b-56cf-ab6b-810d52439fe7';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'SourceNat', 'VirtualRouter' FROM network_offering WHERE uuid = 'bd8dac20-708b-56cf-ab6b-810d52439fe7';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'StaticNat', 'VirtualRouter' FROM network_offering WHERE uuid = 'bd8dac20-708b-56cf-ab6b-810d52439fe7';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'PortForwarding', 'VirtualRouter' FROM network_offering WHERE uuid = 'bd8dac20-708b-56cf-ab6b-810d52439fe7';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Vpn', 'VirtualRouter' FROM network_offering WHERE uuid = 'bd8dac20-708b-56cf-ab6b-810d52439fe7';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Dhcp', 'VirtualRouter' FROM network_offering WHERE uuid = 'b5043ea6-e594-5fd5-bcca-4a6417cf48f3';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Dns', 'VirtualRouter' FROM network_offering WHERE uuid = 'b5043ea6-e594-5fd5-bcca-4a6417cf48f3';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'UserData', 'VirtualRouter' FROM network_offering WHERE uuid = 'b5043ea6-e594-5fd5-bcca-4a6417cf48f3';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Dhcp', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'cee2d7c5-6295-5371-8a81-49a793b7885a';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Dns', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'cee2d7c5-6295-5371-8a81-49a793b7885a';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'UserData', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'cee2d7c5-6295-5371-8a81-49a793b7885a';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Lb', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'cee2d7c5-6295-5371-8a81-49a793b7885a';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'SourceNat', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'cee2d7c5-6295-5371-8a81-49a793b7885a';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'StaticNat', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'cee2d7c5-6295-5371-8a81-49a793b7885a';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'PortForwarding', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'cee2d7c5-6295-5371-8a81-49a793b7885a';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'NetworkACL', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'cee2d7c5-6295-5371-8a81-49a793b7885a';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Gateway', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'cee2d7c5-6295-5371-8a81-49a793b7885a';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Vpn', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'cee2d7c5-6295-5371-8a81-49a793b7885a';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Dhcp', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'd23906a3-ab92-59c0-b190-0fb386df5d0c';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Dns', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'd23906a3-ab92-59c0-b190-0fb386df5d0c';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'UserData', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'd23906a3-ab92-59c0-b190-0fb386df5d0c';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'SourceNat', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'd23906a3-ab92-59c0-b190-0fb386df5d0c';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'StaticNat', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'd23906a3-ab92-59c0-b190-0fb386df5d0c';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'PortForwarding', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'd23906a3-ab92-59c0-b190-0fb386df5d0c';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'NetworkACL', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'd23906a3-ab92-59c0-b190-0fb386df5d0c';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Gateway', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'd23906a3-ab92-59c0-b190-0fb386df5d0c';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Vpn', 'VpcVirtualRouter' FROM network_offering WHERE uuid = 'd23906a3-ab92-59c0-b190-0fb386df5d0c';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Dhcp', 'VpcVirtualRouter' FROM network_offering WHERE uuid = '6a434616-4a6d-533f-ab78-2dcacaad5290';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Dns', 'VpcVirtualRouter' FROM network_offering WHERE uuid = '6a434616-4a6d-533f-ab78-2dcacaad5290';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'UserData', 'VpcVirtualRouter' FROM network_offering WHERE uuid = '6a434616-4a6d-533f-ab78-2dcacaad5290';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Lb', 'InternalLbVm' FROM network_offering WHERE uuid = '6a434616-4a6d-533f-ab78-2dcacaad5290';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'SourceNat', 'VpcVirtualRouter' FROM network_offering WHERE uuid = '6a434616-4a6d-533f-ab78-2dcacaad5290';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'StaticNat', 'VpcVirtualRouter' FROM network_offering WHERE uuid = '6a434616-4a6d-533f-ab78-2dcacaad5290';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'PortForwarding', 'VpcVirtualRouter' FROM network_offering WHERE uuid = '6a434616-4a6d-533f-ab78-2dcacaad5290';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'NetworkACL', 'VpcVirtualRouter' FROM network_offering WHERE uuid = '6a434616-4a6d-533f-ab78-2dcacaad5290';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Gateway', 'VpcVirtualRouter' FROM network_offering WHERE uuid = '6a434616-4a6d-533f-ab78-2dcacaad5290';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'Vpn', 'VpcVirtualRouter' FROM network_offering WHERE uuid = '6a434616-4a6d-533f-ab78-2dcacaad5290';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'UserData', 'ConfigDrive' FROM network_offering WHERE uuid = '789784a0-46f4-5814-aceb-ba6c313f22a5';
INSERT IGNORE INTO network_offering_service (offering_id, service, provider)
    SELECT id, 'UserData', 'ConfigDrive' FROM network_offering WHERE uuid = '1682df08-a3d1-5f25-a43c-273537699451';
