import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildHome } from '../../sentinel/build-home.ts';
import { Boots } from '../../sentinel/link/boots.ts';
import { judge, type KeyHolder, type Verdict } from '../../server/http/key-holder.ts';

/*
 * Random histories of one machine, and of a machine and its copy: starts, kills, requests that come late or in another
 * order, answers that are lost. What is random is drawn from the seed, which a failure names.
 */

const histories = process.env.VEDETTE_LONG ? 1000 : 100;
const steps = 60;

interface Sent {
  from: Machine;
  process: Boots;
  boot: string;
  before: readonly string[] | 'known';
}

/** A home folder and, while it runs, the process at work in it. */
interface Machine {
  name: string;
  file: string;
  process: Boots | undefined;
  /** What its answered requests were told. */
  told: Verdict[];
}

test('one machine is never parked, whenever it is killed and whatever is lost', () => {
  for (let s = 0; s < histories; s++) {
    using world = buildWorld(s);
    for (let i = 0; i < steps; i++) world.step();
    assert.deepEqual(world.parked, [], `seed ${s}`);
    assert.ok(world.welcomed.length > 0, `seed ${s}`);
  }
});

test('of a machine and its copy one is parked at its first request after the other was heard, and stays out', () => {
  for (let s = 0; s < histories; s++) {
    using world = buildWorld(s);
    for (let i = 0; i < s % 20; i++) world.step();
    world.network.length = 0; // what was sent before the copy was made has come, or never will
    const [first, second] = [world.original, world.copy()];
    const before = world.welcomed.length;
    for (const machine of [first, second]) machine.told.length = 0;
    const known = () => first.told.includes('parked') || second.told.includes('parked');
    for (let i = 0; i < 10_000 && !(known() && Math.min(first.told.length, second.told.length) > 2); i++) world.step();
    const outside = [first, second].filter((machine) => machine.told.includes('parked'));
    assert.equal(outside.length, 1, `seed ${s}: one of the two is parked`);
    const out = outside[0] === first ? first : second;
    assert.ok(
      out.told.slice(out.told.indexOf('parked')).every((told) => told === 'parked'),
      `seed ${s}: it stays out`,
    );
    const since = world.welcomed.slice(before);
    const stayed = since.findIndex((name) => name !== out.name);
    assert.ok(!since.slice(stayed).includes(out.name), `seed ${s}: nothing of it is taken once the other was heard`);
  }
});

function buildWorld(seed: number) {
  const home = buildHome();
  const random = randomFrom(seed);
  const original: Machine = {
    name: 'original',
    file: path.join(home.folder, 'boots.json'),
    process: undefined,
    told: [],
  };
  const machines = [original];
  const network: Sent[] = [];
  const [welcomed, parked]: [string[], string[]] = [[], []];
  let holder: KeyHolder | undefined;

  function send(from: Machine, process: Boots): void {
    network.push({ from, process, boot: process.current, before: process.before });
  }

  /** A request comes, perhaps not the oldest; whoever sent it may be gone, and the answer may be lost. */
  function deliver(): void {
    const [sent] = network.splice(Math.floor(random() * network.length), 1);
    if (!sent) return;
    const judged = judge(holder, { ...sent, address: sent.from.name, at: 0 });
    holder = judged.holder;
    if (judged.verdict === 'welcome') welcomed.push(sent.from.name);
    if (judged.verdict === 'parked') parked.push(sent.from.name);
    if (sent.from.process === sent.process && random() < 0.7) answer(sent, judged.verdict);
  }

  function answer({ from, process, boot }: Sent, verdict: Verdict): void {
    if (verdict === 'replaced') {
      process.replace(boot);
      send(from, process); // at once, as the link does
      return;
    }
    from.told.push(verdict);
    if (verdict === 'welcome') process.answered(boot);
  }

  return {
    original,
    network,
    welcomed,
    parked,
    step() {
      const machine = machines[Math.floor(random() * machines.length)] ?? original;
      const what = random();
      if (!machine.process) machine.process = new Boots(machine.file);
      else if (what < 0.12) machine.process = undefined;
      else if (what < 0.6) send(machine, machine.process);
      else deliver();
    },
    /** Another machine with the disk as it is now, running or not. */
    copy(): Machine {
      const copied: Machine = { name: 'copy', file: `${original.file}-copy`, process: undefined, told: [] };
      if (fs.existsSync(original.file)) fs.copyFileSync(original.file, copied.file);
      machines.push(copied);
      return copied;
    },
    [Symbol.dispose]: () => home[Symbol.dispose](),
  };
}

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
