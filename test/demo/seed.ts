import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { addCustomer } from '../../server/accounts/customers.ts';
import { addUser } from '../../server/accounts/users.ts';
import { addMonitor } from '../../server/assignments/monitors.ts';
import { publish } from '../../server/assignments/publish.ts';
import { serverConfig } from '../../server/config.ts';
import { addEnrolmentCode } from '../../server/enrolment/codes.ts';
import { openContext, type ServerContext } from '../../server/http/context.ts';
import { caFile, type DemoState, serverFolder } from './state.ts';

export interface Ports {
  console: number;
  shops: [number, number];
}

export interface Seeded {
  state: DemoState;
  /** One-time enrolment code of each customer's sentinel, in the customers' order. */
  codes: string[];
}

const script = resolve(import.meta.dirname, '../../scripts-library/shop/shop.spec.ts');
const customers = [
  { name: 'Aurora', location: 'Utrecht' },
  { name: 'Borealis', location: 'Tromsø' },
] as const;
/** Two customers on two cores: each shop is visited this often. */
const everyMs = 10_000;

/** Makes two customers with a user, a signed script and a monitor each, and an operator, in a new data folder. */
export async function seed(folder: string, ports: Ports): Promise<Seeded> {
  const config = serverConfig({ dataFolder: serverFolder(folder), logLevel: 'silent' }, {});
  await using server = await openContext(config);
  const { caPem, pins } = server.authority;
  writeFileSync(caFile(folder), caPem);
  const seeded: Seeded = { state: { port: ports.console, pin: pins[0] ?? '', users: [], customers: [] }, codes: [] };
  for (const [index, { name, location }] of customers.entries()) {
    const shopPort = ports.shops[index] ?? 0;
    const { id } = await addCustomer(server, name);
    await watchShop(server, id, shopPort);
    seeded.codes.push(await addEnrolmentCode(server, id, { location }));
    seeded.state.users.push(
      await user(server, { name: name.toLowerCase(), role: 'admin', customerId: id, customer: name }),
    );
    seeded.state.customers.push({
      id,
      name,
      sentinelHome: join(folder, `sentinel-${name.toLowerCase()}`),
      shopPort,
      shopPassword: randomBytes(12).toString('base64url'),
    });
  }
  seeded.state.users.push(
    await user(server, { name: 'operator', role: 'operator-admin', customerId: null, customer: null }),
  );
  return seeded;
}

async function watchShop(
  server: ServerContext,
  customerId: Parameters<typeof publish>[1],
  shopPort: number,
): Promise<void> {
  const host = `127.0.0.1:${shopPort}`;
  await publish(server, customerId, { script: { file: script }, author: 'demo', hosts: [host] });
  await addMonitor(server, customerId, {
    name: 'Web shop',
    script: 'shop.spec.ts',
    everyMs,
    timeoutMs: 45_000,
    use: { baseURL: `http://${host}` },
  });
}

type NewDemoUser = Parameters<typeof addUser>[1] & { customer: string | null };

async function user(server: ServerContext, { customer, ...given }: NewDemoUser): Promise<DemoState['users'][number]> {
  const { name, password } = await addUser(server, given);
  return { name, password, role: given.role, customer };
}
