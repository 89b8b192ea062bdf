-- VMs say truly whether they have keys; keys and user data belong to VMs that are there; images link to user data that is there.
SELECT 'has_keys' AS what, v.id FROM vm v
WHERE v.removed IS NULL AND v.has_keys <> EXISTS (SELECT 1 FROM vm_ssh_key k WHERE k.vm_id = v.id)
UNION ALL
SELECT 'keys of none', k.vm_id FROM vm_ssh_key k LEFT JOIN vm v ON v.id = k.vm_id AND v.removed IS NULL WHERE v.id IS NULL
UNION ALL
SELECT 'user data of none', d.vm_id FROM vm_user_data d LEFT JOIN vm v ON v.id = d.vm_id AND v.removed IS NULL WHERE v.id IS NULL
UNION ALL
SELECT 'image without user data', l.image_id FROM image_user_data l LEFT JOIN user_data u ON u.id = l.user_data_id WHERE u.id IS NULL;
