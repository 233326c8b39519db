import type { CustomerId } from '../customer-id.ts';

/* Rows of the registry. Times are ms since 1970; hashes are SHA-256 as 64 hexadecimal digits. */

export type Role = 'viewer' | 'author' | 'admin' | 'operator' | 'operator-admin';

export interface CustomerRow {
  id: CustomerId;
  name: string;
  time_zone: string;
  /** The engine that keeps this customer's database. */
  engine: 'sqlite' | 'mysql';
  created_at: number;
  /** Since when nobody of the customer is let in, and what they are told; null: they are. */
  suspended_at: number | null;
  suspended_why: string | null;
  /** On which of `database_servers` it is; null: in a file, or beside the registry. */
  database_server: string | null;
  /** Sealed: schema, account and password; null for a file. */
  connection: string | null;
  /** How many steps its schema had when it was last opened or migrated; null before the first time. */
  schema_version: number | null;
  /** Hours of a week; null: the usual ones. */
  business_hours: string | null;
  /** Whose passwords are renewed; null: everybody's. */
  password_renewal: 'without-second-factor' | null;
  /** How many months stay in the database before they go into the archive; null: 18. */
  archive_months_live: number | null;
  /** After how many months they are erased there; null: never. */
  archive_erase_months: number | null;
  /** How many months longer than their rows figures by the hour stay; null: 6. */
  archive_hour_months: number | null;
}

/** To whom a customer's archive is sealed. */
export interface ArchiveKeyRow {
  /** `age1…` */
  recipient: string;
  customer_id: CustomerId;
  /** Who has the identity, or where it is kept, in words of who added it. */
  name: string;
  added_by: string;
  created_at: number;
  /** Since when nothing more is sealed to it. */
  retired_at: number | null;
  /** Sealed: what opens it, where the customer has agreed that the operator keeps it; null: the operator can't open it. */
  identity: string | null;
  /** Sealed: the same, until an administrator of the customer has said that they keep it; null: it is theirs. */
  waiting: string | null;
}

/** A month of the archive that somebody wants back; the row is gone as soon as the month is there. */
export interface ArchiveRestoreRow {
  id: string;
  customer_id: CustomerId;
  /** Its first instant (ms). */
  from_at: number;
  /** How long it is to stay (ms). */
  until_at: number;
  asked_at: number;
  asked_by: string;
  /** Sealed: what opens it, given with the wish; null: the copy that is kept here, or it has been tried. */
  identity: string | null;
  /** Why it could not be; null: it is still to be tried. */
  fault: string | null;
}

/** A customer that was erased, or is being so: then what is left of it is where these columns say. */
export interface ErasureRow extends Pick<CustomerRow, 'id' | 'name' | 'engine' | 'database_server' | 'connection'> {
  began_at: number;
  ended_at: number | null;
  /** JSON: what was there. */
  receipt: string;
}

/** A server of MariaDB or MySQL on which customers' databases are made. */
export interface DatabaseServerRow {
  name: string;
  /** Host and port, to be shown. */
  address: string;
  /** The URL with its administrator's password. */
  sealed: string;
  created_at: number;
}

export interface UserRow {
  id: string;
  name: string;
  role: Role;
  /** None for an operator. */
  customer_id: CustomerId | null;
  /** Empty until an invited user has chosen a password. */
  password_hash: string;
  created_at: number;
  /** Null where an export was made before it was kept. */
  password_changed_at: number | null;
  /** JSON: hashes of the passwords before, the latest first. */
  earlier_hashes: string | null;
  /** Since when an administrator wants another password. */
  change_demanded_at: number | null;
  /** Since when the user is not let in. */
  disabled_at: number | null;
  last_sign_in_at: number | null;
  /** Sealed: the secret that an authenticator app shares; null: there is no second factor. */
  second_factor: string | null;
  /** The number of the 30 seconds of the last code that was taken: none before it is taken again. */
  second_factor_step: number | null;
  /** JSON: hashes of the recovery codes that are left. */
  recovery_hashes: string | null;
}

export interface SessionRow {
  token_hash: string;
  user_id: string;
  csrf_token: string;
  created_at: number;
  last_seen_at: number;
  /** By which its user may name it. Null, as the next two, where it began before they were kept. */
  id: string | null;
  /** Address that it began from. */
  source: string | null;
  /** The browser, as it says of itself. */
  browser: string | null;
  /** Sealed: the secret of a second factor that is being set up. */
  new_factor: string | null;
}

/** A link that was handed over, by which a user chooses a password. */
export interface UserLinkRow {
  token_hash: string;
  user_id: string;
  purpose: 'invitation' | 'reset';
  expires_at: number;
}

/** A browser in which a user signed in before. */
export interface KnownDeviceRow {
  token_hash: string;
  user_id: string;
  seen_at: number;
}

/** An operator's leave to look into a customer. */
export interface GrantRow {
  id: string;
  operator_id: string;
  customer_id: CustomerId;
  reason: string;
  ticket: string | null;
  /** 1: the operator may change things too; 0: only read. */
  may_change: 0 | 1;
  began_at: number;
  ends_at: number;
  /** When the operator left before that; null: did not. */
  ended_at: number | null;
}

/** With which programs ask the API for a customer. */
export interface TokenRow {
  id: string;
  token_hash: string;
  /** Its first letters, by which whoever has it in hand knows it again. */
  start: string;
  customer_id: CustomerId;
  name: string;
  /** JSON: names of permissions. */
  scope: string;
  /** Who made it, who must still be a user who may do as much; null: the command line did. */
  user_id: string | null;
  added_by: string;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
  /** To a minute. */
  last_used_at: number | null;
  last_used_from: string | null;
}

export interface SignInFailureRow {
  /** Empty: any. */
  account: string;
  /** An address, a known device, or empty: any. */
  source: string;
  failures: number;
  last_at: number;
  locked_until: number;
}

export interface EnrolmentCodeRow {
  code_hash: string;
  customer_id: CustomerId;
  location: string;
  uses_left: number;
  expires_at: number;
  created_at: number;
  /** Its first letters, by which whoever has it in hand knows it again. These four are null where it was made before they were kept. */
  prefix: string | null;
  /** How many uses it had at first. */
  uses: number | null;
  /** Name of who made it. */
  added_by: string | null;
  withdrawn_at: number | null;
  /** Of its sentinels; null: they stay. */
  retire_after_ms: number | null;
  /** JSON; of its sentinels. Null: none. */
  tags: string | null;
}

export interface SentinelKeyRow {
  key_hash: string;
  sentinel_id: string;
  customer_id: CustomerId;
  created_at: number;
  revoked_at: number | null;
  /** JSON: which machine uses the key, and which others tried to; null before it was first used. */
  holder: string | null;
  /** A sentinel that was unseen for so long is revoked by itself; null: never. */
  retire_after_ms: number | null;
}

/** One row for each change of what sentinels are to do: other processes learn of it by asking for those above the last. */
export interface AssignmentChangeRow {
  id: number;
  /** Null: that of every customer. */
  customer_id: CustomerId | null;
  at: number;
}

export interface LeaseRow {
  name: string;
  holder: string;
  /** Rises with every new holder, so that a late writer can be told from the present one. */
  fence: number;
  /** On the holder's clock, to be looked at by people: others judge by whether the row changes. 0: given back. */
  expires_at: number;
}

/** A customer whose runs another process took in than the one that does the jobs. */
export interface FreshRunsRow {
  customer_id: CustomerId;
  marks: number;
}

/** A customer of whom a process found more evidence than it may have. */
export interface EvidenceBeyondQuotaRow {
  customer_id: CustomerId;
}
