import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../test/faults/until.ts';
import { buildWorld } from '../build-world.ts';
import { calendarOf } from '../rollups/calendar.ts';
import { setCalendar } from './calendar-settings.ts';
import { findCustomer } from './customers.ts';

test("a customer's time zone and business hours change, and its rollups are made anew by them", async () => {
  await using world = await buildWorld();
  const { context } = world;
  const id = await world.addCustomer('Acme');
  const acme = await findCustomer(context, 'Acme');
  await setCalendar(context, acme, { timeZone: 'Asia/Kolkata' });
  await setCalendar(context, acme, { businessHours: 'mon-sat 07:00-20:00' });
  const wanted = { timeZone: 'Asia/Kolkata', businessHours: 'mon-sat 07:00-20:00' };
  context.events.emit('runsStored', id); // the job that keeps rollups looks at it
  const adopted = async () => JSON.stringify(await context.customers.use(id, calendarOf)) === JSON.stringify(wanted);
  await until('the calendar is taken up', adopted);
  const actions = await context.registry('audit').orderBy('id').pluck('action');
  assert.equal(actions.filter((action) => action === 'customer-calendar-changed').length, 2);
});

test('business hours that are none, or cut an hour, are refused with what is right', async () => {
  await using world = await buildWorld();
  await world.addCustomer('Acme');
  const acme = await findCustomer(world.context, 'Acme');
  await assert.rejects(setCalendar(world.context, acme, { businessHours: 'always' }), /write them as in/);
  await assert.rejects(setCalendar(world.context, acme, { businessHours: 'mon 08:30-18:00' }), /on the full hour/);
});
