import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type BuiltCertificate, buildCa, buildCertificate, tempFolder } from '../../certs/build-certificates.ts';
import { openMysql } from '../../db/engines/mysql.ts';
import { memory, startMariaDb } from '../../test/mariadb.ts';
import { databaseUrl } from './database-url.ts';

test('with an authority the connection is encrypted, and another authority or name is refused before the password is sent', async () => {
  using temp = tempFolder();
  const file = (name: string) => join(temp.folder, name);
  const write = (name: string, pem: string) => {
    writeFileSync(file(name), pem);
    chmodSync(file(name), 0o644); // the database server is another user
  };
  const show = ({ certPem, keyPem }: BuiltCertificate) => {
    write('cert', certPem);
    write('key', keyPem);
  };
  chmodSync(temp.folder, 0o755);
  const [own, strange] = [await buildCa(), await buildCa()];
  write('own', own.certPem);
  write('strange', strange.certPem);
  show(await buildCertificate({ issuer: own }));
  await using server = await startMariaDb(memory(), [`--ssl-cert=${file('cert')}`, `--ssl-key=${file('key')}`]);
  await server.sql("grant all on *.* to 'tls'@'%' identified by 'correct horse' require ssl");
  const { port } = new URL(server.url);
  const cipher = async (host: string, query: string) => {
    const db = openMysql(databaseUrl(`mysql://tls:correct%20horse@${host}:${port}${query}`));
    try {
      const [[row]] = await db.raw("show session status like 'Ssl_cipher'");
      return row.Value;
    } finally {
      await db.destroy();
    }
  };
  assert.match(await cipher('localhost', `?ca=${file('own')}`), /^TLS_|-/);
  const refused = /signed by the authority given with \?ca= and has its name/;
  await assert.rejects(cipher('localhost', `?ca=${file('strange')}`), refused);
  await assert.rejects(cipher('localhost', ''), /Access denied/); // this account is let in over TLS alone
  await assert.rejects(cipher('127.0.0.1', `?ca=${file('own')}`), /give the database server's name/);
  show(await buildCertificate({ issuer: own, names: ['db.example'] }));
  await server.sql('flush ssl');
  await assert.rejects(cipher('localhost', `?ca=${file('own')}`), refused);
});
