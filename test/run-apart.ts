import { buildRunner, runScript, type ScriptRun } from './run-script.ts';

/** For tests, as a program that they start in surroundings of its own: runs a script, and prints the run. */
export interface Apart {
  source: string;
  run: ScriptRun;
}

const { source, run: asked } = JSON.parse(process.argv[2] ?? '') as Apart;
await using runner = await buildRunner({ sandboxLevel: 3 });
const { run } = await runScript(runner, { source }, asked);
console.log(JSON.stringify(run));
