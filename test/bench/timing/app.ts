import { startAnsweringApp } from '../../apps/answering-app.ts';

/* The answering application as a program: tells its parent its address, and its times whenever it is asked. */

const app = await startAnsweringApp();
process.on('message', () => process.send?.(app.takeTimes()));
process.on('disconnect', () => process.exit());
process.send?.(app.url);
