import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readIfThere } from '../../certs/private-file.ts';
import { userConfigFolder } from '../config.ts';
import { makeFolder } from './installed.ts';
import { launchdLabel, launchdPlist } from './launchd.ts';
import { homeMark, scheduledTask, sidIn, taskName } from './scheduled-task.ts';
import { quotedArgument, type Service, systemdUnit } from './systemd.ts';
import { escaped } from './xml.ts';

/** Account of the service that is the system's; the install script makes it. */
const account = 'vedette-sentinel';
const unit = 'vedette-sentinel.service';
/** launchd kills what has not ended by then. */
const stopMs = 20_000;

/** What has a sentinel started with the device or the session, in the words of one platform. */
export interface ServiceManager {
  /** Where it is written down for the platform; undefined where that is no file. */
  file: string | undefined;
  /** What is written there. */
  text(service: Service): string;
  /** Makes the service and starts it; one that is there is started anew. Throws with what the platform said. */
  install(service: Service): void;
  /** Whether the service that is there is just this one, and runs. */
  isAtWork(service: Service): boolean;
  /** Whether the service that is there is that of the sentinel with this home. */
  isOf(home: string): boolean;
  /** Stops the service and takes it away; whether there was one. */
  remove(): boolean;
  /** As the platform calls it, such as `active`; `none` if there is no service. */
  state(): string;
}

/** That of this device: as root the system's, else this user's. */
export function serviceManager(): ServiceManager {
  if (process.platform === 'win32') return windows();
  return process.platform === 'darwin' ? launchd() : systemd(process.getuid?.() === 0);
}

function systemd(system: boolean): ServiceManager {
  const file = system ? `/etc/systemd/system/${unit}` : path.join(userConfigFolder(), 'systemd', 'user', unit);
  const systemctl = (...args: string[]) => run('systemctl', [...(system ? [] : ['--user']), ...args]);
  const text = (service: Service) => systemdUnit(service, system ? account : undefined);
  const asked = (...args: string[]) => said('systemctl', [...(system ? [] : ['--user']), ...args, unit]);
  return {
    file,
    text,
    install(service) {
      systemctl('show-environment'); // fails where systemd is not at work, before anything is written
      write(file, text(service));
      systemctl('daemon-reload');
      systemctl('enable', unit);
      systemctl('restart', unit);
    },
    isAtWork: (service) =>
      read(file) === text(service) && asked('is-enabled') === 'enabled' && asked('is-active') === 'active',
    isOf: (home) => read(file).includes(quotedArgument(home)),
    remove() {
      if (!fs.existsSync(file)) return false;
      systemctl('disable', '--now', unit);
      fs.rmSync(file);
      systemctl('daemon-reload');
      return true;
    },
    state: () => (fs.existsSync(file) ? asked('is-active') : 'none'),
  };
}

/** That of a user of macOS. */
export function launchd(): ServiceManager {
  const library = path.join(os.homedir(), 'Library');
  const file = path.join(library, 'LaunchAgents', `${launchdLabel}.plist`);
  const domain = `gui/${process.getuid?.()}`;
  const text = (service: Service) => launchdPlist(service, path.join(service.home, 'service.log'));
  const loaded = () => said('launchctl', ['print', `${domain}/${launchdLabel}`]);
  const stop = () => {
    said('launchctl', ['bootout', `${domain}/${launchdLabel}`]);
    // It may return while the process still ends, and as long as that is so the agent can't be loaded anew.
    for (const until = performance.now() + stopMs; loaded() !== '' && performance.now() < until; ) sleep(100);
  };
  const state = () => {
    if (!fs.existsSync(file)) return 'none';
    return /state = (\w+)/.exec(loaded())?.[1] ?? 'not loaded';
  };
  return {
    file,
    text,
    install(service) {
      write(file, text(service));
      stop();
      run('launchctl', ['bootstrap', domain, file]);
    },
    isAtWork: (service) => read(file) === text(service) && state() === 'running',
    isOf: (home) => read(file).includes(`>${escaped(home)}<`),
    remove() {
      if (!fs.existsSync(file)) return false;
      stop();
      fs.rmSync(file);
      return true;
    },
    state,
  };
}

function windows(): ServiceManager {
  const text = (service: Service) => scheduledTask(service, sidIn(said('whoami', ['/user', '/fo', 'csv', '/nh'])));
  const query = () => said('schtasks', ['/Query', '/TN', taskName, '/FO', 'CSV', '/NH']);
  return {
    file: undefined,
    text,
    install(service) {
      const file = path.join(service.home, 'task.xml');
      fs.writeFileSync(file, `\ufeff${text(service)}`, 'utf16le'); // the one encoding that schtasks takes for sure
      said('schtasks', ['/End', '/TN', taskName]);
      run('schtasks', ['/Create', '/TN', taskName, '/XML', file, '/F']);
      fs.rmSync(file);
      run('schtasks', ['/Run', '/TN', taskName]);
    },
    // What Windows gives back is written in its own way, so that no text can be compared.
    isAtWork: () => false,
    isOf: (home) => said('schtasks', ['/Query', '/TN', taskName, '/XML']).includes(homeMark(home)),
    remove() {
      if (query() === '') return false;
      said('schtasks', ['/End', '/TN', taskName]);
      run('schtasks', ['/Delete', '/TN', taskName, '/F']);
      return true;
    },
    state: () => /"([^"]+)"\s*$/.exec(query())?.[1] ?? 'none',
  };
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function read(file: string): string {
  return readIfThere(file) ?? '';
}

function write(file: string, text: string): void {
  makeFolder(path.dirname(file));
  fs.writeFileSync(file, text, { mode: 0o644 });
}

/** Throws with what the program said, if it could be started and failed. */
function run(program: string, args: readonly string[]): void {
  try {
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  } catch (cause) {
    const words = (cause as { stderr?: string }).stderr?.trim().split('\n')[0] || (cause as Error).message;
    throw new Error(`${program} ${args.join(' ')}: ${words}`, { cause });
  }
}

/** What a program says, however it ends; nothing if it is not there. */
function said(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' }).trim();
  } catch (error) {
    return ((error as { stdout?: string }).stdout ?? '').trim();
  }
}
