/*
 * The first that the program imports: what is said here holds for all that is loaded after it.
 *
 * V8's two compilers for code that runs often take 5 and 4 MiB, and what mostly waits has little use for them. Node's own
 * modules come compiled, and are compiled anew for other flags: so those that a sentinel needs are loaded before.
 */
import 'node:child_process';
import 'node:https';
import 'node:sqlite';
import 'node:zlib';
import { setFlagsFromString } from 'node:v8';
import { config } from 'zod';

setFlagsFromString('--no-turbofan');
setFlagsFromString('--no-maglev');

/* A schema that is compiled reads faster than a sentinel needs, and takes time when it starts and room for as long as it runs. */
config({ jitless: true });
