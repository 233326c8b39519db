import { readConfig, type ShopConfig, usage } from './config.ts';
import { startShop } from './shop.ts';

const config = configured();
if (config) await run(config);

async function run({ port, password, switches }: ShopConfig): Promise<void> {
  try {
    const shop = await startShop({ port, password, ...switches });
    console.log(`The shop is at ${shop.url}, user demo.`);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => shop.close());
  } catch (error) {
    if (!isPortTaken(error)) throw error;
    fail(`Port ${port} of 127.0.0.1 is taken by another program: stop it, or give another --port.`);
  }
}

function configured(): ShopConfig | undefined {
  try {
    return readConfig(process.argv.slice(2), process.env);
  } catch (error) {
    fail(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return undefined;
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
