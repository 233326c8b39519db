/** For scripts: what ran when is told by names of steps. */
export const mark = `const mark = (name: string) => test.step(name, async () => {});`;
