import type { ReactNode } from 'react';
import type { RunDetail } from '../api/types.ts';
import { bytes, duration, fullInstant, offset, share, utc } from '../format.ts';
import { messages, sandboxLevels, words } from '../messages/messages.ts';
import css from './Facts.module.css';
import { Instant, zone } from './Instant.tsx';

/** Where, when, with what and how sealed off a run was. */
export function Facts({ run }: { run: RunDetail }) {
  const sandbox =
    run.sandboxLevel === null ? words.noSandbox : (sandboxLevels[run.sandboxLevel] ?? String(run.sandboxLevel));
  const facts: [string, ReactNode][] = [
    [words.sentinel, run.sentinel.name],
    [words.location, run.sentinel.location],
    [
      words.started,
      <span key="started" title={utc(run.startedAt)}>
        {fullInstant(run.startedAt, zone)}
      </span>,
    ],
    [words.due, <Instant key="due" at={run.dueAt} />],
    [words.received, <Instant key="received" at={run.receivedAt} />],
    [words.clockOffset, <ClockOffset key="offset" ms={run.clockOffsetMs} />],
    [words.sandbox, sandbox],
    [words.browser, run.browser ?? words.noBrowser],
    ...deviceFacts(run),
    [words.script, <Script key="script" script={run.script} />],
    [words.runId, <code key="id">{run.id}</code>],
  ];
  return (
    <section className="panel" aria-labelledby="facts">
      <header className="panel-head">
        <h2 id="facts">{words.facts}</h2>
      </header>
      <dl className={css.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** How the device was, what the run used of it, and after a failure whether its network was up; as far as it is known. */
function deviceFacts({ host, usage }: RunDetail): [string, ReactNode][] {
  const facts: [string, ReactNode][] = [];
  if (usage) facts.push([words.used, words.usedFacts(duration(usage.cpuUs), bytes(usage.peakMemoryBytes))]);
  if (!host) return facts;
  const device = words.deviceFacts(share(host.cpu), bytes(host.freeMemoryBytes), duration(host.stallUs));
  facts.push([words.device, host.browserAlive === false ? `${device}. ${words.browserDied}` : device]);
  if (host.network) facts.push([words.network, networkFacts(host.network)]);
  return facts;
}

function networkFacts(network: NonNullable<NonNullable<RunDetail['host']>['network']>): string {
  const said = words.networkFacts;
  return (['interface', 'resolver', 'server'] as const)
    .flatMap((part) => (network[part] === undefined ? [] : said[part][network[part] ? 'true' : 'false']))
    .join(', ');
}

function ClockOffset({ ms }: { ms: number | null }) {
  return <span title={words.clockOffsetMeaning}>{ms === null ? words.clockOffsetUnknown : offset(ms)}</span>;
}

function Script({ script }: { script: RunDetail['script'] }) {
  return (
    <>
      {script.name}, {script.version === 0 ? messages.scripts.draft : words.version(script.version)}
      <code className={css.hash} title={`SHA-256 ${script.sha256}`}>
        {script.sha256.slice(0, 12)}
      </code>
    </>
  );
}
