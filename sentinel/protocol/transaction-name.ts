/**
 * A transaction's identity: the test's title path and the step's name. A file with one test, the usual case, drops the
 * path, so that `Login` is called `Login`. `count` is how often this name came up before in the run; repeats are numbered.
 */
export function transactionName(titlePath: readonly string[], step: string, onlyTest: boolean, count: number): string {
  const name = onlyTest ? step : [...titlePath, step].join(' › ');
  return (count === 0 ? name : `${name} #${count + 1}`).slice(0, 500);
}
