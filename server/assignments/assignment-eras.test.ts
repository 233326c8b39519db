import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MonitorRow } from '../../db/customer/rows.ts';
import { Assignments, apiPrefix } from '../../sentinel/protocol/messages.ts';
import { buildAuthorWorld } from '../build-world.ts';
import { changeSentinel } from '../enrolment/change-sentinel.ts';
import { revokeSentinel } from '../enrolment/revoke.ts';
import { assignedPeriods, assignmentEras } from './assignment-eras.ts';
import { addMonitor } from './monitors.ts';

const path = 'flows/home.spec.ts';
const source = `import { test } from '@playwright/test';\ntest('Home', async ({ page }) => { await page.goto('https://shop.example/'); });`;

test('whatever changes who runs a monitor, it is known ever after who had it when', async () => {
  const { world, customerId, alice, sentinel, at } = await buildAuthorWorld();
  await using _ = world;
  const { context } = world;
  const sentinels = [sentinel];
  const use = <T>(work: Parameters<typeof context.customers.use<T>>[1]) => context.customers.use(customerId, work);
  const deploy = async (...monitors: object[]) => {
    const scripts = [{ path, files: { [path]: source } }];
    const answer = await alice('PUT', `${at}/deployments/shop`, { body: { scripts, monitors } });
    assert.equal(answer.status, 200, answer.text);
  };
  const monitor = (name: string, more = {}) => ({ name, script: 'home.spec.ts', everyMs: 60_000, ...more });
  const home = (chosen?: object) => monitor('Home', chosen && { sentinels: chosen });
  const set = (index: number, change: object) =>
    changeSentinel(context, customerId, sentinels[index]?.id ?? '', change).then(assert.ok);
  const steps: (() => Promise<unknown>)[] = [
    () => deploy(home()),
    async () => sentinels.push(await world.enrolled(customerId, 'Delft')),
    () => deploy(home({ locations: ['Delft'] })),
    async () => sentinels.push(await world.enrolled(customerId, 'Delft')),
    () => set(0, { location: 'Delft' }),
    () => set(1, { location: 'Utrecht' }),
    () => set(1, { tags: ['vdi'] }),
    () => deploy(home({ tags: ['vdi'] }), monitor('All')),
    () => set(0, { tags: ['vdi'] }),
    () => set(1, { tags: [] }),
    () => set(1, { name: 'reception' }),
    () => deploy(home({ names: ['reception'] })),
    () => set(1, { name: 'desk' }),
    () => deploy(),
    () => deploy(home({ names: ['desk'] }), monitor('All')),
    () => addMonitor(context, customerId, monitor('Two', { sentinels: sentinels.slice(1).map(({ id }) => id) })),
    async () => {
      const row = await use((db) => db<MonitorRow>('monitors').where({ name: 'Home' }).first('id'));
      const answer = await alice('PUT', `${at}/monitors/${row?.id}/settings`, { body: home({ locations: ['Delft'] }) });
      assert.equal(answer.status, 204, answer.text);
    },
    () => revokeSentinel(context, customerId, sentinels.pop()?.id ?? ''),
    () => deploy(home(), monitor('All')),
  ];
  const monitors = () => use((db) => db<MonitorRow>('monitors').whereNull('retired_at').orderBy('id').pluck('id'));
  const seen: { when: number; sentinelId: string; watched: string[]; has: string[] }[] = [];
  for (const step of steps) {
    world.advance(60_000);
    await step();
    world.advance(60_000);
    const watched: string[] = await monitors();
    for (const { id: sentinelId, ask } of sentinels) {
      const { assignments } = Assignments.parse((await ask('GET', `${apiPrefix}/assignments`)).json());
      seen.push({
        when: context.now(),
        sentinelId,
        watched,
        has: assignments.map(({ monitorId }) => monitorId).sort(),
      });
    }
  }
  assert.ok(new Set(seen.map(({ has }) => has.join())).size > 5);
  const whole = { from: 0, to: context.now() + 1 };
  const had = new Map<string, ReturnType<typeof assignedPeriods>>();
  for (const id of await monitors()) had.set(id, assignedPeriods(await use((db) => assignmentEras(db, id, whole))));
  for (const { when, sentinelId, watched, has } of seen) {
    const told = watched.filter((id) =>
      had
        .get(id)?.(sentinelId)
        .some(({ from, to }) => from <= when && when < to),
    );
    assert.deepEqual(told, has);
  }
});
