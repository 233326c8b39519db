import { X509Certificate } from 'node:crypto';
import type { Command } from 'commander';
import { type Rotation, rotate, rotation, usualSeenWithinDays } from '../certificates/rotation.ts';
import { type Common, command, print, whole, withContext } from './command.ts';

/** `certs status` and `certs rotate`. */
export function addCerts(program: Command): void {
  const certs = program.command('certs').description("the server's keys, and their change");

  waiting(command(certs, 'status', 'which keys there are, and which sentinels know them')).action((options: Waiting) =>
    withContext(options, async (server) => {
      const state = await rotation(server, options.seenWithin);
      const { caPem } = server.authority;
      print(options, { ...state, validUntil: validUntil(caPem).getTime() }, statusText(state, caPem, options));
    }),
  );

  const rotating = 'go over to the backup key, and given again, retire the key before; beside a running server';
  waiting(command(certs, 'rotate', rotating))
    .option('--force', 'although some sentinels do not know the keys yet: they will have to be given the pin by hand')
    .action((options: Waiting & { force?: boolean }) =>
      withContext(options, async (server) => {
        const { force = false, seenWithin: seenWithinDays } = options;
        const done = await rotate(server, { force, seenWithinDays });
        const { pins } = server.authority;
        print(options, { done, pins }, done === 'switch' ? switched(pins[0]) : retired);
      }),
    );
}

type Waiting = Common & { seenWithin: number };

function waiting(certs: Command): Command {
  const what = 'how lately a sentinel must have been seen to be waited for';
  return certs.option('--seen-within <days>', what, whole, usualSeenWithinDays);
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

function statusText({ pins, next, ready, unready, gone }: Rotation, caPem: string, { seenWithin }: Waiting): string {
  const [inUse, backup, before] = pins;
  const lines = [
    ['Authority', `${new X509Certificate(caPem).subject.split('\n')[0]}, until ${day(validUntil(caPem))}`],
    ['Pin', `${inUse} (in use)`],
    ['', `${backup} (backup)`],
    ...(before === undefined ? [] : [['', `${before} (the one before)`]]),
    ['Sentinels', `${ready} of ${ready + unready.length + gone.length} have these pins`],
    ...named('Not ready', unready, 'last seen'),
    ...named('Gone', gone, 'not seen since'),
    ...(gone.length > 0 ? [['', `not waited for: unseen for ${seenWithin} days, see --seen-within`]] : []),
    ['Next', next === 'switch' ? 'certs rotate goes over to the backup key' : 'certs rotate retires the one before'],
  ];
  return lines.map(([what = '', text = '']) => `${what.padEnd(11)}${text}`).join('\n');
}

function named(what: string, sentinels: Rotation['unready'], seen: string): string[][] {
  const lines = sentinels.slice(0, mostNamed).map(({ name, location, customer, lastSeenAt }) => {
    const when = lastSeenAt === null ? 'never seen' : `${seen} ${day(new Date(lastSeenAt))}`;
    return ['', `${name} at ${location}, ${customer}, ${when}`];
  });
  const more = sentinels.length - mostNamed;
  const all = more > 0 ? [...lines, ['', `and ${more} more; --json names all`]] : lines;
  return all.map(([, text = ''], i) => [i === 0 ? what : '', text]);
}

function validUntil(caPem: string): Date {
  return new X509Certificate(caPem).validToDate;
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}
