import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { resolverAnswers } from './network.ts';

const codes = { noError: 0, serverFailure: 2, noSuchName: 3, refused: 5 };

/** A name server that answers with a code of its own for each name, or not at all. */
async function buildResolver(codeFor: (name: string) => keyof typeof codes | undefined) {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    const code = codeFor(nameIn(question));
    if (code === undefined) return;
    const answer = Buffer.from(question);
    answer.writeUInt16BE(0x8180 | codes[code], 2);
    answer.writeUInt16BE(0, 10); // nothing but the question
    socket.send(answer.subarray(0, 12 + nameIn(question).length + 2 + 4), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: `127.0.0.1:${socket.address().port}`, [Symbol.dispose]: () => void socket.close() };
}

function nameIn(question: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; question.readUInt8(at) > 0; at += 1 + question.readUInt8(at))
    labels.push(question.toString('latin1', at + 1, at + 1 + question.readUInt8(at)));
  return labels.join('.');
}

const isOfShop = (name: string) => name.endsWith('.shop.test');
const resolvers: [string, Parameters<typeof buildResolver>[0], boolean][] = [
  ['knows that there is no such name', () => 'noSuchName', true],
  ['will not say', () => 'refused', true],
  ['is silent', () => undefined, false],
  ['is at a loss for every name, as where its own way out is cut', () => 'serverFailure', false],
  ["is at a loss for the application's names alone", (n) => (isOfShop(n) ? 'serverFailure' : 'noSuchName'), true],
];
for (const [does, codeFor, answers] of resolvers) {
  test(`a name server that ${does} ${answers ? 'answers' : 'does not answer'}`, async () => {
    using resolver = await buildResolver(codeFor);
    assert.equal(await resolverAnswers('shop.test', [resolver.address]), answers);
  });
}
