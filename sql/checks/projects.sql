-- A project and its account exist together; members, roles and rules belong to what exists; a project has an admin; admins' accounts count it.
SELECT 'project without its account' AS problem, p.id FROM project p LEFT JOIN account a ON a.id = -p.id
WHERE a.id IS NULL OR a.domain_id <> p.domain_id OR (a.removed_id = 0) <> (p.removed_id = 0)
UNION ALL
SELECT 'account without its project', a.id FROM account a LEFT JOIN project p ON p.id = -a.id WHERE a.id < 0 AND p.id IS NULL
UNION ALL
SELECT 'member of nothing', m.id FROM project_member m LEFT JOIN project p ON p.id = m.project_id AND p.removed_id = 0
LEFT JOIN account a ON a.id = m.account_id AND a.id > 0 AND a.removed_id = 0
LEFT JOIN login_user u ON u.id = m.user_id AND u.account_id = m.account_id AND u.removed_id = 0
WHERE p.id IS NULL OR a.id IS NULL OR (m.user_id <> 0 AND u.id IS NULL)
UNION ALL
SELECT 'role of nothing', r.id FROM project_role r LEFT JOIN project p ON p.id = r.project_id AND p.removed_id = 0 WHERE p.id IS NULL
UNION ALL
SELECT 'rule of nothing', x.id FROM project_role_rule x LEFT JOIN project_role r ON r.id = x.project_role_id WHERE r.id IS NULL
UNION ALL
SELECT 'member with a foreign role', m.id FROM project_member m LEFT JOIN project_role r ON r.id = m.project_role_id AND r.project_id = m.project_id
WHERE m.project_role_id <> 0 AND r.id IS NULL
UNION ALL
SELECT 'project without an admin', p.id FROM project p WHERE p.removed_id = 0 AND p.state <> 'Disabled'
AND NOT EXISTS (SELECT 1 FROM project_member m WHERE m.project_id = p.id AND m.is_admin = 1)
UNION ALL
SELECT 'projects miscounted', a.id FROM account a JOIN account_counter c ON c.account_id = a.id AND c.kind = 5 WHERE a.removed_id = 0
AND c.used <> (SELECT COUNT(*) FROM project_member m WHERE m.account_id = a.id AND m.is_admin = 1);
