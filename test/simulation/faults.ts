import type { Desk } from './desk.ts';
import { type CommitFault, commitFaults } from './disk.ts';
import { fair, type Road } from './network.ts';
import { type SimulatedServer, storeFaults } from './server.ts';
import type { World } from './world.ts';

/** What faults are done to. */
export interface Scene {
  world: World;
  server: SimulatedServer;
  desks: readonly Desk[];
}

/** Between two faults, at most, ms; and how long one that lasts does so. */
const seldomMs = 60_000;
const longestMs = 240_000;

type DeskFault = (desk: Desk, scene: Scene) => void;

/** On a desk and its way to the server: at once, or for a while. */
const deskFaults: readonly DeskFault[] = [
  (desk) => desk.crash('kill'),
  (desk) => desk.crash('power cut'),
  (desk) => desk.stop(),
  ...commitFaults.map((fault) => onNextCommit(fault)),
  (desk, scene) => harm(desk, scene, 'isFull', 'disk full'),
  (desk, scene) => harm(desk, scene, 'isBroken', 'disk broken'),
  (desk, { world }) => {
    const step = world.chance.pick([1000, 3_600_000, 86_400_000, 365 * 86_400_000]) * world.chance.pick([1, -1]);
    desk.skewMs += step;
    desk.wasStepped = true;
    desk.tell(`clock is set by ${step} ms`, step > 0 ? 'clock set forward' : 'clock set back');
  },
  (desk, scene) => blow(desk, scene, { isCut: true }, 'partition'),
  (desk, scene) => blow(desk, scene, { isIntercepted: true }, 'interception'),
  (desk, scene) => blow(desk, scene, { slowMs: scene.world.chance.pick([2000, 20_000, 45_000]) }, 'delay'),
  (desk, scene) => blow(desk, scene, { loses: 0.5 }, 'answers get lost'),
  (desk, scene) => blow(desk, scene, { doubles: 0.5 }, 'messages are doubled'),
];

const serverFaults: readonly ((scene: Scene) => void)[] = [
  (scene) => void endServer(scene),
  ...storeFaults.map((fault) => ({ server }: Scene) => {
    server.next = fault;
  }),
];

/** Does faults of a few kinds, which chance picks for this world, until `endMs`. */
export function brew(scene: Scene, endMs: number): void {
  const { world } = scene;
  const all = [...deskFaults.map(onSomeDesk), ...serverFaults];
  const share = world.chance.pick([0.2, 0.4, 0.8]);
  const chosen = all.filter(() => world.chance.hit(share));
  const next = () => {
    if (world.elapsedMs > endMs || chosen.length === 0) return;
    world.chance.pick(chosen)(scene);
    world.plan(world.chance.between(1000, seldomMs), next);
  };
  world.plan(world.chance.between(1000, seldomMs), next);
}

/** Everything works again. */
export async function heal({ server, desks }: Scene): Promise<void> {
  server.next = undefined;
  for (const { settings } of desks) {
    Object.assign(settings.road.weather, fair);
    Object.assign(settings.disk, { next: undefined, isFull: false, isBroken: false });
  }
  if (!server.isUp) await server.start();
}

/** The server ends, and is started again after a while. */
export async function endServer({ server, world }: Scene): Promise<void> {
  if (!server.isUp) return;
  world.plan(world.chance.between(100, longestMs), () => void (server.isUp || server.start()));
  await server.kill();
}

function onSomeDesk(fault: DeskFault): (scene: Scene) => void {
  return (scene) => fault(scene.world.chance.pick(scene.desks), scene);
}

function onNextCommit(fault: CommitFault): DeskFault {
  return ({ settings }) => {
    settings.disk.next = fault;
  };
}

function harm(desk: Desk, scene: Scene, how: 'isFull' | 'isBroken', reached: string): void {
  const { disk } = desk.settings;
  disk[how] = true;
  desk.tell(reached, reached);
  mend(desk, scene, () => {
    disk[how] = false;
  });
}

function blow(desk: Desk, scene: Scene, weather: Partial<Road['weather']>, reached: string): void {
  Object.assign(desk.settings.road.weather, weather);
  desk.tell(`${reached} begins`, reached);
  mend(desk, scene, () => Object.assign(desk.settings.road.weather, fair));
}

function mend(desk: Desk, { world }: Scene, work: () => void): void {
  world.plan(world.chance.between(1000, longestMs), () => {
    work();
    desk.tell('has something mended');
  });
}
