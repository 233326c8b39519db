import type { Grant, Permission, Session } from './api/types.ts';

/* What somebody may do where: the server has said so with the session, and pages show nothing else. */

/** The grant under which an operator is inside this customer. */
export function grantAt(session: Session, customerId: string): Grant | undefined {
  return session.inside.find((grant) => grant.customer.id === customerId);
}

/** The customer of these pages, if it is one's own or one is inside it. */
export function customerAt(session: Session, customerId: string): Grant['customer'] | undefined {
  return session.customer?.id === customerId ? session.customer : grantAt(session, customerId)?.customer;
}

/** Whether this may be done at that customer. */
export function mayAt(session: Session, customerId: string, permission: Permission): boolean {
  const may = session.customer?.id === customerId ? session.may : grantAt(session, customerId)?.may;
  return may?.includes(permission) ?? false;
}
