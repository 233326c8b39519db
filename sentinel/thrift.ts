import { config } from 'zod';

/*
 * The first that the program imports: a schema is made as this says. One that is compiled reads faster than a sentinel needs,
 * and takes time when it starts and room for as long as it runs.
 */
config({ jitless: true });
