import { parentPort, workerData } from 'node:worker_threads';
import { bundle, ScriptRefused } from '../../scripts-library/publish/bundle.ts';
import type { BundleAnswer, BundleQuestion } from './bundle-apart.ts';

const { file, within } = workerData as BundleQuestion;
parentPort?.postMessage(await answer());

async function answer(): Promise<BundleAnswer> {
  try {
    return { bundle: await bundle(file, within) };
  } catch (error) {
    if (error instanceof ScriptRefused) return { faults: error.faults };
    throw error;
  }
}
