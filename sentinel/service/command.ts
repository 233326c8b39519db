import fs from 'node:fs';
import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { isLocked } from '../lock.ts';
import { plainJson } from '../protocol/plain.ts';
import { proxyFor, setProxy } from '../proxy.ts';
import { say } from '../terminal.ts';
import { type ServiceManager, serviceManager } from './service.ts';
import type { Service } from './systemd.ts';

/** Adds `service`. */
export function addService(program: Command, home: () => string): void {
  const service = program
    .command('service')
    .description(
      'have this sentinel run with the session of its user, or as root with the device, and started anew if it ends',
    );

  service
    .command('install')
    .description('make the service and start it; one that is there as it should be and runs is left alone')
    .option('--restart', 'start it anew in any case, as after an update', false)
    .option('--print', 'only print what would be given to the platform', false)
    .action(({ restart, print }: { restart: boolean; print: boolean }) => {
      const wanted = serviceOf(home());
      const manager = serviceManager();
      if (print) return void process.stdout.write(manager.text(wanted));
      if (!manager.isOf(wanted.home)) mustBeFree(manager, wanted.home);
      keepProxy(wanted.home);
      if (!restart && manager.isAtWork(wanted)) return say('The service is installed and runs: nothing was changed.');
      install(manager, wanted);
      return say(`The service is installed and runs${manager.file ? ` (${manager.file})` : ''}.`);
    });

  service
    .command('remove')
    .description('stop the service of this sentinel and take it away; the sentinel stays as it is')
    .action(() => say(removeOf(serviceManager(), home()) ? 'The service is removed.' : 'There was no service.'));

  service
    .command('status')
    .description('whether there is a service and how it is')
    .option('--json', 'as JSON', false)
    .action(({ json }: { json: boolean }) => {
      const { file = null, state } = serviceManager();
      say(json ? plainJson({ state: state(), file }) : state());
    });
}

/** Whether there was one. Throws where it is that of another home: a `--home` that was left out costs no other sentinel its service. */
export function removeOf(manager: Pick<ServiceManager, 'isOf' | 'state' | 'remove'>, home: string): boolean {
  if (manager.state() !== 'none' && !manager.isOf(home))
    throw new Error(`the service is not that of the home ${home}: name its home with --home, before the command`);
  return manager.remove();
}

/** There is one service for a user, and one sentinel in a home. */
export function mustBeFree({ file }: Pick<ServiceManager, 'file'>, home: string): void {
  if (file !== undefined && fs.existsSync(file))
    throw new Error(`there is the service of another sentinel (${file}): take it away first, with \`service remove\``);
  if (isLocked(home))
    throw new Error(`a sentinel is running with the home ${home}: stop it first, the service starts its own`);
}

/** A service has another environment than the shell it is installed from. Throws `ConfigFault` where nothing is enrolled. */
function keepProxy(home: string): void {
  const { proxy, server } = readConfig(home);
  const found = proxy === undefined ? proxyFor(server, undefined) : undefined;
  if (found) setProxy(home, found);
}

function install(manager: ServiceManager, service: Service): void {
  try {
    manager.install(service);
  } catch (cause) {
    const next = 'start the sentinel with `vedette-sentinel run`, or by what starts programs on this device';
    throw new Error(`the service can't be installed (${(cause as Error).message}): ${next}`, { cause });
  }
}

function serviceOf(home: string): Service {
  const program = fs.realpathSync(process.argv[1] ?? '');
  const flags = process.execArgv.filter((flag) => flag !== '--'); // with which the program lets Node take little memory
  return { command: [process.execPath, ...flags, '--', program, '--home', home, 'run'], home };
}
