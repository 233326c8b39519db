import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Authority } from '../../certs/authority.ts';
import { givenFile, leafOf, readGiven } from '../../certs/given-certificate.ts';
import { giveCertificate } from '../certificates/give.ts';
import { type Rotation, rotate, rotation, usualSeenWithinDays } from '../certificates/rotation.ts';
import { helpOf } from '../config.ts';
import type { ServerContext } from '../http/context.ts';
import { type Common, command, configOf, print, whole, withContext } from './command.ts';
import { afterGiving, type GivenOptions, givenIn, takeCertificate } from './given-options.ts';

/** `certs status`, `certs rotate` and `certs use`. */
export function addCerts(program: Command): void {
  const certs = program.command('certs').description("the server's keys, and their change");

  waiting(command(certs, 'status', 'which keys there are, and which sentinels know them')).action((options: Waiting) =>
    withContext(options, async (server) => {
      const state = await rotation(server, options.seenWithin);
      const shown = shownBy(server);
      const { isGiven, announced } = server.authority;
      const value = { ...state, isGiven, announced, validUntil: shown.validToDate.getTime() };
      print(options, value, statusText(state, server.authority, shown, options));
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

  addUse(certs);
}

/** `certs use`. */
function addUse(certs: Command): void {
  const using = 'show a certificate of your own; given again, the renewed one. Beside a running server';
  waiting(takeCertificate(command(certs, 'use', using), true))
    .option('--host-name <name...>', helpOf('hostNames'))
    .option('--force', 'although some sentinels do not know its pins yet: they will have to be given the pin by hand')
    .action((options: Waiting & GivenOptions & { force?: boolean; hostName?: string[] }) => {
      const { force = false, seenWithin: seenWithinDays, hostName: hostNames } = options;
      return withContext(options, async (server) => {
        const given = givenIn(options, configOf(options, { hostNames }).hostNames);
        if (!given) return; // the options have been looked at
        const done = await giveCertificate(server, given, { force, seenWithinDays });
        const { pins } = server.authority;
        print(options, { done, pins }, `${afterGiving[done]}\nPin in use: ${pins[0]}`);
      });
    });
}

/** What the server shows, or the authority that signs it. */
function shownBy({ dataFolder, authority }: ServerContext): X509Certificate {
  const given = readGiven(givenFile(join(dataFolder, 'certs')));
  return given ? leafOf(given) : new X509Certificate(authority.caPem);
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

function statusText(
  { pins, next, ready, unready, gone, unread }: Rotation,
  { isGiven, announced }: Authority,
  { subject, validToDate }: X509Certificate,
  { seenWithin }: Waiting,
): string {
  const kinds = ['in use', 'backup'];
  const kindOf = (pin: string, i: number) => (announced.includes(pin) ? 'announced' : (kinds[i] ?? 'the one before'));
  const lines = [
    [isGiven ? 'Certificate' : 'Authority', `${subject?.split('\n')[0] ?? 'given'}, until ${day(validToDate)}`],
    ...pins.map((pin, i) => [i === 0 ? 'Pin' : '', `${pin} (${kindOf(pin, i)})`]),
    ['Sentinels', `${ready} of ${ready + unready.length + gone.length} have these pins`],
    ...unread.map(({ customer, why }, i) => [i === 0 ? 'Not known' : '', `${customer}: ${why}`]),
    ...named('Not ready', unready, 'last seen'),
    ...named('Gone', gone, 'not seen since'),
    ...(gone.length > 0 ? [['', `not waited for: unseen for ${seenWithin} days, see --seen-within`]] : []),
    ['Next', announced.length > 0 ? nextAnnounced : nextSteps[next]],
  ];
  return lines.map(([what = '', text = '']) => `${what.padEnd(13)}${text}`).join('\n');
}

const nextAnnounced = 'certs use, given again, shows the certificate that is announced';
const nextSteps: Record<Rotation['next'], string> = {
  switch: 'certs rotate goes over to the backup key',
  retire: 'certs rotate retires the one before',
  use: 'certs use shows the certificate once it is renewed, or one with another key',
};

function named(what: string, sentinels: Rotation['unready'], seen: string): string[][] {
  const lines = sentinels.slice(0, mostNamed).map(({ name, location, customer, lastSeenAt }) => {
    const when = lastSeenAt === null ? 'never seen' : `${seen} ${day(new Date(lastSeenAt))}`;
    return ['', `${name} at ${location}, ${customer}, ${when}`];
  });
  const more = sentinels.length - mostNamed;
  const all = more > 0 ? [...lines, ['', `and ${more} more; --json names all`]] : lines;
  return all.map(([, text = ''], i) => [i === 0 ? what : '', text]);
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}
