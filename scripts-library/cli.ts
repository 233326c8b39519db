import { author } from './program.ts';

// After `| head` nobody reads on: what is under way is ended all the same, and nothing said of it.
process.stdout.on('error', () => {});

await author(process.argv.slice(2));
