import type { paths } from './schema.ts';

/* Names for the parts of the answers, so that pages needn't spell out paths. Nothing is declared here. */

type Get<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } };
}
  ? Body
  : never;

type Wish<Path extends keyof paths> = paths[Path] extends {
  post: { requestBody: { content: { 'application/json': infer Body } } };
}
  ? Body
  : never;

export type Session = Get<'/session'>;
export type Grant = Session['inside'][number];
export type Archive = Get<'/customers/{customerId}/archive'>;
export type ArchiveMonth = Archive['months'][number];
export type ArchiveKey = Archive['keys'][number];
export type ArchiveSettings = Archive['settings'];
export type ArchiveKeyWish = Wish<'/customers/{customerId}/archive/keys'>;
export type Permission = Session['may'][number];
export type EntryWish = Wish<'/customers/{customerId}/entry'>;
export type Token = Get<'/customers/{customerId}/tokens'>['tokens'][number];
export type Scope = Token['scope'][number];
export type TokenWish = Wish<'/customers/{customerId}/tokens'>;
export type NewToken = paths['/customers/{customerId}/tokens']['post']['responses'][200]['content']['application/json'];
export type OwnSession = Get<'/sessions'>['sessions'][number];
export type User = Get<'/users'>['users'][number];
export type UserLink = paths['/users']['post']['responses'][200]['content']['application/json'];
export type NewFactor = paths['/session/second-factor']['post']['responses'][200]['content']['application/json'];
export type Customer = Get<'/customers'>['customers'][number];
export type CustomerWish = Wish<'/customers'>;
export type NewCustomer = Answer<'/customers'>;
export type Overview = Get<'/customers/{customerId}/overview'>;
export type Monitor = Get<'/customers/{customerId}/monitors/{monitorId}'>['monitor'];
export type MonitorState = Monitor['state'];
export type Outcome = NonNullable<Monitor['lastRun']>['outcome'];
export type ResponseTimes = Get<'/customers/{customerId}/monitors/{monitorId}/response-times'>;
export type Week = Get<'/customers/{customerId}/monitors/{monitorId}/week'>;
export type LocationFigures = Get<'/customers/{customerId}/monitors/{monitorId}/locations'>['locations'][number];
export type Failures = Get<'/customers/{customerId}/failures'>;
export type FailureGroup = Failures['groups'][number];
export type ServiceReport = Get<'/customers/{customerId}/service-report'>;
export type ServiceTable = ServiceReport['tables'][number];
export type ServiceRow = ServiceTable['rows'][number];
export type ColumnName = ServiceTable['columns'][number]['name'];
export type Targets = Get<'/customers/{customerId}/targets'>;
export type TargetSubject = Targets['monitors'][number]['transactions'][number];
export type RunPage = Get<'/customers/{customerId}/monitors/{monitorId}/runs'>;
export type RunRow = RunPage['runs'][number];
export type Sentinels = Get<'/customers/{customerId}/sentinels'>;
export type Sentinel = Sentinels['sentinels'][number];
export type SentinelState = Sentinel['state'];
export type OpenCode = Get<'/customers/{customerId}/enrolment-codes'>['codes'][number];
export type NewCode =
  paths['/customers/{customerId}/enrolment-codes']['post']['responses'][200]['content']['application/json'];
export type RunDetail = Get<'/customers/{customerId}/runs/{runId}'>;
export type AuditPage = Get<'/audit'>;
export type AuditEntry = AuditPage['entries'][number];
export type MonitorForm = Get<'/customers/{customerId}/monitors/{monitorId}/settings'>;
export type MonitorWish = Wish<'/customers/{customerId}/monitors'>;
export type ScheduleAnswer = Get<'/customers/{customerId}/schedule'>;
export type ScheduleWish = NonNullable<paths['/customers/{customerId}/schedule']['get']['parameters']['query']>;
export type Scripts = Get<'/customers/{customerId}/scripts'>['scripts'];
export type Maintenance = Get<'/customers/{customerId}/maintenance'>['maintenance'][number];
export type MaintenanceWish = Wish<'/customers/{customerId}/maintenance'>;
type Answer<Path extends keyof paths> = paths[Path] extends {
  post: { responses: { 200: { content: { 'application/json': infer Body } } } };
}
  ? Body
  : never;

export type Script = Scripts[number];
export type ScriptVersion = Get<'/customers/{customerId}/scripts/{script}/versions'>['versions'][number];
export type ScriptText = Get<'/customers/{customerId}/scripts/{script}/versions/{version}'>;
export type ScriptTemplate = Get<'/customers/{customerId}/script-templates'>['templates'][number];
export type DraftWish = Wish<'/customers/{customerId}/script-checks'>;
export type ScriptCheck = Answer<'/customers/{customerId}/script-checks'>;
export type ScriptFault = ScriptCheck['faults'][number];
export type PublishWish = Wish<'/customers/{customerId}/scripts'>;
export type Published = Answer<'/customers/{customerId}/scripts'>;
export type TrialWish = Wish<'/customers/{customerId}/trials'>;
export type Trial = Get<'/customers/{customerId}/trials/{trialId}'>;
export type ListedTrial = Get<'/customers/{customerId}/trials'>['trials'][number];
