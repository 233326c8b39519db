/**
 * What entries of the trail can tell, and how a person reads it after the name of who did it; `{}` is what it was done to.
 * An action that was ever written stays here: trails are kept for ever.
 */
export const actions = {
  'signed-in': 'signed in',
  'sign-in-failed': 'failed to sign in',
  'signed-out': 'signed out',
  'proof-failed': 'failed to prove by password or code who they are',
  'customer-added': 'added the customer {}',
  'customer-calendar-changed': 'changed time zone or business hours of {}',
  'maintenance-added': 'added a time of maintenance: {}',
  'maintenance-removed': 'removed a time of maintenance: {}',
  'target-changed': 'changed the target of {}',
  'report-logo-changed': 'changed the logo of reports',
  'report-exported': 'exported {}',
  'customer-suspended': 'suspended the customer {}',
  'customer-resumed': 'let the customer {} in again',
  'customer-exported': 'exported everything of the customer {}',
  'customer-imported': 'imported the customer {}',
  'customer-erased': 'erased the customer {}',
  'database-server-added': 'added the database server {}',
  'backed-up': 'made a backup of everything',
  'archive-taken-over': 'took over the archive from the server that had written there',
  'user-added': 'added the user {}',
  'operator-entered': 'entered the customer {}',
  'operator-left': 'left the customer {}',
  'operator-opened': 'opened {}',
  'token-added': 'made the token {}',
  'token-revoked': 'revoked the token {}',
  'user-role-changed': 'changed the role of {}',
  'user-disabled': 'disabled the user {}',
  'user-enabled': 'enabled the user {}',
  'user-unlocked': 'let {} try to sign in again',
  'user-link-made': 'made a link by which {} chooses a password',
  'password-changed': 'changed the password of {}',
  'password-change-demanded': 'demanded another password of {}',
  'password-renewal-changed': 'changed whose passwords are renewed at {}',
  'second-factor-added': 'set up the second factor of {}',
  'second-factor-removed': 'removed the second factor of {}',
  'recovery-codes-renewed': 'made new recovery codes for {}',
  'sessions-ended': 'ended sessions of {}',
  'enrolment-code-added': 'made an enrolment code for {}',
  'enrolment-code-withdrawn': 'withdrew the enrolment code {}',
  'sentinel-enrolled': 'enrolled',
  'sentinel-revoked': 'revoked the sentinel {}',
  'sentinel-retired': 'retired the sentinel {}, long unseen',
  'authority-rotated': 'changed the keys of the certificate authority',
  'certificate-given': 'gave the server a certificate',
  'sentinel-parked': 'was parked: another machine has the same identity',
  'sentinel-copies-decided': 'decided which machine goes on as {}',
  'script-published': 'published the script {}',
  'monitor-added': 'added the monitor {}',
  'monitor-changed': 'changed the monitor {}',
  'monitor-retired': 'retired the monitor {}',
  'script-tried': 'had a draft of the script {} tried',
  'script-rolled-back': 'went back to an earlier version of the script {}',
  'author-key-added': 'added the author key {}',
  'author-key-revoked': 'revoked the author key {}',
  'sentinel-changed': 'changed name, location or tags of {}',
  'run-now-asked': 'asked for a run of {} now',
  'altered-run-refused': 'sent the run {} again with other content, which was refused',
  'evidence-viewed': 'looked at evidence: {}',
  'evidence-removed': 'removed old evidence',
  'audit-exported': 'exported the audit trail',
  'key-rotated': 'changed the {}',
  'month-archived': 'moved {} into the archive',
  'month-opened': 'opened {} of the archive',
  'archive-erased': 'erased {} from the archive, which had reached its age',
  'archive-key-added': 'added the archive key {}',
  'archive-key-shown': 'was shown what opens the archive key {}',
  'archive-key-kept': 'confirmed to keep what opens the archive key {}',
  'archive-key-retired': 'retired the archive key {}',
  'month-restore-asked': 'asked for {} of the archive to be restored',
  'month-given-back': 'gave {} back to the archive',
  'archive-settings-changed': 'changed how long months of {} stay in the database and in the archive',
} as const satisfies Record<string, string>;

export type Action = keyof typeof actions;

/** What an entry tells, without who did it. One of a newer version is told by its name. */
export function told(action: string, subject: string | null): string {
  const phrase = isAction(action) ? actions[action] : `${action.replaceAll('-', ' ')} {}`;
  return phrase.replace('{}', () => (subject === null ? '' : `“${subject}”`)).trimEnd();
}

function isAction(name: string): name is Action {
  return Object.hasOwn(actions, name);
}
