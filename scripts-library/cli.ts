import { author } from './program.ts';

await author(process.argv.slice(2));
