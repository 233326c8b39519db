import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { apiPrefix } from '../sentinel/protocol/messages.ts';
import { addMonitor } from '../server/assignments/monitors.ts';
import { publish } from '../server/assignments/publish.ts';
import { buildWorld, type World } from '../server/build-world.ts';
import { addEnrolmentCode } from '../server/enrolment/codes.ts';

const page = readFileSync(join(import.meta.dirname, '../docs/protocol.md'), 'utf8');
const source = `import { test } from '@playwright/test';
test('Home', async ({ page }) => { await page.goto('https://shop.example/'); });`;

test('the page of the protocol shows every call with curl, and a device that does what stands there is a sentinel', async () => {
  await using world = await buildWorld();
  const customerId = await world.addCustomer('Acme');
  await publish(world.context, customerId, { script: { name: 'home.spec.ts', source }, author: 'test' });
  await addMonitor(world.context, customerId, { name: 'Home', script: 'home.spec.ts', everyMs: 60_000 });
  const code = await addEnrolmentCode(world.context, customerId, { location: 'Utrecht' });

  const examples = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block).join('\n');
  assert.deepEqual(callsIn(examples), await callsOf(world), 'each call has its example');
  const [pin = ''] = world.context.authority.pins;
  const given = `SERVER=127.0.0.1:${world.server.port} PIN=${pin} CODE=${code}`;
  const script = examples.replace(/^SERVER=.*$/m, () => given);
  assert.notEqual(script, examples, 'what the operator gives stands in one line');
  const said = await inShell(script);

  assert.match(said, /^nothing new: 304$/m);
  assert.match(said, /"status":"stored"/);
  const kept = await world.context.customers.use(customerId, async (db) => ({
    sentinel: await db('sentinels').first('name', 'platform', 'heartbeat'),
    run: await db('runs').first('outcome'),
    evidence: await db('evidence').first('kind', 'stored_sha256'),
  }));
  assert.equal(kept.sentinel.name, 'Door display');
  assert.equal(JSON.parse(kept.sentinel.heartbeat).platform, 'esp32');
  assert.equal(kept.run.outcome, 'failed');
  assert.equal(kept.evidence.kind, 'aria');
  assert.ok(kept.evidence.stored_sha256, 'its evidence arrived');
});

/** The calls of the examples, each once, by the first part of its path. */
function callsIn(examples: string): string[] {
  const paths = [...examples.matchAll(/\/sentinel\/v1\/(\w+)/g)].map(([, call = '']) => call);
  return [...new Set(paths)].sort();
}

async function callsOf(world: World): Promise<string[]> {
  const { paths } = (await world.ask('GET', `${apiPrefix}/openapi.json`)).json() as { paths: object };
  return Object.keys(paths)
    .map((path) => path.split('/')[1] ?? '')
    .sort();
}

/** What it prints; throws with what it complains of if any of its commands fails. */
async function inShell(script: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-page-'));
  try {
    const { stdout } = await promisify(execFile)('bash', ['-eu', '-c', script], { cwd: folder });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
