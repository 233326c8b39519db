import { parentPort, workerData } from 'node:worker_threads';
import { Simulation } from './simulation.ts';
import type { Sabotage } from './stage.ts';

/** A thread that lives worlds through: given a seed, it answers with what became of it; given nothing more, it ends. */

const { sabotage } = workerData as { sabotage: Sabotage | undefined };
const simulation = await Simulation.open();
parentPort?.on('message', async (seed: number | undefined) => {
  if (seed !== undefined) return parentPort?.postMessage(await simulation.run(seed, sabotage));
  simulation[Symbol.dispose]();
  parentPort?.close();
});
parentPort?.postMessage('ready');
