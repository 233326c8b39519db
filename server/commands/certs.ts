import { X509Certificate } from 'node:crypto';
import type { Command } from 'commander';
import { type Rotation, rotate, rotation } from '../certificates/rotation.ts';
import { type Common, command, print, withContext } from './command.ts';

/** `certs status` and `certs rotate`. */
export function addCerts(program: Command): void {
  const certs = program.command('certs').description("the server's keys, and their change");

  command(certs, 'status', 'which keys there are, and which sentinels know them').action((options: Common) =>
    withContext(options, async (server) => {
      const state = await rotation(server);
      const { caPem } = server.authority;
      print(options, { ...state, validUntil: validUntil(caPem).getTime() }, statusText(state, caPem));
    }),
  );

  command(certs, 'rotate', 'go over to the backup key, and given again, retire the key before; beside a running server')
    .option('--force', 'although some sentinels do not know the keys yet: they will have to be given the pin by hand')
    .action((options: Common & { force?: boolean }) =>
      withContext(options, async (server) => {
        const done = await rotate(server, { force: options.force ?? false });
        const { pins } = server.authority;
        print(options, { done, pins }, done === 'switch' ? switched(pins[0]) : retired);
      }),
    );
}

/** Sentinels named on a screen. */
const mostNamed = 20;

const retired = 'The key before is retired and removed. The change is complete.';

function switched(pin = ''): string {
  return (
    `The backup key has taken over; a running server shows it within 5 seconds. New pin: ${pin}\n` +
    'Sentinels follow by themselves. Once `vedette-server certs status` says that all have the new pins, retire the key\n' +
    'before with `vedette-server certs rotate`.'
  );
}

function statusText({ pins, next, ready, unready }: Rotation, caPem: string): string {
  const [inUse, backup, before] = pins;
  const lines = [
    ['Authority', `${new X509Certificate(caPem).subject.split('\n')[0]}, until ${day(validUntil(caPem))}`],
    ['Pin', `${inUse} (in use)`],
    ['', `${backup} (backup)`],
    ...(before === undefined ? [] : [['', `${before} (the one before)`]]),
    ['Sentinels', `${ready} of ${ready + unready.length} have these pins`],
    ...unready
      .slice(0, mostNamed)
      .map((s, i) => [
        i === 0 ? 'Not ready' : '',
        `${s.name} at ${s.location}, ${s.customer}, ${s.lastSeenAt === null ? 'never seen' : `last seen ${day(new Date(s.lastSeenAt))}`}`,
      ]),
    ...(unready.length > mostNamed ? [['', `and ${unready.length - mostNamed} more; --json names all`]] : []),
    ['Next', next === 'switch' ? 'certs rotate goes over to the backup key' : 'certs rotate retires the one before'],
  ];
  return lines.map(([what = '', text = '']) => `${what.padEnd(11)}${text}`).join('\n');
}

function validUntil(caPem: string): Date {
  return new X509Certificate(caPem).validToDate;
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}
