import { indexAuditTable } from '../../audit-table.ts';
import type { Migration } from '../../migrate.ts';

export const auditFilters: Migration = { name: '008-audit-filters', up: indexAuditTable };
